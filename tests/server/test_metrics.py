"""What whoever watches by machine is shown: requests, executors, their orders and their health."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from maemae.server.security.roles import Role
from maemae.storage.tables.people import Permission
from tests.brokers.sim_rig import ACCOUNT
from tests.server.rig import ServerRig, a_trading_server
from tests.waiting import until

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(server: ServerRig, token: str) -> Samples:
    with server.program(token) as program:
        text = program.get("/api/system/metrics").text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def one(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def test_requests_are_counted_by_route_and_status_refused_ones_too(server: ServerRig) -> None:
    token = server.a_token(server.a_person(Role.ADMIN), Permission.WATCH)
    with server.client() as nobody, server.program(token) as watcher:
        watcher.get("/api/accounts")
        nobody.get("/api/accounts")
        nobody.get("/api/orders/SIM/77")
        nobody.get("/nothing/at/all/4711")

    found = samples(server, token)

    count = "maemae_http_request_seconds_count"
    assert one(found, count, method="GET", route="/api/accounts", status="403")
    assert one(found, count, method="GET", route="none", status="401") == 2
    routes = {dict(labels).get("route", "") for name, labels in found if name == count}
    assert not [route for route in routes if "77" in route or "4711" in route]
    assert one(found, "maemae_http_bugs_total") == 0
    assert [labels for name, labels in found if name == "maemae_build_info"]
    assert one(found, "maemae_stream_clients") == 0
    assert one(found, "maemae_stream_ended_total", why="TOO_SLOW") == 0
    assert one(found, "maemae_server_loop_lag_seconds") is not None


def test_metrics_are_for_administrators_and_for_tokens_that_read_nothing_else(
    server: ServerRig,
) -> None:
    admin, viewer = server.a_person(Role.ADMIN), server.a_person(Role.VIEWER)
    asked = {"name": "prometheus", "scope": "METRICS"}
    with server.client() as stranger, server.logged_in(admin) as mine:
        nobody = stranger.get("/api/system/metrics")
        mine.get("/api/system/metrics").raise_for_status()
        made = mine.post("/api/auth/tokens", json=asked).json()
    with server.logged_in(viewer) as theirs:
        looked = theirs.get("/api/system/metrics")
        refused = theirs.post("/api/auth/tokens", json=asked)
    with server.program(made["token"]) as program:
        read = program.get("/api/system/metrics")
        others = [
            program.get(f"/api/{path}").status_code for path in ("accounts", "audit", "users")
        ]
        server.services.people.users.set_permissions(
            admin.user_id, [Permission.VIEW], server.wall.now()
        )
        demoted = program.get("/api/system/metrics")

    assert (nobody.status_code, looked.status_code, refused.status_code) == (401, 403, 403)
    assert made["shown"]["scope"] == "METRICS"
    assert read.is_success
    assert others == [403] * 3
    assert demoted.status_code == 403


def test_executor_is_shown_while_it_runs_and_as_down_after(tmp_path: Path) -> None:
    with a_trading_server(tmp_path) as (server, _street, executor):
        token = server.a_token(server.a_person(Role.ADMIN), Permission.WATCH)
        until(lambda: one(samples(server, token), "maemae_executor_up", mode="SIM") == 1)
        found = samples(server, token)
        viewer = server.a_person(Role.VIEWER, ACCOUNT)
        with server.program(server.a_token(viewer, Permission.VIEW)) as program:
            version = program.get("/api/system/version").json()
            certificates = program.get("/api/system/certificates")
        executor.kill()
        after = samples(server, token)

    names = {name for name, _ in found}
    assert {
        "maemae_executor_tick_age_seconds",
        "maemae_executor_unknown_orders",
        "maemae_executor_reconciled_ago_seconds",
        "maemae_executor_quarantined",
        "maemae_executor_turns",
        "maemae_executor_tape_syncs",
        "maemae_executor_loop_lag_seconds",
        "maemae_executor_worst_loop_lag_seconds",
        "maemae_executor_quota_used",
        "maemae_executor_outbox_lane",
        "maemae_executor_outbox",
        "maemae_executor_oldest_unknown_seconds",
        "maemae_executor_inbox",
        "maemae_executor_connected",
        "maemae_order_stage_seconds_bucket",
        "maemae_jobs_missed",
    } <= names
    assert one(found, "maemae_executor_kill", mode="SIM", level="OFF") == 1
    assert (one(found, "maemae_executor_quota", mode="SIM") or 0) > 0
    states = ("HALTED", "REDUCING", "ACTIVE")
    shown = [
        one(found, "maemae_executor_trading_state", mode="SIM", state=state) for state in states
    ]
    assert sorted(each or 0 for each in shown) == [0, 0, 1]
    assert version["version"]
    assert certificates.status_code == 200
    assert one(after, "maemae_executor_up", mode="SIM") == 0
    assert one(after, "maemae_executor_unknown_orders", mode="SIM") is None
