"""Sessions and phases, told to core and house as the time axis reaches them."""

from __future__ import annotations

from maemae.core.events import PhaseChanged, SessionStarted
from maemae.krx.session import PhaseChange, is_regular
from maemae.simulation.calendar_axis import CalendarAxis, regular_phases
from maemae.simulation.wire import Wire


class SessionClock:
    """
    Turns indexes of the axis into sessions and phases.

    Attributes:
        session: Number of the present session, -1 before the first.
        opens: Instant at which its order entry begins [ns].
        first: Index of the present session's first bar.
        ends: Index of the first bar after the present session.
        regular_end: Instant at which the regular session, and its day orders, end [ns].
        next_change: Instant of the next phase [ns]; far in the future if none is left.
    """

    def __init__(self, axis: CalendarAxis, wire: Wire) -> None:
        self.session = -1
        self.first = 0
        self.opens = 0
        self.ends = 0
        self.regular_end = _NEVER
        self.next_change = _NEVER
        self._axis = axis
        self._wire = wire
        self._ahead: list[PhaseChange] = []

    def start(self, session: int) -> None:
        """Begin a session; its first phase has not come yet."""
        day = self._axis.session_date(session)
        self.session = session
        self.first = self._axis.first(session)
        self.ends = self._axis.first(session + 1)
        self._ahead = list(regular_phases(day))
        self.regular_end = self._ahead[-1].at
        self.opens = self.next_change = self._ahead[0].at
        self._wire.house.start_session(day)
        self._wire.tell(SessionStarted(day, self.next_change))

    def finish(self) -> None:
        """Enter every phase that is left of the present session."""
        if self._ahead:
            self.advance(self._ahead[-1].at)
        if self._wire.late:  # what comes after the close is refused
            self._wire.deliver(_NEVER)

    def end_bar(self, known: int, following: int) -> None:
        """Enter each phase that began by a bar's end; the next bar may be the closing print."""
        if following == known:
            self.open_bar(known)
        else:
            self.advance(known)

    def open_bar(self, opened: int) -> None:
        """
        Enter each phase that began by a bar's opening.

        A bar that opens as the regular session ends is the print of the closing auction: day
        orders end after it.
        """
        is_closing_print = len(self._ahead) > 0 and opened == self._ahead[-1].at
        self.advance(opened - 1 if is_closing_print else opened)

    def advance(self, until: int) -> None:
        """Enter each phase that began by an instant; day orders end with the regular ones."""
        while self.next_change <= until:
            change = self._ahead.pop(0)
            self.next_change = self._ahead[0].at if self._ahead else _NEVER
            if self._wire.late:
                self._wire.deliver(change.at)
            self._wire.house.set_phase(change.phase)
            self._wire.tell(PhaseChanged(change.phase, change.at))
            if not is_regular(change.phase):  # the core knows by now that nothing can follow
                self._wire.touched.update(self._wire.house.resting_symbols)
                self._wire.take(self._wire.house.end_session(change.at))


_NEVER = 2**63 - 1
