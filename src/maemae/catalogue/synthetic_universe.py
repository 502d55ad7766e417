"""The listed companies and funds of the synthetic market; none of them exists."""

from __future__ import annotations

from typing import Final

from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.instrument import Instrument

SECTORS: Final = ("전자", "바이오", "화학", "중공업", "금융", "소프트", "식품", "건설")

_STEMS: Final = (
    "윤슬",
    "벼리내",
    "너울빛",
    "새녘",
    "도담새",
    "해솔마루",
    "물매",
    "늘품결",
    "다솜길",
    "온새미",
    "가람솔",
    "이든샘",
    "노을뫼",
    "단비숲",
    "마루뜰",
    "별하늬",
    "시나래",
    "아라솔",
    "여울목",
    "옥돌뫼",
    "잔별",
    "차오름",
    "타래",
    "파란솔",
    "한울돌",
    "햇귀",
    "꽃무리",
    "나르샤",
    "달무리",
    "또바기",
    "라온돌",
    "모시울",
    "바람꽃",
    "사시나래",
    "씨알뫼",
    "안다미",
    "초록별",
    "초롱샘",
    "큰솔뫼",
    "터울림",
)

_FUNDS: Final = (("윤슬 종합지수", 1), ("윤슬 성장지수", 1), ("윤슬 종합지수 레버리지", 2))


def synthetic_instruments() -> tuple[Instrument, ...]:
    """
    Return the instruments, by symbol: 24 KOSPI and 16 KOSDAQ stocks, then 3 ETFs.

    Codes start with Z, so that nobody takes them for listed ones. The sector of stock number
    n is `SECTORS[n % 8]`; the funds follow the KOSPI stocks, the KOSDAQ stocks, and twice the
    KOSPI stocks.
    """
    stocks = (
        Instrument(
            symbol=Symbol(f"Z{number + 1:04d}0"),
            name=stem + SECTORS[number % len(SECTORS)],
            market=Market.KOSPI if number % 5 < _KOSPI_OF_FIVE else Market.KOSDAQ,
            product=Product.STOCK,
            listed_shares=10_000_000 + 1_370_000 * number,
        )
        for number, stem in enumerate(_STEMS)
    )
    funds = (
        Instrument(
            symbol=Symbol(f"Z9{number + 1:03d}0"),
            name=name,
            market=Market.KOSPI,
            product=Product.ETF,
            listed_shares=20_000_000,
            leverage=leverage,
        )
        for number, (name, leverage) in enumerate(_FUNDS)
    )
    return (*stocks, *funds)


_KOSPI_OF_FIVE: Final = 3
