"""Failpoints: nothing happens until they are armed, and then exactly what was asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from maemae import failpoints
from maemae.domain.errors import ConfigError

DIE = "from maemae import failpoints; failpoints.arm('here=exit'); failpoints.hit('here')"


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def test_place_when_nothing_is_armed_is_passed() -> None:
    failpoints.hit("store.before_commit")


def test_place_when_another_is_armed_is_passed() -> None:
    failpoints.arm("store.after_commit=raise")
    failpoints.hit("store.before_commit")


def test_place_when_armed_for_the_third_pass_lets_two_through() -> None:
    failpoints.arm("here=raise@3; there=sleep:0")
    failpoints.hit("here")
    failpoints.hit("there")
    failpoints.hit("here")

    for _ in range(2):
        with pytest.raises(OSError, match="here"):
            failpoints.hit("here")


def test_process_when_it_passes_an_exit_is_gone() -> None:
    died = subprocess.run([sys.executable, "-c", DIE], check=False)
    assert died.returncode == 9


@pytest.mark.parametrize("spec", ["here", "here=explode", "=exit", "here=exit@0", "here=sleep:-1"])
def test_spec_when_misspelt_arms_nothing(spec: str) -> None:
    with pytest.raises(ConfigError):
        failpoints.arm(f"there=raise;{spec}")
    failpoints.hit("there")
