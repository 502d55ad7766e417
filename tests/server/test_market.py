"""The market over the API: prices of the executor that runs, the calendar where none does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

import pytest

from maemae.server.security.roles import Role
from tests.brokers.sim_rig import ACCOUNT, RISING, make_market
from tests.server.rig import ServerRig, a_trading_server
from tests.server.sockets import Message, a_socket
from tests.waiting import until


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRig]:
    """Give a server over an executor that trades, and the catalogue of its market."""
    folder = tmp_path_factory.mktemp("trading")
    make_market(folder / "home" / "catalogue")
    with a_trading_server(folder) as (running, _street, _executor):
        yield running


def test_market_when_an_executor_runs_shows_its_prices_book_and_clock(trading: ServerRig) -> None:
    line, reader = trading.services.directory.lines[0], trading.services.pulses

    def symbols() -> list[str]:
        pulse = reader.find(line)
        return [] if pulse is None else [quote.symbol for quote in pulse.quotes]

    until(symbols)
    symbol = symbols()[0]
    with trading.logged_in(trading.a_person(Role.VIEWER)) as client:
        (quote,) = client.get("/api/market/quotes", params={"symbols": symbol}).json()
        book = client.get("/api/market/book", params={"symbol": symbol}).json()
        unknown = client.get("/api/market/book", params={"symbol": "999999"}).json()
        clock = client.get("/api/market/clock").json()
        theirs = client.get("/api/market/quotes", params={"symbols": symbol, "account_id": ACCOUNT})

    assert quote["price"] > 0
    assert quote["symbol"] == symbol
    assert book["notes"][0]["ko"]
    assert book["is_available"] == bool(book["bids"] or book["asks"])
    assert (unknown["is_available"], unknown["bids"]) == (False, [])
    assert clock["is_live"]
    assert datetime.fromisoformat(clock["next_change_at"]) > datetime.fromisoformat(clock["at"])
    assert theirs.status_code == 404


def test_book_is_told_as_the_newest_of_what_was_asked_for(trading: ServerRig) -> None:
    async def main(url: str, token: str) -> Message:
        bearer = f"Bearer {token}"
        async with a_socket(url, origin="", Authorization=bearer) as stream:
            asked = {"channel": "BOOK", "account_id": ACCOUNT, "symbols": [RISING]}
            await stream.subscribe(asked)
            return await stream.until(lambda one: one["channel"] == "BOOK")

    viewer = trading.a_person(Role.VIEWER, ACCOUNT)
    told = asyncio.run(main(trading.url, trading.a_token(viewer)))

    (book,) = told["data"]
    assert (told["kind"], book["symbol"]) == ("SNAPSHOT", RISING)
    assert book["is_available"]
    assert book["bids"][0]["price"] < book["asks"][0]["price"]
    assert book["notes"][0]["ko"]


def test_market_when_no_executor_runs_knows_the_calendar_and_says_so(server: ServerRig) -> None:
    with server.logged_in(server.a_person(Role.VIEWER)) as client:
        clock = client.get("/api/market/clock").json()
        quotes = client.get("/api/market/quotes", params={"symbols": "005930"})
        nothing = client.get("/api/market/search", params={"q": "ㅅㅅㅈㅈ"})
        datasets = client.get("/api/market/datasets")
        bars = client.get("/api/market/bars", params={"symbol": "005930"})

    assert not clock["is_live"]
    assert datetime.fromisoformat(clock["next_change_at"]) > datetime.fromisoformat(clock["at"])
    assert (quotes.status_code, bars.status_code) == (503, 404)
    assert "maemae trade" in quotes.json()["en"]
    assert (nothing.json(), datasets.json()) == ([], [])
