"""Universes of the datasets of a catalogue, and the notices that decide about them."""

from __future__ import annotations

from pathlib import Path

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.notices import notices_from_frame, read_notices, store_notices
from maemae.catalogue.source_file import read_source
from maemae.catalogue.universe import UniverseSpec, mask_of, members
from maemae.strategy.panel import Panel


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
            MissingDataError: There is no such dataset, or it does not say what is asked for.
        """
        manifest, bars, listed = self._catalogue.stored(dataset)
        found = members(spec, bars, listed, read_notices(self._root, dataset))
        is_daily = manifest.bar_interval.is_daily
        mask = mask_of(found, panel.symbols, panel.day, is_daily=is_daily)
        return panel.since(0).among(mask)

    def import_notices(self, dataset: str, path: Path) -> int:
        """
        Bring in what the exchange said of instruments, and return how many notices.

        Raises:
            MissingDataError: There is no such dataset.
            SchemaError: The file cannot be read, or a column is absent.
            InvalidValueError: A mark is not known.
            StorageError: They cannot be written.
        """
        self._catalogue.describe(dataset)
        notices = notices_from_frame(read_source(path))
        store_notices(self._root, dataset, notices)
        return notices.height
