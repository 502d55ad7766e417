"""What the catalogue knows about one dataset; a dataset exists once its manifest does."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from maemae.catalogue.interval import BarLabel, Interval, interval_from_text
from maemae.domain.errors import InvalidValueError, SchemaError
from maemae.domain.terms import PriceBasis

MANIFEST: Final = "manifest.json"
_NAME: Final = re.compile(r"\w[\w.-]{0,63}")
_FORMAT: Final = 1


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """
    The declared facts of a dataset and what was found when it came in.

    Attributes:
        dataset: Name; also the folder's.
        basis: Declared price basis of its series.
        other_basis_symbols: Series whose source says that they have the other basis.
        interval: `DAY`, or minutes such as `5m`.
        label: Which end of an intraday bar its time names.
        source: Name of the file it came from, or of the generator.
        columns: Columns that were kept, ours first; a changed name reads `close=종가`.
        rows: Number of bars.
        symbols: Number of series.
        first: Korean day of the earliest bar.
        last: Korean day of the latest bar.
        rounded_rows: Bars whose adjusted prices or volume were rounded to whole numbers.
        findings: Number of findings by check code; a check that does not apply is absent.
        content_hash: SHA-256 over the values of the bars, independent of the file format.
        bars_file: Name of the Parquet file with the bars.
        instruments_file: Name of the Parquet file with the instrument master.
        actions: Number of corporate actions that were imported.
        actions_file: Name of the file with them; empty for none.
        format: Version of this layout.
    """

    dataset: str
    basis: PriceBasis
    other_basis_symbols: int
    interval: str
    label: BarLabel
    source: str
    columns: tuple[str, ...]
    rows: int
    symbols: int
    first: date
    last: date
    rounded_rows: int
    findings: dict[str, int]
    content_hash: str
    bars_file: str
    instruments_file: str
    actions: int = 0
    actions_file: str = ""
    format: int = _FORMAT

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that the dataset is made of, beside this one."""
        named = (self.bars_file, self.instruments_file, self.actions_file)
        return tuple(name for name in named if name)

    @property
    def bar_interval(self) -> Interval:
        """The interval as a value."""
        return interval_from_text(self.interval)


def dataset_name(text: str) -> str:
    """
    Return the text if it can name a dataset, and so a folder.

    Raises:
        InvalidValueError: It is empty, too long, starts with a dot or contains a path.
    """
    if _NAME.fullmatch(text) is None:
        raise InvalidValueError(
            f"데이터셋 이름으로 쓸 수 없습니다: {text!r}. 글자·숫자로 시작하고 "
            "글자, 숫자, '_', '-', '.' 로 64자 이내로 쓰세요.",
            f"{text!r} cannot name a dataset. Start with a letter or digit; use letters, digits, "
            "'_', '-' or '.', at most 64.",
        )
    return text


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest as readable JSON with keys in a fixed order."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=2) + b"\n"


def read_manifest(path: Path) -> Manifest:
    """
    Read a manifest.

    Raises:
        SchemaError: The file cannot be read or is not a manifest of this layout.
    """
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise SchemaError(
            f"데이터셋 설명 파일을 읽을 수 없습니다: {path} ({error}). replace 로 다시 가져오세요.",
            f"The manifest {path} cannot be read ({error}). Import the data again with replace.",
        ) from error
    if manifest.format != _FORMAT:
        raise SchemaError(
            f"{path} 는 다른 형식({manifest.format})의 데이터셋입니다. replace 로 다시 가져오세요.",
            f"{path} has layout {manifest.format}, not {_FORMAT}. Import it again with replace.",
        )
    return manifest
