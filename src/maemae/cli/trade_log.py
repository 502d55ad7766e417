"""What an executor does, as lines for a person: never in its way."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from rich.text import Text as Styled

from maemae.cli.screen import DOWN, QUIET, UP, WARNING, Screen
from maemae.cli.words import STATES, clock, order_text, price_text, won_text
from maemae.core.actions import (
    Action,
    CancelOrder,
    CeilingChanged,
    FillBooked,
    IntentParked,
    IntentRefused,
    KillChanged,
    OrderAdopted,
    OrderReported,
    ProtectionTriggered,
    ReplaceOrder,
    SessionOpened,
    SleeveAdded,
    SubmitOrder,
    SymbolQuarantined,
    TradingStateChanged,
)
from maemae.core.events import KillLevel, PhaseChanged
from maemae.core.machine import TradingCore
from maemae.domain.ids import Symbol
from maemae.domain.market_data import Trade
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Cause, TradingState
from maemae.domain.text import Text
from maemae.ports import Alert, Entry

_MOST_WAITING: Final = 10_000
_CLOSING_SECS: Final = 1.0

Line = tuple[Text, str]
"""What is said, and in which style."""


class TradeLog:
    """
    Prints in a thread of its own what it hears (`maemae.trading.engine.Ears`) and alerts.

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
        """Print what waits, if the terminal takes it within a second."""
        with suppress(queue.Full):
            self._lines.put_nowait(None)
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
        self.say("복구가 끝났습니다. 주문을 보낼 수 있습니다.", "Recovered: orders may leave.", "bold", at)
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
                self.say(f"명령 {kind} ({entry.command_id})", f"command {kind} ({entry.command_id})", QUIET, at)
            if isinstance(entry.event, PhaseChanged):
                self.say(f"장 구간 {entry.event.phase}", f"phase {entry.event.phase}", QUIET, at)
            for action in entry.actions:
                line = self._line(action, core)
                if line is not None:
                    self.say(line[0].ko, line[0].en, line[1], at)

    def _line(self, action: Action, core: TradingCore) -> Line | None:
        teller = _TELLERS.get(type(action))
        return None if teller is None else teller(self, action, core)

    def _called(self, symbol: Symbol) -> str:
        name = self._names.get(symbol)
        return symbol if name is None else f"{symbol} {name}"

    def _submitted(self, action: SubmitOrder, _core: TradingCore) -> Line:
        told = order_text(action.order, self._called(action.order.symbol))
        return Text(f"주문 {told.ko}", f"order {told.en}"), ""

    def _adopted(self, action: OrderAdopted, _core: TradingCore) -> Line:
        told = order_text(action.order, self._called(action.order.symbol))
        return Text(f"밖에서 낸 주문 {told.ko}", f"order from elsewhere {told.en}"), WARNING

    def _canceled(self, action: CancelOrder, _core: TradingCore) -> Line:
        number = action.orig_cl_ord_id
        return Text(f"취소 요청 #{number}", f"cancel #{number}"), ""

    def _replaced(self, action: ReplaceOrder, _core: TradingCore) -> Line:
        number, price = action.orig_cl_ord_id, price_text(action.price)
        return Text(
            f"정정 요청 #{number} {action.order_qty:,}주 {price.ko}",
            f"replace #{number} to {action.order_qty:,} at {price.en}",
        ), ""

    def _reported(self, action: OrderReported, _core: TradingCore) -> Line | None:
        report = action.report
        told = _REPORTS.get(report.exec_type)
        if told is None:
            return None
        text, style = told
        words = f": {report.text}" if report.text else ""
        number = report.cl_ord_id
        return Text(f"{text.ko} #{number}{words}", f"{text.en} #{number}{words}"), style

    def _filled(self, action: FillBooked, _core: TradingCore) -> Line:
        bought = action.qty > 0
        px = won_text(action.px)
        realized = won_text(action.realized)
        called = self._called(action.symbol)
        ko = f"체결 #{action.cl_ord_id} {called} {action.qty:+,}주 {px.ko}"
        en = f"fill #{action.cl_ord_id} {called} {action.qty:+,} at {px.en}"
        if not bought:
            ko, en = f"{ko}, 실현 {realized.ko}", f"{en}, realized {realized.en}"
        return Text(ko, en), UP if bought else DOWN

    def _refused(self, action: IntentRefused, _core: TradingCore) -> Line:
        called = self._called(action.symbol)
        ko = " ".join(refusal.text.ko for refusal in action.refusals)
        en = " ".join(refusal.text.en for refusal in action.refusals)
        return Text(f"거부 {called}: {ko}", f"refused {called}: {en}"), WARNING

    def _parked(self, _action: IntentParked, _core: TradingCore) -> Line:
        return Text("장이 닫혀 다음 장을 기다립니다", "waits for the next session"), QUIET

    def _triggered(self, action: ProtectionTriggered, _core: TradingCore) -> Line:
        called = self._called(action.symbol)
        ko, en = ("손절", "stop") if action.cause is Cause.STOP else ("익절", "target")
        return Text(f"{ko} {called}", f"{en} {called}"), WARNING

    def _state(self, action: TradingStateChanged, _core: TradingCore) -> Line:
        state = STATES[action.state]
        return Text(
            f"거래 상태: {state.ko} ({action.reason})", f"trading: {state.en} ({action.reason})"
        ), "bold"

    def _ceiling(self, action: CeilingChanged, _core: TradingCore) -> Line:
        state = STATES[action.ceiling]
        if action.ceiling is TradingState.HALTED:
            return Text(
                f"복구 시작: 증권사와 대조할 때까지 새 주문을 막습니다 ({action.reason})",
                f"recovery begins: no new order until the broker agrees ({action.reason})",
            ), "bold"
        return Text(
            f"거래 상한: {state.ko} ({action.reason})", f"ceiling: {state.en} ({action.reason})"
        ), QUIET

    def _killed(self, action: KillChanged, _core: TradingCore) -> Line:
        if action.level is KillLevel.OFF:
            return Text(f"비상정지 해제 ({action.reason})", f"released ({action.reason})"), "bold"
        return Text(
            f"비상정지 {action.level} ({action.reason})", f"KILL {action.level} ({action.reason})"
        ), f"bold {UP}"

    def _opened(self, action: SessionOpened, _core: TradingCore) -> Line:
        day = action.session_date
        return Text(f"거래일 {day} 시작", f"session {day} begins"), "bold"

    def _sleeve(self, action: SleeveAdded, _core: TradingCore) -> Line:
        return Text(f"슬리브 {action.sleeve_id}", f"sleeve {action.sleeve_id}"), QUIET

    def _quarantined(self, action: SymbolQuarantined, _core: TradingCore) -> Line:
        called = self._called(action.symbol)
        return Text(
            f"격리 {called}: 증권사와 {action.qty:+,}주 다름",
            f"quarantined {called}: differs by {action.qty:+,}",
        ), f"bold {UP}"

    def _write(self) -> None:
        """Print until closed; a terminal that is gone takes no more."""
        with suppress(OSError, SystemExit):  # rich ends the process when a pipe breaks
            while (waiting := self._lines.get()) is not None:
                at, (text, style) = waiting
                line = Styled(f"{at:8} ", QUIET)
                line.append(text.in_language(self._screen.language), style)
                self._screen.out.print(line, soft_wrap=True)
                self._screen.out.file.flush()


_REPORTS: Final = {
    ExecType.NEW: (Text("접수", "taken"), QUIET),
    ExecType.REJECTED: (Text("증권사 거부", "rejected"), WARNING),
    ExecType.CANCELED: (Text("취소됨", "canceled"), ""),
    ExecType.REPLACED: (Text("정정됨", "replaced"), ""),
    ExecType.EXPIRED: (Text("만료", "expired"), QUIET),
    ExecType.CANCEL_REJECTED: (Text("취소·정정 거부", "not canceled"), WARNING),
    ExecType.OUTCOME_UNKNOWN: (Text("결과 모름, 확인 중", "outcome unknown"), f"bold {WARNING}"),
}

_TELLERS: Final[Mapping[type, Callable[[TradeLog, Any, TradingCore], Line | None]]] = {
    SubmitOrder: TradeLog._submitted,
    OrderAdopted: TradeLog._adopted,
    CancelOrder: TradeLog._canceled,
    ReplaceOrder: TradeLog._replaced,
    OrderReported: TradeLog._reported,
    FillBooked: TradeLog._filled,
    IntentRefused: TradeLog._refused,
    IntentParked: TradeLog._parked,
    ProtectionTriggered: TradeLog._triggered,
    TradingStateChanged: TradeLog._state,
    CeilingChanged: TradeLog._ceiling,
    KillChanged: TradeLog._killed,
    SessionOpened: TradeLog._opened,
    SleeveAdded: TradeLog._sleeve,
    SymbolQuarantined: TradeLog._quarantined,
}
