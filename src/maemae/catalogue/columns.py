"""Which column of a foreign file is which of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from maemae.domain.errors import SchemaError

TIME_NAMES: Final = ("datetime", "date")
"""Names under which a file may give the time of a bar; the first found is taken."""

PRICES: Final = ("open", "high", "low", "close")
BAR_COLUMNS: Final = (*PRICES, "volume")
NUMBERS_KEPT: Final = ("value", "base_price", "shares")
"""Optional columns of whole numbers: traded value [won], base price [won], listed shares."""

TEXTS_KEPT: Final = ("market", "name", "dept")
PRICE: Final = "price"
"""What a file of prints calls the only price of a bar."""

ADJUSTED: Final = "adjusted"
"""Optional flag of a source that mixes raw and adjusted series."""

_OPTIONAL: Final = (*NUMBERS_KEPT, *TEXTS_KEPT, ADJUSTED)
_KNOWN: Final = frozenset({"symbol", *TIME_NAMES, *BAR_COLUMNS, *_OPTIONAL})


def find_columns(
    present: Sequence[str], mapping: Mapping[str, str], *, needs_symbol: bool
) -> dict[str, str]:
    """
    Return the file's column for each of our names that it offers.

    A name that is not mapped is looked for as it is, then whatever its letters' case.

    Args:
        present: Columns of the file.
        mapping: Our name to the file's, such as `{"close": "종가"}`.
        needs_symbol: Whether the file must say which symbol a bar belongs to.

    Raises:
        SchemaError: A mapped name is not ours, a mapped column is absent, or a column that
            every bar needs cannot be found.
    """
    _require_known(mapping)
    found = {name: column for name in _KNOWN if (column := _find(name, present, mapping))}
    required = ("symbol", *BAR_COLUMNS) if needs_symbol else BAR_COLUMNS
    missing = [name for name in required if name not in found]
    if not any(name in found for name in TIME_NAMES):
        missing.append("datetime|date")
    if missing:
        raise SchemaError(
            f"필요한 열이 없습니다: {', '.join(missing)} (파일의 열: {', '.join(present)}). "
            f"--map {missing[0].split('|')[0]}=<파일의 열 이름> 으로 알려 주세요"
            f"{_SYMBOL_HINT_KO if 'symbol' in missing else ''}.",
            f"Missing columns: {', '.join(missing)} (the file has {', '.join(present)}). Name them "
            f"with --map {missing[0].split('|')[0]}=<column of the file>"
            f"{_SYMBOL_HINT_EN if 'symbol' in missing else ''}.",
        )
    return found


def time_name(found: Mapping[str, str]) -> str:
    """Return our name of the time column that was found."""
    return next(name for name in TIME_NAMES if name in found)


def _require_known(mapping: Mapping[str, str]) -> None:
    unknown = sorted(set(mapping) - _KNOWN)
    if unknown:
        names = ", ".join(sorted(_KNOWN))
        raise SchemaError(
            f"알 수 없는 열 이름입니다: {', '.join(unknown)}. 다음 중에서 고르세요: {names}.",
            f"Unknown column names: {', '.join(unknown)}. Choose from: {names}.",
        )


def _find(name: str, present: Sequence[str], mapping: Mapping[str, str]) -> str | None:
    if name in mapping:
        if mapping[name] not in present:
            raise SchemaError(
                f"{name} 에 지정한 열 {mapping[name]!r} 이 파일에 없습니다. "
                f"파일의 열: {', '.join(present)}.",
                f"The file has no column {mapping[name]!r} for {name}. It has "
                f"{', '.join(present)}.",
            )
        return mapping[name]
    return find_by_name(name, present)


def find_by_name(name: str, present: Sequence[str]) -> str | None:
    """Return the column of a name, whatever its letters' case; None if there is none."""
    if name in present:
        return name
    alike = [column for column in present if column.strip().lower() == name]
    return alike[0] if len(alike) == 1 else None


_SYMBOL_HINT_KO: Final = ". 한 종목만 있는 파일이면 --symbol 로 종목코드를 주세요"
_SYMBOL_HINT_EN: Final = "; for a file of one symbol give its code with --symbol"
