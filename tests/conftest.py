"""
What holds for every test: no network beyond this machine, how hard Hypothesis searches, and
that the time each layer took is told.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, settings

_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_EXAMPLES = {"fast": 25, "default": 100, "soak": 5_000}


def _is_this_machine(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_network(event: str, args: tuple[object, ...]) -> None:
    if event in _CONNECTING:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a Unix socket has a path
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if not _is_this_machine(host):
        raise RuntimeError(
            f"테스트는 네트워크를 쓰지 않습니다: {host!r}. 로컬 에뮬레이터를 쓰세요. / "
            f"Tests do not use the network: {host!r}. Use a local emulator."
        )


sys.addaudithook(_refuse_network)

for _name, _examples in _EXAMPLES.items():
    settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,
        derandomize="CI" in os.environ,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("default")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how long the tests of each layer took; those of several workers are added up."""
    secs: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                secs[_layer(report.nodeid)] += report.duration
    if len(secs) > 1:
        terminalreporter.section("걸린 시간 / time taken")
        for layer in sorted(secs):
            terminalreporter.write_line(f"  {layer}: {secs[layer]:.0f}s")


def _layer(nodeid: str) -> str:
    """Return the folder under `tests/` that a test is in."""
    return nodeid.split("/")[1]
