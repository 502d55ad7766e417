"""Universes of the datasets of a catalogue, and the designations that decide about them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.condition_log import ConditionHistory, ConditionLog
from maemae.catalogue.designations import (
    designations_from_frame,
    read_designations,
    store_designations,
)
from maemae.catalogue.source_file import read_source
from maemae.catalogue.universe import UniverseSpec, mask_of, members
from maemae.domain.ids import Symbol
from maemae.strategy.panel import Flags, Panel


class Universes:
    """
    Who could be chosen among, and what the exchange said of them.

    Args:
        catalogue: Of the datasets.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._root = catalogue.root
        self._catalogue = catalogue

    def limited(self, dataset: str, spec: UniverseSpec, panel: Panel) -> Panel:
        """
        Return a panel of a dataset in which only members of a universe may be bought.

        Raises:
            MissingDataError: There is no such dataset, it does not say what is asked for, or
                nothing is recorded of a condition.
            InvalidValueError: A condition cannot have that name.
            StorageError: The record of a condition is damaged.
        """
        manifest, bars, listed = self._catalogue.stored(dataset)
        found = members(spec, bars, listed, read_designations(self._root, dataset))
        is_daily = manifest.bar_interval.is_daily
        mask = mask_of(found, panel.symbols, panel.day, is_daily=is_daily)
        if spec.condition is not None:
            mask &= _in_condition(ConditionLog(self._root, spec.condition).read(), panel)
        return panel.since(0).among(mask)

    def import_designations(self, dataset: str, path: Path) -> int:
        """
        Bring in what the exchange said of instruments, and return how many designations.

        Raises:
            MissingDataError: There is no such dataset.
            SchemaError: The file cannot be read, or a column is absent.
            InvalidValueError: A mark is not known.
            StorageError: They cannot be written.
        """
        self._catalogue.describe(dataset)
        designations = designations_from_frame(read_source(path))
        store_designations(self._root, dataset, designations)
        return designations.height


def _in_condition(history: ConditionHistory, panel: Panel) -> Flags:
    """Return what was known to fulfil a condition when each bar was [shape (S, T)]."""
    mask = np.zeros(panel.close.shape, np.bool_)
    rows = {Symbol(symbol): row for row, symbol in enumerate(panel.symbols)}
    for place, instant in enumerate(panel.known.tolist()):
        for symbol in history.members_at(instant) or ():
            if symbol in rows:
                mask[rows[symbol], place] = True
    return mask
