"""
Kiwoom's stream, kept up: one connection for broker and feed, as a key may have only one.

A socket that is cut or silent is given up and made anew with a growing, jittered pause; then
everything is registered again. Silent means: not even a PING, or no print of what is
subscribed while the exchange trades continuously. After a second login with the same key it
is left to the other for a while, and not taken back for ever: see `rivalry`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from maemae.brokers.kiwoom_rest.auth import TokenOwner
from maemae.brokers.kiwoom_rest.config import KiwoomConfig
from maemae.brokers.kiwoom_rest.frames import (
    Entry,
    Frame,
    RealType,
    decode_entries,
    decode_entry,
    register,
    remove,
)
from maemae.brokers.kiwoom_rest.registrations import Group, Wanted, groups_of
from maemae.brokers.kiwoom_rest.rivalry import Rivalry
from maemae.brokers.kiwoom_rest.unread import unread
from maemae.brokers.kiwoom_rest.wire import Wire
from maemae.brokers.quota import Quota
from maemae.domain.errors import BrokerError, BrokerUnavailableError
from maemae.domain.instant import SECOND
from maemae.domain.text import Text
from maemae.krx.session import Phase, phase_at
from maemae.ports import BrokerEvent, VenueClock, WallClock

Taker = Callable[[Entry], None]
"""Takes the entries of one type; what it cannot understand it raises, and is skipped."""

Warn = Callable[[str, Text], None]
"""Alerts a person: a code, and what happened."""


class KiwoomStream:
    """
    One connection that is made anew whenever it is gone.

    Args:
        url: Of the server.
        tokens: Owns the token.
        config: Limits, and how patient to be.
        clocks: The exchange's and the wall's.
        warn: Alerts a person.

    Attributes:
        is_up: Whether it stands, with everything registered.
        was_kicked: Whether it is down because somebody else logged in with the same key.
    """

    def __init__(
        self,
        url: str,
        tokens: TokenOwner,
        config: KiwoomConfig,
        clocks: tuple[VenueClock, WallClock],
        warn: Warn,
    ) -> None:
        self.is_up = False
        self.was_kicked = False
        self._url = url
        self._tokens = tokens
        self._config = config
        self._venue, self._wall = clocks
        self._warn = warn
        self._takers: dict[RealType, Taker] = {}
        self._listeners: list[Callable[[BrokerEvent], None]] = []
        self._wanted: dict[str, Wanted] = {}
        self._registered: tuple[Group, ...] = ()
        self._wire: Wire | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._users = 0
        self._opening = asyncio.Lock()
        self._registering = asyncio.Lock()
        self._quotas: dict[str, Quota] = {}
        self._rivalry = Rivalry(config.rivals, self._wall)
        self._printed = 0
        self._print_after = config.patience.print_after

    def on(self, kind: RealType, taker: Taker) -> None:
        """Give entries of a type to somebody."""
        self._takers[kind] = taker

    def listen(self, listener: Callable[[BrokerEvent], None]) -> None:
        """Tell somebody when the stream is cut and when it stands again."""
        self._listeners.append(listener)

    async def open(self) -> None:
        """
        Connect, unless another user of the stream has.

        Raises:
            BrokerUnavailableError: It cannot be reached, or refuses.
        """
        async with self._opening:
            if self._keeping is None:
                self.was_kicked = False
                await self._connect()
                self._keeping = asyncio.create_task(self._keep())
            self._users += 1

    def reclaim(self) -> None:
        """Take it back at once from whoever logged in with the same key; nothing if it is ours."""
        self._rivalry.reclaim()

    async def close(self) -> None:
        """Disconnect once the last user has gone; safe to call more often."""
        async with self._opening:
            self._users = max(0, self._users - 1)
            if self._users or self._keeping is None:
                return
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
            self._keeping = None
            await self._drop()

    async def want(self, topic: str, wanted: Wanted | None) -> None:
        """
        Have this told under a topic from now on, over every later connection too.

        Args:
            topic: Whose wish it is; the last one of a topic holds.
            wanted: None to be told nothing more.

        Raises:
            BrokerUnavailableError: It is too much, or was not confirmed; what was not is asked
                for again with the next connection.
        """
        new = {name: each for name, each in self._wanted.items() if name != topic}
        if wanted is not None:
            new[topic] = wanted
        groups_of(new, self._config.socket)
        self._wanted = new
        if self._wire is not None and self.is_up:
            await self._register(self._wire)

    async def ask(self, key: str, frame: bytes) -> Frame:
        """
        Return the answer to a frame.

        Raises:
            BrokerUnavailableError: The stream is down, or none came.
        """
        if self._wire is None or not self.is_up:
            raise BrokerUnavailableError(
                "키움 실시간 연결이 끊겨 있습니다. 다시 연결된 뒤에 하세요.",
                "Kiwoom's stream is down. Try again once it stands.",
            )
        return await self._paced(self._wire, key, frame)

    async def _connect(self) -> None:
        token = await self._tokens.token()
        if await self._log_in(token):
            return
        if not await self._log_in(await self._tokens.renew(token)):
            raise BrokerUnavailableError(
                "새 토큰으로도 키움 실시간 로그인이 거절되었습니다. 키와 등록된 IP 를 확인하세요.",
                "Kiwoom's stream refuses a fresh token too. Check the keys and the registered IP.",
            )

    async def _log_in(self, token: str) -> bool:
        """Make a new socket with everything registered; return False if the token is dead."""
        wire = Wire(self._url, self._config, self._wall, self.take, self._skip)
        self._wire, self._registered = wire, ()
        try:
            if not await wire.open(token):
                await self._drop()
                return False
            await self._register(wire)
        except BaseException:
            await self._drop()
            raise
        self._printed = self._wall.monotonic()
        self._rivalry.stands()
        self.is_up = True
        return True

    async def _register(self, wire: Wire) -> None:
        """Bring what is registered to what is wanted, also what is wanted meanwhile."""
        async with self._registering:
            while (groups := groups_of(self._wanted, self._config.socket)) != self._registered:
                for group in self._registered:
                    if group not in groups:
                        await self._confirm(wire, "REMOVE", remove(group.number, group.data))
                for group in groups:
                    if group not in self._registered:
                        await self._confirm(wire, "REG", register(group.number, group.data))
                self._registered = groups

    async def _confirm(self, wire: Wire, key: str, frame: bytes) -> None:
        reply = await self._paced(wire, key, frame)
        if reply.return_code != 0:
            said = reply.return_msg or ""
            raise BrokerUnavailableError(
                f"키움이 실시간 등록을 거절했습니다 ({said}). 종목 수를 줄이세요.",
                f"Kiwoom refused to stream what was asked for ({said}). Name fewer instruments.",
            )

    async def _paced(self, wire: Wire, key: str, frame: bytes) -> Frame:
        """Ask as fast as the server takes frames of a kind, and again what came too soon."""
        limit, quotas = self._config.socket.frames, self._config.quotas
        kind = key.partition(":")[0]
        quota = self._quotas.setdefault(kind, Quota(limit.requests, self._wall, limit.within))
        for _ in range(quotas.tries - 1):
            await quota.take()
            reply = await wire.ask(key, frame)
            if reply.return_code != TOO_MANY_FRAMES:
                return reply
            await self._wall.sleep(quotas.rate_pause)
        return await wire.ask(key, frame)

    async def _drop(self) -> None:
        self.is_up = False
        if self._wire is not None:
            await self._wire.cut()
            self._wire = None

    async def _keep(self) -> None:
        """Connect again whenever the socket is gone or silent."""
        while self._wire is not None:
            watching = asyncio.create_task(self._watch(self._wire))
            await self._wire.wait_closed()
            watching.cancel()
            await asyncio.wait([watching])
            self.was_kicked = self._wire.was_kicked
            await self._drop()
            self._tell(BrokerEvent(is_connected=False))
            if self.was_kicked:
                pause = self._rivalry.lost()
                self._warn("KIWOOM_SECOND_LOGIN", _second_login(pause))
                await self._rivalry.wait(pause)
                self.was_kicked = False
            await self._come_back()
            self._tell(BrokerEvent(is_connected=True))

    async def _come_back(self) -> None:
        patience = self._config.patience
        pause = patience.pause
        while True:
            await self._wall.sleep(pause // 2 + secrets.randbelow(pause // 2 + 1))
            pause = min(2 * pause, patience.longest_pause)
            try:
                await self._connect()
            except BrokerError:
                continue
            return

    async def _watch(self, wire: Wire) -> None:
        """Give a socket up that is silent."""
        patience = self._config.patience
        while True:
            await self._wall.sleep(min(patience.silent_after, self._print_after) // 4)
            now = self._wall.monotonic()
            if now - wire.heard >= patience.silent_after:
                break
            if self._expects_prints() and now - self._printed >= self._print_after:
                self._print_after = min(2 * self._print_after, patience.longest_print_after)
                self._warn("KIWOOM_NO_PRINTS", _NO_PRINTS)
                break
        wire.abort()

    def _expects_prints(self) -> bool:
        if phase_at(self._venue.now()) is not Phase.CONTINUOUS:
            self._printed = self._wall.monotonic()
            return False
        return any(RealType.TRADE in group.types and group.items for group in self._registered)

    def take(self, frame: Frame) -> None:
        """Give the entries of a frame to whoever takes their type; what cannot be read is told."""
        if frame.trnm != "REAL":
            return  # SYSTEM, and what is not known: nothing follows from it here
        try:
            raws = decode_entries(frame.data)
        except msgspec.MsgspecError as error:
            self._skip(unread(error))
            return
        for raw in raws:
            self._take_entry(raw)

    def _take_entry(self, raw: msgspec.Raw) -> None:
        try:
            entry = decode_entry(raw)
            taker = self._takers.get(RealType(entry.type))
            if entry.type == RealType.TRADE.value:
                self._printed = self._wall.monotonic()
                self._print_after = self._config.patience.print_after
            if taker is not None:
                taker(entry)
        except (msgspec.MsgspecError, BrokerUnavailableError, ValueError) as error:
            self._skip(unread(error))

    def _skip(self, why: Text) -> None:
        self._warn("KIWOOM_FRAME_SKIPPED", why)

    def _tell(self, event: BrokerEvent) -> None:
        for listener in self._listeners:
            listener(event)


def _second_login(pause: int | None) -> Text:
    when = Text(
        "더는 스스로 되찾지 않습니다. 그 프로그램을 끄고 maemae resume --stream 을 하세요.",
        "It is not taken back by itself any more: stop that program, then maemae resume --stream.",
    )
    if pause is not None:
        secs = pause / SECOND
        when = Text(
            f"{secs:.0f}초 뒤에 되찾습니다. 그 프로그램을 끄세요. maemae resume --stream 이면 바로 "
            "되찾습니다.",
            f"It is taken back in {secs:.0f} s: stop that program. maemae resume --stream takes it "
            "back at once.",
        )
    return Text(
        "같은 앱키로 다른 프로그램이 키움에 로그인해 실시간 연결이 끊겼습니다. 그동안 체결은 "
        f"조회로만 확인합니다. {when.ko}",
        "Another program logged in to Kiwoom with the same app key, which ended the stream. Fills "
        f"are only seen by asking meanwhile. {when.en}",
    )


TOO_MANY_FRAMES: Final = 105_110
"""`return_code` of a frame that came too soon after others of its kind."""

_NO_PRINTS: Final = Text(
    "장중인데 키움 실시간 체결이 오지 않아 다시 연결합니다.",
    "No prints come from Kiwoom in trading hours; connecting again.",
)
