"""kt10000 to kt10003, and the lists that show them."""

from __future__ import annotations

from datetime import time

import pytest

from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.codes import FORMS, KNOWN_FORMS
from maemae.emulators.kiwoom_rest.config import Doubts
from tests.brokers.sim_rig import PRICE, RISING
from tests.emulators.kiwoom_rest.conftest import Play
from tests.kiwoom_emulator import ACCOUNT, CASH, OTHER_KEYS, Client, Fields

FAR = 9_000


def test_order_when_taken_has_seven_digits_and_waits_in_the_list(run: Play) -> None:
    async def body(client: Client) -> None:
        answer = await client.buy(12, FAR)
        assert answer == {
            "ord_no": "0000001",
            "dmst_stex_tp": "KRX",
            "return_code": 0,
            "return_msg": "모의투자 매수주문완료",
            "status": 200,
        }
        (row,) = await client.open_orders()
        assert row["acnt_no"] == ACCOUNT
        assert (row["ord_no"], row["stk_cd"]) == ("0000001", "005930")
        assert (row["ord_qty"], row["oso_qty"], row["cntr_qty"]) == ("12", "12", "0")
        assert (row["ord_pric"], row["orig_ord_no"]) == ("9000", "0000000")
        assert (row["io_tp_nm"], row["trde_tp"], row["ord_stt"]) == ("+매수", "보통", "접수")
        assert (row["stex_tp"], row["stex_tp_txt"], row["sor_yn"]) == ("1", "KRX", "N")
        await client.log_in(OTHER_KEYS)
        assert await client.open_orders() == []

    run(body)


def test_order_when_filled_moves_cash_holdings_and_lists_together(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(10)
        await client.filled(10)
        (row,) = await client.executed()
        assert (row["cntr_qty"], row["oso_qty"], row["trde_tp"]) == ("10", "0", "시장가")
        paid = int(row["cntr_pric"]) * 10
        fee = paid * 35 // 10_000 // 10 * 10
        assert row["tdy_trde_cmsn"] == str(fee)
        held = (await client.holdings())["acnt_evlt_remn_indv_tot"]
        assert [each["stk_cd"] for each in held] == ["A005930"]
        assert int(held[0]["rmnd_qty"]) == int(held[0]["trde_able_qty"]) == 10
        assert int(held[0]["pur_amt"]) == paid
        cash = await client.ask("kt00001", qry_tp="3")
        assert int(cash["entr"]) == int(cash["d1_entra"]) == CASH
        assert int(cash["d2_entra"]) == int(cash["ord_alow_amt"]) == CASH - paid - fee
        assert int(cash["d2_buy_exct_amt"]) == paid + fee
        truth = (await client.truth())["accounts"][ACCOUNT]
        assert truth["cash"] == CASH - paid - fee

    run(body)


def test_sale_is_taxed_and_its_profit_is_realised(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(10)
        await client.filled(10)
        await client.sell(4)
        await client.filled(14)
        sale = (await client.executed())[0]
        px, bought = int(sale["cntr_pric"]), int((await client.executed())[1]["cntr_pric"])
        fee = px * 4 * 35 // 10_000 // 10 * 10
        tax = px * 4 * 15 // 10_000
        assert (sale["tdy_trde_cmsn"], sale["tdy_trde_tax"]) == (str(fee), str(tax))
        profit = (px - bought) * 4 - fee - tax
        today = await client.ask("ka10077", stk_cd="005930")
        assert int(today["tdy_rlzt_pl"]) == profit
        (row,) = today["tdy_rlzt_pl_dtl"]
        assert (row["cntr_qty"], row["buy_uv"]) == ("4", str(bought))
        days = await client.ask("ka10074", strt_dt="20250901", end_dt="20250930")
        assert (days["rlzt_pl"], days["tot_sell_amt"]) == (str(profit), str(px * 4))
        assert len(days["dt_rlzt_pl"]) == 1
        for api_id, key in (("ka10072", "dt_stk_div_rlzt_pl"), ("ka10073", "dt_stk_rlzt_pl")):
            found = await client.ask(api_id, strt_dt="20250901", end_dt="20250930")
            assert [int(each["tdy_sel_pl"]) for each in found[key]] == [profit]
        diary = await client.ask("ka10170", ottks_tp="2", ch_crd_tp="0")
        assert int(diary["tot_pl_amt"]) == profit

    run(body)


def test_amend_of_all_that_is_left_goes_on_under_a_new_number(run: Play) -> None:
    async def body(client: Client) -> None:
        first = (await client.buy(12, FAR))["ord_no"]
        answer = await client.amend(first, 12, FAR + 10)
        assert answer["return_msg"] == "모의투자 정정주문완료"
        assert (answer["ord_no"], answer["base_orig_ord_no"]) == ("0000002", first)
        assert answer["mdfy_qty"] == "000000000012"
        (row,) = await client.open_orders()
        assert (row["ord_no"], row["orig_ord_no"], row["io_tp_nm"]) == (
            "0000002",
            first,
            "+매수정정",
        )
        assert "RC4033" in (await client.amend(first, 1, FAR))["return_msg"]
        assert "RC4033" in (await client.cancel(first))["return_msg"]
        third = await client.cancel("0000002")
        assert (third["ord_no"], third["base_orig_ord_no"]) == ("0000003", first)
        assert third["cncl_qty"] == "000000000012"
        assert "dmst_stex_tp" not in third
        assert await client.open_orders() == []
        assert await client.executed() == []

    run(body)


def test_amend_of_a_part_leaves_the_rest_under_the_old_number(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(12, FAR)
        assert (await client.amend("1", 5, FAR + 10))["mdfy_qty"] == "000000000005"
        rows = {row["ord_no"]: row for row in await client.open_orders()}
        assert (rows["0000001"]["oso_qty"], rows["0000001"]["ord_pric"]) == ("7", "9000")
        assert (rows["0000002"]["oso_qty"], rows["0000002"]["ord_qty"]) == ("5", "5")
        assert rows["0000002"]["orig_ord_no"] == "0000001"

    run(body)


def test_amend_that_cash_does_not_cover_changes_nothing(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(11_000, FAR)
        before = (await client.truth())["accounts"][ACCOUNT]
        assert "RC4025" in (await client.amend("0000001", 5_000, 12_000))["return_msg"]
        (row,) = await client.open_orders()
        assert (row["ord_no"], row["oso_qty"], row["ord_pric"]) == ("0000001", "11000", "9000")
        assert (await client.truth())["accounts"][ACCOUNT] == before

    run(body)


def test_cancel_of_a_part_leaves_the_rest_working(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(12, FAR)
        assert (await client.cancel("0000001", 5))["cncl_qty"] == "000000000005"
        (row,) = await client.open_orders()
        assert (row["ord_no"], row["ord_qty"], row["oso_qty"]) == ("0000001", "12", "7")
        assert (await client.cancel("0000001"))["cncl_qty"] == "000000000007"
        truth = (await client.truth())["accounts"][ACCOUNT]
        assert truth["orderable"] == CASH

    run(body)


def test_amend_of_a_partly_filled_order_counts_from_nothing(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(5_000, PRICE)
        await client.filled(1)
        moved = int((await client.amend("0000001", 5_000, FAR))["mdfy_qty"])
        assert 0 < moved < 5_000
        (row,) = await client.open_orders()
        assert (row["ord_qty"], row["oso_qty"], row["cntr_qty"]) == (str(moved), str(moved), "0")
        detail = await client.ask(
            "kt00007", qry_tp="1", stk_bond_tp="0", sell_tp="0", dmst_stex_tp="%"
        )
        old, new = detail["acnt_ord_cntr_prps_dtl"]
        assert (int(old["cntr_qty"]), int(old["ord_remnq"])) == (5_000 - moved, 0)
        assert (int(new["cntr_qty"]), int(new["ord_remnq"])) == (0, moved)

    run(body)


def test_day_list_shows_every_number_with_its_words(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(12, FAR)
        await client.amend("0000001", 12, FAR + 10)
        await client.cancel("0000002")
        await client.buy(3)
        await client.filled(3)
        ask = {"stk_bond_tp": "0", "sell_tp": "0", "dmst_stex_tp": "%"}
        found = await client.ask("kt00007", qry_tp="1", **ask)
        rows = found["acnt_ord_cntr_prps_dtl"]
        assert [row["ord_no"] for row in rows] == [f"{n:07d}" for n in range(1, 5)]
        assert [row["mdfy_cncl"] for row in rows] == ["", "정정", "취소", ""]
        assert [row["ori_ord"] for row in rows] == ["0000000", "0000001", "0000002", "0000000"]
        assert [row["ord_qty"] for row in rows] == [f"{n:010d}" for n in (12, 12, 12, 3)]
        assert {row["io_tp_nm"] for row in rows} == {"현금매수"}
        assert rows[3]["cntr_qty"] == "0000000003"
        backwards = await client.ask("kt00007", qry_tp="2", **ask)
        assert backwards["acnt_ord_cntr_prps_dtl"] == rows[::-1]
        for order, numbers in (("3", []), ("4", ["0000004"])):
            chosen = await client.ask("kt00007", qry_tp=order, **ask)
            assert [row["ord_no"] for row in chosen["acnt_ord_cntr_prps_dtl"]] == numbers

    run(body)


def test_fill_list_needs_a_day_on_paper_and_has_a_row_for_each_fill(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(150)
        await client.filled(150)
        ask = {
            "stk_bond_tp": "0",
            "mrkt_tp": "0",
            "sell_tp": "0",
            "qry_tp": "1",
            "dmst_stex_tp": "%",
        }
        assert (await client.ask("kt00009", **ask))["acnt_ord_cntr_prst_array"] == []
        found = await client.ask("kt00009", ord_dt="20250902", **ask)
        rows = found["acnt_ord_cntr_prst_array"]
        assert len({row["cntr_no"] for row in rows}) == len(rows) > 1
        assert sum(int(row["cntr_qty"]) for row in rows) == 150
        notional = sum(int(row["cntr_qty"]) * int(row["cntr_uv"]) for row in rows)
        assert int(found["buy_engg_amt"]) == int(found["engg_amt"]) == notional

    run(body)


@pytest.mark.parametrize(
    ("qty", "price", "changes", "code"),
    [
        (10, 9_001, {}, "RC4027"),
        (10, 100, {}, "RC4027"),
        (10, 20_000, {}, "RC4027"),
        (12_000, FAR, {}, "RC4025"),
        (10, None, {"dmst_stex_tp": "NXT"}, "RC9000"),
        (10, None, {"dmst_stex_tp": "SOR"}, "RC9000"),
        *((10, FAR, {"trde_tp": code}, "RC9000") for code in sorted(KNOWN_FORMS - FORMS.keys())),
    ],
)
def test_order_when_refused_has_the_code_and_no_number(
    run: Play, qty: int, price: int | None, changes: dict[str, str], code: str
) -> None:
    async def body(client: Client) -> None:
        answer = await client.buy(qty, price, **changes)
        assert (answer["status"], answer["return_code"]) == (200, 20)
        assert answer["return_msg"].startswith(f"[2000]({code}:")
        assert "ord_no" not in answer
        assert (await client.truth())["accounts"][ACCOUNT]["orderable"] == CASH

    run(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dmst_stex_tp": "NYSE"}, "1517"),
        ({"trde_tp": "01"}, "1517"),
        ({"ord_qty": "-1"}, "1517"),
        ({"ord_qty": "0"}, "1517"),
        ({"ord_qty": "9" * 5_000}, "1517"),
        ({"ord_uv": "x"}, "1517"),
        ({"stk_cd": "999999"}, "1902"),
        ({"ord_qty": ""}, "1511"),
    ],
)
def test_order_when_it_cannot_be_read_is_an_input_error(
    run: Play, changes: dict[str, str], code: str
) -> None:
    async def body(client: Client) -> None:
        answer = await client.buy(10, FAR, **changes)
        assert answer["return_code"] == 2
        assert f"[{code}:" in answer["return_msg"]

    run(body)


def test_sale_of_what_is_not_held_or_already_offered_is_refused(run: Play) -> None:
    async def body(client: Client) -> None:
        assert "800033" in (await client.sell(1, 11_000))["return_msg"]
        await client.buy(10)
        await client.filled(10)
        await client.sell(8, 11_000)
        held = (await client.holdings())["acnt_evlt_remn_indv_tot"]
        assert int(held[0]["trde_able_qty"]) == 2
        assert "800033" in (await client.sell(3, 11_000))["return_msg"]

    run(body)


def test_numbers_of_others_and_of_nobody_are_not_found(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(10, FAR)
        assert "RC4032" in (await client.cancel("0000009"))["return_msg"]
        await client.log_in(OTHER_KEYS)
        assert "RC4032" in (await client.cancel("0000001"))["return_msg"]

    run(body)


@pytest.mark.parametrize(("code", "price"), [("6", PRICE), ("7", PRICE - 10)])
def test_order_without_a_price_of_its_own_takes_that_of_the_book(
    run: Play, code: str, price: int
) -> None:
    async def body(client: Client) -> None:
        await client.buy(1_000, None, trde_tp=code)
        found = await client.ask(
            "kt00007", qry_tp="1", stk_bond_tp="0", sell_tp="0", dmst_stex_tp="%"
        )
        (row,) = found["acnt_ord_cntr_prps_dtl"]
        assert int(row["ord_uv"]) == price
        assert row["trde_tp"] == ("최유리지정가" if code == "6" else "최우선지정가")

    run(body)


def test_stop_limit_order_waits_for_its_trigger_and_is_told_as_one(run: Play) -> None:
    async def body(client: Client) -> None:
        now = abs(int((await client.ask("ka10001", stk_cd=RISING))["cur_prc"]))
        stop = {"stk_cd": RISING, "trde_tp": "28", "cond_uv": str(now + 50)}
        assert "1517" in (await client.buy(10, now + 100, **(stop | {"cond_uv": ""})))["return_msg"]
        assert (
            "RC4027" in (await client.buy(10, now + 100, **(stop | {"cond_uv": "7"})))["return_msg"]
        )
        number = (await client.buy(10, now + 100, **stop))["ord_no"]
        (row,) = await client.open_orders()
        assert (row["ord_no"], row["trde_tp"], row["oso_qty"]) == (number, "스톱지정가", "10")
        assert int((await client.ask("kt00001", qry_tp="3"))["ord_alow_amt"]) < CASH - 10 * now
        assert "1517" in (await change(client, number, now + 90, str(now + 60)))["return_msg"]
        changed = await change(client, number, now + 90, "")
        await client.filled(10)
        found = await client.ask(
            "kt00007", qry_tp="4", stk_bond_tp="0", sell_tp="0", dmst_stex_tp="%"
        )
        (row,) = found["acnt_ord_cntr_prps_dtl"]
        assert (row["ord_no"], int(row["cond_uv"])) == (changed["ord_no"], now + 50)
        assert now + 50 <= int(row["cntr_uv"]) <= now + 90

    run(body)


async def change(client: Client, number: str, price: int, trigger: str) -> Fields:
    body = {"mdfy_qty": "10", "mdfy_uv": str(price), "mdfy_cond_uv": trigger}
    order = {"dmst_stex_tp": "KRX", "orig_ord_no": number, "stk_cd": RISING}
    return await client.ask("kt10002", **order, **body)


def test_immediate_order_fills_what_it_can_and_the_rest_is_gone(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(5_000, PRICE, trde_tp="10")
        await client.filled(1)
        (row,) = await client.executed()
        assert (row["oso_qty"], row["trde_tp"]) == ("0", "보통(IOC)")
        assert 0 < int(row["cntr_qty"]) < 5_000

    run(body)


@pytest.mark.parametrize(("opens_at", "code"), [("08:40", "RC4057"), ("15:40", "RC4058")])
def test_paper_server_when_the_market_is_closed_refuses(
    run: Play, opens_at: str, code: str
) -> None:
    async def body(client: Client) -> None:
        assert code in (await client.buy(10, FAR))["return_msg"]

    run(body, opens_at=time.fromisoformat(opens_at), speed=1)


def test_opening_auction_takes_orders_where_that_is_assumed(run: Play) -> None:
    async def body(client: Client) -> None:
        assert (await client.buy(10, FAR))["return_code"] == 0

    run(body, opens_at=time(8, 40), speed=1, doubts=Doubts(takes_pre_open=True))


def test_real_server_takes_routed_orders_and_has_codes_of_its_own(run: Play) -> None:
    async def body(client: Client) -> None:
        assert (await client.buy(10, FAR, dmst_stex_tp="SOR"))["dmst_stex_tp"] == "SOR"
        (row,) = await client.open_orders()
        assert (row["stex_tp"], row["stex_tp_txt"], row["sor_yn"]) == ("0", "SOR", "Y")
        (leg,) = (await client.ask("ka10088", ord_no="0000001"))["osop"]
        assert (leg["stex_tp_txt"], leg["osop_qty"]) == ("S-KRX", "10")
        assert "571552" in (await client.buy(10, 100))["return_msg"]
        for code in KNOWN_FORMS - FORMS.keys():  # there, but the market here cannot play it
            assert (await client.buy(10, FAR, trde_tp=code))["return_code"] == 20
        assert (await client.cancel("0000001"))["return_code"] == 0

    run(body, mode=Mode.REAL)
