"""The demo: two strategies on the synthetic market and on real data, then a trading day."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import which
from typing import Final

from maemae.app.backtests import BacktestRequest, set_up_backtest
from maemae.app.datasets import (
    SYNTHETIC,
    SYNTHETIC_DAYS,
    ensure_imported,
    ensure_synthetic,
    open_catalogue,
)
from maemae.app.simulated_day import SEED
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.manifest import Manifest
from maemae.cli.backtest_run import save, watched
from maemae.cli.day_run import run_day
from maemae.cli.invocation import Invocation
from maemae.cli.run_view import side_by_side
from maemae.cli.screen import QUIET, WARNING, Screen
from maemae.domain.terms import PriceBasis
from maemae.research.report.model import RunReport

_STRATEGIES: Final = ("golden_cross", "momentum")
_REAL_FILE: Final = "daily_invest_kr_2023_2025.parquet"
_REAL: Final = "invest_kr"


def run_demo(call: Invocation) -> None:
    """Show what maemae does, from data to a trading day, saying at each step what it is."""
    screen = call.screen
    datasets = show_backtests(call)
    screen.step(
        "모의 시장의 하루를 빠르게 매매합니다 (그만두려면 Ctrl-C)",
        "Trading one accelerated day on the simulated market (Ctrl-C stops)",
    )
    run_day(call, SEED, None, None, fresh=True)
    _say_what_next(screen, datasets)


def show_backtests(call: Invocation) -> list[str]:
    """Run the bundled strategies on every market there is; return the names of the datasets."""
    screen, settings = call.screen, call.settings
    catalogue = open_catalogue(settings)
    datasets = [_synthetic(screen, catalogue), *_real(call, catalogue)]
    reports: list[RunReport] = []
    for manifest in datasets:
        reports += [_run(call, catalogue, manifest, name) for name in _STRATEGIES]
    side_by_side(screen, reports)
    screen.say(
        "합성 시장의 가격은 지어낸 것이어서 그 수익률에는 아무 뜻이 없습니다.",
        "The synthetic market's prices are made up, so returns on it mean nothing.",
        WARNING,
    )
    noted = {report.price_warning: report for report in reports}
    for report in noted.values():
        if report.price_warning is not None:
            screen.say_text(report.price_warning, WARNING)
    _say_reports(screen, settings.reports)
    return [manifest.dataset for manifest in datasets]


def _synthetic(screen: Screen, catalogue: Catalogue) -> Manifest:
    first, last = SYNTHETIC_DAYS
    screen.step(
        f"합성 KRX 시장을 만듭니다 (씨앗 {SEED}, {first} ~ {last})",
        f"Making a synthetic KRX market (seed {SEED}, {first} ~ {last})",
    )
    manifest = ensure_synthetic(catalogue, SYNTHETIC, SEED, SYNTHETIC_DAYS)
    _say_dataset(screen, manifest)
    return manifest


def _real(call: Invocation, catalogue: Catalogue) -> list[Manifest]:
    screen, path = call.screen, call.settings.shared_data / _REAL_FILE
    if not path.exists():
        screen.say(
            f"  실데이터는 없어서 건너뜁니다: {path}\n"
            "  다른 곳에 있으면 MAEMAE_SHARED_DATA 로 알려 주세요.",
            f"  Real data is not there and left out: {path}\n"
            "  If it is elsewhere, say so by MAEMAE_SHARED_DATA.",
            QUIET,
        )
        return []
    screen.step(f"실데이터를 가져옵니다: {path.name}", f"Bringing in real data: {path.name}")
    manifest = ensure_imported(catalogue, path, _REAL, PriceBasis.ADJUSTED)
    _say_dataset(screen, manifest)
    return [manifest]


def _say_dataset(screen: Screen, manifest: Manifest) -> None:
    found = sum(manifest.findings.values())
    screen.say(
        f"  {manifest.symbols:,}종목, 봉 {manifest.rows:,}개, 점검에서 {found:,}건",
        f"  {manifest.symbols:,} symbols, {manifest.rows:,} bars, {found:,} findings",
        QUIET,
    )


def _run(call: Invocation, catalogue: Catalogue, manifest: Manifest, strategy: str) -> RunReport:
    screen = call.screen
    screen.step(
        f"백테스트: {strategy}, {manifest.dataset} {manifest.symbols:,}종목",
        f"Backtest: {strategy}, {manifest.symbols:,} symbols of {manifest.dataset}",
    )
    setup = set_up_backtest(catalogue, BacktestRequest(strategy=strategy, dataset=manifest.dataset))
    report = setup.report(watched(screen, setup), screen.language)
    save(screen, report, call.settings.reports / f"{strategy}-{manifest.dataset}.html")
    return report


def _say_reports(screen: Screen, reports: Path) -> None:
    screen.step(
        f"보고서는 {reports} 에 있습니다. 브라우저로 여세요.",
        f"The reports are in {reports}. Open them in a browser.",
    )


def _say_what_next(screen: Screen, datasets: Sequence[str]) -> None:
    screen.step("다음에 해 볼 것", "What to try next")
    tries = (
        (f"backtest momentum --data {datasets[-1]} --report my.html", "", ""),
        ("backtest my.py:MyStrategy", "직접 쓴 전략", "a strategy of your own"),
        ("data check synthetic", "데이터 점검", "the data check"),
        ("day", "하루를 다시; Ctrl-C 로 끊어도 이어 감", "the day again; resumes after Ctrl-C"),
    )
    for words, ko, en in tries:
        screen.say(f"  {_program()} {words:<26} {ko}", f"  {_program()} {words:<26} {en}")


def _program() -> str:
    """Return what to type for `maemae`, which need not be on the search path."""
    own = Path(sys.argv[0])
    return str(own) if own.name == "maemae" and which("maemae") is None else "maemae"
