"""A first strategy for somebody who begins: it runs as it stands, and says what to change."""

from __future__ import annotations

import re
from typing import Final

from maemae.domain.text import Language, Text

_TEMPLATE: Final = '''from maemae import Strategy, Symbol, param, ta


class {name}(Strategy):
    """{about}"""

    # {parameters}
    period = param(2, low=2, high=14)
    trend = param(120, low=20, high=250)

    def setup(self) -> None:
        # {setup}
        strength = self.indicator(ta.rsi, self.period)
        rising = self.indicator(ta.last).above(self.indicator(ta.sma, self.trend))
        self.when(strength.below(10) & rising, self.enter)
        self.when(strength.crosses_above(70), self.close)

    def enter(self, symbol: Symbol) -> None:
        # {enter}
        if not self.position(symbol).qty:
            self.buy(symbol, weight=0.1, stop_loss=0.05)
'''

_WORDS: Final = {
    "about": Text(
        "오르는 종목이 급히 내리면 사고, 되돌아오면 판다.",
        "Buy a sharp fall within a rise; sell once it has come back.",
    ),
    "parameters": Text(
        "매개변수: 기본값과 범위. 실행할 때 --set period=3 으로 바꾼다.",
        "Parameters: default and range. Change one with --set period=3.",
    ),
    "setup": Text(
        "한 번 불린다. 지표를 정하고, 조건이 맞으면 부를 메서드를 정한다. 지표: {kernels}",
        "Called once: declare indicators, and what to call when. Indicators: {kernels}",
    ),
    "enter": Text(
        "봉이 끝난 뒤 불리고, 주문은 다음 봉 시가에 나간다. 자산의 10 % 를 사고 5 % 내리면 손절.",
        "Called after the bar; orders meet the next open. A tenth of the equity, stop 5 % below.",
    ),
}
_SHOWN: Final = "sma ema rsi roc macd bbands atr adx highest lowest …"


def starting_point(class_name: str, language: Language) -> str:
    """Return the source of a strategy of that name."""
    words = {
        key: text.in_language(language).replace("{kernels}", _SHOWN) for key, text in _WORDS.items()
    }
    return _TEMPLATE.format(name=class_name, **words)


def class_name_of(stem: str) -> str:
    """Return the name of a class for a file: `my_first` gives `MyFirst`."""
    words = re.findall(r"[A-Za-z0-9]+", stem)
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name[:1].isalpha() else f"My{name}"
