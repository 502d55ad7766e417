"""Everything behind the page: server, executor and broker, and how the tables stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from maemae.app.servers import executor_lines
from maemae.domain.order_status import OrderStatus
from maemae.server.security.roles import Role
from maemae.settings import Settings
from maemae.storage.queries import ShownOrder
from tests.browser.market import DATASET, make_named_market
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import Street, a_street
from tests.server.rig import Person, ServerRig, a_server
from tests.waiting import until


@dataclass(frozen=True)
class Stage:
    """Everything that runs, and who uses it."""

    server: ServerRig
    street: Street
    executor: ExecutorRig
    owner: Person

    def orders(self) -> list[ShownOrder]:
        """Return the orders in the executor's tables."""
        (line,) = self.server.services.directory.lines
        day = line.queries.executor().session_date
        assert day is not None
        return line.queries.orders(day)

    def newest(self) -> ShownOrder:
        """Return the newest order in the executor's tables."""
        return self.orders()[-1]

    def becomes(self, number: int, status: OrderStatus) -> None:
        """Wait until the tables show an order with this status."""
        until(
            lambda: any(
                each.cl_ord_id == number and each.status is status for each in self.orders()
            )
        )


@contextmanager
def a_stage(folder: Path, page_folder: Path, speed: int) -> Iterator[Stage]:
    """
    Give a server over an executor on a broker, and an administrator.

    Args:
        folder: For everything.
        page_folder: Of the built page.
        speed: Seconds of the exchange in one of the wall; it begins at ten.
    """
    make_named_market(folder / "home" / "catalogue")
    with a_street(folder, speed=speed) as street:
        executor = street.executor("home")
        executor.life = msgspec.structs.replace(executor.life, dataset=DATASET)
        street.open(executor)
        home = Settings(home=executor.home.parent)
        with executor_lines(home) as lines, a_server(folder, lines, page=page_folder) as server:
            owner = server.a_person(Role.ADMIN, user_id="owner")
            yield Stage(server, street, executor, owner)
