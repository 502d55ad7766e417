"""
Who trades the stocks of an index: ka10010 programmes, ka10051 kinds of investor.

Sums of money are in millions, shares in thousands. Who trades is a model, see `crowd`.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from maemae.emulators.kiwoom_rest.crowd import (
    Investor,
    Shares,
    Turnover,
    institutions,
    investors,
    programmes,
)
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import sign_code, signed
from maemae.emulators.kiwoom_rest.index_levels import INDICES, IndexLevels
from maemae.emulators.kiwoom_rest.investors import cut
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, choice, day
from maemae.emulators.kiwoom_rest.trading_days import bars_between
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Tr


class SectorFlows(Part):
    """Answers about indices."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._levels = IndexLevels(desk)

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10010": Tr(("stk_cd",), self._programmes),
            "ka10051": Tr(("mrkt_tp", "amt_qty_tp", "stex_tp"), self._investors),
        }

    def _programmes(self, ask: Ask) -> Answer:
        """Return what programmes traded today of an index, or of one stock."""
        code = ask.field("stk_cd")
        lines = self._levels.lines(code) if code in INDICES else [self._desk.line(code)]
        arbitrage = other = Turnover()
        for line in lines:
            parts = programmes(line.symbol, [line.bar] if line.bar else [])
            arbitrage, other = arbitrage.plus(parts[0]), other.plus(parts[1])
        whole = arbitrage.plus(other)
        fields: Fields = {}
        for name, part in (("dfrt", arbitrage), ("ndiffpro", other), ("all_dfrt", whole)):
            fields |= {
                f"{name}_trst_sell_qty": str(part.sold),
                f"{name}_trst_sell_amt": str(cut(part.received, MILLION)),
                f"{name}_trst_buy_qty": str(part.bought),
                f"{name}_trst_buy_amt": str(cut(part.paid, MILLION)),
                f"{name}_trst_netprps_qty": str(part.net),
                f"{name}_trst_netprps_amt": str(cut(part.net_value, MILLION)),
            }
        return Answer(fields, text=DONE)

    def _investors(self, ask: Ask) -> Answer:
        is_money = choice(ask, "amt_qty_tp", {"0": True, "1": False})
        market = choice(ask, "mrkt_tp", {"0": INDICES["001"].market, "1": INDICES["101"].market})
        on = day(ask, "base_dt") if ask.field("base_dt") else self._desk.today
        rows = []
        for code, index in INDICES.items():
            if index.market is not market:
                continue
            parts = self._parts(code, on)
            now = self._levels.value(code)
            moved = now.last - now.base
            rows.append(
                {
                    "inds_cd": code,
                    "inds_nm": index.name,
                    "cur_prc": f"{'-' if moved < 0 else '+'}{now.last}",
                    "pre_smbol": sign_code(now.last, now.base, None),
                    "pred_pre": signed(moved),
                    "flu_rt": str(moved * 10_000 // now.base) if now.base else "0",
                    "trde_qty": str(now.volume // _THOUSAND),
                    **{
                        f"{name}_netprps": _net(parts.get(kind, Turnover()), is_money=is_money)
                        for name, kind in _KINDS.items()
                    },
                    "jnsinkm_netprps": "+0",
                    "orgn_netprps": _net(institutions(parts), is_money=is_money),
                }
            )
        return Answer({}, "inds_netprps", rows, text=DONE)

    def _parts(self, code: str, on: date) -> Shares[Investor]:
        """Return what each kind of investor traded of an index on a day."""
        parts: Shares[Investor] = {}
        for line in self._levels.lines(code):
            bars = bars_between(self._desk, line, on, on)
            for kind, part in investors(line.symbol, bars).items():
                parts[kind] = parts.get(kind, Turnover()).plus(part)
        return parts


def _net(part: Turnover, *, is_money: bool) -> str:
    net = cut(part.net_value, MILLION) if is_money else cut(part.net, _THOUSAND)
    return f"{net:+d}"


_THOUSAND: Final = 1_000
_KINDS: Final = {
    "sc": Investor.BROKER,
    "insrnc": Investor.INSURER,
    "invtrt": Investor.TRUST,
    "bank": Investor.BANK,
    "endw": Investor.PENSION,
    "etc_corp": Investor.COMPANY,
    "ind": Investor.INDIVIDUAL,
    "frgnr": Investor.FOREIGNER,
    "native_trmt_frgnr": Investor.RESIDENT_FOREIGNER,
    "natn": Investor.STATE,
    "samo_fund": Investor.PRIVATE_FUND,
}
