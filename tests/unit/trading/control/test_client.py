"""The client says plainly when nobody is there to answer."""

from __future__ import annotations

import socket
import tempfile
import threading
from pathlib import Path

import pytest

from maemae.domain.errors import ConfigError, OutcomeUnknownError
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import StatusQuery
from maemae.trading.control.frames import socket_path


def test_client_when_no_executor_runs_says_how_to_start_and_stop() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="mm") as home,
        pytest.raises(ConfigError, match=r"maemae trade.*maemae halt"),
    ):
        ask_executor(Path(home), StatusQuery())


def test_client_when_the_executor_died_says_so() -> None:
    with tempfile.TemporaryDirectory(prefix="mm") as home:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(socket_path(Path(home))))

        with pytest.raises(ConfigError, match="No executor runs"):
            ask_executor(Path(home), StatusQuery())


def test_client_when_the_executor_dies_in_between_is_in_doubt() -> None:
    with tempfile.TemporaryDirectory(prefix="mm") as home, socket.socket(socket.AF_UNIX) as dying:
        dying.bind(str(socket_path(Path(home))))
        dying.listen()

        def die() -> None:
            line, _ = dying.accept()
            line.recv(1_000)
            line.close()

        death = threading.Thread(target=die)
        death.start()
        with pytest.raises(OutcomeUnknownError, match="halt"):
            ask_executor(Path(home), StatusQuery())
        death.join()
