"""Every fixed word of a report, Korean and English."""

from __future__ import annotations

from typing import Final

from maemae.analytics.returns import MIN_SESSIONS_TO_ANNUALIZE, SESSIONS_PER_YEAR
from maemae.domain.text import Language, Text

WORDS: Final[dict[str, Text]] = {
    "kind": Text("백테스트 보고서", "Backtest report"),
    "theme": Text("밝게/어둡게", "Light/dark"),
    "strategy": Text("전략", "Strategy"),
    "parameters": Text("매개변수", "Parameters"),
    "no_parameters": Text("없음", "none"),
    "period": Text("기간", "Period"),
    "sessions": Text("거래일", " sessions"),
    "universe": Text("대상 종목", "Universe"),
    "symbols": Text("개 종목", " symbols"),
    "start_cash": Text("시작 현금", "Starting cash"),
    "market": Text("체결 시장", "Market"),
    "total_return": Text("총수익률", "Total return"),
    "profit": Text("손익", "Profit"),
    "end_equity": Text("최종 자산", "Final equity"),
    "start_equity": Text("시작 자산", "Starting equity"),
    "net_flows": Text("순입금", "Net deposits"),
    "cagr": Text("연평균 수익률", "CAGR"),
    "max_drawdown": Text("최대 낙폭", "Max drawdown"),
    "sharpe": Text("샤프 지수", "Sharpe"),
    "sortino": Text("소르티노 지수", "Sortino"),
    "calmar": Text("칼마 지수", "Calmar"),
    "volatility": Text("연 변동성", "Volatility"),
    "win_rate": Text("승률", "Win rate"),
    "profit_factor": Text("프로핏 팩터", "Profit factor"),
    "trades": Text("거래", "Trades"),
    "return_group": Text("수익", "Return"),
    "risk_group": Text("위험", "Risk"),
    "trade_group": Text("거래", "Trades"),
    "cost_group": Text("주문과 비용", "Orders and costs"),
    "best_day": Text("가장 좋은 날", "Best day"),
    "worst_day": Text("가장 나쁜 날", "Worst day"),
    "drawdown_period": Text("최대 낙폭 구간", "Deepest drawdown"),
    "drawdown_recovery": Text("회복", "Recovered"),
    "not_recovered": Text("아직", "not yet"),
    "longest_drawdown": Text("가장 긴 낙폭", "Longest drawdown"),
    "closed_trades": Text("청산한 거래", "Closed trades"),
    "wins_losses": Text("이익 / 손실", "Wins / losses"),
    "expectancy": Text("거래당 기대 손익", "Expectancy per trade"),
    "average_win": Text("평균 이익", "Average win"),
    "average_loss": Text("평균 손실", "Average loss"),
    "best_trade": Text("최고 거래", "Best trade"),
    "worst_trade": Text("최악 거래", "Worst trade"),
    "holding": Text("평균 보유", "Average holding"),
    "days": Text("일", " days"),
    "orders": Text("주문", "Orders"),
    "fills": Text("체결", "Fills"),
    "traded": Text("거래대금", "Value traded"),
    "turnover": Text("연 회전율", "Turnover a year"),
    "commission": Text("수수료", "Commission"),
    "tax": Text("세금", "Tax"),
    "equity_curve": Text("자산 곡선", "Equity"),
    "equity": Text("자산", "Equity"),
    "drawdown": Text("낙폭", "Drawdown"),
    "exposure": Text("투자 비중", "Exposure"),
    "mean": Text("평균", "mean"),
    "highest": Text("최고", "highest"),
    "lowest": Text("최저", "lowest"),
    "chart_help": Text(
        "그래프에 손을 대거나 마우스를 올리면 그날의 값이 보입니다.",
        "Touch the chart or point at it to read a day.",
    ),
    "monthly": Text("월별 수익률", "Monthly returns"),
    "year": Text("연도", "Year"),
    "whole_year": Text("연간", "Year"),
    "by_symbol": Text("종목별 실현 손익", "Realized profit by symbol"),
    "top": Text("많이 번 종목", "Most earned"),
    "bottom": Text("많이 잃은 종목", "Most lost"),
    "none_earned": Text("이익을 낸 종목이 없습니다.", "No symbol earned."),
    "none_lost": Text("손실을 낸 종목이 없습니다.", "No symbol lost."),
    "symbol": Text("종목", "Symbol"),
    "short": Text("매도 진입", "short"),
    "opened": Text("진입", "Opened"),
    "closed": Text("청산", "Closed"),
    "qty": Text("수량", "Qty"),
    "entry_avg": Text("진입가", "Entry"),
    "exit_avg": Text("청산가", "Exit"),
    "pnl": Text("손익", "Profit"),
    "return_ratio": Text("수익률", "Return"),
    "exit_reason": Text("청산 사유", "Why closed"),
    "no_trades": Text("청산한 거래가 없습니다.", "No trade was closed."),
    "sort_help": Text("열 제목을 누르면 정렬합니다.", "Press a heading to sort."),
    "actions": Text("기업행동", "Corporate actions"),
    "actions_note": Text(
        "보유한 동안 일어난 일입니다. 권리와 배당으로 받은 돈은 거래의 손익에 들어 있지 않습니다.",
        "What happened while shares were held. Cash from rights and dividends is in no trade.",
    ),
    "action": Text("무엇", "What"),
    "date": Text("날짜", "Date"),
    "held_before": Text("전 [주]", "Before [shares]"),
    "held_after": Text("후 [주]", "After [shares]"),
    "cash_received": Text("현금 [원]", "Cash [won]"),
    "refusals": Text("거부된 주문", "Refused orders"),
    "refusals_note": Text(
        "위험 관문이 막아 시장에 나가지 않은 주문입니다.",
        "Orders that the risk gate stopped before the market.",
    ),
    "no_refusals": Text("거부된 주문이 없습니다.", "No order was refused."),
    "reason": Text("사유", "Reason"),
    "count": Text("건수", "Count"),
    "log_scale": Text("로그 눈금", "logarithmic scale"),
    "assumptions": Text("이 결과가 전제한 것", "What this result assumes"),
    "price_basis": Text("가격 기준", "Price basis"),
    "price_warning": Text("가격 기준 주의", "Mind the price basis"),
    "data_warnings": Text("데이터 점검에서 나온 것", "Found by the data check"),
    "definitions": Text("지표의 뜻", "What the figures mean"),
    "order_hash": Text("주문 지문", "Order hash"),
    "book_hash": Text("장부 지문", "Book hash"),
    "hash_note": Text(
        "같은 전략, 같은 데이터, 같은 설정이면 지문도 같습니다.",
        "The same strategy, data and settings give the same hashes.",
    ),
    "rolling_sharpe_window": Text("움직이는 샤프 지수", "Rolling Sharpe"),
    "rolling_sharpe": Text("최근 {window}거래일 샤프 지수", "Sharpe of the last {window} sessions"),
    "median": Text("중앙값", "median"),
    "below_zero": Text("0 아래", "below zero"),
    "remarks": Text("이 결과를 믿기 전에", "Before you believe this"),
    "spread": Text("일별 수익률 분포", "Daily returns"),
    "spread_note": Text(
        "주식을 들고 있던 날만 셉니다. 점선은 평균과 표준편차가 같은 정규분포이고, 4표준편차 밖은 "
        "맨 끝 막대에 셉니다.",
        "Days in the market only. The dashed line is a normal distribution of the same mean and "
        "deviation; returns beyond four deviations are counted in the outermost bars.",
    ),
    "positive_days": Text("오른 날", "Days up"),
    "value_at_risk": Text("하위 5 % 경계 (VaR)", "Worst 5 % begin at (VaR)"),
    "expected_shortfall": Text("하위 5 % 평균 (ES)", "Mean of the worst 5 % (ES)"),
    "skew": Text("왜도", "Skew"),
    "kurtosis": Text("첨도", "Kurtosis"),
    "costs": Text("비용이 가져간 것", "What costs took"),
    "costs_note": Text(
        "비용 전 손익에서 순손익까지. 비율은 비용 전 손익에 대한 것입니다.",
        "From the profit before costs to the profit; shares are of the former.",
    ),
    "gross": Text("비용 전 손익", "Before costs"),
    "net": Text("순손익", "Profit"),
    "slippage": Text("슬리피지", "Slippage"),
    "gap": Text("판단에서 시가까지의 가격 차", "Price moved before the opening"),
    "cost_rate": Text("거래대금 대비 비용", "Costs on value traded"),
    "break_even": Text(
        "편도 비용이 이만큼 더 들면 이익이 없어짐", "Extra cost a side that ends the profit"
    ),
    "capacity": Text("감당할 수 있는 자금", "Capacity"),
    "participation": Text("거래량 가운데 내 몫 (95 %)", "Own share of the volume (95 %)"),
    "symbol_trades": Text("차트 위의 매매", "Trades on the chart"),
    "symbol_trades_note": Text(
        "많이 벌고 많이 잃은 종목입니다. 회색 띠는 보유한 기간입니다.",
        "The symbols that earned and lost most; grey is held.",
    ),
    "bought": Text("매수", "buy"),
    "sold": Text("매도", "sell"),
    "shares": Text("주", " sh."),
    "last_marks": Text("체결 {all}건 중 마지막 {shown}건", "last {shown} of {all} fills"),
    "by_period": Text("기간별", "By period"),
    "by_sleeve": Text("전략별", "By sleeve"),
    "by_month": Text("월별 표", "Months in a table"),
    "symbols_table": Text("모든 종목의 표", "All symbols in a table"),
    "period_name": Text("기간", "Period"),
    "sleeve": Text("전략", "Sleeve"),
    "against": Text("비교:", "Against"),
    "benchmark_return": Text("비교 대상 수익률", "Return of the benchmark"),
    "excess": Text("초과 수익률", "Excess return"),
    "alpha": Text("알파 (연)", "Alpha a year"),
    "beta": Text("베타", "Beta"),
    "correlation": Text("상관계수", "Correlation"),
    "tracking_error": Text("추적 오차 (연)", "Tracking error a year"),
    "information_ratio": Text("정보 비율", "Information ratio"),
    "capture": Text("오를 때 / 내릴 때 따라간 몫", "Up / down capture"),
    "comparison_kind": Text("백테스트 비교", "Comparison of backtests"),
    "comparison_curves": Text("자산 (시작을 100으로)", "Equity (100 at the start)"),
    "comparison_falls": Text("낙폭", "Drawdown"),
    "comparison_figures": Text("나란히 놓고 보기", "Side by side"),
    "correlations": Text("일별 수익률의 상관계수", "Correlation of daily returns"),
    "correlations_note": Text(
        "1에 가까우면 같은 것을 두 번 하는 셈입니다.",
        "Close to 1 means doing the same thing twice.",
    ),
    "surface_kind": Text("매개변수 훑기", "Parameter sweep"),
    "surface_note": Text(
        "이웃한 칸도 좋아야 믿을 만합니다. 홀로 솟은 칸은 우연이기 쉽습니다.",
        "Neighbours should be good too: a lonely peak is likely luck.",
    ),
    "surface_best": Text("가장 좋은 조합", "Best combinations"),
    "common_sessions": Text("공통 거래일", "Sessions in common"),
    "risk": Text(
        "과거의 성과는 미래의 수익을 보장하지 않습니다. 이 보고서는 위의 전제로 과거 데이터에 "
        "모의로 거래한 결과이며 투자 권유가 아닙니다. 실제 매매에서는 원금을 잃을 수 있습니다.",
        "Past results do not promise future returns. This report shows simulated trading on "
        "historical data under the assumptions above and is not investment advice. Real trading "
        "can lose the money put in.",
    ),
}
"""Labels and sentences by the name under which the template knows them."""

DEFINITIONS: Final[dict[str, Text]] = {
    "total_return": Text(
        "입출금을 뺀 일별 수익률을 이어 곱한 값입니다.",
        "Daily returns net of deposits and withdrawals, compounded.",
    ),
    "cagr": Text(
        f"총수익률을 1년 {SESSIONS_PER_YEAR}거래일로 환산한 값입니다. "
        f"{MIN_SESSIONS_TO_ANNUALIZE}거래일보다 짧으면 환산하지 않습니다.",
        f"Total return scaled to a year of {SESSIONS_PER_YEAR} sessions; "
        f"not said for less than {MIN_SESSIONS_TO_ANNUALIZE} sessions.",
    ),
    "volatility": Text(
        "일별 수익률의 표준편차 × √252.",
        "Standard deviation of daily returns × √252.",
    ),
    "sharpe": Text(
        "일별 수익률의 평균 ÷ 표준편차 × √252.",
        "Mean of daily returns ÷ their standard deviation × √252.",
    ),
    "sortino": Text(
        "평균 ÷ 하락일만의 편차 × √252. 편차는 모든 날로 나눕니다.",
        "Mean ÷ deviation of losing days × √252; the deviation is averaged over all days.",
    ),
    "calmar": Text(
        "연평균 수익률 ÷ 최대 낙폭.",
        "Compound annual growth ÷ deepest drawdown.",
    ),
    "rolling_sharpe_window": Text(
        "샤프 지수를 최근 반년(126거래일)의 수익률로만 계산한 것입니다.",
        "The Sharpe ratio of the last half year (126 sessions) only.",
    ),
    "slippage": Text(
        "주문이 만난 가격(시가를 기다린 주문은 시가, 나머지는 나가기 직전의 가격)보다 더 치른 "
        "금액입니다. 판단한 뒤 시가까지 움직인 몫은 따로 셉니다.",
        "Paid beyond the price that an order met: the opening's if it waited for it, else the "
        "last price before it left. What prices moved before the opening is told apart.",
    ),
    "alpha": Text(
        "(수익률 평균 − 베타 × 비교 대상 평균) × 252.",
        "(Mean return − beta × mean of the benchmark) × 252.",
    ),
    "beta": Text(
        "비교 대상이 1 % 움직일 때 따라 움직인 크기입니다: 공분산 ÷ 비교 대상의 분산.",
        "How far the run moved with 1 % of the benchmark: covariance ÷ its variance.",
    ),
    "tracking_error": Text(
        "수익률 차이의 표준편차 × √252. 정보 비율은 연 평균 차이를 이것으로 나눈 값입니다.",
        "Deviation of the difference of returns × √252; the information ratio is the yearly mean "
        "difference divided by it.",
    ),
    "capacity": Text(
        "사고판 날의 95 %에서 그날 거래량의 1 % 이하만 차지하게 되는 자금입니다.",
        "Money with which 95 % of the trading days would still take 1 % of the volume at most.",
    ),
    "max_drawdown": Text(
        "고점에서 다음 고점까지 가장 깊이 내려간 비율입니다. 종가 기준입니다.",
        "Deepest fall from a high, measured at closes.",
    ),
    "win_rate": Text(
        "비용을 뺀 뒤 이익이 난 거래의 비율입니다. 본전은 이익으로 세지 않습니다.",
        "Share of trades with a profit after costs; breaking even is not a win.",
    ),
    "profit_factor": Text(
        "이익의 합 ÷ 손실의 합. 손실이 없으면 표시하지 않습니다.",
        "Sum of gains ÷ sum of losses; not said without a loss.",
    ),
    "turnover": Text(
        "(매수 + 매도) ÷ 2 ÷ 평균 자산, 1년으로 환산합니다.",
        "(Purchases + sales) ÷ 2 ÷ mean equity, scaled to a year.",
    ),
    "closed_trades": Text(
        "매도 주문 하나가 거래 하나입니다. 손익은 평균 매입가와 양쪽 비용으로 계산합니다.",
        "Each selling order is one trade, measured at average cost after the costs of both ends.",
    ),
}
"""Definitions of the figures by the name of the figure in WORDS."""

ASSUMPTION_TITLES: Final = {
    "TouchFill": Text("지정가 체결", "Limit orders"),
    "ThroughFill": Text("지정가 체결", "Limit orders"),
    "VolumeShare": Text("거래량", "Volume"),
    "TickSlippage": Text("슬리피지", "Slippage"),
    "ProportionalSlippage": Text("슬리피지", "Slippage"),
    "SinglePrice": Text("동시호가", "Auctions"),
    "EmptyBarHalt": Text("거래정지", "Halts"),
    "LockedLimit": Text("상·하한가", "Daily limits"),
    "UpperLimitHold": Text("증거금", "Cash held"),
    "NoSinglePrice": Text("동시호가", "Auctions"),
    "SameAuctionShare": Text("동시호가 물량", "Auction volume"),
    "FixedAuctionShare": Text("동시호가 물량", "Auction volume"),
    "LimitTouch": Text("상·하한가 줄", "Queue at the limits"),
    "BehindLimitQueue": Text("상·하한가 줄", "Queue at the limits"),
    "NoQueue": Text("대기열", "Queue"),
    "BehindDisplayed": Text("대기열", "Queue"),
    "Proportional": Text("대기열", "Queue"),
    "NoInterruption": Text("변동성완화장치", "Interruptions"),
    "TwoMinuteAuction": Text("변동성완화장치", "Interruptions"),
    "NoImpact": Text("시장 충격", "Market impact"),
    "SquareRootImpact": Text("시장 충격", "Market impact"),
    "LinearImpact": Text("시장 충격", "Market impact"),
    "NoLatency": Text("지연", "Latency"),
    "FixedLatency": Text("지연", "Latency"),
}
"""What a model of the simulated market is about, by its name; another one goes by its name."""

MONTHS: Final = Text(
    "1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
)
"""Names of the months, separated by spaces."""

MORE_TRADES: Final = Text(
    "처음 {shown}건입니다. {more}건이 더 있습니다.",
    "The first {shown} are shown; there are {more} more.",
)
"""Note under a trades table that was cut."""


def words_in(language: Language) -> dict[str, str]:
    """Return every word in one language."""
    return {name: text.in_language(language) for name, text in WORDS.items()}
