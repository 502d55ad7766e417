"""Our own log: a line is a JSON object, knows its request, and holds no secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maemae.server import logs
from maemae.server.correlation import begin_request, end_request
from maemae.server.logs import kept_log, logger

CANARY = "c4n4ry-9f2e"


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    with kept_log(tmp_path / "log", "server") as kept:
        yield kept


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def test_line_says_what_when_by_whom_and_for_which_request(path: Path) -> None:
    began = begin_request("req-00000001")
    logger("orders").info("command", command_key="kim:1", numbers=[7, 8])
    end_request(began)

    (line,) = lines(path)
    assert line["event"] == "command"
    assert (line["level"], line["logger"]) == ("INFO", "maemae.orders")
    assert (line["request_id"], line["command_key"]) == ("req-00000001", "kim:1")
    assert line["numbers"] == [7, 8]
    assert line["at"].endswith("Z")


def test_line_when_it_would_hold_a_secret_does_not(path: Path) -> None:
    log = logger("auth")
    log.warning("refused", password=CANARY, detail={"totp_secret": CANARY}, headers=[CANARY[:0]])
    log.info(f"Authorization: Bearer {CANARY}")
    logging.getLogger("uvicorn.error").error("GET /x?ticket=%s failed", CANARY)
    log.error("mistake", exc_info=ValueError(f"app_secret={CANARY}"))

    assert CANARY not in path.read_text("utf-8")
    assert len(lines(path)) == 4
    assert "ValueError" in lines(path)[3]["exception"]


@pytest.mark.parametrize(
    "forged",
    [
        'x\n{"event": "LOGIN", "user": "admin"}',
        "x\r\ny",
        "x\u2028y\u0085z",
        "\x1b[2J\x9b2J",
        "abc\u202edcba\u2066",
        "\ud800",
    ],
)
def test_text_when_it_could_break_a_line_stays_in_it(path: Path, forged: str) -> None:
    logger("auth").info("refused", user_id=forged)

    content = path.read_bytes().decode()
    assert len(content.splitlines()) == 1
    assert all(c.isprintable() or c == "\n" for c in content)
    assert lines(path)[0]["user_id"] == forged


def test_file_is_private_and_korean_stays_readable(path: Path) -> None:
    logger("x").info("계좌를 찾을 수 없습니다")

    assert path.stat().st_mode & 0o777 == 0o600
    assert "계좌를" in path.read_text("utf-8")


def test_text_when_endless_is_cut(path: Path) -> None:
    logger("x").info("long", text="가" * 100_000)
    assert len(path.read_text("utf-8")) < 10_000


def test_file_when_full_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_LARGEST", 2_000)
    monkeypatch.setattr(logs, "_KEPT", 2)
    with kept_log(tmp_path, "server") as path:
        for number in range(100):
            logger("x").info("line", number=number)

    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == ["server.jsonl", "server.jsonl.1", "server.jsonl.2"]
    line = 200  # bytes at most; a file ends with the line that fills it
    assert all(each.stat().st_size < 2_000 + line for each in tmp_path.iterdir())
    assert lines(path)[-1]["number"] == 99


def test_log_when_left_is_as_it_was(tmp_path: Path) -> None:
    heard = logging.getLogger("uvicorn")
    before = (heard.level, heard.propagate, list(heard.handlers))

    with kept_log(tmp_path, "server"):
        pass

    assert (heard.level, heard.propagate, list(heard.handlers)) == before
