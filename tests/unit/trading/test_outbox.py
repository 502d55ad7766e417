"""What waits to leave, who goes first, and what goes no more."""

from __future__ import annotations

from maemae.domain.ids import ClOrdId
from maemae.ports import Lane
from maemae.trading.outbox import Outbox, Parcel
from tests.parcels import a_parcel

NEW, REDUCE, CANCEL = Lane.NEW, Lane.REDUCE, Lane.CANCEL


def an_outbox(*parcels: Parcel) -> Outbox:
    outbox = Outbox()
    for parcel in parcels:
        outbox.put(parcel)
    return outbox


def numbers(parcels: list[Parcel]) -> list[int]:
    return [parcel.row.cl_ord_id for parcel in parcels]


def take_all(outbox: Outbox, now: int = 0) -> list[int]:
    taken = []
    while (parcel := outbox.take(now)) is not None:
        taken.append(parcel)
    return numbers(taken)


def test_outbox_lets_cancels_go_first_then_exits_then_new_orders() -> None:
    outbox = an_outbox(a_parcel(1, NEW), a_parcel(2, REDUCE), a_parcel(3, CANCEL), a_parcel(4, NEW))

    assert take_all(outbox) == [3, 2, 1, 4]


def test_outbox_when_put_out_of_order_lets_the_older_go_first() -> None:
    assert take_all(an_outbox(a_parcel(2), a_parcel(1))) == [1, 2]


def test_outbox_when_a_request_is_put_twice_lets_it_go_once() -> None:
    outbox = an_outbox(a_parcel(1), a_parcel(1))

    assert len(outbox) == 1
    assert take_all(outbox) == [1]


def test_outbox_when_a_fingerprint_is_held_lets_others_pass() -> None:
    outbox = an_outbox(a_parcel(2), a_parcel(3, price=9_900))
    outbox.hold(ClOrdId(1), a_parcel(1).row.fingerprint)

    assert take_all(outbox) == [3]
    assert len(outbox) == 1


def test_outbox_when_a_slot_is_held_twice_frees_it_with_the_last() -> None:
    outbox = an_outbox(a_parcel(3))
    fingerprint = a_parcel(1).row.fingerprint
    outbox.hold(ClOrdId(1), fingerprint)
    outbox.hold(ClOrdId(2), fingerprint)

    outbox.free(ClOrdId(1))
    assert outbox.take(0) is None

    outbox.free(ClOrdId(2))
    assert take_all(outbox) == [3]


def test_outbox_when_an_order_holds_nothing_frees_nothing() -> None:
    outbox = an_outbox(a_parcel(2))
    outbox.hold(ClOrdId(1), a_parcel(1).row.fingerprint)

    outbox.free(ClOrdId(7))

    assert outbox.take(0) is None


def test_outbox_when_a_fingerprint_is_held_lets_its_cancel_go() -> None:
    cancel = a_parcel(2, CANCEL)
    outbox = an_outbox(cancel)
    outbox.hold(ClOrdId(1), cancel.row.fingerprint)

    assert take_all(outbox) == [2]


def test_outbox_when_a_request_has_expired_keeps_it_back_to_the_instant() -> None:
    outbox = an_outbox(a_parcel(1, expires_at=10))

    assert outbox.take(10) is None
    assert numbers(outbox.expired(9)) == []
    assert numbers(outbox.expired(10)) == [1]
    assert len(outbox) == 0


def test_outbox_when_a_cancel_is_late_lets_it_go_all_the_same() -> None:
    outbox = an_outbox(a_parcel(1, CANCEL, expires_at=10))

    assert outbox.expired(99) == []
    assert take_all(outbox, 99) == [1]


def test_outbox_when_new_orders_are_dropped_keeps_cancels_and_exits() -> None:
    outbox = an_outbox(a_parcel(4, NEW), a_parcel(2, REDUCE), a_parcel(3, CANCEL), a_parcel(1, NEW))

    dropped = outbox.drop(lambda parcel: parcel.row.lane is NEW)

    assert numbers(dropped) == [1, 4]
    assert take_all(outbox) == [3, 2]
