"""What an executor says of itself, as tables and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from maemae.core.events import KillLevel
from maemae.domain.ids import MANUAL_SLEEVE, AccountId, IntentId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.parent import Crossing
from maemae.domain.terms import Mode, Side, TradingState
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.trading.control.commands import AlertsQuery, Ask, OrdersQuery, PositionsQuery
from maemae.trading.control.replies import (
    Accepted,
    Alerts,
    Connection,
    Holding,
    Orders,
    Positions,
    Reply,
    Status,
)
from maemae.trading.waiting import Waiting, WaitsFor
from tests.builders import ACCOUNT, NOON, SAMSUNG, SLEEVE, an_order
from tests.fake_executor import answering
from tests.unit.cli.conftest import CommandLine


def a_waiting(waits_for: WaitsFor, **terms: object) -> Waiting:
    wish = Waiting(IntentId("S:1"), ACCOUNT, SLEEVE, SAMSUNG, Side.BUY, waits_for)
    return msgspec.structs.replace(wish, **terms)


KNOWN, UNKNOWN = Symbol("000010"), Symbol("000020")
HOLDINGS = (
    Holding(AccountId("SIM"), MANUAL_SLEEVE, KNOWN, 10, 4, 100_000, 11_000),
    Holding(AccountId("SIM"), MANUAL_SLEEVE, UNKNOWN, 3, 3, 30_000, None),
    Holding(AccountId("SIM"), MANUAL_SLEEVE, Symbol("000030"), 0, 0, 0, 1),
)
STATUS = Status(
    mode=Mode.SIM,
    trading_state=TradingState.REDUCING,
    trading_reason="certificate",
    kill=KillLevel.CANCEL_ALL,
    kill_reason="kim: 급락",
    epoch=7,
    connections=(Connection("broker", is_connected=True), Connection("feed", is_connected=False)),
    venue_time=NOON,
    last_tick_age=3 * SECOND // 2,
    open_orders=1_234,
    unknown_orders=1,
    positions=2,
    alerts=1,
    inbox=0,
    outbox=0,
)
ALERT = Alert("BLIND", "000010", is_critical=True, text=Text("시세가 없음", "no price"), at=NOON)


RISES = Crossing(10_500, above=True)
WAITING = (
    a_waiting(WaitsFor.PRICE, crossing=RISES),
    a_waiting(WaitsFor.TIME, at=NOON),
    a_waiting(WaitsFor.PART, at=NOON, filled=4, qty=10, sent=1, parts=3),
    a_waiting(WaitsFor.FILLS, filled=4, qty=10, sent=1, parts=1),
    msgspec.structs.replace(a_waiting(WaitsFor.MARKET), symbol=None, side=None),
)


def answer(ask: Ask) -> Reply:
    if isinstance(ask, OrdersQuery):
        return Orders((an_order(),))
    if isinstance(ask, PositionsQuery):
        return Positions(HOLDINGS)
    return Alerts((ALERT,)) if isinstance(ask, AlertsQuery) else STATUS


@pytest.fixture
def sim(home: Path) -> Path:
    return home / "sim"


@pytest.mark.parametrize("command", ["status", "orders", "positions", "alerts", "watch"])
def test_query_when_no_executor_runs_is_one_sentence(maemae: CommandLine, command: str) -> None:
    outcome = maemae(command)

    assert (outcome.code, outcome.out, len(outcome.sentences)) == (1, "", 1)
    assert "maemae trade" in outcome.err


@pytest.mark.parametrize("command", ["status", "orders", "positions", "alerts"])
def test_query_when_json_is_asked_for_is_one_line_that_decodes(
    maemae: CommandLine, sim: Path, command: str
) -> None:
    with answering(sim, answer):
        outcome = maemae(command, "--json")

    assert len(outcome.out.splitlines()) == 1
    told = json.loads(outcome.out)
    assert told["type"] == command.upper()
    assert msgspec.json.decode(outcome.out, type=Reply)


def test_status_says_state_kill_switch_and_connections(maemae: CommandLine, sim: Path) -> None:
    with answering(sim, answer):
        told = maemae("status").out

    for words in ("줄이기만", "CANCEL_ALL", "kim: 급락", "✔ 증권사", "✘ 시세", "1,234", "1.5 초"):
        assert words in told


def test_status_of_an_executor_on_an_emulator_says_so(maemae: CommandLine, sim: Path) -> None:
    emulated = msgspec.structs.replace(STATUS, mode=Mode.REAL, is_emulated=True)
    with answering(sim, lambda _: emulated):
        assert "REAL · 에뮬레이터" in maemae("status").out
    with answering(sim, answer):
        assert "에뮬레이터" not in maemae("status").out


def test_positions_show_names_results_and_nothing_that_is_not_held(
    with_data: CommandLine, sim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maemae.app.names.instrument_names", lambda _: {KNOWN: "동화약품"})

    with answering(sim, answer):
        lines = with_data("positions").out.splitlines()

    assert lines[1].split() == [
        "000010",
        "동화약품",
        "MANUAL",
        "10",
        "4",
        "10,000",
        "11,000",
        "+10,000",
    ]
    assert lines[2].split() == ["000020", "MANUAL", "3", "3", "10,000", "–", "–"]
    assert lines[-1].split() == ["합계", "+10,000"]
    assert "000030" not in "".join(lines)


@pytest.mark.parametrize(("words", "is_open_only"), [([], True), (["--all"], False)])
def test_orders_asks_for_open_ones_unless_told(
    maemae: CommandLine, sim: Path, words: list[str], *, is_open_only: bool
) -> None:
    with answering(sim, answer) as asked:
        assert maemae("orders", *words).code == 0

    assert asked == [OrdersQuery(is_open_only=is_open_only)]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "ko",
            [
                "10,500원 이상 –",
                "시각 03-04 12:00:00 –",
                "다음 조각 03-04 12:00:00 4/10주 (1/3조각)",
                "보낸 주문의 체결 4/10주",
                "리밸런싱 – 장이나 거래",
            ],
        ),
        (
            "en",
            [
                "at or above ₩10,500 –",
                "time 03-04 12:00:00 –",
                "next part 03-04 12:00:00 4/10 sh. (1/3 parts)",
                "its orders to end 4/10 sh.",
                "rebalancing – market or trading",
            ],
        ),
    ],
)
def test_orders_show_what_waits_what_for_and_how_far_it_has_come(
    maemae: CommandLine,
    sim: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    said: list[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "160")  # narrower ones break cells over lines
    with answering(sim, lambda _: Orders((), WAITING)):
        told = maemae("orders", "--lang", language).out

    words = " ".join(told.split())
    assert [each for each in said if each not in words] == []
    assert "".join(told.split()).count("S:") == len(WAITING)


def test_watch_when_nobody_watches_prints_everything_once(maemae: CommandLine, sim: Path) -> None:
    with answering(sim, answer) as asked:
        outcome = maemae("watch", "--lang", "en")

    assert outcome.code == 0
    assert len(asked) == 4
    for words in ("reducing", "000020", "MANUAL", "no price"):
        assert words in outcome.out


def test_empty_lists_say_so(maemae: CommandLine, sim: Path) -> None:
    def nothing(ask: Ask) -> Reply:
        if isinstance(ask, OrdersQuery):
            return Orders(())
        return Positions(()) if isinstance(ask, PositionsQuery) else Alerts(())

    with answering(sim, nothing):
        told = [maemae(each).out for each in ("orders", "positions", "alerts")]

    assert told == ["주문이 없습니다.\n", "보유가 없습니다.\n", "알림이 없습니다.\n"]


def test_query_when_the_answer_is_of_another_kind_is_one_sentence(
    maemae: CommandLine, sim: Path
) -> None:
    with answering(sim, lambda _: Accepted("k")):
        outcome = maemae("status")

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
