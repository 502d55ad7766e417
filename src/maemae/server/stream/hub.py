"""
Every client of this process, what each listens to, and whether they still may.

It works only while somebody listens, and a while longer: a client whose connection broke comes
back within seconds and is told from memory what it missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from maemae.domain.errors import MaemaeError
from maemae.domain.instant import SECOND
from maemae.domain.text import Text
from maemae.ports import WallClock
from maemae.server.security.actor import Actor
from maemae.server.stream import messages
from maemae.server.stream.client import CLOSINGS, ENDED, FAILED, Client
from maemae.server.stream.envelope import MOST_BOOKS, MOST_CHANNELS, Channel, ChannelAsked
from maemae.server.stream.feed import Feed
from maemae.server.stream.states import StatePlace
from maemae.storage.tables.people import Permission

LOOK_AT_LOGINS_SECS: Final = 2.0
"""How often it is asked whether logins still hold."""

TRUSTED_SECS: Final = 60.0
"""How long a login is believed in that nobody can look up."""

KEPT_SECS: Final = 30.0
"""How long it goes on working for nobody."""

Again = Callable[[Actor], Actor | None]
"""Returns who somebody is now, None if their login ended; blocks, may raise MaemaeError."""

_STATES: Final = frozenset({Channel.CLOCK, Channel.POSITIONS, Channel.BALANCES, Channel.STRATEGIES})
_OF_ANY_ACCOUNT: Final = frozenset({Channel.QUOTES, Channel.BOOK, Channel.CLOCK})


class Hub:
    """
    The clients of one process.

    Args:
        feeds: One for each executor.
        again: Looks up somebody once more.
        wall: Real time.

    Attributes:
        ended: Connections that were ended from here, by why.
    """

    def __init__(self, feeds: Sequence[Feed], again: Again, wall: WallClock) -> None:
        self._feeds = tuple(feeds)
        self._by_account = {account: feed for feed in feeds for account in feed.accounts}
        self._again = again
        self._wall = wall
        self._places: dict[Client, set[StatePlace]] = {}
        self._looked_at: dict[Client, int] = {}
        self._work: asyncio.Task[None] | None = None
        self.ended = dict.fromkeys((each.reason for each in CLOSINGS), 0)

    @property
    def clients(self) -> int:
        """How many listen."""
        return len(self._places)

    @property
    def waiting(self) -> int:
        """Messages that wait for any of them."""
        return sum(client.waiting for client in self._places)

    def open(self, actor: Actor) -> Client:
        """Return a new client, which listens to nothing yet."""
        client = Client(actor, lambda: messages.heartbeat(self._wall.now()))
        self._places[client] = set()
        self._looked_at[client] = self._wall.monotonic()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._run())
            self._work.add_done_callback(self._over)
        return client

    def leave(self, client: Client) -> None:
        """Forget a client."""
        for place in self._places.pop(client):
            self._part(client, place)
        del self._looked_at[client]
        if client.closing is not None:
            self.ended[client.closing.reason] += 1
        if not self._places:
            asyncio.get_running_loop().call_later(KEPT_SECS, self._rest)

    async def subscribe(self, client: Client, asked: ChannelAsked) -> None:
        """Tell a client of a channel, or why not; one that it has begins anew."""
        place = asked.channel, asked.account_id
        feed = self._feed_of(client.actor, place)
        if isinstance(feed, Feed) and not _are_fit(asked):
            feed = _SYMBOLS_NEEDED
        if isinstance(feed, _Refusal):
            client.tell(messages.error(*feed, *place))
            return
        self.unsubscribe(client, place)
        mine = self._places[client]
        if len(mine) >= MOST_CHANNELS:
            client.tell(messages.error(*_TOO_MANY, *place))
            return
        mine.add(place)
        if asked.channel in feed.boards:
            board = feed.boards[asked.channel]
            board.join(client, asked.account_id, frozenset(asked.symbols))
        elif asked.channel in _STATES:
            feed.states.join(client, place)
        elif asked.account_id is not None:
            await feed.follow(client, (asked.channel, asked.account_id), asked.after)

    def unsubscribe(self, client: Client, place: StatePlace) -> None:
        """Tell a client no more of a channel."""
        mine = self._places[client]
        if place in mine:
            mine.discard(place)
            self._part(client, place)

    def _part(self, client: Client, place: StatePlace) -> None:
        channel, account_id = place
        feed = self._feeds[0] if account_id is None else self._by_account[account_id]
        if channel in feed.boards:
            feed.boards[channel].leave(client, account_id)
        elif channel in _STATES:
            feed.states.leave(client, place)
        elif account_id is not None:
            feed.unfollow(client, (channel, account_id))

    def _feed_of(self, actor: Actor, place: StatePlace) -> Feed | _Refusal:
        channel, account_id = place
        if account_id is None:
            if channel not in _OF_ANY_ACCOUNT:
                return _ACCOUNT_NEEDED
            return self._feeds[0] if self._feeds else _NO_EXECUTOR
        feed = self._by_account.get(account_id)
        if feed is None or not actor.may_see(account_id):
            return _NO_SUCH_ACCOUNT  # which of the two is not told
        return feed

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for feed in self._feeds:
                group.create_task(feed.run())
            group.create_task(self._look_at_logins())

    def _rest(self) -> None:
        if not self._places and self._work is not None:
            self._work.cancel()

    def _over(self, work: asyncio.Task[None]) -> None:
        """End every connection if the work failed: nobody would be told anything any more."""
        if not work.cancelled() and work.exception() is not None:
            for client in self._places:
                client.close(FAILED)
            asyncio.get_running_loop().call_exception_handler(
                {"message": "the stream failed", "exception": work.exception()}
            )

    async def _look_at_logins(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AT_LOGINS_SECS)
            asked = self._wall.monotonic()
            actors = {_login(client.actor): client.actor for client in self._places}
            found = await asyncio.to_thread(self._look_up, actors)
            for client in tuple(self._places):
                login = _login(client.actor)
                if login in found:
                    self._looked_at[client] = asked
                    self._renew(client, found[login])
                elif asked - self._looked_at[client] > TRUSTED_SECS * SECOND:
                    client.close(ENDED)  # nobody can say that it still holds

    def _look_up(self, actors: dict[_Login, Actor]) -> dict[_Login, Actor | None]:
        """Return who they are now, as far as it can be said; blocks."""
        found: dict[_Login, Actor | None] = {}
        for login, actor in actors.items():
            try:
                found[login] = self._again(actor)
            except MaemaeError:
                continue
        return found

    def _renew(self, client: Client, actor: Actor | None) -> None:
        """Go on with what somebody may still see."""
        if actor is None or not actor.may_any({Permission.VIEW}):
            client.close(ENDED)
            return
        client.actor = actor
        for channel, account_id in tuple(self._places[client]):
            if account_id is not None and not actor.may_see(account_id):
                self.unsubscribe(client, (channel, account_id))
                client.tell(messages.error(*_NO_SUCH_ACCOUNT, channel, account_id))


_Login = tuple[str | None, bytes | None]


def _login(actor: Actor) -> _Login:
    return actor.login_id, actor.token_hash


def _are_fit(asked: ChannelAsked) -> bool:
    """Whether so many instruments may be asked for: each book is made, so there is an end."""
    return asked.channel is not Channel.BOOK or 0 < len(asked.symbols) <= MOST_BOOKS


class _Refusal(NamedTuple):
    code: str
    text: Text


_NO_SUCH_ACCOUNT: Final = _Refusal(
    "NO_SUCH_ACCOUNT",
    Text(
        "그런 계좌가 없습니다. 계좌 번호를 확인하세요.",
        "There is no such account. Check its number.",
    ),
)
_ACCOUNT_NEEDED: Final = _Refusal(
    "ACCOUNT_NEEDED",
    Text(
        "이 채널에는 계좌가 필요합니다. account_id 를 적어 다시 구독하세요.",
        "This channel is of an account. Subscribe again with an account_id.",
    ),
)
_SYMBOLS_NEEDED: Final = _Refusal(
    "SYMBOLS_NEEDED",
    Text(
        f"호가는 종목을 1개에서 {MOST_BOOKS}개까지 정해 구독합니다. symbols 를 적으세요.",
        f"Books are of 1 to {MOST_BOOKS} instruments. Name them in symbols.",
    ),
)
_NO_EXECUTOR: Final = _Refusal(
    "NO_EXECUTOR",
    Text(
        "시세를 알려 줄 실행기가 없습니다. maemae trade 로 시작하고 서버를 다시 시작하세요.",
        "No executor tells quotes. Start one with maemae trade, then restart the server.",
    ),
)
_TOO_MANY: Final = _Refusal(
    "TOO_MANY_CHANNELS",
    Text(
        f"한 연결에서 {MOST_CHANNELS}개까지 구독합니다. 보지 않는 것을 먼저 그만두세요.",
        f"A connection may listen to {MOST_CHANNELS} channels. Leave some first.",
    ),
)
