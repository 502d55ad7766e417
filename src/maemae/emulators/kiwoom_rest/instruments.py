"""What is listed: ka10099, ka10100, ka10101."""

from __future__ import annotations

from datetime import date
from typing import Final

from maemae.core.events import InstrumentUpdated
from maemae.domain.terms import Market, Product
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import day_text, padded
from maemae.emulators.kiwoom_rest.index_levels import INDICES
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr
from maemae.krx.status import InstrumentState

_LISTED_ON: Final = date(2010, 1, 4)
_SHARE_DIGITS: Final = 16
_PRICE_DIGITS: Final = 8


class Instruments(Part):
    """
    Answers about what is listed.

    Args:
        desk: What they are computed from.
        gold: The same of gold, which is listed with them.
    """

    def __init__(self, desk: Desk, gold: Desk) -> None:
        super().__init__(desk)
        self._gold = gold

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10099": Tr(("mrkt_tp",), self._of_market, page_rows=2_000),
            "ka10100": Tr(("stk_cd",), self._one),
            "ka10101": Tr(("mrkt_tp",), self._sectors),
        }

    def _of_market(self, ask: Ask) -> Answer:
        market = ask.field("mrkt_tp")
        if market not in _MARKETS:
            raise codes.bad_field("mrkt_tp", market)
        rows = [
            self._row(line, rules)
            for desk in (self._desk, self._gold)
            for line in desk.board.lines()
            if _code_of(rules := desk.books.rules[line.symbol]) == market
        ]
        return Answer({}, "list", rows, text=DONE)

    def _one(self, ask: Ask) -> Answer:
        code = ask.field("stk_cd")
        desk = self._gold if code in self._gold.books.rules else self._desk
        line = desk.line(code)
        fields: Fields = {**self._row(line, desk.books.rules[line.symbol])}
        return Answer(fields, text=DONE)

    def _sectors(self, ask: Ask) -> Answer:
        market = ask.field("mrkt_tp")
        rows = [
            {"marketCode": index.market_code, "code": code, "name": index.name, "group": "1"}
            for code, index in INDICES.items()
            if index.market_code == market
        ]
        return Answer({}, "list", rows, text=DONE)

    def _row(self, line: Line, rules: InstrumentUpdated) -> Row:
        code = _code_of(rules)
        states = rules.states
        warned = {
            InstrumentState.DELISTING: "2",
            InstrumentState.OVERHEATED: "3",
            InstrumentState.RISK: "4",
            InstrumentState.WARNING: "5",
            InstrumentState.ETF_CAUTION: "1",
        }
        is_administrative = InstrumentState.ADMINISTRATIVE in states
        is_halted = InstrumentState.HALTED in states
        previous = line.previous.close if line.previous else line.base
        return {
            "code": line.symbol,
            "name": line.name,
            "listCount": padded(line.listed_shares, _SHARE_DIGITS),
            "auditInfo": "거래정지" if is_halted else "관리종목" if is_administrative else "정상",
            "regDay": day_text(_LISTED_ON),
            "lastPrice": padded(previous, _PRICE_DIGITS),
            "state": "거래정지|증거금100%" if is_halted else "증거금100%",
            "marketCode": code,
            "marketName": _NAMES[code],
            "upName": "",
            "upSizeName": "",
            "companyClassName": "",
            "orderWarning": next((warned[state] for state in states if state in warned), "0"),
            "nxtEnable": "N",
        }


def _code_of(rules: InstrumentUpdated) -> str:
    instrument = rules.instrument
    return _PRODUCTS.get(instrument.product) or _BOARDS[instrument.market]


_PRODUCTS: Final = {Product.ETF: "8", Product.ETN: "60", Product.GOLD: "80"}
_BOARDS: Final = {Market.KOSPI: "0", Market.KOSDAQ: "10", Market.KONEX: "50"}
_NAMES: Final = {
    "0": "거래소",
    "10": "코스닥",
    "50": "코넥스",
    "8": "ETF",
    "60": "ETN",
    "80": "금현물",
}
_MARKETS: Final = frozenset(str(number) for number in (*range(11), 30, 50, 60, 70, 80, 90)) - {"1"}
