"""`maemae data …`: market data comes in, is checked, and is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from maemae.cli import action_commands, condition_command, download_command
from maemae.cli.dataset_options import BasisOption, DatasetArgument, DatasetOption, ReplaceOption
from maemae.cli.extras import require_extra
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import (
    choice_from_text,
    pairs_from_texts,
    words_of,
)
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product


class ImportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data import`."""

    file: Annotated[str, typer.Argument(help=both("CSV 나 Parquet 파일", "a CSV or Parquet file"))]
    name: DatasetOption
    basis: BasisOption
    interval: Annotated[
        str, typer.Option(help=both("봉 간격: 1d, 5m, tick …", "length of a bar: 1d, 5m, tick …"))
    ] = "1d"
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="OURS=THEIRS",
            help=both("열 이름, 예: close=종가 (여러 번)", "a column, such as close=종가"),
        ),
    ] = None
    symbol: Annotated[
        str | None,
        typer.Option(help=both("한 종목 파일의 종목코드", "code of the only symbol in the file")),
    ] = None
    tz: Annotated[
        str | None,
        typer.Option(
            help=both("시간대 없는 시각의 시간대: Asia/Seoul", "zone of naive times: Asia/Seoul")
        ),
    ] = None
    label: Annotated[
        str,
        typer.Option(
            metavar="start|end",
            help=both("분봉의 시각이 봉의 시작인지 끝인지", "which end of a bar its time names"),
        ),
    ] = "start"
    market: Annotated[
        str,
        typer.Option(
            help=both("파일에 없을 때의 시장: kospi, kosdaq, konex", "board: kospi, kosdaq, konex")
        ),
    ] = "kospi"
    product: Annotated[
        str, typer.Option(help=both("상품: stock, etf, etn", "product: stock, etf, etn"))
    ] = "stock"
    sort: Annotated[
        bool,
        typer.Option("--sort", help=both("순서가 틀린 봉을 정렬한다", "sort bars out of order")),
    ] = False
    replace: ReplaceOption = False


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data check`."""

    name: DatasetArgument
    strict: Annotated[
        bool,
        typer.Option("--strict", help=both("나온 것이 있으면 1로 끝낸다", "exit 1 on findings")),
    ] = False


class AggregateOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data aggregate`."""

    dataset: Annotated[
        str,
        typer.Argument(metavar="NAME", help=both("분봉이나 틱의 데이터셋", "of bars or prints")),
    ]
    to: Annotated[str, typer.Option(help=both("만들 봉: 1m, 5m, 60m, 1d", "bars to make"))]
    name: Annotated[str, typer.Option(help=both("새 데이터셋의 이름", "name of the new dataset"))]
    replace: ReplaceOption = False


class StatsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data stats`."""

    name: DatasetArgument
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help=both("쪽으로도 쓸 곳", "write a page, too")),
    ] = None


class DesignationsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data designations`."""

    file: Annotated[
        str,
        typer.Argument(
            help=both(
                "symbol,kind,since,until,known_at 열이 있는 CSV",
                "a CSV of symbol, kind, since, until, known_at",
            )
        ),
    ]
    data: Annotated[str, typer.Option(metavar="NAME", help=both("데이터셋", "dataset"))]


class ListOptions(msgspec.Struct, frozen=True):
    """`maemae data list` has no options."""


def command_group() -> typer.Typer:
    """Return the commands about data."""
    group = typer.Typer(
        no_args_is_help=True,
        help=both(
            "시세 데이터를 가져오고, 점검하고, 봅니다.", "Bring in, check and list market data."
        ),
    )
    group.command(
        "import",
        help=both(
            "CSV·Parquet 파일의 봉을 가져옵니다. 모두 통과해야 저장됩니다.",
            "Bring in bars from a file; nothing is stored unless all of it passes.",
        ),
    )(command(ImportOptions, import_file))
    for name, about, run in (download_command.COMMAND, condition_command.COMMAND):
        group.command(name, help=about)(run)
    for name, about, run in (action_commands.IMPORT, action_commands.SHOW):
        group.command(name, help=about)(run)
    group.command(
        "check",
        help=both(
            "저장된 봉을 다시 점검해, 나온 것을 정의와 예와 함께 보입니다.",
            "Check the stored bars again and show what was found, with definitions.",
        ),
    )(command(CheckOptions, check))
    group.command(
        "aggregate",
        help=both(
            "틱이나 분봉으로 더 긴 봉을 만듭니다. 거래소의 장 시간에 맞춥니다.",
            "Make longer bars of prints or minutes, by the exchange's sessions.",
        ),
    )(command(AggregateOptions, aggregate))
    group.command(
        "stats",
        help=both(
            "데이터셋의 통계: 빈 날, 거래 없는 날, 튀는 값, 크기.",
            "What a dataset is like: gaps, days without trades, jumps, sizes.",
        ),
    )(command(StatsOptions, stats))
    group.command(
        "designations",
        help=both(
            "관리종목·투자경고·거래정지 지정을 알려진 때와 함께 넣습니다.",
            "Bring in designations of the exchange, with the time they were known.",
        ),
    )(command(DesignationsOptions, designations))
    group.command("list", help=both("데이터셋의 목록을 봅니다.", "List the datasets."))(
        command(ListOptions, list_datasets)
    )
    return group


def import_file(call: Invocation, options: ImportOptions) -> None:
    """Bring in a file and say what came."""
    from maemae.catalogue.catalogue import Catalogue
    from maemae.catalogue.import_spec import ImportSpec
    from maemae.catalogue.interval import BarLabel, interval_from_text
    from maemae.cli.data_view import manifest_view

    spec = ImportSpec(
        dataset=options.name,
        basis=choice_from_text("--basis", options.basis, words_of(PriceBasis)),
        interval=interval_from_text(options.interval),
        label=choice_from_text("--label", options.label, words_of(BarLabel)),
        columns=pairs_from_texts("--map", options.columns or []),
        symbol=None if options.symbol is None else Symbol(options.symbol.strip().upper()),
        tz=options.tz,
        sort=options.sort,
        replace=options.replace,
        market=choice_from_text("--market", options.market, words_of(Market)),
        product=choice_from_text("--product", options.product, words_of(Product)),
    )
    manifest = Catalogue(call.settings.catalogue).import_file(Path(options.file), spec)
    manifest_view(call.screen, manifest)


def check(call: Invocation, options: CheckOptions) -> None:
    """Check a dataset and show the findings by definition."""
    from maemae.catalogue.catalogue import Catalogue
    from maemae.cli.data_view import findings_view

    findings = Catalogue(call.settings.catalogue).check(options.name)
    findings_view(call.screen, options.name, findings)
    if options.strict and any(found.count for found in findings):
        raise typer.Exit(1)


def aggregate(call: Invocation, options: AggregateOptions) -> None:
    """Make longer bars and say what came of it."""
    from maemae.catalogue.catalogue import Catalogue
    from maemae.catalogue.interval import interval_from_text
    from maemae.cli.data_view import manifest_view

    catalogue = Catalogue(call.settings.catalogue)
    manifest, left_out = catalogue.aggregate(
        options.dataset, interval_from_text(options.to), options.name, replace=options.replace
    )
    manifest_view(call.screen, manifest)
    if left_out:
        call.screen.say(
            f"정규장 밖이라 뺀 것: {left_out:,}건",
            f"Left out, outside of regular sessions: {left_out:,}",
        )


def stats(call: Invocation, options: StatsOptions) -> None:
    """Show what a dataset is like, and write a page of it."""
    from maemae.catalogue.catalogue import Catalogue
    from maemae.cli.data_view import statistics_view

    if options.report is not None:
        from maemae.research.report.file import require_writable

        require_extra("report", "jinja2")
        require_writable(options.report)
    found = Catalogue(call.settings.catalogue).statistics(options.name)
    statistics_view(call.screen, found)
    if options.report is not None:
        from maemae.research.report.data_page import render_statistics
        from maemae.research.report.file import write_report

        write_report(options.report, render_statistics(found, call.screen.language))
        call.screen.say(f"  쪽: {options.report}", f"  Page: {options.report}")


def designations(call: Invocation, options: DesignationsOptions) -> None:
    """Bring in designations and say how many."""
    from maemae.catalogue.catalogue import Catalogue
    from maemae.catalogue.universes import Universes

    universes = Universes(Catalogue(call.settings.catalogue))
    count = universes.import_designations(options.data, Path(options.file))
    call.screen.say(
        f"✔ {options.data}: 지정 {count:,}건", f"✔ {options.data}: {count:,} designations", "bold"
    )


def list_datasets(call: Invocation, options: ListOptions) -> None:
    """List the datasets."""
    from maemae.catalogue.catalogue import Catalogue
    from maemae.cli.data_view import datasets_view

    datasets_view(call.screen, Catalogue(call.settings.catalogue).datasets())
