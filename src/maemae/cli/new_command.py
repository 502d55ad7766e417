"""`maemae new my.py`: a strategy to begin with, in a file of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.domain.errors import InvalidValueError, StorageError


class NewOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae new`."""

    file: Annotated[
        str, typer.Argument(metavar="my.py", help=both("만들 파일", "the file to make"))
    ]


def run(call: Invocation, options: NewOptions) -> None:
    """Write the file and say what to type next."""
    from maemae.strategies.starting_point import class_name_of, starting_point

    path = Path(options.file)
    if path.suffix != ".py":
        raise InvalidValueError(
            f"{path} 은(는) 파이썬 파일 이름이 아닙니다. my.py 처럼 쓰세요.",
            f"{path} is no name of a Python file. Write it like my.py.",
        )
    source = starting_point(class_name_of(path.stem), call.screen.language)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(source)
    except FileExistsError:
        raise StorageError(
            f"{path} 이(가) 이미 있어 덮어쓰지 않았습니다. 다른 이름을 쓰세요.",
            f"{path} is there already and was not replaced. Use another name.",
        ) from None
    except OSError as error:
        raise StorageError(
            f"{path} 을(를) 쓸 수 없습니다 ({error.strerror}). 폴더를 확인하세요.",
            f"{path} cannot be written ({error.strerror}). Check the folder.",
        ) from error
    call.screen.say(
        f"✔ {path}. 고친 뒤 돌려 보세요:\n"
        f"  maemae backtest {path} --data synthetic --report report.html\n"
        f"  maemae explain {path} --data synthetic --symbol Z00110 --day 2024-05-03",
        f"✔ {path}. Change it, then run it:\n"
        f"  maemae backtest {path} --data synthetic --report report.html\n"
        f"  maemae explain {path} --data synthetic --symbol Z00110 --day 2024-05-03",
    )


COMMAND: Final = (
    "new",
    both("전략 파일 하나를 새로 만듭니다.", "Begin a strategy of your own."),
    command(NewOptions, run),
)
"""Name, help and function."""
