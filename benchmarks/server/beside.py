"""What an order over the API is measured beside: a route that does nothing, and a bare commit."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from maemae.storage.database import apply_settings


@contextmanager
def empty_route() -> Iterator[httpx.Client]:
    """Give a client of a server whose one route answers at once, in a thread of this process."""
    app = FastAPI()

    @app.post("/empty")
    def empty() -> dict[str, str]:
        return {}

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        serving = threading.Thread(target=server.run, args=([listener],), daemon=True)
        serving.start()
        while not server.started:
            time.sleep(0.01)
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
            yield client
        server.should_exit = True
        serving.join(10)


@contextmanager
def bare_commit(folder: Path) -> Iterator[Callable[[], None]]:
    """Give what inserts 1,000 bytes and commits, with the settings of an executor's store."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    apply_settings(connection)
    connection.execute("CREATE TABLE rows (content BLOB)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows VALUES (?)", (b"x" * 1_000,))
        connection.execute("COMMIT")

    yield commit
    connection.close()
