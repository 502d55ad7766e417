"""Nobody is told anything twice, and nothing between a snapshot and what follows is lost."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from maemae.server.stream.client import MOST_WAITING, TOO_SLOW, Client
from maemae.server.stream.envelope import Channel
from maemae.server.stream.following import Beginning, Follower, Followers, Numbered
from tests.builders import ACCOUNT
from tests.stream_listening import an_actor
from tests.virtual_time import run

PLACE = Channel.ORDERS, ACCOUNT


def numbered(numbers: Sequence[int]) -> list[Numbered]:
    return [Numbered(number, str(number)) for number in numbers]


@given(data=st.data())
def test_follower_is_told_each_number_once_wherever_it_begins(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 30), label="count")
    joined = data.draw(st.integers(0, count), label="deliveries before it joined")
    known = data.draw(st.integers(0, count), label="what its beginning covers")
    began = data.draw(st.integers(joined, count), label="deliveries before its beginning came")
    resumed = data.draw(st.booleans(), label="resumed from a number, not by a snapshot")
    after = data.draw(st.integers(0, known), label="after") if resumed else known
    covered = max(known, joined)  # a beginning is never older than the moment of joining

    async def main() -> list[str]:
        client = Client(an_actor(), lambda: "")
        follower = Follower(client, PLACE)
        for number in range(joined + 1, began + 1):
            follower.deliver(Numbered(number, str(number)))
        missed = numbered(range(after + 1, covered + 1)) if resumed else []
        follower.begin(Beginning(after if resumed else covered, (), missed))
        for number in range(began + 1, count + 1):
            follower.deliver(Numbered(number, str(number)))
        return await client.take() if client.waiting else []

    first = (after if resumed else covered) + 1
    assert run(main()) == [str(number) for number in range(first, count + 1)]


def test_follower_when_its_snapshot_never_comes_is_dropped() -> None:
    async def main() -> None:
        client = Client(an_actor(), lambda: "")
        follower = Follower(client, PLACE)
        for number in range(MOST_WAITING + 1):
            follower.deliver(Numbered(number, ""))
        assert client.closing == TOO_SLOW

    run(main())


def test_followers_of_one_client_at_one_place_are_one() -> None:
    async def main() -> None:
        client, followers = Client(an_actor(), lambda: ""), Followers()
        earlier, later = Follower(client, PLACE), Follower(client, PLACE)
        followers.add(earlier)
        followers.add(later)
        assert followers.at(PLACE) == (later,)
        assert not followers.is_in(earlier)
        assert followers.of_channel(Channel.ORDERS) == [later]
        assert followers.of_channel(Channel.ALERTS) == []
        followers.remove(client, PLACE)
        followers.remove(client, PLACE)
        assert followers.every() == []

    run(main())
