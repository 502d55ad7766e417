"""The way to the broker: what is not an answer is no answer, and nothing is asked twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from maemae.brokers.sim.broker import SimBroker
from maemae.brokers.sim.messages import (
    Asked,
    Cancel,
    Done,
    ErrorCode,
    Hello,
    Ping,
    Pong,
    Refused,
    Submit,
    Taken,
    Traits,
    Welcome,
    decode_asked,
    frame,
    read_frame,
)
from maemae.brokers.sim.stream import SimAddress
from maemae.clocks import SystemWallClock
from maemae.domain.errors import (
    BrokerUnavailableError,
    NotAcceptedError,
    OutcomeUnknownError,
)
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode
from maemae.ports import BrokerEvent, ClientIdSupport
from tests.builders import an_order

WELCOME = Welcome(1, (AccountId("A"),), Traits(Mode.SIM, ClientIdSupport.NONE, 1, 99, 99), 0, 1)
Act = Callable[[asyncio.StreamWriter, Asked], None]


class Double:
    """A server that welcomes and then does what a test wants; it keeps what it was asked."""

    def __init__(self, act: Act) -> None:
        self.asked: list[Asked] = []
        self._act = act

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                message = decode_asked(await read_frame(reader))
                if isinstance(message, Hello):
                    writer.write(frame(WELCOME))
                elif isinstance(message, Ping):
                    writer.write(frame(Pong(message.seq, 0)))
                else:
                    self.asked.append(message)
                    self._act(writer, message)
        except (EOFError, OSError):
            pass
        finally:
            writer.close()


def play(act: Act, scene: Callable[[SimBroker, Double], Awaitable[None]]) -> Double:
    """Play a scene with a broker that is connected to a double."""
    double = Double(act)

    async def run() -> None:
        server = await asyncio.start_server(double.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        address = SimAddress(port, reply_within=SECOND // 5, pause=SECOND // 100)
        broker = SimBroker(address, SystemWallClock())
        await broker.connect(1)
        try:
            await scene(broker, double)
        finally:
            await broker.close()
            server.close()

    asyncio.run(run())
    return double


def answer_nothing(writer: asyncio.StreamWriter, message: Asked) -> None:
    pass


def answer_garbage(writer: asyncio.StreamWriter, message: Asked) -> None:
    writer.write(b"\x00\x00\x00\x03\xc1\xc1\xc1")


def answer_endless(writer: asyncio.StreamWriter, message: Asked) -> None:
    writer.write(b"\xff\xff\xff\xff")


def answer_half(writer: asyncio.StreamWriter, message: Asked) -> None:
    writer.write(frame(Taken(message.seq, OrderId("0000000001")))[:-3])
    writer.close()


def answer_another(writer: asyncio.StreamWriter, message: Asked) -> None:
    writer.write(frame(Taken(message.seq + 7, OrderId("0000000001"))))


def answer_otherwise(writer: asyncio.StreamWriter, message: Asked) -> None:
    writer.write(frame(Done(message.seq)))


def cut(writer: asyncio.StreamWriter, message: Asked) -> None:
    writer.transport.abort()


@pytest.mark.parametrize(
    "act",
    [
        *(answer_nothing, answer_garbage, answer_endless, answer_half, answer_another),
        *(answer_otherwise, cut),
    ],
)
def test_order_when_not_answered_is_in_doubt_and_was_sent_once(act: Act) -> None:
    async def scene(broker: SimBroker, double: Double) -> None:
        with pytest.raises(OutcomeUnknownError):
            await broker.submit(an_order())
        with pytest.raises(BrokerUnavailableError):
            await broker.cash(AccountId("A"))

    double = play(act, scene)
    assert [message for message in double.asked if isinstance(message, Submit | Cancel)] == [
        message for message in double.asked if isinstance(message, Submit)
    ]
    assert sum(isinstance(message, Submit) for message in double.asked) == 1


def test_answer_when_late_is_not_taken_for_another() -> None:
    held: list[Asked] = []

    def answer_the_one_before(writer: asyncio.StreamWriter, message: Asked) -> None:
        for late in held:
            writer.write(frame(Taken(late.seq, OrderId("0000000001"))))
        held.append(message)

    async def scene(broker: SimBroker, double: Double) -> None:
        for number in (1, 2):
            with pytest.raises(OutcomeUnknownError):
                await broker.submit(an_order(cl_ord_id=number))

    play(answer_the_one_before, scene)


def test_answers_when_out_of_order_find_their_questions() -> None:
    held: list[Asked] = []

    def answer_backwards(writer: asyncio.StreamWriter, message: Asked) -> None:
        held.append(message)
        if len(held) == 3:
            for each in reversed(held):
                assert isinstance(each, Submit)
                writer.write(frame(Taken(each.seq, OrderId(f"{each.cl_ord_id:010d}"))))

    async def scene(broker: SimBroker, double: Double) -> None:
        sent = (broker.submit(an_order(cl_ord_id=number)) for number in (1, 2, 3))
        assert await asyncio.gather(*sent) == ["0000000001", "0000000002", "0000000003"]

    play(answer_backwards, scene)


def test_broker_when_cut_tells_so_and_sends_nothing_until_it_is_back() -> None:
    async def scene(broker: SimBroker, double: Double) -> None:
        with pytest.raises(OutcomeUnknownError):
            await broker.submit(an_order())
        notices = broker.notices()
        assert await anext(notices) == BrokerEvent(is_connected=False)
        with pytest.raises(NotAcceptedError) as refused:
            await broker.submit(an_order(cl_ord_id=2))
        assert refused.value.resend
        assert await anext(notices) == BrokerEvent(is_connected=True)

    assert len(play(cut, scene).asked) == 1


def test_broker_when_closed_ends_its_notices_and_sends_nothing() -> None:
    async def scene(broker: SimBroker, double: Double) -> None:
        await broker.close()
        await broker.close()
        assert [notice async for notice in broker.notices()] == []
        with pytest.raises(NotAcceptedError):
            await broker.submit(an_order())

    assert play(answer_nothing, scene).asked == []


def test_broker_when_not_connected_has_no_traits() -> None:
    async def scene() -> None:
        broker = SimBroker(SimAddress(1), SystemWallClock())
        with pytest.raises(BrokerUnavailableError):
            _ = broker.traits
        with pytest.raises(BrokerUnavailableError):
            await broker.connect(1)

    asyncio.run(scene())


def test_broker_when_fenced_while_away_stays_away() -> None:
    async def scene() -> None:
        hellos: list[int] = []
        again = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            hello = decode_asked(await read_frame(reader))
            hellos.append(hello.seq)
            first = len(hellos) == 1
            if not first:
                again.set()
            writer.write(frame(WELCOME if first else Refused(1, ErrorCode.FENCED, "")))
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        broker = SimBroker(SimAddress(port, pause=SECOND // 100), SystemWallClock())
        await broker.connect(1)
        notices = broker.notices()
        assert await anext(notices) == BrokerEvent(is_connected=False)
        await again.wait()
        await asyncio.sleep(0.2)
        assert len(hellos) == 2
        with pytest.raises(NotAcceptedError) as refused:
            await broker.submit(an_order())
        assert (refused.value.code, refused.value.resend) == ("FENCED", False)
        await broker.close()
        server.close()

    asyncio.run(scene())


def test_last_trade_when_there_is_none_is_none_only_if_the_broker_says_so() -> None:
    async def scene(broker: SimBroker, double: Double) -> None:
        with pytest.raises(BrokerUnavailableError):
            await broker.last_trade(Symbol("005930"))

    play(answer_otherwise, scene)
