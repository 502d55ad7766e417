"""
Investor-protection states of an instrument (시장경보 등), and what each permits.

The exchange itself forbids little; the permissions are those of a cash account that trades
without a person, so they keep out of whatever may trap it and always let it sell.

Source: KRX business regulations and market alert rules, English text in force April 2026,
for the states; the permissions are house policy.
"""

from __future__ import annotations

from enum import unique
from typing import Final

from maemae.domain.terms import Side, Term


@unique
class InstrumentState(Term):
    """What the exchange says about an instrument today; the worst one counts."""

    NORMAL = "NORMAL"
    HALTED = "HALTED"  # 거래정지
    DELISTING = "DELISTING"  # 정리매매: auctions every 30 minutes, no price limit
    ADMINISTRATIVE = "ADMINISTRATIVE"  # 관리종목, 투자주의환기, 불성실공시, 적격성 심사
    RISK = "RISK"  # 투자위험
    WARNING = "WARNING"  # 투자경고
    CAUTION = "CAUTION"  # 투자주의
    OVERHEATED = "OVERHEATED"  # 단기과열: auctions every 30 minutes
    ILLIQUID = "ILLIQUID"  # 초저유동성, 우선주 50만 주 미만: auctions every 30 minutes
    VI = "VI"  # 변동성완화장치: an auction of 2 minutes
    ETF_CAUTION = "ETF_CAUTION"  # 투자유의 ETF/ETN: price far from net asset value
    LISTING_DAY = "LISTING_DAY"  # 신규상장일
    BASE_BY_FIRST_PRICE = "BASE_BY_FIRST_PRICE"  # 최초가격이 기준가격이 되는 날
    EX_RIGHTS = "EX_RIGHTS"  # 권리락, 분할·병합 기준가 조정일: indicators are stale
    QUARANTINED = "QUARANTINED"  # today's prices do not follow from the close: a split untold?
    LIMIT_LOCKED = "LIMIT_LOCKED"  # 상한가·하한가 잠김
    UNKNOWN = "UNKNOWN"  # nothing heard today: treat as closed


@unique
class Permission(Term):
    """What the order path may do."""

    ALLOW = "ALLOW"
    WARN = "WARN"  # allowed, and said
    WAIT = "WAIT"  # not now; ask again when the state ends
    MANUAL_ONLY = "MANUAL_ONLY"  # a person may
    BLOCK = "BLOCK"


def permission(state: InstrumentState, side: Side) -> Permission:
    """Return what a state permits on a side; every pair has an answer."""
    buy, sell = _PERMISSIONS[state]
    return buy if side is Side.BUY else sell


_S = InstrumentState
_P = Permission

_PERMISSIONS: Final = {  # state: (buy, sell)
    _S.NORMAL: (_P.ALLOW, _P.ALLOW),
    _S.HALTED: (_P.BLOCK, _P.BLOCK),
    _S.DELISTING: (_P.BLOCK, _P.MANUAL_ONLY),
    _S.ADMINISTRATIVE: (_P.BLOCK, _P.ALLOW),
    _S.RISK: (_P.BLOCK, _P.ALLOW),
    _S.WARNING: (_P.BLOCK, _P.ALLOW),
    _S.CAUTION: (_P.WARN, _P.ALLOW),
    _S.OVERHEATED: (_P.BLOCK, _P.ALLOW),
    _S.ILLIQUID: (_P.BLOCK, _P.ALLOW),
    _S.VI: (_P.WAIT, _P.WAIT),
    _S.ETF_CAUTION: (_P.BLOCK, _P.ALLOW),
    _S.LISTING_DAY: (_P.BLOCK, _P.ALLOW),
    _S.BASE_BY_FIRST_PRICE: (_P.BLOCK, _P.ALLOW),
    _S.EX_RIGHTS: (_P.BLOCK, _P.ALLOW),
    _S.QUARANTINED: (_P.BLOCK, _P.WAIT),
    _S.LIMIT_LOCKED: (_P.WARN, _P.WARN),
    _S.UNKNOWN: (_P.BLOCK, _P.BLOCK),
}
