"""What differs from a backtest is shown with its reason; what nothing explains stands out."""

from __future__ import annotations

import msgspec
import pytest

from maemae.analytics.parity import ParityReport, compare
from maemae.analytics.traded_day import Knowledge, OrderSeen, Surroundings, TradedDay
from maemae.cli.parity_view import parity_view
from maemae.cli.screen import Screen
from maemae.domain.ids import SleeveId, Symbol
from maemae.domain.terms import Cause, OrdType, Side
from maemae.domain.text import Language
from tests.builders import NOON

ORDER = OrderSeen(
    key=f"{NOON}:005930:0",
    sleeve_id=SleeveId("golden_cross"),
    symbol=Symbol("005930"),
    side=Side.BUY,
    cause=Cause.SIGNAL,
    bar=NOON,
    sent_at=NOON,
    ways=(OrdType.MARKET,),
    qty=1_000,
    filled=1_000,
    notional=10_000_000,
    charges=0,
    filled_at=NOON,
    print_px=10_000,
    print_at=NOON,
    known=Knowledge(10_000, NOON, 100_000_000, 100_000_000, 0),
)


def report(live: OrderSeen | None) -> ParityReport:
    orders = () if live is None else (live,)
    return compare(TradedDay(orders), TradedDay((ORDER,)), Surroundings(bars_equal=390))


@pytest.mark.parametrize(
    ("live", "words"),
    [
        (ORDER, ["1/1", "모두 같습니다"]),
        (
            msgspec.structs.replace(ORDER, notional=10_100_000),
            ["1,000 × 10,100", "1,000 × 10,000", "체결가", "모든 차이에 까닭이 있습니다"],
        ),
        (None, ["0/1", "1,000주", "설명되지 않는 차이가 1건"]),
    ],
)
def test_view_shows_totals_and_reasons(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    live: OrderSeen | None,
    words: list[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    parity_view(Screen(Language.KO), report(live))

    shown = capsys.readouterr().out
    assert all(word in shown for word in words), shown
    assert "390" in shown
