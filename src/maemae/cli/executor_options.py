"""Options about an executor and its book that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from maemae.cli.options import both

AccountOption = Annotated[str | None, typer.Option(metavar="ID", help=both("계좌", "account"))]
"""Which account is meant; None for the one of the settings."""

DatabaseOption = Annotated[
    str | None,
    typer.Option(metavar="URL", help=both("데이터베이스", "sqlite:/// or postgresql://")),
]
"""Where the executor's tables are; None for the usual place."""
