"""
Who trades: investors, members of the exchange, programmes and short sellers.

The market that is played knows prints and no names. So a session's shares are shared out by a
checksum of instrument, day and side. The same question has the same answer in every run, the
parts of each side add up to the volume, and a part grows with its day. It is a model of who
might have traded, not of why: nothing about prices follows from it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from enum import unique
from hashlib import blake2b
from typing import Final, TypeAlias, TypeVar

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.terms import Term
from maemae.emulators.kiwoom_rest.history import Bar

Party = TypeVar("Party", bound=Hashable)


@unique
class Investor(Term):
    """A kind of investor (투자자)."""

    INDIVIDUAL = "INDIVIDUAL"
    FOREIGNER = "FOREIGNER"
    BROKER = "BROKER"  # 금융투자
    INSURER = "INSURER"
    TRUST = "TRUST"  # 투신
    OTHER_FINANCE = "OTHER_FINANCE"
    BANK = "BANK"
    PENSION = "PENSION"  # 연기금 등
    PRIVATE_FUND = "PRIVATE_FUND"
    STATE = "STATE"
    COMPANY = "COMPANY"  # 기타법인
    RESIDENT_FOREIGNER = "RESIDENT_FOREIGNER"  # 내국인 대우 외국인


class Member(msgspec.Struct, frozen=True):
    """A member of the exchange (거래원)."""

    name: str
    is_foreign: bool = False


class Turnover(msgspec.Struct, frozen=True):
    """What a party bought and sold [shares], and for how much [won]."""

    bought: int = 0
    sold: int = 0
    paid: int = 0
    received: int = 0

    @property
    def net(self) -> int:
        """Shares bought less shares sold."""
        return self.bought - self.sold

    @property
    def net_value(self) -> int:
        """What was paid less what was received [won]."""
        return self.paid - self.received

    def plus(self, other: Turnover) -> Turnover:
        """Return the sum of both."""
        return Turnover(
            self.bought + other.bought,
            self.sold + other.sold,
            self.paid + other.paid,
            self.received + other.received,
        )


Shares: TypeAlias = dict[Party, Turnover]
"""Each party's turnover; a party that is left out did not trade."""


def total(parts: Iterable[Turnover]) -> Turnover:
    """Return the sum of all."""
    whole = Turnover()
    for part in parts:
        whole = whole.plus(part)
    return whole


def investors(symbol: Symbol, bars: Iterable[Bar]) -> Shares[Investor]:
    """Return what each kind of investor traded in sessions; both sides add up to the volume."""
    return _of_sessions(symbol, bars, _INVESTORS, Investor.INDIVIDUAL)


def net_of_foreigners(symbol: Symbol, bar: Bar) -> int:
    """Return the shares that foreigners bought in a session less those they sold."""
    bought, sold = (_weighed(f"{symbol}{bar.day}{side}", _INVESTORS) for side in (_BOUGHT, _SOLD))
    kind = Investor.FOREIGNER
    return _part(bar.volume, bought, kind) - _part(bar.volume, sold, kind)


def institutions(shares: Shares[Investor]) -> Turnover:
    """Return the turnover of all institutions (기관계)."""
    return total(shares[kind] for kind in INSTITUTIONS if kind in shares)


def members(symbol: Symbol, bars: Iterable[Bar]) -> Shares[str]:
    """Return what each member traded in sessions, by its code; sums are those of the volume."""
    return _of_sessions(symbol, bars, _MEMBERS, _OWN_CODE)


def foreign_members(shares: Shares[str]) -> Turnover:
    """Return the turnover of all foreign members (외국계)."""
    return total(part for code, part in shares.items() if MEMBERS[code].is_foreign)


def programmes(symbol: Symbol, bars: Iterable[Bar]) -> tuple[Turnover, Turnover]:
    """Return what programmes traded in sessions: as arbitrage (차익), and otherwise (비차익)."""
    shares = _of_sessions(symbol, bars, _PROGRAMMES, _NO_PROGRAMME)
    return shares.get(_ARBITRAGE, Turnover()), shares.get(_OTHER_PROGRAMME, Turnover())


def sold_short(symbol: Symbol, bar: Bar) -> int:
    """Return the shares of a session that were sold short: up to a tenth of its volume."""
    return bar.volume * _drawn(f"{symbol}{bar.day}short", 1)[0] // 2_560


def foreign_share(symbol: Symbol) -> int:
    """Return what foreigners held before the first session [thousandths of the listed shares]."""
    return 50 + 2 * _drawn(f"{symbol}held", 1)[0]


def _of_sessions(
    symbol: Symbol, bars: Iterable[Bar], weights: Mapping[Party, int], rest: Party
) -> Shares[Party]:
    shares: Shares[Party] = {}
    for bar in bars:
        buyers = _weighed(f"{symbol}{bar.day}{_BOUGHT}", weights)
        sellers = _weighed(f"{symbol}{bar.day}{_SOLD}", weights)
        bought, paid = (_split(whole, buyers, rest) for whole in (bar.volume, bar.value))
        sold, received = (_split(whole, sellers, rest) for whole in (bar.volume, bar.value))
        for party in weights:
            part = Turnover(bought[party], sold[party], paid[party], received[party])
            shares[party] = shares[party].plus(part) if party in shares else part
    return shares


def _weighed(seed: str, weights: Mapping[Party, int]) -> dict[Party, int]:
    """Return the weights as a checksum shifts them, from a quarter to five quarters."""
    drawn = zip(weights.items(), _drawn(seed, len(weights)), strict=True)
    return {party: weight * (64 + byte) for (party, weight), byte in drawn}


def _split(whole: int, weights: Mapping[Party, int], rest: Party) -> dict[Party, int]:
    parts = {party: _part(whole, weights, party) for party in weights}
    parts[rest] += whole - sum(parts.values())
    return parts


def _part(whole: int, weights: Mapping[Party, int], party: Party) -> int:
    return whole * weights[party] // sum(weights.values())


def _drawn(seed: str, count: int) -> bytes:
    return blake2b(seed.encode(), digest_size=count).digest()


INSTITUTIONS: Final = (
    *(Investor.BROKER, Investor.INSURER, Investor.TRUST, Investor.OTHER_FINANCE),
    *(Investor.BANK, Investor.PENSION, Investor.PRIVATE_FUND, Investor.STATE),
)
MEMBERS: Final = {
    "001": Member("교  보"),
    "002": Member("신한금융투자"),
    "003": Member("한국투자증권"),
    "004": Member("대  신"),
    "006": Member("신  영"),
    "010": Member("메리츠"),
    "012": Member("NH투자증권"),
    "033": Member("JP모간서울", is_foreign=True),
    "036": Member("모건스탠리", is_foreign=True),
    "044": Member("메릴린치", is_foreign=True),
    "045": Member("골드만삭스", is_foreign=True),
    "050": Member("키움증권"),
}
"""Some of the exchange's members. Source: samples in the broker's list of April 2026 for most
codes; 033, 044 and 045 from one public project, August 2026."""

_BOUGHT: Final = "bought"
_SOLD: Final = "sold"
_OWN_CODE: Final = "050"
_INVESTORS: Final = {
    Investor.INDIVIDUAL: 55,
    Investor.FOREIGNER: 20,
    Investor.BROKER: 8,
    Investor.INSURER: 1,
    Investor.TRUST: 3,
    Investor.OTHER_FINANCE: 1,
    Investor.BANK: 1,
    Investor.PENSION: 4,
    Investor.PRIVATE_FUND: 3,
    Investor.STATE: 1,
    Investor.COMPANY: 2,
    Investor.RESIDENT_FOREIGNER: 1,
}
_MEMBERS: Final = dict(
    zip(MEMBERS, (4, 9, 10, 5, 3, 5, 10, 6, 7, 6, 5, 30), strict=True),
)
_ARBITRAGE: Final = "arbitrage"
_OTHER_PROGRAMME: Final = "other"
_NO_PROGRAMME: Final = "none"
_PROGRAMMES: Final = {_ARBITRAGE: 2, _OTHER_PROGRAMME: 18, _NO_PROGRAMME: 80}
