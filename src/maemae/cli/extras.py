"""Options whose library comes with an extra of the installation."""

from __future__ import annotations

from importlib.util import find_spec

from maemae.domain.errors import ConfigError


def require_extra(option: str, library: str) -> None:
    """
    See that what an option is done with is installed.

    Raises:
        ConfigError: It is not.
    """
    if find_spec(library) is None:
        raise ConfigError(
            f"--{option} 에는 {library} 가 필요합니다. `pip install 'maemae[report]'` 로 "
            "설치하세요.",
            f"--{option} needs {library}. Install it with `pip install 'maemae[report]'`.",
        )
