"""Whatever is asked crosses the socket unchanged; whatever else comes is refused in words."""

from __future__ import annotations

from contextlib import suppress
from typing import get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from maemae.core.events import Event, KillLevel
from maemae.core.limits import Limits
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import AccountId, ClOrdId, SleeveId, Symbol
from maemae.domain.intent import Cash, Everything, Shares
from maemae.domain.terms import Side, TradingState
from maemae.domain.text import Text
from maemae.trading.control.commands import (
    AcknowledgeAlert,
    AlertsQuery,
    Ask,
    BarsQuery,
    Cancel,
    CoreCommand,
    Kill,
    LimitsQuery,
    OrdersQuery,
    PauseStrategy,
    PlaceOrder,
    PositionsQuery,
    PreviewOrder,
    RaiseAlert,
    ReclaimStream,
    ReleaseKill,
    ReleaseSymbol,
    Replace,
    ResumeSleeve,
    RunsQuery,
    RunStrategy,
    SetArming,
    SetLimits,
    Settle,
    SetTradingState,
    StartStrategy,
    StatusQuery,
    StopStrategy,
    WhyQuery,
    Withdraw,
)
from maemae.trading.control.core_events import to_event
from maemae.trading.control.frames import (
    HEAD_SIZE,
    LARGEST_ASK,
    ask_frame,
    body_size,
    read_ask,
    read_reply,
)

WORD = st.text(min_size=1, max_size=20).filter(lambda text: text.strip() != "")
COUNT = st.integers(1, 2**62)
ACCOUNTS = WORD.map(AccountId)
SLEEVES = WORD.map(SleeveId)
SYMBOLS = WORD.map(Symbol)
NUMBERS = COUNT.map(ClOrdId)
SIZES = COUNT.map(Shares) | COUNT.map(Cash)

PLACED = st.builds(
    PlaceOrder,
    WORD,
    WORD,
    ACCOUNTS,
    SYMBOLS,
    st.just(Side.BUY),
    SIZES,
    price=st.none() | COUNT,
    stop_loss=st.none() | COUNT,
) | st.builds(
    PlaceOrder,
    WORD,
    WORD,
    ACCOUNTS,
    SYMBOLS,
    st.just(Side.SELL),
    SIZES | st.just(Everything()),
)

CORE_COMMANDS: dict[type, st.SearchStrategy[CoreCommand]] = {
    PlaceOrder: PLACED,
    Cancel: st.builds(Cancel, WORD, WORD, NUMBERS),
    Withdraw: st.builds(Withdraw, WORD, WORD, WORD),
    Replace: st.builds(Replace, WORD, WORD, NUMBERS, COUNT, COUNT),
    Settle: st.builds(Settle, WORD, WORD, NUMBERS, WORD, st.none() | WORD),
    Kill: st.builds(Kill, WORD, WORD, st.sampled_from(list(KillLevel)[1:]), WORD),
    ReleaseKill: st.builds(ReleaseKill, WORD, WORD, WORD, st.text()),
    SetTradingState: st.builds(SetTradingState, WORD, WORD, st.sampled_from(TradingState), WORD),
    ResumeSleeve: st.builds(ResumeSleeve, WORD, WORD, ACCOUNTS, SLEEVES, WORD),
    ReleaseSymbol: st.builds(ReleaseSymbol, WORD, WORD, ACCOUNTS, SYMBOLS, WORD),
    SetLimits: st.builds(SetLimits, WORD, WORD, ACCOUNTS, SLEEVES, st.builds(Limits, COUNT)),
    SetArming: st.builds(SetArming, WORD, WORD, ACCOUNTS, st.just(0) | COUNT, WORD),
}
OTHERS: dict[type, st.SearchStrategy[Ask]] = {
    RunStrategy: st.builds(
        RunStrategy,
        WORD,
        WORD,
        ACCOUNTS,
        st.from_regex(r"[a-z_.-]{1,40}", fullmatch=True).map(SleeveId),
        WORD,
        st.dictionaries(WORD, st.integers(0, 99) | st.floats(allow_nan=False)),
        COUNT,
        st.none() | st.builds(Limits, COUNT),
    ),
    PreviewOrder: st.builds(PreviewOrder, PLACED),
    LimitsQuery: st.just(LimitsQuery()),
    RunsQuery: st.just(RunsQuery()),
    WhyQuery: st.builds(WhyQuery, ACCOUNTS, SLEEVES, st.dates()),
    StartStrategy: st.builds(StartStrategy, WORD, WORD, ACCOUNTS, SLEEVES),
    PauseStrategy: st.builds(PauseStrategy, WORD, WORD, ACCOUNTS, SLEEVES, WORD),
    StopStrategy: st.builds(StopStrategy, WORD, WORD, ACCOUNTS, SLEEVES, WORD),
    AcknowledgeAlert: st.builds(AcknowledgeAlert, WORD, WORD, WORD, WORD),
    ReclaimStream: st.builds(ReclaimStream, WORD, WORD, WORD),
    RaiseAlert: st.builds(RaiseAlert, WORD, WORD, WORD, WORD, st.builds(Text, WORD, WORD), COUNT),
    StatusQuery: st.just(StatusQuery()),
    OrdersQuery: st.builds(OrdersQuery, st.booleans()),
    PositionsQuery: st.just(PositionsQuery()),
    AlertsQuery: st.just(AlertsQuery()),
    BarsQuery: st.builds(BarsQuery, SYMBOLS),
}


def test_vocabulary_is_drawn_whole() -> None:
    assert set(CORE_COMMANDS) == set(get_args(CoreCommand))
    assert set(CORE_COMMANDS) | set(OTHERS) == set(get_args(Ask))


@given(st.one_of(*CORE_COMMANDS.values()), COUNT)
def test_command_always_becomes_an_event_that_the_journal_can_keep(
    command: CoreCommand, at: int
) -> None:
    event = to_event(command, at)

    assert event.at == at
    assert to_event(command, at) == event
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=Event) == event


@given(st.one_of(*CORE_COMMANDS.values(), *OTHERS.values()))
def test_ask_crosses_the_socket_unchanged(ask: Ask) -> None:
    frame = ask_frame(ask)
    head, body = frame[:HEAD_SIZE], frame[HEAD_SIZE:]

    assert body_size(head, LARGEST_ASK) == len(body)
    assert read_ask(body) == ask


@given(
    st.binary(max_size=200)
    | st.one_of(*CORE_COMMANDS.values()).flatmap(
        lambda ask: st.integers(0, 300).map(lambda cut: ask_frame(ask)[HEAD_SIZE:][:cut])
    )
)
def test_garbage_is_refused_or_understood_and_never_crashes(body: bytes) -> None:
    for read in (read_ask, read_reply):
        with suppress(InvalidValueError):
            read(body)
