"""
Where an emulated Kiwoom server is: word that it leaves in its home for whoever trades on it.

Here and not beside the server, so that who only wants to find it loads no server.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from maemae.app.left_word import find_word, leave_word
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.settings import Settings


class KiwoomPlace(msgspec.Struct, frozen=True):
    """
    Where an emulated server listens, and what a client must know.

    Attributes:
        dataset: Name in the catalogue of the bars that its trades are drawn from.
    """

    port: int
    dataset: str
    mode: Mode
    app_key: str
    secret_key: str
    account_id: AccountId

    @property
    def base_url(self) -> str:
        """Address of the REST interface."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        """Address of the WebSocket."""
        return f"ws://127.0.0.1:{self.port}/api/dostk/websocket"


def find_kiwoom_place(settings: Settings) -> KiwoomPlace | None:
    """Return where an emulated server was last, None if there is no word."""
    return find_word(_path(settings), KiwoomPlace)


def is_emulated(settings: Settings, mode: Mode, account_id: AccountId) -> bool:
    """Return whether an account of this home is one of an emulated server."""
    place = find_kiwoom_place(settings)
    return place is not None and (place.mode, place.account_id) == (mode, account_id)


def show_kiwoom_place(settings: Settings, place: KiwoomPlace) -> None:
    """Leave word where the server is, for whoever trades on it."""
    leave_word(_path(settings), place)


def _path(settings: Settings) -> Path:
    return settings.home / "emulator" / "kiwoom-rest.json"
