"""자산 배분: 오르는 자산에만, 출렁임이 작을수록 더 많이 나누어 담는다."""

from __future__ import annotations

from maemae import Strategy, param, ta


class AssetAllocation(Strategy):
    """
    Spread the money over what rises, more of it over what is calm; the rest stays cash.

    매월 첫 거래일 종가가 나온 뒤, 종가가 trend 봉 평균보다 높은 자산 가운데 가장 차분한 hold 개를
    변동성에 반비례하게 담는다. 오르는 자산이 hold 개보다 적으면 그만큼 현금으로 남긴다.
    성격이 다른 ETF(주식·채권·해외)를 --symbols 로 골라 쓰는 전략이다.
    """

    trend = param(120, low=20, high=250)
    calm = param(60, low=20, high=250)
    hold = param(5, low=2, high=30)

    def setup(self) -> None:
        """Measure trend and calm, and share out once a month."""
        self.price = self.indicator(ta.last)
        self.average = self.indicator(ta.sma, self.trend)
        self.volatility = self.indicator(ta.volatility, self.calm)
        self.every("month", self.share_out)

    def share_out(self) -> None:
        """Give each chosen asset its share."""
        volatility = self.volatility.latest()
        rising = [
            symbol
            for symbol in volatility.nsmallest(len(volatility))
            if volatility[symbol] > 0 and self.price[symbol] > self.average[symbol]
        ]
        chosen = rising[: self.hold]
        calmness = {symbol: 1 / volatility[symbol] for symbol in chosen}
        whole = sum(calmness.values()) * self.hold / max(len(chosen), 1)
        self.target_weights({symbol: share / whole for symbol, share in calmness.items()})
