"""Whatever is ordered of gold: every won and every gram is where an independent count has it."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae.domain.ids import Symbol
from maemae.domain.statement import StatedExecution
from maemae.domain.terms import Side
from maemae.emulators.market_source import MarketData, load_market
from tests.brokers.sim_rig import make_market
from tests.gold_rig import KILO, MINI, GoldRig, gold_rig
from tests.kiwoom_emulator import ACCOUNT, CASH, Fields

SYMBOLS = st.sampled_from([KILO, MINI])
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["buy", "sell"]),
            SYMBOLS,
            st.integers(1, 400),
            st.integers(-80, 80),
            st.sampled_from(["00", "00", "10", "20"]),
        ),
        st.tuples(st.sampled_from(["amend", "cancel"]), st.integers(0, 9), st.integers(0, 60)),
        st.tuples(st.just("wait"), st.integers(1, 1_200)),
        st.tuples(st.just("night")),
    ),
    min_size=8,
    max_size=20,
)


WHOLE: dict[str, object] = {"page_rows": {"kt50032": 10_000}}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    return load_market(make_market(tmp_path_factory.mktemp("market")))


def charges(notional: int) -> int:
    commission = notional * 3 // 1_000 // 10 * 10
    return commission + commission // 10


def act(rig: GoldRig, step: tuple[object, ...]) -> None:
    match step:
        case ("buy" | "sell" as side, str(symbol), int(qty), int(ticks), str(form)):
            price = rig.gold.line(Symbol(symbol)).price + 10 * ticks
            order = rig.buy if side == "buy" else rig.sell
            order(qty, price, stk_cd=symbol, trde_tp=form)
        case ("amend" | "cancel" as kind, int(place), int(number)):
            if waiting := rig.open_orders():
                change(rig, kind, waiting[place % len(waiting)], number)
        case ("wait", int(seconds)):
            rig.pass_seconds(seconds)
        case _:
            if rig.gold.exchange.next_session_at() is not None:
                rig.next_day()


def change(rig: GoldRig, kind: str, row: Fields, number: int) -> None:
    symbol = Symbol(row["stk_cd"])
    if kind == "cancel":
        rig.cancel(row["ord_no"], number, symbol)
        return
    price = rig.gold.line(symbol).price + 10 * (number - 30)
    rig.amend(row["ord_no"], number % 20, price, symbol)


def check(rig: GoldRig) -> None:
    books = rig.gold.books
    fills = [(day, fill) for day in books.days() for fill in books.executions(ACCOUNT, day)]
    cash, grams = count(fills)
    account = books.house.account(ACCOUNT)
    balance = rig.ask("kt50020")
    shown = {row["stk_cd"]: row for row in balance["gold_acnt_evlt_prst"]}
    assert account.cash == cash == int(balance["net_entr"])
    assert 0 <= account.reserved <= account.cash
    assert {symbol: int(row["real_qty"]) for symbol, row in shown.items()} == {
        symbol: qty for symbol, qty in grams.items() if qty
    }
    assert all(qty >= 0 for qty in grams.values())
    value = sum(qty * rig.gold.line(symbol).price for symbol, qty in grams.items())
    assert int(balance["net_amt"]) == cash + value
    offered: dict[str, int] = defaultdict(int)
    for row in rig.open_orders():
        if row["io_tp_nm"].startswith("매도"):
            offered[row["stk_cd"]] += int(row["ord_remnq"])
    for symbol, qty in offered.items():
        assert int(shown[symbol]["able_qty"]) == grams[Symbol(symbol)] - qty >= 0
    deposit = rig.ask("kt50021")
    flow = int(deposit["sell_buy_exct_amt"])
    assert int(deposit["entra"]) + flow == int(deposit["prsm_entra"]) == cash
    history = rig.ask("kt50032")["gold_trde_hist"]
    if history:
        assert int(history[-1]["entra_remn"]) == int(deposit["entra"])
    stocks = rig.stocks.books.house.account(ACCOUNT)
    assert (stocks.cash, stocks.reserved, stocks.holdings) == (CASH, 0, {})


def count(fills: list[tuple[date, StatedExecution]]) -> tuple[int, dict[Symbol, int]]:
    """Return cash and grams after fills, counted from nothing else; see each was allowed."""
    cash, grams = CASH, dict[Symbol, int]()
    traded: dict[tuple[object, ...], int] = defaultdict(int)
    for day, fill in fills:
        assert fill.px % 10 == 0
        sign = 1 if fill.side is Side.BUY else -1
        grams[fill.symbol] = grams.get(fill.symbol, 0) + sign * fill.qty
        assert grams[fill.symbol] >= 0
        notional = fill.px * fill.qty
        cash -= sign * notional
        traded[day, fill.symbol, fill.side] += notional
    return cash - sum(map(charges, traded.values())), grams


@settings(max_examples=10)
@given(STEPS)
def test_account_of_gold_is_what_its_fills_make_of_it(
    data: MarketData, steps: list[tuple[object, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, gold_rig(Path(folder), data, **WHOLE) as rig:
        rig.pass_seconds(60)
        for step in steps:
            act(rig, step)
            check(rig)
