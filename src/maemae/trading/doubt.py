"""
What became of a request whose outcome is not known: decided by the broker's lists alone.

A broker that keeps no number of ours cannot be asked about one order. Its lists are counted
instead: orders that look like ours, minus those whose number we know. "Not there" proves
nothing before the quiet period has passed, and a person who places the same order by hand
makes the count worthless; then a person decides. Time never closes an order in doubt, the end
of the session neither: only lists do, those read after the close among them.

Source: the unknown-order protocol of the reliability specification, section 6.1, 2026-11-01.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

import msgspec

from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import EXTERNAL_SLEEVE, ExecId, OrderId
from maemae.domain.instant import kst_date
from maemae.domain.order import Order, Request, RequestKind
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import StatedExecution, StatedOrder, StatedStatus
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.ports import ClientIdSupport
from maemae.trading.chain import chain_of, listed_report, replaced_report
from maemae.trading.links import exec_id_of
from maemae.trading.turn import fingerprint, stated_fingerprint


class Poll(msgspec.Struct, frozen=True):
    """
    One complete reading of an account's lists of the day.

    Attributes:
        asked_at: Before the first page was asked for [ns, monotonic].
        day: Whose lists they are: an order shows in those of its own day only.
        orders, executions: All pages.
        is_past: Whether the day was over when they were read: a broker may have forgotten it,
            and a list with no order at all then proves nothing.
    """

    asked_at: int
    day: date
    orders: tuple[StatedOrder, ...]
    executions: tuple[StatedExecution, ...]
    is_past: bool = False


class Found(msgspec.Struct, frozen=True):
    """The order is at the broker, under this number."""

    order_id: OrderId


class Absent(msgspec.Struct, frozen=True):
    """The broker never accepted the order."""


class Wait(msgspec.Struct, frozen=True):
    """The lists prove nothing yet; ask again at this time or later [ns, monotonic]."""

    until: int


class Hold(msgspec.Struct, frozen=True):
    """The lists cannot tell: a person must decide, and this is why."""

    reason: Text


Verdict = Found | Absent | Wait | Hold


def judge_order(
    order: Order,
    sent_at: int,
    quiet: int,
    polls: Sequence[Poll],
    linked: Collection[OrderId],
    twins: Sequence[Order],
    *,
    client_id: ClientIdSupport = ClientIdSupport.NONE,
    knows_all: bool = True,
) -> Verdict:
    """
    Return what became of an order whose outcome is not known, by the lists of its own day.

    Args:
        order: As it was sent.
        sent_at: Last moment at which a byte of it may have left: when its answer was given up,
            or when the executor started again [ns, monotonic].
        quiet: Longest time until what was sent shows in every list [ns].
        polls: Readings of its account since then, in any order; earlier ones and those of other
            days do no harm.
        linked: Numbers of its day that are known to mean other orders and requests.
        twins: Other orders of the same fingerprint that may be at the broker: ours that left
            and have no number yet, and those that a person placed.
        client_id: What the broker does with our number.
        knows_all: Whether `linked` has every number of the day that meant an order of ours;
            otherwise what looks like the order may be one that the book has forgotten.
    """
    polls = _of_its_day(polls, order)
    named = [row for poll in polls for row in poll.orders if row.cl_ord_id == order.cl_ord_id]
    if named:
        return Found(min(named, key=_is_replacement).order_id)
    counted = client_id is not ClientIdSupport.ECHOED
    extras = _extras(order, polls, linked) if counted else {}
    proofs = _proofs(polls, sent_at + quiet)
    if not proofs:
        return Wait(sent_at + quiet)
    if counted and any(twin.sleeve_id == EXTERNAL_SLEEVE for twin in twins):
        return Hold(_TWIN_BY_HAND)
    if extras and not knows_all:
        return Hold(_FORGOTTEN)
    if extras:
        return _pick(extras, twins, proofs[-1] + quiet)
    if not _are_apart(proofs, quiet):
        return Wait(proofs[0] + quiet)
    remembered = [poll for poll in polls if poll.orders or not poll.is_past]
    is_absent = _are_apart(_proofs(remembered, sent_at + quiet), quiet)
    return Absent() if is_absent else Hold(_FORGOTTEN_DAY)


def judge_request(
    order: Order,
    request: Request,
    sent_at: int,
    quiet: int,
    polls: Sequence[Poll],
    linked: Collection[OrderId],
) -> tuple[ExecutionReport, ...] | Wait | Hold:
    """
    Return what became of a cancel or replace whose outcome is not known, as reports.

    That it was carried out is believed as soon as a list shows it; that it never came, only as
    for an order. Fills go first: while the book lacks some of the list, the verdict waits; a
    broker that goes on counting fills which it does not list is for a person.

    Args:
        order: As it stands in the book; the broker has given it a number.
        request: The open request of it.
        sent_at: As for `judge_order` [ns, monotonic].
        quiet: As for `judge_order` [ns].
        polls: Readings of its account.
        linked: Numbers that are known to mean orders and requests.
    """
    if order.is_closed and request.kind is RequestKind.CANCEL:
        return (_refused(order, request),)
    polls = _of_its_day(polls, order)
    newest = max(polls, key=_asked_at, default=None)
    if newest is None:
        return Wait(sent_at + quiet)
    others = set(linked).difference(order.order_ids)
    ahead = [poll for poll in polls if _is_ahead(order, _rows(order, poll, others))]
    if newest in ahead:
        proofs = _proofs(ahead, sent_at + quiet)
        return Hold(_FILLS_MISSING) if _are_apart(proofs, quiet) else Wait(newest.asked_at)
    rows = _rows(order, newest, others)
    answer = _answer(order, request, rows)
    if answer is not None:
        return (answer,)
    proofs = _proofs(polls, sent_at + quiet)
    if not _are_apart(proofs, quiet):
        return Wait((proofs[0] if proofs else sent_at) + quiet)
    if not rows or rows[-1].status is StatedStatus.REPLACED:
        return Hold(_NOT_LISTED)
    return (_refused(order, request),)


def thinned(polls: Sequence[Poll], window: int) -> list[Poll]:
    """
    Return the readings that still prove something, oldest first.

    An older one is left out if the next one of its day shows the same: what any list showed
    stays known, and a doubt that lasts for hours holds no hours of lists.

    Args:
        polls: In any order.
        window: All of the last so long before the newest are kept [ns], and two of each day.
    """
    kept: list[Poll] = []
    following: defaultdict[date, list[Poll]] = defaultdict(list)
    ordered = sorted(polls, key=_asked_at)
    for poll in reversed(ordered):
        later = following[poll.day]
        is_old = len(later) > 1 and poll.asked_at < ordered[-1].asked_at - window
        is_same = bool(later) and _lists(later[-1]) == _lists(poll)
        if not (is_old and is_same):
            kept.append(poll)
        later.append(poll)
    return kept[::-1]


def _lists(poll: Poll) -> tuple[object, ...]:
    return poll.orders, poll.executions, poll.is_past


def _of_its_day(polls: Sequence[Poll], order: Order) -> list[Poll]:
    day = kst_date(order.at)
    return [poll for poll in polls if poll.day == day]


def _rows(order: Order, poll: Poll, others: Collection[OrderId]) -> list[StatedOrder]:
    listed = [row for row in poll.orders if row.order_id not in others]
    return chain_of(order.order_ids, listed)


def _is_ahead(order: Order, rows: Sequence[StatedOrder]) -> bool:
    """Whether a list counts fills that the book lacks."""
    return bool(rows) and rows[-1].cum_qty > order.cum_qty


def _answer(order: Order, request: Request, rows: Sequence[StatedOrder]) -> ExecutionReport | None:
    """Return the answer that the list proves, None if it proves none."""
    if not rows:
        return None
    last = rows[-1]
    if request.kind is RequestKind.REPLACE and _is_answer(order, request, last):
        return replaced_report(order, last, request.cl_ord_id)
    if request.kind is RequestKind.CANCEL and last.status is StatedStatus.CANCELED:
        return listed_report(order, ExecType.CANCELED, last, request.cl_ord_id)
    return _refused(order, request) if last.status in _ENDED else None


def _is_answer(order: Order, request: Request, row: StatedOrder) -> bool:
    """
    Whether a row is what a replace has led to.

    A person who changed the order first made the old number void: ours was refused then, and
    what the order goes on as is in the same row. What the book knows already answers nothing:
    it may be an earlier replace.
    """
    if row.orig_order_id is None:
        return False
    if row.order_id not in order.order_ids:
        return True
    terms = (row.price, row.order_qty)
    is_newer = order.yields_to(row.at, row.order_id, row.price, row.order_qty)
    if is_newer and terms != (order.price, order.order_qty):
        return True
    return terms == (request.price, request.order_qty)


def _refused(order: Order, request: Request) -> ExecutionReport:
    told = ExecId(f"{request.cl_ord_id}:{ExecType.CANCEL_REJECTED}")
    return ExecutionReport(
        order.cl_ord_id,
        exec_id_of(order.account_id, order.cl_ord_id, told, order.at),
        ExecType.CANCEL_REJECTED,
        order.at,
        request_id=request.cl_ord_id,
    )


def _extras(
    order: Order, polls: Sequence[Poll], linked: Collection[OrderId]
) -> dict[OrderId, bool]:
    """
    Return the numbers that could be the order and are nobody's, and whether each looks like it.

    A number that only fills show looks like it if they add up to the whole order.
    """
    shape = fingerprint(order)
    listed = {row.order_id: row for poll in polls for row in poll.orders}
    extras = {
        number: True
        for number, row in listed.items()
        if row.orig_order_id is None  # a replacement belongs to what it replaced
        and row.cl_ord_id is None  # the broker says whose it is
        and number not in linked
        and stated_fingerprint(row) == shape
    }
    fills = {
        (execution.order_id, execution.exec_id): execution.qty
        for poll in polls
        for execution in poll.executions
        if execution.order_id not in listed
        and execution.order_id not in linked
        and _could_fill(order, execution)
    }
    filled: Counter[OrderId] = Counter()
    for (number, _), qty in fills.items():
        filled[number] += qty
    for number, qty in filled.items():
        if qty <= order.order_qty:
            extras[number] = qty == order.order_qty
    return extras


def _could_fill(order: Order, execution: StatedExecution) -> bool:
    if (execution.account_id, execution.symbol) != (order.account_id, order.symbol):
        return False
    if execution.side is not order.side:
        return False
    if order.price is None:
        return True
    is_buy = order.side is Side.BUY
    return execution.px <= order.price if is_buy else execution.px >= order.price


def _pick(extras: dict[OrderId, bool], twins: Sequence[Order], later: int) -> Verdict:
    """Return whose the numbers are that could be the order: at least one is there."""
    if any(twin.standing is OrderStatus.PENDING_NEW for twin in twins):
        return Wait(later)  # its answer will say which number is its own
    if len(extras) > 1:
        return Hold(_TOO_MANY)
    if twins:
        return Hold(_TWIN_IN_DOUBT)
    ((number, looks_like_it),) = extras.items()
    return Found(number) if looks_like_it else Hold(_FILLS_ONLY)


def _proofs(polls: Sequence[Poll], earliest: int) -> list[int]:
    """Return when the readings were asked for from which something can be concluded."""
    return sorted(poll.asked_at for poll in polls if poll.asked_at >= earliest)


def _are_apart(proofs: Sequence[int], quiet: int) -> bool:
    return len(proofs) > 1 and proofs[-1] - proofs[0] >= quiet


def _asked_at(poll: Poll) -> int:
    return poll.asked_at


def _is_replacement(row: StatedOrder) -> bool:
    return row.orig_order_id is not None


_ENDED: Final = frozenset(
    {
        StatedStatus.FILLED,
        StatedStatus.CANCELED,
        StatedStatus.REJECTED,
        StatedStatus.EXPIRED,
    }
)

_TWIN_BY_HAND: Final = Text(
    "직접 낸 같은 주문이 있어 우리 주문인지 알 수 없습니다. 증권사 앱에서 주문 번호를 확인해 정해 "
    "주세요.",
    "The same order was placed by hand, so that nobody can tell which is ours. Look up the "
    "numbers at the broker and decide.",
)
_TOO_MANY: Final = Text(
    "우리 주문과 같은 주문이 둘 이상 있습니다. 증권사 앱에서 어느 것이 우리 주문인지 정해 주세요.",
    "More than one order looks like ours. Decide at the broker which one it is.",
)
_TWIN_IN_DOUBT: Final = Text(
    "결과를 모르는 같은 주문이 둘 이상이라 짝을 지을 수 없습니다. 증권사 앱에서 정해 주세요.",
    "More than one order of the same terms is in doubt. Decide at the broker which one it is.",
)
_FILLS_ONLY: Final = Text(
    "주문 목록에 없는 체결이 있습니다. 증권사 앱에서 그 체결이 우리 주문인지 확인해 주세요.",
    "There are fills of an order that is not listed. Look at the broker whether they are ours.",
)
_FORGOTTEN: Final = Text(
    "지난 거래일의 목록에 이 주문과 같은 주문이 있지만, 그날 끝난 주문들과 가려낼 수 없습니다. "
    "증권사 앱에서 확인해 정해 주세요.",
    "An earlier day's list has an order like this one, and it may be one that ended that day. "
    "Look at the broker and decide.",
)
_FORGOTTEN_DAY: Final = Text(
    "증권사가 이 주문을 낸 날의 주문을 하나도 보여 주지 않아, 없었다고 볼 수 없습니다. 증권사 "
    "앱에서 확인해 정해 주세요.",
    "The broker shows no order at all of this order's day, which does not prove that it was never "
    "there. Look at the broker and decide.",
)
_FILLS_MISSING: Final = Text(
    "증권사가 센 체결 수량이 체결 내역의 합보다 많습니다. 증권사 앱에서 이 주문의 체결을 확인해 "
    "주세요.",
    "The broker counts more filled shares than its executions add up to. Look at the order's "
    "fills at the broker.",
)
_NOT_LISTED: Final = Text(
    "증권사 목록에 이 주문의 현재 번호가 없습니다. 증권사 앱에서 주문 상태를 확인해 주세요.",
    "The broker's list lacks the order's present number. Look at the broker how it stands.",
)
