"""How a position is to be left, beyond a fixed stop-loss and take-profit."""

from __future__ import annotations

import msgspec


class Trail(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """
    A stop that follows the highest price since the entry and never falls.

    Attributes:
        ppm: Its distance below that price [parts per million of it]; 0 if in won.
        won: The same [won]; 0 if in parts per million.
    """

    ppm: int = 0
    won: int = 0


class Hold(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """
    How long a position is held at most; the earliest of what is named ends it.

    Attributes:
        sessions: Left at the opening of that session after the entry's, or in it at `until`;
            None for no such end.
        until: Left at that time of the session [ns after midnight, Korean time]: of the
            session that `sessions` says, otherwise at the first such time after the entry.
        lasts: Left after so much time of regular sessions [ns]; None for no such end.
    """

    sessions: int | None = None
    until: int | None = None
    lasts: int | None = None


class ExitTerms(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """
    What an entry says of its exits.

    Attributes:
        stop_won, take_won: Distance from the entry price at which to leave [won]; None for none.
        trail: A trailing stop.
        hold: A time stop.
        cooldown: Once left, it is not bought again before that session after the exit's; 0 for
            none.
    """

    stop_won: int | None = None
    take_won: int | None = None
    trail: Trail | None = None
    hold: Hold | None = None
    cooldown: int = 0
