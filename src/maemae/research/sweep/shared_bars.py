"""Bars and rules of the market in files that several processes of one machine map into memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from maemae.research.sweep.kernel.layout import Market
from maemae.strategy.panel import FIELDS, Panel

_AXIS = ("opened", "known")


def write_bars(folder: Path, panel: Panel, market: Market | None) -> None:
    """Write the arrays of a panel and of its market, each once."""
    for name in (*_AXIS, *FIELDS):
        np.save(folder / f"{name}.npy", getattr(panel, name))
    if market is not None:
        for name, array in market._asdict().items():
            np.save(folder / f"market-{name}.npy", array)


def map_bars(folder: Path, bare: Panel) -> tuple[Panel, Market | None]:
    """Return a panel of which `bare` has all but the bars, and its market; both read-only."""
    arrays = {path.stem: np.asarray(np.load(path, mmap_mode="r")) for path in folder.glob("*.npy")}
    fields = {name: arrays[name] for name in FIELDS}
    panel = Panel(bare.symbols, arrays["opened"], arrays["known"], fields, bare.basis, bare.actions)
    if "market-bars" not in arrays:
        return panel, None
    return panel, Market(*(arrays[f"market-{name}"] for name in Market._fields))
