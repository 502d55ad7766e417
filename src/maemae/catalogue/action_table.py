"""A table of corporate actions, as a person writes it: read, checked, and told in events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import unique
from typing import Any, Final

import msgspec
import polars as pl

from maemae.catalogue import parsing
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import SchemaError
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_nanos, nanos_from_datetime
from maemae.domain.terms import Term

ACTION_COLUMNS: Final = (
    "symbol",
    "kind",
    "known_at",
    "ex_date",
    "pay_date",
    "ratio",
    "amount",
    "successor",
)
"""Columns of a table; the first four are required of every row."""


@unique
class ActionKind(Term):
    """What a row may say; `ratio` is written as new shares to old ones."""

    SPLIT = "SPLIT"  # 액면분할: 50:1
    REVERSE_SPLIT = "REVERSE_SPLIT"  # 액면병합: 1:10
    CAPITAL_REDUCTION = "CAPITAL_REDUCTION"  # 감자: 1:5
    BONUS = "BONUS"  # 무상증자: 1:10 gives one more for ten
    STOCK_DIVIDEND = "STOCK_DIVIDEND"  # 주식배당, as a bonus
    RIGHTS = "RIGHTS"  # 유상증자: 1:5 is one right for five, sold at `amount` each
    CASH_DIVIDEND = "CASH_DIVIDEND"  # 현금배당: `amount` a share before tax
    MERGER = "MERGER"  # 합병: 1:2 of `successor` for two
    DELISTING = "DELISTING"  # 상장폐지: `amount` a share, 0 for nothing


class ActionRow(msgspec.Struct, frozen=True):
    """
    One row of a table.

    Attributes:
        kind: As above.
        known_at: When it could be known [ns, UTC]; a day alone means its end.
        ratio: New shares and old ones; (0, 0) where none is needed.
        amount: Won, by kind; for fractions of a share what a whole one is paid with.
        pay_date, successor: Where the kind needs them.
    """

    symbol: Symbol
    kind: ActionKind
    known_at: int
    ex_date: date
    pay_date: date | None
    ratio: tuple[int, int]
    amount: int
    successor: Symbol | None


def actions_from_frame(frame: pl.DataFrame) -> list[CorporateAction]:
    """
    Return what a table says, by ex-date and symbol.

    Raises:
        SchemaError: A column is missing, or a row cannot be or contradicts itself; the sentence
            names the row.
    """
    missing = [name for name in ACTION_COLUMNS[:4] if name not in frame.columns]
    if missing:
        raise SchemaError(
            f"권리 표에 필요한 열이 없습니다: {', '.join(missing)}. 쓸 수 있는 열: "
            f"{', '.join(ACTION_COLUMNS)}.",
            f"The table of actions has no column {', '.join(missing)}. It may have "
            f"{', '.join(ACTION_COLUMNS)}.",
        )
    rows = _columns(frame)
    actions = [_action(_row(row, place), place) for place, row in enumerate(rows, 1)]
    _require_distinct(actions)
    return sorted(actions, key=lambda action: (action.ex_date, action.symbol))


def _columns(frame: pl.DataFrame) -> Sequence[Mapping[str, Any]]:
    """Return the rows with days as dates, numbers as numbers and everything else as text."""
    columns = []
    for name in ACTION_COLUMNS:
        if name not in frame.columns:
            continue
        column = frame[name]
        if name in {"ex_date", "pay_date"}:
            present = column.drop_nulls()
            days = dict(zip(present.to_list(), parsing.days(present).to_list(), strict=True))
            told = [None if each is None else days[each] for each in column.to_list()]
            columns.append(pl.Series(name, told, pl.Date))
        elif name == "amount":
            columns.append(parsing.numbers(column))
        elif name == "known_at":
            columns.append(column)
        else:
            columns.append(parsing.texts(column))
    return list(pl.DataFrame(columns).iter_rows(named=True))


def _row(row: Mapping[str, Any], place: int) -> ActionRow:
    symbol, ex_date = row["symbol"], row["ex_date"]
    if not symbol or ex_date is None:
        raise _wrong(place, "종목코드와 ex_date 가 있어야 합니다", "needs a symbol and an ex_date")
    amount = row.get("amount") or 0
    if amount < 0 or amount != int(amount):
        raise _wrong(
            place, "amount 는 0원 이상의 정수입니다", "amount is a whole number of won, >= 0"
        )
    successor = row.get("successor")
    return ActionRow(
        symbol=Symbol(str(symbol).upper()),
        kind=_kind(row["kind"], place),
        known_at=_known_at(row["known_at"], place),
        ex_date=ex_date,
        pay_date=row.get("pay_date"),
        ratio=_ratio(row.get("ratio"), place),
        amount=int(amount),
        successor=Symbol(successor.upper()) if successor else None,
    )


def _kind(text: str | None, place: int) -> ActionKind:
    word = (text or "").strip()
    kind = _KOREAN.get(word) or next(
        (kind for kind in ActionKind if kind.value == word.upper()), None
    )
    if kind is None:
        names = ", ".join(f"{kind.value}({word})" for word, kind in _KOREAN.items())
        raise _wrong(
            place,
            f"kind {word!r} 은(는) 모르는 종류입니다. {names} 중에서 쓰세요",
            f"kind {word!r} is unknown; use one of {names}",
        )
    return kind


def _known_at(value: object, place: int) -> int:
    """Return when an announcement was known; a day alone counts from its end on."""
    if isinstance(value, datetime):
        return nanos_from_datetime(value) if value.tzinfo else kst_nanos(value.date(), value.time())
    if isinstance(value, date):
        return _end_of(value)
    text = str(value or "").strip()
    try:
        if len(text) <= _LENGTH_OF_DAY:
            return _end_of(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(
            place,
            f"known_at {text!r} 은(는) 2018-01-31 이나 2018-01-31T09:00 같은 시각이 아닙니다",
            f"known_at {text!r} is no time such as 2018-01-31 or 2018-01-31T09:00",
        ) from error
    return _known_at(moment, place)


def _end_of(day: date) -> int:
    return kst_nanos(day + timedelta(days=1), time())


def _ratio(text: str | None, place: int) -> tuple[int, int]:
    if not text:
        return 0, 0
    parts = text.replace("/", ":").split(":")
    if len(parts) != _TWO or not all(part.strip().isdigit() for part in parts):
        raise _wrong(
            place,
            f"ratio {text!r} 은(는) 신주:구주, 예를 들어 50:1 로 쓰세요",
            f"ratio {text!r} is not new shares to old ones, such as 50:1",
        )
    return int(parts[0]), int(parts[1])


def _action(row: ActionRow, place: int) -> CorporateAction:
    if row.kind in _WITH_RATIO and min(row.ratio) < 1:
        raise _wrong(place, "ratio 가 필요합니다. 예: 50:1", "needs a ratio such as 50:1")
    if row.kind is not ActionKind.CASH_DIVIDEND and row.known_at > kst_nanos(row.ex_date, _OPENING):
        raise _wrong(
            place,
            "known_at 이 ex_date 의 개장보다 늦습니다. 공시일을 쓰세요",
            "known_at is later than the opening of the ex_date; write the day of the announcement",
        )
    return _MAKERS[row.kind](row, place)


def _share_change(row: ActionRow, place: int) -> ShareChange:
    new, old = row.ratio
    if row.kind in _ADDED:
        new += old
    if (new > old) is not (row.kind in _MORE):
        raise _wrong(
            place,
            f"{row.kind} 의 ratio {row.ratio[0]}:{row.ratio[1]} 은(는) 거꾸로입니다. 신주:구주 로 "
            "쓰세요",
            f"the ratio {row.ratio[0]}:{row.ratio[1]} of {row.kind} is the wrong way round; write "
            "new shares to old ones",
        )
    return ShareChange(row.symbol, row.ex_date, row.known_at, new, old, row.amount)


def _rights(row: ActionRow, place: int) -> RightsIssue:
    del place
    return RightsIssue(row.symbol, row.ex_date, row.known_at, *row.ratio, row.amount)


def _dividend(row: ActionRow, place: int) -> CashDividend:
    paid = row.pay_date
    if paid is None or row.amount == 0:
        raise _wrong(place, "amount 와 pay_date 가 필요합니다", "needs an amount and a pay_date")
    if paid <= row.ex_date or kst_nanos(paid, _OPENING) < row.known_at:
        raise _wrong(
            place,
            "pay_date 는 ex_date 와 known_at 뒤여야 합니다",
            "pay_date comes after ex_date and known_at",
        )
    return CashDividend(row.symbol, row.ex_date, row.known_at, row.amount, paid)


def _merger(row: ActionRow, place: int) -> Merger:
    if row.successor is None or row.successor == row.symbol:
        raise _wrong(
            place, "다른 종목인 successor 가 필요합니다", "needs another symbol as successor"
        )
    return Merger(row.symbol, row.ex_date, row.known_at, row.successor, *row.ratio, row.amount)


def _delisting(row: ActionRow, place: int) -> Delisting:
    del place
    return Delisting(row.symbol, row.ex_date, row.known_at, row.amount)


def _require_distinct(actions: Sequence[CorporateAction]) -> None:
    seen: dict[tuple[type, Symbol, date], int] = {}
    for place, action in enumerate(actions, 1):
        if isinstance(action, CashDividend):
            continue
        before = seen.setdefault((type(action), action.symbol, action.ex_date), place)
        if before != place:
            raise _wrong(
                place,
                f"{before}번째 행과 같은 종목·종류·날짜입니다. 한 줄로 쓰세요",
                f"has symbol, kind and day of row {before}; write one row",
            )


def _wrong(place: int, ko: str, en: str) -> SchemaError:
    return SchemaError(f"권리 표 {place}번째 행: {ko}.", f"Row {place} of the actions: {en}.")


_TWO: Final = 2
_LENGTH_OF_DAY: Final = len("2018-01-31")
_OPENING: Final = time(9)
_KOREAN: Final = {
    "액면분할": ActionKind.SPLIT,
    "액면병합": ActionKind.REVERSE_SPLIT,
    "감자": ActionKind.CAPITAL_REDUCTION,
    "무상증자": ActionKind.BONUS,
    "주식배당": ActionKind.STOCK_DIVIDEND,
    "유상증자": ActionKind.RIGHTS,
    "현금배당": ActionKind.CASH_DIVIDEND,
    "합병": ActionKind.MERGER,
    "상장폐지": ActionKind.DELISTING,
}
_ADDED: Final = frozenset({ActionKind.BONUS, ActionKind.STOCK_DIVIDEND})
_MORE: Final = frozenset({ActionKind.SPLIT, *_ADDED})
_WITH_RATIO: Final = frozenset(ActionKind) - {ActionKind.CASH_DIVIDEND, ActionKind.DELISTING}
_MAKERS: Final[Mapping[ActionKind, Callable[[ActionRow, int], CorporateAction]]] = {
    ActionKind.SPLIT: _share_change,
    ActionKind.REVERSE_SPLIT: _share_change,
    ActionKind.CAPITAL_REDUCTION: _share_change,
    ActionKind.BONUS: _share_change,
    ActionKind.STOCK_DIVIDEND: _share_change,
    ActionKind.RIGHTS: _rights,
    ActionKind.CASH_DIVIDEND: _dividend,
    ActionKind.MERGER: _merger,
    ActionKind.DELISTING: _delisting,
}
