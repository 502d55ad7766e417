"""The second place as a person writes it, and what an executor says when it cannot be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from maemae.app.offsite import BEHIND, RunningCopy, place_from_text, place_of
from maemae.backup.sealing import make_key
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError
from maemae.domain.instant import MINUTE
from maemae.domain.terms import Mode
from maemae.ports import Alert
from maemae.settings import AccessKey, Settings
from maemae.trading.alert_book import AlertBook
from tests import s3_double
from tests.storage.databases import Desk, open_here, sqlite_url, trade
from tests.waiting import until_async

KEY = AccessKey("writer", "secret")


class HurriedClock(SystemWallClock):
    """Every look is a minute after the one before."""

    def __init__(self) -> None:
        self.looks = 0

    def now(self) -> int:
        self.looks += 1
        return super().now() + self.looks * MINUTE

    async def sleep(self, nanos: int) -> None:
        del nanos
        await asyncio.sleep(0)


def test_place_when_a_folder_gives_each_mode_its_own_part(tmp_path: Path) -> None:
    for mode in (Mode.SIM, Mode.REAL):
        place_from_text(str(tmp_path), mode, None).put("a", b"a")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["real", "sim"]


def test_place_when_a_bucket_keeps_objects_under_prefix_and_mode() -> None:
    with s3_double.a_bucket() as bucket:
        text = f"s3://box/deep/er?endpoint={bucket.address}&region=here"
        place = place_from_text(text, Mode.PAPER, KEY)
        place.put("journal/a", b"content")

        assert list(bucket.objects) == ["/box/deep/er/paper/journal/a"]


@pytest.mark.parametrize(
    ("text", "key"),
    [("ftp://box/a", KEY), ("s3://", KEY), ("s3://box/a?endpoint=http://127.0.0.1:1", None)],
)
def test_place_when_it_cannot_be_used_is_refused_in_words(text: str, key: AccessKey | None) -> None:
    with pytest.raises(ConfigError, match="OFFSITE"):
        place_from_text(text, Mode.SIM, key)


def test_place_when_nothing_could_be_sealed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="new-key"):
        place_of(Settings(offsite=str(tmp_path)), Mode.SIM)


def test_settings_when_printed_do_not_tell_the_secret() -> None:
    assert "secret" not in repr(Settings(offsite_key=KEY))


class _Silent:
    async def notify(self, alert: Alert) -> None:
        del alert


def told(copy: RunningCopy, alerts: AlertBook, *, is_open: bool) -> Sequence[Alert]:
    """Let a copy run until the alert stands, or is gone."""

    async def play() -> None:
        running = asyncio.create_task(copy.run())
        await until_async(lambda: any(alert.code == BEHIND for alert in alerts.open) is is_open)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(play())
    return alerts.open


def test_copy_when_the_place_is_away_tells_and_takes_it_back_once_it_is_there(
    tmp_path: Path,
) -> None:
    (tmp_path / "far").write_text("a file where a folder must be")
    settings = Settings(
        home=tmp_path, offsite=str(tmp_path / "far"), backup_keys=(make_key().public,)
    )
    alerts = AlertBook(lambda _: None, lambda *_: None, lambda *_: None, _Silent(), HurriedClock())
    url = sqlite_url(tmp_path)
    with open_here(url) as store:
        trade(Desk(store), 1)
        copy = RunningCopy(settings, Mode.SIM, url, store.executor_id, alerts, HurriedClock())

        (alert,) = told(copy, alerts, is_open=True)
        assert alert.is_critical
        assert "초 뒤처졌습니다" in alert.text.ko

        (tmp_path / "far").unlink()
        assert told(copy, alerts, is_open=False) == []
