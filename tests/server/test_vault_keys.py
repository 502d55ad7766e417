"""Keys and audit from the command line, with a server that runs and without one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from maemae.app.rotations import rotation_duty
from maemae.app.vaults import add_key, forget_keys, list_keys, rotate, verify_audit
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError
from maemae.domain.instant import SECOND
from maemae.server.security.roles import Role
from maemae.server.upkeep import Duty, Upkeep
from maemae.settings import Settings
from maemae.storage.envelope import Vault
from maemae.storage.master_keys import MasterKeys
from tests.server.rig import ServerRig, a_server


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[ServerRig]:
    with a_server(tmp_path) as server:
        yield server


def settings_of(rig: ServerRig) -> Settings:
    return Settings(home=rig.services.config.home)


def test_keys_when_the_server_runs_are_rotated_by_it_and_people_log_in_all_the_while(
    rig: ServerRig,
) -> None:
    person, settings = rig.a_person(Role.ADMIN), settings_of(rig)
    vault = Vault(MasterKeys(settings.keys / "master.keys"), SystemWallClock())
    duty = Duty("rotate", SECOND, rotation_duty(settings.keys, rig.services.store, vault))
    failures: list[str] = []
    stop = threading.Event()

    def log_in_again_and_again() -> None:
        while not stop.is_set():
            try:
                with rig.logged_in(person):
                    pass
            except AssertionError as error:
                failures.append(str(error))
                return

    user = threading.Thread(target=log_in_again_and_again)
    user.start()
    with Upkeep([duty], rig.wall):
        done = [rotate(settings) for _ in range(3)]
    stop.set()
    user.join()

    assert [each.master_version for each in done] == [2, 3, 4]
    assert not failures
    assert list_keys(settings).wrapping == (4,)
    assert verify_audit(settings).bad is None


def test_keys_when_no_server_runs_are_rotated_all_the_same(tmp_path: Path) -> None:
    with a_server(tmp_path) as server:
        person, settings = server.a_person(Role.ADMIN), settings_of(server)
    added = add_key(settings)

    rotated = rotate(settings)
    kept = forget_keys(settings)

    assert (added, rotated.master_version, kept) == (2, 2, (2,))
    with a_server(tmp_path) as server, server.logged_in(person) as client:
        rows = client.get("/api/audit", params={"action": "ROTATE_KEYS"}).json()["rows"]
    assert [row["user_id"] for row in rows] == [None]


def test_keys_when_there_are_none_yet_say_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="maemae serve"):
        rotate(Settings(home=tmp_path))
