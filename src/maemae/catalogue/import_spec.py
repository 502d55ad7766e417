"""What a person declares about a file of bars before it may come in."""

from __future__ import annotations

import msgspec

from maemae.catalogue.interval import DAY, BarLabel, Interval
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product


class ImportSpec(msgspec.Struct, frozen=True, kw_only=True):
    """
    Declarations of an import; nothing of this is guessed from the file.

    Attributes:
        dataset: Name that the dataset gets.
        basis: Price basis of the series; a column `adjusted` in the file overrules it for
            the series it marks.
        interval: Length of a bar.
        label: Which end of an intraday bar its time names.
        columns: Our column name to the file's, such as `{"close": "종가"}`.
        symbol: Code of the only symbol of a file without a symbol column.
        tz: Time zone of naive intraday times, such as `Asia/Seoul`.
        sort: Whether bars that are out of order may be sorted.
        replace: Whether a dataset of that name may be replaced.
        market: Board of instruments whose file does not say it.
        product: Kind of the instruments.
    """

    dataset: str
    basis: PriceBasis
    interval: Interval = DAY
    label: BarLabel = BarLabel.START
    columns: dict[str, str] = {}
    symbol: Symbol | None = None
    tz: str | None = None
    sort: bool = False
    replace: bool = False
    market: Market = Market.KOSPI
    product: Product = Product.STOCK

    @property
    def is_adjusted(self) -> bool:
        """Whether the declared basis is ADJUSTED."""
        return self.basis is PriceBasis.ADJUSTED
