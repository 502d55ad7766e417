"""Keys and the audit log from the command line, whether a server runs or not."""

from __future__ import annotations

from maemae.app.rotations import ask_server, rotate_recorded
from maemae.app.server_parts import ANCHOR_KEY, anchor_place, anchor_places
from maemae.app.servers import open_store
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError, StorageError
from maemae.domain.text import Text
from maemae.settings import Settings
from maemae.storage.anchors import AnchorKey
from maemae.storage.audit import Verdict, verify
from maemae.storage.engine import open_reading
from maemae.storage.envelope import Vault
from maemae.storage.key_rotation import KeyState, Rotated, key_state
from maemae.storage.master_keys import MASTER_KEYS, MasterKeys
from maemae.storage.people.reading import connected


def list_keys(settings: Settings) -> KeyState:
    """
    Return how the keys stand.

    Raises:
        ConfigError: There are no keys yet.
        StorageError: The database or the key file cannot be read.
    """
    vault = _vault(settings)
    _, engine = open_reading(settings.server_database_url)
    try:
        with connected(engine) as connection:
            return key_state(connection, vault)
    finally:
        engine.dispose()


def add_key(settings: Settings) -> int:
    """Add a master key to the file, for the next rotation to take; return its version."""
    return _vault(settings).master.add()


def forget_keys(settings: Settings) -> tuple[int, ...]:
    """
    Take every master key that wraps nothing out of the file, but the newest; return those left.

    A backup of before the rotation does not open without them.
    """
    vault, state = _vault(settings), list_keys(settings)
    kept = tuple(sorted({*state.wrapping, state.versions[-1]}))
    vault.master.keep_only(kept)
    return kept


def rotate(settings: Settings) -> Rotated:
    """
    Give everything new keys, by the server that runs or without one.

    Raises:
        ConfigError: There are no keys yet.
        StorageError: It could not be done; what is sealed opens as before.
    """
    vault = _vault(settings)
    try:
        with open_store(settings) as store:
            return rotate_recorded(store, vault)
    except StorageError:
        if not settings.server_database_url.startswith("sqlite:"):
            raise
        answer = ask_server(settings.keys)
        if answer is None:
            raise  # no server took it: the database itself is the trouble
    if answer.rotated is None:
        why = answer.error or Text("까닭을 모릅니다.", "Nobody knows why.")
        raise StorageError(why.ko, why.en)
    return answer.rotated


def verify_audit(settings: Settings) -> Verdict:
    """
    Verify the audit log against its anchors; changes nothing, and a server may run.

    Raises:
        JournalCorruptError: An anchor is not ours, or was changed.
        StorageError: The log or the anchors cannot be read.
    """
    _, engine = open_reading(settings.server_database_url)
    try:
        with connected(engine) as connection:  # first: anchors of no log would be new ones
            places = anchor_places(settings.anchors, anchor_place(settings), settings.keys)
            heads = [anchor.head for place in places for anchor in place.read()]
            return verify(connection, heads)
    finally:
        engine.dispose()


def anchor_public_key(settings: Settings) -> str:
    """Return the public half of the key that signs anchors, in hexadecimal digits."""
    return AnchorKey(settings.keys / ANCHOR_KEY).public


def _vault(settings: Settings) -> Vault:
    path = settings.keys / MASTER_KEYS
    if not path.exists():
        raise ConfigError(
            f"아직 열쇠가 없습니다: {path}. maemae serve 를 한 번 시작하면 생깁니다.",
            f"There are no keys yet: {path}. Starting maemae serve once makes them.",
        )
    return Vault(MasterKeys(path), SystemWallClock())
