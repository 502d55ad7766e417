"""
Who owns the access token: one issuer for each app key, across processes.

A second request gives the same token with the same end while it lives, so a token may die at
any moment, and one that is to last the day must be revoked before a new one is asked for.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import httpx
import msgspec

from maemae.brokers.kiwoom_rest.client import KiwoomClient
from maemae.brokers.kiwoom_rest.config import KiwoomConfig
from maemae.brokers.kiwoom_rest.hosts import Host
from maemae.brokers.kiwoom_rest.reading import moment
from maemae.brokers.kiwoom_rest.refusals import Verdict, meaning_of
from maemae.brokers.kiwoom_rest.token_file import Token, TokenFile
from maemae.brokers.kiwoom_rest.transactions import ISSUE_PATH, REVOKE_PATH
from maemae.domain.errors import BrokerUnavailableError, ConfigError
from maemae.domain.instant import SECOND, kst_datetime, kst_nanos
from maemae.domain.terms import Mode
from maemae.krx.calendar import is_session
from maemae.ports import WallClock

_LOCK_WITHIN: Final = 30 * SECOND


class AppKey(msgspec.Struct, frozen=True):
    """
    What a person got from openapi.kiwoom.com for one account.

    Attributes:
        mode: The world it was given for; real and paper have keys of their own.
    """

    mode: Mode
    app_key: str
    secret_key: str

    def __repr__(self) -> str:
        """Return everything but the secrets."""
        return f"AppKey(mode={self.mode!r})"


class _Issued(msgspec.Struct, frozen=True):
    token: str = ""
    expires_dt: str = ""
    return_code: int | None = None
    return_msg: str = ""


class TokenOwner:
    """
    Gives out the token, and renews it.

    Args:
        host: The server; it is of the key's mode.
        app_key: Of the account.
        client: Of the server.
        config: How patient to be, and when to renew.
        file: Shared with the other processes.
        wall: The machine's clock.

    Raises:
        ConfigError: The key is of another world than the server.
    """

    def __init__(
        self,
        host: Host,
        app_key: AppKey,
        client: KiwoomClient,
        config: KiwoomConfig,
        file: TokenFile,
        wall: WallClock,
    ) -> None:
        if app_key.mode is not host.mode:
            raise ConfigError(
                f"{app_key.mode} 앱키로 {host.mode} 서버에 연결할 수 없습니다. 맞는 키를 쓰세요.",
                f"A key for {app_key.mode} cannot be used at the server for {host.mode}.",
            )
        self._host = host
        self._key = app_key
        self._client = client
        self._config = config
        self._file = file
        self._wall = wall
        self._token: Token | None = None
        self._one_at_a_time = asyncio.Lock()

    async def token(self) -> str:
        """
        Return a token that lives.

        Raises:
            BrokerUnavailableError: None is given.
        """
        if not self._lives(self._token):
            await self._exchange(None)
        return self._value()

    async def renew(self, refused: str) -> str:
        """
        Return another token than the one that the server refused.

        Raises:
            BrokerUnavailableError: None is given.
        """
        if self._token is None or self._token.value == refused:
            await self._exchange(refused)
        return self._value()

    async def keep(self) -> None:
        """Exchange, for ever, before each opening, a token that would not last the day."""
        while True:
            now = self._wall.now()
            if self._is_morning(now) and self._token is not None and not self._lasts(now):
                with suppress(BrokerUnavailableError):  # the old one lives; asked again later
                    await self.renew(self._token.value)
            await self._wall.sleep(_LOOK_EVERY)

    def _is_morning(self, now: int) -> bool:
        today = kst_datetime(now)
        starts, ends = self._config.renew_from, self._config.renew_to
        return is_session(today.date()) and starts <= today.time() < ends

    def _lasts(self, now: int) -> bool:
        evening = kst_nanos(kst_datetime(now).date(), self._config.lasts_until)
        return self._token is not None and self._token.expires_at > evening

    def _lives(self, token: Token | None) -> bool:
        if token is None or (token.rest, token.mode) != (self._host.rest, self._host.mode):
            return False
        return token.expires_at - self._wall.now() > self._config.patience.renew_before

    def _value(self) -> str:
        if self._token is None:
            raise _no_token("")
        return self._token.value

    async def _exchange(self, refused: str | None) -> None:
        """Take the token that another process got meanwhile, or ask for one."""
        async with self._one_at_a_time:
            if self._is_better(self._token, refused):
                return
            async with self._file.locked(_LOCK_WITHIN):
                kept = self._file.read()
                if kept is None or not self._is_better(kept, refused):
                    kept = await self._fresh(kept, refused)
                    self._file.write(kept)
            self._token = kept

    def _is_better(self, token: Token | None, refused: str | None) -> bool:
        return token is not None and self._lives(token) and token.value != refused

    async def _fresh(self, kept: Token | None, refused: str | None) -> Token:
        """Ask; if the server gives back the one that is of no use, revoke it and ask again."""
        useless = refused if refused is not None else (kept.value if kept is not None else None)
        token = await self._issue()
        if token.value != useless or (refused is None and self._lives(token)):
            return token
        await self._revoke(token.value)
        return await self._issue()

    async def _issue(self) -> Token:
        keys = {"appkey": self._key.app_key, "secretkey": self._key.secret_key}
        issued = await self._post(ISSUE_PATH, {"grant_type": "client_credentials", **keys})
        if not issued.token:
            raise _no_token(issued.return_msg)
        expires_at = moment("expires_dt", issued.expires_dt)
        return Token(issued.token, expires_at, self._host.rest, self._host.mode)

    async def _revoke(self, token: str) -> None:
        keys = {"appkey": self._key.app_key, "secretkey": self._key.secret_key}
        await self._post(REVOKE_PATH, {**keys, "token": token})

    async def _post(self, path: str, body: dict[str, str]) -> _Issued:
        for _ in range(self._config.quotas.tries):
            try:
                reply = await self._client.post(f"{self._host.rest}{path}", body)
            except httpx.HTTPError as error:
                raise _no_token(type(error).__name__) from error
            issued = _issued(reply)
            meaning = meaning_of(reply.status_code, issued.return_code, issued.return_msg)
            if meaning.verdict is Verdict.DONE:
                return issued
            if meaning.verdict is not Verdict.RATE:
                break
            await self._wall.sleep(self._config.quotas.rate_pause)
        said = issued.return_msg
        raise BrokerUnavailableError(f"{meaning.text.ko} ({said})", f"{meaning.text.en} ({said})")


def _issued(reply: httpx.Response) -> _Issued:
    try:
        return _decode(reply.content)
    except msgspec.MsgspecError:
        return _Issued(return_msg=f"HTTP {reply.status_code}")


def _no_token(said: str) -> BrokerUnavailableError:
    return BrokerUnavailableError(
        f"키움이 접근토큰을 주지 않았습니다 ({said}). 네트워크와 키를 확인하세요.",
        f"Kiwoom gave no access token ({said}). Check the network and the keys.",
    )


_LOOK_EVERY: Final = 60 * SECOND
_decode = msgspec.json.Decoder(_Issued).decode
