"""A page that was built, and a browser of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.node import WEB, run_script

FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def page_folder() -> Path:
    """Give the page, built from the sources as they are now."""
    run_script("build-if-changed.mjs")
    return WEB / "dist"


@pytest.fixture(scope="session")
def browser(page_folder: Path) -> Iterator[Browser]:
    """Give a browser that runs."""
    assert page_folder.is_dir()
    chromium = shutil.which("chromium")
    assert chromium is not None, "chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()
