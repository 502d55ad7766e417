"""`maemae honesty`: whether a backtest deserves to be believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import typer

from maemae.cli.failure import FAILED
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.run_options import RunOptions
from maemae.cli.screen import DOWN, QUIET, UP, WARNING, Screen
from maemae.domain.text import Text


class HonestyOptions(RunOptions, frozen=True, kw_only=True):
    """Options of `maemae honesty`."""


def run(call: Invocation, options: HonestyOptions) -> None:
    """Make every check and say what each found; end with 1 if one was not passed."""
    from maemae.app.backtests import set_up_backtest
    from maemae.app.trials import memory_of
    from maemae.cli.run_request import catalogue_of, request_of
    from maemae.research.honesty.audit import Subject, audit
    from maemae.research.reporting import parameters_of

    screen = call.screen
    request = request_of(options)
    setup = set_up_backtest(catalogue_of(call, request), request)
    strategy = setup.strategy
    subject = Subject(type(strategy), parameters_of(strategy), setup.panel, setup.plan)
    screen.step(
        f"정직성 점검: {type(strategy).__name__}, {setup.manifest.dataset} "
        f"{len(setup.panel.symbols):,}종목",
        f"Checks of honesty: {type(strategy).__name__}, {len(setup.panel.symbols):,} symbols of "
        f"{setup.manifest.dataset}",
    )
    failed = judged = 0
    for verdict in audit(subject, memory_of(call.settings, setup)):
        _say(screen, verdict.check.value, verdict.text, passed=verdict.passed)
        judged += verdict.passed is not None
        failed += verdict.passed is False
    if failed:
        screen.say(
            f"{failed}가지를 통과하지 못했습니다. 이 결과를 믿고 돈을 걸지 마세요.",
            f"{failed} not passed. Do not put money on this result.",
            WARNING,
        )
        raise typer.Exit(FAILED)
    screen.say(
        f"판단할 수 있는 {judged}가지를 모두 통과했습니다. 그래도 미래는 약속되지 않습니다.",
        f"All {judged} that could be judged are passed. That promises nothing about the future.",
    )


def _say(screen: Screen, check: str, text: Text, *, passed: bool | None) -> None:
    mark, style = {True: ("✔", UP), False: ("✘", DOWN), None: ("–", QUIET)}[passed]
    title = _TITLES[check]
    screen.say(f"{mark} {title.ko}", f"{mark} {title.en}", style)
    screen.say(f"  {text.ko}", f"  {text.en}")


_TITLES: Final[Mapping[str, Text]] = {
    "LOOK_AHEAD": Text("미래 참조", "Look-ahead"),
    "WARM_UP": Text("데이터의 시작", "Where data begins"),
    "BOOTSTRAP": Text("진입 규칙과 우연", "Entries and chance"),
    "WALK_FORWARD": Text("전진 분석", "Walk-forward"),
    "DEFLATED_SHARPE": Text("시도한 횟수와 샤프 지수", "Sharpe and the number of trials"),
    "STRESS": Text("더 나쁜 조건", "Worse worlds"),
    "CRITIQUE": Text("결과에 대한 지적", "Critique"),
}

COMMAND: Final = (
    "honesty",
    both(
        "백테스트를 믿어도 되는지 따집니다: 미래 참조, 우연, 과최적화, 비용.",
        "Ask whether a backtest deserves belief: look-ahead, luck, overfitting, costs.",
    ),
    command(HonestyOptions, run),
)
"""Name, help and function."""
