"""Gold: a market, an account and orders of its own, beside those of stocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, time
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from maemae.domain.terms import Mode, PriceBasis
from maemae.emulators.kiwoom_rest.config import Doubts
from maemae.emulators.kiwoom_rest.faults import Faults
from maemae.emulators.kiwoom_rest.gold_market import KINDS, gold_market
from maemae.emulators.market_source import MarketData
from maemae.krx.band import price_band
from maemae.krx.tick import tick_table
from maemae.strategy.panel import FIELDS, Panel
from tests.emulators.kiwoom_rest.conftest import Play
from tests.emulators.kiwoom_rest.gold_columns import GOLD
from tests.gold_rig import KILO, MINI, GoldRig, gold_rig
from tests.kiwoom_emulator import ACCOUNT, CASH, Client, Fields

DAY, DAY_BEFORE = "20250902", "20250901"
Rig = Callable[..., AbstractContextManager[GoldRig]]


@pytest.fixture
def rigged(tmp_path: Path, card_market: MarketData) -> Rig:
    return partial(gold_rig, tmp_path, card_market)


@pytest.fixture
def rig(rigged: Rig) -> Iterator[GoldRig]:
    with rigged() as made:
        made.pass_seconds(600)
        yield made


def asked(rig: GoldRig, api_id: str, **changes: str) -> Fields:
    own = dict(each.split("=") for each in GOLD[api_id][1].split())
    answer = rig.ask(api_id, **(own | changes))
    assert answer["return_code"] == 0, (api_id, answer)
    return answer


def rows(rig: GoldRig, api_id: str, **changes: str) -> list[Fields]:
    found: list[Fields] = asked(rig, api_id, **changes)[GOLD[api_id][0]]
    return found


def won(answer: Fields, name: str) -> int:
    return int(answer[name])


def bought(rig: GoldRig, qty: int, symbol: str = KILO) -> int:
    """Buy at what the market asks at most, and return what was paid without charges [won]."""
    before = won(asked(rig, "kt50020"), "tot_book_amt2")
    price = rig.gold.line(symbol).price + 1_000
    assert rig.buy(qty, price, stk_cd=symbol)["return_code"] == 0
    while rig.open_orders():
        rig.pass_seconds(60)
    return won(asked(rig, "kt50020"), "tot_book_amt2") - before


def charges(notional: int) -> int:
    """Return commission and tax as the sample of the list has them."""
    commission = notional * 3 // 1_000 // 10 * 10
    return commission + commission // 10


def test_answers_have_the_columns_of_the_interface(rig: GoldRig) -> None:
    bought(rig, 3)
    rig.next_day()
    rig.go_to(time(10))
    bought(rig, 2, MINI)
    assert rig.buy(1, rig.price - 5_000)["return_code"] == 0
    for api_id, (key, _, fields, columns) in GOLD.items():
        today = {"ord_dt": "20250903"} if "ord_dt" in GOLD[api_id][1] else {}
        answer = asked(rig, api_id, **today)
        found = answer.get(key, [])
        assert found or not key or api_id == "ka50087", api_id
        assert {tuple(row) for row in found} <= {tuple(columns.split())}, api_id
        assert all(isinstance(text, str) for row in found for text in row.values()), api_id
        single = set(answer) - {key, "return_code", "return_msg", "next_key"}
        assert single == set(fields.split()), api_id


def test_answers_when_a_field_is_missing_are_refused(rig: GoldRig) -> None:
    for api_id, (_, given, _, _) in GOLD.items():
        if "stk_cd" in given:
            assert "[1511:" in rig.ask(api_id)["return_msg"], api_id
            stock = dict(each.split("=") for each in given.split()) | {"stk_cd": "005930"}
            assert "[1902:" in rig.ask(api_id, **stock)["return_msg"], api_id
    for api_id in ("kt50000", "kt50001", "kt50002", "kt50003"):
        assert "[1511:" in rig.ask(api_id, stk_cd=KILO)["return_msg"], api_id
    assert "[1517:" in rig.ask("kt50032", tp="8")["return_msg"]
    assert "[1902:" in rig.ask("ka10001", stk_cd=KILO)["return_msg"]


def test_gold_is_paid_from_its_own_cash_to_the_won(rig: GoldRig) -> None:
    paid = bought(rig, 100)
    balance, (held,) = asked(rig, "kt50020"), rows(rig, "kt50020")
    assert won(balance, "net_entr") == CASH - paid - charges(paid)
    assert (won(held, "real_qty"), won(held, "buy_qty")) == (100, 100)
    stocks = rig.stocks.books.house.account(ACCOUNT)
    assert (stocks.cash, stocks.holdings) == (CASH, {})
    assert rig.stocks.books.rows(ACCOUNT, rig.stocks.today) == []


def test_position_is_told_by_the_arithmetic_of_the_list(rig: GoldRig) -> None:
    cost = bought(rig, 7)
    (held,) = rows(rig, "kt50020")
    value, fees = 7 * won(held, "cur_prc"), won(held, "cmsn") + won(held, "vlad_tax")
    assert fees == charges(cost) + charges(value)
    assert won(held, "vlad_tax") * 10 == won(held, "cmsn")
    assert won(held, "est_amt") == value - fees
    assert won(held, "est_lspft") == value - fees - cost
    assert abs(float(held["est_ratio"]) - (value - fees - cost) * 100 / cost) < 0.000_1
    assert abs(float(held["pl_prch_prc"]) - (cost + fees) / 7) < 0.01
    balance = asked(rig, "kt50020")
    assert won(balance, "net_amt") == won(balance, "net_entr") + value
    assert won(balance, "tot_dep_amt") == won(balance, "net_amt") - charges(value)


def test_cash_moves_in_the_evening_and_is_spoken_for_before(rig: GoldRig) -> None:
    paid = bought(rig, 10)
    owed = paid + charges(paid)
    deposit = asked(rig, "kt50021")
    assert (won(deposit, "entra"), won(deposit, "prsm_entra")) == (CASH, CASH - owed)
    assert (won(deposit, "buy_exct_amt"), won(deposit, "sell_buy_exct_amt")) == (owed, -owed)
    assert won(deposit, "pymn_alow_amt") == CASH - owed
    assert won(asked(rig, "kt50020"), "tot_entr") == CASH
    assert rows(rig, "kt50020")[0]["qty"] == "0" * 12
    assert rows(rig, "kt50032") == []
    rig.go_to(time(17, 40))
    assert won(asked(rig, "kt50020"), "tot_entr") == CASH - owed
    assert (won(asked(rig, "kt50021"), "entra"), won(asked(rig, "kt50021"), "buy_exct_amt")) == (
        CASH - owed,
        0,
    )
    assert won(rows(rig, "kt50020")[0], "qty") == 10
    assert won(rows(rig, "kt50032")[-1], "entra_remn") == CASH - owed


def test_history_charges_once_a_day_and_side_in_its_last_row(rig: GoldRig) -> None:
    for qty in (8, 5):
        bought(rig, qty)
    assert rig.sell(3, rig.price - 1_000)["return_code"] == 0
    rig.pass_seconds(300)
    rig.next_day()
    found = rows(rig, "kt50032", strt_dt=DAY, end_dt=DAY)
    buys = [row for row in found if row["rmrk_nm"] == "금현물매수"]
    (sale,) = [row for row in found if row["rmrk_nm"] == "금현물매도"]
    paid = sum(won(row, "deal_amt") for row in buys)
    assert [won(row, "cmsn") for row in buys[:-1]] == [0] * (len(buys) - 1)
    assert won(buys[-1], "cmsn") + won(buys[-1], "gold_spot_vat") == charges(paid)
    assert won(buys[-1], "exct_amt") == paid + charges(paid)
    got = won(sale, "deal_amt")
    assert won(sale, "exct_amt") == got - charges(got)
    assert (won(sale, "spot_remn"), sale["uv_exrt"][-3:]) == (10, ".00")
    assert won(sale, "entra_remn") == won(asked(rig, "kt50020"), "tot_entr")
    assert won(sale, "entra_remn") == CASH - paid - charges(paid) + got - charges(got)
    assert [row["deal_no"] for row in found] == [f"{n:09}" for n in range(1, len(found) + 1)]
    assert rows(rig, "kt50032", tp="5") == [sale]
    assert rows(rig, "kt50032", tp="6") == rows(rig, "kt50032", stk_cd=MINI) == []
    assert rows(rig, "kt50032", strt_dt="20250903") == []


def test_order_is_changed_and_taken_back_by_numbers_of_its_own(rig: GoldRig) -> None:
    far = rig.price - 5_000
    first = rig.buy(5, far)
    assert (first["ord_no"], first["return_msg"]) == ("0000001", "매수주문이 완료되었습니다.")
    second = rig.amend("0000001", 5, far - 10)
    assert {name: second[name] for name in ("ord_no", "base_orig_ord_no", "mdfy_qty")} == {
        "ord_no": "0000002",
        "base_orig_ord_no": "0000001",
        "mdfy_qty": "000000000005",
    }
    assert second["return_msg"] == "매수정정 주문입력이 완료되었습니다"
    third = rig.cancel("0000002", 2)
    assert (third["cncl_qty"], third["return_msg"]) == (
        "000000000002",
        "매수취소주문입력이 완료되었습니다",
    )
    assert "dmst_stex_tp" not in {**first, **second, **third}
    (left,) = rig.open_orders()
    assert (left["ord_no"], left["orig_ord_no"]) == ("0000002", "0000001")
    assert {row["stk_cd"] for name in ("kt50030", "kt50031") for row in rows(rig, name)} == {KILO}
    assert (won(left, "ord_remnq"), won(left, "ord_uv")) == (3, far - 10)
    assert (left["trde_tp"], left["io_tp_nm"], left["mrkt_deal_tp"]) == ("지정가", "매수", "5")
    every = rows(rig, "kt50030")
    assert [row["ord_no"] for row in every] == ["0000001", "0000002", "0000003"]
    assert [row["mdfy_cncl_tp"] for row in every] == ["", "정정", "취소"]
    assert rows(rig, "kt50030", qry_tp="2") == every[::-1]
    assert rows(rig, "kt50030", slby_tp="1") == rows(rig, "kt50075", sell_tp="1") == []
    assert rig.cancel("0000002")["cncl_qty"] == "000000000003"
    assert rig.open_orders() == []
    assert won(asked(rig, "kt50021"), "ord_alow_amt") == CASH


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ord_uv": "150005"}, "[2000](857024:"),
        ({"ord_uv": "10"}, "[2000](RC4027:"),
        ({"ord_qty": "1000000"}, "[2000](RC4025:"),
        ({"ord_qty": "0"}, "[1517:"),
        ({"ord_qty": "1.5"}, "[1517:"),
        ({"ord_uv": ""}, "[1517:"),
        ({"trde_tp": "3"}, "[1517:"),
        ({"stk_cd": "M04020200"}, "[1902:"),
    ],
)
def test_order_that_breaks_a_rule_is_refused(
    rig: GoldRig, changes: dict[str, str], told: str
) -> None:
    price = rig.price
    assert told in rig.buy(1, price, **changes)["return_msg"]
    assert rows(rig, "kt50030") == []


def test_sale_of_more_than_is_held_is_refused(rig: GoldRig) -> None:
    assert "(800033:" in rig.sell(1, rig.price)["return_msg"]
    bought(rig, 3)
    far = rig.price + 5_000
    assert rig.sell(2, far)["return_code"] == 0
    assert "(800033:" in rig.sell(2, far)["return_msg"]
    assert won(rows(rig, "kt50020")[0], "able_qty") == 1
    assert "(800033:" in rig.sell(1, far, stk_cd=MINI)["return_msg"]


def test_order_when_immediate_leaves_nothing_open(rig: GoldRig) -> None:
    for form in ("10", "20"):
        assert rig.buy(1, rig.price - 5_000, trde_tp=form)["return_code"] == 0
    rig.pass_seconds(60)
    assert rig.open_orders() == []
    assert [row["trde_tp"] for row in rows(rig, "kt50031")] == ["지정가(IOC)", "지정가(FOK)"]


def test_order_outside_the_session_is_refused_in_the_words_of_each_world(rigged: Rig) -> None:
    with rigged(opens_at=None, mode=Mode.REAL) as rig:
        assert rig.buy(1, rig.price - 1_000)["return_code"] == 0  # collected for the opening
        (told,) = rows(rig, "ka50087")
        assert (told["exp_cntr_pric"].lstrip("+-"), told["stex_tp"]) == (str(rig.price), "KRX")
        rig.go_to(time(16))
        assert "[2000](000000:" in rig.buy(1, rig.price)["return_msg"]
        assert rig.open_orders() == []


def test_gold_when_paper_does_not_play_it_is_refused_there_alone(rigged: Rig) -> None:
    with rigged(doubts=Doubts(gold_on_paper=False)) as rig:
        for api_id in ("ka50100", "kt50020"):
            assert "(RC9000:" in rig.ask(api_id, stk_cd=KILO)["return_msg"]
        assert "(RC9000:" in rig.buy(1, rig.price)["return_msg"]
    with rigged(doubts=Doubts(gold_on_paper=False), mode=Mode.REAL) as rig:
        assert rig.ask("kt50020")["return_code"] == 0


def test_prices_and_days_agree_with_each_other(rig: GoldRig) -> None:
    now, (newest, *older) = asked(rig, "ka50100"), rows(rig, "ka50010")
    base = won(now, "pred_close_pric")
    assert base + won(now, "pred_pre") == rig.price == abs(won(newest, "cntr_pric"))
    assert (newest["flu_rt"], newest["trde_qty"]) == (now["flu_rt"], now["trde_qty"])
    assert won(newest, "trde_qty") - abs(won(newest, "cntr_trde_qty")) == won(older[0], "trde_qty")
    days = rows(rig, "ka50012")
    assert [row["dt"] for row in days] == [DAY, DAY_BEFORE]
    assert abs(won(days[1], "cur_prc")) == base
    assert (days[0]["pred_pre"], days[0]["trde_qty"]) == (now["pred_pre"], now["trde_qty"])
    assert days[0]["pre_sig"] == now["pred_pre_sig"]
    chart = rows(rig, "ka50081")
    assert [won(row, "cur_prc") for row in chart] == [abs(won(row, "cur_prc")) for row in days]
    assert [row["acc_trde_prica"] for row in chart] == [row["acc_trde_prica"] for row in days]
    band = price_band(base, KINDS[0], date(2025, 9, 2))
    limits = abs(won(now, "lst_pric")), abs(won(now, "upl_pric"))
    assert limits == (band.lower, band.upper)
    assert [row["dt"] for row in rows(rig, "ka50082")] == [f"{DAY_BEFORE}000000"]
    assert [row["dt"] for row in rows(rig, "ka50083")] == [f"{DAY_BEFORE}000000"]


def test_minutes_and_ticks_add_up_to_the_day(rig: GoldRig) -> None:
    volume = rig.gold.line(KILO).volume
    today = rows(rig, "ka50092")
    assert {row["cntr_tm"][:8] for row in today} == {DAY}
    assert sum(won(row, "trde_qty") for row in today) == volume == won(today[0], "acc_trde_qty")
    assert sum(won(row, "trde_qty") for row in rows(rig, "ka50091")) == volume
    every = rows(rig, "ka50080")
    assert [row["cntr_tm"] for row in every[: len(today)]] == [row["cntr_tm"] for row in today]
    assert all(row["open_pric"].isdecimal() and row["cur_prc"].isdecimal() for row in every)
    quotes = rows(rig, "ka50101")
    assert [row["trde_qty"] for row in quotes] == [row["acc_trde_qty"] for row in today]
    assert quotes[0]["tm"] == today[0]["cntr_tm"][8:]
    tens = rows(rig, "ka50101", tic_scope="10")
    assert sum(won(row, "cntr_trde_qty") for row in tens) == volume
    assert rows(rig, "ka50079", tic_scope="") == rows(rig, "ka50079")


def test_chart_is_cut_into_pages_that_fit_together(rigged: Rig) -> None:
    with rigged(page_rows={"ka50080": 100}) as rig:
        found, next_key = [], ""
        while True:
            answer = rig.ask("ka50080", next_key, stk_cd=KILO, tic_scope="1")
            found += answer["gds_min_chart_qry"]
            if not (next_key := answer["next_key"]):
                break
        times = [row["cntr_tm"] for row in found]
        assert len(times) > 300
        assert times == sorted(set(times), reverse=True)
        assert "[1517:" in rig.ask("ka50080", "x", stk_cd=KILO, tic_scope="1")["return_msg"]


def test_kinds_of_investor_add_up_to_nothing(rig: GoldRig) -> None:
    rig.go_to(time(15, 31))
    found = rows(rig, "ka52301")
    assert [row["stk_cd"] for row in found] == ["T94008", "T94009", "T94014"]
    grams = sum(rig.gold.line(symbol).volume for symbol in (KILO, MINI))
    bought_by, sold_by = (
        sum(won(row, f"all_dfrt_trst_{side}_qty") for row in found) for side in ("buy", "sell")
    )
    assert grams // 1_000 - 3 < bought_by <= grams // 1_000
    assert grams // 1_000 - 3 < sold_by <= grams // 1_000
    assert all(won(row, "buy_qty_irds") >= 0 for row in found)


def test_gold_is_listed_with_what_is_listed(rig: GoldRig) -> None:
    listed = rig.ask("ka10099", mrkt_tp="80")["list"]
    assert [(row["code"], row["marketName"]) for row in listed] == [
        (KILO, "금현물"),
        (MINI, "금현물"),
    ]
    assert rig.ask("ka10100", stk_cd=MINI)["name"] == "미니금 99.99_100g"
    assert KILO not in {row["code"] for row in rig.ask("ka10099", mrkt_tp="0")["list"]}


def test_order_over_the_quota_is_refused_and_its_ghost_is_booked(rig: GoldRig) -> None:
    rig.faults.set(Faults(rate_next=1))
    assert rig.buy(1, rig.price - 5_000)["return_code"] == 5
    assert rows(rig, "kt50030") == []
    rig.faults.set(Faults(rate_next=1, ghosts=True))
    assert rig.buy(1, rig.price - 5_000)["return_code"] == 5
    assert [row["ord_no"] for row in rows(rig, "kt50030")] == ["0000001"]
    rig.faults.set(Faults(refuse_next=1))
    assert rig.buy(1, rig.price - 5_000)["return_code"] == 20
    assert len(rows(rig, "kt50030")) == 1


def test_gold_goes_on_from_its_ledger_and_ends_with_that_of_the_stocks(
    rigged: Rig, tmp_path: Path
) -> None:
    with rigged() as rig:
        bought(rig, 4)
        before = asked(rig, "kt50020")["net_entr"]
    with rigged() as rig:
        assert asked(rig, "kt50020")["net_entr"] == before
    (tmp_path / "kiwoom.ledger").unlink()
    with rigged() as rig:
        assert (won(asked(rig, "kt50020"), "net_entr"), rows(rig, "kt50020")) == (CASH, [])


def test_server_plays_gold_beside_stocks_and_its_socket_tells_nothing_of_it(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00")
            quote = await client.ask("ka50100", stk_cd=KILO)
            fields = {"stk_cd": KILO, "ord_qty": "2", "trde_tp": "0"}
            price = str(int(quote["pred_close_pric"]) - 5_000)
            assert (await client.ask("kt50000", **fields, ord_uv=price))["ord_no"] == "0000001"
            number = (await client.buy(10, 9_000))["ord_no"]
            told = (await socket.entries("00"))[0]["values"]
            assert (told["9203"], told["9001"]) == (number, "005930")
        assert [row["stk_cd"] for row in await client.open_orders()] == ["005930"]

    run(body)


@pytest.mark.parametrize("seed", range(5))
def test_prices_of_gold_are_on_the_ticks_and_within_the_limits(
    card_market: MarketData, seed: int
) -> None:
    panel = gold_market(card_market.panel, seed).panel
    table = tick_table(KINDS[0].market, KINDS[0].product, date(2025, 9, 1))
    assert not any((getattr(panel, name) % 10).any() for name in FIELDS[:4])
    assert (panel.low <= np.minimum(panel.open, panel.close)).all()
    assert (panel.high >= np.maximum(panel.open, panel.close)).all()
    assert (panel.volume > 0).all()
    assert table.is_on_grid(int(panel.close[0, 0]))
    starts = [*panel.session_starts.tolist(), len(panel)]
    for start, end in pairwise(starts[1:]):
        for row, kind in enumerate(KINDS):
            band = price_band(int(panel.close[row, start - 1]), kind, panel.dates[start])
            assert band.lower <= panel.low[row, start:end].min()
            assert panel.high[row, start:end].max() <= band.upper
    again = gold_market(card_market.panel, seed).panel
    assert (again.close == panel.close).all()
    assert (gold_market(card_market.panel, seed + 1).panel.close != panel.close).any()


def test_gold_is_not_traded_before_there_was_a_market_for_it() -> None:
    days = [date(2014, 3, 20), date(2014, 3, 21), date(2014, 3, 24), date(2014, 3, 25)]
    opened = np.array([int(np.datetime64(day, "ns").astype(np.int64)) for day in days])
    fields = {name: np.ones((1, len(days)), np.int64) for name in FIELDS}
    panel = Panel((KILO,), opened, opened + 6 * 3_600 * 10**9, fields, PriceBasis.RAW)
    assert gold_market(panel, 1).panel.traded.tolist() == [[False, False, True, True]] * 2
