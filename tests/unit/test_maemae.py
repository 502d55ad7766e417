"""The top of the package: what an author imports, and nothing heavy before that."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

import maemae
from maemae import Strategy, Symbol, param, ta
from maemae.strategy.author import Strategy as StrategyAtHome

HEAVY = ("numpy", "talib", "polars", "pyarrow", "msgspec", "matplotlib")


def test_import_of_maemae_loads_nothing_heavy() -> None:
    program = f"import maemae, sys; print([m for m in {HEAVY} if m in sys.modules])"

    outcome = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert outcome.stdout.strip() == "[]"


def test_names_of_an_author_are_those_of_the_library() -> None:
    assert Strategy is StrategyAtHome
    assert Symbol("005930") == "005930"
    assert param(3, low=1, high=5).default == 3
    assert ta.sma.name == "sma"


def test_every_promised_name_is_there() -> None:
    assert [name for name in maemae.__all__ if getattr(maemae, name, None) is None] == []


def test_version_is_that_of_the_installed_package() -> None:
    assert maemae.__version__ == metadata.version("maemae")


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Stratgy'"):
        vars(maemae)["__getattr__"]("Stratgy")
