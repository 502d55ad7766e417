"""`maemae data import-actions` and `maemae data show`: what companies did, and to which prices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.dataset_options import DatasetArgument, DatasetOption
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import day_from_text
from maemae.domain.ids import Symbol


class ImportActionsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data import-actions`."""

    file: Annotated[
        str,
        typer.Argument(
            help=both(
                "권리 표 CSV·Parquet: symbol, kind, known_at, ex_date, pay_date, ratio, amount",
                "a table: symbol, kind, known_at, ex_date, pay_date, ratio, amount, successor",
            )
        ),
    ]
    name: DatasetOption


class ShowOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data show`."""

    name: DatasetArgument
    symbol: Annotated[str, typer.Argument(help=both("종목코드", "code of the instrument"))]
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help=both("첫날", "first day"))
    ] = None
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help=both("마지막 날", "last day"))
    ] = None
    told: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help=both("이 날 알던 것만으로 수정한 가격", "adjusted by what was so on that day"),
        ),
    ] = None


def import_actions(call: Invocation, options: ImportActionsOptions) -> None:
    """Bring in a table of corporate actions and say how many belong to the dataset."""
    from maemae.app.datasets import open_catalogue

    manifest = open_catalogue(call.settings).import_actions(options.name, Path(options.file))
    call.screen.say(
        f"✔ {manifest.dataset}: 권리 {manifest.actions:,}건. 백테스트는 공시된 뒤에만, "
        "권리락일부터 반영합니다.",
        f"✔ {manifest.dataset}: {manifest.actions:,} corporate actions. A backtest knows each once "
        "it was announced, and takes it from its ex-date on.",
        "bold",
    )


def show(call: Invocation, options: ShowOptions) -> None:
    """Show raw and adjusted closes of an instrument beside each other."""
    from maemae.app.datasets import open_catalogue
    from maemae.catalogue.side_by_side import side_by_side
    from maemae.cli.price_view import prices_view

    symbol = Symbol(options.symbol.strip().upper())
    first = day_from_text("--from", options.first)
    panel = open_catalogue(call.settings).panel(
        options.name, (symbol,), first, day_from_text("--to", options.last)
    )
    prices = side_by_side(panel, symbol, day_from_text("--as-of", options.told))
    prices_view(call.screen, prices, panel.actions)


IMPORT: Final = (
    "import-actions",
    both(
        "분할·배당·증자·합병·상장폐지의 표를 데이터셋에 붙입니다.",
        "Give a dataset its splits, dividends, rights, mergers and delistings.",
    ),
    command(ImportActionsOptions, import_actions),
)
"""Name, help and function."""

SHOW: Final = (
    "show",
    both(
        "한 종목의 원주가와 수정주가를 나란히 봅니다.",
        "Show an instrument's raw and adjusted closes side by side.",
    ),
    command(ShowOptions, show),
)
"""Name, help and function."""
