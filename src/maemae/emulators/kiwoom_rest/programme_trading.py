"""
Programme trading (프로그램매매): ka90003, ka90004, ka90005, ka90007, ka90008, ka90010, ka90013.

Sums of money are in millions; shares of a whole market in thousands. Who trades is a model, see
`crowd`. There are no futures here, so the basis is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE
from maemae.domain.terms import Market
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import Turnover, programmes, total
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import (
    clock,
    day_text,
    doubly_signed,
    price,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.history import Bar, bars_of_trades, growing, minutes
from maemae.emulators.kiwoom_rest.index_levels import IndexLevels
from maemae.emulators.kiwoom_rest.investors import cut
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, choice, day
from maemae.emulators.kiwoom_rest.trading_days import TradingDay, days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr


class Flow(msgspec.Struct, frozen=True):
    """What programmes traded as arbitrage, and otherwise."""

    arbitrage: Turnover = Turnover()
    other: Turnover = Turnover()

    @property
    def whole(self) -> Turnover:
        """The sum of both."""
        return self.arbitrage.plus(self.other)

    def plus(self, bars: Iterable[Bar], line: Line) -> Flow:
        """Return this with what was traded of an instrument in some sessions."""
        arbitrage, other = programmes(line.symbol, bars)
        return Flow(self.arbitrage.plus(arbitrage), self.other.plus(other))


class ProgrammeTrading(Part):
    """Answers about programmes."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._levels = IndexLevels(desk)

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        by_market = ("date", "amt_qty_tp", "mrkt_tp", "min_tic_tp", "stex_tp")
        return {
            "ka90003": Tr(_MOST, self._most, page_rows=_MOST_ROWS),
            "ka90004": Tr(("dt", "mrkt_tp", "stex_tp"), self._of_stocks),
            "ka90005": Tr(by_market, self._through_the_day),
            "ka90007": Tr(("date", "amt_qty_tp", "mrkt_tp", "stex_tp"), self._added_up),
            "ka90008": Tr(("amt_qty_tp", "stk_cd"), self._of_stock_by_print),
            "ka90010": Tr(by_market, self._by_day),
            "ka90013": Tr(("stk_cd",), self._of_stock_by_day),
        }

    def _most(self, ask: Ask) -> Answer:
        """Return the fifty that programmes sold (1) or bought (2) most today."""
        direction = choice(ask, "trde_upper_tp", {"1": -1, "2": 1})
        is_by_value = choice(ask, "amt_qty_tp", {"1": True, "2": False})
        found = []
        for line in self._lines(ask):
            part = Flow().plus([line.bar] if line.bar else [], line).whole
            size = (part.net_value if is_by_value else part.net) * direction
            if size > 0:
                found.append((-size, line, part))
        found.sort(key=lambda each: each[0])
        rows = [
            {
                "rank": str(rank),
                "stk_cd": line.symbol,
                "stk_nm": line.name,
                "cur_prc": price(line.price, line.base),
                "flu_sig": sign_code(line.price, line.base, line.band),
                "pred_pre": signed(line.change),
                "flu_rt": signed_rate(line.change, line.base),
                "acc_trde_qty": str(line.volume),
                "prm_sell_amt": str(_size(part.received, part.sold, is_money=is_by_value)),
                "prm_buy_amt": str(_size(part.paid, part.bought, is_money=is_by_value)),
                "prm_netprps_amt": signed(_size(part.net_value, part.net, is_money=is_by_value)),
            }
            for rank, (_, line, part) in enumerate(found[:_MOST_ROWS], 1)
        ]
        return Answer({}, "prm_netprps_upper_50", rows, text=DONE)

    def _of_stocks(self, ask: Ask) -> Answer:
        on, rows, sums = day(ask, "dt"), list[Row](), Flow()
        for line in self._lines(ask):
            bars = [each.bar for each in days_of(self._desk, line) if each.day == on]
            part = Flow().plus(bars, line).whole
            sums = sums.plus(bars, line)
            both = part.bought + part.sold
            rows.append(
                {
                    "stk_cd": line.symbol,
                    "stk_nm": line.name,
                    "cur_prc": price(line.price, line.base),
                    "flu_sig": sign_code(line.price, line.base, line.band),
                    "pred_pre": signed(line.change),
                    "buy_cntr_qty": str(part.bought),
                    "buy_cntr_amt": str(cut(part.paid, MILLION)),
                    "sel_cntr_qty": str(part.sold),
                    "sel_cntr_amt": str(cut(part.received, MILLION)),
                    "netprps_prica": str(cut(part.net_value, MILLION)),
                    "all_trde_rt": signed_rate(both, 2 * sum(bar.volume for bar in bars)),
                }
            )
        whole = sums.whole
        fields: Fields = {
            "tot_1": str(whole.bought),
            "tot_2": str(cut(whole.paid, MILLION)),
            "tot_3": str(whole.sold),
            "tot_4": str(cut(whole.received, MILLION)),
            "tot_5": str(cut(whole.net_value, MILLION)),
            "tot_6": "",
        }
        return Answer(fields, "stk_prm_trde_prst", rows, text=DONE)

    def _through_the_day(self, ask: Ask) -> Answer:
        """Return the sums so far of today by the minute; of earlier days none are kept."""
        rows: list[Row] = []
        if day(ask, "date") == self._desk.today:
            level, levels = self._levels.value(_KOSPI200).base, dict(self._index_by_minute())
            for minute, flow in self._market_by_minute(self._lines(ask)):
                level = levels.get(minute, level)
                rows.append({"cntr_tm": clock(minute * MINUTE), **_market_row(flow, level)})
        rows.reverse()
        return Answer({}, "prm_trde_trnsn", rows, is_newest_first=True, text=DONE)

    def _by_day(self, ask: Ask) -> Answer:
        flows, levels = self._flows(ask), self._index_by_day()
        rows = [
            {"cntr_tm": f"{each}000000", **_market_row(flows[each], levels.get(each, 0))}
            for each in sorted(flows, reverse=True)
        ]
        return Answer({}, "prm_trde_trnsn", rows, is_newest_first=True, text=DONE)

    def _added_up(self, ask: Ask) -> Answer:
        is_money = choice(ask, "amt_qty_tp", {"1": True, "2": False})
        flows, levels, sums = self._flows(ask), self._index_by_day(), [0, 0]
        rows: list[Row] = []
        for each in sorted(flows):
            nets = [
                _size(part.net_value, part.net // _THOUSAND, is_money=is_money)
                for part in (flows[each].arbitrage, flows[each].other)
            ]
            sums = [before + net for before, net in zip(sums, nets, strict=True)]
            rows.append(
                {
                    "dt": each,
                    "kospi200": _level(levels.get(each, 0)),
                    "basis": "0.00",
                    "dfrt_trde_tdy": signed(nets[0]),
                    "dfrt_trde_acc": signed(sums[0]),
                    "ndiffpro_trde_tdy": signed(nets[1]),
                    "ndiffpro_trde_acc": signed(sums[1]),
                    "all_tdy": signed(sum(nets)),
                    "all_acc": signed(sum(sums)),
                }
            )
        rows.reverse()
        return Answer({}, "prm_trde_acc_trnsn", rows, is_newest_first=True, text=DONE)

    def _of_stock_by_print(self, ask: Ask) -> Answer:
        """Return the sums so far at every print of today; of earlier days none are kept."""
        line, rows, before = self._desk.line(ask.field("stk_cd")), list[Row](), Turnover()
        on = day(ask, "date") if ask.field("date") else self._desk.today
        bars = self._prints(line) if on == self._desk.today else []
        for bar, so_far in zip(bars, growing(bars), strict=True):
            part = Flow().plus([so_far], line).whole
            rows.append(
                {
                    "tm": clock(bar.at),
                    "cur_prc": price(so_far.close, line.base),
                    "pre_sig": sign_code(so_far.close, line.base, line.band),
                    "pred_pre": signed(so_far.close - line.base),
                    "flu_rt": signed_rate(so_far.close - line.base, line.base),
                    "trde_qty": str(so_far.volume),
                    **_stock_columns(part, before),
                    "stex_tp": "KRX",
                }
            )
            before = part
        rows.reverse()
        key = "stk_tm_prm_trde_trnsn"
        return Answer({}, key, rows, is_newest_first=True, text=DONE, scope=line.symbol)

    def _of_stock_by_day(self, ask: Ask) -> Answer:
        line, rows, before = self._desk.line(ask.field("stk_cd")), list[Row](), Turnover()
        last = day(ask, "date") if ask.field("date") else self._desk.today
        for each in days_of(self._desk, line):
            if each.day > last:
                break
            part = Flow().plus([each.bar], line).whole
            rows.append({**_day_columns(each), **_stock_columns(part, before), "stex_tp": "KRX"})
            before = part
        rows.reverse()
        key = "stk_daly_prm_trde_trnsn"
        return Answer({}, key, rows, is_newest_first=True, text=DONE, scope=line.symbol)

    def _flows(self, ask: Ask) -> dict[str, Flow]:
        """Return the flow of a market on each day until the one that is asked for."""
        last, flows = day(ask, "date"), dict[str, Flow]()
        for line in self._lines(ask):
            for each in days_of(self._desk, line):
                if each.day <= last:
                    known = flows.get(day_text(each.day), Flow())
                    flows[day_text(each.day)] = known.plus([each.bar], line)
        return flows

    def _market_by_minute(self, lines: Iterable[Line]) -> Iterable[tuple[int, Flow]]:
        """Yield the flow of today until the end of each minute in which somebody traded."""
        steps: dict[int, list[tuple[Line, Bar]]] = {}
        for line in lines:
            bars = minutes(self._prints(line), 1)
            for bar, so_far in zip(bars, growing(bars), strict=True):
                steps.setdefault(bar.at // MINUTE, []).append((line, so_far))
        flows: dict[Symbol, Flow] = {}
        for minute in sorted(steps):
            for line, so_far in steps[minute]:
                flows[line.symbol] = Flow().plus([so_far], line)
            parts = flows.values()
            arbitrage, other = (
                total(each) for each in zip(*((f.arbitrage, f.other) for f in parts), strict=True)
            )
            yield minute, Flow(arbitrage, other)

    def _lines(self, ask: Ask) -> list[Line]:
        """Return the instruments of the market that is asked for."""
        market = choice(ask, "mrkt_tp", _MARKETS)
        rules = self._desk.books.rules
        return [
            line
            for line in self._desk.board.lines()
            if rules[line.symbol].instrument.market is market
        ]

    def _prints(self, line: Line) -> list[Bar]:
        return bars_of_trades(self._desk.exchange.prints.get(line.symbol, []))

    def _index_by_minute(self) -> Iterable[tuple[int, int]]:
        return ((bar.at // MINUTE, bar.close) for bar in self._levels.today(_KOSPI200))

    def _index_by_day(self) -> Mapping[str, int]:
        return {day_text(bar.day): bar.close for bar in self._levels.days(_KOSPI200)}


def _size(money: int, shares: int, *, is_money: bool) -> int:
    return cut(money, MILLION) if is_money else shares


def _market_row(flow: Flow, level: int) -> Row:
    parts = (("dfrt_trde", flow.arbitrage), ("ndiffpro_trde", flow.other))
    row: Row = {}
    for name, part in parts:
        row |= {
            f"{name}_sel": str(cut(part.received, MILLION)),
            f"{name}_buy": str(cut(part.paid, MILLION)),
            f"{name}_netprps": signed(cut(part.net_value, MILLION)),
        }
    for name, part in parts:
        row |= {
            f"{name}_sell_qty": str(part.sold // _THOUSAND),
            f"{name}_buy_qty": str(part.bought // _THOUSAND),
            f"{name}_netprps_qty": signed(cut(part.net, _THOUSAND)),
        }
    whole = flow.whole
    return row | {
        "all_sel": str(cut(whole.received, MILLION)),
        "all_buy": str(cut(whole.paid, MILLION)),
        "all_netprps": signed(cut(whole.net_value, MILLION)),
        "kospi200": _level(level),
        "basis": "0.00",
    }


def _stock_columns(part: Turnover, before: Turnover) -> Row:
    return {
        "prm_sell_amt": str(cut(part.received, MILLION)),
        "prm_buy_amt": str(cut(part.paid, MILLION)),
        "prm_netprps_amt": doubly_signed(cut(part.net_value, MILLION)),
        "prm_netprps_amt_irds": doubly_signed(cut(part.net_value - before.net_value, MILLION)),
        "prm_sell_qty": str(part.sold),
        "prm_buy_qty": str(part.bought),
        "prm_netprps_qty": doubly_signed(part.net),
        "prm_netprps_qty_irds": doubly_signed(part.net - before.net),
        **dict.fromkeys(("base_pric_tm", "dbrt_trde_rpy_sum", "remn_rcvord_sum"), ""),
    }


def _day_columns(each: TradingDay) -> Row:
    return {
        "dt": day_text(each.day),
        "cur_prc": each.close,
        "pre_sig": each.sign,
        "pred_pre": each.change,
        "flu_rt": each.rate,
        "trde_qty": str(each.bar.volume),
    }


def _level(hundredths: int) -> str:
    return f"+{hundredths // 100}.{hundredths % 100:02d}" if hundredths else "0.00"


_THOUSAND: Final = 1_000
_MOST_ROWS: Final = 50
_KOSPI200: Final = "201"
_MARKETS: Final = {
    **dict.fromkeys(("P00101", "P001_NX01", "P001_AL01", "0"), Market.KOSPI),
    **dict.fromkeys(("P10102", "P101_NX02", "P101_AL02", "P001_AL02", "1"), Market.KOSDAQ),
}
_MOST: Final = ("trde_upper_tp", "amt_qty_tp", "mrkt_tp", "stex_tp")
