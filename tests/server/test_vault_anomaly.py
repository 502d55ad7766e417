"""An order that is unusual for somebody is recorded and told, and quiet ones are not."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from maemae.domain.ids import Symbol
from maemae.domain.instant import DAY
from maemae.domain.intent import Shares
from maemae.domain.terms import Mode, Side
from maemae.server.audit_keeper import CHANGED
from maemae.server.problem import ProblemError
from maemae.server.security.actor import Actor
from maemae.server.security.roles import GRANTS, Role
from maemae.server.unusual_orders import require_usual
from maemae.storage.audit import AuditEntry, append
from maemae.trading.control.commands import AlertsQuery, PlaceOrder
from maemae.trading.control.replies import Alerts
from tests.brokers.sim_rig import ACCOUNT
from tests.server.rig import ServerRig, a_line, a_server, a_trading_server
from tests.waiting import until

WEEKS = 14


def a_past(server: ServerRig, user_id: str) -> None:
    """Record some quiet days of orders of a million won, at this hour, from one place."""
    now = server.wall.now()

    def record(connection: Connection) -> None:
        for day in range(WEEKS, 0, -1):
            detail = {"address": "192.0.2.7", "notional": 1_000_000}
            append(connection, AuditEntry(now - day * DAY, user_id, "PLACE_ORDER", "SIM", detail))

    server.services.store.writer.run(record)


def an_actor(user_id: str, address: str = "192.0.2.9", stepped_up_at: int | None = None) -> Actor:
    return Actor(
        user_id,
        GRANTS[Role.REAL_TRADER],
        frozenset({ACCOUNT}),
        b"login",
        address,
        stepped_up_at=stepped_up_at,
    )


def an_order(user_id: str, shares: int, key: str = "key-1") -> PlaceOrder:
    return PlaceOrder(key, user_id, ACCOUNT, Symbol("005930"), Side.BUY, Shares(shares), 10_000)


def codes_of(server: ServerRig) -> list[str]:
    reply = server.services.directory.lines[0].ask(AlertsQuery())
    assert isinstance(reply, Alerts)
    return [alert.code for alert in reply.alerts]


def edit_the_first_row(connection: Connection) -> None:
    connection.exec_driver_sql("DROP TRIGGER audit_no_update")
    connection.exec_driver_sql("UPDATE audit SET user_id = 'lee' WHERE seq = 1")


def recorded(server: ServerRig) -> list[str]:
    with server.services.store.reading.connect() as connection:
        rows = connection.exec_driver_sql("SELECT detail FROM audit WHERE action = 'ANOMALY'")
        return [row[0] for row in rows]


def test_order_when_usual_passes_in_silence(tmp_path: Path) -> None:
    with a_server(tmp_path) as server, a_line(tmp_path, Mode.REAL, ACCOUNT) as line:
        a_past(server, "kim")
        notional = require_usual(server.services, an_actor("kim"), line, an_order("kim", 100))
        assert notional == 1_000_000
        assert recorded(server) == []


def test_real_order_when_unusual_needs_the_second_factor_and_is_recorded_once(
    tmp_path: Path,
) -> None:
    with a_server(tmp_path) as server, a_line(tmp_path, Mode.REAL, ACCOUNT) as line:
        a_past(server, "kim")
        large, services = an_order("kim", 5_000), server.services
        refused = []
        for _ in range(2):
            try:
                require_usual(services, an_actor("kim"), line, large)
            except ProblemError as error:
                refused.append(error.status)
        stepped_up = an_actor("kim", stepped_up_at=server.wall.now())
        assert require_usual(services, stepped_up, line, large) == 50_000_000

        assert refused == [403, 403]
        assert len(recorded(server)) == 1
        assert "SIZE" in recorded(server)[0]


def test_paper_order_when_unusual_is_told_and_let_pass(tmp_path: Path) -> None:
    with a_trading_server(tmp_path) as (server, _street, _executor):
        a_past(server, "kim")
        line = server.services.directory.lines[0]
        far = an_actor("kim", "203.0.113.5")

        require_usual(server.services, far, line, an_order("kim", 100))

        until(lambda: "UNUSUAL_ADDRESS" in codes_of(server))
        assert len(recorded(server)) == 1


def test_audit_log_when_somebody_changed_it_is_an_alert_of_the_executor(tmp_path: Path) -> None:
    with a_trading_server(tmp_path) as (server, _street, _executor):
        server.services.audit.anchor()
        server.services.store.writer.run(
            lambda connection: append(connection, AuditEntry(1, "kim", "LOGIN", "kim", {}))
        )
        server.services.audit.look()
        quiet = codes_of(server)
        server.services.store.writer.run(edit_the_first_row)

        server.services.audit.look()

        assert CHANGED not in quiet
        until(lambda: CHANGED in codes_of(server))


def test_burst_of_orders_is_noticed_from_the_log_that_goes_on(tmp_path: Path) -> None:
    with a_server(tmp_path) as server, a_line(tmp_path, Mode.SIM, ACCOUNT) as line:
        actor, services = an_actor("lee"), server.services
        for number in range(25):
            require_usual(services, actor, line, an_order("lee", 1, f"key-{number}"))
            entry = AuditEntry(server.wall.now(), "lee", "PLACE_ORDER", "SIM", {"notional": 1})
            services.store.writer.run(partial(append, entry=entry))

        assert len(recorded(server)) == 1
        assert "RATE" in recorded(server)[0]
