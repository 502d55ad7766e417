"""Strategies, limits, the kill switch, alerts and jobs over the API, on a real executor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from maemae.core.events import KillLevel
from maemae.domain.instant import SECOND, kst_date
from maemae.domain.terms import Mode
from maemae.server.security.roles import Role
from maemae.storage.answers import Answers
from maemae.trading.emergency.kill_file import KillFile
from tests.brokers.sim_rig import ACCOUNT, RISING, make_market
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import Street
from tests.server.recording_line import RecordingLine
from tests.server.rig import Person, ServerRig, a_line, a_server, a_trading_server
from tests.server.trading import ORDERS, PATIENT, buy, comes_to, keyed, place, post, resting
from tests.waiting import until

Rig = tuple[ServerRig, Street, ExecutorRig]
RUNS = "/api/strategies/runs"
PATIENCE_SECS = 90.0
CROSS = {"spec": "golden_cross", "values": {"fast": 2, "slow": 10}, "account_id": ACCOUNT}
HERE = {"account_id": ACCOUNT}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Give everything there is, with bars to warm strategies up with."""
    folder = tmp_path_factory.mktemp("control")
    make_market(folder / "home" / "catalogue")
    with a_trading_server(folder, {"dataset": "cards", **PATIENT}) as running:
        yield running


@pytest.fixture(scope="module")
def trader(rig: Rig) -> Person:
    return rig[0].a_person(Role.PAPER_TRADER, ACCOUNT)


@pytest.fixture
def client(rig: Rig, trader: Person) -> Iterator[httpx.Client]:
    """Give a browser that has just shown the second factor."""
    with rig[0].logged_in(trader) as browser:
        yield browser


def run_of(client: httpx.Client, sleeve_id: str) -> dict[str, Any] | None:
    rows = client.get(RUNS, params=HERE).json()
    return next((row for row in rows if row["sleeve_id"] == sleeve_id), None)


def _day_of(bar: dict[str, Any]) -> str:
    return kst_date(bar["at"] * SECOND).isoformat()


def state_of(client: httpx.Client, sleeve_id: str) -> str | None:
    run = run_of(client, sleeve_id)
    return None if run is None else str(run["state"])


def test_catalogue_tells_parameters_with_their_ranges(client: httpx.Client) -> None:
    entries = {entry["spec"]: entry for entry in client.get("/api/strategies").json()}

    fast = next(p for p in entries["golden_cross"]["parameters"] if p["name"] == "fast")
    assert fast == {"name": "fast", "is_whole": True, "default": 10, "low": 2, "high": 60}
    for entry in entries.values():
        assert re.search("[가-힣]", entry["about"]["ko"]), entry
        assert re.fullmatch("[^가-힣]+", entry["about"]["en"]), entry


def test_strategy_runs_from_start_to_first_fill_and_is_paused_and_stopped_for_good(
    rig: Rig, client: httpx.Client
) -> None:
    started = post(client, RUNS, {**CROSS, "sleeve_id": "cross", "cash": 10_000_000})
    assert started.status_code == 200, started.text
    again = post(client, RUNS, {**CROSS, "sleeve_id": "cross", "cash": 10_000_000})
    assert (again.status_code, again.json()["code"]) == (409, "REFUSED_BY_EXECUTOR")
    until(lambda: state_of(client, "cross") == "RUNNING", PATIENCE_SECS)

    def bought() -> bool:
        rows = client.get("/api/executions", params=HERE).json()
        return any(row["sleeve_id"] == "cross" for row in rows)

    until(bought, PATIENCE_SECS, said=lambda: client.get(f"{RUNS}/{ACCOUNT}/cross/why").text)
    assert any(order.symbol == RISING for order in rig[1].orders)
    run = run_of(client, "cross")
    assert run is not None
    assert run["bars"] > 0
    assert run["intents"] > 0

    paused = client.post(f"{RUNS}/{ACCOUNT}/cross/pause", json={"reason": "점심"})
    assert paused.status_code == 200, paused.text
    assert state_of(client, "cross") == "PAUSED"
    why = client.get(f"{RUNS}/{ACCOUNT}/cross/why").json()
    assert why["state"] == "PAUSED"
    assert any("점심" in reason["ko"] for reason in why["reasons"])

    rig[2].kill()
    rig[2].start()
    assert rig[2].settles()
    until(lambda: state_of(client, "cross") == "PAUSED", PATIENCE_SECS)
    assert post(client, f"{RUNS}/{ACCOUNT}/cross/resume").status_code == 200
    until(lambda: state_of(client, "cross") in {"WARMING_UP", "RUNNING"})

    stopped = client.post(f"{RUNS}/{ACCOUNT}/cross/stop", json={"reason": "그만"})
    assert stopped.status_code == 200
    rig[2].kill()
    rig[2].start()
    assert rig[2].settles()
    until(lambda: state_of(client, "cross") == "STOPPED", PATIENCE_SECS)


@pytest.mark.parametrize("verb", ["pause", "stop"])
def test_strategy_when_told_twice_under_one_key_is_told_once_and_without_a_key_at_once(
    tmp_path: Path, verb: str
) -> None:
    path, because = f"{RUNS}/{ACCOUNT}/cross/{verb}", {"reason": "점심"}
    with a_line(tmp_path, Mode.SIM, ACCOUNT) as quiet:
        line = RecordingLine(quiet)
        with a_server(tmp_path, (line,)) as server:
            trader = server.a_person(Role.PAPER_TRADER, ACCOUNT)
            with server.logged_in(trader) as client:
                first = post(client, path, because, "once-and-again")
                again = post(client, path, because, "once-and-again")
                told = len(line.commands)
                keyless = client.post(path, json=because)

    assert (first.status_code, first.json()) == (200, again.json())
    assert told == 1
    assert (keyless.status_code, len(line.commands)) == (200, 2)


def test_strategy_that_cannot_afford_anything_says_why_with_counts(client: httpx.Client) -> None:
    started = post(client, RUNS, {**CROSS, "sleeve_id": "poor", "cash": 1_000})
    assert started.status_code == 200, started.text

    def is_refused() -> bool:
        told = client.get(f"{RUNS}/{ACCOUNT}/poor/why").json()
        return bool(told.get("refusals"))

    until(is_refused, PATIENCE_SECS)
    told = client.get(f"{RUNS}/{ACCOUNT}/poor/why").json()
    assert told["wishes"]
    assert told["refusals"][0]["times"] >= 1
    assert any("refused" in reason["en"] for reason in told["reasons"])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"spec": "mine.py:Mine"}, 422),
        ({"values": {"fast": 5_000}}, 409),
        ({"values": {"fast": 1e300}}, 422),
        ({"sleeve_id": "EXTERNAL"}, 422),
        ({"cash": 10**12}, 409),
    ],
)
def test_strategy_that_cannot_be_run_is_refused_in_words(
    client: httpx.Client, change: dict[str, object], status: int
) -> None:
    answer = post(client, RUNS, {**CROSS, "sleeve_id": "never", "cash": 0, **change})

    assert answer.status_code == status, answer.text
    assert answer.json()["ko"]


def test_limits_are_lowered_at_once_and_raised_for_the_next_session_with_a_second_factor(
    rig: Rig, trader: Person, client: httpx.Client
) -> None:
    def limits() -> dict[str, Any]:
        rows = client.get("/api/risk/limits", params=HERE).json()
        return next(row for row in rows if row["sleeve_id"] == "MANUAL")

    held = limits()["limits"]
    wanted = {**HERE, "sleeve_id": "MANUAL", **held}
    rig[0].forget_step_up()
    lowered = client.put(
        "/api/risk/limits", json={**wanted, "max_order_value": 5_000_000}, headers=keyed()
    )
    assert lowered.status_code == 200, lowered.text
    assert limits()["limits"]["max_order_value"] == 5_000_000

    refused = client.put("/api/risk/limits", json=wanted, headers=keyed())
    assert (refused.status_code, refused.json()["code"]) == (403, "STEP_UP_NEEDED")
    rig[0].step_up(client, trader)
    raised = client.put("/api/risk/limits", json=wanted, headers=keyed())

    assert client.put("/api/risk/limits", json=wanted).status_code == 422  # without a key
    assert raised.json()["limits"]["max_order_value"] == 5_000_000
    assert raised.json()["pending"]["max_order_value"] == held["max_order_value"]
    told = post(client, ORDERS, buy(1_000)).json()
    assert any("5,000,000" in refusal["ko"] for refusal in told["refusals"])


def test_usage_counts_the_orders_of_a_sleeve(client: httpx.Client) -> None:
    def used() -> int:
        rows = client.get("/api/risk/usage", params=HERE).json()
        return next(int(row["orders_today"]) for row in rows if row["sleeve_id"] == "MANUAL")

    before = used()
    place(client, resting())

    assert used() == before + 1


def test_kill_switch_cancels_stays_and_is_released_only_with_a_second_factor(
    rig: Rig, trader: Person, client: httpx.Client
) -> None:
    number = place(client, resting(9))
    comes_to(client, number, "NEW")
    rig[0].forget_step_up()
    needs = client.post("/api/kill", json={**HERE, "level": "LIQUIDATE", "reason": "시험"})
    assert (needs.status_code, needs.json()["code"]) == (403, "STEP_UP_NEEDED")

    pressed = client.post("/api/kill", json={**HERE, "level": "CANCEL_ALL", "reason": "불안"})

    assert pressed.status_code == 200, pressed.text
    assert pressed.json()["kill"] == "CANCEL_ALL"
    comes_to(client, number, "CANCELED")
    assert KillFile(rig[2].home).level() is KillLevel.CANCEL_ALL
    assert post(client, ORDERS, buy(1)).json()["outcome"] == "REFUSED"
    release = {**HERE, "reason": "확인", "read": pressed.json()["kill_reason"]}
    refused = post(client, "/api/kill/release", release)
    assert (refused.status_code, refused.json()["code"]) == (403, "STEP_UP_NEEDED")
    rig[0].step_up(client, trader)
    released = post(client, "/api/kill/release", release)
    assert released.status_code == 200, released.text
    assert released.json()["kill"] == "OFF"
    opened = client.post(
        "/api/kill/trading-state", json={**HERE, "state": "ACTIVE", "reason": "재개"}
    )
    assert opened.json()["trading_state"] == "ACTIVE"
    (standing,) = client.get("/api/kill").json()
    assert (standing["mode"], standing["is_running"]) == ("SIM", True)
    assert not standing["is_emulated"]  # its market is ours, and is said to be
    comes_to(client, place(client, buy(1)), "FILLED")


def test_kill_switch_pressed_under_a_key_is_pressed_once_and_never_refused_for_one(
    rig: Rig, trader: Person, client: httpx.Client
) -> None:
    press = {**HERE, "level": "STOP_NEW", "reason": "한 번"}
    pressed = post(client, "/api/kill", press, "pressed-once")
    rig[0].step_up(client, trader)
    release = {**HERE, "reason": "확인", "read": pressed.json()["kill_reason"]}
    released = post(client, "/api/kill/release", release, "released-once")

    late = post(client, "/api/kill", press, "pressed-once")
    after_late = client.get("/api/kill").json()[0]["kill"]
    again = post(client, "/api/kill", {**press, "reason": "다시"}, "pressed-once")
    after_again = client.get("/api/kill").json()[0]["kill"]
    released_late = post(client, "/api/kill/release", release, "released-once")
    after_released_late = client.get("/api/kill").json()[0]["kill"]
    unsound = post(client, "/api/kill", press, "!")

    assert (late.content, after_late) == (pressed.content, "OFF")
    assert (again.json()["kill"], after_again) == ("STOP_NEW", "STOP_NEW")
    assert (released_late.content, after_released_late) == (released.content, "STOP_NEW")
    assert unsound.json()["kill"] == "STOP_NEW"
    assert client.post("/api/kill/release", json=release).status_code == 422
    read = client.get("/api/kill").json()[0]["kill_reason"]
    assert post(client, "/api/kill/release", {**release, "read": read}).json()["kill"] == "OFF"


def test_kill_switch_when_the_answer_to_its_press_was_lost_is_not_pressed_again(
    rig: Rig, trader: Person, client: httpx.Client
) -> None:
    press = {**HERE, "level": "STOP_NEW", "reason": "한 번"}
    pressed = post(client, "/api/kill", press, "answer-lost")
    rig[0].step_up(client, trader)
    release = {**HERE, "reason": "확인", "read": pressed.json()["kill_reason"]}
    assert post(client, "/api/kill/release", release).json()["kill"] == "OFF"
    Answers(rig[0].services.store).forget_old(rig[0].wall.now() + SECOND)

    late = post(client, "/api/kill", press, "answer-lost")

    assert (late.status_code, late.json()["kill"]) == (200, "OFF")
    assert KillFile(rig[2].home).level() is KillLevel.OFF


def test_bars_of_the_session_are_those_that_its_executor_made(client: httpx.Client) -> None:
    asked: dict[str, str | int] = {"symbol": RISING, "interval": "1m", "limit": 5_000}

    def told() -> dict[str, Any]:
        rows: dict[str, Any] = client.get("/api/market/bars", params={**asked, **HERE}).json()
        return rows

    def has_three() -> bool:
        day = told()["session_date"]
        own = client.get("/api/market/bars", params={**asked, **HERE, "from": day, "to": day})
        return day is not None and own.is_success and len(own.json()["bars"]) > 2

    until(has_three, PATIENCE_SECS)
    told_now = told()
    kept = client.get("/api/market/bars", params=asked).json()
    day = told_now["session_date"]
    of_the_day = [bar for bar in told_now["bars"] if _day_of(bar) == day]
    by_time = {bar["at"]: bar for bar in kept["bars"]}

    assert (kept["session_date"], kept["dataset"]) == (None, "cards")
    assert kept["bars"][-1]["at"] > told_now["bars"][-1]["at"]  # the market has yet to trade it
    assert told_now["bars"][: -len(of_the_day)] == [
        bar for bar in kept["bars"] if _day_of(bar) < day
    ]
    pairs = [(bar, by_time[bar["at"]]) for bar in of_the_day]
    for made, whole in pairs:  # prints of before the stream, or of a cut in it, are in none
        assert whole["low"] <= made["low"] <= made["high"] <= whole["high"]
    assert any({**made, "volume": 0} == {**whole, "volume": 0} for made, whole in pairs)


def test_trading_when_closed_under_a_key_that_was_used_is_closed_all_the_same(
    client: httpx.Client,
) -> None:
    told = [
        post(
            client,
            "/api/kill/trading-state",
            {**HERE, "state": state, "reason": "시험"},
            "one-key-1",
        ).json()["trading_state"]
        for state in ("REDUCING", "HALTED", "ACTIVE")
    ]

    assert told == ["REDUCING", "HALTED", "ACTIVE"]


def test_alert_that_a_person_saw_says_who(rig: Rig, trader: Person, client: httpx.Client) -> None:
    def alerts() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get("/api/alerts", params=HERE).json()
        return found

    client.post("/api/kill", json={**HERE, "level": "STOP_NEW", "reason": "알림 시험"})
    until(alerts)
    alert = alerts()[0]
    path = f"/api/alerts/{alert['alert_id']}/acknowledge"

    seen = client.post(path, params=HERE)

    assert seen.status_code == 200, seen.text
    assert seen.json()["acknowledged_by"] == trader.user_id
    assert alert["alert_id"] not in {each["alert_id"] for each in alerts()}
    assert client.post("/api/alerts/999999/acknowledge", params=HERE).status_code == 404
    standing = client.get("/api/kill").json()[0]
    rig[0].step_up(client, trader)
    release = {**HERE, "reason": "끝", "read": standing["kill_reason"]}
    assert post(client, "/api/kill/release", release).is_success


def test_jobs_and_performance_are_told(client: httpx.Client) -> None:
    jobs = client.get("/api/jobs", params=HERE).json()
    performance = client.get("/api/performance", params=HERE).json()

    assert jobs
    assert any(row["sleeve_id"] == "MANUAL" for row in performance)


def test_pages_that_are_read_work_while_no_executor_runs(rig: Rig, client: httpx.Client) -> None:
    rig[2].kill()

    paths = ("orders", "executions", "positions", "balances", "alerts", "jobs", "performance")
    answers = {path: client.get(f"/api/{path}", params=HERE).status_code for path in paths}
    (standing,) = client.get("/api/kill").json()
    refused = post(client, ORDERS, resting())
    pressed = client.post("/api/kill", json={**HERE, "level": "STOP_NEW", "reason": "실행기 없음"})

    assert set(answers.values()) == {200}, answers
    assert not standing["is_running"]
    assert refused.status_code == 503
    assert pressed.json()["kill"] == "STOP_NEW"
    assert KillFile(rig[2].home).level() is KillLevel.STOP_NEW
