"""The words of the page about a dataset, Korean and English."""

from __future__ import annotations

from typing import Final

from maemae.domain.text import Language, Text

_WORDS: Final = {
    "kind": Text("데이터 통계", "Data statistics"),
    "period": Text("기간", "Period"),
    "basis": Text("가격 기준", "Price basis"),
    "RAW": Text("원주가", "raw"),
    "ADJUSTED": Text("수정주가", "adjusted"),
    "bar": Text("봉", "Bar"),
    "symbols": Text("종목", "Symbols"),
    "symbol": Text("종목", "Symbol"),
    "bars": Text("봉 수", "Bars"),
    "size": Text("크기", "Size"),
    "source": Text("출처", "Source"),
    "years": Text("연도별", "By year"),
    "year": Text("연도", "Year"),
    "all": Text("전체", "All"),
    "sessions": Text("거래일", "Sessions"),
    "covered": Text("채움", "Covered"),
    "missing": Text("빈 날", "Missing"),
    "longest_gap": Text("가장 긴 공백", "Longest gap"),
    "zero_volume": Text("거래 없는 봉", "Without a trade"),
    "jumps": Text("튀는 값", "Jumps"),
    "value": Text("하루 거래대금(중앙값)", "Value a day (median)"),
    "by_symbol": Text("종목별", "By symbol"),
    "worst_first": Text("문제가 많은 것부터입니다.", "The most troubled first."),
    "more": Text("더 있는 종목", "More symbols"),
    "none": Text("문제가 보이는 종목이 없습니다.", "No series looks wrong."),
    "meaning": Text(
        "채움은 종목마다 첫 봉과 마지막 봉 사이의 거래일 가운데 봉이 있는 날의 비율입니다. "
        "튀는 값은 종가가 앞 봉에서 30.5% 넘게 움직인 것으로, 분할이나 감자일 수 있습니다. "
        "아무것도 고치거나 빼지 않았습니다.",
        "Covered is the share of the sessions between the first and the last bar of a symbol that "
        "have one. A jump is a close that moved by more than 30.5 %: maybe a split. Nothing is "
        "repaired or left out.",
    ),
}


def data_words_in(language: Language) -> dict[str, str]:
    """Return every word in one language."""
    return {name: text.in_language(language) for name, text in _WORDS.items()}
