"""A preview changes nothing, and placing the same wish right after it does what it said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maemae.core.actions import (
    Action,
    ExitStarted,
    IntentParked,
    IntentRefused,
    ProtectionTriggered,
    SubmitOrder,
)
from maemae.core.events import (
    ArmingSet,
    Event,
    KillLevel,
    KillSet,
    LimitsSet,
    PhaseChanged,
    TimePassed,
    TradingStateSet,
)
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.core.preview import Outlook, Preview
from maemae.domain.errors import InvalidTransitionError
from maemae.domain.instant import SECOND
from maemae.domain.intent import MILLION, Cash, Everything, OrderIntent, Size, Weight
from maemae.domain.terms import Cause, Mode, Purpose, Side, TradingState
from maemae.krx.session import Phase
from maemae.storage.records import encode
from tests.builders import (
    ACCOUNT,
    CHARGED,
    HYNIX,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_core,
    a_fill,
    a_price,
    a_report,
    an_intent,
)

SIZES: st.SearchStrategy[Size | int] = st.one_of(
    st.integers(1, 2_000),
    st.builds(Cash, st.integers(1, 12_000_000)),
    st.builds(Weight, st.integers(1, MILLION)),
    st.just(Everything()),
)
PRICES = st.one_of(st.none(), st.integers(600, 1_400).map(lambda tens: tens * 10), st.just(9_999))
WISHES = st.builds(
    lambda side, size, price, symbol, sleeve, purpose, cause, number: an_intent(
        side,
        size,
        intent_id=f"wish-{number}",
        price=price,
        symbol=symbol,
        sleeve_id=sleeve,
        purpose=purpose,
        cause=cause,
    ),
    st.sampled_from(Side),
    SIZES,
    PRICES,
    st.sampled_from((SAMSUNG, HYNIX)),
    st.sampled_from((SLEEVE, OTHER_SLEEVE)),
    st.sampled_from(Purpose),
    st.sampled_from((Cause.SIGNAL, Cause.PERSON)),
    st.integers(1, 30),
)
OTHERS: st.SearchStrategy[Event] = st.one_of(
    st.builds(a_price, st.integers(700, 1_300).map(lambda t: t * 10), st.just(SAMSUNG)),
    st.builds(lambda n: a_report(cl_ord_id=n, order_id=f"{n:07d}"), st.integers(1, 8)),
    st.builds(
        lambda n, qty: a_fill(qty, exec_id=f"F{n}-{qty}", cl_ord_id=n),
        st.integers(1, 8),
        st.integers(1, 50),
    ),
    st.builds(lambda level: KillSet(level, "시험", NOON), st.sampled_from(KillLevel)),
    st.builds(lambda state: TradingStateSet(state, "시험", NOON), st.sampled_from(TradingState)),
    st.builds(
        lambda phase: PhaseChanged(phase, NOON),
        st.sampled_from((Phase.CONTINUOUS, Phase.CLOSED, Phase.CLOSING_AUCTION)),
    ),
    st.builds(lambda secs: TimePassed(NOON + secs * SECOND), st.integers(0, 90)),
    st.builds(
        lambda n: LimitsSet(ACCOUNT, SLEEVE, Limits(max_positions=n, max_daily_loss=n), NOON),
        st.integers(0, 2),
    ),
    st.builds(
        lambda secs: ArmingSet(ACCOUNT, NOON + secs * SECOND, "시험", NOON), st.integers(1, 60)
    ),
)


@given(
    st.sampled_from((Mode.SIM, Mode.REAL)),
    st.lists(st.one_of(WISHES, WISHES, OTHERS), min_size=1, max_size=25),
)
def test_preview_changes_nothing_and_foretells_what_placing_does(
    mode: Mode, events: list[Event]
) -> None:
    core = a_core(schedule=CHARGED, mode=mode, sleeves=(SLEEVE, OTHER_SLEEVE))

    for event in events:
        if isinstance(event, OrderIntent):
            before = encode(core.state), core.now, dict(core.market.prices)
            shown = core.preview(event)
            assert (encode(core.state), core.now, dict(core.market.prices)) == before
            _agrees(shown, core, event)
        else:
            _tell(core, event)


def _tell(core: TradingCore, event: Event) -> None:
    try:
        core.handle(event)
    except InvalidTransitionError:
        return


def _agrees(shown: Preview, core: TradingCore, wish: OrderIntent) -> None:
    done = core.handle(wish)
    assert _outlook(done) is shown.outlook
    for action in done:
        if isinstance(action, IntentRefused):
            assert action.refusals == shown.refusals
        if isinstance(action, SubmitOrder) and shown.outlook is Outlook.SENT:
            order = action.order
            assert (order.price, order.order_qty) == (shown.price, shown.order_qty)
            assert order.reserved_cash == shown.reserved
            assert not shown.refusals


def _outlook(actions: list[Action]) -> Outlook:
    kinds = {type(action) for action in actions}
    if ExitStarted in kinds or ProtectionTriggered in kinds:
        return Outlook.CLOSING
    if IntentParked in kinds:
        return Outlook.PARKED
    if IntentRefused in kinds:
        return Outlook.REFUSED
    return Outlook.SENT if SubmitOrder in kinds else Outlook.TAKEN
