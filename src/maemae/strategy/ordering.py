"""What a strategy may order; every wish is checked and numbered by its order pad."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypedDict, Unpack, get_type_hints

from maemae.domain.errors import StrategyError
from maemae.domain.ids import ClOrdId, Symbol
from maemae.domain.intent import Everything, Risk, Shares
from maemae.domain.near_match import suggestion
from maemae.domain.parent import Slice
from maemae.domain.terms import Side
from maemae.strategy.desk import Desk
from maemae.strategy.exits import Distance, Hold, Leaving, Won, leaving
from maemae.strategy.order_pad import Parenting, ppm, size_of_buy, target_ppm, whole
from maemae.strategy.reading import Reading
from maemae.strategy.split import Split
from maemae.strategy.start import Start

_BUY: Final = Side.BUY
_SELL: Final = Side.SELL


class OrderTerms(TypedDict, total=False):
    """
    What `Strategy.buy` and `Strategy.sell` take besides.

    Attributes:
        start: What to wait for: `start.above(…)`, `start.below(…)`, `start.at("10:30")`,
            `start.opening()`, `start.closing()`.
        split: The parts to go in: `split.equal(…)`, `split.weighted(…)`, `split.ladder(…)`,
            `split.twap(…)`.
        sessions: Sessions for which that holds; what is left then expires. One unless given.
    """

    start: Start
    split: Split
    sessions: int


class EntryTerms(OrderTerms, total=False):
    """
    What `Strategy.buy` takes besides.

    Attributes:
        trail: Leave once the price is that far below its highest since the entry: a ratio, or
            `won(…)`.
        hold: Leave after that time; see `Hold`.
        cooldown: Once left, it is not bought again before that session after the exit's.
        risk: Instead of a size: as many shares as lose that share of the strategy's equity if
            the price falls to the stop of this order [ratio].
    """

    trail: Distance
    hold: Hold
    cooldown: int
    risk: float


class Ordering(Reading):
    """The part of `Strategy` that orders."""

    def buy(
        self,
        symbol: Symbol,
        *,
        weight: float | None = None,
        shares: int | None = None,
        cash: int | None = None,
        limit: int | None = None,
        within: float | None = None,
        stop_loss: Distance | None = None,
        take_profit: Distance | None = None,
        **terms: Unpack[EntryTerms],
    ) -> None:
        """
        Buy; give exactly one of weight, shares, cash and risk.

        Stop-loss and take-profit are one-cancels-other: whichever is reached first sells all
        that is held, and where one bar holds both, a backtest takes the stop.

        Args:
            symbol: What to buy.
            weight: For that share of the strategy's equity [ratio].
            shares: That many [shares].
            cash: For that much [won].
            limit: Pay at most this [won, on the tick]; a market order unless given.
            within: Pay at most this far above the last price [ratio]; not with limit.
            stop_loss: Leave once the price is that far below the entry: a ratio, or `won(…)`.
            take_profit: Leave once the price is that far above the entry: a ratio, or `won(…)`.
            terms: See `EntryTerms`.

        Raises:
            StrategyError: Not exactly one size, or both limit and within.
            InvalidValueError: A number is out of range.
        """
        desk = self._seat()
        at = desk.instant()
        _check_known("buy()", terms, _OF_A_BUY)
        size = size_of_buy(weight, shares, cash, terms.get("risk"))
        exits = _leaving(desk, stop_loss, take_profit, terms)
        if isinstance(size, Risk) and not exits.has_stop:
            raise _without_stop(symbol)
        waits = _parenting(terms, at)
        pad = desk.pad
        pad.order(
            at, symbol, _BUY, size, limit=limit, within=within, leaving=exits, parenting=waits
        )

    def sell(
        self,
        symbol: Symbol,
        *,
        shares: int | None = None,
        limit: int | None = None,
        within: float | None = None,
        **terms: Unpack[OrderTerms],
    ) -> None:
        """
        Sell what is held.

        Args:
            symbol: What to sell.
            shares: That many [shares]; everything unless given.
            limit: Take at least this [won, on the tick]; a market order unless given.
            within: Take at least this far below the last price [ratio]; not with limit.
            terms: See `OrderTerms`.

        Raises:
            StrategyError: Both limit and within, or terms that do not fit together.
            InvalidValueError: A number is out of range.
        """
        desk = self._seat()
        size = Everything() if shares is None else Shares(whole("shares", shares))
        at = desk.instant()
        _check_known("sell()", terms, _OF_A_SALE)
        desk.pad.order(
            at, symbol, _SELL, size, limit=limit, within=within, parenting=_parenting(terms, at)
        )

    def close(self, symbol: Symbol) -> None:
        """
        Sell everything at the market; nothing happens if none is held or being bought.

        Raises:
            UnknownSymbolError: The run has no such instrument.
        """
        desk = self._seat()
        if desk.book.position(symbol).qty > 0 or desk.book.is_buying(symbol):
            self.sell(symbol)
        else:
            desk.panel.row(symbol)  # a slip must not look like an empty position

    def withdraw(self, symbol: Symbol) -> None:
        """Take back what waits for a price, a time or its turn, and cancel what of it works."""
        desk = self._seat()
        desk.pad.withdraw(desk.instant(), symbol)

    def target_weights(
        self,
        weights: Mapping[Symbol, float],
        *,
        within: float | None = 0.03,
        band: float | None = None,
    ) -> None:
        """
        Hold these instruments in these shares of the equity, and no others.

        Args:
            weights: Share of the strategy's equity by instrument [ratio], at most 1 in sum.
            within: Furthest distance of the orders' prices from the last price [ratio];
                None sends market orders.
            band: Leave a holding of a named instrument as it is while it differs from its
                target by less than that share of the equity [ratio]; what is not named is
                sold all the same.

        Raises:
            InvalidValueError: A number is out of range.
        """
        desk = self._seat()
        bound_ppm = None if within is None else ppm("within", within)
        band_ppm = 0 if band is None else ppm("band", band)
        desk.pad.target(desk.instant(), target_ppm(weights), bound_ppm, band_ppm)

    def cancel(self, cl_ord_id: ClOrdId) -> None:
        """Cancel what is left of an order."""
        desk = self._seat()
        desk.pad.cancel(desk.instant(), cl_ord_id)


def _leaving(
    desk: Desk, stop_loss: Distance | None, take_profit: Distance | None, terms: EntryTerms
) -> Leaving:
    """Return what a buy says of its exits."""
    if not terms and not isinstance(stop_loss, Won) and not isinstance(take_profit, Won):
        return Leaving(
            None if stop_loss is None else ppm("stop_loss", stop_loss),
            None if take_profit is None else ppm("take_profit", take_profit),
        )
    trail, hold = terms.get("trail"), terms.get("hold")
    cooldown, bar = terms.get("cooldown"), desk.bar_length
    return leaving(stop_loss, take_profit, trail, hold, cooldown, bar)


def _without_stop(symbol: Symbol) -> StrategyError:
    return StrategyError(
        f"{symbol}: risk 는 손절까지의 손실입니다. stop_loss 나 trail 을 함께 주세요.",
        f"{symbol}: risk is what is lost at the stop. Give stop_loss or trail with it.",
    )


def _parenting(terms: OrderTerms, at: int) -> Parenting | None:
    """Return what an order waits for and its parts; None for an order at once and whole."""
    if not terms or not terms.keys() & _OF_A_SALE:
        return None
    start, split = terms.get("start", _AT_ONCE), terms.get("split", _WHOLE)
    sessions = whole("sessions", terms.get("sessions", 1))
    return Parenting(start.instant(at), start.crossing, split.slices, sessions)


def _check_known(call: str, terms: Mapping[str, object], known: frozenset[str]) -> None:
    for name in terms:
        if name not in known:
            hint = suggestion(name, [*known, *_NAMED])
            raise StrategyError(
                f"{call} 는 {name} 을(를) 모릅니다. {hint.ko}", f"{call} knows no {name}. {hint.en}"
            )


_OF_A_SALE: Final = frozenset(get_type_hints(OrderTerms))
_OF_A_BUY: Final = frozenset(get_type_hints(EntryTerms))
_AT_ONCE: Final = Start()
_WHOLE: Final = Split((Slice(),))
_NAMED: Final = ("weight", "shares", "cash", "limit", "within", "stop_loss", "take_profit")
