"""Tokens: one a key, the same one until it is over, of one world."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

import msgspec

from maemae.domain.instant import DAY
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.config import Credential
from maemae.emulators.kiwoom_rest.formats import stamp
from maemae.emulators.kiwoom_rest.wire import DONE, Fields
from maemae.ports import WallClock


class Token(msgspec.Struct, frozen=True):
    """
    A token that was issued.

    Attributes:
        expires_at: When it is over [ns, UTC, the machine's time].
    """

    text: str
    credential: Credential
    expires_at: int


class Tokens:
    """
    What issues and knows tokens.

    Args:
        mode: The world of the server.
        credentials: Keys that are known.
        wall: The machine's clock; tokens live by it, whatever the exchange's speed.
    """

    def __init__(self, mode: Mode, credentials: tuple[Credential, ...], wall: WallClock) -> None:
        self._mode = mode
        self._by_key = {each.app_key: each for each in credentials}
        self._wall = wall
        self._live: dict[str, Token] = {}  # by key

    def issue(self, fields: Mapping[str, str]) -> Fields:
        """
        Return the answer to au10001; a token that lives is handed out again.

        Raises:
            RefusalError: The grant or the keys are not right.
        """
        grant = fields.get("grant_type", "")
        if not grant:
            raise codes.not_authentic("8011", "grant_type이 없습니다")
        if grant != "client_credentials":
            raise codes.not_authentic("8012", "grant_type의 값이 맞지 않습니다")
        credential = self._credential(fields)
        token = self._live.get(credential.app_key)
        if token is None or token.expires_at <= self._wall.now():
            text = _PREFIX[self._mode] + secrets.token_urlsafe(_BYTES)
            token = Token(text, credential, self._wall.now() + DAY)
            self._live[credential.app_key] = token
        return {
            "expires_dt": stamp(token.expires_at),
            "token_type": "bearer",
            "token": token.text,
            "return_code": 0,
            "return_msg": DONE,
        }

    def revoke(self, fields: Mapping[str, str]) -> Fields:
        """
        Return the answer to au10002.

        Raises:
            RefusalError: The keys are not right, or the token is not theirs.
        """
        credential = self._credential(fields)
        text = fields.get("token", "")
        if not text:
            raise codes.not_authentic("8016", "폐기할 Token이 없습니다")
        token = self._live.get(credential.app_key)
        if token is None or token.text != text:
            raise codes.not_authentic("8015", "Token 폐기에 실패했습니다")
        del self._live[credential.app_key]
        return {"return_code": 0, "return_msg": DONE}

    def owner(self, text: str) -> Credential:
        """
        Return whose token it is.

        Raises:
            RefusalError: It is of the other world, unknown or over.
        """
        if text[:1] in _PREFIX.values() and text[:1] != _PREFIX[self._mode]:
            raise codes.not_authentic("8031", "실전/모의투자 구분이 다른 Token입니다")
        for token in self._live.values():
            if secrets.compare_digest(token.text.encode(), text.encode()):
                if token.expires_at > self._wall.now():
                    return token.credential
                break
        raise codes.dead_token()

    def expire(self) -> None:
        """Let every token be over."""
        self._live.clear()

    def _credential(self, fields: Mapping[str, str]) -> Credential:
        app_key, secret_key = fields.get("appkey", ""), fields.get("secretkey", "")
        if not app_key or not secret_key:
            raise codes.not_authentic("8020", "appkey 또는 secretkey가 없습니다")
        credential = self._by_key.get(app_key)
        if credential is None or credential.secret_key != secret_key:
            raise codes.not_authentic("8001", "App Key와 Secret Key 검증에 실패했습니다")
        if credential.mode is not self._mode:
            raise codes.not_authentic("8030", "실전/모의투자 구분이 다른 App Key입니다")
        return credential


_PREFIX: Final = {Mode.PAPER: "P", Mode.REAL: "R"}
_BYTES: Final = 48
