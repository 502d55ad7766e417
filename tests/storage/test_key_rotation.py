"""Keys change while everything is being read: nothing fails to open, and old keys are of no use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from maemae.clocks import SystemWallClock
from maemae.domain.errors import InvalidValueError, MaemaeError, MissingDataError, StorageError
from maemae.domain.terms import Mode
from maemae.storage.credentials import Credentials, ShownCredential
from maemae.storage.envelope import Vault, totp_place
from maemae.storage.key_rotation import key_state, rotate_keys
from maemae.storage.master_keys import MasterKeys
from maemae.storage.server_store import ServerStore, open_server_store
from maemae.storage.tables.accounts import credentials
from maemae.storage.tables.people import data_keys, users

VALUES = {"app_key": "PSabc123", "app_secret": "canary-9f2e"}
OWNERS = ("kim", "lee")
ROTATIONS = 4


@pytest.fixture
def store(url: str) -> Iterator[ServerStore]:
    with open_server_store(url, backup=lambda: None, is_market_open=lambda: False) as opened:
        opened.writer.run(
            lambda connection: connection.execute(
                insert(users), [{"user_id": owner, "is_locked": False} for owner in OWNERS]
            )
        )
        yield opened


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(MasterKeys(tmp_path / "keys" / "master.keys"), SystemWallClock())


def put(store: ServerStore, vault: Vault, owner: str = "kim") -> ShownCredential:
    return store.writer.run(
        lambda connection: Credentials(vault).put(
            connection, owner=owner, broker="KIS", mode=Mode.REAL, values=VALUES, at=1
        )
    )


def put_totp(store: ServerStore, vault: Vault, user_id: str) -> None:
    def do(connection: Connection) -> None:
        sealed = vault.seal(connection, totp_place(user_id), user_id.encode())
        change = update(users).where(users.c.user_id == user_id)
        connection.execute(change, {"totp_secret": sealed, "totp_pending": sealed})

    store.writer.run(do)


def opened(store: ServerStore, vault: Vault, credential_id: str) -> dict[str, str]:
    with store.reading.begin() as connection:
        return Credentials(vault).open(connection, credential_id)


def opened_totp(store: ServerStore, vault: Vault, user_id: str) -> bytes:
    with store.reading.begin() as connection:
        sealed = connection.execute(
            select(users.c.totp_secret).where(users.c.user_id == user_id)
        ).scalar_one()
        return vault.open(connection, totp_place(user_id), sealed)


def test_credential_comes_back_to_whoever_uses_it_and_is_shown_without_values(
    store: ServerStore, vault: Vault
) -> None:
    shown = put(store, vault)

    with store.reading.begin() as connection:
        everything = Credentials(vault).all(connection)
    assert opened(store, vault, shown.credential_id) == VALUES
    assert everything == [shown]
    assert shown.fields == ("app_key", "app_secret")
    assert "canary" not in repr(everything)


def test_credential_when_replaced_has_the_new_values_and_the_next_version(
    store: ServerStore, vault: Vault
) -> None:
    shown = put(store, vault)

    again = store.writer.run(
        lambda connection: Credentials(vault).replace(
            connection, shown.credential_id, {"app_key": "PSnew456"}, 2
        )
    )

    assert (again.version, again.fields, again.made_at) == (2, ("app_key",), 2)
    assert opened(store, vault, shown.credential_id) == {"app_key": "PSnew456"}


def test_credential_when_revoked_is_gone(store: ServerStore, vault: Vault) -> None:
    shown = put(store, vault)

    revoked = store.writer.run(
        lambda connection: Credentials(vault).revoke(connection, shown.credential_id, 5)
    )

    assert (revoked.revoked_at, revoked.fields) == (5, ())
    with pytest.raises(MissingDataError):
        opened(store, vault, shown.credential_id)
    with pytest.raises(MissingDataError):
        store.writer.run(
            lambda connection: Credentials(vault).replace(
                connection, shown.credential_id, VALUES, 6
            )
        )


@pytest.mark.parametrize(
    ("column", "value"), [("owner", "lee"), ("broker", "KIWOOM"), ("mode", "PAPER")]
)
def test_credential_when_its_row_is_edited_does_not_open(
    store: ServerStore, vault: Vault, column: str, value: str
) -> None:
    shown = put(store, vault)
    put(store, vault, "lee")

    store.writer.run(lambda connection: connection.execute(update(credentials), {column: value}))

    with pytest.raises(StorageError, match="belongs elsewhere"):
        opened(store, vault, shown.credential_id)


def test_credentials_when_their_values_are_swapped_do_not_open(
    store: ServerStore, vault: Vault
) -> None:
    one, other = put(store, vault), put(store, vault)

    def swap(connection: Connection) -> None:
        sealed = select(credentials.c.sealed).where(
            credentials.c.credential_id == one.credential_id
        )
        stolen = connection.execute(sealed).scalar_one()
        change = update(credentials).where(credentials.c.credential_id == other.credential_id)
        connection.execute(change, {"sealed": stolen})

    store.writer.run(swap)

    with pytest.raises(StorageError, match="belongs elsewhere"):
        opened(store, vault, other.credential_id)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"Bad-Name": "x1"},
        {"app_key": ""},
        {"app_key": " x1"},
        {"app_key": "aaaa"},
        {"app_key": "CHANGE_ME"},
        {"app_key": "your-app-key-here"},
        {"app_key": "x1" * 4_000},
        {f"field_{n}": "x1" for n in range(13)},
    ],
)
def test_credential_when_it_cannot_be_one_is_refused(
    store: ServerStore, vault: Vault, values: dict[str, str]
) -> None:
    with pytest.raises(InvalidValueError):
        store.writer.run(
            lambda connection: Credentials(vault).put(
                connection, owner="kim", broker="KIS", mode=Mode.SIM, values=values, at=1
            )
        )


def test_rotation_leaves_nothing_under_an_old_key(
    store: ServerStore, vault: Vault, tmp_path: Path
) -> None:
    shown = put(store, vault)
    put_totp(store, vault, "lee")
    old = vault.master.path.read_bytes()

    rotated = rotate_keys(store, vault)

    with store.reading.begin() as connection:
        state = key_state(connection, vault)
        kept = connection.execute(select(data_keys.c.owner, data_keys.c.version)).all()
    assert (rotated.master_version, rotated.data_keys, rotated.sealed) == (2, 2, 4)
    assert state.wrapping == (2,)
    assert sorted(map(tuple, kept)) == [("kim", 2), ("lee", 2)]
    assert opened(store, vault, shown.credential_id) == VALUES
    assert opened_totp(store, vault, "lee") == b"lee"
    stolen = tmp_path / "stolen.keys"
    stolen.write_bytes(old)
    stolen.chmod(0o600)
    with pytest.raises(StorageError, match="lacks key 2"):
        opened(store, Vault(MasterKeys(stolen), SystemWallClock()), shown.credential_id)


def test_rotation_when_a_key_was_handed_out_before_takes_that_one(
    store: ServerStore, vault: Vault
) -> None:
    put(store, vault)
    vault.master.add()

    assert rotate_keys(store, vault).master_version == 2
    assert vault.master.versions == (1, 2)


def test_rotation_when_it_died_half_way_is_finished_by_the_next(
    store: ServerStore, vault: Vault
) -> None:
    shown = put(store, vault)
    vault.master.add()
    store.writer.run(lambda connection: vault.make_data_key(connection, "kim"))
    assert opened(store, vault, shown.credential_id) == VALUES

    rotate_keys(store, vault)

    with store.reading.begin() as connection:
        assert connection.execute(select(data_keys.c.version)).scalars().all() == [3]
    assert opened(store, vault, shown.credential_id) == VALUES


KEYS = ("PSabc123", "PSnew456")


class Load:
    """
    Threads that read everything with vaults of their own, as other processes would, and one that
    replaces values, until they are stopped.
    """

    def __init__(self, store: ServerStore, vault: Vault, shown: list[ShownCredential]) -> None:
        self._store = store
        self._vault = vault
        self._shown = shown
        self._stop = threading.Event()
        self.failures: list[str] = []
        self.reads = [0] * 4
        self._threads = [
            threading.Thread(target=self._repeat, args=(self._read, number))
            for number in range(len(self.reads))
        ]
        self._threads.append(threading.Thread(target=self._repeat, args=(self._write, 0)))

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, do: Callable[[int], None], number: int) -> None:
        while not self._stop.is_set() and not self.failures:
            try:
                do(number)
            except (MaemaeError, AssertionError) as error:
                self.failures.append(repr(error))

    def _read(self, number: int) -> None:
        fresh = Vault(MasterKeys(self._vault.master.path), SystemWallClock())
        for each in self._shown:
            assert opened(self._store, fresh, each.credential_id)["app_key"] in KEYS
        for owner in OWNERS:
            assert opened_totp(self._store, fresh, owner) == owner.encode()
        self.reads[number] += 1

    def _write(self, _number: int) -> None:
        for key in KEYS:
            self._store.writer.run(
                partial(
                    Credentials(self._vault).replace,
                    credential_id=self._shown[0].credential_id,
                    values={"app_key": key},
                    at=2,
                )
            )


def test_readers_and_writers_when_keys_rotate_never_fail(store: ServerStore, vault: Vault) -> None:
    shown = [put(store, vault, owner) for owner in OWNERS for _ in range(3)]
    for owner in OWNERS:
        put_totp(store, vault, owner)

    with Load(store, vault, shown) as load:
        for _ in range(ROTATIONS):
            rotate_keys(store, vault)

    assert not load.failures
    assert min(load.reads) > 0
    with store.reading.begin() as connection:
        assert key_state(connection, vault).wrapping == (ROTATIONS + 1,)
