"""Which account is traded by which executor; the account decides the mode, nobody else."""

from __future__ import annotations

from collections.abc import Sequence

from maemae.domain.errors import ConfigError
from maemae.domain.ids import AccountId
from maemae.server.executor_line import ExecutorLine


class Directory:
    """
    Every executor of this installation.

    Args:
        lines: At most one for each mode; no account in two of them.

    Raises:
        ConfigError: An account is in two.
    """

    def __init__(self, lines: Sequence[ExecutorLine]) -> None:
        self.lines = tuple(lines)
        self._by_account: dict[AccountId, ExecutorLine] = {}
        for line in lines:
            for account_id in line.accounts:
                if account_id in self._by_account:
                    raise ConfigError(
                        f"계좌 {account_id} 이(가) 두 실행기에 있습니다. 한 실행기에만 두세요.",
                        f"The account {account_id} is in two executors. Keep it in one.",
                    )
                self._by_account[account_id] = line

    def find(self, account_id: AccountId) -> ExecutorLine | None:
        """Return who trades an account; None if nobody does."""
        return self._by_account.get(account_id)
