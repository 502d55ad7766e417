"""페어 트레이딩: 늘 함께 움직이던 두 종목이 벌어지면, 뒤처진 쪽을 산다."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np

from maemae import Strategy, Symbol, param, ta
from maemae.strategy.kernel import Floats

_LIQUID: Final = 60  # most traded names among which pairs are looked for


class Pairs(Strategy):
    """
    Of two names that move alike, hold the one that fell behind until it has caught up.

    매주 첫 거래일 종가가 나온 뒤, 거래대금이 큰 종목 가운데 지난 lookback 봉의 수익률 상관이 가장
    높은 pairs 쌍을 고른다. 두 로그 가격의 차가 평균에서 표준편차의 entry 배를 넘게 벌어지면
    뒤처진 쪽을 같은 비중으로 사고, 차가 평균으로 돌아오면 판다. 공매도가 없는 계좌를 위한
    한쪽 매수이므로 시장 전체가 내리면 함께 내린다.
    """

    lookback = param(120, low=40, high=250)
    pairs = param(5, low=1, high=20)
    entry = param(1.5, low=0.5, high=4.0)

    def setup(self) -> None:
        """Know what is traded most, and look again each week."""
        self.traded = self.indicator(ta.turnover, self.lookback)
        self.every("week", self.rebalance)

    def rebalance(self) -> None:
        """Hold the laggard of each pair that is far enough apart."""
        names = sorted(self.traded.latest().nlargest(_LIQUID))
        if len(names) < 2:
            return
        prices = np.log([self.history(symbol, self.lookback) for symbol in names])
        laggards = [
            laggard
            for one, two in self._closest(prices)
            if (laggard := self._laggard(names[one], names[two], prices[one] - prices[two]))
        ]
        self.target_weights(dict.fromkeys(laggards, 1 / self.pairs))

    def _closest(self, prices: Floats) -> list[tuple[int, int]]:
        """Return the pairs of the highest correlation, no name in two of them."""
        with np.errstate(invalid="ignore", divide="ignore"):
            alike = np.nan_to_num(np.corrcoef(np.diff(prices)))
        ranked = sorted(combinations(range(len(prices)), 2), key=lambda pair: -alike[pair])
        chosen: list[tuple[int, int]] = []
        for pair in ranked:
            if len(chosen) == self.pairs:
                break
            if not {n for other in chosen for n in other} & {*pair}:
                chosen.append(pair)
        return chosen

    def _laggard(self, one: Symbol, two: Symbol, apart: Floats) -> Symbol | None:
        """Return the one to hold: far behind, or held and still behind; None if neither is."""
        spread = float(apart.std())
        score = float(apart[-1] - apart.mean()) / spread if spread > 0 else 0.0
        behind = one if score < 0 else two
        is_far = abs(score) >= self.entry
        return behind if is_far or (score != 0 and self.position(behind).qty) else None
