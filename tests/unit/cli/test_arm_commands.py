"""Real money is let loose by a person who writes the account, within limits and for some hours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from maemae.core.limits import Limits
from maemae.core.usage import Usage
from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.instant import MINUTE
from maemae.domain.terms import Mode
from maemae.trading.control.commands import Ask, LimitsQuery, SetArming, SetLimits, StatusQuery
from maemae.trading.control.replies import Accepted, Reply, Usages
from tests.builders import NOON
from tests.fake_executor import answering
from tests.unit.cli.conftest import CommandLine, Outcome
from tests.unit.cli.test_halt_commands import STATUS

ACCOUNT = AccountId("8100000111")
LIMITED = Limits(max_order_value=5_000_000, max_daily_loss=100_000)
HOUR = 60 * MINUTE
WORDS = ("arm", "--account", "81000001-11", "--reason", "아침")


def a_usage(limits: Limits, account: AccountId = ACCOUNT) -> Usage:
    return Usage(
        account,
        SleeveId("MANUAL"),
        limits,
        pending=None,
        is_halted=False,
        equity=0,
        orderable=1_000_000,
        loss=0,
        orders_today=0,
        orders_in_second=0,
        positions=0,
        heaviest=None,
        heaviest_ppm=None,
    )


@pytest.fixture
def real(home: Path) -> Path:
    folder = home / "real"
    folder.mkdir(parents=True)
    return folder


def played(
    maemae: CommandLine,
    real: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: Sequence[str],
    *,
    typed: str = ACCOUNT,
    limits: Limits = LIMITED,
    mode: Mode = Mode.REAL,
) -> tuple[Outcome, list[Ask]]:
    """Run a command before an executor of one account; return what it was told to change."""
    status = msgspec.structs.replace(STATUS, mode=mode, venue_time=NOON)

    def answer(ask: Ask) -> Reply:
        match ask:
            case StatusQuery():
                return status
            case LimitsQuery():
                return Usages((a_usage(limits), a_usage(Limits(), AccountId("other"))))
            case _:
                return Accepted("")

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: typed)
    with answering(real, answer) as asked:
        outcome = maemae(*words)
    return outcome, [ask for ask in asked if isinstance(ask, SetArming | SetLimits)]


def test_account_is_armed_for_the_hours_once_its_number_was_written(
    maemae: CommandLine, real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, changes = played(maemae, real, monkeypatch, (*WORDS, "--hours", "2"))

    assert outcome.code == 0
    (arming,) = changes
    assert isinstance(arming, SetArming)
    assert (arming.account_id, arming.until, arming.reason) == (ACCOUNT, NOON + 2 * HOUR, "아침")
    assert "주문 하나 5,000,000원, 하루 손실 100,000원까지" in outcome.out
    assert "14:00 까지 진짜 돈으로 주문합니다" in outcome.out


@pytest.mark.parametrize("typed", ["", "예", "y", "8100000112"])
def test_account_when_another_word_is_written_stays_as_it_is(
    maemae: CommandLine, real: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    outcome, changes = played(maemae, real, monkeypatch, WORDS, typed=typed)

    assert (outcome.code, changes) == (1, [])


def test_limits_are_lowered_before_the_account_is_armed_and_never_raised(
    maemae: CommandLine, real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (*WORDS, "--max-order", "900만", "--max-loss", "30,000")
    outcome, changes = played(maemae, real, monkeypatch, words)

    assert outcome.code == 0
    assert [type(ask) for ask in changes] == [SetLimits, SetArming]
    limits = changes[0]
    assert isinstance(limits, SetLimits)
    assert limits.limits == msgspec.structs.replace(LIMITED, max_daily_loss=30_000)


@pytest.mark.parametrize(
    ("words", "limits", "mode", "why"),
    [
        (WORDS, Limits(), Mode.REAL, "--max-loss"),
        ((*WORDS, "--max-loss", "0"), LIMITED, Mode.REAL, "0원보다"),
        ((*WORDS, "--hours", "13"), LIMITED, Mode.REAL, "--hours"),
        (WORDS[:3], LIMITED, Mode.REAL, "--reason"),
        (("arm", "--reason", "x"), LIMITED, Mode.REAL, "--account"),
        (("arm", "--reason", "x", "--account", "1"), LIMITED, Mode.REAL, "매매하지 않습니다"),
        (WORDS, LIMITED, Mode.PAPER, "매매하지 않습니다"),
    ],
)
def test_arming_when_something_is_missing_is_one_sentence_and_changes_nothing(
    maemae: CommandLine,
    real: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    limits: Limits,
    mode: Mode,
    why: str,
) -> None:
    outcome, changes = played(maemae, real, monkeypatch, words, limits=limits, mode=mode)

    assert (outcome.code, changes, len(outcome.sentences)) == (1, [], 1)
    assert why in outcome.err


def test_arming_without_a_terminal_is_refused(
    maemae: CommandLine, real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = msgspec.structs.replace(STATUS, mode=Mode.REAL, venue_time=NOON)
    usages = Usages((a_usage(LIMITED),))
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)

    with answering(real, lambda ask: status if isinstance(ask, StatusQuery) else usages) as asked:
        outcome = maemae(*WORDS)

    assert outcome.code == 1
    assert not any(isinstance(ask, SetArming) for ask in asked)


def test_disarming_needs_nobody_to_confirm_it(
    maemae: CommandLine, real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, changes = played(maemae, real, monkeypatch, ("disarm", "--account", ACCOUNT))

    assert outcome.code == 0
    assert [ask.until for ask in changes if isinstance(ask, SetArming)] == [0]
