"""The line of an executor that writes down what it is asked, and does nothing."""

from __future__ import annotations

from maemae.core.preview import Outlook, Preview
from maemae.domain.ids import ClOrdId
from maemae.domain.text import Text
from maemae.server.executor_line import ExecutorLine
from maemae.trading.control.commands import (
    Ask,
    Cancel,
    Command,
    LimitsQuery,
    OrdersQuery,
    PlaceOrder,
    PositionsQuery,
    PreviewOrder,
    Replace,
    RunsQuery,
    StatusQuery,
)
from maemae.trading.control.replies import (
    Accepted,
    Conducts,
    Failed,
    Orders,
    Positions,
    Previewed,
    Reply,
    Status,
    Usages,
)
from maemae.trading.waiting import Waiting


class RecordingLine(ExecutorLine):
    """
    Says yes to every command.

    Attributes:
        asked: Everything, oldest first.
        status: How it says that it stands, None for nothing.
        waiting: What it says that waits.
    """

    def __init__(self, line: ExecutorLine) -> None:
        super().__init__(line.mode, line.home, line.accounts, line.reading)
        self.asked: list[Ask] = []
        self.status: Status | None = None
        self.waiting: tuple[Waiting, ...] = ()

    @property
    def commands(self) -> list[Command]:
        """What would have changed something."""
        return [asked for asked in self.asked if isinstance(asked, Command)]

    @property
    def orders(self) -> list[Command]:
        """What would have been sent to a broker."""
        return [asked for asked in self.asked if isinstance(asked, PlaceOrder | Replace | Cancel)]

    def ask(self, ask: Ask, within_secs: float = 10.0) -> Reply:
        """Write it down."""
        self.asked.append(ask)
        match ask:
            case PlaceOrder():
                return Accepted(ask.key, (ClOrdId(len(self.asked)),))
            case Command():
                return Accepted(ask.key)
            case PreviewOrder():
                return Previewed(Preview(Outlook.SENT, ()))
            case LimitsQuery():
                return Usages(())
            case OrdersQuery():
                return Orders((), self.waiting)
            case PositionsQuery():
                return Positions(())
            case RunsQuery():
                return Conducts(())
            case StatusQuery() if self.status is not None:
                return self.status
            case _:
                return Failed(Text(f"모름 {within_secs}", f"Unknown {within_secs}"))
