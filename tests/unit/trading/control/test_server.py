"""The control socket answers whoever may read the folder, and nothing that comes in ends it."""

from __future__ import annotations

import asyncio
import socket
import stat
import struct
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from maemae.domain.errors import (
    CommitUnknownError,
    ConfigError,
    InvalidValueError,
    OutcomeUnknownError,
)
from maemae.trading.control.answering import Handler
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import Ask, OrdersQuery, ReleaseKill, StatusQuery
from maemae.trading.control.frames import HEAD_SIZE, read_reply, socket_path
from maemae.trading.control.replies import Accepted, Failed, Orders, Reply
from maemae.trading.control.server import ControlServer
from tests.builders import an_order

COMMAND = ReleaseKill("k1", "kim", "over")


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="mm") as folder:
        yield Path(folder).resolve()


async def accept(ask: Ask) -> Reply:
    assert ask == COMMAND
    return Accepted("k1")


def served(home: Path, handle: Handler, client: Callable[[], Reply]) -> Reply:
    """Return what a client in a thread of its own is answered."""

    async def main() -> Reply:
        async with ControlServer(home, handle):
            return await asyncio.to_thread(client)

    return asyncio.run(main())


def raw(home: Path, sent: bytes) -> Reply:
    """Send bytes as they are; return what is answered."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(socket_path(home)))
        line.sendall(sent)
        received = bytearray()
        while piece := line.recv(65_536):
            received += piece
    return read_reply(bytes(received[HEAD_SIZE:]))


def test_server_answers_what_it_is_asked(home: Path) -> None:
    assert served(home, accept, lambda: ask_executor(home, COMMAND)) == Accepted("k1")


def test_server_answers_at_length(home: Path) -> None:
    answer = Orders(tuple(an_order(cl_ord_id=number) for number in range(5_000)))

    async def handle(_ask: Ask) -> Reply:
        return answer

    assert served(home, handle, lambda: ask_executor(home, OrdersQuery())) == answer


def test_server_answers_many_at_once(home: Path) -> None:
    together = asyncio.Barrier(4)

    async def handle(_ask: Ask) -> Reply:
        await together.wait()
        return Accepted("k")

    async def main() -> list[Reply]:
        async with ControlServer(home, handle):
            asks = [asyncio.to_thread(ask_executor, home, COMMAND) for _ in range(4)]
            return await asyncio.gather(*asks)

    assert asyncio.run(main()) == [Accepted("k")] * 4


def test_socket_is_private_and_gone_afterwards(home: Path) -> None:
    async def main() -> int:
        async with ControlServer(home, accept):
            return stat.S_IMODE(socket_path(home).stat().st_mode)

    assert asyncio.run(main()) == 0o600
    assert list(home.iterdir()) == []


def test_socket_of_a_dead_process_is_replaced(home: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_path(home)))

    assert served(home, accept, lambda: ask_executor(home, COMMAND)) == Accepted("k1")


def test_server_when_another_one_listens_is_refused(home: Path) -> None:
    async def main() -> None:
        async with ControlServer(home, accept):
            with pytest.raises(ConfigError, match="Another executor runs"):
                async with ControlServer(home, accept):
                    pass
            assert await asyncio.to_thread(ask_executor, home, COMMAND) == Accepted("k1")

    asyncio.run(main())


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">I", 0),
        struct.pack(">I", 2**31),
        struct.pack(">I", 5) + b"hello",
        struct.pack(">I", 1) + b"\xc1",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_frame_when_bad_is_answered_with_a_sentence(home: Path, sent: bytes) -> None:
    async def main() -> None:
        async with ControlServer(home, accept):
            reply = await asyncio.to_thread(raw, home, sent)
            assert isinstance(reply, Failed)
            assert reply.text.ko
            assert await asyncio.to_thread(ask_executor, home, COMMAND) == Accepted("k1")

    asyncio.run(main())


def test_connection_when_cut_in_the_middle_ends_nothing(home: Path) -> None:
    def cut() -> None:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(socket_path(home)))
            line.sendall(struct.pack(">I", 100) + b"half")

    async def main() -> Reply:
        async with ControlServer(home, accept):
            await asyncio.to_thread(cut)
            return await asyncio.to_thread(ask_executor, home, COMMAND)

    assert asyncio.run(main()) == Accepted("k1")


def refuse(_ask: Ask) -> Awaitable[Reply]:
    raise InvalidValueError("안 됩니다.", "It cannot be.")


async def refuse_later(_ask: Ask) -> Reply:
    raise InvalidValueError("안 됩니다.", "It cannot be.")


async def lose(_ask: Ask) -> Reply:
    raise CommitUnknownError("모릅니다.", "It is not known.")


async def stumble(_ask: Ask) -> Reply:
    raise ZeroDivisionError("oops")


@pytest.mark.parametrize(
    ("handle", "said", "is_unknown"),
    [
        (refuse, "It cannot be.", False),
        (refuse_later, "It cannot be.", False),
        (lose, "It is not known.", True),
        (stumble, "bug of maemae", True),
    ],
)
def test_handler_when_it_raises_is_told_to_who_asked(
    home: Path, handle: Handler, said: str, *, is_unknown: bool
) -> None:
    reply = served(home, handle, lambda: ask_executor(home, StatusQuery()))

    assert isinstance(reply, Failed)
    assert said in reply.text.en
    assert reply.is_unknown is is_unknown


def test_handler_when_slow_leaves_the_client_in_doubt(home: Path) -> None:
    async def never(_ask: Ask) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(OutcomeUnknownError, match="did not answer"):
        served(home, never, lambda: ask_executor(home, COMMAND, timeout_secs=0.2))
