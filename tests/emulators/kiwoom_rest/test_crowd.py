"""Who trades, by kind of investor, member and programme; themes, zones, statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Final

from maemae.domain.ids import Symbol
from maemae.domain.terms import Mode
from maemae.emulators.market_source import SyntheticSource, load_market
from tests.brokers.sim_rig import RISING, STILL
from tests.emulators.kiwoom_rest.conftest import Play
from tests.emulators.kiwoom_rest.crowd_columns import TABLES
from tests.kiwoom_emulator import Client, Fields, play
from tests.waiting import until_async

DAY, DAY_BEFORE = "20250902", "20250901"
KINDS: Final = ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp", "natfor")
"""Kinds of investor that make up everybody: all institutions are one of them."""

KINDS_OF_TABLE: Final = ("ind_invsr", "orgn", "frgnr_invsr")
PARTS: Final = (
    *("fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank", "penfnd_etc", "samo_fund", "natn"),
)
MAY_BE_EMPTY: Final = frozenset(
    {
        *("ka10033", "ka10035", "ka10036", "ka10040", "ka10053", "ka10062", "ka10098"),
        *("ka10011", "ka10026", "kt20016"),
    }
)
DIRECTIONS: Final = {
    **dict.fromkeys(
        ("ka10034", "ka10037", "ka10038", "ka10039", "ka10044", "ka10058", "ka10065"),
        ({"trde_tp": "1"}, {"trde_tp": "2"}),
    ),
    "ka90003": ({"trde_upper_tp": "1"}, {"trde_upper_tp": "2"}),
}
"""Rankings of purchases and of sales: one of the two may be empty."""

OF_FUNDS: Final = frozenset(api_id for api_id in TABLES if api_id.startswith("ka400"))
FUND: Final = "Z90010"
EVERYBODY: Final = {"stk_cd": STILL, "unit_tp": "1", "amt_qty_tp": "2"}
WRONG: Final = {
    "ka00198": ("qry_tp", "9"),
    "ka10014": ("strt_dt", "yesterday"),
    "ka10025": ("prpscnt", "0"),
    "ka10034": ("dt", "2"),
    "ka10035": ("trde_tp", "3"),
    "ka10037": ("sort_tp", "3"),
    "ka10051": ("mrkt_tp", "2"),
    "ka10069": ("strt_dt", "20251301"),
    "ka10038": ("qry_tp", "0"),
    "ka10039": ("mmcm_cd", "999"),
    "ka10043": ("pot_tp", "2"),
    "ka10045": ("for_prsm_unp_tp", "3"),
    "ka10052": ("pric_tp", "6"),
    "ka10058": ("invsr_tp", "1"),
    "ka10059": ("unit_tp", "10"),
    "ka10061": ("amt_qty_tp", "0"),
    "ka10062": ("trde_tp", "3"),
    "ka10063": ("invsr", "9"),
    "ka10065": ("orgn_tp", "1"),
    "ka10078": ("end_dt", "20250230"),
    "ka10131": ("stk_inds_tp", "2"),
    "ka90001": ("flu_pl_amt_tp", "5"),
    "ka90002": ("thema_grp_cd", "1"),
    "ka90003": ("mrkt_tp", "001"),
    "ka90005": ("date", "now"),
    "ka90006": ("date", "now"),
    "ka90009": ("amt_qty_tp", "3"),
}
"""A field that each requires, and what may not be in it."""


async def answer_of(client: Client, api_id: str, **changes: str) -> Fields:
    asked = dict(each.split("=") for each in TABLES[api_id][1].split())
    answer = await client.ask(api_id, **(asked | changes))
    assert answer["return_code"] == 0, (api_id, answer)
    return answer


async def rows(client: Client, api_id: str, **changes: str) -> list[Fields]:
    found: list[Fields] = (await answer_of(client, api_id, **changes))[TABLES[api_id][0]]
    return found


async def every_row(client: Client, api_id: str, **changes: str) -> list[Fields]:
    """Return the rows of all pages."""
    found = await rows(client, api_id, **changes)
    while next_key := client.headers["next-key"]:
        found += await rows(client, api_id, next_key=next_key, **changes)
    return found


async def stand_still(client: Client) -> None:
    """Let both stocks trade a little, then nothing more."""

    async def has_traded() -> bool:
        return all([(await trades(client, symbol)) for symbol in (STILL, RISING)])

    await until_async(has_traded)
    for symbol in (STILL, RISING):
        await client.manage("states", symbol=symbol, states=["HALTED"])


async def trades(client: Client, symbol: str) -> list[Fields]:
    found: list[Fields] = (await client.ask("ka10003", stk_cd=symbol))["cntr_infr"]
    return found


async def a_theme(client: Client) -> str:
    return str((await rows(client, "ka90001"))[0]["thema_grp_cd"])


def numbers(row: Fields, names: tuple[str, ...]) -> list[int]:
    return [int(str(row[name]).replace("--", "-")) for name in names]


async def has_columns(client: Client, api_ids: Iterable[str]) -> None:
    for api_id in api_ids:
        key, _, fields, columns = TABLES[api_id]
        changes = {"thema_grp_cd": await a_theme(client)} if api_id == "ka90002" else {}
        answer = await answer_of(client, api_id, **changes)
        found = answer.get(key, [])
        for side in DIRECTIONS.get(api_id, ()):
            found += await rows(client, api_id, **side)
        assert found or not key or api_id in MAY_BE_EMPTY, api_id
        assert {frozenset(row) for row in found} <= {frozenset(columns.split())}, api_id
        single = set(answer) - {key, "return_code", "return_msg", "status"}
        assert single == set(fields.split()), api_id


def test_answers_have_the_columns_of_the_interface(run: Play) -> None:
    async def body(client: Client) -> None:
        await stand_still(client)
        await has_columns(client, (api_id for api_id in TABLES if api_id not in OF_FUNDS))
        for api_id in OF_FUNDS - {"ka40004"}:
            answer = await client.ask(
                api_id, **dict.fromkeys(("etfobjt_idex_cd", "dt"), "0"), stk_cd=STILL
            )
            assert "[1902:" in answer["return_msg"], api_id  # it is a stock

    run(body)


def test_answers_about_funds_have_the_columns_of_the_interface(tmp_path: Path) -> None:
    async def body(client: Client) -> None:
        async def has_traded() -> bool:
            return bool(await trades(client, FUND))

        await until_async(has_traded)
        await has_columns(client, OF_FUNDS)
        every = await rows(client, "ka40004")
        assert {row["stk_cd"] for row in every} == {FUND}
        async with client.socket() as socket:
            for kind in ("0F", "0G", "0w"):
                await socket.register(kind, item=FUND)
            for kind, count in (("0F", 57), ("0G", 15), ("0w", 17)):
                entry = (await socket.entries(kind))[0]
                assert (entry["item"], len(entry["values"])) == (FUND, count)

    symbols = Symbol(FUND), Symbol("Z00010")
    source = SyntheticSource(7, date(2025, 9, 2), date(2025, 9, 2), symbols)
    play(tmp_path, load_market(source), body)


def test_answers_when_a_field_is_wrong_are_refused(run: Play) -> None:
    async def body(client: Client) -> None:
        for api_id, (name, text) in WRONG.items():
            asked = dict(each.split("=") for each in TABLES[api_id][1].split())
            answer = await client.ask(api_id, **(asked | {name: text}))
            assert "[1517:" in answer["return_msg"], (api_id, answer)
            missing = await client.ask(api_id, **(asked | {name: ""}))
            assert "[1511:" in missing["return_msg"], (api_id, missing)

    run(body, speed=1)


def test_kinds_of_investor_add_up_to_everything_that_was_traded(run: Play) -> None:
    async def body(client: Client) -> None:
        await stand_still(client)
        sides = [await rows(client, "ka10059", trde_tp=side, **EVERYBODY) for side in "012"]
        assert [row["dt"] for row in sides[0]] == [DAY, DAY_BEFORE]
        for net, bought, sold in zip(*sides, strict=True):
            assert sum(numbers(net, KINDS)) == 0
            assert sum(numbers(bought, KINDS)) == int(bought["acc_trde_qty"]) > 0
            assert sum(numbers(sold, KINDS)) == int(sold["acc_trde_qty"])
            assert sum(numbers(net, PARTS)) == int(net["orgn"])
            assert any(numbers(net, KINDS))
        summed = await rows(client, "ka10061", strt_dt=DAY_BEFORE, end_dt=DAY, **EVERYBODY)
        for name in (*KINDS, *PARTS):
            days = sum(int(row[name]) for row in sides[0])
            assert numbers(summed[0], (name,)) == [days]
        by_institution = await rows(client, "ka10045", stk_cd=STILL)
        assert [int(row["orgn_daly_nettrde_qty"]) for row in by_institution] == [
            int(row["orgn"]) for row in sides[0]
        ]
        table = await client.ask("ka10086", stk_cd=STILL, qry_dt=DAY, indc_tp="0")
        for row, net in zip(table["daly_stkpc"], sides[0], strict=True):
            names = "ind", "orgn", "for_netprps"
            assert numbers(row, names) == [int(net[each]) for each in KINDS_OF_TABLE]
        chart = await rows(client, "ka10064", stk_cd=STILL, amt_qty_tp="2", trde_tp="1")
        assert chart[-1]["frgnr_invsr"] == sides[1][0]["frgnr_invsr"]

    run(body)


def test_foreigners_hold_more_by_what_they_bought(run: Play) -> None:
    async def body(client: Client) -> None:
        await stand_still(client)
        desk = client.server.desk
        line = desk.board.find(STILL)
        assert line is not None
        line.listed_shares = 100_000_000
        newest, before = await rows(client, "ka10008", stk_cd=STILL)
        assert int(newest["poss_stkcnt"]) - int(before["poss_stkcnt"]) == int(newest["chg_qty"])
        assert int(newest["poss_stkcnt"]) + int(newest["gain_pos_stkcnt"]) == 100_000_000
        net = (await rows(client, "ka10059", trde_tp="0", **EVERYBODY))[0]["frgnr_invsr"]
        assert net == newest["chg_qty"]
        direction = "2" if int(net) > 0 else "1"
        most = await rows(client, "ka10034", trde_tp=direction)
        assert STILL in {row["stk_cd"] for row in most}
        other = "1" if direction == "2" else "2"
        assert STILL not in {row["stk_cd"] for row in await rows(client, "ka10034", trde_tp=other)}

    run(body)


def test_members_who_bought_most_come_first_and_all_add_up(run: Play) -> None:
    async def body(client: Client) -> None:
        await stand_still(client)
        now = await answer_of(client, "ka10002", stk_cd=STILL)
        today = await answer_of(client, "ka10040", stk_cd=STILL)
        bought = [int(now[f"buy_trde_qty_{n}"]) for n in range(1, 6)]
        assert bought == sorted(bought, reverse=True)
        assert [int(today[f"buy_trde_ori_qty_{n}"]) for n in range(1, 6)] == bought
        listed = await rows(client, "ka10102")
        names = {row["name"]: row["code"] for row in listed}
        assert names[now["buy_trde_ori_nm_1"]] == now["buy_trde_ori_1"]
        days = []
        for code in names.values():
            of_one = {"stk_cd": STILL, "mmcm_cd": code}
            (day,) = await rows(client, "ka10078", strt_dt=DAY, **of_one)
            moments = await every_row(client, "ka10052", **of_one)
            shares = [int(row["mont_trde_qty"]) for row in moments if row["tp"] == "+매수"]
            assert 0 <= sum(shares) - int(day["buy_qty"]) < len(names)  # see `member_moments`
            assert int(moments[0]["acc_netprps"]) == int(day["netprps_qty"])
            days.append(day)
        volume = int((await rows(client, "ka10059", **EVERYBODY))[0]["acc_trde_qty"])
        assert sum(int(row["buy_qty"]) for row in days) == volume
        assert sum(int(row["sell_qty"]) for row in days) == volume
        assert sum(int(row["netprps_qty"]) for row in days) == 0

    run(body)


def test_programmes_through_the_day_end_where_the_day_does(run: Play) -> None:
    async def body(client: Client) -> None:
        await stand_still(client)
        by_print = await rows(client, "ka90008", stk_cd=STILL)
        by_day = await rows(client, "ka90013", stk_cd=STILL)
        assert len(by_print) == len(await trades(client, STILL))
        same = "prm_sell_qty", "prm_buy_qty", "prm_netprps_qty"
        assert [by_print[0][name] for name in same] == [by_day[0][name] for name in same]
        of_day = await rows(client, "ka90004", dt=DAY)
        sold = {row["stk_cd"]: row["sel_cntr_qty"] for row in of_day}
        assert sold[STILL] == by_day[0]["prm_sell_qty"]
        minutes, days = await rows(client, "ka90005"), await rows(client, "ka90010")
        assert minutes[0]["all_sel"] == days[0]["all_sel"]
        added = await rows(client, "ka90007", date=DAY)
        assert added[0]["all_tdy"] == days[0]["all_netprps"]

    run(body)


def test_short_sales_add_up_from_the_oldest_day(run: Play) -> None:
    async def body(client: Client) -> None:
        await stand_still(client)
        newest, before = await rows(client, "ka10014", stk_cd=STILL)
        assert int(newest["ovr_shrts_qty"]) == int(newest["shrts_qty"]) + int(before["shrts_qty"])
        assert 0 < int(before["shrts_qty"]) < int(before["trde_qty"]) // 10 + 1

    run(body)


def test_what_is_sold_short_is_lent_on_the_day(run: Play) -> None:
    async def body(client: Client) -> None:
        await stand_still(client)
        short = await rows(client, "ka10014", stk_cd=STILL)
        lent = await rows(client, "ka20068", stk_cd=STILL)
        assert [row["dbrt_trde_cntrcnt"] for row in lent] == [row["shrts_qty"] for row in short]
        assert int(lent[0]["rmnd"]) == int(short[0]["ovr_shrts_qty"])
        of_day = await rows(client, "ka90012", dt=DAY)
        assert {row["stk_cd"]: row["rmnd"] for row in of_day}[STILL] == lent[0]["rmnd"]

    run(body)


def test_index_is_traded_by_everybody_and_programmes(run: Play) -> None:
    async def body(client: Client) -> None:
        await stand_still(client)
        row = (await rows(client, "ka10051", amt_qty_tp="0"))[0]
        kinds = "ind", "frgnr", "orgn", "etc_corp", "native_trmt_frgnr"
        assert abs(sum(int(row[f"{kind}_netprps"]) for kind in kinds)) <= len(kinds)  # each is cut
        whole = await answer_of(client, "ka10010", stk_cd="001")
        parts = [await answer_of(client, "ka10010", stk_cd=code) for code in (STILL, RISING)]
        name = "all_dfrt_trst_sell_qty"
        assert int(whole[name]) == sum(int(part[name]) for part in parts) > 0

    run(body)


def test_theme_of_a_stock_has_the_stock(run: Play) -> None:
    async def body(client: Client) -> None:
        found = await rows(client, "ka90001", qry_tp="2", stk_cd=STILL)
        assert len(found) == 1
        stocks = await rows(client, "ka90002", thema_grp_cd=found[0]["thema_grp_cd"])
        assert STILL in {row["stk_cd"] for row in stocks}
        assert str(len(stocks)) == found[0]["stk_num"]
        everywhere = [
            row["stk_cd"]
            for theme in await rows(client, "ka90001")
            for row in await rows(client, "ka90002", thema_grp_cd=theme["thema_grp_cd"])
        ]
        assert sorted(everywhere) == sorted([STILL, RISING])

    run(body, speed=1)


def test_expected_prices_are_told_in_an_auction_only(run: Play) -> None:
    async def body(client: Client) -> None:
        asked = {
            **dict.fromkeys(("trde_qty_cnd", "stk_cnd", "crd_cnd", "pric_cnd"), "0"),
            "mrkt_tp": "000",
            "sort_tp": "6",
            "stex_tp": "1",
        }
        answer = await client.ask("ka10029", **asked)
        assert answer["exp_cntr_flu_rt_upper"] == []

    run(body, speed=1)


def test_statements_of_a_real_account_agree_with_its_cash(run: Play) -> None:
    async def body(client: Client) -> None:
        before = await client.ask("kt00013")
        await client.buy(3)
        await client.filled(3)
        today = await client.ask("kt00017")
        bought, fee = int(today["buy_amt"]), int(today["cmsn"])
        assert bought == 30_000
        margin, cash = await client.ask("kt00013"), await client.ask("kt00001", qry_tp="2")
        assert margin["100ord_alow_amt"] == cash["ord_alow_amt"]
        assert int(before["d2vexct_entr"]) - int(margin["d2vexct_entr"]) == bought + fee
        returns = await client.ask("kt00016", fr_dt=DAY, to_dt=DAY)
        assert int(returns["tot_amt_fr"]) == int(before["d2vexct_entr"])
        assert int(returns["entr_to"]) == int(margin["d2vexct_entr"]) == int(today["d2_entra"])
        assert int(returns["evltv_prft"]) == int(returns["tot_amt_to"]) - int(returns["tot_amt_fr"])
        settled = await client.ask(
            "kt00015", strt_dt=DAY, end_dt=DAY, tp="0", gds_tp="0", dmst_stex_tp="%"
        )
        assert settled["trst_ovrl_trde_prps_array"] == []  # due in two sessions

    run(body, mode=Mode.REAL)


def test_statements_are_not_offered_on_paper(run: Play) -> None:
    async def body(client: Client) -> None:
        for api_id in ("kt00015", "kt00016", "kt00017"):
            assert "(RC9000:" in (await client.ask(api_id))["return_msg"]

    run(body, speed=1)
