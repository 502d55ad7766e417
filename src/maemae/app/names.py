"""What people call the instruments, as far as any dataset of the catalogue knows."""

from __future__ import annotations

from collections.abc import Mapping

from maemae.app.datasets import open_catalogue
from maemae.domain.errors import MaemaeError
from maemae.domain.ids import Symbol
from maemae.settings import Settings


def instrument_names(settings: Settings) -> Mapping[Symbol, str]:
    """Return the names by symbol; a catalogue that cannot be read knows none."""
    names: dict[Symbol, str] = {}
    try:
        catalogue = open_catalogue(settings)
        for manifest in catalogue.datasets():
            for symbol, instrument in catalogue.instruments(manifest.dataset).items():
                names[symbol] = instrument.name
    except MaemaeError:
        return names
    return names
