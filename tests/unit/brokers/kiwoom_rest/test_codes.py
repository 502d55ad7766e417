"""Kiwoom's code tables: total over what is documented, and what is new raises."""

from __future__ import annotations

from itertools import product

import pytest

from maemae.brokers.kiwoom_rest.codes import (
    MARKET_CODES,
    PHASES,
    TERMS,
    Exchange,
    OrderKind,
    OrderState,
    TradeType,
    exchange_of,
    instrument_states,
    kind_from_word,
    leverage_from_name,
    listing_from_code,
    phase_from_code,
    side_from_word,
    state_from_word,
    trade_type_from_word,
    trade_type_of,
)
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.terms import ExecutionVenue, OrdType, Product, Side, TimeInForce
from maemae.krx.status import InstrumentState

_PLAIN = (0, 3, 5, 6, 7)
_IOC = (10, 13, 16)
_FOK = (20, 23, 26)


def test_trade_types_are_the_eighteen_of_the_guide() -> None:
    documented = [str(code) for code in (*_PLAIN, *_IOC, *_FOK, 28, 29, 30, 31, 61, 62, 81)]
    assert sorted(TradeType) == sorted(documented)
    assert set(TERMS) == set(TradeType)


@pytest.mark.parametrize(("ord_type", "time_in_force"), list(product(OrdType, TimeInForce)))
def test_every_order_of_ours_has_a_trade_type_that_means_it(
    ord_type: OrdType, time_in_force: TimeInForce
) -> None:
    terms = TERMS[trade_type_of(ord_type, time_in_force)]
    assert (terms.ord_type, terms.time_in_force) == (ord_type, time_in_force)
    assert terms.has_price is (ord_type is OrdType.LIMIT)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("보통", TradeType.LIMIT),
        ("시장가", TradeType.MARKET),
        ("시장가(IOC)", TradeType.MARKET_IOC),
        ("보통 (FOK)", TradeType.LIMIT_FOK),
        ("최유리지정가", TradeType.BEST_OPPOSITE),
        ("중간가(FOK)", TradeType.MIDPOINT_FOK),
    ],
)
def test_word_of_a_list_names_a_trade_type(word: str, kind: TradeType) -> None:
    assert trade_type_from_word(word) is kind


@pytest.mark.parametrize("word", ["", "경매", "3", "LIMIT"])
def test_word_when_it_is_new_raises(word: str) -> None:
    with pytest.raises(BrokerUnavailableError):
        trade_type_from_word(word)
    with pytest.raises(BrokerUnavailableError):
        state_from_word(word)
    with pytest.raises(BrokerUnavailableError):
        side_from_word(word)


@pytest.mark.parametrize(
    ("word", "side", "kind"),
    [
        ("+매수", Side.BUY, OrderKind.NEW),
        ("-매도", Side.SELL, OrderKind.NEW),
        ("현금매수", Side.BUY, OrderKind.NEW),
        ("+매수정정", Side.BUY, OrderKind.REPLACE),
        ("매도취소", Side.SELL, OrderKind.CANCEL),
    ],
)
def test_word_of_a_side_says_side_and_kind(word: str, side: Side, kind: OrderKind) -> None:
    assert (side_from_word(word), kind_from_word(word)) == (side, kind)


def test_states_are_five() -> None:
    words = ("접수", "체결", "확인", "취소", "거부")
    assert {state_from_word(word) for word in words} == set(OrderState)


def test_every_venue_of_ours_is_an_exchange_of_kiwoom() -> None:
    assert [exchange_of(venue) for venue in ExecutionVenue] == [Exchange.KRX, Exchange.NXT]


def test_market_codes_are_those_of_the_guide() -> None:
    documented = [str(code) for code in (*range(11), 30, 50, 60, 70, 80, 90) if code != 1]
    assert sorted(MARKET_CODES) == sorted(documented)
    with pytest.raises(BrokerUnavailableError):
        listing_from_code("11")


def test_phases_are_those_of_the_guide() -> None:
    assert sorted(PHASES) == sorted("0324 89abcdefosPQRSTUV".replace(" ", ""))
    assert phase_from_code("e") is None
    with pytest.raises(BrokerUnavailableError):
        phase_from_code("Z")


@pytest.mark.parametrize(
    ("told", "states"),
    [
        (("0", "정상", "증거금20%|담보대출|신용가능"), ()),
        (("2", "정상", ""), (InstrumentState.DELISTING,)),
        (("0", "정상", "증거금100%|거래정지"), (InstrumentState.HALTED,)),
        (("0", "투자주의환기종목", ""), (InstrumentState.ADMINISTRATIVE,)),
        (("5", "투자경고", ""), (InstrumentState.WARNING,)),
        (("0", "처음보는말", ""), (InstrumentState.UNKNOWN,)),
    ],
)
def test_instrument_says_what_it_warns_of(
    told: tuple[str, str, str], states: tuple[InstrumentState, ...]
) -> None:
    assert instrument_states(*told) == states


def test_warning_when_its_code_is_new_raises() -> None:
    with pytest.raises(BrokerUnavailableError):
        instrument_states("9", "정상", "")


@pytest.mark.parametrize(
    ("name", "kind", "leverage"),
    [
        ("KODEX 레버리지", Product.ETF, 2),
        ("KODEX 200선물인버스2X", Product.ETF, -2),
        ("KODEX 인버스", Product.ETF, -1),
        ("KODEX 200", Product.ETF, 1),
        ("레버리지전자", Product.STOCK, 1),
    ],
)
def test_leverage_is_read_from_the_name_of_a_fund(name: str, kind: Product, leverage: int) -> None:
    assert leverage_from_name(name, kind) == leverage
