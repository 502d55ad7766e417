"""What every command is given: the settings and the screen."""

from __future__ import annotations

import msgspec

from maemae.cli.screen import Screen
from maemae.settings import Settings


class Invocation(msgspec.Struct, frozen=True):
    """One call of the command line."""

    settings: Settings
    screen: Screen
