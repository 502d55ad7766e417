"""Watchlists, as the HTS would have saved them."""

from __future__ import annotations

from maemae.domain.ids import Symbol
from maemae.emulators.kiwoom_rest.config import Watchlist
from tests.emulators.kiwoom_rest.conftest import Play
from tests.kiwoom_emulator import Client

GROUPS = (
    Watchlist("관심", (Symbol("005930"), Symbol("000660"))),
    Watchlist("빈 그룹", ()),
)


def test_watchlists_are_those_of_the_configuration(run: Play) -> None:
    async def body(client: Client) -> None:
        groups = await client.ask("ka01300")
        assert groups["nofi"] == [
            {"gcod": "000", "name": "관심"},
            {"gcod": "001", "name": "빈 그룹"},
        ]
        first = await client.ask("ka01301", arn_grp_id="000")
        assert first["nofj"] == [
            {"cod2": "005930", "bgb": "0", "bgb_clr": ""},
            {"cod2": "000660", "bgb": "0", "bgb_clr": ""},
        ]
        assert groups["rtcd"] == first["rtcd"] == "S"
        assert (await client.ask("ka01301", arn_grp_id="001"))["nofj"] == []
        assert "[1517:" in (await client.ask("ka01301", arn_grp_id="002"))["return_msg"]
        assert "[1511:" in (await client.ask("ka01301"))["return_msg"]

    run(body, speed=1, watchlists=GROUPS)


def test_account_without_watchlists_has_an_empty_list(run: Play) -> None:
    async def body(client: Client) -> None:
        answer = await client.ask("ka01300")
        assert (answer["return_code"], answer["nofi"]) == (0, [])

    run(body, speed=1)
