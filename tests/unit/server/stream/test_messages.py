"""Every message that is written is one of those in the API's description."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from maemae.core.actions import (
    CeilingChanged,
    KillChanged,
    SessionOpened,
    SleeveAdded,
    SleeveLimited,
    SleeveStateChanged,
    TradingStateChanged,
)
from maemae.core.events import KillLevel
from maemae.core.limits import Limits
from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.terms import TradingState
from maemae.domain.text import Text
from maemae.krx.session import Phase
from maemae.server.stream import messages
from maemae.server.stream.envelope import Asking, Channel, StreamMessage
from maemae.storage.tail import OfTrading, TailRecord
from maemae.strategy.run import Run
from maemae.trading.conduct import Conduct, RunState
from maemae.trading.control.watch import Pulse
from tests.builders import ACCOUNT, DAY_1, NOON, SLEEVE

ANY: TypeAdapter[Any] = TypeAdapter(StreamMessage)
OTHER = AccountId("B-2")

LIMITED = SleeveLimited(ACCOUNT, SLEEVE, Limits(), Limits())
OF_TRADING: tuple[OfTrading, ...] = (
    TradingStateChanged(TradingState.REDUCING, "kim: lunch", TradingState.REDUCING),
    CeilingChanged(TradingState.HALTED, "recovery"),
    KillChanged(KillLevel.CANCEL_ALL, "kim: fire"),
    LIMITED,
    SleeveAdded(ACCOUNT, SLEEVE, 1_000_000, Limits()),
    SleeveStateChanged(ACCOUNT, SLEEVE, halted=True, reason="overfill"),
    SessionOpened(DAY_1, ()),
)


@pytest.mark.parametrize("event", OF_TRADING, ids=lambda event: type(event).__name__)
def test_what_happens_to_trading_is_a_message_of_the_description(event: OfTrading) -> None:
    text = messages.record_message(Channel.STATUS, ACCOUNT, TailRecord(7, (event,)))

    assert text is not None
    message = ANY.validate_json(text)
    assert (message.channel, message.kind, message.sequence) == ("STATUS", "EVENT", 7)
    assert json.loads(text)["data"][0]["type"] == type(event).__struct_config__.tag


def test_record_is_told_only_to_whom_it_is_about() -> None:
    record = TailRecord(7, (LIMITED,))

    assert messages.record_message(Channel.STATUS, OTHER, record) is None
    assert messages.record_message(Channel.ORDERS, ACCOUNT, record) is None
    assert messages.accounts_told(record, (ACCOUNT, OTHER)) == {ACCOUNT}
    everybodys = TailRecord(8, (OF_TRADING[0],))
    assert messages.accounts_told(everybodys, (ACCOUNT, OTHER)) == {ACCOUNT, OTHER}


def test_strategies_are_told_by_account() -> None:
    run = Run("r1", "golden_cross", {}, "hash", ACCOUNT, SleeveId("golden_cross"), 1, NOON)
    failed = Conduct(run, RunState.FAILED, last_bar_at=NOON, failure=Text("오류", "A bug"))

    mine = messages.strategies_state(ACCOUNT, 5, [failed])
    others = messages.strategies_state(OTHER, 5, [failed])

    assert mine.data[0].failure_en == "A bug"
    assert others.data == []
    assert ANY.validate_json(mine.model_dump_json()) == mine


def test_clock_errors_and_heartbeats_are_messages_of_the_description() -> None:
    pulse = Pulse(NOON, Phase.CONTINUOUS, date(2024, 3, 4), 1)
    clock = messages.clock_state(None, 1, messages.clock_of(pulse, is_live=True))
    written = [
        clock.model_dump_json(),
        messages.error("INVALID", Text("틀림", "Wrong")),
        messages.error("NO_SUCH_ACCOUNT", Text("없음", "None"), Channel.ORDERS, ACCOUNT),
        messages.heartbeat(NOON),
        messages.resync(Channel.ORDERS, ACCOUNT, 5),
    ]

    for text in written:
        assert ANY.validate_json(text)
    assert json.loads(written[0])["data"]["at"] == "2024-03-04T12:00:00+09:00"


@pytest.mark.parametrize(
    "said",
    [
        {"op": "SUBSCRIBE", "channels": []},
        {"op": "SUBSCRIBE", "channels": [{"channel": "ORDERS", "mode": "REAL"}]},
        {"op": "SUBSCRIBE", "channels": [{"channel": "EVERYTHING"}]},
        {"op": "SUBSCRIBE", "channels": [{"channel": "ORDERS", "after": -1}]},
        {"op": "SUBSCRIBE", "channels": [{"channel": "QUOTES", "symbols": ["A"] * 201}]},
        {"op": "TRADE", "channels": [{"channel": "ORDERS"}]},
        {"op": "VISIBILITY"},
        [],
        None,
    ],
)
def test_what_a_client_says_when_not_declared_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="validation error"):
        TypeAdapter[Any](Asking).validate_python(said)
