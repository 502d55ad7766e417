"""Faults: used up by count, drawn from a seed, and never more than what was switched on."""

from __future__ import annotations

from maemae.brokers.sim.messages import ErrorCode, Faults, LostReply
from maemae.domain.ids import AccountId, ExecId, OrderId, Symbol
from maemae.domain.intent import MILLION
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice
from maemae.domain.terms import Side
from maemae.emulators.sim.faults import FaultSwitch


def a_notice(number: int, exec_type: ExecType = ExecType.TRADE) -> Notice:
    return Notice(
        AccountId("A"),
        OrderId("0000000001"),
        Symbol("005930"),
        Side.BUY,
        exec_type,
        ExecId(f"E{number}"),
        number,
        last_qty=5,
        last_px=100,
    )


NOTICES = [a_notice(number) for number in range(10)]


def test_switch_when_nothing_is_on_changes_nothing() -> None:
    switch = FaultSwitch(Faults(), 1)
    assert switch.distort(NOTICES) == NOTICES
    assert switch.take_refusal() is None
    assert switch.take_loss() is None


def test_counts_are_used_up_and_renewed_by_a_new_setting() -> None:
    switch = FaultSwitch(Faults(refuse_next=2, refuse_code=ErrorCode.FENCED, lose_next=1), 1)
    assert [switch.take_refusal() for _ in range(3)] == [ErrorCode.FENCED, ErrorCode.FENCED, None]
    assert [switch.take_loss() for _ in range(2)] == [LostReply.SILENT, None]
    switch.set(Faults(lose_next=1, lost_reply=LostReply.CUT))
    assert [switch.take_loss() for _ in range(2)] == [LostReply.CUT, None]


def test_share_of_lost_answers_is_drawn_from_the_seed() -> None:
    draws = [
        [FaultSwitch(Faults(lose_ppm=MILLION // 2), seed) for _ in range(2)] for seed in (1, 2)
    ]
    lost = [[[switch.take_loss() for _ in range(50)] for switch in pair] for pair in draws]
    assert lost[0][0] == lost[0][1] != lost[1][0]
    assert 10 < lost[0][0].count(None) < 40


def test_duplicates_are_the_same_notice_again() -> None:
    told = FaultSwitch(Faults(duplicate_ppm=MILLION), 1).distort(NOTICES)
    assert sorted(told, key=lambda notice: notice.at) == [n for n in NOTICES for _ in range(2)]


def test_window_holds_notices_back_and_tells_all_of_them_in_another_order() -> None:
    switch = FaultSwitch(Faults(reorder=10), 1)
    assert switch.distort(NOTICES[:9]) == []
    told = switch.distort(NOTICES[9:])
    assert told != NOTICES
    assert sorted(told, key=lambda notice: notice.at) == NOTICES
    assert switch.distort(NOTICES[:3]) == []
    assert len(switch.release()) == 3
    assert switch.release() == []


def test_wrong_fill_is_followed_by_its_correction_once() -> None:
    switch = FaultSwitch(Faults(wrong_next=1), 1)
    acknowledged = a_notice(1, ExecType.NEW)
    told = switch.distort([acknowledged, *NOTICES[2:4]])
    assert [(n.exec_type, n.exec_id, n.last_qty, n.exec_ref_id) for n in told] == [
        (ExecType.NEW, "E1", 5, None),
        (ExecType.TRADE, "E2", 6, None),
        (ExecType.TRADE_CORRECT, "E2C", 5, "E2"),
        (ExecType.TRADE, "E3", 5, None),
    ]
