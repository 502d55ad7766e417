"""Rankings of the day: ka10020, ka10027, ka10029, ka10030, ka10031, ka10032."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.depth import Depth
from maemae.emulators.kiwoom_rest.desk import AUCTIONS
from maemae.emulators.kiwoom_rest.formats import price, rate, sign_code, signed, signed_rate
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import (
    MILLION,
    RANKED,
    choice,
    head,
    millionths,
    named,
    number,
    sifted,
)
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Tr


class Rankings(Part):
    """Answers with instruments in an order."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10020": Tr(_BY_BALANCE, self._by_balance, page_rows=RANKED),
            "ka10027": Tr(_BY_CHANGE, self._by_change, page_rows=RANKED),
            "ka10029": Tr(_EXPECTED, self._expected, page_rows=RANKED),
            "ka10030": Tr(_BY_VOLUME, self._by_volume, page_rows=RANKED),
            "ka10031": Tr(_OF_YESTERDAY, self._of_yesterday, page_rows=RANKED),
            "ka10032": Tr(_BY_VALUE, self._by_value, page_rows=RANKED),
        }

    def _by_balance(self, ask: Ask) -> Answer:
        """Return everyone by the shares that wait on one side of the book."""
        order = choice(ask, "sort_tp", _BALANCES)
        pairs = [(line, self._desk.depth(line)) for line in sifted(self._desk, ask)]
        pairs.sort(key=lambda pair: -order(pair[1]))
        rows = [
            {
                **named(line),
                "trde_qty": str(line.volume),
                "tot_sel_req": str(depth.asked),
                "tot_buy_req": str(depth.bidden),
                "netprps_req": str(depth.bidden - depth.asked),
                "buy_rt": rate(depth.bidden, depth.asked),
            }
            for line, depth in pairs
        ]
        return Answer({}, "bid_req_upper", rows, text=DONE)

    def _by_change(self, ask: Ask) -> Answer:
        order = ask.field("sort_tp")
        key, is_wanted = _ORDERS.get(order, _ORDERS["1"])
        lines = [line for line in sifted(self._desk, ask) if is_wanted(line.change)]
        lines.sort(key=key)
        rows = []
        for line in lines:
            depth = self._desk.depth(line)
            rows.append(
                {
                    "stk_cls": "0",
                    **head(line),
                    "sel_req": str(depth.asks[0].qty),
                    "buy_req": str(depth.bids[0].qty),
                    "now_trde_qty": str(line.volume),
                    "cntr_str": rate(line.bought, line.sold),
                    "cnt": "1",
                }
            )
        return Answer({}, "pred_pre_flu_rt_upper", rows, text=DONE)

    def _expected(self, ask: Ask) -> Answer:
        """Return prices that an auction is expected to make; the newest price stands for them."""
        key, signs = choice(ask, "sort_tp", _EXPECTED_ORDERS)
        lines = sifted(self._desk, ask) if self._desk.phase in AUCTIONS else []
        lines = [line for line in lines if _sign(line) in signs]
        rows = []
        for line in sorted(lines, key=key):
            depth = self._desk.depth(line)
            rows.append(
                {
                    "stk_cd": line.symbol,
                    "stk_nm": line.name,
                    "exp_cntr_pric": price(line.price, line.base),
                    "base_pric": str(line.base),
                    "pred_pre_sig": _sign(line),
                    "pred_pre": signed(line.change),
                    "flu_rt": signed_rate(line.change, line.base),
                    "exp_cntr_qty": "0",
                    "sel_req": str(depth.asks[0].qty),
                    "sel_bid": price(depth.ask, line.base),
                    "buy_bid": price(depth.bid, line.base),
                    "buy_req": str(depth.bids[0].qty),
                }
            )
        return Answer({}, "exp_cntr_flu_rt_upper", rows, text=DONE)

    def _by_volume(self, ask: Ask) -> Answer:
        lines = sifted(self._desk, ask)
        is_by_value = ask.field("sort_tp") == "3"
        lines.sort(key=lambda line: -(line.value if is_by_value else line.volume))
        rows = []
        for line in lines:
            turnover = signed_rate(line.volume, line.listed_shares)
            against = signed_rate(line.volume, line.previous_volume)
            value = str(line.value // MILLION)
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
                    **head(line),
                    "trde_qty": str(line.volume),
                    "pred_rt": against,
                    "trde_tern_rt": turnover,
                    "trde_amt": value,
                    **parts,
                }
            )
        return Answer({}, "tdy_trde_qty_upper", rows, text=DONE)

    def _by_value(self, ask: Ask) -> Answer:
        lines = sifted(self._desk, ask)
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
                    **head(line),
                    "sel_bid": price(depth.ask, line.base),
                    "buy_bid": price(depth.bid, line.base),
                    "now_trde_qty": str(line.volume),
                    "pred_trde_qty": str(line.previous_volume),
                    "trde_prica": str(line.value // MILLION),
                }
            )
        return Answer({}, "trde_prica_upper", rows, text=DONE)

    def _of_yesterday(self, ask: Ask) -> Answer:
        """Return a range of ranks of the session before."""
        is_by_value = choice(ask, "qry_tp", {"1": False, "2": True})
        first, last = number(ask, "rank_strt"), number(ask, "rank_end")
        ranked = [(line, line.previous) for line in sifted(self._desk, ask)]
        traded = [(line, bar) for line, bar in ranked if bar is not None]
        traded.sort(key=lambda pair: -(pair[1].value if is_by_value else pair[1].volume))
        rows = [
            {**named(line), "trde_qty": str(bar.volume)}
            for line, bar in traded[max(0, first - 1) : min(last, RANKED)]
        ]
        return Answer({}, "pred_trde_qty_upper", rows, text=DONE)


def _ratio(line: Line) -> int:
    """Return the change against the base price [millionths]."""
    return millionths(line.change, line.base)


def _sign(line: Line) -> str:
    return sign_code(line.price, line.base, line.band)


_ORDERS: Final[dict[str, tuple[Callable[[Line], int], Callable[[int], bool]]]] = {
    "1": (lambda line: -_ratio(line), lambda change: change > 0),
    "2": (lambda line: -line.change, lambda change: change > 0),
    "3": (_ratio, lambda change: change < 0),
    "4": (lambda line: line.change, lambda change: change < 0),
    "5": (lambda line: -line.volume, lambda change: change == 0),
}
_EXPECTED_ORDERS: Final[dict[str, tuple[Callable[[Line], int], frozenset[str]]]] = {
    "1": (lambda line: -_ratio(line), frozenset({"1", "2"})),
    "2": (lambda line: -line.change, frozenset({"1", "2"})),
    "3": (lambda line: -line.volume, frozenset({"3"})),
    "4": (_ratio, frozenset({"4", "5"})),
    "5": (lambda line: line.change, frozenset({"4", "5"})),
    "6": (lambda line: -line.volume, frozenset({"1", "2", "3", "4", "5"})),
    "7": (lambda line: -line.volume, frozenset({"1"})),
    "8": (lambda line: -line.volume, frozenset({"4"})),
}
"""What each order sorts by, and the directions that belong to it."""

_BALANCES: Final[dict[str, Callable[[Depth], int]]] = {
    "1": lambda depth: depth.bidden - depth.asked,
    "2": lambda depth: depth.asked - depth.bidden,
    "3": lambda depth: millionths(depth.bidden, depth.asked),
    "4": lambda depth: millionths(depth.asked, depth.bidden),
}
_BY_BALANCE: Final = ("mrkt_tp", "sort_tp", "trde_qty_tp", "stk_cnd", "crd_cnd", "stex_tp")
_OF_YESTERDAY: Final = ("mrkt_tp", "qry_tp", "rank_strt", "rank_end", "stex_tp")
_BY_CHANGE: Final = (
    *("mrkt_tp", "sort_tp", "trde_qty_cnd", "stk_cnd", "crd_cnd", "updown_incls", "pric_cnd"),
    *("trde_prica_cnd", "stex_tp"),
)
_EXPECTED: Final = (
    *("mrkt_tp", "sort_tp", "trde_qty_cnd", "stk_cnd", "crd_cnd", "pric_cnd", "stex_tp"),
)
_BY_VALUE: Final = ("mrkt_tp", "mang_stk_incls", "stex_tp")
_BY_VOLUME: Final = (
    *("mrkt_tp", "sort_tp", "mang_stk_incls", "crd_tp", "trde_qty_tp", "pric_tp"),
    *("trde_prica_tp", "mrkt_open_tp", "stex_tp"),
)
