"""
The emulated Kiwoom server as a process of its own.

Started as `python -m tests.brokers.kiwoom_process CONFIG`, a JSON file; says its port once ready.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from maemae.emulators.kiwoom_rest.config import KiwoomConfig
from maemae.emulators.kiwoom_rest.server import serve


def say_port(port: int) -> None:
    """Tell the process that started this one."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=KiwoomConfig), say_port)
