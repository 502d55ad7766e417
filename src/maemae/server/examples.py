"""
An example of every field that the API tells, in one place.

One word means one thing, so one example does for a name, wherever it stands; where a name means
something else, its model has one of its own. All of them tell one story: on 30 November 2026 the
owner bought ten shares at 70,000 won.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

Described = Mapping[str, Any]

_REF: Final = "#/components/schemas/"
_OPENED: Final = "2026-11-30T09:00:00+09:00"
_ORDERED: Final = "2026-11-30T10:15:00.123456+09:00"
_LATER: Final = "2026-11-30T15:30:00+09:00"
_TOMORROW: Final = "2026-12-01T09:00:00+09:00"
_HASH: Final = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
_OPENS: Final = "Zr8f3Qk1n5u0vJX2cM7yTqLw9aHsB4dE6gRiPoUxVtk"

_BY_NAME: Final[Mapping[str, object]] = {
    "above": True,
    "account_id": "5012345610",
    "accounts": ["5012345610"],
    "acknowledged_at": _LATER,
    "acknowledged_by": "owner",
    "actual": 1_200_000,
    "address": "192.168.0.12",
    "after": 1_841,
    "alert_id": 7,
    "anchors": 96,
    "armed_by": "owner",
    "armed_until": _LATER,
    "asked_at": _ORDERED,
    "asked_by": "owner",
    "at": _ORDERED,
    "backtest_id": "9b2d6c0a4f1e8375",
    "bars": 75,
    "base_price": 69_500,
    "began_at": _OPENED,
    "cash": 9_300_000,
    "cash_after": 9_299_895,
    "cash_before": 10_000_000,
    "change": 500,
    "change_ppm": 7_194,
    "cl_ord_id": 42,
    "cl_ord_ids": [42],
    "close": 70_100,
    "code": "OUTCOME_UNKNOWN",
    "code_hash": _HASH,
    "collar": 30_000,
    "command_id": "1f8b0c5d9e7a4b32a6d1f00b7c3e5a9d2b4c6e80",
    "commission": 105,
    "cost": 700_000,
    "cum_qty": 10,
    "dataset": "synthetic",
    "day": "2026-11-30",
    "day_result": 895,
    "default": 10.0,
    "detail": "There is no such account. Check its number.",
    "device": "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0",
    "due_at": "2026-11-30T08:30:00+09:00",
    "en": "The outcome of an order is not known; the broker is asked.",
    "end_reason": None,
    "ended_at": None,
    "epoch": 3,
    "equity": 10_000_895,
    "exec_id": "0000012345-1",
    "expires_at": _TOMORROW,
    "failure_en": None,
    "failure_ko": None,
    "fields": ["body.quantity: Input should be greater than or equal to 1"],
    "filled": 4,
    "fingerprint": _HASH[:16],
    "finished_at": "2026-11-30T08:30:02+09:00",
    "first": "2016-01-04",
    "first_bad_row": None,
    "flows": 10_000_000,
    "has_password": True,
    "has_report": True,
    "has_second_factor": True,
    "hash": _HASH,
    "head_hash": _HASH,
    "heaviest": "005930",
    "heaviest_ppm": 70_093,
    "high": 70_400,
    "intent_id": "MANUAL:1f8b0c5d9e7a4b32a6d1f00b7c3e5a9d2b4c6e80",
    "intents": 4,
    "interval": "DAY",
    "is_armed": False,
    "is_available": True,
    "is_critical": True,
    "is_emulated": False,
    "is_good": True,
    "is_halted": False,
    "is_live": True,
    "is_locked": False,
    "is_needed": False,
    "is_paused": False,
    "is_ready": True,
    "is_regular": True,
    "is_running": True,
    "is_this_one": True,
    "is_visible": True,
    "is_waiting": False,
    "is_whole": True,
    "kill_reason": "",
    "known_bars": 120,
    "ko": "주문의 결과를 알 수 없어 증권사에 확인합니다.",
    "last": "2026-11-27",
    "last_at": _ORDERED,
    "last_bar_at": _ORDERED,
    "last_price": 70_000,
    "last_used_at": _ORDERED,
    "late_at": "2026-11-30T08:31:00+09:00",
    "leaves_qty": 0,
    "limit": 1_000_000,
    "listed_shares": 5_919_637_922,
    "loss": -895,
    "low": 69_400,
    "made_at": _OPENED,
    "made_by": "owner",
    "max_daily_loss": 500_000,
    "max_order_value": 1_000_000,
    "max_orders_per_day": 200,
    "max_orders_per_sec": 5,
    "max_position_weight": 200_000,
    "max_positions": 10,
    "max_price_age_secs": 60,
    "max_repeats": 3,
    "may_trade": True,
    "name": "삼성전자",
    "next_change_at": "2026-11-30T15:20:00+09:00",
    "next_cursor": None,
    "note": "office",
    "notional": 700_000,
    "open": 69_500,
    "opened_at": _ORDERED,
    "opening_equity": 10_000_000,
    "opening_flows": 10_000_000,
    "order_hash": _HASH,
    "order_id": "0000012345",
    "order_qty": 10,
    "orderable": 9_299_895,
    "orders_in_second": 0,
    "orders_today": 1,
    "otpauth_uri": "otpauth://totp/maemae:owner?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    "&issuer=maemae",
    "parts": 3,
    "passed": True,
    "pause_reason": None,
    "positions": 1,
    "price": 70_000,
    "price_age_ms": 140,
    "px": 70_000,
    "qty": 10,
    "qty_after": 10,
    "qty_before": 0,
    "quantity": 10,
    "realized": -105,
    "reason": "recovered",
    "recovery_codes": ["K7QF-2MXA-9TBD"],
    "recovery_codes_left": 10,
    "request_id": "3f0c8a2be1d94477",
    "reserved": 700_105,
    "resolved_at": None,
    "revoked_at": None,
    "rows": 1_841,
    "run_id": "c4a1f2e69b0d7358",
    "seen_at": _ORDERED,
    "sellable": 10,
    "sent": 1,
    "seq": 1_841,
    "sequence": 1_841,
    "session_date": "2026-11-30",
    "sleeve_id": "MANUAL",
    "source": "synthetic, seed 20261130",
    "spec": "golden_cross",
    "started_at": "2026-11-30T08:30:00+09:00",
    "stepped_up_until": None,
    "stop_px": 67_900,
    "subject": "42",
    "summary": {"trades": 12, "final_equity": 10_840_000, "sharpe": "1.21"},
    "symbol": "005930",
    "symbols": ["005930"],
    "take_px": 76_300,
    "tax": 0,
    "text": "",
    "ticket": _OPENS,
    "times": 1,
    "token": _OPENS,
    "token_expires_at": _LATER,
    "token_id": _HASH,
    "trading_reason": "",
    "unrealized": 1_000,
    "user_id": "owner",
    "value": 701_000,
    "values": {"fast": 10.0, "slow": 30.0},
    "volume": 1_204_311,
    "warmup": 31,
    "weight_after": 70_000,
    "weight_before": 0,
}

_OF_MODEL: Final[Mapping[tuple[str, str], object]] = {
    ("AuditedAct", "detail"): {"address": "192.168.0.12", "way": "LOGIN", "notional": 700_000},
    ("AuditVerdict", "ko"): "감사 기록이 적힌 때와 같습니다.",
    ("AuditVerdict", "en"): "The audit log is as it was written.",
    ("BacktestRow", "began_at"): _ORDERED,
    ("BacktestRow", "cash"): 10_000_000,
    ("BacktestRow", "ended_at"): _LATER,
    ("BookLevel", "qty"): 320,
    ("Certificate", "note"): None,
    ("DatasetRow", "symbols"): 12,
    ("DatasetRow", "rows"): 32_160,
    ("JobRow", "note"): None,
    ("Parameter", "low"): 2.0,
    ("Parameter", "high"): 60.0,
    ("Problem", "ko"): "그런 계좌가 없습니다. 계좌 번호를 확인하세요.",
    ("Problem", "en"): "There is no such account. Check its number.",
    ("Problem", "fields"): [],
    ("QuoteRow", "qty"): 3,
    ("RefusedRow", "ko"): "살 돈이 모자랍니다.",
    ("RefusedRow", "en"): "There is not enough cash.",
    ("RefusedRow", "reason"): "NOT_ENOUGH_CASH",
    ("RunRow", "cash"): 10_000_000,
    ("RunRow", "sleeve_id"): "golden_cross",
    ("ShownCheck", "ko"): "살 돈이 있다",
    ("ShownCheck", "en"): "There is cash for it",
    ("ShownPreview", "value"): 700_000,
    ("ShownRefusal", "ko"): "한 주문의 한도를 넘습니다.",
    ("ShownRefusal", "en"): "It exceeds the limit of one order.",
    ("ShownStep", "ko"): "체결되었습니다",
    ("ShownStep", "en"): "Filled",
    ("ShownUser", "subject"): None,
    ("StreamQuote", "qty"): 3,
    ("StreamRun", "sleeve_id"): "golden_cross",
    ("WhyNot", "sleeve_id"): "golden_cross",
    ("WishRow", "intents"): [{"type": "BUY", "symbol": "005930", "weight": 0.1}],
}


_OF_PARAMETER: Final[Mapping[str, object]] = {
    "action": "PLACE_ORDER",
    "cursor": 42,
    "from": "2026-11-02",
    "login_id": "3f0c8a2be1d94477",
    "to": "2026-11-30",
}


def give_examples(described: Described) -> None:
    """
    Give an example to every field and parameter that has none of its own.

    A body that is asked for is shown with what it needs, so only that is given one there.
    """
    schemas = described.get("components", {}).get("schemas", {})
    asked = set(_named([_bodies(described), schemas.get("StreamAsking", {})], schemas))
    for model, schema in schemas.items():
        for name, field in schema.get("properties", {}).items():
            is_shown = model not in asked or name in schema.get("required", ())
            if is_shown and needs_example(field):
                example = _OF_MODEL.get((model, name), _BY_NAME.get(name))
                field["examples"] = [example]
    for operation in _operations(described):
        for parameter in operation.get("parameters", ()):
            name, schema = parameter["name"], parameter["schema"]
            is_shown = "examples" in parameter or "default" in schema
            if not is_shown and needs_example(schema):
                schema["examples"] = [_OF_PARAMETER.get(name, _BY_NAME.get(name))]


def needs_example(field: Described) -> bool:
    """Whether nothing about a field shows what it is like: no example, value or model."""
    if any(word in field for word in ("$ref", "examples", "enum", "const", "oneOf", "allOf")):
        return False
    if "anyOf" in field:
        return any(each.get("type") != "null" and needs_example(each) for each in field["anyOf"])
    if field.get("type") == "array":
        return needs_example(field.get("items", {}))
    return True


def _operations(described: Described) -> Iterator[Described]:
    for methods in described.get("paths", {}).values():
        yield from methods.values()


def _bodies(described: Described) -> list[Described]:
    return [each["requestBody"] for each in _operations(described) if "requestBody" in each]


def _named(part: object, schemas: Described) -> Iterator[str]:
    """Yield the models that a part of a description names, and those that these name."""
    if isinstance(part, Mapping):
        name = str(part.get("$ref", "")).removeprefix(_REF)
        if name:
            yield name
            yield from _named(schemas[name], schemas)
        for each in part.values():
            yield from _named(each, schemas)
    elif isinstance(part, list):
        for each in part:
            yield from _named(each, schemas)
