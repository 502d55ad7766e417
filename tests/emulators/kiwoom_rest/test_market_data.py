"""Quotes, books, charts and their pages, lists of what is listed, indices, rankings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from maemae.domain.ids import Symbol
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.catalogue import PATHS
from maemae.emulators.kiwoom_rest.config import Doubts, Watchlist
from tests.brokers.sim_rig import PRICE, RISING
from tests.emulators.kiwoom_rest.conftest import Play
from tests.emulators.kiwoom_rest.crowd_columns import TABLES
from tests.emulators.kiwoom_rest.gold_columns import GOLD
from tests.kiwoom_emulator import Client, Fields
from tests.waiting import until_async

MANUAL: Final = Path(__file__).parents[3] / "docs" / "manual"
DAY, DAY_BEFORE = "20250902", "20250901"


async def pages(client: Client, key: str, api_id: str, **fields: str) -> list[list[Fields]]:
    """Return every page of a list."""
    found, next_key = [], ""
    while True:
        answer = await client.ask(api_id, next_key, **fields)
        assert answer["return_code"] == 0, answer
        found.append(answer[key])
        if client.headers["cont-yn"] != "Y":
            assert client.headers["next-key"] == ""
            return found
        assert client.headers["next-key"] != next_key
        next_key = client.headers["next-key"]


def test_stock_shows_signed_prices_around_its_base(run: Play) -> None:
    async def body(client: Client) -> None:
        rising = await client.ask("ka10001", stk_cd=RISING)
        assert (rising["stk_nm"], rising["stk_cd"]) == ("rising", RISING)
        base, px = int(rising["base_pric"]), abs(int(rising["cur_prc"]))
        assert int(rising["pred_pre"]) == px - base
        assert rising["cur_prc"].startswith("-") is (px < base)
        assert rising["pre_sig"] == ("5" if px < base else "3" if px == base else "2")
        still = await client.ask("ka10001", stk_cd="005930")
        assert (still["cur_prc"], still["pre_sig"], still["flu_rt"]) == ("10000", "3", "0.00")
        assert (still["upl_pric"], still["lst_pric"]) == ("+13000", "-7000")

    run(body)


def test_book_has_ten_levels_on_the_tick_and_our_own_orders_in_it(run: Play) -> None:
    async def body(client: Client) -> None:
        before = await client.ask("ka10004", stk_cd="005930")
        asks = [before["sel_fpr_bid"], *[before[f"sel_{n}th_pre_bid"] for n in range(2, 11)]]
        bids = [before["buy_fpr_bid"], *[before[f"buy_{n}th_pre_bid"] for n in range(2, 11)]]
        assert [abs(int(px)) for px in asks] == [PRICE + 10 * n for n in range(10)]
        assert [abs(int(px)) for px in bids] == [PRICE - 10 - 10 * n for n in range(10)]
        total = int(before["tot_buy_req"])
        assert total == sum(
            int(before[key])
            for key in ("buy_fpr_req", *[f"buy_{n}th_pre_req" for n in range(2, 11)])
        )
        table = await client.ask("ka10007", stk_cd="005930")
        assert table["sel_1bid"] == before["sel_fpr_bid"]
        await client.buy(5_000, PRICE - 50)

        async def shows() -> bool:
            now = await client.ask("ka10004", stk_cd="005930")
            return int(now["buy_5th_pre_req"]) >= 5_000

        await until_async(shows)

    run(body)


def test_trades_and_ticks_are_newest_first_and_agree_with_the_day(run: Play) -> None:
    async def body(client: Client) -> None:
        trades = (await client.ask("ka10003", stk_cd="005930"))["cntr_infr"]
        assert [row["tm"] for row in trades] == sorted((row["tm"] for row in trades), reverse=True)
        volumes = [int(row["acc_trde_qty"]) for row in trades]
        assert volumes == sorted(volumes, reverse=True)
        assert abs(int(trades[0]["cntr_trde_qty"])) == volumes[0] - volumes[1]
        ticks = await client.ask("ka10079", stk_cd="005930", tic_scope="30", upd_stkpc_tp="1")
        assert int(ticks["stk_tic_chart_qry"][-1]["trde_qty"]) == 30_000

    run(body)


def test_minute_chart_is_cut_into_pages_that_fit_together(run: Play) -> None:
    async def body(client: Client) -> None:
        ask = {"stk_cd": RISING, "tic_scope": "1", "upd_stkpc_tp": "1"}
        cut = await pages(client, "stk_min_pole_chart_qry", "ka10080", **ask)
        assert len(cut) > 3
        assert {len(page) for page in cut[:-1]} == {100}
        times = [row["cntr_tm"] for page in cut for row in page]
        assert times == sorted(set(times), reverse=True)
        assert times[-1] == DAY_BEFORE + "090000"
        rows = {row["cntr_tm"]: row for page in cut for row in page}
        first = rows[DAY + "090000"]
        assert [abs(int(first[name])) for name in ("open_pric", "high_pric", "low_pric")] == [
            PRICE,
            PRICE + 20,
            PRICE,
        ]
        assert (first["trde_qty"], first["acc_trde_qty"]) == ("50000", "50000")

    run(body, page_rows={"ka10080": 100})


def test_longer_minutes_add_up(run: Play) -> None:
    async def body(client: Client) -> None:
        ask = {"stk_cd": RISING, "upd_stkpc_tp": "1", "base_dt": DAY_BEFORE}
        fives = await client.ask("ka10080", tic_scope="5", **ask)
        last = fives["stk_min_pole_chart_qry"][-1]
        assert (last["cntr_tm"], last["trde_qty"]) == (DAY_BEFORE + "090000", "250000")
        assert abs(int(last["high_pric"])) == PRICE + 60
        refused = await client.ask("ka10080", tic_scope="7", **ask)
        assert "[1517:" in refused["return_msg"]

    run(body)


def test_daily_chart_goes_back_from_the_day_asked_for(run: Play) -> None:
    async def body(client: Client) -> None:
        ask = {"stk_cd": RISING, "upd_stkpc_tp": "0"}
        rows = (await client.ask("ka10081", base_dt=DAY, **ask))["stk_dt_pole_chart_qry"]
        assert [row["dt"] for row in rows] == [DAY, DAY_BEFORE]
        whole = rows[1]
        assert (whole["open_pric"], whole["low_pric"]) == ("10000", "10000")
        assert int(whole["trde_qty"]) > 10_000_000
        before = await client.ask("ka10081", base_dt=DAY_BEFORE, **ask)
        assert before["stk_dt_pole_chart_qry"] == [whole]
        quote = await client.ask("ka10001", stk_cd=RISING)
        assert int(quote["base_pric"]) == int(whole["cur_prc"])
        table = (await client.ask("ka10086", stk_cd=RISING, qry_dt=DAY, indc_tp="0"))["daly_stkpc"]
        assert [row["date"] for row in table] == [DAY, DAY_BEFORE]
        recent = (await client.ask("ka10005", stk_cd=RISING))["stk_ddwkmm"]
        for name in ("date", "open_pric", "close_pric", "flu_rt"):
            assert recent[1][name] == table[1][name]

    run(body)


@pytest.mark.parametrize(
    ("api_id", "key"),
    [
        ("ka10082", "stk_stk_pole_chart_qry"),
        ("ka10083", "stk_mth_pole_chart_qry"),
        ("ka10094", "stk_yr_pole_chart_qry"),
    ],
)
def test_longer_charts_hold_both_days_in_one_bar(run: Play, api_id: str, key: str) -> None:
    async def body(client: Client) -> None:
        found = await client.ask(api_id, stk_cd=RISING, base_dt=DAY, upd_stkpc_tp="0")
        (row,) = found[key]
        days = await client.ask("ka10081", stk_cd=RISING, base_dt=DAY, upd_stkpc_tp="0")
        total = sum(int(each["trde_qty"]) for each in days["stk_dt_pole_chart_qry"])
        assert (row["dt"], abs(int(row["trde_qty"]) - total) < 200_000) == (DAY_BEFORE, True)

    run(body)


def test_chart_without_data_is_one_blank_row(run: Play) -> None:
    async def body(client: Client) -> None:
        found = await client.ask("ka10081", stk_cd=RISING, base_dt="20200102", upd_stkpc_tp="0")
        (row,) = found["stk_dt_pole_chart_qry"]
        assert set(row.values()) == {""}
        elsewhere = await client.ask(
            "ka10081", stk_cd=f"{RISING}_NX", base_dt=DAY, upd_stkpc_tp="0"
        )
        assert set(elsewhere["stk_dt_pole_chart_qry"][0].values()) == {""}
        assert elsewhere["stk_cd"] == f"{RISING}_NX"

    run(body)


@pytest.mark.parametrize("mode", [Mode.PAPER, Mode.REAL])
def test_code_of_both_exchanges_is_answered_for_and_streamed(run: Play, mode: Mode) -> None:
    async def body(client: Client) -> None:
        found = await client.ask("ka10001", stk_cd=f"{RISING}_AL")
        assert (found["stk_cd"], found["stk_nm"]) == (f"{RISING}_AL", "rising")
        async with client.socket() as socket:
            await socket.register("0B", item=f"{RISING}_AL")
            assert (await socket.entries("0B"))[0]["item"] == f"{RISING}_AL"

    run(body, mode=mode)


def test_lists_when_nextrade_alone_is_asked_for_are_empty(run: Play) -> None:
    async def body(client: Client) -> None:
        asked = {"mrkt_tp": "000", "mang_stk_incls": "0"}
        assert (await client.ask("ka10032", **asked, stex_tp="2"))["trde_prica_upper"] == []
        found = (await client.ask("ka10032", **asked, stex_tp="1"))["trde_prica_upper"]
        assert {row["stk_cd"] for row in found} == {RISING, "005930"}
        blank = await client.ask("ka10001", stk_cd=f"{RISING}_NX")
        assert blank["stk_nm"] == ""

    run(body, speed=1)


def test_code_of_both_exchanges_when_paper_does_not_unify_is_blank(run: Play) -> None:
    async def body(client: Client) -> None:
        assert (await client.ask("ka10001", stk_cd=f"{RISING}_AL"))["stk_nm"] == ""

    run(body, speed=1, doubts=Doubts(unifies_on_paper=False))


def test_chart_with_the_fault_ends_in_a_blank_page_that_promises_more(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", sentinel=True)
        ask = {"stk_cd": RISING, "base_dt": DAY, "upd_stkpc_tp": "0"}
        await client.ask("ka10081", **ask)
        next_key = client.headers["next-key"]
        assert client.headers["cont-yn"] == "Y"
        found = await client.ask("ka10081", next_key, **ask)
        assert set(found["stk_dt_pole_chart_qry"][0].values()) == {""}
        assert (client.headers["cont-yn"], client.headers["next-key"]) == ("Y", next_key)

    run(body)


def test_page_key_that_was_never_given_is_refused(run: Play) -> None:
    async def body(client: Client) -> None:
        found = await client.ask("ka10099", "A0059302025090299999", mrkt_tp="0")
        assert "[1517:" in found["return_msg"]

    run(body)


def test_watch_list_takes_a_hundred_codes(run: Play) -> None:
    async def body(client: Client) -> None:
        found = await client.ask("ka10095", stk_cd=f"005930|{RISING}")
        assert [row["stk_cd"] for row in found["atn_stk_infr"]] == ["005930", RISING]
        refused = await client.ask("ka10095", stk_cd="|".join(["005930"] * 101))
        assert (refused["return_code"], "[1634:" in refused["return_msg"]) == (5, True)

    run(body)


def test_instruments_are_listed_by_market(run: Play) -> None:
    async def body(client: Client) -> None:
        rows = (await client.ask("ka10099", mrkt_tp="0"))["list"]
        assert [row["code"] for row in rows] == [RISING, "005930"]
        assert rows[1]["lastPrice"] == "00010000"
        assert (rows[1]["marketName"], rows[1]["auditInfo"]) == ("거래소", "정상")
        assert (await client.ask("ka10099", mrkt_tp="10"))["list"] == []
        one = await client.ask("ka10100", stk_cd="005930")
        assert {name: one[name] for name in rows[1]} == rows[1]
        sectors = (await client.ask("ka10101", mrkt_tp="0"))["list"]
        assert [row["code"] for row in sectors] == ["001"]

    run(body)


def test_index_follows_its_stocks(run: Play) -> None:
    async def body(client: Client) -> None:
        now = await client.ask("ka20001", mrkt_tp="0", inds_cd="001")
        first = now["inds_cur_prc_tm"][-1]
        assert first["tm_n"] == "090000"
        days = (await client.ask("ka20006", inds_cd="001", base_dt=DAY))["inds_dt_pole_qry"]
        assert [row["dt"] for row in days] == [DAY, DAY_BEFORE]
        assert days[1]["cur_prc"] == "250000"
        value = abs(float(now["cur_prc"]))
        assert abs(value - int(days[0]["cur_prc"]) / 100) < 1
        ticks = (await client.ask("ka20004", inds_cd="001", tic_scope="1"))["inds_tic_chart_qry"]
        for scope in ("0", "x", "9" * 5_000):
            wrong = await client.ask("ka20004", inds_cd="001", tic_scope=scope)
            assert "[1517:" in wrong["return_msg"]
        minutes = (await client.ask("ka20005", inds_cd="001", tic_scope="1"))["inds_min_pole_qry"]
        assert ticks[0]["cur_prc"] == minutes[0]["cur_prc"]
        assert minutes[0]["cur_prc"].lstrip("+-") == days[0]["cur_prc"]
        assert int(minutes[0]["acc_trde_qty"]) == sum(int(row["trde_qty"]) for row in ticks)
        both = await client.ask("ka20002", mrkt_tp="0", inds_cd="001", stex_tp="1")
        total = sum(abs(int(row["cur_prc"])) for row in both["inds_stkpc"])
        bases = PRICE + abs(int((await client.ask("ka10001", stk_cd=RISING))["base_pric"]))
        assert value == pytest.approx(2_500 * total / bases, abs=2)
        assert "[1517:" in (await client.ask("ka20003", inds_cd="999"))["return_msg"]

    run(body, speed=1)


def test_rankings_are_in_order(run: Play) -> None:
    async def body(client: Client) -> None:
        ask = {"mrkt_tp": "000", "mang_stk_incls": "0", "stex_tp": "3"}
        by_value = (await client.ask("ka10032", **ask))["trde_prica_upper"]
        assert [row["stk_cd"] for row in by_value] == [f"{RISING}_AL", "005930_AL"]
        assert [row["now_rank"] for row in by_value] == ["1", "2"]
        volumes = await client.ask(
            "ka10030",
            **ask,
            sort_tp="1",
            crd_tp="0",
            trde_qty_tp="0",
            pric_tp="0",
            trde_prica_tp="0",
            mrkt_open_tp="0",
        )
        quantities = [int(row["trde_qty"]) for row in volumes["tdy_trde_qty_upper"]]
        assert quantities == sorted(quantities, reverse=True)
        level = await client.ask(
            "ka10027",
            mrkt_tp="000",
            sort_tp="5",
            trde_qty_cnd="0000",
            stk_cnd="0",
            crd_cnd="0",
            updown_incls="1",
            pric_cnd="0",
            trde_prica_cnd="0",
            stex_tp="1",
        )
        assert "005930" in [row["stk_cd"] for row in level["pred_pre_flu_rt_upper"]]

    run(body)


def test_every_kind_that_is_served_answers_with_text(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(10)
        served = (await client.raw("GET", "/admin/served")).json()
        for language, said in (("en", "{} of the {}"), ("ko", "{1}개 가운데 {0}개")):
            manual = (MANUAL / language / "emulators.md").read_text("utf-8")
            assert said.format(len(served), len(PATHS)) in manual
        counter, tables = client.server.desk, TABLES | GOLD
        assert counter.today.isoformat() == "2025-09-02"
        for api_id in served:
            if api_id.startswith(("kt1000", "kt5000", "ka400", "ka90002", *_WARRANTS)):
                continue  # orders, funds, warrants, the stocks of a theme: tests of their own
            own = tables[api_id][1].split() if api_id in tables else []
            answer = await client.ask(
                api_id, **(_EVERY_FIELD | dict(each.split("=") for each in own))
            )
            assert answer["return_code"] in (0, 20), (api_id, answer["return_msg"])
            for name, value in answer.items():
                rows = value if isinstance(value, list) else [{name: value}]
                for row in rows:
                    told = {key: text for key, text in row.items() if key not in _NUMBERS}
                    assert all(isinstance(text, str) for text in told.values()), (api_id, told)

    run(body, watchlists=(Watchlist("관심", (Symbol("005930"),)),))


_WARRANTS = ("ka10048", "ka10050", "ka300")
_NUMBERS = {"return_code", "status"}
_EVERY_FIELD = {
    **dict.fromkeys(
        (
            *(
                "all_stk_tp",
                "sell_tp",
                "trde_gold_tp",
                "alacc_rt",
                "rank_strt",
                "stk_bond_tp",
                "mrkt_tp",
                "stex_tp",
                "indc_tp",
            ),
            *("tic_min", "ch_crd_tp", "mang_stk_incls", "trde_qty_cnd", "stk_cnd", "crd_cnd"),
            *("updown_incls", "pric_cnd", "trde_prica_cnd", "crd_tp", "trde_qty_tp", "pric_tp"),
            *("trde_prica_tp", "mrkt_open_tp", "bf_mkrt_tp", "motn_tp", "skip_stk", "motn_drc"),
            *("min_trde_qty", "max_trde_qty", "min_trde_prica", "max_trde_prica"),
        ),
        "0",
    ),
    **dict.fromkeys(
        (
            *("qry_tp", "tic_scope", "upd_stkpc_tp", "tdy_pred", "sort_tp", "trde_tp", "ntl_tp"),
            *("high_low_close_tp", "dt", "updown_tp", "high_low_tp", "flu_tp", "flu_cnd"),
            *("tm_tp", "tm", "rt_tp", "cycle_tp", "rank_end"),
        ),
        "1",
    ),
    **dict.fromkeys(("base_dt", "end_dt", "ord_dt", "qry_dt"), DAY),
    **dict.fromkeys(("strt_dt", "start_dt"), DAY_BEFORE),
    "stk_cd": "005930",
    "dmst_stex_tp": "%",
    "uv": "10000",
    "inds_cd": "001",
    "ottks_tp": "2",
    "ord_no": "9999999",
    "arn_grp_id": "000",
}
