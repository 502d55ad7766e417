"""One executor as the server sees it: asked over its control socket, read from its tables."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Final

from maemae.domain.errors import ConfigError, OutcomeUnknownError
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.ports import WallClock
from maemae.server.logs import logger
from maemae.storage.inbox import Inbox
from maemae.storage.reading import Reading
from maemae.storage.tables.metadata import Progress
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import Ask, Command
from maemae.trading.control.inbox_reader import as_posted, read_reply_text, reply_text
from maemae.trading.control.replies import Accepted, Failed, Reply, accepted

_LOOK_SECS: Final = 0.05


class ExecutorLine:
    """
    An executor of one mode.

    Args:
        mode: Whose market it trades on: a fact of the installation, never of a request.
        home: Its data folder.
        accounts: Accounts that it trades.
        reading: What its tables and its journal tell.
        post: Its inbox and the wall's time, for who cannot reach its socket; None where only
            the executor may write its database.

    Attributes:
        reading: As given.
        queries: What its tables show.
        history: What its journal tells.
    """

    def __init__(
        self,
        mode: Mode,
        home: Path,
        accounts: tuple[AccountId, ...],
        reading: Reading,
        post: tuple[Inbox, WallClock] | None = None,
    ) -> None:
        self.mode = mode
        self.home = home
        self.accounts = accounts
        self.reading = reading
        self.queries = reading.queries
        self.history = reading.history
        self._post = post

    def ask(self, ask: Ask, within_secs: float = 10.0) -> Reply:
        """
        Ask the executor; blocks.

        Raises:
            ConfigError: It does not run.
            OutcomeUnknownError: It did not answer; the same command with the same key may be
                sent again.
        """
        reply = self._reply(ask, within_secs)
        if isinstance(ask, Command):
            numbers = reply.numbers if isinstance(reply, Accepted) else ()
            log = logger("executor")
            log.info("command", kind=type(ask).__name__, command=ask.key, numbers=numbers)
        return reply

    def _reply(self, ask: Ask, within_secs: float) -> Reply:
        try:
            return ask_executor(self.home, ask, within_secs)
        except ConfigError:
            if self._post is None:
                raise
        return self._through_inbox(*self._post, ask, within_secs)

    def _through_inbox(self, inbox: Inbox, wall: WallClock, ask: Ask, within_secs: float) -> Reply:
        key, who = (ask.key, ask.who) if isinstance(ask, Command) else (uuid.uuid4().hex, "query")
        inbox.post(as_posted(key, who, ask, wall.now()))
        deadline = time.monotonic() + within_secs
        while time.monotonic() < deadline:
            reply = self._answer(inbox, key)
            if reply is not None:
                if not isinstance(ask, Command):
                    inbox.forget(key)
                return reply
            time.sleep(_LOOK_SECS)
        if inbox.refuse(key, reply_text(Failed(_NOBODY))):
            raise ConfigError(_NOBODY.ko, _NOBODY.en)  # nobody took it, and nobody will
        raise OutcomeUnknownError(
            "실행기가 명령을 받았지만 제때 답하지 않았습니다. 상태를 확인하고 같은 키로 다시 "
            "보내세요.",
            "The executor took the command and did not answer in time. Check the status, and send "
            "it again with the same key.",
        )

    def _answer(self, inbox: Inbox, key: str) -> Reply | None:
        """Return what the inbox, or the journal of who took it, says of a command."""
        taken = inbox.find(key)
        if taken is None or taken.status is Progress.PENDING:
            return None
        entry = self.history.command(key)
        if entry is not None:  # it is in the journal, even if its executor could not answer
            return accepted(key, entry.actions)
        return None if taken.answer is None else read_reply_text(taken.answer)


_NOBODY: Final = Text(
    "명령을 받은 실행기가 없어 실행하지 않았습니다. maemae trade 로 시작했는지 확인하세요.",
    "No executor took the command, and it was not done. Check that maemae trade runs.",
)
