"""
Real money through executor, adapter and an emulator of the real server: armed, or not at all.

The arming is in the book: it outlives the executor's process, and ends by itself.
"""

from __future__ import annotations

from pathlib import Path

from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.config import Credential
from maemae.emulators.ledger import ledger_orders, read_ledger
from maemae.trading.control.commands import SetArming
from maemae.trading.control.replies import Accepted
from tests.brokers.kiwoom_rig import KiwoomRig
from tests.brokers.sim_rig import ACCOUNT, STILL
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import an_order, objection, place
from tests.crash.kiwoom_street import a_kiwoom_street
from tests.waiting import until

FAR = 9_000
SPEED = 30


def arm(executor: ExecutorRig, lasts: int) -> int:
    """Arm the account for so long by the exchange's time, 0 to disarm it; return until when."""
    end = now(executor) + lasts if lasts else 0
    asked = SetArming(f"arm-{lasts}-{end}", "test", ACCOUNT, end, "test")
    assert isinstance(executor.ask(asked), Accepted)
    return end


def now(executor: ExecutorRig) -> int:
    """Return the exchange's time, as the executor knows it [ns, UTC]."""
    status = executor.status()
    assert status is not None
    return status.venue_time


def taken(server: KiwoomRig) -> int:
    """Return how many orders the server took."""
    return len(ledger_orders(read_ledger(Path(server.config.ledger))))


def why_not(executor: ExecutorRig) -> str:
    """Return why a new order is not taken once prices are known; empty if it was."""
    found = ""

    def is_known() -> bool:
        nonlocal found
        found = objection(executor, an_order(STILL, price=FAR))
        return "price" not in found

    until(is_known, said=lambda: found)
    return found


def test_real_order_leaves_only_as_long_as_its_account_is_armed(tmp_path: Path) -> None:
    keys = (Credential("key", "secret", ACCOUNT, Mode.REAL),)
    with a_kiwoom_street(tmp_path, mode=Mode.REAL, credentials=keys, speed=SPEED) as (
        server,
        executor,
    ):
        executor.start()
        executor.open_trading()
        status = executor.status()
        assert status is not None
        assert (status.mode, status.is_emulated) == (Mode.REAL, True)
        assert "not armed" in why_not(executor)
        arm(executor, 200 * MINUTE)
        place(executor, an_order(STILL, price=FAR))
        until(lambda: taken(server) == 1, said=lambda: executor.said[-4_000:])

        executor.kill()
        executor.start()
        assert executor.settles(), executor.said[-4_000:]
        place(executor, an_order(STILL, price=FAR - 100))
        until(lambda: taken(server) == 2, said=lambda: executor.said[-4_000:])

        arm(executor, 0)
        assert "not armed" in why_not(executor)
        end = arm(executor, 5 * SPEED * SECOND)
        until(lambda: now(executor) > end)
        assert "not armed" in why_not(executor)
        assert executor.comes_to_rest()  # cancels need no arming
        assert executor.stop() == 0
        assert taken(server) == 2
