"""One executor as the server sees it: asked over its control socket, read from its tables."""

from __future__ import annotations

from pathlib import Path

from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.storage.queries import Queries
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
        queries: What its tables show.
    """

    def __init__(
        self, mode: Mode, home: Path, accounts: tuple[AccountId, ...], queries: Queries
    ) -> None:
        self.mode = mode
        self.home = home
        self.accounts = accounts
        self.queries = queries

    def ask(self, ask: Ask, within_secs: float = 10.0) -> Reply:
        """
        Ask the executor; blocks.

        Raises:
            ConfigError: It does not run.
            OutcomeUnknownError: It did not answer; the same command with the same key may be
                sent again.
        """
        return ask_executor(self.home, ask, within_secs)
