"""What the server sends has the keys and the formats of what was recorded at the real one."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Final

import pytest

from tests.emulators.kiwoom_rest.conftest import Play
from tests.kiwoom_emulator import Client, Fields

FOLDER: Final = (
    Path(os.environ.get("MAEMAE_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")
    / "broker_messages"
)

needs_recordings = pytest.mark.skipif(
    not (FOLDER / "kiwoom_rest_ws_frames.jsonl").exists(),
    reason="no recorded frames; set MAEMAE_SHARED_DATA to the folder that holds broker_messages",
)

VENDOR: Final = {
    *("per", "eps", "roe", "pbr", "ev", "bps", "sale_amt", "bus_pro", "cup_nga"),
    *("crd_rt", "for_exh_rt"),
}
"""Figures that no market tells: empty or naught here."""


def recorded() -> list[Fields]:
    lines = (FOLDER / "kiwoom_rest_ws_frames.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["frame"] for line in lines]


def form(text: str) -> str:
    """Return how a value is written: its sign or blank, and what kind of number follows."""
    found = re.fullmatch(r"([+\- ]?)(\d+)(\.\d\d)?", text)
    if found is None:
        return "text" if text else ""
    sign = " " if found[1] == " " else "±" if found[1] else ""
    return f"{sign}{'rate' if found[3] else 'number'}"


def agrees(mine: str, theirs: str) -> bool:
    """Return whether a value is written as another; a sign depends on the direction."""
    return form(mine).lstrip("±") == form(theirs).lstrip("±")


def entry_of(frames: list[Fields], kind: str, place: int = 0) -> Fields:
    found: list[Fields] = [
        entry for frame in frames for entry in frame.get("data", []) if entry["type"] == kind
    ]
    return found[place]


@needs_recordings
def test_trade_frames_have_the_keys_in_the_recorded_order_and_form(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("0B", item="000660")
            for mine in await socket.entries("0B", 10):
                theirs = entry_of(recorded(), "0B")
                assert list(mine) == list(theirs)
                assert list(mine["values"]) == list(theirs["values"])
                wrong = {
                    fid: (mine["values"][fid], text)
                    for fid, text in theirs["values"].items()
                    if fid not in ("1315", "1316") and not agrees(mine["values"][fid], text)
                }
                assert not wrong
                assert {mine["values"]["1315"][:1], mine["values"]["1316"][:1]} in (
                    {"-", " "},
                    {" ", "+"},
                )

    run(body)


@needs_recordings
def test_order_frames_have_the_keys_in_the_recorded_order_and_form(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00")
            await client.buy(1)
            bought = await socket.entries("00", 2)
            await client.sell(1)
            sold = await socket.entries("00", 2)
        for place, mine in enumerate([*bought, *sold]):
            theirs = entry_of(recorded(), "00", place)
            assert list(mine) == list(theirs)
            assert list(mine["values"]) == list(theirs["values"])
            wrong = {
                fid: (mine["values"][fid], text)
                for fid, text in theirs["values"].items()
                if fid != "9201" and not agrees(mine["values"][fid], text)
            }
            assert not wrong
            same = ("912", "913", "904", "905", "906", "907", "919", "922", "2134", "2135", "2136")
            for fid in (*same, "900", "901", "902", "911", "915"):
                assert mine["values"][fid] == theirs["values"][fid], fid

    run(body)


@needs_recordings
def test_login_and_registration_are_acknowledged_as_recorded(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket(logs_in=False) as socket:
            login, reg = recorded()[:2]
            assert await socket.ask(trnm="LOGIN", token=client.token) == login
            assert await socket.register("0B", item="005930") == reg

    run(body)


@needs_recordings
def test_stock_information_has_the_recorded_keys_and_form(run: Play) -> None:
    async def body(client: Client) -> None:
        theirs = json.loads((FOLDER / "kiwoom_rest_ka10001.json").read_text("utf-8"))
        mine = await client.ask("ka10001", stk_cd="000660")
        del mine["status"]
        assert list(mine) == list(theirs)
        wrong = {
            name: (mine[name], text)
            for name, text in theirs.items()
            if isinstance(text, str) and name not in VENDOR | {"dstr_rt"}
            if not agrees(mine[name], text)
        }
        assert not wrong

    run(body)


def test_forms_tell_a_rate_from_a_number_and_a_blank_from_a_sign() -> None:
    assert agrees("-4.18", "+2.38")
    assert not agrees("4", "4.00")
    assert not agrees(" 0", "0")
    assert not agrees("", "0")
