"""From what a person typed to values; whatever cannot be understood is one clear sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, TypeVar, overload

from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.near_match import suggestion
from maemae.domain.terms import Term

T = TypeVar("T")
E = TypeVar("E", bound=Term)

_SYMBOL_LENGTH: Final = 6
_ONE_PERCENT: Final = 10_000  # ppm
_DECIMALS: Final = 4
_MOST_WHOLE: Final = 3

MOST_QTY: Final = 10_000_000_000
"""Largest number of shares that a person may write; the exchange's own caps are lower."""

MOST_CASH: Final = 100_000_000_000_000
"""Largest sum that a run may start with [won]."""

MOST_PORT: Final = 65_535
"""Largest port of TCP."""


def words_of(terms: type[E]) -> dict[str, E]:
    """Return the members of a closed set by the words that a person types."""
    return {term.value.lower(): term for term in terms}


@overload
def day_from_text(option: str, text: str) -> date: ...
@overload
def day_from_text(option: str, text: str | None) -> date | None: ...
def day_from_text(option: str, text: str | None) -> date | None:
    """
    Return the day of an ISO date; None stays None.

    Raises:
        InvalidValueError: It is no date such as 2024-01-02.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidValueError(
            f"{option} {text!r} 은(는) 날짜가 아닙니다. 2024-01-02 처럼 쓰세요.",
            f"{option} {text!r} is no date. Write it like 2024-01-02.",
        ) from None


def won_from_text(option: str, text: str) -> int:
    """
    Return a sum of money: `10000000`, `10,000,000`, `1000만`, `1억`.

    Raises:
        InvalidValueError: It is no whole number of won, or larger than `MOST_CASH`.
    """
    digits = text.strip().removesuffix("원").replace(",", "").replace("_", "")
    unit = 1
    for name, size in (("만", 10_000), ("억", 100_000_000)):
        if digits.endswith(name):
            digits, unit = digits.removesuffix(name), size
    if not digits.removeprefix("-").isdecimal():
        raise InvalidValueError(
            f"{option} {text!r} 은(는) 금액이 아닙니다. 10000000 이나 1000만 처럼 쓰세요.",
            f"{option} {text!r} is no sum of money. Write it like 10000000 or 10,000,000.",
        )
    won = int(digits[:20]) * unit
    if won > MOST_CASH:
        raise InvalidValueError(
            f"{option} {text} 은(는) 너무 큽니다. {MOST_CASH:,}원까지 쓸 수 있습니다.",
            f"{option} {text} is too much. At most {MOST_CASH:,} won can be used.",
        )
    return won


def count_from_text(option: str, text: str, low: int, high: int) -> int:
    """
    Return a whole number in a range.

    Raises:
        InvalidValueError: It is not one.
    """
    word = text.strip()
    if not word.removeprefix("-").isdecimal() or not low <= int(word[:20]) <= high:
        raise InvalidValueError(
            f"{option} {text!r} 은(는) {low:,}~{high:,} 의 정수여야 합니다.",
            f"{option} must be a whole number from {low:,} to {high:,}, not {text!r}.",
        )
    return int(word)


def pairs_from_texts(option: str, texts: Sequence[str]) -> dict[str, str]:
    """
    Return what was typed as `name=value`, once for each name.

    Raises:
        InvalidValueError: One has no name or no value, or a name comes twice.
    """
    pairs: dict[str, str] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value:
            raise InvalidValueError(
                f"{option} {text!r} 을(를) 이해할 수 없습니다. 이름=값 으로 쓰세요.",
                f"{option} {text!r} cannot be understood. Write it as name=value.",
            )
        if name in pairs:
            raise InvalidValueError(
                f"{option} {name} 이(가) 두 번 있습니다. 한 번만 쓰세요.",
                f"{option} {name} is given twice. Give it once.",
            )
        pairs[name] = value
    return pairs


def choice_from_text(option: str, text: str, choices: Mapping[str, T]) -> T:
    """
    Return what a word stands for, whatever the case of its letters.

    Raises:
        InvalidValueError: It is none of the words; the nearest is suggested.
    """
    word = text.strip().lower()
    if word in choices:
        return choices[word]
    hint = suggestion(word, choices)
    raise InvalidValueError(
        f"{option} {text!r} 은(는) 쓸 수 없습니다. {hint.ko}",
        f"{option} {text!r} cannot be used. {hint.en}",
    )


def symbols_from_text(text: str) -> tuple[Symbol, ...] | None:
    """
    Return the symbols of a list such as `005930,000660`; None for `all`.

    Raises:
        InvalidValueError: The list is empty.
    """
    if text.strip().lower() == "all":
        return None
    symbols = tuple(Symbol(part.strip().upper()) for part in text.split(",") if part.strip())
    if not symbols:
        raise InvalidValueError(
            "--symbols 가 비어 있습니다. 005930,000660 이나 all 처럼 쓰세요.",
            "--symbols is empty. Write it like 005930,000660, or all.",
        )
    return symbols


def symbol_from_text(text: str) -> Symbol:
    """
    Return the code of one instrument.

    Raises:
        InvalidValueError: It does not have six digits or capital letters.
    """
    symbol = text.strip().upper()
    if len(symbol) != _SYMBOL_LENGTH or not (symbol.isascii() and symbol.isalnum()):
        raise InvalidValueError(
            f"{text!r} 은(는) 종목코드가 아닙니다. 005930 처럼 여섯 자리로 쓰세요.",
            f"{text!r} is no symbol. Write six characters, such as 005930.",
        )
    return Symbol(symbol)


def ratio_from_text(option: str, text: str) -> int:
    """
    Return a share of a price [ppm]: `3%`, `2.5%`.

    Raises:
        InvalidValueError: It is no percentage above 0 and below 100 with at most four decimals.
    """
    digits = text.strip().removesuffix("%")
    whole, _, decimals = digits.partition(".")
    is_number = whole.isdecimal() and (decimals.isdecimal() or decimals == "")
    if is_number and len(whole) <= _MOST_WHOLE and len(decimals) <= _DECIMALS:
        ppm = int(whole) * _ONE_PERCENT + int(decimals.ljust(_DECIMALS, "0"))
        if 0 < ppm < 100 * _ONE_PERCENT:
            return ppm
    raise InvalidValueError(
        f"{option} {text!r} 은(는) 비율이 아닙니다. 0% 와 100% 사이로 3% 처럼 쓰세요.",
        f"{option} {text!r} is no ratio. Write it like 3%, between 0% and 100%.",
    )


def required(option: str, text: str | None) -> str:
    """
    Return a text that must say something.

    Raises:
        InvalidValueError: It says nothing.
    """
    if text is None or not text.strip():
        raise InvalidValueError(
            f"{option} 이(가) 비어 있습니다. 나중에 알 수 있게 적으세요.",
            f"{option} says nothing. Write it, so that it can be known later.",
        )
    return " ".join(text.split())
