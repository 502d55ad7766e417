"""변동성 돌파: 시가에서 전일 변동폭의 k 배를 넘어서면 사고, 다음 날 판다."""

from __future__ import annotations

from maemae import Strategy, Symbol, param, ta


class VolatilityBreakout(Strategy):
    """
    Buy what breaks out of yesterday's range, and let go the next day.

    당일 시가 + k × 전일 변동폭(고가 − 저가)을 종가가 넘어선 봉에서, 하루에 hold 종목까지 같은
    금액을 사고, 다음 날 첫 봉이 끝나면 모두 판다. 분봉을 위한 전략이다: 일봉에서는 돌파를 그날
    종가로 확인하므로 다음 날 시가에 사서 그다음 날 시가에 판다. bars 는 하루의 봉 수다(일봉 1,
    5분봉 78).
    """

    k = param(0.5, low=0.1, high=1.5)
    hold = param(10, low=1, high=50)
    bars = param(1, low=1, high=400)

    def setup(self) -> None:
        """Leave at each new day's first bar; watch the break out."""
        level = self.indicator(ta.breakout, self.k, self.bars)
        self.room = self.hold
        self.every("day", self.leave)
        self.when(self.indicator(ta.last).crosses_above(level), self.enter)

    def leave(self) -> None:
        """Sell everything from the day before; the day has room for as many again."""
        self.room = self.hold
        for symbol in self.positions:
            self.close(symbol)

    def enter(self, symbol: Symbol) -> None:
        """Buy while the day has room."""
        if self.room:
            self.room -= 1
            self.buy(symbol, weight=1 / self.hold)
