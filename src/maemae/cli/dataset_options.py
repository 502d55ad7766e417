"""Options about a dataset that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from maemae.cli.options import both

DatasetArgument = Annotated[
    str, typer.Argument(help=both("데이터셋의 이름", "name of the dataset"))
]
"""Which dataset is meant."""

DatasetOption = Annotated[str, typer.Option(help=both("데이터셋의 이름", "name of the dataset"))]
"""What a dataset is to be called, or which one is meant beside a file."""

BasisOption = Annotated[
    str,
    typer.Option(
        metavar="raw|adjusted",
        help=both("가격 기준: 원주가 raw, 수정주가 adjusted", "price basis, never guessed"),
    ),
]
"""Whether prices are as traded."""

ReplaceOption = Annotated[
    bool,
    typer.Option("--replace", help=both("같은 이름의 데이터셋을 바꾼다", "replace the dataset")),
]
"""That a dataset of the same name may go."""
