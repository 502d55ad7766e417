"""
Gold that is held, the cash for it and its history: kt50020, kt50021, kt50032.

A trade is settled in the evening of its day. What a customer buys, or sells, of one kind of gold
in a day is charged for once, and the last of its rows in the history tells the charges.

Source: samples in the broker's list of the interface, edition of April 2026, from which the
arithmetic of every sum here was recomputed; `tot_entr` before and `net_entr` after the settlement
of the day: one project, the real server, May 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from maemae.domain.ids import AccountId, Symbol
from maemae.domain.instant import kst_nanos
from maemae.emulators.kiwoom_rest.deals import Deal
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import day_text, find_day, hundredths, padded
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import choice
from maemae.emulators.kiwoom_rest.valuation import Flow, Position, flows_of, positions_of
from maemae.emulators.kiwoom_rest.wire import Answer, Ask, Fields, Row, Tr

_NARROW: Final = 12
_WIDE: Final = 15


class GoldAccount(Part):
    """Answers about an account's gold."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._evening = desk.config.doubts.gold_settled_at

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "kt50020": Tr((), self._balance),
            "kt50021": Tr((), self._deposit),
            "kt50032": Tr((), self._history),
        }

    def _balance(self, ask: Ask) -> Answer:
        desk, account = self._desk, self._desk.books.house.account(ask.account_id)
        held, deals = positions_of(desk, ask.account_id), self._unsettled(ask.account_id)
        value = sum(each.value for each in held)
        settled = account.cash - _moved(deals)
        amounts = {
            "tot_entr": settled,
            "net_entr": account.cash,
            "tot_est_amt": sum(each.value - each.fees for each in held),
            "net_amt": account.cash + value,
            "tot_book_amt2": sum(each.cost for each in held),
            "tot_dep_amt": account.cash + value - sum(each.sold_fee for each in held),
            "paym_alowa": min(settled, account.orderable),
            "pl_amt": sum(deal.profit for deal in desk.deals.of_day(ask.account_id, desk.today)),
        }
        fields: Fields = {name: padded(amount, _NARROW) for name, amount in amounts.items()}
        today = flows_of(desk, ask.account_id, desk.today)
        rows = [_held(each, today.get(each.symbol) or Flow(), is_due=bool(deals)) for each in held]
        return Answer(fields, "gold_acnt_evlt_prst", rows, text=desk.asked(is_empty=not rows))

    def _deposit(self, ask: Ask) -> Answer:
        account = self._desk.books.house.account(ask.account_id)
        deals = self._unsettled(ask.account_id)
        settled = account.cash - _moved(deals)
        paid = -_moved([deal for deal in deals if not deal.is_sale])
        received = _moved([deal for deal in deals if deal.is_sale])
        amounts = dict.fromkeys(_DEPOSIT.split(), 0) | {
            "entra": settled,
            "profa_ch": account.reserved,
            "prsm_entra": account.cash,
            "buy_exct_amt": paid,
            "sell_exct_amt": received,
            "sell_buy_exct_amt": received - paid,
            "prsm_pymn_alow_amt": account.orderable,
            "pymn_alow_amt": min(settled, account.orderable),
            "ord_alow_amt": account.orderable,
        }
        fields: Fields = {name: padded(amount, _WIDE) for name, amount in amounts.items()}
        return Answer(fields, text=self._desk.asked())

    def _history(self, ask: Ask) -> Answer:
        """Return what was settled, the oldest first; neither cash nor gold ever came or went."""
        sides = choice(ask, "tp", _SIDES)
        days = [find_day(ask.field(name)) for name in ("strt_dt", "end_dt")]
        first, last = days[0] or self._desk.today.min, days[1] or self._desk.today
        wanted = ask.field("stk_cd")
        rows = [
            row
            for deal, row in self._settled(ask.account_id)
            if first <= deal.day <= last and deal.is_sale in sides and wanted in ("", deal.symbol)
        ]
        fields: Fields = {"acnt_print": _printed(ask.account_id)}
        return Answer(fields, "gold_trde_hist", rows, text=self._desk.asked(is_empty=not rows))

    def _settled(self, account_id: AccountId) -> Iterator[tuple[Deal, Row]]:
        """Yield every deal that is settled with its row."""
        account, deals = self._desk.books.house.account(account_id), self._deals(account_id)
        balance = account.cash - _moved(deals)
        grams: dict[Symbol, int] = {symbol: held.qty for symbol, held in account.holdings.items()}
        for deal in deals:
            grams[deal.symbol] = grams.get(deal.symbol, 0) - _grams(deal)
        for _, of_day in groupby(filter(self._is_settled, deals), lambda deal: deal.day):
            today = list(of_day)
            for place, deal in enumerate(today, 1):
                alike = [each for each in today if _alike(each) == _alike(deal)]
                charged = alike if deal is alike[-1] else []
                balance += _moved(charged)
                grams[deal.symbol] += _grams(deal)
                yield deal, self._row(deal, place, charged, balance, grams[deal.symbol])

    def _row(self, deal: Deal, place: int, charged: list[Deal], balance: int, grams: int) -> Row:
        """Return a deal; `charged` are those whose sums it tells, none unless it is their last."""
        fees = sum(each.fee for each in charged)
        return {
            "deal_dt": day_text(deal.day),
            "deal_no": padded(place, 9),
            "rmrk_nm": "금현물매도" if deal.is_sale else "금현물매수",
            "deal_qty": padded(deal.fill.qty, _WIDE),
            "gold_spot_vat": padded(_vat(fees), _WIDE),
            "exct_amt": padded(abs(_moved(charged)), _WIDE),
            "dly_sum": padded(0, _WIDE),
            "entra_remn": padded(balance, _WIDE),
            "mdia_nm": "REST API",
            "orig_deal_no": padded(0, 9),
            "stk_nm": self._desk.line(deal.symbol).name,
            "uv_exrt": hundredths(deal.fill.px * 100),
            "cmsn": padded(fees - _vat(fees), _WIDE),
            "uncl_ocr": padded(0, _WIDE),
            "rpym_sum": padded(0, _WIDE),
            "spot_remn": padded(grams, _WIDE),
            "proc_time": f"{self._evening:%H:%M:%S}",
            "rcpy_no": padded(0, 9),
            "stk_cd": deal.symbol,
            "deal_amt": padded(deal.notional, _WIDE),
            "tax_tot_amt": padded(0, _WIDE),
            "cntr_dt": day_text(deal.day),
            "proc_brch_nm": "",
            "prcsr": "DAILY",
        }

    def _deals(self, account_id: AccountId) -> list[Deal]:
        return self._desk.deals.deals(account_id)

    def _unsettled(self, account_id: AccountId) -> list[Deal]:
        return [deal for deal in self._deals(account_id) if not self._is_settled(deal)]

    def _is_settled(self, deal: Deal) -> bool:
        return deal.day < self._desk.today or self._desk.now >= kst_nanos(deal.day, self._evening)


def _held(held: Position, today: Flow, *, is_due: bool) -> Row:
    """Return a position; `is_due` says whether today's trades still have to be settled."""
    fees = held.fees
    settled = held.qty - today.bought + today.sold if is_due else held.qty
    return {
        "stk_cd": held.symbol,
        "stk_nm": held.line.name,
        "real_qty": padded(held.qty, _NARROW),
        "avg_prc": padded(held.average, _NARROW),
        "cur_prc": padded(held.line.price, _NARROW),
        "est_amt": padded(held.value - fees, _NARROW),
        "est_lspft": padded(held.profit, _NARROW),
        "est_ratio": _ratio(held.profit, held.cost),
        "cmsn": padded(fees - _vat(fees), _NARROW),
        "vlad_tax": padded(_vat(fees), _NARROW),
        "book_amt2": padded(held.cost, _NARROW),
        "pl_prch_prc": hundredths((held.cost + fees) * 100 // held.qty),
        "qty": padded(settled, _NARROW),
        "buy_qty": padded(today.bought, _NARROW),
        "sell_qty": padded(today.sold, _NARROW),
        "able_qty": padded(held.sellable, _NARROW),
    }


def _alike(deal: Deal) -> tuple[Symbol, bool]:
    """Return what deals of a day have in common that are charged for together."""
    return deal.symbol, deal.is_sale


def _moved(deals: list[Deal]) -> int:
    """Return what deals bring in cash, less what they cost [won]."""
    return sum(deal.flow for deal in deals)


def _grams(deal: Deal) -> int:
    return -deal.fill.qty if deal.is_sale else deal.fill.qty


def _vat(fees: int) -> int:
    """Return the value added tax in charges: a tenth of the commission, see `KIWOOM_GOLD`."""
    return fees // 11


def _ratio(part: int, whole: int) -> str:
    """Return `part / whole` in percent with four decimals, cut towards zero."""
    cut = abs(part) * 1_000_000 // whole if whole else 0
    return f"{'-' if part < 0 and cut else ''}{cut // 10_000}.{cut % 10_000:04d}"


def _printed(account_id: AccountId) -> str:
    return f"{account_id[:4]}-{account_id[4:8]}-{account_id[8:]}"


_BOTH: Final = frozenset({True, False})
_NEITHER: Final[frozenset[bool]] = frozenset()
_SIDES: Final = {
    **dict.fromkeys(("", "0", "3"), _BOTH),
    "4": frozenset({False}),
    "5": frozenset({True}),
    **dict.fromkeys(("1", "2", "6", "7"), _NEITHER),
}
"""Whether what is asked for are sales: purchases and sales can be in the history, nothing else."""

_DEPOSIT: Final = (
    "entra profa_ch chck_ina_amt etc_loan etc_loan_dlfe etc_loan_tot prsm_entra buy_exct_amt "
    "sell_exct_amt sell_buy_exct_amt dly_amt prsm_pymn_alow_amt pymn_alow_amt ord_alow_amt"
)
