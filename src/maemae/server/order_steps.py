"""What happened to an order, step by step, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from maemae.core.actions import (
    Action,
    AlarmRaised,
    CancelOrder,
    FillBooked,
    OrderAdopted,
    OrderReported,
    ReplaceOrder,
    SharesFreed,
    SubmitOrder,
)
from maemae.domain.execution import ExecutionReport
from maemae.domain.order_status import ExecType
from maemae.domain.text import Text
from maemae.server.models import Moment, Told
from maemae.storage.history import Step


class ShownStep(Told):
    """One step; figures are there where the step has them."""

    seq: int = Field(description="Record of the journal that tells it.")
    at: Moment
    kind: str = Field(examples=["SUBMIT_ORDER", "TRADE", "FILL_BOOKED"])
    ko: str
    en: str
    command_id: str | None = Field(description="Key of the command that brought it.")
    order_id: str | None = None
    exec_id: str | None = None
    qty: int | None = Field(None, description="Shares.")
    px: int | None = Field(None, description="Won a share.")
    commission: int | None = None
    tax: int | None = None


def shown_step(step: Step) -> ShownStep:
    """Return a step in words."""
    kind, words, figures = _told(step.action)
    told = {"seq": step.seq, "at": step.at, "command_id": step.command_id}
    return ShownStep.model_validate(
        {**told, "kind": kind, "ko": words.ko, "en": words.en, **figures}
    )


_Figures = dict[str, int | str | None]


def _told(action: Action) -> tuple[str, Text, _Figures]:
    kind = str(action.__struct_config__.tag)
    match action:
        case SubmitOrder() | OrderAdopted():
            order = action.order
            return kind, _ENTERED[kind], {"qty": order.order_qty, "px": order.price}
        case CancelOrder():
            return kind, _ENTERED[kind], {"order_id": action.order_id}
        case ReplaceOrder():
            return kind, _ENTERED[kind], {"qty": action.order_qty, "px": action.price}
        case OrderReported():
            return _reported(action.report)
        case FillBooked():
            charges: _Figures = {"commission": action.commission, "tax": action.tax}
            return kind, _ENTERED[kind], {"qty": abs(action.qty), "px": action.px, **charges}
        case SharesFreed():
            return kind, _ENTERED[kind], {"qty": action.qty}
        case AlarmRaised():
            words = Text(f"알람: {action.code} {action.detail}", f"{action.code} {action.detail}")
            return kind, words, {}
        case _:
            return kind, Text(kind, kind), {}


def _reported(report: ExecutionReport) -> tuple[str, Text, _Figures]:
    words = _REPORTED[report.exec_type]
    if report.text:
        words = Text(f"{words.ko} ({report.text})", f"{words.en} ({report.text})")
    figures: _Figures = {"order_id": report.order_id, "exec_id": report.exec_id}
    if report.last_qty:
        figures |= {"qty": report.last_qty, "px": report.last_px}
    return report.exec_type.value, words, figures


_ENTERED: Final[Mapping[str, Text]] = {
    "SUBMIT_ORDER": Text("위험 관문을 통과해 기록했습니다", "Approved by the risk gate, recorded"),
    "ORDER_ADOPTED": Text("다른 곳에서 낸 주문을 편입했습니다", "Adopted from elsewhere"),
    "CANCEL_ORDER": Text("취소를 요청했습니다", "Its cancel was asked for"),
    "REPLACE_ORDER": Text("정정을 요청했습니다", "New terms were asked for"),
    "FILL_BOOKED": Text("장부에 반영했습니다", "Booked in the ledger"),
    "SHARES_FREED": Text("묶인 수량을 풀었습니다", "Its shares were freed"),
}
_REPORTED: Final[Mapping[ExecType, Text]] = {
    ExecType.NEW: Text("증권사가 접수했습니다", "Acknowledged by the broker"),
    ExecType.TRADE: Text("체결되었습니다", "Filled"),
    ExecType.TRADE_CANCEL: Text("거래소가 체결을 취소했습니다", "A fill was taken back"),
    ExecType.TRADE_CORRECT: Text("거래소가 체결을 정정했습니다", "A fill was corrected"),
    ExecType.REPLACED: Text("정정되었습니다", "Replaced"),
    ExecType.CANCEL_REJECTED: Text("취소나 정정이 거부되었습니다", "Cancel or replace refused"),
    ExecType.CANCELED: Text("취소되었습니다", "Canceled"),
    ExecType.EXPIRED: Text("만료되었습니다", "Expired"),
    ExecType.REJECTED: Text("증권사가 거부했습니다", "Rejected by the broker"),
    ExecType.OUTCOME_UNKNOWN: Text(
        "결과를 알 수 없어 증권사에 확인합니다", "The outcome is not known; the broker is asked"
    ),
}
"""Every execution type is a row."""
