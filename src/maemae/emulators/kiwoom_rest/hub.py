"""Who is logged in, what each registered, and what each is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from maemae.core.events import InstrumentUpdated
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.market_data import Trade
from maemae.domain.statement import Notice
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.conditions import Conditions
from maemae.emulators.kiwoom_rest.config import SecondLogin
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.faults import FaultSwitch
from maemae.emulators.kiwoom_rest.market_news import MarketNews
from maemae.emulators.kiwoom_rest.order_news import Entry, OrderEntry, OrderNews
from maemae.emulators.kiwoom_rest.session import Frame, Key, Session
from maemae.emulators.kiwoom_rest.tokens import Tokens
from maemae.emulators.kiwoom_rest.wire import RefusalError
from maemae.krx.status import InstrumentState


class Hub:
    """
    All sessions of one server.

    Args:
        desk: What frames are computed from.
        tokens: Who may log in.
        faults: What is wrong.
    """

    def __init__(self, desk: Desk, tokens: Tokens, faults: FaultSwitch[OrderEntry]) -> None:
        self._desk = desk
        self._doubts = desk.config.doubts
        self._tokens = tokens
        self._faults = faults
        self._sessions: set[Session] = set()
        self._later: set[asyncio.TimerHandle] = set()
        self._orders = OrderNews(desk)
        self._market = MarketNews(desk)
        self._conditions = Conditions(desk)
        self._moved: set[Symbol] = set()
        self._index_due: dict[str, int] = {}
        self._interrupted: dict[Symbol, int] = {}
        self._answers: dict[str, Callable[[Session, Frame], Frame]] = {
            "REG": self._register,
            "REMOVE": self._remove,
            "CNSRLST": lambda session, _: self._conditions.listed(session),
            "CNSRREQ": self._conditions.found,
            "CNSRCLR": self._conditions.cleared,
        }

    def enter(self, session: Session) -> None:
        """Take in a connection that has not logged in yet."""
        self._sessions.add(session)

    def leave(self, session: Session) -> None:
        """Forget a connection, with all that it registered."""
        self._sessions.discard(session)

    def take(self, session: Session, text: str) -> None:
        """Do what a frame of a client asks."""
        asked = _parsed(text)
        name = str(asked.get("trnm", ""))
        if name == "PING":
            session.unanswered = 0
        elif name == "LOGIN":
            self._send(session, self._login(session, asked))
        elif session.credential is None:
            refused = "로그인 인증이 들어오기 전에 다른 전문이 들어와 무시합니다."
            self._send(session, {"trnm": name, "return_code": 100013, "return_msg": refused})
        elif name in self._answers:
            self._send(session, self._answers[name](session, asked))
        else:
            self._send(session, {"trnm": name, "return_code": 1, "return_msg": "알 수 없는 trnm"})

    def ping(self, session: Session) -> bool:
        """Ask a session whether it lives; return whether it answered the ones before."""
        if session.unanswered >= self._doubts.pings_missed:
            return False
        if session.credential is not None:
            session.unanswered += 1
            self._send(session, {"trnm": "PING"})
        return True

    def kick(self, keep: Session | None = None, app_key: str | None = None) -> None:
        """Tell sessions that another login took their place, and close them."""
        for session in tuple(self._sessions):
            credential = session.credential
            if session is keep or credential is None:
                continue
            if app_key is None or credential.app_key == app_key:
                text = "동일한 App key로 접속이 되어 기존 세션을 종료합니다."
                frame = {"trnm": "SYSTEM", "code": "R10001", "message": text}
                self._send(session, frame)
                session.close()
                self.leave(session)

    def drop_all(self) -> None:
        """Close every connection."""
        for session in tuple(self._sessions):
            session.close()
            self.leave(session)

    def tell_notice(self, notice: Notice) -> None:
        """Send what happened to an order."""
        self.tell_orders(self._orders.of_notice(notice))

    def tell_orders(self, entries: Sequence[OrderEntry]) -> None:
        """Send order frames, as the faults let them."""
        if not entries:
            return
        self._push_later(self._faults.distort(entries))
        if self._faults.now.reorder > 1:
            self.call_later(_LONGEST_HOLD, self.release)

    def release(self) -> None:
        """Send the order frames that were held back."""
        self._push_later(self._faults.release())

    def tell_trade(self, trade: Trade) -> None:
        """Send a print, together with others of the moment."""
        line = self._desk.board.count(trade)
        if line is None:
            return
        self._moved.add(trade.symbol)
        is_watched = any(self._items(each, "0B", trade.symbol) for each in self._sessions)
        if is_watched and self._faults.takes("mid_next"):
            depth = self._desk.depth(line)
            trade = msgspec.structs.replace(trade, px=(depth.ask + depth.bid) // 2 or trade.px)
        self._hold_trade(line, trade)

    def print_trade(self, trade: Trade) -> None:
        """Send a print that never happened: no order sees it, and neither does a query."""
        line = self._desk.board.find(trade.symbol)
        if line is not None:
            self._hold_trade(line, trade)
            self.flush()

    def tell_rules(self, update: InstrumentUpdated) -> None:
        """Send that a VI began or ended."""
        symbol = update.instrument.symbol
        is_on, was_on = InstrumentState.VI in update.states, symbol in self._interrupted
        if is_on is was_on:
            return
        if is_on:
            self._interrupted[symbol] = 1
        else:
            del self._interrupted[symbol]
        entry = self._market.interruption(symbol, is_on=is_on, count=1)
        for session in self._sessions:
            if ("1h", "") in session.keys or ("1h", symbol) in session.keys:
                self._send_entries(session, [entry])

    def tell_phase(self, code: str, at: int, left: int) -> None:
        """Send a phase of the market."""
        for session in self._sessions:
            if ("0s", "") in session.keys:
                self._send_entries(session, [self._market.phase(code, at, left)])

    def flush(self) -> None:
        """Send the prints of the moment, and what follows from them."""
        moved, self._moved = self._moved, set()
        for session in tuple(self._sessions):
            if not session.keys and not session.searches:
                continue
            for symbol in moved:
                self._hold_moved(session, symbol)
            session.flush()
        if moved:
            self._tell_indices(moved)

    def call_later(self, nanos: int, call: Callable[[], None]) -> None:
        """Call after so long [ns of wall time], unless the server ends before."""

        def run() -> None:
            self._later.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(nanos / SECOND, run)
        self._later.add(timer)

    def end(self) -> None:
        """Forget what was to happen later, and close every connection."""
        for timer in self._later:
            timer.cancel()
        self.drop_all()

    def _login(self, session: Session, asked: Frame) -> Frame:
        answer: Frame = {"trnm": "LOGIN"}
        try:
            if self._faults.now.bad_device:
                raise codes.not_authentic("8050", "지정단말기 인증에 실패했습니다")
            credential = self._tokens.owner(str(asked.get("token", "")))
        except RefusalError as refusal:
            code = refusal.text.partition("[")[2].partition(":")[0]
            text = f"{refusal.text} CODE={code}"
            return {**answer, "return_code": int(code), "return_msg": text}
        if self._doubts.second_login is SecondLogin.KICKS:
            self.kick(session, credential.app_key)
        session.credential = credential
        return {**answer, "return_code": 0, "return_msg": "", "sor_yn": "Y"}

    def _register(self, session: Session, asked: Frame) -> Frame:
        keys, group = _keys(asked), str(asked.get("grp_no", ""))
        keeps = str(asked.get("refresh", "1")) != "0"
        if not keys or not 0 < len(group) <= _GROUP_LENGTH:
            return _acknowledged("REG", "grp_no 또는 data가 올바르지 않습니다.")
        if len(keys) > self._doubts.items_per_request:
            return _acknowledged("REG", "한 번에 등록할 수 있는 수를 넘었습니다.")
        if session.with_keys(group, keys, keeps=keeps) > self._doubts.items_in_all:
            return _acknowledged("REG", "등록할 수 있는 수를 넘었습니다.")
        session.register(group, keys, keeps=keeps)
        return _acknowledged("REG")

    def _remove(self, session: Session, asked: Frame) -> Frame:
        session.remove(str(asked.get("grp_no", "")), _keys(asked))
        return _acknowledged("REMOVE")

    def _hold_trade(self, line: Line, trade: Trade) -> None:
        if not self._tells_prices():
            return
        for session in self._sessions:
            for item in self._items(session, "0B", trade.symbol):
                session.hold(self._market.trade(line, trade, item))

    def _hold_moved(self, session: Session, symbol: Symbol) -> None:
        line = self._desk.board.find(symbol)
        if line is None or not self._tells_prices():
            return
        for kind in _FOLLOWING:
            for item in self._items(session, kind, symbol):
                entry = self._market.of_type(kind, line, item)
                if entry is not None:
                    session.hold(entry)
        for entry in self._conditions.changes(session, symbol):
            session.hold(entry)

    def _tell_indices(self, moved: Iterable[Symbol]) -> None:
        """Send indices at most once in ten seconds of the exchange."""
        now = self._desk.now
        touched = {code for symbol in moved for code in self._market.indices_of(symbol)}
        for code in touched:
            watching = [
                (session, kind)
                for session in self._sessions
                for kind in ("0J", "0U")
                if (kind, code) in session.keys
            ]
            if not watching or now < self._index_due.get(code, 0) or not self._tells_prices():
                continue
            self._index_due[code] = now + _INDEX_EVERY
            entries = {"0J": self._market.index(code), "0U": self._market.breadth(code)}
            for session, kind in watching:
                self._send_entries(session, [entries[kind]])

    def _tells_prices(self) -> bool:
        return not self._faults.now.frozen and not self._faults.now.silent

    def _items(self, session: Session, kind: str, symbol: Symbol) -> list[str]:
        """Return the registered items of a type that are about an instrument at KRX."""
        suffixes = ("",) if self._desk.config.is_paper else ("", "_AL")
        items = [f"{symbol}{suffix}" for suffix in suffixes]
        return [item for item in items if (kind, item) in session.keys]

    def _push_later(self, entries: Sequence[OrderEntry]) -> None:
        if entries and self._faults.now.late_by:
            self.call_later(self._faults.now.late_by, partial(self._push, entries))
        else:
            self._push(entries)

    def _push(self, entries: Iterable[OrderEntry]) -> None:
        for each in entries:
            for session in self._of_account(each.account_id):
                if (each.entry.type, "") in session.keys:
                    self._send_entries(session, [each.entry])

    def _of_account(self, account_id: AccountId) -> list[Session]:
        return [
            session
            for session in self._sessions
            if session.credential is not None and session.credential.account_id == account_id
        ]

    def _send_entries(self, session: Session, entries: Sequence[Entry]) -> None:
        if not self._faults.now.silent:
            session.send_entries(entries)

    def _send(self, session: Session, frame: Frame) -> None:
        if not self._faults.now.silent:
            session.send(frame)


def _parsed(text: str) -> Frame:
    try:
        asked = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {"trnm": text.strip()}  # some clients send the bare word
    return asked if isinstance(asked, dict) else {}


def _keys(asked: Frame) -> set[Key]:
    """Return every type with every item of its entry; types of an account have no item."""
    keys: set[Key] = set()
    data: Any = asked.get("data")
    for each in data if isinstance(data, list) else []:
        if not isinstance(each, dict):
            continue
        items = _texts(each.get("item")) or [""]
        for kind in _texts(each.get("type")):
            keys.update((kind, "" if kind in _WITHOUT_ITEM else item) for item in items)
    return keys


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(each).strip() for each in value] if isinstance(value, list) else []


def _acknowledged(name: str, error: str = "") -> Frame:
    return {"trnm": name, "return_code": 1 if error else 0, "return_msg": error}


_WITHOUT_ITEM: Final = frozenset({"00", "04", "0s"})
_FOLLOWING: Final = ("0A", "0C", "0D", "0H", "0g")
_GROUP_LENGTH: Final = 4
_LONGEST_HOLD: Final = SECOND // 5
_INDEX_EVERY: Final = 10 * SECOND
