"""`maemae data …`: market data comes in, is checked, and is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from maemae.cli import condition_command
from maemae.cli.options import both, command
from maemae.cli.parsing import (
    choice_from_text,
    day_from_text,
    pairs_from_texts,
    symbols_from_text,
)
from maemae.cli.session import Session
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product, Term
from maemae.settings import mode_from_text

T = TypeVar("T", bound=Term)


class ImportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data import`."""

    file: Annotated[str, typer.Argument(help=both("CSV 나 Parquet 파일", "a CSV or Parquet file"))]
    name: Annotated[str, typer.Option(help=both("데이터셋의 이름", "name of the dataset"))]
    basis: Annotated[
        str,
        typer.Option(
            metavar="raw|adjusted",
            help=both("가격 기준: 원주가 raw, 수정주가 adjusted", "price basis, never guessed"),
        ),
    ]
    interval: Annotated[
        str, typer.Option(help=both("봉 간격: 1d, 5m …", "length of a bar: 1d, 5m …"))
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
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help=both("같은 이름의 데이터셋을 바꾼다", "replace the dataset"),
        ),
    ] = False


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data check`."""

    name: Annotated[str, typer.Argument(help=both("데이터셋의 이름", "name of the dataset"))]
    strict: Annotated[
        bool,
        typer.Option("--strict", help=both("나온 것이 있으면 1로 끝낸다", "exit 1 on findings")),
    ] = False


class DownloadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data download`."""

    source: Annotated[
        str, typer.Option("--from", metavar="kiwoom", help=both("어디서", "where from"))
    ]
    name: Annotated[str, typer.Option(help=both("데이터셋의 이름", "name of the dataset"))]
    basis: Annotated[
        str,
        typer.Option(
            metavar="raw|adjusted",
            help=both("가격 기준: 원주가 raw, 수정주가 adjusted", "price basis, never guessed"),
        ),
    ]
    symbols: Annotated[str, typer.Option(metavar="005930,…", help=both("받을 종목", "instruments"))]
    since: Annotated[str, typer.Option(metavar="DATE", help=both("첫날", "first day"))]
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help=both("마지막 날", "last day"))
    ] = None
    interval: Annotated[
        str, typer.Option(help=both("봉 간격: 1d, 5m …", "length of a bar: 1d, 5m …"))
    ] = "1d"
    mode: Annotated[
        str, typer.Option(metavar="paper|real", help=both("누구의 서버로", "whose server"))
    ] = "paper"
    emulator: Annotated[
        bool,
        typer.Option(
            "--emulator",
            help=both("이 컴퓨터의 키움 에뮬레이터로", "an emulator of it on this machine"),
        ),
    ] = False
    plan: Annotated[
        bool, typer.Option("--plan", help=both("계획만 보인다", "only show the plan"))
    ] = False
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help=both("같은 이름의 데이터셋을 바꾼다", "replace the dataset"),
        ),
    ] = False


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
    group.command(
        "download",
        help=both(
            "증권사에서 봉을 받습니다. 한도에 맞춘 계획을 먼저 보이고, 끊기면 이어 받습니다.",
            "Get bars from a broker: a plan within its quota first; goes on after a stop.",
        ),
    )(command(DownloadOptions, download))
    name, about, conditions = condition_command.COMMAND
    group.command(name, help=about)(conditions)
    group.command(
        "check",
        help=both(
            "저장된 봉을 다시 점검해, 나온 것을 정의와 예와 함께 보입니다.",
            "Check the stored bars again and show what was found, with definitions.",
        ),
    )(command(CheckOptions, check))
    group.command("list", help=both("데이터셋의 목록을 봅니다.", "List the datasets."))(
        command(ListOptions, list_datasets)
    )
    return group


def import_file(session: Session, options: ImportOptions) -> None:
    """Bring in a file and say what came."""
    from maemae.catalogue.catalogue import Catalogue
    from maemae.catalogue.import_spec import ImportSpec
    from maemae.catalogue.interval import BarLabel, interval_from_text
    from maemae.cli.data_view import manifest_view

    spec = ImportSpec(
        dataset=options.name,
        basis=choice_from_text("--basis", options.basis, _words(PriceBasis)),
        interval=interval_from_text(options.interval),
        label=choice_from_text("--label", options.label, _words(BarLabel)),
        columns=pairs_from_texts("--map", options.columns or []),
        symbol=None if options.symbol is None else Symbol(options.symbol.strip().upper()),
        tz=options.tz,
        sort=options.sort,
        replace=options.replace,
        market=choice_from_text("--market", options.market, _words(Market)),
        product=choice_from_text("--product", options.product, _words(Product)),
    )
    manifest = Catalogue(session.settings.catalogue).import_file(Path(options.file), spec)
    manifest_view(session.screen, manifest)


def download(session: Session, options: DownloadOptions) -> None:
    """Get bars from a broker and say what came."""
    import asyncio

    from maemae.app.kiwoom_connect import stored_access
    from maemae.app.kiwoom_download import DownloadRequest, KiwoomDownload, last_whole_day
    from maemae.catalogue.interval import interval_from_text
    from maemae.cli.data_view import manifest_view
    from maemae.clocks import SystemWallClock

    choice_from_text("--from", options.source, {"kiwoom": "kiwoom"})
    screen, symbols = session.screen, symbols_from_text(options.symbols)
    newest = last_whole_day(SystemWallClock().now())
    first = day_from_text("--since", options.since) or newest
    until = day_from_text("--until", options.until) or newest
    request = DownloadRequest(
        dataset=options.name,
        symbols=symbols or (),
        basis=choice_from_text("--basis", options.basis, _words(PriceBasis)),
        interval=interval_from_text(options.interval),
        first=first,
        last=min(until, newest),  # the bar of a day that goes on is none
        replace=options.replace,
    )
    mode = mode_from_text(options.mode)
    access = stored_access(session.settings, mode, is_emulated=options.emulator)
    getting = KiwoomDownload(session.settings, access, request)
    plan = getting.plan
    screen.say(
        f"계획: {len(request.symbols)}종목 중 {plan.done}종목은 받았고, 요청 {plan.requests:,}번, "
        f"약 {plan.secs:,}초",
        f"Plan: {plan.done} of {len(request.symbols)} instruments are here, {plan.requests:,} "
        f"requests are left, about {plan.secs:,} s",
    )
    if options.plan:
        return

    async def play() -> None:
        async for told in getting.run():
            screen.say(f"{told.symbol} {told.bars:,}개 봉", f"{told.symbol}: {told.bars:,} bars")

    asyncio.run(play())
    manifest_view(screen, getting.store())


def check(session: Session, options: CheckOptions) -> None:
    """Check a dataset and show the findings by definition."""
    from maemae.catalogue.catalogue import Catalogue
    from maemae.cli.data_view import findings_view

    findings = Catalogue(session.settings.catalogue).check(options.name)
    findings_view(session.screen, options.name, findings)
    if options.strict and any(found.count for found in findings):
        raise typer.Exit(1)


def list_datasets(session: Session, options: ListOptions) -> None:
    """List the datasets."""
    from maemae.catalogue.catalogue import Catalogue
    from maemae.cli.data_view import datasets_view

    datasets_view(session.screen, Catalogue(session.settings.catalogue).datasets())


def _words(terms: type[T]) -> dict[str, T]:
    return {term.value.lower(): term for term in terms}
