"""Our book against the broker's."""

from __future__ import annotations

from maemae.trading.simulated_day.agreement import differences
from maemae.venue.account import Account, Holding
from tests.builders import ACCOUNT, HYNIX, OTHER_SLEEVE, SAMSUNG, SLEEVE, a_core, hold


def test_differences_when_the_sleeves_add_up_are_none() -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10, 10_000)
    hold(core, 5, 10_000, sleeve_id=OTHER_SLEEVE)
    account = Account(ACCOUNT, 20_000_000 - 150_000, holdings={SAMSUNG: Holding(15, 150_000)})

    assert differences(core.state, account) == ()


def test_differences_name_cash_and_every_instrument() -> None:
    core = a_core()
    hold(core, 10, 10_000)
    account = Account(ACCOUNT, 9_900_001, holdings={HYNIX: Holding(1, 1)})

    assert [text.en for text in differences(core.state, account)] == [
        "cash: 9,900,000 won in the sleeves, 9,900,001 won at the broker",
        "000660: 0 shares in the sleeves, 1 at the broker",
        "005930: 10 shares in the sleeves, 0 at the broker",
    ]
