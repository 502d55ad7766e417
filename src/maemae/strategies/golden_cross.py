"""골든크로스: 단기 이동평균이 장기를 뚫고 오르면 사고, 내려가면 판다."""

from __future__ import annotations

from maemae import Strategy, Symbol, param, ta


class GoldenCross(Strategy):
    """
    Own what has just turned up; let go when it turns down.

    단기 이동평균이 장기 이동평균을 상향 돌파한 종목을 자산의 10 % 씩 사고, 하향 돌파하면
    모두 판다. 진입가에서 3 % 내리면 손절, 9 % 오르면 익절한다.
    """

    fast = param(10, low=2, high=60)
    slow = param(30, low=10, high=240)

    def setup(self) -> None:
        """Watch both crossings of the two averages of the close."""
        fast, slow = self.indicator(ta.sma, self.fast), self.indicator(ta.sma, self.slow)
        self.when(fast.crosses_above(slow), self.enter)
        self.when(fast.crosses_below(slow), self.close)

    def enter(self, symbol: Symbol) -> None:
        """Buy for a tenth of the equity, with a stop and a target."""
        self.buy(symbol, weight=0.1, stop_loss=0.03, take_profit=0.09)
