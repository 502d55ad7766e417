"""An emulated Kiwoom server that runs, and the home of an executor that trades on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from maemae.app.kiwoom.place import KiwoomPlace, show_kiwoom_place
from maemae.settings import Settings
from tests.brokers.kiwoom_rig import KiwoomRig
from tests.brokers.sim_rig import ACCOUNT, RISING, STILL, make_market
from tests.crash.executor_rig import ExecutorRig

HURRY: Final = 10
"""How many times as fast as in earnest every constant of the wall's clock runs."""


@contextmanager
def a_kiwoom_street(folder: Path, **settings: object) -> Iterator[tuple[KiwoomRig, ExecutorRig]]:
    """Give a server with these settings that runs, and an executor that is not started yet."""
    with an_empty_street(folder, **settings) as (server, executor):
        server.start()
        yield server, executor


@contextmanager
def an_empty_street(folder: Path, **settings: object) -> Iterator[tuple[KiwoomRig, ExecutorRig]]:
    """Give both before either is started; where the server will be is known."""
    server = KiwoomRig(folder, make_market(folder / "catalogue"), **settings)
    server.choose_port()
    home, watched = folder / "home", (STILL, RISING)
    mode = server.config.mode
    executor = ExecutorRig(home, server.port, hurry=HURRY, mode=mode, symbols=watched)
    _leave_place(home, server)
    try:
        yield server, executor
    finally:
        executor.kill()
        server.stop()


def _leave_place(home: Path, server: KiwoomRig) -> None:
    """Leave word of where the server is, as the command does."""
    keys = server.config.credentials[0]
    mode = server.config.mode
    place = KiwoomPlace(server.port, "cards", mode, keys.app_key, keys.secret_key, ACCOUNT)
    show_kiwoom_place(Settings(home=home), place)
