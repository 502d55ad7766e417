"""The hub of an app, made of its services."""

from __future__ import annotations

from collections.abc import Sequence

from maemae.domain.errors import InvalidValueError
from maemae.server.book import Books
from maemae.server.executor_line import ExecutorLine
from maemae.server.security.actor import Actor
from maemae.server.security.sockets import actor_again
from maemae.server.services import Services
from maemae.server.stream.fan_out import RelayedLink
from maemae.server.stream.feed import Feed
from maemae.server.stream.hub import Hub
from maemae.server.stream.link import OwnLink
from maemae.trading.conduct import Conduct
from maemae.trading.control.commands import RunsQuery
from maemae.trading.control.replies import Conducts
from maemae.trading.control.watch_client import watch_executor


def hub_of(services: Services) -> Hub:
    """Return a hub over every executor that the services know."""

    def again(actor: Actor) -> Actor | None:
        return actor_again(services, actor)

    feeds = [_feed(services, line) for line in services.directory.lines]
    return Hub(feeds, again, services.wall)


def _feed(services: Services, line: ExecutorLine) -> Feed:
    own = OwnLink(lambda: watch_executor(line.home))
    url = services.config.redis_url
    source = own if url is None else RelayedLink(own, url, line.mode.value)

    def conducts() -> Sequence[Conduct]:
        reply = line.ask(RunsQuery())
        if not isinstance(reply, Conducts):
            raise InvalidValueError(
                "실행기가 전략의 상태를 알려 주지 않았습니다. 실행기의 상태를 확인하세요.",
                "The executor did not tell how its strategies do. Check its status.",
            )
        return reply.conducts

    books = Books(services.market, line.mode)
    return Feed(line.accounts, line.reading.stream(), conducts, source, books.of)
