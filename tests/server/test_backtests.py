"""Backtests over the API: in a process of their own, told honestly, whatever happens to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from maemae.app.datasets import ensure_synthetic
from maemae.catalogue.catalogue import Catalogue
from maemae.server.routes.backtests import policy_of
from maemae.server.security.roles import Role
from tests.server.rig import ServerRig, a_server
from tests.waiting import until

ENDED = {"DONE", "FAILED", "CANCELED"}
SLOW = """
import time
from maemae import Strategy

class Slow(Strategy):
    def on_bar(self, symbol) -> None:
        print("hello")
        time.sleep(0.05)

class Rogue(Strategy):
    def setup(self) -> None:
        raise ValueError("on purpose")
"""


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRig]:
    """Give a server with a year of the synthetic market and a strategy of the user's own."""
    folder = tmp_path_factory.mktemp("backtests")
    with a_server(folder) as server:
        fill(server.services.config.home)
        yield server


def fill(home: Path) -> None:
    days = (date(2024, 1, 2), date(2024, 12, 30))
    ensure_synthetic(Catalogue(home / "catalogue"), "synthetic", 7, days)
    (home / "strategies").mkdir()
    (home / "strategies" / "mine.py").write_text(SLOW)


def ask(client: httpx.Client, key: str, **asked: object) -> httpx.Response:
    form = {"spec": "golden_cross", "values": {"fast": 5, "slow": 20}, **asked}
    return client.post("/api/backtests", json=form, headers={"Idempotency-Key": key})


def ended(client: httpx.Client, backtest_id: str) -> dict[str, Any]:
    until(lambda: shown(client, backtest_id)["status"] in ENDED, 60)
    return shown(client, backtest_id)


def shown(client: httpx.Client, backtest_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/api/backtests/{backtest_id}").json()
    return answer


def test_backtest_runs_and_shows_its_figures_and_its_report(rig: ServerRig) -> None:
    with rig.logged_in(rig.a_person(Role.PAPER_TRADER)) as client:
        asked = ask(client, "backtest-0001")
        assert asked.status_code == 200, asked.text
        again = ask(client, "backtest-0001")
        done = ended(client, asked.json()["backtest_id"])
        report = client.get(f"/api/backtests/{done['backtest_id']}/report")
        listed = client.get("/api/backtests").json()

    assert again.json()["backtest_id"] == done["backtest_id"]
    assert (done["status"], done["progress_ppm"], done["error"]) == ("DONE", 1_000_000, None)
    assert done["summary"]["orders"] > 0
    assert isinstance(done["summary"]["total_return_ppm"], int)
    assert len(done["order_hash"]) == 64
    assert listed == [done]
    assert report.headers["content-type"].startswith("text/html")
    policy = report.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "<script" in report.text


def test_backtest_of_another_is_as_if_there_were_none(rig: ServerRig) -> None:
    with rig.logged_in(rig.a_person(Role.PAPER_TRADER)) as client:
        place = f"/api/backtests/{ask(client, 'backtest-0002').json()['backtest_id']}"
    with rig.logged_in(rig.a_person(Role.REAL_TRADER)) as client:
        answers = [client.get(place), client.get(f"{place}/report"), client.delete(place)]
        listed = client.get("/api/backtests").json()
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert listed == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"spec": "../mine.py:Slow"}, 422),
        ({"spec": "/etc/mine.py:Slow"}, 422),
        ({"spec": "nothing.py:Slow"}, 422),
        ({"spec": "no_such"}, 422),
        ({"dataset": "no-such"}, 404),
        ({"cash": 0}, 422),
        ({"values": {"fast": 1e300}}, 422),
        ({"mode": "real"}, 422),
    ],
)
def test_backtest_when_it_cannot_be_asked_for_is_refused(
    rig: ServerRig, asked: dict[str, object], status: int
) -> None:
    with rig.logged_in(rig.a_person(Role.PAPER_TRADER)) as client:
        assert ask(client, "backtest-0003", **asked).status_code == status


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"spec": "mine.py:Rogue", "values": {}}, "on purpose"),
        ({"symbols": ["999999"]}, "999999"),
    ],
)
def test_backtest_when_its_strategy_or_data_fails_says_why(
    rig: ServerRig, asked: dict[str, object], said: str
) -> None:
    with rig.logged_in(rig.a_person(Role.PAPER_TRADER)) as client:
        failed = ended(client, ask(client, "backtest-0004", **asked).json()["backtest_id"])
    assert failed["status"] == "FAILED"
    assert said in failed["error"]["en"]
    assert str(rig.services.config.home) not in failed["error"]["en"]


def workers() -> list[psutil.Process]:
    """Return the workers of this test's servers."""
    return [each for each in psutil.Process().children() if is_worker(each)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return "maemae.app.backtest_worker" in process.cmdline()
    except psutil.NoSuchProcess:  # it ends right now
        return False


def begin_slow(client: httpx.Client, key: str) -> str:
    asked = ask(client, key, spec="mine.py:Slow", values={})
    backtest_id: str = asked.json()["backtest_id"]
    until(lambda: shown(client, backtest_id)["progress_ppm"] > 0, 60)
    return backtest_id


def test_backtest_runs_niced_and_when_canceled_ends_its_process(rig: ServerRig) -> None:
    with rig.logged_in(rig.a_person(Role.PAPER_TRADER)) as client:
        backtest_id = begin_slow(client, "backtest-0005")
        (worker,) = workers()
        niceness = worker.nice()
        canceled = client.delete(f"/api/backtests/{backtest_id}").json()
        until(lambda: not workers())
        again = client.delete(f"/api/backtests/{backtest_id}")

    assert niceness >= 10
    assert canceled["status"] == "CANCELED"
    assert again.json() == canceled


def test_backtest_when_its_process_is_killed_is_told_failed(rig: ServerRig) -> None:
    with rig.logged_in(rig.a_person(Role.PAPER_TRADER)) as client:
        backtest_id = begin_slow(client, "backtest-0006")
        workers()[0].kill()
        failed = ended(client, backtest_id)
        next_one = ended(client, ask(client, "backtest-0007").json()["backtest_id"])

    assert failed["status"] == "FAILED"
    assert "signal 9" in failed["error"]["en"]
    assert next_one["status"] == "DONE"


def test_backtests_when_too_many_wait_are_refused(rig: ServerRig) -> None:
    with rig.logged_in(rig.a_person(Role.PAPER_TRADER)) as client:
        asked = [ask(client, f"backtest-01{n:02}", spec="mine.py:Slow") for n in range(6)]
        waiting = [each.json()["backtest_id"] for each in asked[:5]]
        for backtest_id in waiting:
            client.delete(f"/api/backtests/{backtest_id}")

    assert [each.status_code for each in asked] == [200] * 5 + [429]
    assert asked[5].headers["retry-after"] == "60"


def test_results_survive_a_restart_and_what_ran_then_runs_again(tmp_path: Path) -> None:
    with a_server(tmp_path) as server:
        fill(server.services.config.home)
        person = server.a_person(Role.PAPER_TRADER)
        with server.logged_in(person) as client:
            done = ended(client, ask(client, "backtest-0201").json()["backtest_id"])
            running = begin_slow(client, "backtest-0202")
    with a_server(tmp_path) as server, server.logged_in(person) as client:
        assert shown(client, done["backtest_id"]) == done
        assert client.get(f"/api/backtests/{done['backtest_id']}/report").status_code == 200
        until(lambda: shown(client, running)["status"] == "RUNNING")
        client.delete(f"/api/backtests/{running}")


def test_backtest_when_its_server_was_killed_is_told_failed(tmp_path: Path) -> None:
    with a_server(tmp_path) as server:
        fill(server.services.config.home)
        person = server.a_person(Role.PAPER_TRADER)
        table = server.services.backtests.backtests
        with server.logged_in(person) as client:
            done = ended(client, ask(client, "backtest-0301").json()["backtest_id"])
        found = table.find(done["backtest_id"])
        assert found is not None
        taken = None
        for number in range(100):  # the server's own desk takes what it sees first
            table.ask(f"{number:032x}", person.user_id, found.asked, "x", 1)
            if (taken := table.claim(2)) is not None:  # by a process that died
                break
        assert taken is not None
    with a_server(tmp_path) as server, server.logged_in(person) as client:
        failed = shown(client, taken.backtest_id)
    assert failed["status"] == "FAILED"
    assert "server" in failed["error"]["en"]


@pytest.mark.parametrize("page", ["", '<meta http-equiv="Content-Security-Policy" content="x">'])
def test_policy_of_a_page_that_is_not_ours_allows_nothing(page: str) -> None:
    assert policy_of(page) == "default-src 'none'"
