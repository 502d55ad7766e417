"""Rankings: ka10027, ka10030, ka10032."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from maemae.domain.terms import Market
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import price, rate, sign_code, signed, signed_rate
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr

_MILLION: Final = 1_000_000
_ROWS: Final = 100


class Rankings:
    """
    Answers with instruments in an order.

    Args:
        desk: What they are computed from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10027": Tr(_BY_CHANGE, self._by_change, page_rows=_ROWS),
            "ka10030": Tr(_BY_VOLUME, self._by_volume, page_rows=_ROWS),
            "ka10032": Tr(
                ("mrkt_tp", "mang_stk_incls", "stex_tp"), self._by_value, page_rows=_ROWS
            ),
        }

    def _by_change(self, ask: Ask) -> Answer:
        order = ask.field("sort_tp")
        key, is_wanted = _ORDERS.get(order, _ORDERS["1"])
        least = int(ask.field("trde_qty_cnd") or "0") * 1_000
        lines = [
            line
            for line in self._lines(ask.field("mrkt_tp"))
            if is_wanted(line.change) and line.volume >= least
        ]
        lines.sort(key=key)
        rows = []
        for line in lines:
            depth = self._desk.depth(line)
            rows.append(
                {
                    "stk_cls": "0",
                    **_head(line),
                    "sel_req": str(depth.asks[0].qty),
                    "buy_req": str(depth.bids[0].qty),
                    "now_trde_qty": str(line.volume),
                    "cntr_str": rate(line.bought, line.sold),
                    "cnt": "1",
                }
            )
        return Answer({}, "pred_pre_flu_rt_upper", rows, text=DONE)

    def _by_volume(self, ask: Ask) -> Answer:
        lines = self._lines(ask.field("mrkt_tp"))
        is_by_value = ask.field("sort_tp") == "3"
        lines.sort(key=lambda line: -(line.value if is_by_value else line.volume))
        rows = []
        for line in lines:
            turnover = signed_rate(line.volume, line.listed_shares)
            against = signed_rate(line.volume, line.previous_volume)
            value = str(line.value // _MILLION)
            parts = {
                f"{part}_{name}": text
                for part in ("opmr", "af_mkrt", "bf_mkrt")
                for name, text in (
                    ("trde_qty", str(line.volume) if part == "opmr" else "0"),
                    ("pred_rt", against if part == "opmr" else "0.00"),
                    ("trde_rt", turnover if part == "opmr" else "0.00"),
                    ("trde_amt", value if part == "opmr" else "0"),
                )
            }
            rows.append(
                {
                    **_head(line),
                    "trde_qty": str(line.volume),
                    "pred_rt": against,
                    "trde_tern_rt": turnover,
                    "trde_amt": value,
                    **parts,
                }
            )
        return Answer({}, "tdy_trde_qty_upper", rows, text=DONE)

    def _by_value(self, ask: Ask) -> Answer:
        lines = self._lines(ask.field("mrkt_tp"))
        before = sorted(lines, key=lambda line: -(line.previous.value if line.previous else 0))
        ranks = {line.symbol: str(rank) for rank, line in enumerate(before, 1)}
        lines.sort(key=lambda line: -line.value)
        rows = []
        for rank, line in enumerate(lines, 1):
            depth = self._desk.depth(line)
            rows.append(
                {
                    "stk_cd": line.symbol,
                    "now_rank": str(rank),
                    "pred_rank": ranks[line.symbol],
                    **_head(line),
                    "sel_bid": price(depth.ask, line.base),
                    "buy_bid": price(depth.bid, line.base),
                    "now_trde_qty": str(line.volume),
                    "pred_trde_qty": str(line.previous_volume),
                    "trde_prica": str(line.value // _MILLION),
                }
            )
        return Answer({}, "trde_prica_upper", rows, text=DONE)

    def _lines(self, market: str) -> list[Line]:
        wanted = _MARKETS.get(market)
        rules = self._desk.books.rules
        return [
            line
            for line in self._desk.board.lines()
            if wanted is None or rules[line.symbol].instrument.market is wanted
        ]


def _head(line: Line) -> Row:
    return {
        "stk_cd": line.symbol,
        "stk_nm": line.name,
        "cur_prc": price(line.price, line.base),
        "pred_pre_sig": sign_code(line.price, line.base, line.band),
        "pred_pre": signed(line.change),
        "flu_rt": signed_rate(line.change, line.base),
    }


def _ratio(line: Line) -> int:
    """Return the change against the base price [millionths]."""
    return line.change * _MILLION // line.base if line.base else 0


_ORDERS: Final[dict[str, tuple[Callable[[Line], int], Callable[[int], bool]]]] = {
    "1": (lambda line: -_ratio(line), lambda change: change > 0),
    "2": (lambda line: -line.change, lambda change: change > 0),
    "3": (_ratio, lambda change: change < 0),
    "4": (lambda line: line.change, lambda change: change < 0),
    "5": (lambda line: -line.volume, lambda change: change == 0),
}
_MARKETS: Final = {"001": Market.KOSPI, "101": Market.KOSDAQ}
_BY_CHANGE: Final = (
    *("mrkt_tp", "sort_tp", "trde_qty_cnd", "stk_cnd", "crd_cnd", "updown_incls", "pric_cnd"),
    *("trde_prica_cnd", "stex_tp"),
)
_BY_VALUE: Final = ("mrkt_tp", "mang_stk_incls", "stex_tp")
_BY_VOLUME: Final = (
    *("mrkt_tp", "sort_tp", "mang_stk_incls", "crd_tp", "trde_qty_tp", "pric_tp"),
    *("trde_prica_tp", "mrkt_open_tp", "stex_tp"),
)
