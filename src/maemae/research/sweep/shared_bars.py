"""Bars in files that several processes of one machine map into memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from maemae.strategy.panel import FIELDS, Panel

_AXIS = ("opened", "known")
_MEMBERS = "members"


def write_bars(folder: Path, panel: Panel) -> None:
    """Write the arrays of a panel, each once."""
    for name in (*_AXIS, *FIELDS):
        np.save(folder / f"{name}.npy", getattr(panel, name))
    if panel.members is not None:
        np.save(folder / f"{_MEMBERS}.npy", panel.members)


def map_bars(folder: Path, bare: Panel) -> Panel:
    """Return a panel of which `bare` has all but the bars, which are read-only."""
    arrays = {path.stem: np.asarray(np.load(path, mmap_mode="r")) for path in folder.glob("*.npy")}
    fields = {name: arrays[name] for name in FIELDS}
    panel = Panel(bare.symbols, arrays["opened"], arrays["known"], fields, bare.basis, bare.actions)
    return panel.among(arrays.get(_MEMBERS))
