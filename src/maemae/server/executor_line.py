"""One executor as the server sees it: asked over its control socket, read from its tables."""

from __future__ import annotations

from pathlib import Path

from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.storage.reading import Reading
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import Ask
from maemae.trading.control.replies import Reply


class ExecutorLine:
    """
    An executor of one mode.

    Args:
        mode: Whose market it trades on: a fact of the installation, never of a request.
        home: Its data folder.
        accounts: Accounts that it trades.
        reading: Of its tables and journal.

    Attributes:
        queries: What its tables show.
        history: What its journal tells.
    """

    def __init__(
        self, mode: Mode, home: Path, accounts: tuple[AccountId, ...], reading: Reading
    ) -> None:
        self.mode = mode
        self.home = home
        self.accounts = accounts
        self.reading = reading
        self.queries = reading.queries
        self.history = reading.history

    def ask(self, ask: Ask, within_secs: float = 10.0) -> Reply:
        """
        Ask the executor; blocks.

        Raises:
            ConfigError: It does not run.
            OutcomeUnknownError: It did not answer; the same command with the same key may be
                sent again.
        """
        return ask_executor(self.home, ask, within_secs)
