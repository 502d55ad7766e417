"""Corporate actions of a run, booked by core and house as each ex-date begins."""

from __future__ import annotations

from bisect import insort
from operator import itemgetter

import msgspec

from maemae.core.actions import DividendEarned, HoldingChanged
from maemae.core.events import CorporateActionDue
from maemae.core.state import sleeve_key
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.corporate_action import CashDividend, CorporateAction
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.intent import MILLION
from maemae.domain.position import Position
from maemae.simulation.wire import Wire
from maemae.strategy.panel import Panel


class Change(msgspec.Struct, frozen=True):
    """
    What one action did to one position.

    Attributes:
        kind: Of the action, such as `SHARE_CHANGE`.
        symbol: What was held.
        qty: How much of it [shares]; all of it is gone unless `new_symbol` is the same.
        new_symbol: What is held instead, often the same.
        new_qty: Shares that came for the old ones; as many as before where none changed.
        held: What is held of `new_symbol` now, with what was held of it before.
        cash: Received, or earned and still to be paid, after withholding [won].
        at: When [ns, UTC].
    """

    kind: str
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    qty: int
    new_symbol: Symbol
    new_qty: int
    held: Position
    cash: int
    at: int


class Promise(msgspec.Struct, frozen=True):
    """A dividend that nobody knew on its ex-date, and who held then [shares]."""

    dividend: CashDividend
    entitled: tuple[tuple[AccountId, SleeveId, int], ...]


class CorporateActions:
    """
    What companies do to shares in the course of a run.

    An action takes effect before anything else of its ex-date. The amount of a dividend may be
    announced later: who held on the ex-date is paid on the payment date, and until then nobody
    counts with the money.

    Attributes:
        next: Time index at which the next one is due; far in the future if none is left.
        changes: What they have done, in order.
    """

    def __init__(self, panel: Panel, wire: Wire) -> None:
        self.changes: list[Change] = []
        self._panel = panel
        self._wire = wire
        due = ((panel.first_index(action.ex_date), action) for action in panel.actions)
        self._ahead: list[tuple[int, CorporateAction | Promise]] = [
            (index, action) for index, action in due if index > 0
        ]
        self.next = self._first()

    def take(self, index: int) -> None:
        """Book what is due by a time index, as its session begins."""
        while self.next <= index:
            _, due = self._ahead.pop(0)
            if isinstance(due, Promise):
                self._pay(due)
            elif isinstance(due, CashDividend) and due.known_at > self._wire.core.now:
                self._promise(due)
            else:
                self._book(due)
            self.next = self._first()

    def _first(self) -> int:
        return self._ahead[0][0] if self._ahead else _NEVER

    def _book(self, action: CorporateAction) -> None:
        wire = self._wire
        wire.take(wire.house.apply(action))
        before = {
            key: sleeve.positions.get(action.symbol, _NOTHING)
            for key, sleeve in wire.core.state.sleeves.items()
        }
        wire.touched.add(action.symbol)
        for fact in wire.tell(CorporateActionDue(action, wire.core.now)):
            if isinstance(fact, HoldingChanged):
                wire.touched.add(fact.new_symbol)
                self._note(action, fact, before, (fact.new_symbol, fact.new_qty, fact.cash))
            elif isinstance(fact, DividendEarned):
                qty = before[sleeve_key(fact.account_id, fact.sleeve_id)].qty
                self._note(action, fact, before, (fact.symbol, qty, fact.amount))

    def _note(
        self,
        action: CorporateAction,
        fact: HoldingChanged | DividendEarned,
        before: dict[str, Position],
        became: tuple[Symbol, int, int],
    ) -> None:
        key = sleeve_key(fact.account_id, fact.sleeve_id)
        new_symbol, new_qty, cash = became
        self.changes.append(
            Change(
                kind=str(action.__struct_config__.tag),
                account_id=fact.account_id,
                sleeve_id=fact.sleeve_id,
                symbol=fact.symbol,
                qty=before[key].qty,
                new_symbol=new_symbol,
                new_qty=new_qty,
                held=self._wire.core.state.sleeves[key].positions.get(new_symbol, _NOTHING),
                cash=cash,
                at=self._wire.core.now,
            )
        )

    def _promise(self, dividend: CashDividend) -> None:
        """Note who is entitled to a dividend, and come back when it is paid."""
        entitled = tuple(
            (sleeve.account_id, sleeve.sleeve_id, position.qty)
            for sleeve in self._wire.core.state.sleeves.values()
            if (position := sleeve.positions.get(dividend.symbol)) is not None and position.qty > 0
        )
        index = self._panel.first_index(dividend.pay_date)
        insort(self._ahead, (index, Promise(dividend, entitled)), key=itemgetter(0))

    def _pay(self, promise: Promise) -> None:
        wire, dividend = self._wire, promise.dividend
        for account_id, sleeve_id, qty in promise.entitled:
            gross = qty * dividend.amount
            net = gross - gross * dividend.tax_ppm // MILLION
            flow = CashFlow(account_id, sleeve_id, CashFlowKind.DIVIDEND, net, wire.core.now)
            if net == 0:
                continue
            wire.house.apply(flow)
            wire.tell(flow)
            held = wire.core.state.get_sleeve(account_id, sleeve_id).positions
            now = held.get(dividend.symbol, _NOTHING)
            self.changes.append(
                Change(
                    "CASH_DIVIDEND",
                    account_id,
                    sleeve_id,
                    dividend.symbol,
                    now.qty,
                    dividend.symbol,
                    now.qty,
                    now,
                    net,
                    wire.core.now,
                )
            )


_NOTHING = Position()
_NEVER = 2**63 - 1
