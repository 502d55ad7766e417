from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.manifest import Manifest
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.refusal import REASONS, Reason
from maemae.domain.terms import PriceBasis
from maemae.domain.text import Language
from maemae.research.backtest import BacktestPlan, BacktestResult, backtest
from maemae.research.price_breaks import PriceBreaks
from maemae.research.refusal_titles import REFUSAL_TITLES
from maemae.research.report.model import RunReport
from maemae.research.report.render import render
from maemae.research.reporting import (
    EXIT_REASONS,
    PRICE_BASES,
    assumption_rows,
    price_warning,
    refusal_counts,
    run_report,
)
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategy.panel import Panel
from maemae.venue.assumptions import RELAXED_ADJUSTED, STRICT_KRX, Assumptions, ThroughFill
from tests.bar_frames import a_spec

pytestmark = pytest.mark.thorough

Case = tuple[RunReport, BacktestResult, Manifest, Panel]


@pytest.fixture(scope="module", params=[PriceBasis.RAW, PriceBasis.ADJUSTED])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return a report of a real run on synthetic bars, declared raw and declared adjusted."""
    basis: PriceBasis = request.param
    market = synthetic_market(3, first=date(2023, 1, 2), last=date(2023, 12, 28))
    catalogue = Catalogue(tmp_path_factory.mktemp("home"))
    catalogue.import_frame(market.bars, a_spec(basis), "here", market.master)
    panel, instruments = catalogue.panel("sample"), catalogue.instruments("sample")
    strategy = GoldenCross(fast=5, slow=15)
    result = backtest(strategy, panel, BacktestPlan(cash=500_000, instruments=instruments))
    manifest = catalogue.describe("sample")
    report = run_report(strategy, panel, result, instruments, manifest)
    return report, result, manifest, panel


def test_report_says_what_was_run(case: Case) -> None:
    report, result, _, panel = case

    assert (report.title, report.strategy) == ("GoldenCross · sample", "GoldenCross")
    assert report.parameters == {"fast": 5, "slow": 15}
    assert (report.symbols, report.cash) == (len(panel.symbols), 500_000)
    assert report.equity[-1] == result.summary.end_equity
    assert report.order_hash == result.order_hash


def test_report_names_instruments_and_says_why_trades_ended(case: Case) -> None:
    report, result, _, _ = case

    assert {trade.name for trade in report.trades} >= {"윤슬전자"}
    assert {trade.exit_reason for trade in report.trades} <= set(EXIT_REASONS.values())
    assert len({trade.exit_reason for trade in report.trades}) == 3  # signal, stop and target
    assert len(report.trades) == len(result.trips)


def test_report_says_the_price_basis_and_warns_of_adjusted_prices(case: Case) -> None:
    report, _, _, panel = case

    assert report.price_basis == PRICE_BASES[panel.basis]
    assert report.price_warning == price_warning(panel.basis, PriceBreaks(0, 0))
    assert (report.price_warning is None) == (panel.basis is PriceBasis.RAW)


def test_warning_of_raw_prices_says_how_many_breaks_there_are_and_how_many_were_held() -> None:
    warning = price_warning(PriceBasis.RAW, PriceBreaks(1_203, 47))

    assert warning is not None
    assert all(figure in warning.ko and figure in warning.en for figure in ("1,203", "47"))
    assert not [
        word
        for word in ("권리 표에 없는", "import-actions", "믿지 마세요")
        if word not in warning.ko
    ]
    assert not [
        word
        for word in ("No table tells", "import-actions", "do not believe")
        if word not in warning.en
    ]


def test_warning_when_no_break_was_held_still_says_not_to_believe() -> None:
    warning = price_warning(PriceBasis.RAW, PriceBreaks(2, 0))

    assert warning is not None
    assert "믿지 마세요" in warning.ko
    assert "None was held through" in warning.en


def test_report_counts_every_refusal(case: Case) -> None:
    report, result, _, _ = case

    assert {Reason(row.code): row.count for row in report.refusals} == result.refusals
    assert report.refusals


def test_report_tells_what_the_data_check_found(case: Case) -> None:
    report, _, manifest, _ = case

    found = [count for count in manifest.findings.values() if count]
    assert len(report.data_warnings) == len(found) > 0
    assert all(f"({count:,}건)" in "".join(w.ko for w in report.data_warnings) for count in found)


@pytest.mark.parametrize("language", Language)
def test_report_can_be_drawn(case: Case, language: Language, tmp_path: Path) -> None:
    html = render(case[0], language)

    assert case[0].order_hash in html
    assert case[0].assumptions[0].sentence.in_language(language) in html


@pytest.mark.parametrize("assumptions", [STRICT_KRX, RELAXED_ADJUSTED])
def test_assumptions_are_all_named(assumptions: Assumptions) -> None:
    rows = assumption_rows(assumptions)

    assert tuple(row.sentence for row in rows) == assumptions.sentences
    assert rows[0].name == "TouchFill"
    assert rows[-1].name == "NoLatency"


def test_assumption_when_replaced_is_named_as_what_took_its_place() -> None:
    other = Assumptions(STRICT_KRX.name, limit_fill=ThroughFill())

    assert assumption_rows(other)[0].name == "ThroughFill"


def test_refusals_are_ordered_by_count_then_name() -> None:
    counted = Counter({Reason.OFF_TICK: 2, Reason.KILLED: 2, Reason.NO_PRICE: 5})

    assert [row.code for row in refusal_counts(counted)] == ["NO_PRICE", "KILLED", "OFF_TICK"]


def test_every_reason_has_a_sentence_without_figures() -> None:
    assert REFUSAL_TITLES.keys() == REASONS.keys() == set(Reason)
    assert not [text for text in REFUSAL_TITLES.values() if "{" in text.ko + text.en]
