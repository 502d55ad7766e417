"""Who is logged in, what each registered, and what each is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from maemae.domain.ids import AccountId
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.conditions import Conditions
from maemae.emulators.kiwoom_rest.config import SecondLogin
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.faults import FaultSwitch
from maemae.emulators.kiwoom_rest.order_news import Entry, OrderEntry
from maemae.emulators.kiwoom_rest.session import Frame, Key, Session
from maemae.emulators.kiwoom_rest.tokens import Tokens
from maemae.emulators.kiwoom_rest.wire import RefusalError


class Hub:
    """
    All sessions of one server.

    Args:
        desk: What frames are computed from.
        tokens: Who may log in.
        faults: What is wrong.

    Attributes:
        sessions: Every connection, those before their login too; live.
        conditions: Answers about conditions.
    """

    def __init__(self, desk: Desk, tokens: Tokens, faults: FaultSwitch[OrderEntry]) -> None:
        self._desk = desk
        self._doubts = desk.config.doubts
        self._tokens = tokens
        self._faults = faults
        self.sessions: set[Session] = set()
        self.conditions = Conditions(desk)
        self._answers: dict[str, Callable[[Session, Frame], Frame]] = {
            "REG": self._register,
            "REMOVE": self._remove,
            "CNSRLST": lambda session, _: self.conditions.listed(session),
            "CNSRREQ": self.conditions.found,
            "CNSRCLR": self.conditions.cleared,
        }

    def enter(self, session: Session, authorization: str) -> None:
        """Take in a connection; a token that lives, in its handshake, is a login."""
        self.sessions.add(session)
        kind, _, token = authorization.partition(" ")
        if self._doubts.header_logs_in and kind == "Bearer":
            with suppress(RefusalError):
                self._admit(session, token)

    def leave(self, session: Session) -> None:
        """Forget a connection, with all that it registered."""
        self.sessions.discard(session)

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
            self._send(session, self._answer(name, session, asked))
        else:
            self._send(session, {"trnm": name, "return_code": 1, "return_msg": "알 수 없는 trnm"})

    def _answer(self, name: str, session: Session, asked: Frame) -> Frame:
        if session.limiter.takes(name, self._doubts.frames):
            return self._answers[name](session, asked)
        text = f"해당 TRNM으로 허용된 요청 건수를 초과하였습니다 (TRNM={name})"
        seq = {"seq": asked["seq"]} if "seq" in asked else {}
        return {"trnm": name, **seq, "return_code": _TOO_OFTEN, "return_msg": text}

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
        for session in tuple(self.sessions):
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
        for session in tuple(self.sessions):
            session.close()
            self.leave(session)

    def _login(self, session: Session, asked: Frame) -> Frame:
        answer: Frame = {"trnm": "LOGIN"}
        try:
            self._admit(session, str(asked.get("token", "")))
        except RefusalError as refusal:
            code = refusal.text.partition("[")[2].partition(":")[0]
            text = f"{refusal.text} CODE={code}"
            return {**answer, "return_code": int(code), "return_msg": text}
        return {**answer, "return_code": 0, "return_msg": "", "sor_yn": "Y"}

    def _admit(self, session: Session, token: str) -> None:
        """Log a session in; raises RefusalError if the token or the device is not good."""
        if self._faults.now.bad_device:
            raise codes.not_authentic("8050", "지정단말기 인증에 실패했습니다")
        credential = self._tokens.owner(token)
        if self._doubts.second_login is SecondLogin.KICKS:
            self.kick(session, credential.app_key)
        session.credential = credential

    def _register(self, session: Session, asked: Frame) -> Frame:
        keys, group = _keys(asked), str(asked.get("grp_no", ""))
        keeps = str(asked.get("refresh", "1")) != "0"
        if not keys or not 0 < len(group) <= _GROUP_LENGTH:
            return _acknowledged("REG", "grp_no 또는 data가 올바르지 않습니다.", _WRONG)
        in_group, in_all = session.items_with(group, keys, keeps=keeps)
        most = self._doubts.items_in_group
        if in_group > most:
            text = f"등록 종목이 그룹번호에 등록할 수 있는 허용 개수({most})를 초과하였습니다"
            return _acknowledged("REG", text, _GROUP_IS_FULL)
        most = self._doubts.items_in_all
        if in_all > most:
            text = f"등록 종목이 허용 개수({most})를 초과하였습니다"
            return _acknowledged("REG", text, _SESSION_IS_FULL)
        session.register(group, keys, keeps=keeps)
        return _acknowledged("REG")

    def _remove(self, session: Session, asked: Frame) -> Frame:
        session.remove(str(asked.get("grp_no", "")), _keys(asked))
        return _acknowledged("REMOVE")

    def of_account(self, account_id: AccountId) -> list[Session]:
        """Return the sessions of an account."""
        return [
            session
            for session in self.sessions
            if session.credential is not None and session.credential.account_id == account_id
        ]

    def send_entries(self, session: Session, entries: Sequence[Entry]) -> None:
        """Send entries in one frame, unless the sockets are silent."""
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


def _acknowledged(name: str, error: str = "", code: int = 0) -> Frame:
    return {"trnm": name, "return_code": code, "return_msg": error}


_WITHOUT_ITEM: Final = frozenset({"00", "04", "0s"})
_GROUP_LENGTH: Final = 4
_WRONG: Final = 1
_TOO_OFTEN: Final = 105_110
_SESSION_IS_FULL: Final = 105_115
_GROUP_IS_FULL: Final = 105_118
