"""Rankings, and the lists of prints and days beside them."""

from __future__ import annotations

from typing import Final

from maemae.domain.market_data import Trade
from tests.brokers.sim_rig import RISING, STILL
from tests.emulators.kiwoom_rest.conftest import Play
from tests.kiwoom_emulator import Client, Fields
from tests.waiting import until_async

DAY, DAY_BEFORE = "20250902", "20250901"
MANY: Final = 30_000_000
NAMED: Final = frozenset({"stk_cd", "stk_nm", "cur_prc", "pred_pre_sig", "pred_pre"})
HEAD: Final = NAMED | {"flu_rt"}
BEST: Final = frozenset({"sel_bid", "buy_bid"})
SIFT: Final = {"mrkt_tp": "000", "stk_cnd": "0", "stex_tp": "1"}
LEAST: Final = {"trde_qty_tp": "00000", **SIFT}
CREDIT: Final = {"crd_cnd": "0", **LEAST}
MEANS: Final = frozenset({"cntr_str", *(f"cntr_str_{span}min" for span in (5, 20, 60))})
SUMS: Final = frozenset({"acc_trde_prica", "acc_trde_qty"})

LISTS: Final[dict[str, tuple[str, dict[str, str], frozenset[str]]]] = {
    "ka10015": (
        "daly_trde_dtl",
        {"stk_cd": RISING, "strt_dt": DAY},
        frozenset(
            {
                *("dt", "close_pric", "pred_pre_sig", "pred_pre", "flu_rt", "trde_qty"),
                *("trde_prica", "tot_3", "prid_trde_qty", "cntr_str", "for_poss", "for_wght"),
                *("for_netprps", "orgn_netprps", "ind_netprps", "frgn", "crd_remn_rt", "prm"),
                *(
                    f"{hours}_trde_{column}"
                    for hours in ("bf_mkrt", "opmr", "af_mkrt")
                    for column in ("qty", "wght", "prica", "prica_wght")
                ),
            }
        ),
    ),
    "ka10016": (
        "ntl_pric",
        {"ntl_tp": "1", "high_low_close_tp": "1", "updown_incls": "1", "dt": "5", **CREDIT},
        HEAD | BEST | {"trde_qty", "pred_trde_qty_pre_rt", "high_pric", "low_pric"},
    ),
    "ka10017": (
        "updown_pric",
        {"updown_tp": "1", "sort_tp": "2", "trde_gold_tp": "0", **CREDIT},
        HEAD | BEST | {"stk_infr", "trde_qty", "pred_trde_qty", "sel_req", "buy_req", "cnt"},
    ),
    "ka10018": (
        "high_low_pric_alacc",
        {"high_low_tp": "1", "alacc_rt": "05", **CREDIT},
        HEAD | BEST | {"trde_qty", "tdy_high_pric", "tdy_low_pric"},
    ),
    "ka10019": (
        "pric_jmpflu",
        {
            "flu_tp": "1",
            "tm_tp": "1",
            "tm": "5",
            "pric_cnd": "0",
            "updown_incls": "1",
            **CREDIT,
        },
        HEAD | {"stk_cls", "base_pric", "base_pre", "trde_qty", "jmp_rt"},
    ),
    "ka10020": (
        "bid_req_upper",
        {"sort_tp": "1", **CREDIT},
        NAMED | {"trde_qty", "tot_sel_req", "tot_buy_req", "netprps_req", "buy_rt"},
    ),
    "ka10022": (
        "req_rt_sdnin",
        {"rt_tp": "1", "tm_tp": "5", **LEAST},
        NAMED | {"int", "now_rt", "sdnin_rt", "tot_sel_req", "tot_buy_req"},
    ),
    "ka10023": (
        "trde_qty_sdnin",
        {"sort_tp": "1", "tm_tp": "2", "pric_tp": "0", **LEAST},
        HEAD | {"prev_trde_qty", "now_trde_qty", "sdnin_qty", "sdnin_rt"},
    ),
    "ka10024": (
        "trde_qty_updt",
        {"mrkt_tp": "000", "cycle_tp": "5", "trde_qty_tp": "5", "stex_tp": "1"},
        HEAD | BEST | {"prev_trde_qty", "now_trde_qty"},
    ),
    "ka10028": (
        "open_pric_pre_flu_rt",
        {
            "sort_tp": "1",
            "trde_qty_cnd": "0000",
            "updown_incls": "1",
            "crd_cnd": "0",
            "trde_prica_cnd": "0",
            "flu_cnd": "1",
            **SIFT,
        },
        HEAD | {"open_pric", "high_pric", "low_pric", "open_pric_pre", "now_trde_qty", "cntr_str"},
    ),
    "ka10031": (
        "pred_trde_qty_upper",
        {"mrkt_tp": "000", "qry_tp": "1", "rank_strt": "0", "rank_end": "10", "stex_tp": "1"},
        NAMED | {"trde_qty"},
    ),
    "ka10046": (
        "cntr_str_tm",
        {"stk_cd": RISING},
        MEANS
        | SUMS
        | {"cntr_tm", "cur_prc", "pred_pre", "pred_pre_sig", "flu_rt", "trde_qty", "stex_tp"},
    ),
    "ka10047": (
        "cntr_str_daly",
        {"stk_cd": RISING},
        MEANS | SUMS | {"dt", "cur_prc", "pred_pre", "pred_pre_sig", "flu_rt", "trde_qty"},
    ),
    "ka10055": (
        "tdy_pred_cntr_qty",
        {"stk_cd": RISING, "tdy_pred": "1"},
        SUMS | {"cntr_tm", "cntr_pric", "pred_pre_sig", "pred_pre", "flu_rt", "cntr_qty"},
    ),
}
"""The list, what it is asked for with, and the columns of its rows."""

WRONG: Final = {
    "ka10015": ("strt_dt", "yesterday"),
    "ka10016": ("ntl_tp", "3"),
    "ka10017": ("updown_tp", "8"),
    "ka10018": ("alacc_rt", "x"),
    "ka10019": ("tm", "0"),
    "ka10020": ("trde_qty_tp", "many"),
    "ka10022": ("rt_tp", "3"),
    "ka10023": ("sort_tp", "5"),
    "ka10024": ("cycle_tp", "0"),
    "ka10028": ("flu_cnd", "0"),
    "ka10031": ("qry_tp", "3"),
}
NAMED_AFTER_A_LEAP: Final[tuple[tuple[str, dict[str, str], list[str]], ...]] = (
    ("ka10016", {}, [RISING]),
    ("ka10016", {"ntl_tp": "2"}, []),
    ("ka10016", {"updown_incls": "0"}, []),
    ("ka10017", {}, [RISING]),
    ("ka10017", {"updown_tp": "2", "mrkt_tp": "101"}, []),
    ("ka10017", {"updown_tp": "3"}, [STILL]),
    ("ka10017", {"updown_tp": "4"}, []),
    ("ka10018", {"trde_qty_tp": "01000"}, [RISING]),
    ("ka10018", {"high_low_tp": "2"}, [STILL]),
    ("ka10019", {}, [RISING]),
    ("ka10019", {"tm_tp": "2", "tm": "1"}, [RISING]),
    ("ka10019", {"tm_tp": "2", "tm": "2"}, []),
    ("ka10019", {"flu_tp": "2"}, []),
    ("ka10023", {}, [RISING]),
    ("ka10023", {"sort_tp": "3"}, [STILL]),
    ("ka10023", {"tm_tp": "1", "tm": "5", "sort_tp": "2"}, [RISING]),
    ("ka10024", {}, [RISING]),
    ("ka10028", {}, [RISING, STILL]),
    ("ka10028", {"flu_cnd": "2"}, [STILL, RISING]),
    ("ka10031", {}, [RISING, STILL]),
    ("ka10031", {"rank_strt": "2"}, [STILL]),
    ("ka10031", {"rank_end": "1", "qry_tp": "2"}, [RISING]),
)
"""A ranking, what is changed in its request, and who is in it then, in order."""


async def leap(client: Client) -> None:
    """Let the rising stock print at its limit, more than all of yesterday; then all stand still."""
    for symbol in (RISING, STILL):
        await client.manage("states", symbol=symbol, states=["HALTED"])
    desk = client.server.desk
    line = desk.board.find(RISING)
    assert line is not None
    assert line.band is not None
    trade = Trade(RISING, line.band.upper, MANY, desk.now)
    desk.exchange.prints[RISING].append(trade)


async def rows(client: Client, api_id: str, **changes: str) -> list[Fields]:
    key, fields, _ = LISTS[api_id]
    answer = await client.ask(api_id, **(fields | changes))
    assert answer["return_code"] == 0, answer
    found: list[Fields] = answer[key]
    return found


def test_lists_when_every_field_is_there_have_the_columns_of_the_interface(run: Play) -> None:
    async def body(client: Client) -> None:
        await leap(client)
        for api_id, (_, _, columns) in LISTS.items():
            found = await rows(client, api_id)
            assert found, api_id
            assert {frozenset(row) for row in found} == {columns}, api_id

    run(body, speed=1)


def test_lists_when_a_field_is_missing_or_wrong_are_refused(run: Play) -> None:
    async def body(client: Client) -> None:
        for api_id, (_, fields, _) in LISTS.items():
            for name in (next(iter(fields)), next(reversed(fields))):
                answer = await client.ask(api_id, **(fields | {name: ""}))
                assert (
                    f"[1511:필수 입력 값에 값이 존재하지 않습니다. 필수입력 파라미터={name}]"
                    in (answer["return_msg"])
                ), api_id
        for api_id, (name, text) in WRONG.items():
            answer = await client.ask(api_id, **(LISTS[api_id][1] | {name: text}))
            assert "[1517:" in answer["return_msg"], api_id
        for api_id in ("ka10015", "ka10046", "ka10047", "ka10055"):
            answer = await client.ask(api_id, **(LISTS[api_id][1] | {"stk_cd": "999999"}))
            assert "[1902:" in answer["return_msg"], api_id

    run(body, speed=1)


def test_rankings_when_one_stock_leaps_to_its_limit_name_whom_they_should(run: Play) -> None:
    async def body(client: Client) -> None:
        await leap(client)
        for api_id, changes, expected in NAMED_AFTER_A_LEAP:
            found = await rows(client, api_id, **changes)
            assert [row["stk_cd"] for row in found] == expected, (api_id, changes)

    run(body, speed=1)


def test_rankings_of_the_book_are_in_order_and_add_up(run: Play) -> None:
    async def body(client: Client) -> None:
        await leap(client)
        for order, sign in (("1", 1), ("2", -1)):
            found = await rows(client, "ka10020", sort_tp=order)
            nets = [sign * int(row["netprps_req"]) for row in found]
            assert nets == sorted(nets, reverse=True)
            for row in found:
                bidden, asked = int(row["tot_buy_req"]), int(row["tot_sel_req"])
                assert int(row["netprps_req"]) == bidden - asked

        async def agrees() -> bool:
            row = (await rows(client, "ka10020"))[0]
            book = await client.ask("ka10004", stk_cd=row["stk_cd"])
            names = "tot_buy_req", "tot_sel_req"
            return all(row[name] == book[name] for name in names)

        await until_async(agrees)
        fields = {"trde_tp": "1", "sort_tp": "1", **LEAST}
        grown: list[Fields] = []
        for minutes in range(1, 31):
            answer = await client.ask("ka10021", tm_tp=str(minutes), **fields)
            grown += answer["bid_req_sdnin"]
            sizes = [int(row["sdnin_qty"]) for row in answer["bid_req_sdnin"]]
            assert sizes == sorted(sizes, reverse=True)
        assert grown
        for row in grown:
            assert int(row["now"]) - int(row["int"]) == int(row["sdnin_qty"]) > 0
            assert set(row) == NAMED | {"int", "now", "sdnin_qty", "sdnin_rt", "tot_buy_qty"}

    run(body, speed=1)


def test_prints_and_days_are_newest_first_and_agree_with_the_day(run: Play) -> None:
    async def body(client: Client) -> None:
        await leap(client)
        trades = await rows(client, "ka10055")
        strengths = await rows(client, "ka10046")
        assert trades[0]["cntr_qty"] == strengths[0]["trde_qty"] == f"+{MANY}"
        assert trades[0]["acc_trde_qty"] == strengths[0]["acc_trde_qty"]
        assert await rows(client, "ka10055", tdy_pred="2") == []
        days, details = await rows(client, "ka10047"), await rows(client, "ka10015")
        assert [row["dt"] for row in days] == [row["dt"] for row in details] == [DAY, DAY_BEFORE]
        assert [row["acc_trde_qty"] for row in days] == [row["trde_qty"] for row in details]
        assert days[0]["cntr_str"] == strengths[0]["cntr_str"]
        assert [row["dt"] for row in await rows(client, "ka10015", strt_dt=DAY_BEFORE)] == [
            DAY_BEFORE
        ]
        key = client.headers["next-key"]
        assert key == ""

    run(body, speed=1)


def test_rankings_when_longer_than_a_page_go_on_with_the_next_key(run: Play) -> None:
    async def body(client: Client) -> None:
        _, fields, _ = LISTS["ka10028"]
        first = await client.ask("ka10028", **fields)
        assert (client.headers["cont-yn"], len(first["open_pric_pre_flu_rt"])) == ("Y", 1)
        second = await client.ask("ka10028", client.headers["next-key"], **fields)
        assert client.headers["cont-yn"] == "N"
        codes = [row["stk_cd"] for page in (first, second) for row in page["open_pric_pre_flu_rt"]]
        assert sorted(codes) == sorted([RISING, STILL])

    run(body, speed=1, page_rows={"ka10028": 1})
