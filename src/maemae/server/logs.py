"""
Our own log: one JSON object a line, with the number of the request, and without secrets.

A request has a number, the command that it brings to an executor a key, and what came of that the
numbers of orders: the line of the command holds all three, so each can be found by the others.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from maemae.server.correlation import current_request_id
from maemae.server.redaction import redacted

_LARGEST: Final = 16 * 1024 * 1024  # bytes of a file
_KEPT: Final = 9  # files beside the newest
_ROOT: Final = "maemae"
_OF_OTHERS: Final = ("uvicorn", "uvicorn.error")
_UNPRINTABLE: Final = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

Line = MutableMapping[str, Any]


def logger(name: str) -> FilteringBoundLogger:
    """Return the logger of a part of the server; what it is told goes where `kept_log` says."""
    made: FilteringBoundLogger = structlog.wrap_logger(
        logging.getLogger(f"{_ROOT}.{name}"),
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return made


@contextmanager
def kept_log(folder: Path, name: str) -> Iterator[Path]:
    """
    Keep what is logged in files, until left.

    Args:
        folder: Made if it is not there; only its owner may read the files.
        name: Of this process; two processes never write one file.

    Yields:
        The file that is written now; older ones have a number behind their name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jsonl"
    handler = _PrivateFile(path)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[], processors=[_own_fields, *_CHAIN, _as_line]
        )
    )
    heard = [logging.getLogger(each) for each in (_ROOT, *_OF_OTHERS)]
    before = [(each, each.level, each.propagate) for each in heard]
    for each in heard:
        each.addHandler(handler)
        each.setLevel(logging.INFO)
        each.propagate = False
    try:
        yield path
    finally:
        for each, level, propagates in before:
            each.removeHandler(handler)
            each.setLevel(level)
            each.propagate = propagates
        handler.close()


class _PrivateFile(RotatingFileHandler):
    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, and begin a new file once one is full: a line is made once, not twice."""
        try:
            if self.stream is not None and self.stream.tell() >= self.maxBytes:
                self.doRollover()
        except (OSError, ValueError):
            self.handleError(record)
        logging.FileHandler.emit(self, record)

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return TextIOWrapper(os.fdopen(descriptor, "ab"), encoding="utf-8", line_buffering=True)


def _own_fields(_logger: object, _method: str, line: Line) -> Line:
    """Say when, how grave, by whom, and for which request."""
    record: logging.LogRecord = line.pop("_record")
    line.pop("_from_structlog", None)
    line["level"] = record.levelname
    line["logger"] = record.name
    request_id = current_request_id()
    if request_id:
        line["request_id"] = request_id
    return line


def _without_secrets(_logger: object, _method: str, line: Line) -> Line:
    shown = redacted(line)
    return shown if isinstance(shown, dict) else {}


def _as_line(_logger: object, _method: str, line: Line) -> str:
    """Return one line of JSON that no text in it can break, forge or turn around."""
    text = json.dumps(line, ensure_ascii=False, default=str)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


_CHAIN: Final[tuple[Processor, ...]] = (
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.format_exc_info,
    _without_secrets,
)
