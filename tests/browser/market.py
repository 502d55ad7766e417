"""The two stocks of the broker's cards, with names that people can look for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from maemae.catalogue.catalogue import Catalogue
from tests.brokers.sim_rig import RISING, STILL, make_market

DATASET: Final = "cards"
NAMES: Final = {STILL: "가만전자", RISING: "오름중공업"}


def make_named_market(catalogue: Path) -> None:
    """Write the market of the cards to a catalogue, and what its stocks are called."""
    make_market(catalogue)
    master = catalogue / "names.csv"
    rows = [f"{symbol},{name},KOSPI" for symbol, name in NAMES.items()]
    master.write_text("\n".join(["symbol,name,market", *rows]) + "\n", encoding="utf-8")
    Catalogue(catalogue).apply_master(DATASET, master)
