"""
What the exchange said of instruments: managed, warned of, halted, about to leave; and when.

Each carries the instant from which it was known. Without it a backtest would know in the
morning what was published at night.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import unique
from pathlib import Path
from typing import Final

import polars as pl

from maemae.catalogue import parsing
from maemae.catalogue.columns import find_by_name
from maemae.domain.errors import InvalidValueError, SchemaError, StorageError
from maemae.domain.near_match import suggestion
from maemae.domain.terms import Term

FOLDER: Final = "designations"

STILL: Final = date(9999, 12, 31)
"""End of a designation that lasts."""


@unique
class Designation(Term):
    """What an instrument is designated as."""

    MANAGED = "MANAGED"
    ATTENTION = "ATTENTION"
    CAUTION = "CAUTION"
    WARNING = "WARNING"
    DANGER = "DANGER"
    HALTED = "HALTED"
    DELISTING = "DELISTING"


KOREAN: Final = {
    "관리종목": Designation.MANAGED,
    "투자주의환기종목": Designation.ATTENTION,
    "투자주의": Designation.CAUTION,
    "투자경고": Designation.WARNING,
    "투자위험": Designation.DANGER,
    "거래정지": Designation.HALTED,
    "정리매매": Designation.DELISTING,
}
"""The exchange's own words."""

_WORDS: Final = {
    **KOREAN,
    **{designation.value.lower(): designation for designation in Designation},
}
_REQUIRED: Final = ("symbol", "kind", "since", "known_at")


def designation_from_text(text: str) -> Designation:
    """
    Return the designation of a word: `관리종목`, `managed`.

    Raises:
        InvalidValueError: There is no such designation.
    """
    word = text.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    hint = suggestion(word, list(_WORDS))
    raise InvalidValueError(
        f"알 수 없는 지정입니다: {text}. {hint.ko}", f"{text} is no designation. {hint.en}"
    )


def designations_from_frame(source: pl.DataFrame) -> pl.DataFrame:
    """
    Return designations: symbol, kind, since, until (`STILL` while it lasts), known_at [UTC, ns].

    Days include both ends. A `known_at` without a clock means the end of that Korean day.

    Raises:
        SchemaError: A column is absent, or a value cannot be read.
    """
    found = {name: find_by_name(name, source.columns) for name in (*_REQUIRED, "until")}
    absent = [name for name in _REQUIRED if found[name] is None]
    if absent:
        raise SchemaError(
            f"지정 파일에 {', '.join(absent)} 열이 없습니다. 열: {', '.join(_REQUIRED)}, until"
            "(있으면).",
            f"The designations have no column {', '.join(absent)}. They need "
            f"{', '.join(_REQUIRED)}, and until where it ended.",
        )
    columns = {name: source[theirs] for name, theirs in found.items() if theirs is not None}
    kinds = [designation_from_text(str(word)).value for word in columns["kind"].to_list()]
    since = parsing.days(columns["since"])
    until = columns.get("until", pl.repeat(None, source.height, dtype=pl.String, eager=True))
    ends = parsing.texts(until).replace("", None)
    last = parsing.days(ends.fill_null(parsing.texts(columns["since"])))
    still = pl.repeat(STILL, source.height, dtype=pl.Date, eager=True)
    return pl.DataFrame(
        {
            "symbol": parsing.texts(columns["symbol"]),
            "kind": kinds,
            "since": since,
            "until": last.zip_with(ends.is_not_null(), still),
            "known_at": _known(columns["known_at"]),
        }
    ).sort("symbol", "since")


def store_designations(root: Path, dataset: str, designations: pl.DataFrame) -> Path:
    """
    Keep the designations about a dataset, in place of those before.

    Raises:
        StorageError: They cannot be written.
    """
    path = root / FOLDER / f"{dataset}.parquet"
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        designations.write_parquet(partial)
        partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"{path} 을(를) 쓸 수 없습니다 ({error.strerror}). 권한과 남은 공간을 확인하세요.",
            f"{path} cannot be written ({error.strerror}). Check permissions and free space.",
        ) from error
    return path


def read_designations(root: Path, dataset: str) -> pl.DataFrame | None:
    """Return the designations about a dataset; None if there are none."""
    path = root / FOLDER / f"{dataset}.parquet"
    return pl.read_parquet(path) if path.exists() else None


def _known(column: pl.Series) -> pl.Series:
    is_day = column.dtype == pl.Date or (
        column.dtype == pl.String and column.str.strip_chars().str.len_chars().max() == _DAY_LENGTH
    )
    if not is_day:
        return parsing.instants(column, parsing.SEOUL)
    evenings = parsing.days(column).cast(pl.Datetime("ns")) + timedelta(days=1)
    return evenings.dt.replace_time_zone(parsing.SEOUL).dt.convert_time_zone("UTC")


_DAY_LENGTH: Final = 10
