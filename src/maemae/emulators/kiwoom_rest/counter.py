"""
The REST interface behind its address: who asks, whether they may, and what the answer is.

Checks come in the order of the real server: kind and address, header, token, quota, fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from maemae.emulators.books import CancelRow, Outcome
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.absent import Absent
from maemae.emulators.kiwoom_rest.arbitrage_balance import ArbitrageBalance
from maemae.emulators.kiwoom_rest.attention import Attention
from maemae.emulators.kiwoom_rest.catalogue import ISSUE_PATH, PATHS, REAL_ONLY, REVOKE_PATH
from maemae.emulators.kiwoom_rest.charts import Charts
from maemae.emulators.kiwoom_rest.config import Credential
from maemae.emulators.kiwoom_rest.credit_orders import CREDIT_ORDERS, CreditOrders
from maemae.emulators.kiwoom_rest.deposits import Deposits
from maemae.emulators.kiwoom_rest.desk import UNIFIED, Desk
from maemae.emulators.kiwoom_rest.extremes import Extremes
from maemae.emulators.kiwoom_rest.faults import FaultSwitch
from maemae.emulators.kiwoom_rest.foreigners import Foreigners
from maemae.emulators.kiwoom_rest.funds import Funds
from maemae.emulators.kiwoom_rest.gold_account import GoldAccount
from maemae.emulators.kiwoom_rest.gold_charts import GoldCharts
from maemae.emulators.kiwoom_rest.gold_lists import GoldLists
from maemae.emulators.kiwoom_rest.gold_orders import GOLD_ORDERS, GoldOrders
from maemae.emulators.kiwoom_rest.gold_quotes import GoldQuotes
from maemae.emulators.kiwoom_rest.index_charts import IndexCharts
from maemae.emulators.kiwoom_rest.indices import Indices
from maemae.emulators.kiwoom_rest.instruments import Instruments
from maemae.emulators.kiwoom_rest.investor_rankings import InvestorRankings
from maemae.emulators.kiwoom_rest.investors import Investors
from maemae.emulators.kiwoom_rest.lending import Lending
from maemae.emulators.kiwoom_rest.limiter import Limiter
from maemae.emulators.kiwoom_rest.member_moments import MemberMoments
from maemae.emulators.kiwoom_rest.member_rankings import MemberRankings
from maemae.emulators.kiwoom_rest.members import Members
from maemae.emulators.kiwoom_rest.order_lists import OrderLists
from maemae.emulators.kiwoom_rest.order_news import OrderEntry, OrderNews
from maemae.emulators.kiwoom_rest.orders import ORDERS, OrderDesk
from maemae.emulators.kiwoom_rest.paging import page_of
from maemae.emulators.kiwoom_rest.positions import Positions
from maemae.emulators.kiwoom_rest.price_zones import PriceZones
from maemae.emulators.kiwoom_rest.profits import Profits
from maemae.emulators.kiwoom_rest.programme_trading import ProgrammeTrading
from maemae.emulators.kiwoom_rest.quotes import Quotes
from maemae.emulators.kiwoom_rest.rankings import Rankings
from maemae.emulators.kiwoom_rest.sector_flows import SectorFlows
from maemae.emulators.kiwoom_rest.statements import Statements
from maemae.emulators.kiwoom_rest.streaks import Streaks
from maemae.emulators.kiwoom_rest.strengths import Strengths
from maemae.emulators.kiwoom_rest.surges import Surges
from maemae.emulators.kiwoom_rest.themes import Themes
from maemae.emulators.kiwoom_rest.tokens import Tokens
from maemae.emulators.kiwoom_rest.warrants import Warrants
from maemae.emulators.kiwoom_rest.watchlists import Watchlists
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, RefusalError, Row, Tr
from maemae.emulators.requests import Request
from maemae.ports import WallClock


class Reply(msgspec.Struct, frozen=True):
    """
    What leaves for a request.

    Attributes:
        status: HTTP status.
        api_id: Echoed.
        next_key: Of the next page, empty if there is none.
        news: Order frames that follow from it.
        is_order: Whether an order was carried out, so that the answer may be lost.
    """

    body: Fields
    status: int = 200
    api_id: str = ""
    next_key: str = ""
    news: tuple[OrderEntry, ...] = ()
    is_order: bool = False


class _Window(msgspec.Struct, frozen=True):
    """
    Where orders of one market are taken.

    Attributes:
        news: Words what is told of them; None where nothing is.
    """

    desk: Desk
    orders: OrderDesk | GoldOrders
    news: OrderNews | None


class Counter:
    """
    Takes requests.

    Args:
        desk: What answers are computed from.
        gold: What answers about gold are computed from.
        tokens: Who may ask.
        faults: What is wrong.
        wall: The machine's clock; quotas go by it.
    """

    def __init__(
        self,
        desk: Desk,
        gold: Desk,
        tokens: Tokens,
        faults: FaultSwitch[OrderEntry],
        wall: WallClock,
    ) -> None:
        self._desk = desk
        self._config = desk.config
        self._tokens = tokens
        self._faults = faults
        self._limiter = Limiter(wall)
        orders = OrderDesk(desk)
        self._credit = CreditOrders(desk, orders)
        self._stocks = _Window(desk, orders, OrderNews(desk))
        self._windows = {
            **dict.fromkeys((*ORDERS, *CREDIT_ORDERS), self._stocks),
            **dict.fromkeys(GOLD_ORDERS, _Window(gold, GoldOrders(gold), None)),
        }
        accounts = (Deposits, Positions, OrderLists, Profits, Statements)
        markets = (Quotes, Strengths, Charts, Indices, IndexCharts, Themes)
        rankings = (Rankings, Extremes, Surges, PriceZones, Attention)
        crowds = (Investors, InvestorRankings, Foreigners, Streaks)
        members = (Members, MemberMoments, MemberRankings)
        programmes = (ProgrammeTrading, ArbitrageBalance, SectorFlows)
        others = (Lending, Funds, Warrants, Watchlists, Absent)
        self._served = Instruments(desk, gold).served()
        for part in (*accounts, *markets, *rankings, *crowds, *members, *programmes, *others):
            self._served |= part(desk).served()
        of_gold: dict[str, Tr] = {}
        for part_of_gold in (GoldQuotes, GoldCharts, GoldLists, GoldAccount):
            of_gold |= part_of_gold(gold).served()
        self._served |= of_gold
        self._real_only = REAL_ONLY
        if not desk.config.doubts.gold_on_paper:
            self._real_only = REAL_ONLY.union(of_gold, GOLD_ORDERS)

    @property
    def served(self) -> list[str]:
        """Every kind of request that is answered, tokens left out."""
        return sorted([*self._served, *self._windows])

    def take(self, path: str, headers: Mapping[str, str], fields: Mapping[str, str]) -> Reply:
        """Return the answer to a request, whatever it is."""
        api_id = headers.get("api-id", "").strip()
        try:
            if self._faults.now.bad_device:
                raise codes.not_authentic("8050", "지정단말기 인증에 실패했습니다")
            if path in (ISSUE_PATH, REVOKE_PATH):
                return self._token(path, fields)
            return self._business(path, api_id, headers, fields)
        except RefusalError as refusal:
            body = {"return_code": refusal.code, "return_msg": refusal.text}
            return Reply(body, refusal.status, api_id)

    def _token(self, path: str, fields: Mapping[str, str]) -> Reply:
        api_id = "au10001" if path == ISSUE_PATH else "au10002"
        self._require_quota(fields.get("appkey", ""), api_id)
        answer = self._tokens.issue if path == ISSUE_PATH else self._tokens.revoke
        return Reply(answer(fields), api_id=api_id)

    def _business(
        self, path: str, api_id: str, headers: Mapping[str, str], fields: Mapping[str, str]
    ) -> Reply:
        if not api_id:
            raise codes.no_api_id()
        if api_id not in PATHS:
            raise codes.unknown_api_id(api_id)
        if PATHS[api_id] != path:
            raise codes.wrong_path(api_id, path)
        credential = self._tokens.owner(_bearer(headers.get("authorization")))
        next_key = headers.get("next-key", "") if headers.get("cont-yn") == "Y" else ""
        ask = Ask(api_id, credential.app_key, credential.account_id, fields, next_key)
        if api_id in self._windows:
            return self._order(ask, credential)
        self._require_quota(credential.app_key, api_id)
        self._require_offered(api_id)
        return self._query(ask)

    def _query(self, ask: Ask) -> Reply:
        tr = self._served[ask.api_id]
        for name in tr.required:
            if not ask.field(name):
                raise codes.missing_field(name)
        answer = tr.handle(ask)
        body = {**answer.fields, "return_code": 0, "return_msg": answer.text}
        if not answer.list_key:
            return Reply(body, api_id=ask.api_id)
        return self._list(ask, tr, answer)

    def _list(self, ask: Ask, tr: Tr, answer: Answer) -> Reply:
        faults = self._faults.now
        size = self._config.page_rows.get(ask.api_id, tr.page_rows)
        day = self._desk.today
        is_sentinel = ask.next_key == _SENTINEL
        page = page_of(answer, "" if is_sentinel else ask.next_key, size, day)
        rows, next_key = self._named(ask, page.rows), page.next_key
        if page.number == faults.fail_page:
            raise codes.query_failed()
        if faults.sentinel and answer.scope and not next_key:
            if is_sentinel:
                rows = [dict.fromkeys(rows[0], "")] if rows else []
            next_key = _SENTINEL
        if page.number == faults.stuck_page:
            rows, next_key = [], ask.next_key or _SENTINEL
        body = {
            **answer.fields,
            answer.list_key: rows,
            "return_code": 0,
            "return_msg": answer.text or DONE,
        }
        return Reply(body, api_id=ask.api_id, next_key=next_key)

    def _named(self, ask: Ask, rows: Sequence[Row]) -> list[Row]:
        """Return rows of a market's list, their codes as those of the exchanges asked for."""
        is_unified = ask.field("stex_tp") == _BOTH and PATHS[ask.api_id] != _ACCOUNTS
        if not (is_unified and self._config.doubts.names_unified):
            return list(rows)
        return [
            {name: f"{text}{UNIFIED}" if name in _CODES else text for name, text in row.items()}
            for row in rows
        ]

    def _order(self, ask: Ask, credential: Credential) -> Reply:
        rate = self._config.order_rate
        is_refused = self._faults.takes("rate_next")
        is_refused |= not self._limiter.takes((credential.app_key, ask.api_id), rate)
        if is_refused:
            return self._over_rate(ask)
        request, window = self._read(ask), self._windows[ask.api_id]
        if self._faults.takes("refuse_next"):
            window.desk.exchange.refuse(request, 0, _REFUSED, "")
            raise window.desk.refused(codes.Reject.OTHER)
        outcome = window.orders.carry_out(ask, request)
        body = window.orders.answer(ask, request, outcome)
        news = self._follow(window, outcome)
        return Reply(body, api_id=ask.api_id, news=news, is_order=True)

    def _read(self, ask: Ask) -> Request:
        """
        Return what an order asks of the books.

        Raises:
            RefusalError: It cannot be read, is refused before the books are asked, or is over
                credit.
        """
        self._require_offered(ask.api_id)
        if ask.api_id in CREDIT_ORDERS:
            raise self._credit.refusal(ask)
        return self._windows[ask.api_id].orders.read(ask)

    def _over_rate(self, ask: Ask) -> Reply:
        """Refuse an order for its rate; with the fault on it is carried out all the same."""
        refusal = codes.too_many(self._config.order_rate.per_sec, ask.api_id)
        body: Fields = {"return_code": refusal.code, "return_msg": refusal.text}
        news: tuple[OrderEntry, ...] = ()
        try:
            request, window = self._read(ask), self._windows[ask.api_id]
            if self._faults.now.ghosts:
                outcome = window.orders.carry_out(ask, request, ghost=_OVER_RATE)
                news = self._follow(window, outcome)
            else:
                window.desk.exchange.refuse(request, 0, _OVER_RATE, refusal.text)
        except RefusalError:
            pass  # what is refused for its rate was not looked at any further
        return Reply(body, refusal.status, ask.api_id, news=news)

    def by_hand(self, request: Request) -> tuple[Outcome, tuple[OrderEntry, ...]]:
        """Carry out what comes by another way, as from an HTS; return what is told of it."""
        outcome = self._desk.exchange.handle(request, 0, is_by_hand=True)
        return outcome, self._follow(self._stocks, outcome)

    def _follow(self, window: _Window, outcome: Outcome) -> tuple[OrderEntry, ...]:
        """Return the order frames of what was carried out."""
        if outcome.order_id is None:
            return ()
        window.desk.hide(outcome.order_id, self._faults.now.tail)
        if window.news is None:
            return ()
        cancel = self._cancel_of(outcome)
        news = window.news.of_cancel(cancel) if cancel else []
        for notice in outcome.notices:
            news += window.news.of_notice(notice)
        return tuple(news)

    def _cancel_of(self, outcome: Outcome) -> CancelRow | None:
        for account_id in self._desk.books.account_ids:
            cancels = self._desk.books.cancels(account_id, self._desk.today)
            if cancels and cancels[-1].order_id == outcome.order_id:
                return cancels[-1]
        return None

    def _require_offered(self, api_id: str) -> None:
        if api_id in self._real_only and self._config.is_paper:
            raise self._desk.refused(codes.Reject.NOT_OFFERED)

    def _require_quota(self, app_key: str, api_id: str) -> None:
        rate = self._config.rate
        is_refused = self._faults.takes("rate_next")
        if is_refused or not self._limiter.takes((app_key, api_id), rate):
            raise codes.too_many(rate.per_sec, api_id)


def _bearer(header: str | None) -> str:
    """
    Return the token of a header.

    Raises:
        RefusalError: It has none, or not as it must.
    """
    if header is None:
        raise codes.bad_header("1513", "Http header에 authorization 필드가 설정되어 있지 않습니다.")
    kind, _, token = header.strip().partition(" ")
    if not kind:
        raise codes.bad_header("1514", "authorization 필드의 형식이 맞지 않습니다.")
    if kind != "Bearer":
        raise codes.bad_header("1515", "authorization 필드의 Grant Type이 정의되지 않았습니다.")
    if not token.strip():
        raise codes.bad_header("1516", "authorization 필드에 Token이 없습니다.")
    return token.strip()


_ACCOUNTS: Final = "/api/dostk/acnt"
_BOTH: Final = "3"
_CODES: Final = frozenset(
    {
        "stk_cd",
        "inds_cd",
        *(f"{who}_{side}_stk_cd" for who in ("for", "orgn") for side in ("netslmt", "netprps")),
    }
)
_SENTINEL: Final = "A000000000000000"
_OVER_RATE: Final = "1700"
_REFUSED: Final = "REFUSED"
