"""Which series of a dataset a panel shows, and with which basis."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
import polars as pl

from maemae.catalogue.manifest import Manifest
from maemae.domain.errors import InvalidValueError, MissingDataError, UnknownSymbolError
from maemae.domain.ids import Symbol
from maemae.domain.near_match import did_you_mean
from maemae.domain.terms import PriceBasis


class SeriesChoice(msgspec.Struct, frozen=True):
    """
    The chosen series.

    Attributes:
        basis: Basis of all of them.
        asked: Symbols in the order asked for; None where nobody asked.
        filter: Symbols to read; None for all of the dataset.
        listed: First and last day of each asked symbol, for messages.
    """

    basis: PriceBasis
    asked: tuple[Symbol, ...] | None
    filter: list[str] | None
    listed: dict[str, str]

    def rows(self, found: Collection[str]) -> tuple[Symbol, ...]:
        """
        Return the rows of the panel, given the symbols that have bars in the range.

        Raises:
            MissingDataError: A symbol that was asked for has none.
        """
        if self.asked is None:
            return tuple(Symbol(symbol) for symbol in found)
        absent = [symbol for symbol in self.asked if symbol not in set(found)]
        if absent:
            raise MissingDataError(
                f"{absent[0]} 은(는) 그 기간에 봉이 없습니다(모두 {len(absent)}종목). "
                f"이 종목의 봉은 {self.listed[absent[0]]} 입니다. 기간을 바꾸거나 종목을 빼세요.",
                f"{absent[0]} has no bars in that range ({len(absent)} symbols). It has "
                f"{self.listed[absent[0]]}. Change the range or leave the symbol out.",
            )
        return self.asked


def choose_series(
    instruments: pl.DataFrame, manifest: Manifest, symbols: Sequence[Symbol] | None
) -> SeriesChoice:
    """
    Return the series to show.

    Raises:
        UnknownSymbolError: The dataset has no such symbol; near ones are suggested.
        InvalidValueError: No symbol, one twice, or raw and adjusted ones together.
    """
    if symbols is None:
        own = instruments.filter(pl.col("adjusted") == (manifest.basis is PriceBasis.ADJUSTED))[
            "symbol"
        ].to_list()
        everything = len(own) == instruments.height
        return SeriesChoice(manifest.basis, None, None if everything else own, {})
    asked = tuple(symbols)
    _require_distinct(asked)
    _require_known(asked, instruments, manifest)
    chosen = instruments.filter(pl.col("symbol").is_in(list(asked)))
    listed = {
        row["symbol"]: f"{row['first']} ~ {row['last']}" for row in chosen.iter_rows(named=True)
    }
    return SeriesChoice(_one_basis(chosen), asked, list(asked), listed)


def _require_distinct(asked: tuple[Symbol, ...]) -> None:
    if not asked:
        raise InvalidValueError(
            "종목이 하나도 없습니다. 한 종목 이상 고르세요.",
            "There is no symbol. Choose at least one.",
        )
    twice = [symbol for symbol in asked if asked.count(symbol) > 1]
    if twice:
        raise InvalidValueError(
            f"{twice[0]} 종목이 두 번 들어 있습니다. 한 번만 쓰세요.",
            f"{twice[0]} is asked for twice. Name it once.",
        )


def _require_known(
    asked: tuple[Symbol, ...], instruments: pl.DataFrame, manifest: Manifest
) -> None:
    names = dict(zip(instruments["symbol"], instruments["name"], strict=True))
    unknown = [symbol for symbol in asked if symbol not in names]
    if unknown:
        near = did_you_mean(unknown[0], names)
        raise UnknownSymbolError(
            f"{manifest.dataset} 데이터셋에 없는 종목입니다: {', '.join(unknown)}.{near.ko} "
            "--symbols 를 확인하세요.",
            f"{manifest.dataset} has no symbol {', '.join(unknown)}.{near.en} Check --symbols.",
        )


def _one_basis(chosen: pl.DataFrame) -> PriceBasis:
    adjusted = chosen.filter("adjusted")["symbol"].to_list()
    if adjusted and len(adjusted) < chosen.height:
        raise InvalidValueError(
            f"수정주가 종목({', '.join(adjusted)})과 원주가 종목을 함께 쓸 수 없습니다. "
            "한쪽을 빼세요.",
            f"Adjusted series ({', '.join(adjusted)}) and raw ones cannot share a panel. Leave "
            "one kind out.",
        )
    return PriceBasis.ADJUSTED if adjusted else PriceBasis.RAW
