"""Condition search (조건검색): which instruments are in a condition now, and who comes and goes."""

from __future__ import annotations

from maemae.domain.ids import Symbol
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.config import Condition
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import clock, padded, sign_code
from maemae.emulators.kiwoom_rest.order_news import Entry
from maemae.emulators.kiwoom_rest.session import Frame, Session

_UNIT = 10_000
_WIDTH = 9


class Conditions:
    """
    Answers about conditions.

    Args:
        desk: What they are computed from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._conditions = desk.config.conditions

    def listed(self, session: Session) -> Frame:
        """Return the answer to CNSRLST."""
        session.has_conditions = True
        data = [[str(seq), each.name] for seq, each in enumerate(self._conditions)]
        return {"trnm": "CNSRLST", "return_code": 0, "return_msg": "", "data": data}

    def found(self, session: Session, asked: Frame) -> Frame:
        """
        Return the answer to CNSRREQ; a live search goes on until it is cleared.

        Only the answer to a search that is not live pads its number.

        Source: Kiwoom's examples of ka10172 and ka10173, read 2026-12-01.
        """
        seq = str(asked.get("seq", "")).strip()
        is_live = str(asked.get("search_type", "0")).strip() == "1"
        condition = self._find(seq)
        answer: Frame = {"trnm": "CNSRREQ", "seq": seq if is_live else seq.ljust(3)}
        if condition is None or not session.has_conditions:
            text = "조건검색 목록을 먼저 조회하거나 올바른 일련번호를 쓰세요."
            return {**answer, "return_code": 1, "return_msg": text}
        lines = [line for line in self._desk.board.lines() if _is_in(line, condition)]
        if is_live:
            session.searches[seq] = {line.symbol for line in lines}
            done = {"return_code": 0, "return_msg": ""}
            if self._desk.config.doubts.lists_members:
                return {**answer, **done, "data": [{"jmcode": f"A{each.symbol}"} for each in lines]}
            for line in lines:
                session.hold(self._moved(seq, line.symbol, is_in=True))
            return {**answer, **done, "data": None}
        paging = {"cont_yn": "N", "next_key": "", "return_code": 0, "return_msg": ""}
        return {**answer, **paging, "data": [_row(line) for line in lines]}

    def cleared(self, session: Session, asked: Frame) -> Frame:
        """Return the answer to CNSRCLR."""
        seq = str(asked.get("seq", "")).strip()
        session.searches.pop(seq, None)
        return {"trnm": "CNSRCLR", "seq": seq, "return_code": 0, "return_msg": ""}

    def changes(self, session: Session, symbol: Symbol) -> list[Entry]:
        """Return who came into or left the conditions that a session watches."""
        entries = []
        line = self._desk.board.find(symbol)
        for seq, members in session.searches.items():
            condition = self._find(seq)
            if condition is None or line is None:
                continue
            is_in = _is_in(line, condition)
            if is_in is (symbol in members):
                continue
            if is_in:
                members.add(symbol)
            else:
                members.remove(symbol)
            entries.append(self._moved(seq, symbol, is_in=is_in))
        return entries

    def _moved(self, seq: str, symbol: Symbol, *, is_in: bool) -> Entry:
        values = {
            "841": seq,
            "9001": symbol,
            "843": "I" if is_in else "D",
            "20": clock(self._desk.now),
            "907": "2" if is_in else "1",
        }
        return Entry(values, "02", "조건검색", symbol)

    def _find(self, seq: str) -> Condition | None:
        return {str(place): each for place, each in enumerate(self._conditions)}.get(seq)


def _is_in(line: Line, condition: Condition) -> bool:
    if condition.measure == "VOLUME":
        return line.volume * _UNIT >= condition.at_least * max(1, line.previous_volume)
    return line.base > 0 and line.change * _UNIT >= condition.at_least * line.base


def _row(line: Line) -> dict[str, str]:
    numbers = {
        "11": line.change,
        "12": line.change * 100_000 // line.base if line.base else 0,
        "13": line.volume,
        "16": line.open,
        "17": line.high,
        "18": line.low,
    }
    return {
        "9001": f"A{line.symbol}",
        "302": line.name,
        "10": padded(line.price, _WIDTH),
        "25": sign_code(line.price, line.base, line.band),
        **{fid: padded(number, _WIDTH) for fid, number in numbers.items()},
    }
