"""What limits count is what really happened: to the won, in every time zone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae.core.actions import SessionOpened
from maemae.core.events import Event, SessionStarted
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.errors import DomainError
from maemae.domain.ids import ExecId, OrderId, SleeveId
from maemae.domain.instant import MINUTE, kst_date
from maemae.domain.statement import StatedExecution
from maemae.domain.terms import Side
from maemae.ports import Entry
from maemae.trading.daily import Drift, fills_drift, ledger_drift, rederive
from tests.builders import (
    ACCOUNT,
    CHARGED,
    DAY_1,
    HYNIX,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_config,
    a_fill,
    a_price,
    a_report,
    an_intent,
    opening,
    rules,
    sleeve_of,
)
from tests.statements import an_account

DAY = 24 * 60 * MINUTE


class Journal:
    """A core and what the journal holds of its newest session."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.core = TradingCore(a_config(schedule=CHARGED))
        self.entries: list[Entry] = []
        self.executions: list[StatedExecution] = []
        self.at: int = NOON
        self.tell(*opening(sleeves=(SLEEVE, OTHER_SLEEVE), limits=limits))

    def tell(self, *events: Event) -> None:
        for event in events:
            try:
                actions = self.core.handle(event)
            except DomainError:
                continue  # refused, and not in the journal
            if any(isinstance(action, SessionOpened) for action in actions):
                self.entries = []
            self.entries.append(Entry(len(self.entries) + 1, event, actions))

    def trade(self, side: Side, qty: int, px: int, sleeve_id: SleeveId = SLEEVE) -> None:
        """Send an order and have it filled; one of a multiple of 7 shares in part only."""
        at, number = self.at, self.core.state.last_cl_ord_id + 1
        name = f"wish-{number}"
        wish = an_intent(side, qty, intent_id=name, sleeve_id=sleeve_id, at=at)
        self.tell(wish)
        order = next((o for o in self.core.state.orders.values() if o.intent_id == name), None)
        if order is None:
            return  # refused
        order_id = f"{order.cl_ord_id:07d}"
        self.tell(a_report(cl_ord_id=order.cl_ord_id, order_id=order_id, at=at))
        qty = order.order_qty
        part, told = qty if qty % 7 else qty // 7, f"F{order.cl_ord_id}"
        self.tell(a_fill(part, px, told, order.cl_ord_id, at))
        self.executions.append(
            StatedExecution(ACCOUNT, OrderId(order_id), ExecId(told), SAMSUNG, side, part, px, at)
        )

    def drifts(self) -> list[Drift]:
        state = self.core.state
        figures = rederive(self.entries, state.orders)
        assert state.session_date is not None
        day = [told for told in self.executions if kst_date(told.at) == state.session_date]
        return [
            *ledger_drift(state, figures),
            *fills_drift(state, ACCOUNT, day, state.session_date),
        ]


Step = Callable[[Journal], None]


def a_trade(side: Side, qty: int, px: int, sleeve_id: SleeveId) -> Step:
    def do(journal: Journal) -> None:
        journal.tell(a_price(px, at=journal.at))
        journal.trade(side, qty, px, sleeve_id)

    return do


def a_flow(kind: CashFlowKind, won: int) -> Step:
    def do(journal: Journal) -> None:
        amount = -won if kind in {CashFlowKind.WITHDRAWAL, CashFlowKind.FEE} else won
        to = OTHER_SLEEVE if kind is CashFlowKind.TRANSFER else None
        journal.tell(CashFlow(ACCOUNT, SLEEVE, kind, amount, journal.at, to_sleeve_id=to))

    return do


def a_statement(extra: int) -> Step:
    def do(journal: Journal) -> None:
        cash = sum(sleeve.cash for sleeve in journal.core.state.account(ACCOUNT))
        journal.tell(an_account(cash + extra, (SAMSUNG, 30, 300_000), at=journal.at))

    return do


def a_night(journal: Journal) -> None:
    journal.at += DAY
    day = kst_date(journal.at)
    journal.tell(SessionStarted(day, journal.at))
    journal.tell(*(rules(symbol, day=day, at=journal.at) for symbol in (SAMSUNG, HYNIX)))


STEPS = st.lists(
    st.one_of(
        st.builds(
            a_trade,
            st.sampled_from([Side.BUY, Side.BUY, Side.SELL]),
            st.integers(1, 60),
            st.sampled_from([9_800, 10_000, 10_200]),
            st.sampled_from([SLEEVE, OTHER_SLEEVE]),
        ),
        st.builds(a_flow, st.sampled_from(CashFlowKind), st.integers(1, 100_000)),
        st.builds(a_statement, st.integers(-1_000, 1_000)),
        st.just(a_night),
    ),
    max_size=30,
)


@settings(max_examples=150)
@given(STEPS)
def test_rederived_figures_equal_the_book_after_whatever_happened(steps: list[Step]) -> None:
    journal = Journal()
    opened = {key: sleeve.realized for key, sleeve in journal.core.state.sleeves.items()}
    for step in steps:
        journal.at += MINUTE
        step(journal)
        if step is a_night:
            opened = {key: sleeve.realized for key, sleeve in journal.core.state.sleeves.items()}
        assert journal.drifts() == []
    figures = rederive(journal.entries, journal.core.state.orders)
    for key, sleeve in journal.core.state.sleeves.items():
        derived = figures[sleeve.account_id, sleeve.sleeve_id]
        assert derived.realized == sleeve.realized - opened.get(key, 0)


def a_losing_day() -> Journal:
    """Return a day with a loss, two orders, and money that came."""
    journal = Journal(Limits(max_daily_loss=100_000, max_orders_per_day=3))
    journal.trade(Side.BUY, 100, 10_000)
    journal.tell(CashFlow(ACCOUNT, SLEEVE, CashFlowKind.DEPOSIT, 50_000, journal.at))
    journal.trade(Side.SELL, 40, 9_800)
    assert len(journal.executions) == 2
    return journal


def test_rederived_figures_are_what_limits_count() -> None:
    journal = a_losing_day()
    derived = rederive(journal.entries, journal.core.state.orders)[ACCOUNT, SLEEVE]
    assert (derived.orders, derived.flows, derived.opening_equity) == (2, 50_000, 10_000_000)
    assert derived.realized == sleeve_of(journal.core).realized < -40 * 200


@pytest.mark.parametrize(
    ("field", "figure"),
    [("orders_today", "orders_today"), ("opening_equity", "opening_equity"), ("flows", "flows")],
)
def test_drift_when_a_counter_of_the_book_is_wrong_names_it(field: str, figure: str) -> None:
    journal = a_losing_day()
    sleeve = sleeve_of(journal.core)
    setattr(sleeve, field, getattr(sleeve, field) - 1)
    (drift,) = ledger_drift(journal.core.state, rederive(journal.entries, {}))
    assert (drift.subject, drift.figure) == (f"{ACCOUNT} {SLEEVE}", figure)
    assert drift.book == drift.derived - 1


def test_drift_when_counters_are_lost_over_a_restart_names_each() -> None:
    journal = a_losing_day()
    sleeve = sleeve_of(journal.core)
    sleeve.orders_today, sleeve.opening_equity = 0, sleeve.cash
    drifts = ledger_drift(journal.core.state, rederive(journal.entries, {}))
    assert {drift.figure for drift in drifts} == {"orders_today", "opening_equity"}


def test_drift_when_a_fill_of_the_book_has_no_record_names_it() -> None:
    journal = a_losing_day()
    kept = [entry for entry in journal.entries if entry.event != journal.entries[-1].event]
    assert [d.figure for d in ledger_drift(journal.core.state, rederive(kept, {}))] == ["notional"]


def test_fills_when_the_broker_lists_fewer_or_more_differ() -> None:
    journal = a_losing_day()
    state, told = journal.core.state, journal.executions
    assert fills_drift(state, ACCOUNT, [*told, told[0]], DAY_1) == []  # told twice counts once
    fewer = fills_drift(state, ACCOUNT, told[:1], DAY_1)
    assert [(d.figure, d.book, d.derived) for d in fewer] == [
        ("qty", 40, 0),
        ("notional", 40 * 9_800, 0),
    ]
    dearer = [*told[:1], msgspec.structs.replace(told[1], px=9_900)]
    assert [d.figure for d in fills_drift(state, ACCOUNT, dearer, DAY_1)] == ["notional"]


IN_A_ZONE = """
import time; time.tzset()
from tests.unit.trading.test_daily import figures_over_midnight
print(figures_over_midnight())
"""


def figures_over_midnight() -> list[object]:
    """Return the figures shortly before and after every zone's midnight, and after the roll."""
    journal = a_losing_day()
    seen: list[object] = []
    for hour in range(18):  # from noon until 06:00 in Seoul
        journal.at = NOON + hour * 60 * MINUTE
        journal.tell(a_price(9_700, at=journal.at))
        seen.append(figures(journal))
    a_night(journal)
    return [*seen, figures(journal)]


def figures(journal: Journal) -> tuple[int, int | None]:
    """Return orders and loss of the session."""
    sleeve = sleeve_of(journal.core)
    equity = journal.core.market.equity(sleeve)
    assert journal.drifts() == []
    assert equity is not None
    opened = sleeve.opening_equity + sleeve.flows - sleeve.opening_flows
    return sleeve.orders_today, opened - equity


def test_figures_when_midnights_pass_reset_at_the_session_roll_only() -> None:
    *same, after = figures_over_midnight()
    assert len(set(same)) == 1
    assert same[0] != (0, 0)
    assert after == (0, 0)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Seoul"])
def test_figures_when_the_machine_is_elsewhere_are_the_same(zone: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_ZONE],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(figures_over_midnight())
