"""Who trades, where the model must agree with itself to the share."""

from __future__ import annotations

from datetime import date

from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE
from maemae.domain.terms import Side
from maemae.emulators.kiwoom_rest.arbitrage_balance import balances
from maemae.emulators.kiwoom_rest.crowd import MEMBERS, members, programmes
from maemae.emulators.kiwoom_rest.history import Bar, merged
from maemae.emulators.kiwoom_rest.member_moments import Moment, moments
from maemae.krx.session import regular_open

STOCK, OTHER = Symbol("005930"), Symbol("000660")
DAYS = (date(2025, 9, 1), date(2025, 9, 2), date(2025, 9, 3))


def bar(day: date, minute: int, volume: int, px: int = 10_000) -> Bar:
    at = regular_open(day) + minute * MINUTE
    return Bar(at, px, px, px, px, volume, px * volume)


def traded(found: list[Moment]) -> tuple[int, int]:
    """Return what was bought and sold in all."""
    bought = sum(each.qty for each in found if each.side is Side.BUY)
    return bought, sum(each.qty for each in found) - bought


def test_moments_of_a_member_add_up_to_what_it_traded_that_day() -> None:
    bars = [bar(DAYS[0], minute, 1_000 + 37 * minute) for minute in range(60)]
    whole = members(STOCK, [merged(bars)])
    for member in MEMBERS:
        found = moments(STOCK, bars, member)
        assert traded(found) == (whole[member].bought, whole[member].sold)
        assert found[-1].net == whole[member].net
        assert [each.at for each in found] == sorted(each.at for each in found)


def test_moments_when_shares_come_one_by_one_are_short_by_what_was_rounded() -> None:
    bars = [bar(DAYS[0], minute, 1) for minute in range(100)]
    whole = members(STOCK, [merged(bars)])
    for member in MEMBERS:
        bought, sold = traded(moments(STOCK, bars, member))
        assert 0 <= bought - whole[member].bought < len(MEMBERS)
        assert 0 <= sold - whole[member].sold < len(MEMBERS)


def test_balance_is_what_was_traded_as_arbitrage_since_the_first_day() -> None:
    market = {
        STOCK: [bar(day, 0, 400_000) for day in DAYS],
        OTHER: [bar(DAYS[0], 0, 900_000, 20_000), bar(DAYS[2], 0, 100_000, 25_000)],
    }
    found = balances(market)
    assert list(found) == list(DAYS)
    held, prices = dict.fromkeys(market, 0), dict.fromkeys(market, 0)
    for day in DAYS:
        for symbol, bars in market.items():
            for each in bars:
                if each.day == day:
                    held[symbol] += programmes(symbol, [each])[0].net
                    prices[symbol] = each.close
        balance = found[day]
        assert balance.bought - balance.sold == sum(held.values())
        values = [held[symbol] * prices[symbol] for symbol in market]
        assert balance.bought_value == sum(value for value in values if value > 0)
        assert balance.sold_value == -sum(value for value in values if value < 0)
    assert any(balance.bought or balance.sold for balance in found.values())
