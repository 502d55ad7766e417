"""Orders as Kiwoom's bodies: every kind of order to every exchange, and what is not sent."""

from __future__ import annotations

import msgspec
import pytest

from maemae.brokers.kiwoom_rest.codes import TERMS, Exchange, TradeType
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG, REAL_CONFIG, config_of
from maemae.brokers.kiwoom_rest.hosts import emulator_host, host_of
from maemae.brokers.kiwoom_rest.mapping import (
    account_from_text,
    cancel_body,
    replace_body,
    submit_body,
    traits_of,
)
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import BrokerUnavailableError, NotAcceptedError
from maemae.domain.ids import ClOrdId
from maemae.domain.terms import Mode
from maemae.ports import ClientIdSupport
from tests.builders import an_order


@pytest.mark.parametrize("kind", list(TradeType))
@pytest.mark.parametrize("exchange", list(Exchange))
def test_order_of_every_kind_goes_to_every_exchange(kind: TradeType, exchange: Exchange) -> None:
    trigger = 41_000 if kind is TradeType.STOP_LIMIT else None
    body = submit_body(an_order(7, 41_250), PAPER_CONFIG, exchange, kind, trigger)
    assert (body["trde_tp"], body["dmst_stex_tp"]) == (kind.value, exchange.value)
    assert body["cond_uv"] == ("41000" if kind is TradeType.STOP_LIMIT else "")
    assert body["ord_uv"] == ("41250" if TERMS[kind].has_price else "")


@pytest.mark.parametrize("kind", [kind for kind in TradeType if TERMS[kind].has_price])
def test_order_when_its_kind_needs_a_price_and_there_is_none_is_not_sent(kind: TradeType) -> None:
    with pytest.raises(NotAcceptedError):
        submit_body(an_order(price=None), PAPER_CONFIG, None, kind)


@pytest.mark.parametrize("kind", list(TradeType))
def test_trigger_price_is_of_a_stop_limit_alone_and_never_missing(kind: TradeType) -> None:
    trigger = None if kind is TradeType.STOP_LIMIT else 41_000
    with pytest.raises(NotAcceptedError, match="trigger price"):
        submit_body(an_order(7, 41_250), PAPER_CONFIG, None, kind, trigger)


def test_price_of_a_market_order_is_written_as_configured() -> None:
    zero = msgspec.structs.replace(PAPER_CONFIG, market_price="0")
    assert submit_body(an_order(price=None), zero)["ord_uv"] == "0"


def test_request_when_the_number_is_not_known_is_not_sent() -> None:
    with pytest.raises(NotAcceptedError, match="not known yet"):
        cancel_body(an_order(), CancelOrder(ClOrdId(2), ClOrdId(1), None, 0))
    with pytest.raises(NotAcceptedError, match="not known yet"):
        replace_body(an_order(), ReplaceOrder(ClOrdId(3), ClOrdId(1), None, 9, 100, 0))


@pytest.mark.parametrize("mode", [Mode.PAPER, Mode.REAL])
def test_traits_keep_below_what_the_server_takes(mode: Mode) -> None:
    traits = traits_of(host_of(mode), config_of(mode))
    assert (traits.mode, traits.is_emulated) == (mode, False)
    assert traits.client_id is ClientIdSupport.NONE
    assert not traits.fences
    assert traits.orders_per_sec == (4 if mode is Mode.REAL else 1)
    assert REAL_CONFIG.quotas.each.requests < 5


def test_traits_of_a_double_on_this_machine_say_so() -> None:
    host = emulator_host(Mode.REAL, "http://127.0.0.1:7702", "ws://127.0.0.1:7702/api")
    traits = traits_of(host, config_of(Mode.REAL))
    assert (traits.mode, traits.is_emulated) == (Mode.REAL, True)


@pytest.mark.parametrize("text", ["", "MASKED", "81000001-가"])
def test_account_when_it_is_no_number_raises(text: str) -> None:
    with pytest.raises(BrokerUnavailableError):
        account_from_text(text)
