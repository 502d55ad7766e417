"""The one stream of an app key: whoever logs in second ends it for whoever trades by it."""

from __future__ import annotations

from typing import Final

from maemae.app.kiwoom.parts import KiwoomAccess
from maemae.domain.errors import ConfigError, OutcomeUnknownError
from maemae.settings import Settings
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import StatusQuery

_KNOCK_SECS: Final = 2.0


def require_free_stream(settings: Settings, access: KiwoomAccess) -> None:
    """
    Refuse to log in beside an executor: it would see neither prints nor fills from then on.

    An emulator's stream is nobody's money.

    Args:
        settings: Where executors keep their data.
        access: Which server, with which key.

    Raises:
        ConfigError: An executor of the same mode runs here.
    """
    if access.host.is_emulator:
        return
    home = settings.data_folder(access.host.mode)
    try:
        ask_executor(home, StatusQuery(), _KNOCK_SECS)
    except ConfigError:
        return  # none runs
    except OutcomeUnknownError:
        pass  # it is there, and busy
    raise ConfigError(
        f"이 앱키로 실행기가 돌고 있습니다: {home}. 여기서 로그인하면 그 실행기의 시세와 체결이 "
        "끊깁니다. 장이 끝난 뒤 실행기를 멈추고 다시 하세요.",
        f"An executor trades with this app key: {home}. To log in here would cut it off from "
        "prices and fills. Stop it after the session, then do this again.",
    )
