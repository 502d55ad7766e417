"""The broker's truth against ours, over the day roll, behind lagging lists, past refusals."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from maemae.core.actions import AlarmCode, SubmitOrder
from maemae.core.events import AccountStated, ExternalOrderSeen, SellableStated, SessionStarted
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, ClOrdId, ExecId, OrderId, Symbol
from maemae.domain.instant import DAY, SECOND, kst_date
from maemae.domain.order import Request, RequestKind
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import Notice, StatedStatus
from maemae.domain.terms import Purpose, Side
from tests.builders import (
    ACCOUNT,
    CASH,
    DAY_1,
    DAY_2,
    DAY_3,
    FREE,
    HYNIX,
    NOON,
    SAMSUNG,
    a_core,
    a_fill,
    a_price,
    a_report,
    an_instrument,
    an_intent,
    an_order,
    feed,
    hold,
    rules,
)
from tests.reconciler_rig import Rig, in_doubt, row_of
from tests.stated_rows import executed, stated
from tests.statements import an_external_order
from tests.timed_outside import QUIET
from tests.virtual_time import run

S = StatedStatus
UNLISTED = Symbol("123450")
OTHER = AccountId("A-9")


def roll(rig: Rig, days: int = 1, *, leaps: bool = True) -> None:
    """Begin another session, as an engine does."""
    day = (DAY_1, DAY_2, DAY_3)[days]
    if leaps:
        rig.place.venue.leap(DAY)
    rig.core.handle(SessionStarted(day, NOON + days * DAY))
    rig.links.start_session(rig.core.state.orders.values(), day)
    rig.core.handle(rules(day=day, at=NOON + days * DAY))
    rig.core.handle(a_price(at=NOON + days * DAY))


# ── the day roll ─────────────────────────────────────────────────────────────────────────


def test_order_in_doubt_when_the_day_rolled_is_judged_by_its_own_day_s_lists() -> None:
    async def main() -> None:
        rig = Rig()
        lost = rig.lose()
        rig.broker.of(DAY_1).orders.append(stated("0000007", S.FILLED, 10, order=lost))
        rig.broker.of(DAY_1).fills.append(executed(10, "F7", "0000007", order=lost, px=9_900))
        rig.broker.held[SAMSUNG], rig.broker.money = 10, CASH - 99_000
        for _ in range(3):
            await asyncio.sleep(QUIET / SECOND)
            done = await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert rig.order(1).status is OrderStatus.FILLED
        assert rig.qty() == 10
        assert not done.in_doubt

    run(main())


def test_order_found_after_the_roll_is_linked_in_its_own_day() -> None:
    async def main() -> None:
        rig = Rig()
        lost = rig.lose()
        roll(rig)
        rig.broker.of(DAY_1).orders.append(stated("0000007", order=lost))
        await asyncio.sleep(QUIET / SECOND)
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert rig.links.of(DAY_1) == {OrderId("0000007"): lost.cl_ord_id}
        assert rig.links.of(DAY_2) == {}

    run(main())


def test_order_in_doubt_when_its_own_day_s_lists_lack_it_is_absent_after_the_roll_too() -> None:
    async def main() -> None:
        rig = Rig()
        lost = rig.lose()
        rig.broker.of(DAY_1).orders.append(stated("0000009", S.EXPIRED, order=lost, price=9_000))
        roll(rig)
        rig.broker.of(DAY_2).orders.append(stated("0000007", order=rig.order(1), at=NOON + DAY))
        for _ in range(3):
            await asyncio.sleep(QUIET / SECOND)
            await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert rig.order(1).status is OrderStatus.REJECTED
        assert rig.broker.asked[:2] == [DAY_1, DAY_2]

    run(main())


def test_order_in_doubt_when_its_own_day_s_list_is_empty_after_the_roll_is_held() -> None:
    async def main() -> None:
        rig = Rig()
        lost = rig.lose()
        roll(rig)
        for _ in range(4):
            done = await rig.reconciler.run_round(ACCOUNT, DAY_2)
            await asyncio.sleep(QUIET / SECOND)
        assert [number for number, _ in done.held] == [lost.cl_ord_id]
        assert rig.order(1).status is OrderStatus.UNKNOWN

    run(main())


def test_orders_left_open_by_an_outage_over_the_close_end_by_their_days_lists() -> None:
    async def main() -> None:
        rig = Rig()
        one = rig.work("0000001", 9_900)
        roll(rig)
        two = rig.work("0000001", 9_800)
        roll(rig, 2)
        rig.broker.of(DAY_1).orders.append(stated("0000001", S.EXPIRED, 4, order=one))
        rig.broker.of(DAY_1).fills.append(executed(4, "F1", order=one, px=9_900))
        rig.broker.of(DAY_2).orders.append(stated("0000001", S.EXPIRED, order=two, at=two.at))
        await rig.reconciler.run_round(ACCOUNT, DAY_3)
        assert rig.broker.asked == [DAY_1, DAY_2, DAY_3]
        assert rig.order(1).status is rig.order(2).status is OrderStatus.EXPIRED
        assert (rig.order(1).cum_qty, rig.order(2).cum_qty) == (4, 0)
        assert not rig.kinds(ExternalOrderSeen)

    run(main())


def test_filled_twin_of_yesterday_is_nobody_s_else_after_the_roll() -> None:
    async def main() -> None:
        rig = Rig()
        twin = rig.work("0000001")
        rig.core.handle(a_fill(10, 9_900, "F1", at=twin.at))
        lost = rig.lose()
        rig.broker.of(DAY_1).orders.append(stated("0000001", S.FILLED, 10, order=twin))
        rig.broker.of(DAY_1).fills.append(executed(10, "F1", order=twin, px=9_900))
        rig.broker.held[SAMSUNG], rig.broker.money = 10, CASH - 99_000
        roll(rig)
        assert twin.cl_ord_id not in rig.core.state.orders
        for _ in range(3):
            await asyncio.sleep(QUIET / SECOND)
            done = await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert rig.order(lost.cl_ord_id).status is OrderStatus.REJECTED
        assert rig.qty() == 10
        assert not done.held

    run(main())


def test_closed_orders_of_a_day_before_the_restart_are_neither_taken_for_ours_nor_adopted() -> None:
    async def main() -> None:
        rig = Rig()
        twin = rig.work("0000001")
        rig.core.handle(a_fill(10, 9_900, "F1", at=twin.at))
        lost = rig.lose()
        roll(rig)
        again = Rig(rig.core, NOON + DAY)  # started into the next session: its numbers are lost
        again.sender.doubt(row_of(lost))
        again.broker.held[SAMSUNG], again.broker.money = 10, CASH - 99_000
        again.broker.of(DAY_1).orders.append(stated("0000001", S.FILLED, 10, order=twin))
        again.broker.of(DAY_1).fills.append(executed(10, "F1", order=twin, px=9_900))
        again.broker.of(DAY_1).orders.append(stated("0000003", S.CANCELED, order=twin, price=9_800))
        for _ in range(3):
            await asyncio.sleep(QUIET / SECOND)
            done = await again.reconciler.run_round(ACCOUNT, DAY_2)
        assert [number for number, _ in done.held] == [lost.cl_ord_id]
        assert again.order(lost.cl_ord_id).status is OrderStatus.UNKNOWN
        assert not again.kinds(ExternalOrderSeen)
        assert again.qty() == 10

    run(main())


def test_order_of_a_person_with_a_number_of_yesterday_is_adopted() -> None:
    async def main() -> None:
        rig = Rig()
        rig.work("0009001")
        roll(rig)
        rig.broker.of(DAY_1).orders.append(stated("0009001", order=rig.order(1)))
        rig.broker.of(DAY_2).orders.append(an_external_order(at=NOON + DAY))
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        theirs = rig.order(2)
        assert (theirs.sleeve_id, theirs.order_ids) == (EXTERNAL_SLEEVE, ("0009001",))
        assert rig.links.of(DAY_1) == {OrderId("0009001"): 1}
        assert rig.links.of(DAY_2) == {OrderId("0009001"): 2}
        assert len(rig.kinds(ExternalOrderSeen)) == 1

    run(main())


def test_order_of_a_person_that_looks_like_yesterday_s_in_doubt_is_adopted() -> None:
    async def main() -> None:
        rig = Rig()
        lost = rig.lose()
        roll(rig)
        theirs = stated("0000007", order=lost, at=NOON + DAY)
        rig.broker.of(DAY_2).orders.append(theirs)
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert [seen.order for seen in rig.kinds(ExternalOrderSeen)] == [theirs]

    run(main())


def test_order_of_a_person_that_is_seen_the_morning_after_is_one_of_its_own_day() -> None:
    async def main() -> None:
        rig = Rig()
        rig.work("0000001")
        rig.broker.of(DAY_1).orders += [stated("0000001", order=rig.order(1)), an_external_order()]
        rig.place.venue.leap(DAY)
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        theirs = rig.order(2)
        assert (theirs.sleeve_id, kst_date(theirs.at)) == (EXTERNAL_SLEEVE, DAY_1)
        assert rig.links.of(DAY_1) == {OrderId("0000001"): 1, OrderId("0009001"): 2}

    run(main())


def test_order_when_its_day_s_lists_are_gone_is_held_after_some_tries_and_not_compared() -> None:
    async def main() -> None:
        rig = Rig()
        rig.work("0000001")
        roll(rig)
        rig.broker.gone.add(DAY_1)
        rounds = [await rig.reconciler.run_round(ACCOUNT, DAY_2) for _ in range(10)]
        assert all(done.in_doubt == [1] for done in rounds)
        assert [bool(done.held) for done in rounds] == [False] * 9 + [True]
        assert not any(done.is_compared for done in rounds)
        rig.broker.gone.clear()
        rig.broker.of(DAY_1).orders.append(stated("0000001", S.EXPIRED, order=rig.order(1)))
        done = await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert rig.order(1).status is OrderStatus.EXPIRED
        assert not done.held
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_2)).is_compared

    run(main())


# ── lists that lag ───────────────────────────────────────────────────────────────────────


def test_fill_when_holdings_lag_behind_its_notice_is_no_difference_and_the_stop_sells() -> None:
    async def main() -> None:
        rig = Rig()
        hold(rig.core, 10, stop_loss=50_000)
        rig.broker.money = CASH  # neither shares nor cash show it yet
        for _ in range(4):
            done = await rig.reconciler.run_round(ACCOUNT, DAY_1)
            assert not done.is_compared
            await asyncio.sleep(QUIET / SECOND / 5)
        rig.broker.held[SAMSUNG], rig.broker.money = 10, CASH - 100_000
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        assert not rig.core.state.quarantined
        sold = feed(rig.core, *(a_price(9_000, at=rig.core.now + after) for after in range(2)))
        assert any(isinstance(action, SubmitOrder) for action in sold)

    run(main())


def test_difference_when_it_lasts_over_a_quiet_period_is_told_once() -> None:
    async def main() -> None:
        rig = Rig()
        rig.broker.money = CASH - 5
        assert not (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        await asyncio.sleep(QUIET / SECOND - 1)
        assert not (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        await asyncio.sleep(1)
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        assert len(rig.kinds(AccountStated)) == 1
        sleeves = rig.core.state.account(ACCOUNT)
        assert sum(sleeve.cash for sleeve in sleeves) == CASH - 5
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared

    run(main())


def test_difference_when_it_changes_waits_anew() -> None:
    async def main() -> None:
        rig = Rig()
        for money in (CASH - 5, CASH - 6, CASH - 5):
            rig.broker.money = money
            assert not (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
            await asyncio.sleep(QUIET / SECOND)
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared

    run(main())


def test_difference_when_an_order_changed_between_waits_anew() -> None:
    async def main() -> None:
        rig = Rig()
        rig.broker.money = CASH - 5
        await rig.reconciler.run_round(ACCOUNT, DAY_1)
        order = rig.work("0000001")
        rig.broker.of(DAY_1).orders.append(stated("0000001", order=order))
        await asyncio.sleep(QUIET / SECOND)
        assert not (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        await asyncio.sleep(QUIET / SECOND)
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared

    run(main())


def test_difference_when_an_agreement_came_between_waits_anew() -> None:
    async def main() -> None:
        rig = Rig()
        for money in (CASH - 5, CASH, CASH - 5):
            rig.broker.money = money
            await rig.reconciler.run_round(ACCOUNT, DAY_1)
            await asyncio.sleep(QUIET / SECOND)
        sleeves = rig.core.state.account(ACCOUNT)
        assert sum(sleeve.cash for sleeve in sleeves) == CASH

    run(main())


def test_difference_when_the_reading_is_slow_waits_from_its_end() -> None:
    async def main() -> None:
        rig = Rig()
        rig.broker.money = CASH - 5
        rig.broker.takes = QUIET / SECOND
        for _ in range(2):
            assert not (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared

    run(main())


def test_sale_from_elsewhere_when_its_session_has_not_begun_here_is_not_booked_from_holdings() -> (
    None
):
    async def main() -> None:
        rig = Rig()
        hold(rig.core, 10)
        rig.place.venue.leap(DAY)
        theirs = an_order(10, 10_000, Side.SELL)
        lists = rig.broker.of(DAY_2)
        lists.orders.append(stated("0000777", S.FILLED, 10, order=theirs, at=NOON + DAY))
        lists.fills.append(executed(10, "F7", "0000777", order=theirs, at=NOON + DAY))
        rig.broker.money = CASH - FREE.tax(100_000, an_instrument(), DAY_2)
        for _ in range(3):
            assert not (await rig.reconciler.run_round(ACCOUNT, DAY_2)).is_compared
            await asyncio.sleep(QUIET / SECOND)
        assert rig.qty() == 10

        roll(rig, leaps=False)
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_2)).is_compared
        assert rig.qty() == 0
        assert not rig.core.state.quarantined

    run(main())


def test_account_when_it_agrees_or_is_new_is_told_at_once() -> None:
    async def main() -> None:
        assert (await Rig().reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        new = Rig(a_core(sleeves=()))
        new.broker.held[SAMSUNG] = 10
        assert (await new.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        assert new.qty() == 10

    run(main())


def test_account_when_a_person_traded_before_its_first_day_here_is_no_difference() -> None:
    async def main() -> None:
        new = Rig(a_core(sleeves=()))
        lists = new.broker.of(DAY_1)
        for number, side, symbol in (("1", Side.SELL, SAMSUNG), ("2", Side.BUY, HYNIX)):
            theirs = an_order(10, 10_000, side, symbol=symbol)
            lists.orders.append(stated(number, S.FILLED, 10, order=theirs))
            lists.fills.append(executed(10, f"F{number}", number, order=theirs))
        new.broker.held = {SAMSUNG: 5, HYNIX: 10}
        assert not (await new.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        assert (await new.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        external = new.core.state.get_sleeve(ACCOUNT, EXTERNAL_SLEEVE)
        assert (new.qty(), new.qty(HYNIX), external.cash) == (5, 10, CASH)
        assert not new.core.state.quarantined
        assert new.alarms == []
        new.broker.money -= 1
        await new.reconciler.run_round(ACCOUNT, DAY_1)
        await asyncio.sleep(QUIET / SECOND)
        await new.reconciler.run_round(ACCOUNT, DAY_1)
        assert new.alarms == [AlarmCode.MISMATCH]  # from its first word on

    run(main())


def test_account_when_an_order_moves_within_the_round_is_not_compared() -> None:
    async def main() -> None:
        rig = Rig()
        rig.broker.on_cash = lambda: rig.wish()
        assert not (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
        assert not rig.kinds(AccountStated)

    run(main())


# ── what the core refuses ────────────────────────────────────────────────────────────────


def sold_elsewhere(rig: Rig) -> None:
    """Have a person sell in HTS what nobody has described, and the end of one of our orders."""
    theirs = replace(an_order(10, 5_000, Side.SELL), symbol=UNLISTED)
    lists = rig.broker.of(DAY_1)
    lists.orders.append(stated("0000777", S.CANCELED, 10, order_qty=20, order=theirs))
    lists.fills.append(executed(10, "F7", "0000777", order=theirs, px=5_000))


def test_sale_of_what_nobody_described_is_held_and_ends_nothing_else() -> None:
    async def main() -> None:
        rig = Rig()
        ours = rig.work("0000001")
        sold_elsewhere(rig)
        rig.broker.of(DAY_1).orders.append(stated("0000001", S.EXPIRED, order=ours))
        done = await rig.reconciler.run_round(ACCOUNT, DAY_1)
        theirs = rig.order(2)
        assert rig.order(1).status is OrderStatus.EXPIRED
        assert (theirs.cum_qty, [number for number, _ in done.held]) == (0, [2])
        assert done.in_doubt == [2]
        assert not done.is_compared
        (alert,) = rig.place.told("REPORT_REFUSED")
        assert alert.is_critical
        assert "F7" in alert.subject
        assert "F7" in alert.text.ko
        assert not (await rig.reconciler.run_round(ACCOUNT, DAY_1)).is_compared

    run(main())


def test_sale_when_its_instrument_is_described_later_is_booked_by_the_next_round() -> None:
    async def main() -> None:
        rig = Rig()
        sold_elsewhere(rig)
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_1)).held
        rig.core.handle(rules(UNLISTED, base_price=5_000))
        done = await rig.reconciler.run_round(ACCOUNT, DAY_1)
        assert rig.qty(UNLISTED) == -10
        assert not done.held

    run(main())


def test_end_of_an_order_waits_for_the_fill_that_the_core_refused() -> None:
    async def main() -> None:
        rig = Rig()
        ours = rig.work("0000001")
        lists = rig.broker.of(DAY_1)
        lists.orders.append(stated("0000001", S.CANCELED, 10, order=ours))
        lists.fills.append(executed(10, "F1", order=ours, px=0))  # no price: never a fill
        done = await rig.reconciler.run_round(ACCOUNT, DAY_1)
        assert not rig.order(1).is_closed
        assert [number for number, _ in done.held] == [1]
        lists.fills[0] = executed(10, "F1", order=ours, px=9_900)
        assert not (await rig.reconciler.run_round(ACCOUNT, DAY_1)).held
        assert (rig.order(1).cum_qty, rig.order(1).is_closed) == (10, True)

    run(main())


def test_account_and_stranger_when_the_core_does_not_know_them_are_told_to_a_person() -> None:
    async def main() -> None:
        rig = Rig()
        stranger = replace(an_external_order(), account_id=OTHER)
        rig.broker.of(DAY_1).orders.append(stranger)
        done = await rig.reconciler.run_round(OTHER, DAY_1)
        assert not done.is_compared
        rig.broker.of(DAY_1).orders.clear()
        assert not (await rig.reconciler.run_round(OTHER, DAY_1)).is_compared
        subjects = [alert.subject for alert in rig.place.told("STATEMENT_REFUSED")]
        assert subjects == [stranger.order_id, OTHER]
        assert all(alert.is_critical for alert in rig.place.alerts)

    run(main())


def test_cancel_when_its_answer_comes_while_its_order_is_judged_is_judged_no_more() -> None:
    async def main() -> None:
        rig = Rig()
        lost, cancel = rig.lose(), ClOrdId(2)
        rig.core.state.orders[lost.cl_ord_id] = lost.request(Request(cancel, RequestKind.CANCEL))
        rig.sender.doubt(replace(row_of(lost), cl_ord_id=cancel))
        rig.on_told = lambda _event: rig.sender.settle(cancel)
        rig.broker.of(DAY_1).orders.append(stated("0000007", order=lost))
        await asyncio.sleep(QUIET / SECOND)
        assert not (await rig.reconciler.run_round(ACCOUNT, DAY_1)).in_doubt
        assert rig.order(1).order_ids == ("0000007",)

    run(main())


# ── exits in doubt ───────────────────────────────────────────────────────────────────────


def test_exit_in_doubt_of_a_day_whose_lists_are_gone_asks_for_nothing_it_cannot_know() -> None:
    async def main() -> None:
        rig = Rig()
        hold(rig.core, 10)
        rig.core.handle(
            an_intent(Side.SELL, 10, price=10_500, intent_id="exit", purpose=Purpose.REDUCE)
        )
        exit_order = rig.order(2)
        rig.sender.doubt(row_of(exit_order))
        rig.core.handle(in_doubt(exit_order))
        rig.broker.held[SAMSUNG], rig.broker.money = 10, CASH - 100_000
        roll(rig)
        rig.broker.gone.add(DAY_1)
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert not rig.kinds(SellableStated)
        await asyncio.sleep(QUIET / SECOND)
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert rig.order(2).freed_qty == 10

    run(main())


def test_exit_at_work_of_a_day_whose_lists_are_gone_is_freed_by_what_is_sellable_now() -> None:
    async def main() -> None:
        rig = Rig()
        hold(rig.core, 10)
        rig.core.handle(an_intent(Side.SELL, 10, price=10_500, purpose=Purpose.REDUCE))
        rig.core.handle(a_report(cl_ord_id=2, order_id="0000002"))
        roll(rig)
        rig.broker.gone.add(DAY_1)
        await asyncio.sleep(QUIET / SECOND)
        rig.broker.held[SAMSUNG] = 6  # four were sold that day: nobody says so
        assert (await rig.reconciler.run_round(ACCOUNT, DAY_2)).in_doubt == [2]
        assert [told.qty for told in rig.kinds(SellableStated)] == [6]
        assert (rig.order(2).freed_qty, rig.order(2).reserved_qty) == (6, 4)

    run(main())


def test_notice_that_waited_for_a_number_is_told_once_the_list_links_it() -> None:
    async def main() -> None:
        rig = Rig()
        lost = rig.lose()
        fill = Notice(
            ACCOUNT, OrderId("0000007"), SAMSUNG, lost.side, ExecType.TRADE, ExecId("F7"), NOON,
            last_qty=10, last_px=9_900,
        )  # fmt: skip
        rig.hear(fill)
        rig.broker.of(DAY_1).orders.append(stated("0000007", order=lost))
        await asyncio.sleep(QUIET / SECOND)
        await rig.reconciler.run_round(ACCOUNT, DAY_1)
        assert rig.order(1).status is OrderStatus.FILLED
        kinds = [report.exec_type for report in rig.kinds(ExecutionReport)]
        assert kinds == [ExecType.NEW, ExecType.TRADE]

    run(main())
