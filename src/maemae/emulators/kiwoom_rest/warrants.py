"""
Equity-linked warrants (ELW): ka10048, ka10050, ka30001 to ka30005, ka30009 to ka30012.

The market that is played lists none. So every list of them is empty, and no code is one's.

Source: fields and choices of the broker's list of the interface, edition of April 2026; how the
start of a span of minutes is written is a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from maemae.domain.instant import MINUTE, kst_datetime
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import choice, day, number
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Tr
from maemae.krx.calendar import add_sessions


class Warrants(Part):
    """Answers about warrants."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            **{api_id: Tr(("stk_cd",), self._one) for api_id in _OF_ONE},
            **{api_id: Tr(tuple(each), self._listed) for api_id, each in _CHOICES.items()},
            "ka30001": Tr(("flu_tp", "tm_tp", "tm", *_CHOICES["ka30001"]), self._jumps),
            "ka30003": Tr(("bsis_aset_cd", "base_dt"), self._held_by_day),
        }

    def _one(self, ask: Ask) -> Answer:
        """Refuse a code: what is listed under it is something else, if anything is."""
        self._desk.line(ask.field("stk_cd"))
        raise codes.unknown_symbol(ask.field("stk_cd"))

    def _listed(self, ask: Ask) -> Answer:
        for name, known in _CHOICES[ask.api_id].items():
            if known and ask.field(name) not in known.split():
                raise codes.bad_field(name, ask.field(name))
        return Answer({}, _LISTS[ask.api_id], [], text=DONE)

    def _jumps(self, ask: Ask) -> Answer:
        choice(ask, "flu_tp", {"1": "up", "2": "down"})
        count = number(ask, "tm", 1)
        if count > _LONGEST:
            raise codes.bad_field("tm", ask.field("tm"))
        if choice(ask, "tm_tp", {"1": True, "2": False}):
            since = f"{kst_datetime(self._desk.now - count * MINUTE):%H:%M}"
        else:
            since = f"{add_sessions(self._desk.today, -count):%m/%d}"
        fields: Fields = {"base_pric_tm": f"기준가({since})"}
        return Answer(fields, _LISTS[ask.api_id], self._listed(ask).rows, text=DONE)

    def _held_by_day(self, ask: Ask) -> Answer:
        day(ask, "base_dt")
        return Answer({}, "elwlpposs_daly_trnsn", [], text=DONE)


_LONGEST: Final = 99  # the field has two digits
_OF_ONE: Final = ("ka10048", "ka10050", "ka30011", "ka30012")
_LISTS: Final = {
    "ka30001": "elwpric_jmpflu",
    "ka30002": "trde_ori_elwnettrde_upper",
    "ka30004": "elwdispty_rt",
    "ka30005": "elwcnd_qry",
    "ka30009": "elwflu_rt_rank",
    "ka30010": "elwreq_rank",
}
"""Name of the list that each answers with."""

_RIGHTS: Final = "000 001 002 003 004 005 006 007"
_WHETHER: Final = "0 1"
_CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "ka30001": {
        "trde_qty_tp": "0 10 50 100 300 500 1000",
        "isscomp_cd": "",
        "bsis_aset_cd": "",
        "rght_tp": _RIGHTS,
        "lpcd": "",
        "trde_end_elwskip": _WHETHER,
    },
    "ka30002": {
        "isscomp_cd": "",
        "trde_qty_tp": "0 5 10 50 100 500 1000",
        "trde_tp": "1 2",
        "dt": "1 5 10 40 60",
        "trde_end_elwskip": _WHETHER,
    },
    "ka30004": {
        "isscomp_cd": "",
        "bsis_aset_cd": "",
        "rght_tp": _RIGHTS,
        "lpcd": "",
        "trde_end_elwskip": _WHETHER,
    },
    "ka30005": {
        "isscomp_cd": "",
        "bsis_aset_cd": "",
        "rght_tp": "0 1 2 3 4 5 6 7",
        "lpcd": "",
        "sort_tp": "0 1 2 3 4 5 6 7",
    },
    "ka30009": {"sort_tp": "1 2 3 4", "rght_tp": _RIGHTS, "trde_end_skip": _WHETHER},
    "ka30010": {"sort_tp": "1 2", "rght_tp": _RIGHTS, "trde_end_skip": _WHETHER},
}
"""Fields that each needs, and what may be in them: anything where nothing is said."""
