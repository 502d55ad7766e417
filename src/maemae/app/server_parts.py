"""Parts of the server that work by themselves: the audit log's keeper, backtests, duties."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from maemae.app.offsite import place_from_text
from maemae.app.rotations import rotation_duty
from maemae.backup.places import Place
from maemae.domain.instant import DAY, HOUR, MINUTE, SECOND
from maemae.ports import WallClock
from maemae.server.alarm import Alarm
from maemae.server.anchor_objects import AnchorObjects
from maemae.server.audit_keeper import AnchorPlace, AuditKeeper
from maemae.server.backtest_desk import BacktestDesk, BacktestPlace
from maemae.server.config import ServerConfig
from maemae.server.services import Services
from maemae.server.upkeep import Duty
from maemae.settings import Settings
from maemae.storage.anchors import AnchorFile, AnchorKey
from maemae.storage.answers import Answers
from maemae.storage.backtests import Backtests
from maemae.storage.envelope import Vault
from maemae.storage.master_keys import MASTER_KEYS, MasterKeys
from maemae.storage.server_store import ServerStore

ANCHOR_KEY: Final = "anchor.key"
_ANCHORS: Final = "audit-anchors.jsonl"
_ANCHORED_EVERY: Final = 15 * MINUTE
_ANSWERS_KEPT: Final = 7 * DAY
_LOGINS_KEPT: Final = 30 * DAY
_DEVICES_KEPT: Final = 400 * DAY  # as long as browsers keep a cookie


def duties(settings: Settings, store: ServerStore, services: Services) -> tuple[Duty, ...]:
    """Return what a server does by itself."""
    vault = Vault(MasterKeys(settings.keys / MASTER_KEYS), services.wall)
    return (
        Duty("verify the audit log", HOUR, services.audit.look),
        Duty("anchor the audit log", _ANCHORED_EVERY, services.audit.anchor),
        Duty("rotate keys", SECOND, rotation_duty(settings.keys, store, vault)),
        Duty("forget what is old", DAY, lambda: _forget_old(store, services)),
    )


def _forget_old(store: ServerStore, services: Services) -> None:
    """Drop answers that nobody asks for again, and logins, failures, devices of long ago."""
    now, people = services.wall.now(), services.people
    Answers(store).forget_old(now - _ANSWERS_KEPT)
    people.logins.forget_old(now - _LOGINS_KEPT)
    people.attempts.forget_old(now - _LOGINS_KEPT)
    people.known_devices.forget_old(now - _DEVICES_KEPT)


def audit_keeper(config: ServerConfig, store: ServerStore, keys: Path, alarm: Alarm) -> AuditKeeper:
    """
    Return what anchors and verifies the audit log.

    Raises:
        ConfigError: The key that signs anchors cannot be used.
    """
    folder = config.anchor_folder or config.server_folder / "anchors"
    places = anchor_places(folder, config.anchor_place, keys)
    return AuditKeeper(store, alarm.wall, places, alarm.tell)


def anchor_place(settings: Settings) -> Place | None:
    """
    Return the second place of anchors: the one of backups, if there is one.

    Raises:
        ConfigError: It cannot be used as it was written.
    """
    if settings.offsite is None:
        return None
    return place_from_text(settings.offsite, "server", settings.offsite_key)


def anchor_places(folder: Path, second: Place | None, keys: Path) -> list[AnchorPlace]:
    """
    Return where anchors are kept: a file in a folder, and a second place if there is one.

    Raises:
        ConfigError: The key that signs anchors cannot be used.
    """
    key = AnchorKey(keys / ANCHOR_KEY)
    file = AnchorFile(folder / _ANCHORS, key)
    return [file] if second is None else [file, AnchorObjects(second, key)]


def backtest_desk(config: ServerConfig, store: ServerStore, wall: WallClock) -> BacktestDesk:
    """Return what runs backtests; it goes on with what was left."""
    place = BacktestPlace(
        worker=(sys.executable, "-m", "maemae.app.backtest_worker"),
        catalogue=config.home / "catalogue",
        strategies=config.home / "strategies",
        reports=config.server_folder / "backtests",
    )
    desk = BacktestDesk(Backtests(store), place, wall)
    desk.start(is_alone=store.is_alone)
    return desk
