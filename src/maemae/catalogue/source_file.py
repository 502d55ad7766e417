"""Reading a CSV or Parquet file as it stands; a CSV's values stay text, so no zero is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import polars as pl

from maemae.domain.errors import SchemaError

_PARQUET_MAGIC: Final = b"PAR1"
_ENCODINGS: Final = ("utf-8-sig", "cp949")
_NAMED_AGAIN: Final = re.compile(r"(?P<name>.*)_duplicated_\d+")  # by polars


def read_source(path: Path) -> pl.DataFrame:
    """
    Read a file of bars or of instruments.

    A CSV may be UTF-8 or CP949, the encoding of Korean downloads; all its columns are text.

    Raises:
        SchemaError: The file is absent, empty, neither CSV nor Parquet, or names a column twice.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SchemaError(
            f"파일을 읽을 수 없습니다: {path} ({error.strerror}). 경로와 권한을 확인하세요.",
            f"{path} cannot be read ({error.strerror}). Check the path and its permissions.",
        ) from error
    if not content.strip():
        raise _empty(path)
    parquet = content.startswith(_PARQUET_MAGIC) or path.suffix.lower() == ".parquet"
    try:
        frame = pl.read_parquet(content) if parquet else _read_csv(content)
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise SchemaError(
            f"CSV 도 Parquet 도 아니거나 손상된 파일입니다: {path} ({reason}). "
            "파일을 다시 받으세요.",
            f"{path} is damaged, or neither CSV nor Parquet ({reason}). Fetch the file again.",
        ) from error
    if frame.height == 0:
        raise _empty(path)
    return frame


def _read_csv(content: bytes) -> pl.DataFrame:
    for encoding in _ENCODINGS[:-1]:
        try:
            return _parse_csv(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _parse_csv(content.decode(_ENCODINGS[-1]))


def _parse_csv(text: str) -> pl.DataFrame:
    frame = pl.read_csv(text.encode(), infer_schema=False)
    for name in frame.columns:
        again = _NAMED_AGAIN.fullmatch(name)
        if again is not None and again["name"] in frame.columns:
            raise SchemaError(
                f"{again['name']} 열이 두 번 나옵니다. 하나만 남기세요.",
                f"The column {again['name']} is there twice. Leave one of them.",
            )
    return frame.filter(pl.any_horizontal(pl.all().is_not_null()))  # blank lines are no rows


def _empty(path: Path) -> SchemaError:
    return SchemaError(
        f"파일에 데이터가 없습니다: {path}. 봉이 한 줄 이상 있는 파일을 주세요.",
        f"{path} holds no data. Give a file with at least one bar.",
    )
