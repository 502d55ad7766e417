"""What an executor does, as lines for a person: never in its way."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from rich.text import Text as Styled

from maemae.cli.screen import QUIET, UP, WARNING, Screen
from maemae.cli.trade_words import Line, line_of
from maemae.cli.words import clock
from maemae.core.events import KillLevel, PhaseChanged
from maemae.core.machine import TradingCore
from maemae.domain.ids import Symbol
from maemae.domain.market_data import Trade
from maemae.domain.terms import TradingState
from maemae.domain.text import Text
from maemae.ports import Alert, Entry

_MOST_WAITING: Final = 10_000
_CLOSING_SECS: Final = 1.0


class TradeLog:
    """
    Prints in a thread of its own what it hears (`maemae.trading.engine.Listener`) and alerts.

    A terminal that is stopped or gone fills the queue and loses lines; it never stops trading.

    Args:
        screen: Where the lines go.
        names: What people call instruments.
    """

    def __init__(self, screen: Screen, names: Mapping[Symbol, str]) -> None:
        self._screen = screen
        self._names = names
        self._lines: queue.Queue[tuple[str, Line] | None] = queue.Queue(_MOST_WAITING)
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def say(self, ko: str, en: str, style: str = "", at: str = "") -> None:
        """Put a line in the queue; a full queue loses it."""
        with suppress(queue.Full):
            self._lines.put_nowait((at, (Text(ko, en), style)))

    def close(self) -> None:
        """Print what waits, as far as the terminal takes it soon."""
        with suppress(queue.Full):
            self._lines.put(None, timeout=_CLOSING_SECS)
            self._writer.join(_CLOSING_SECS)

    async def notify(self, alert: Alert) -> None:
        """Show an alert (`maemae.ports.Notifier`)."""
        style = f"bold {UP}" if alert.is_critical else WARNING
        self.say(
            f"알림 {alert.code} {alert.subject}: {alert.text.ko}",
            f"ALERT {alert.code} {alert.subject}: {alert.text.en}",
            style,
        )

    def hear_print(self, trade: Trade) -> None:
        """Do nothing: prints come by the thousand."""

    def hear_time(self, core: TradingCore) -> None:
        """Do nothing."""

    def hear_ready(self, core: TradingCore) -> None:
        """Say that recovery has ended, and how trading is opened."""
        at = clock(core.now)
        self.say(
            "복구가 끝났습니다. 주문을 보낼 수 있습니다.",
            "Recovered: orders may leave.",
            "bold",
            at,
        )
        if core.state.kill is not KillLevel.OFF:
            self.say(
                f"비상정지 {core.state.kill} 상태입니다. maemae resume 으로 푸세요.",
                f"The kill switch stands at {core.state.kill}. Release it with maemae resume.",
                f"bold {UP}",
                at,
            )
        elif core.state.trading_state is TradingState.HALTED:
            self.say(
                "거래가 멈춰 있습니다. maemae resume --reason … 으로 시작하세요.",
                "Trading is halted. Open it with maemae resume --reason ….",
                WARNING,
                at,
            )

    def hear_entries(self, entries: Sequence[Entry], core: TradingCore) -> None:
        """Say what the core took in and did."""
        for entry in entries:
            at = clock(core.now)
            if entry.command_id is not None:
                kind = type(entry.event).__name__
                self.say(
                    f"명령 {kind} ({entry.command_id})",
                    f"command {kind} ({entry.command_id})",
                    QUIET,
                    at,
                )
            if isinstance(entry.event, PhaseChanged):
                self.say(f"장 구간 {entry.event.phase}", f"phase {entry.event.phase}", QUIET, at)
            for action in entry.actions:
                line = line_of(action, self._called)
                if line is not None:
                    self.say(line[0].ko, line[0].en, line[1], at)

    def _called(self, symbol: Symbol) -> str:
        name = self._names.get(symbol)
        return symbol if name is None else f"{symbol} {name}"

    def _write(self) -> None:
        """Print until closed; a terminal that is gone takes no more."""
        with suppress(OSError, SystemExit):  # rich ends the process when a pipe breaks
            while (waiting := self._lines.get()) is not None:
                at, (text, style) = waiting
                line = Styled(f"{at:8} ", QUIET)
                line.append(text.in_language(self._screen.language), style)
                self._screen.out.print(line, soft_wrap=True)
                self._screen.out.file.flush()
