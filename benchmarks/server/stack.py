"""The whole of maemae as `make run` starts it, with times at which each part was ready."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
import psutil

from maemae.app.demo_login import find_demo_login
from maemae.app.stack import Stack
from maemae.app.stack_members import BROKER, EXECUTOR, SERVER, StackPlan, members_of
from maemae.app.trade_request import BrokerName
from maemae.domain.terms import Mode
from maemae.settings import Settings, child_environment

MEMBERS: Final = (BROKER, EXECUTOR, SERVER)
_SPEED: Final = 10  # a session lasts 39 minutes
_MB: Final = 1024 * 1024


class Ready(msgspec.Struct):
    """Wall time from its start until a process did its work [s]; its proportional memory [MB]."""

    seconds: float
    memory: float = 0.0


class Running(msgspec.Struct):
    """A stack that runs."""

    url: str
    settings: Settings
    stack: Stack
    ready: dict[str, Ready]

    def measure_memory(self) -> None:
        """Note the memory of each process with its children, shared pages shared out."""
        for name in MEMBERS:
            family = psutil.Process(self.stack.pid_of(name))
            every = [family, *family.children(recursive=True)]
            self.ready[name].memory = sum(one.memory_full_info().pss for one in every) / _MB


@contextmanager
def a_stack(home: Path) -> Iterator[Running]:
    """Give a stack without strategies, and stop it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(home=home)
    plan = StackPlan(
        mode=Mode.SIM,
        broker=BrokerName.SIM,
        port=port,
        speed=_SPEED,
        strategies=(),
        dataset=None,
        symbols=None,
        is_demo=True,
    )
    stack = Stack(members_of(settings, plan), child_environment(settings), settings.logs)
    ready: dict[str, Ready] = {}
    began = time.monotonic()

    def note(name: str) -> None:
        nonlocal began
        now = time.monotonic()
        ready[name] = Ready(now - began)
        began = now

    stack.start(note)
    try:
        yield Running(f"http://127.0.0.1:{port}", settings, stack, ready)
    finally:
        stack.stop()


@contextmanager
def logged_in(running: Running) -> Iterator[httpx.Client]:
    """Give a client with the demo's login."""
    login = find_demo_login(running.settings)
    if login is None:
        raise RuntimeError("the demo has left no login")
    with httpx.Client(base_url=running.url, headers={"Origin": running.url}) as client:
        asked = {"user_id": login.user_id, "password": login.password}
        for path, body in (("login", asked), ("totp", {"code": login.code()[0]})):
            answer = client.post(f"/api/auth/{path}", json=body).raise_for_status()
            client.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
        yield client
