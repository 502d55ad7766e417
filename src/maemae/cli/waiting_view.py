"""What waits inside the executor, as a table: what for, how far it has come, and its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich.table import Table
from rich.text import Text as Styled

from maemae.cli.screen import QUIET, Screen
from maemae.cli.words import SIDE_STYLES, SIDES
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_datetime
from maemae.domain.text import Text
from maemae.trading.waiting import Waiting, WaitsFor


def waiting_view(
    screen: Screen, waiting: Sequence[Waiting], called: Callable[[Symbol], str]
) -> Table:
    """
    Return what waits, a line for each; its number is never cut, so that it can be copied.

    Args:
        screen: Where it is shown.
        waiting: At least one.
        called: Says what people call an instrument.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (("종목", "symbol"), ("구분", "side"), ("기다리는 것", "waits for")):
        table.add_column(screen.word(*heading))
    table.add_column(screen.word("한 일", "done"), justify="right")
    table.add_column(screen.word("대기 번호 (maemae cancel)", "number, for maemae cancel"))
    table.columns[-1].overflow = "fold"
    for each in waiting:
        what = _REBALANCING.in_language(screen.language)
        table.add_row(
            what if each.symbol is None else called(each.symbol),
            _side(screen, each),
            waits_text(each).in_language(screen.language),
            done_text(each).in_language(screen.language),
            Styled(each.intent_id, QUIET),
        )
    return table


def waits_text(waiting: Waiting) -> Text:
    """Return what a wish waits for."""
    word = _WORDS[waiting.waits_for]
    if waiting.crossing is not None:
        way = Text("이상", "at or above") if waiting.crossing.above else _BELOW
        price = waiting.crossing.price
        return Text(f"{price:,}원 {way.ko}", f"{way.en} ₩{price:,}")
    if waiting.at is not None:
        clock = f"{kst_datetime(waiting.at):%m-%d %H:%M:%S}"
        return Text(f"{word.ko} {clock}", f"{word.en} {clock}")
    return word


def done_text(waiting: Waiting) -> Text:
    """Return how much of a wish is done: shares, and parts where there are several."""
    if not waiting.qty:
        return Text("–", "–")
    shares = f"{waiting.filled:,}/{waiting.qty:,}"
    ko, en = f"{shares}주", f"{shares} sh."
    if waiting.parts > 1:
        parts = f"{waiting.sent}/{waiting.parts}"
        ko, en = f"{ko} ({parts}조각)", f"{en} ({parts} parts)"
    return Text(ko, en)


def _side(screen: Screen, waiting: Waiting) -> Styled:
    if waiting.side is None:
        return Styled("–")
    return Styled(SIDES[waiting.side].in_language(screen.language), SIDE_STYLES[waiting.side])


_REBALANCING: Final = Text("리밸런싱", "rebalancing")
_BELOW: Final = Text("이하", "at or below")
_WORDS: Final[Mapping[WaitsFor, Text]] = {
    WaitsFor.PRICE: Text("가격", "price"),
    WaitsFor.TIME: Text("시각", "time"),
    WaitsFor.PART: Text("다음 조각", "next part"),
    WaitsFor.FILLS: Text("보낸 주문의 체결", "its orders to end"),
    WaitsFor.MARKET: Text("장이나 거래", "market or trading"),
}
