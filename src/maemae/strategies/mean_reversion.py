"""평균 회귀: 오르는 종목이 며칠 사이 급히 내리면 사고, 되돌아오면 판다."""

from __future__ import annotations

from maemae import Strategy, Symbol, param, ta


class MeanReversion(Strategy):
    """
    Buy a sharp fall within a rise; sell once it has come back.

    종가가 trend 봉 평균보다 높은 종목의 RSI(period)가 oversold 아래로 내려가면 자산의 10 % 를
    사고, recovered 위로 오르면 판다. 진입가에서 8 % 내리면 손절한다.
    """

    period = param(2, low=2, high=14)
    trend = param(120, low=20, high=250)
    oversold = param(10.0, low=1.0, high=40.0)
    recovered = param(70.0, low=50.0, high=99.0)

    def setup(self) -> None:
        """Watch the fall within the rise, and the way back."""
        strength = self.indicator(ta.rsi, self.period)
        rising = self.indicator(ta.last).above(self.indicator(ta.sma, self.trend))
        self.when(strength.below(self.oversold) & rising, self.enter)
        self.when(strength.crosses_above(self.recovered), self.close)

    def enter(self, symbol: Symbol) -> None:
        """Buy for a tenth of the equity unless it is held already."""
        if not self.position(symbol).qty:
            self.buy(symbol, weight=0.1, stop_loss=0.08)
