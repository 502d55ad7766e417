"""횡단면 모멘텀: 가장 강하게 오른 종목들을 같은 비중으로 들고 매달 바꾼다."""

from __future__ import annotations

from maemae import Strategy, param, ta


class Momentum(Strategy):
    """
    Hold the strongest names, equally weighted, and look again each month.

    매월 첫 거래일 종가가 나온 뒤, 지난 lookback 봉 동안 수익률이 가장 높은 hold 종목을 같은
    비중으로 담는다. 목록에서 빠진 종목은 판다.
    """

    lookback = param(120, low=20, high=250)
    hold = param(20, low=5, high=50)

    def setup(self) -> None:
        """Measure every name's rise, and rebalance once a month."""
        self.strength = self.indicator(ta.roc, self.lookback)
        self.every("month", self.rebalance)

    def rebalance(self) -> None:
        """Give each of the strongest the same share of the equity."""
        winners = self.strength.latest().nlargest(self.hold)
        self.target_weights(dict.fromkeys(winners, 1 / self.hold))
