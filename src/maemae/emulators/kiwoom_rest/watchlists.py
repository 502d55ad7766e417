"""
Watchlists (관심종목): ka01300 the groups, ka01301 what is in one.

The interface can read and not write them, so they are what a customer would have saved in the
HTS: see `KiwoomConfig.watchlists`. Every customer of this server has the same.

Source: names of fields, and `rtcd` beside the code of the interface: two public projects, July and
September 2026.
"""

from __future__ import annotations

from typing import Final

from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import padded
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr


class Watchlists(Part):
    """Answers about watchlists."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._groups = {
            padded(place, _DIGITS): group for place, group in enumerate(desk.config.watchlists)
        }

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka01300": Tr((), self._all),
            "ka01301": Tr(("arn_grp_id",), self._one),
        }

    def _all(self, _ask: Ask) -> Answer:
        rows: list[Row] = [
            {"gcod": number, "name": group.name} for number, group in self._groups.items()
        ]
        return Answer({"rtcd": _SUCCESS}, "nofi", rows, text=DONE)

    def _one(self, ask: Ask) -> Answer:
        group = self._groups.get(ask.field("arn_grp_id"))
        if group is None:
            raise codes.bad_field("arn_grp_id", ask.field("arn_grp_id"))
        rows: list[Row] = [{"cod2": symbol, "bgb": "0", "bgb_clr": ""} for symbol in group.symbols]
        return Answer({"rtcd": _SUCCESS}, "nofj", rows, text=DONE)


_DIGITS: Final = 3
_SUCCESS: Final = "S"
