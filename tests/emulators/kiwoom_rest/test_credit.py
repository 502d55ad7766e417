"""kt10006 to kt10009 and kt00012: nobody here has credit, and nothing is bought without it."""

from __future__ import annotations

import pytest

from maemae.domain.terms import Mode
from tests.emulators.kiwoom_rest.conftest import Play
from tests.kiwoom_emulator import ACCOUNT, CASH, Client, Fields

FAR = 9_000
REPAID = {"crd_deal_tp": "99"}


async def buy(client: Client, **changes: str) -> Fields:
    return await client.order("kt10006", 10, FAR, **changes)


async def sell(client: Client, **changes: str) -> Fields:
    return await client.order("kt10007", 10, 11_000, **(REPAID | changes))


async def change(client: Client, number: str, **changes: str) -> Fields:
    fields = {"dmst_stex_tp": "KRX", "orig_ord_no": number, "stk_cd": "005930"}
    return await client.ask("kt10008", **(fields | {"mdfy_qty": "5", "mdfy_uv": "9010"} | changes))


async def cancel(client: Client, number: str, **changes: str) -> Fields:
    fields = {"dmst_stex_tp": "KRX", "orig_ord_no": number, "stk_cd": "005930"}
    return await client.ask("kt10009", **(fields | {"cncl_qty": "0"} | changes))


def test_order_over_credit_when_well_formed_is_refused_and_moves_nothing(run: Play) -> None:
    async def body(client: Client) -> None:
        number = (await client.buy(12, FAR))["ord_no"]
        before = (await client.truth())["accounts"]
        for answer in (await buy(client), await buy(client, trde_tp="3"), await sell(client)):
            assert answer["return_code"] == 20
            assert answer["return_msg"].startswith("[2000](RC9000:")
            assert "ord_no" not in answer
        for answer in (await change(client, number), await cancel(client, number)):
            assert "RC4032" in answer["return_msg"]  # the order is there, and it is one in cash
        (row,) = await client.open_orders()
        assert (row["ord_no"], row["oso_qty"], row["ord_pric"]) == (number, "12", "9000")
        assert (await client.truth())["accounts"] == before

    run(body)


def test_order_over_credit_that_is_refused_for_its_rate_is_no_ghost(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", rate_next=2, ghosts=True)
        assert [(await buy(client))["status"], (await sell(client))["status"]] == [429, 429]
        assert await client.open_orders() == []
        assert (await client.truth())["accounts"][ACCOUNT]["orderable"] == CASH

    run(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ord_qty": ""}, "1511"),
        ({"dmst_stex_tp": "NYSE"}, "1517"),
        ({"stk_cd": "999999"}, "1902"),
        ({"ord_qty": "0"}, "1517"),
        ({"trde_tp": "01"}, "1517"),
        ({"ord_uv": "9001"}, "RC4027"),
        ({"ord_uv": "100"}, "RC4027"),
    ],
)
def test_order_over_credit_when_it_is_wrong_is_refused_as_one_in_cash(
    run: Play, changes: dict[str, str], code: str
) -> None:
    async def body(client: Client) -> None:
        found = await buy(client, **changes)
        assert code in found["return_msg"]
        assert found == await client.buy(10, FAR, **changes)

    run(body, speed=1)


def test_fields_of_credit_are_checked(run: Play) -> None:
    async def body(client: Client) -> None:
        assert "필수입력 파라미터=crd_deal_tp" in (await sell(client, crd_deal_tp=""))["return_msg"]
        assert "[1517:" in (await sell(client, crd_deal_tp="00"))["return_msg"]
        of_a_day = {"crd_deal_tp": "33"}
        assert "파라미터=crd_loan_dt" in (await sell(client, **of_a_day))["return_msg"]
        of_a_day["crd_loan_dt"] = "20250901"
        assert "(RC9000:" in (await sell(client, **of_a_day))["return_msg"]
        assert "[1902:" in (await cancel(client, "1", stk_cd="999999"))["return_msg"]
        assert "[1517:" in (await change(client, "1", mdfy_uv="0"))["return_msg"]

    run(body, speed=1)


def test_real_server_refuses_credit_in_words_of_its_own(run: Play) -> None:
    async def body(client: Client) -> None:
        answer = await buy(client)
        assert (answer["return_code"], "신용거래 약정" in answer["return_msg"]) == (20, True)

    run(body, mode=Mode.REAL, speed=1)


def test_what_could_be_bought_over_credit_is_nothing(run: Play) -> None:
    async def body(client: Client) -> None:
        answer = await client.ask("kt00012", stk_cd="005930", uv="10000")
        own = {name: text for name, text in answer.items() if name.startswith("assr_")}
        assert len(own) == 16
        assert set(own.values()) == {"0" * 12}
        assert int(answer["entr"]) == int(answer["ord_alowa"]) == CASH
        others = {"stk_assr_rt", "stk_assr_rt_nm", "repl_amt", "uncla", "ord_pos_repl"}
        others |= {"out_alowa", "out_pos_qty", "min_amt", "min_qty", "entr", "ord_alowa"}
        assert set(answer) - set(own) == others | {"return_code", "return_msg", "status"}
        assert "[1902:" in (await client.ask("kt00012", stk_cd="999999"))["return_msg"]

    run(body, speed=1)
