"""Datasets and what was found in them, on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl
from rich.table import Table
from rich.text import Text as Styled

from maemae.catalogue.checks import Findings
from maemae.catalogue.manifest import Manifest
from maemae.catalogue.statistics import TROUBLE, Statistics
from maemae.cli.screen import QUIET, WARNING, Screen

_EXAMPLES: Final = 3


def datasets_view(screen: Screen, manifests: Sequence[Manifest]) -> None:
    """Show one line a dataset."""
    if not manifests:
        screen.say(
            "데이터셋이 없습니다. `maemae data import` 로 가져오거나 `maemae demo` 를 실행하세요.",
            "There are no datasets. Use `maemae data import`, or run `maemae demo`.",
        )
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (("이름", "name"), ("기준", "basis"), ("봉", "bar")):
        table.add_column(screen.word(*heading), no_wrap=heading[1] != "name", overflow="fold")
    for heading in (("종목", "symbols"), ("봉 수", "bars"), ("점검", "findings")):
        table.add_column(screen.word(*heading), justify="right", no_wrap=True)
    table.add_column(screen.word("기간", "period"), no_wrap=True)
    for each in manifests:
        table.add_row(
            Styled(each.dataset),
            each.basis.value,
            each.interval,
            f"{each.symbols:,}",
            f"{each.rows:,}",
            f"{sum(each.findings.values()):,}",
            f"{each.first} ~ {each.last}",
        )
    screen.show(table)


def manifest_view(screen: Screen, manifest: Manifest) -> None:
    """Say what came in, what was done to it, and what the check found."""
    screen.say(
        f"✔ {manifest.dataset}: {manifest.symbols:,}종목, 봉 {manifest.rows:,}개, "
        f"{manifest.first} ~ {manifest.last}, {manifest.interval}, {manifest.basis.value}",
        f"✔ {manifest.dataset}: {manifest.symbols:,} symbols, {manifest.rows:,} bars, "
        f"{manifest.first} ~ {manifest.last}, {manifest.interval}, {manifest.basis.value}",
        "bold",
    )
    if manifest.rounded_rows:
        screen.say(
            f"수정주가의 소수를 정수로 반올림한 봉: {manifest.rounded_rows:,}개",
            f"Bars of adjusted prices rounded to whole won: {manifest.rounded_rows:,}",
        )
    if manifest.other_basis_symbols:
        screen.say(
            f"기준이 다른 종목: {manifest.other_basis_symbols:,}개 (파일의 adjusted 열)",
            f"Symbols of the other basis: {manifest.other_basis_symbols:,} (column adjusted)",
        )
    found = {code: count for code, count in manifest.findings.items() if count}
    if not found:
        screen.say("점검에서 나온 것이 없습니다.", "The check found nothing.")
        return
    listed = ", ".join(f"{code} {count:,}" for code, count in found.items())
    screen.say(
        f"점검: {listed}. 뜻과 예는 `maemae data check {manifest.dataset}` 로 보세요.",
        f"Found: {listed}. See `maemae data check {manifest.dataset}` for what it means.",
        WARNING,
    )


def findings_view(screen: Screen, dataset: str, findings: Sequence[Findings]) -> None:
    """Show every check by its definition, with the first examples of what was found."""
    total = sum(found.count for found in findings)
    screen.say(
        f"{dataset}: 점검 {len(findings)}가지, 나온 것 {total:,}건",
        f"{dataset}: {len(findings)} checks, {total:,} findings",
        "bold",
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(screen.word("점검", "check"), no_wrap=True)
    table.add_column(screen.word("건수", "count"), justify="right", no_wrap=True)
    table.add_column(screen.word("뜻과 예", "what it means, and examples"))
    for found in findings:
        style = WARNING if found.count else ""
        meaning = Styled(found.check.definition.in_language(screen.language))
        for example in _examples(found):
            meaning.append(f"\n{example}", QUIET)
        table.add_row(found.check.code.value, Styled(f"{found.count:,}", style), meaning)
    screen.show(table)


def statistics_view(screen: Screen, found: Statistics) -> None:
    """Show a dataset year by year, and its most troubled series."""
    manifest, whole = found.manifest, found.whole
    screen.say(
        f"{manifest.dataset}: {whole.symbols:,}종목, 봉 {whole.bars:,}개, {manifest.first} ~ "
        f"{manifest.last}, {manifest.interval}, {manifest.basis.value}, "
        f"{found.stored / _MEGA:,.1f} MB",
        f"{manifest.dataset}: {whole.symbols:,} symbols, {whole.bars:,} bars, {manifest.first} ~ "
        f"{manifest.last}, {manifest.interval}, {manifest.basis.value}, "
        f"{found.stored / _MEGA:,.1f} MB",
        "bold",
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in _YEAR_HEADINGS:
        table.add_column(screen.word(*heading), justify="right", no_wrap=True)
    for each in (*found.years, whole):
        table.add_row(
            each.label or screen.word("전체", "all"),
            f"{each.sessions:,}",
            f"{each.symbols:,}",
            f"{each.bars:,}",
            f"{each.covered:.1%}",
            f"{each.missing:,}",
            f"{each.zero_volume:,}",
            f"{each.jumps:,}",
            style="" if each.label else "bold",
        )
    screen.show(table)
    troubled = found.symbols.filter(pl.sum_horizontal(TROUBLE) > 0).head(_TROUBLED)
    if troubled.is_empty():
        return
    screen.say("문제가 많은 종목", "Most troubled series", "bold")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in _SYMBOL_HEADINGS:
        table.add_column(screen.word(*heading), justify="right", no_wrap=True)
    for row in troubled.iter_rows(named=True):
        table.add_row(
            Styled(row["symbol"]),
            f"{row['first']} ~ {row['last']}",
            f"{row['missing']:,}",
            f"{row['longest_gap']:,}",
            f"{row['zero_volume']:,}",
            f"{row['jumps']:,}",
        )
    screen.show(table)


def _examples(found: Findings) -> list[str]:
    rows = found.frame.head(_EXAMPLES).iter_rows(named=True)
    return [
        "· " + " ".join(str(value) if name in _WHERE else f"{name}={value}" for name, value in row)
        for row in (tuple(each.items()) for each in rows)
    ]


_WHERE: Final = frozenset({"symbol", "day", "time"})

_MEGA: Final = 1_000_000
_TROUBLED: Final = 10
_YEAR_HEADINGS: Final = (
    ("연도", "year"),
    ("거래일", "sessions"),
    ("종목", "symbols"),
    ("봉 수", "bars"),
    ("채움", "covered"),
    ("빈 날", "missing"),
    ("거래 0", "no trade"),
    ("튐", "jumps"),
)
_SYMBOL_HEADINGS: Final = (
    ("종목", "symbol"),
    ("기간", "period"),
    ("빈 날", "missing"),
    ("가장 긴 공백", "longest gap"),
    ("거래 0", "no trade"),
    ("튐", "jumps"),
)
