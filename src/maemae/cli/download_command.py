"""`maemae data download`: bars of a broker or of a public site, planned first and resumable."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

import msgspec
import typer

from maemae.app.download_plan import DownloadPlan, DownloadProgress
from maemae.cli.dataset_options import BasisOption, DatasetOption, ReplaceOption
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import (
    choice_from_text,
    day_from_text,
    symbols_from_text,
    words_of,
)
from maemae.cli.screen import WARNING
from maemae.cli.server_options import EmulatorOption, ServerOption
from maemae.domain.errors import InvalidValueError
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.settings import mode_from_text


class DownloadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data download`."""

    source: Annotated[
        str, typer.Option("--from", metavar="kiwoom|pykrx|fdr", help=both("어디서", "where from"))
    ]
    name: DatasetOption
    basis: BasisOption
    symbols: Annotated[str, typer.Option(metavar="005930,…", help=both("받을 종목", "instruments"))]
    since: Annotated[str, typer.Option(metavar="DATE", help=both("첫날", "first day"))]
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help=both("마지막 날", "last day"))
    ] = None
    interval: Annotated[
        str, typer.Option(help=both("봉 간격: 1d, 5m …", "length of a bar: 1d, 5m …"))
    ] = "1d"
    mode: ServerOption = "paper"
    emulator: EmulatorOption = False
    market: Annotated[
        str,
        typer.Option(help=both("시장 (pykrx·fdr): kospi, kosdaq, konex", "board (pykrx, fdr)")),
    ] = "kospi"
    product: Annotated[
        str, typer.Option(help=both("상품 (pykrx·fdr): stock, etf, etn", "product (pykrx, fdr)"))
    ] = "stock"
    plan: Annotated[
        bool, typer.Option("--plan", help=both("계획만 보인다", "only show the plan"))
    ] = False
    replace: ReplaceOption = False


def download(call: Invocation, options: DownloadOptions) -> None:
    """Get bars and say what came."""
    source = choice_from_text("--from", options.source, {name: name for name in _SOURCES})
    if source == _KIWOOM:
        _from_kiwoom(call, options)
    else:
        _from_site(call, options, source)


def _from_kiwoom(call: Invocation, options: DownloadOptions) -> None:
    import asyncio

    from maemae.app.kiwoom.connect import stored_access
    from maemae.app.kiwoom.download import DownloadRequest, KiwoomDownload, time_at
    from maemae.catalogue.interval import interval_from_text
    from maemae.cli.data_view import manifest_view

    mode = mode_from_text(options.mode)
    access = stored_access(call.settings, mode, is_emulated=options.emulator)
    first, last = _days(options, asyncio.run(time_at(access)))
    request = DownloadRequest(
        dataset=options.name,
        symbols=symbols_from_text(options.symbols) or (),
        basis=choice_from_text("--basis", options.basis, words_of(PriceBasis)),
        interval=interval_from_text(options.interval),
        first=first,
        last=last,
        replace=options.replace,
    )
    getting = KiwoomDownload(call.settings, access, request)
    _tell_plan(call, getting.plan, len(request.symbols))
    if options.plan:
        return

    async def play() -> None:
        async for told in getting.run():
            _tell_progress(call, told)

    asyncio.run(play())
    manifest_view(call.screen, getting.store())


def _from_site(call: Invocation, options: DownloadOptions, source: str) -> None:
    from maemae.app.source_download import SourceDownload, SourceRequest
    from maemae.catalogue.interval import interval_from_text
    from maemae.cli.data_view import manifest_view
    from maemae.clocks import SystemWallClock

    if options.emulator or not interval_from_text(options.interval).is_daily:
        raise InvalidValueError(
            f"{source} 은(는) 일봉만 줍니다. --interval 과 --emulator 를 빼세요. 분봉은 --from "
            "kiwoom 으로 받으세요.",
            f"{source} has daily bars only. Leave out --interval and --emulator; get minutes with "
            "--from kiwoom.",
        )
    first, last = _days(options, SystemWallClock().now())
    request = SourceRequest(
        source=source,
        dataset=options.name,
        symbols=symbols_from_text(options.symbols) or (),
        basis=choice_from_text("--basis", options.basis, words_of(PriceBasis)),
        first=first,
        last=last,
        market=choice_from_text("--market", options.market, words_of(Market)),
        product=choice_from_text("--product", options.product, words_of(Product)),
        replace=options.replace,
    )
    getting = SourceDownload(call.settings, request)
    _tell_plan(call, getting.plan, len(request.symbols))
    if options.plan:
        return
    for told in getting.run():
        _tell_progress(call, told)
    manifest_view(call.screen, getting.store())
    if getting.absent:
        listed = ", ".join(getting.absent)
        call.screen.say(
            f"봉이 없던 종목: {listed}. 종목코드와 기간을 확인하세요.",
            f"No bars of {listed}. Check the codes and the days.",
            WARNING,
        )


def _days(options: DownloadOptions, now: int) -> tuple[date, date]:
    """Return the first and the last day; the bar of a day that goes on is none."""
    from maemae.app.kiwoom.download import last_whole_day

    newest = last_whole_day(now)
    first = day_from_text("--since", options.since)
    until = day_from_text("--until", options.until) or newest
    return first, min(until, newest)


def _tell_plan(call: Invocation, plan: DownloadPlan, symbols: int) -> None:
    call.screen.say(
        f"계획: {symbols}종목 중 {plan.done}종목은 받았고, 요청 {plan.requests:,}번, "
        f"약 {plan.secs:,}초",
        f"Plan: {plan.done} of {symbols} instruments are here, {plan.requests:,} requests are "
        f"left, about {plan.secs:,} s",
    )


def _tell_progress(call: Invocation, told: DownloadProgress) -> None:
    call.screen.say(f"{told.symbol} {told.bars:,}개 봉", f"{told.symbol}: {told.bars:,} bars")


_KIWOOM: Final = "kiwoom"
_SOURCES: Final = (_KIWOOM, "pykrx", "fdr")

COMMAND: Final = (
    "download",
    both(
        "증권사나 공개 사이트에서 봉을 받습니다. 계획을 먼저 보이고, 끊기면 이어 받습니다.",
        "Get bars from a broker or a public site: a plan first; goes on after a stop.",
    ),
    command(DownloadOptions, download),
)
"""Name, help and function."""
