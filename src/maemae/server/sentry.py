"""Sends our own mistakes to Sentry, if somebody wants that: no secrets, no variables, no bodies."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Final

from maemae.domain.errors import ConfigError
from maemae.server.redaction import redacted

_KEPT: Final = ("event_id", "timestamp", "platform", "level", "release", "exception", "message")
"""All that leaves of a report; the machine's name, the request and its user stay here."""


def start_sentry(dsn: str, transport: type | None = None) -> None:
    """
    Report mistakes from now on.

    Args:
        dsn: Where to.
        transport: Takes what would leave, instead of the network.

    Raises:
        ConfigError: sentry-sdk is not installed, or the address is none.
    """
    if find_spec("sentry_sdk") is None:
        raise ConfigError(
            "Sentry 로 보내려면 pip install 'maemae[sentry]' 를 실행하거나 MAEMAE_SENTRY 를 "
            "지우세요.",
            "To report to Sentry run pip install 'maemae[sentry]', or remove MAEMAE_SENTRY.",
        )
    library = import_module("sentry_sdk")
    try:
        library.init(
            dsn=dsn,
            release=version("maemae"),
            before_send=scrubbed,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            traces_sample_rate=0.0,
            default_integrations=False,
            auto_enabling_integrations=False,
            transport=transport,
        )
    except ValueError as error:
        raise ConfigError(
            "MAEMAE_SENTRY 의 주소(DSN)가 올바르지 않습니다. Sentry 화면의 것을 그대로 넣으세요.",
            "MAEMAE_SENTRY is no address (DSN). Copy the one that Sentry shows.",
        ) from error


def report(error: BaseException) -> None:
    """Report a mistake; nothing happens unless Sentry was started."""
    if find_spec("sentry_sdk") is not None:
        import_module("sentry_sdk").capture_exception(error)


def scrubbed(event: Mapping[str, Any], _hint: object = None) -> dict[str, Any]:
    """Return what may leave of a report."""
    kept = {name: event[name] for name in _KEPT if name in event}
    shown = redacted(kept)
    return shown if isinstance(shown, dict) else {}
