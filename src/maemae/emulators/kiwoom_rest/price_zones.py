"""Where shares changed hands: volume by price (매물대), ka10025."""

from __future__ import annotations

from typing import Final

import msgspec

from maemae.emulators.kiwoom_rest.formats import signed_rate
from maemae.emulators.kiwoom_rest.history import Bar
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import RANKED, choice, head, number, sifted
from maemae.emulators.kiwoom_rest.trading_days import days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Tr


class Zone(msgspec.Struct):
    """Prices from one to another [won], both included, and the shares traded there."""

    first: int
    last: int
    volume: int = 0


class PriceZones(Part):
    """Answers about zones of prices."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {"ka10025": Tr(_ZONES, self._dense, page_rows=RANKED)}

    def _dense(self, ask: Ask) -> Answer:
        """Return the zones in which at least so many percent of all shares were traded."""
        least, count = number(ask, "prps_cnctr_rt"), number(ask, "prpscnt", 1)
        days = number(ask, "cycle_tp", 1)
        is_around_price = choice(ask, "cur_prc_entry", {"0": False, "1": True})
        rows = []
        for line in sifted(self._desk, ask):
            bars = [each.bar for each in days_of(self._desk, line)[-days:]]
            whole = sum(bar.volume for bar in bars)
            for zone in zones_of(bars, count):
                is_left_out = is_around_price and not zone.first <= line.price <= zone.last
                if whole and zone.volume * 100 >= least * whole and not is_left_out:
                    rows.append(
                        {
                            **head(line),
                            "now_trde_qty": str(line.volume),
                            "pric_strt": str(zone.first),
                            "pric_end": str(zone.last),
                            "prps_qty": str(zone.volume),
                            "prps_rt": signed_rate(zone.volume, whole),
                        }
                    )
        return Answer({}, "prps_cnctr", rows, text=DONE)


def zones_of(bars: list[Bar], count: int) -> list[Zone]:
    """Return so many zones, equally wide, of all prices; a day counts where it closed."""
    if not bars:
        return []
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    width = max(1, -(-(high - low + 1) // count))
    zones = [Zone(start, start + width - 1) for start in range(low, high + 1, width)]
    for bar in bars:
        zones[(bar.close - low) // width].volume += bar.volume
    return zones


_ZONES: Final = ("mrkt_tp", "prps_cnctr_rt", "cur_prc_entry", "prpscnt", "cycle_tp", "stex_tp")
