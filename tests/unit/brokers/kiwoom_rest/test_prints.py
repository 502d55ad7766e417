"""Market data frames: recorded prints, and every other type as the guide describes it."""

from __future__ import annotations

import json
from datetime import date

import pytest
from msgspec import Raw
from msgspec import json as wire

from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG
from maemae.brokers.kiwoom_rest.frames import (
    FIELD_NAMES,
    Entry,
    RealType,
    decode_entries,
    decode_entry,
    decode_frame,
)
from maemae.brokers.kiwoom_rest.messages import TradeRow
from maemae.brokers.kiwoom_rest.prints import (
    BookUpdated,
    ConditionHit,
    FieldsTold,
    InterruptionTold,
    PhaseTold,
    PositionTold,
    Update,
    newest_trade,
    trade_of,
    update_of,
)
from maemae.brokers.kiwoom_rest.reading import DayClock
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.market_data import Trade
from maemae.domain.terms import ExecutionVenue
from maemae.krx.session import Phase
from tests.builders import SAMSUNG
from tests.shared_data import shared

CLOCK = DayClock(date(2026, 9, 11))
NINE = CLOCK.instant("090000")


def entry(kind: str, values: dict[str, str], item: str = "005930") -> Entry:
    return Entry(kind, Raw(wire.encode(values)), item)


def told(kind: str, values: dict[str, str], item: str = "005930") -> Update | None:
    return update_of(entry(kind, values, item), CLOCK, PAPER_CONFIG)


def test_recorded_prints_decode_with_their_mid_prices() -> None:
    path = shared("broker_messages/kiwoom_rest_ws_frames.jsonl")
    trades = []
    for line in path.read_bytes().splitlines():
        message = decode_frame(json.dumps(json.loads(line)["frame"]).encode())
        entries = decode_entries(message.data) if message.trnm == "REAL" else []
        trades += [
            trade_of(each, CLOCK) for each in map(decode_entry, entries) if each.type == "0B"
        ]
    assert [(t.symbol, t.px, t.qty) for t in trades if t is not None] == [
        (SAMSUNG, 257_750, 19),
        (SAMSUNG, 257_750, 3),
        (SAMSUNG, 257_750, 3),
        (SAMSUNG, 258_000, 1),
    ]
    assert trades[0] == Trade(SAMSUNG, 257_750, 19, CLOCK.instant("115618"))


@pytest.mark.parametrize("qty", ["0", " 0", "+0"])
def test_print_of_no_shares_is_none(qty: str) -> None:
    assert told("0B", {"20": "090000", "10": "+100", "15": qty}) is None


def test_print_of_another_exchange_is_of_the_same_instrument() -> None:
    values = {"20": "090000", "10": "--100", "15": "-1"}
    assert told("0B", values, "005930_NX") == Trade(SAMSUNG, 100, 1, NINE)


def test_book_has_levels_best_first_and_leaves_empty_ones_out() -> None:
    values = {"21": "090000", "41": "+101", "42": "+102", "43": "0", "51": "-100"}
    values |= {"61": "7", "62": "8", "71": "9"}
    assert told("0D", values) == BookUpdated(SAMSUNG, ((101, 7), (102, 8)), ((100, 9),), NINE)


def test_phase_is_told_with_its_market() -> None:
    assert told("0s", {"215": "3", "20": "090000"}, "") == PhaseTold(
        ExecutionVenue.KRX, Phase.CONTINUOUS, NINE
    )
    assert told("0s", {"215": "o", "20": "090000"}, "") is None


@pytest.mark.parametrize(("change", "is_on"), [("1", True), ("2", False), ("3", True)])
def test_interruption_begins_and_ends(change: str, *, is_on: bool) -> None:
    values = {"9001": "005930", "9068": change, "1221": "+110", "1223": "090000"}
    assert told("1h", values) == InterruptionTold(SAMSUNG, is_on, 110, NINE)


def test_position_and_condition_are_told() -> None:
    position = {"9201": "1", "9001": "005930", "930": "5", "931": "100", "933": "3"}
    hit = {"841": "1  ", "9001": "A005930", "843": "D", "20": "090000"}
    assert told("04", position) == PositionTold(SAMSUNG, 5, 3)
    assert told("02", hit) == ConditionHit("1", SAMSUNG, is_in=False, at=NINE)


@pytest.mark.parametrize("kind", list(FIELD_NAMES))
def test_every_other_type_passes_its_fields_on(kind: RealType) -> None:
    names = FIELD_NAMES[kind]
    update = told(kind.value, {**dict.fromkeys(names, "1"), "99999": "2"})
    assert update == FieldsTold(kind, "005930", dict.fromkeys(names.values(), "1"))


def test_every_type_is_either_read_or_passed_on() -> None:
    read = {"00", "02", "04", "0B", "0D", "0s", "1h"}
    assert {kind.value for kind in FIELD_NAMES} | read == {kind.value for kind in RealType}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("ZZ", {}),
        ("00", {}),
        ("0s", {"215": "Z", "20": "090000"}),
        ("02", {"841": "1", "9001": "A005930", "843": "X", "20": "090000"}),
        ("0B", {"20": "250000", "10": "1", "15": "1"}),
        ("0B", {"20": "090000", "10": "x", "15": "1"}),
    ],
)
def test_update_when_it_cannot_be_understood_raises(kind: str, values: dict[str, str]) -> None:
    with pytest.raises(BrokerUnavailableError):
        told(kind, values)


def test_newest_trade_is_of_the_day_that_its_time_has_come() -> None:
    rows = [TradeRow("", "", ""), TradeRow("153000", "-41300", "+3")]
    morning = newest_trade(SAMSUNG, rows, NINE)
    evening = newest_trade(SAMSUNG, rows, CLOCK.instant("160000"))
    assert morning is not None
    assert evening is not None
    assert (morning.px, morning.qty) == (41_300, 3)
    assert evening.at - morning.at == 86_400 * 10**9
    assert newest_trade(SAMSUNG, [], NINE) is None
