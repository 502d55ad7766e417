"""A client is told the newest quote of what it asked for, whatever happened in between."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.ids import AccountId, Symbol
from maemae.server.stream.client import Client
from maemae.server.stream.envelope import BookMessage, Channel, QuotesMessage
from maemae.server.stream.messages import quote_text
from maemae.server.stream.quotes import QuoteBoard
from maemae.trading.control.watch import Quote
from tests.builders import ACCOUNT, HYNIX, NOON, SAMSUNG
from tests.stream_listening import a_book, an_actor
from tests.virtual_time import run


def a_quote(px: int, symbol: str = SAMSUNG) -> Quote:
    return Quote(Symbol(symbol), px, 1, NOON, 69_000)


async def told(client: Client) -> list[QuotesMessage]:
    return [QuotesMessage.model_validate_json(text) for text in await client.take()]


def test_client_is_told_a_snapshot_and_then_only_what_changed() -> None:
    async def main() -> None:
        board, client = QuoteBoard(Channel.QUOTES, quote_text), Client(an_actor(), lambda: "")
        board.take([a_quote(70_000), a_quote(180_000, HYNIX)])
        board.join(client, ACCOUNT, frozenset())
        (whole,) = await told(client)
        assert whole.kind == "SNAPSHOT"
        assert whole.account_id == ACCOUNT
        assert {quote.symbol: quote.px for quote in whole.data} == {
            SAMSUNG: 70_000,
            HYNIX: 180_000,
        }
        for px in range(70_001, 70_100):
            board.take([a_quote(px)])
        (change,) = await told(client)
        assert change.kind == "DELTA"
        assert [(quote.symbol, quote.px) for quote in change.data] == [(SAMSUNG, 70_099)]
        assert change.sequence > whole.sequence

    run(main())


def test_book_is_made_of_the_newest_quote_once_for_all_and_only_if_somebody_wants_it() -> None:
    made: list[int] = []

    def text(quote: Quote) -> str:
        made.append(quote.px)
        return a_book(quote).model_dump_json()

    async def main() -> None:
        board = QuoteBoard(Channel.BOOK, text)
        clients = [Client(an_actor(), lambda: "") for _ in range(3)]
        for px in range(70_000, 70_100):
            board.take([a_quote(px), a_quote(px, HYNIX)])
        for client in clients:
            board.join(client, ACCOUNT, frozenset({Symbol(SAMSUNG)}))
        told = [BookMessage.model_validate_json(*await client.take()) for client in clients]
        assert [message.data[0].bids[0].price for message in told] == [70_099] * 3
        assert [len(message.data) for message in told] == [1] * 3
        assert made == [70_099]

    run(main())


def test_client_is_told_of_nothing_that_it_did_not_ask_for() -> None:
    async def main() -> None:
        board, client = (
            QuoteBoard(Channel.QUOTES, quote_text),
            Client(an_actor(), lambda: '{"kind": "HEARTBEAT"}'),
        )
        board.join(client, None, frozenset({HYNIX}))
        board.take([a_quote(70_000)])
        assert [json.loads(text)["kind"] for text in await client.take()] == ["HEARTBEAT"]
        board.take([a_quote(180_000, HYNIX)])
        (message,) = await told(client)
        assert [quote.symbol for quote in message.data] == [HYNIX]
        board.leave(client, None)
        board.take([a_quote(180_500, HYNIX)])
        assert [json.loads(text)["kind"] for text in await client.take()] == ["HEARTBEAT"]

    run(main())


def test_account_with_a_quotation_mark_breaks_no_message() -> None:
    async def main() -> None:
        board, client = QuoteBoard(Channel.QUOTES, quote_text), Client(an_actor(), lambda: "")
        board.take([a_quote(70_000)])
        board.join(client, AccountId('"},{"'), frozenset())
        (message,) = await told(client)
        assert message.account_id == '"},{"'

    run(main())


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("ABCDE"), st.integers(1, 99)), max_size=6), max_size=12
    ),
    st.sets(st.integers(0, 11)),
)
def test_client_that_reads_at_any_times_ends_with_the_newest_quotes(
    pulses: list[list[tuple[str, int]]], reads_after: set[int]
) -> None:
    async def main() -> tuple[dict[str, int], dict[str, int]]:
        board, client = QuoteBoard(Channel.QUOTES, quote_text), Client(an_actor(), lambda: "")
        board.join(client, None, frozenset())
        seen: dict[str, int] = {}
        newest: dict[str, int] = {}
        for number, pulse in enumerate(pulses):
            board.take([a_quote(px, symbol) for symbol, px in pulse])
            newest |= dict(pulse)
            if number in reads_after and seen != newest:
                for message in await told(client):
                    seen |= {quote.symbol: quote.px for quote in message.data}
        if seen != newest:
            for message in await told(client):
                seen |= {quote.symbol: quote.px for quote in message.data}
        return seen, newest

    seen, newest = run(main())
    assert seen == newest
