"""The answers about equity-linked warrants, of which none is listed."""

from __future__ import annotations

from typing import Final

from tests.emulators.kiwoom_rest.conftest import Play
from tests.kiwoom_emulator import Client

ANY: Final = "isscomp_cd=000000000000 bsis_aset_cd=000000000000 lpcd=000000000000"
LISTS: Final = {
    "ka30001": (
        "elwpric_jmpflu",
        f"{ANY} flu_tp=1 tm_tp=2 tm=1 trde_qty_tp=0 rght_tp=000 trde_end_elwskip=0",
    ),
    "ka30002": (
        "trde_ori_elwnettrde_upper",
        "isscomp_cd=003 trde_qty_tp=0 trde_tp=2 dt=60 trde_end_elwskip=0",
    ),
    "ka30003": ("elwlpposs_daly_trnsn", "bsis_aset_cd=57KJ99 base_dt=20250902"),
    "ka30004": ("elwdispty_rt", f"{ANY} rght_tp=000 trde_end_elwskip=0"),
    "ka30005": ("elwcnd_qry", f"{ANY} rght_tp=0 sort_tp=0"),
    "ka30009": ("elwflu_rt_rank", "sort_tp=1 rght_tp=000 trde_end_skip=0"),
    "ka30010": ("elwreq_rank", "sort_tp=1 rght_tp=000 trde_end_skip=0"),
}
"""The list that each answers with, and what the broker's own samples ask for."""

FREE: Final = frozenset({"isscomp_cd", "bsis_aset_cd", "lpcd"})
"""Fields that hold codes nobody here knows."""


def test_lists_of_warrants_are_empty_and_their_fields_are_checked(run: Play) -> None:
    async def body(client: Client) -> None:
        for api_id, (key, asked) in LISTS.items():
            fields = dict(each.split("=") for each in asked.split())
            answer = await client.ask(api_id, **fields)
            assert (answer["return_code"], answer[key]) == (0, []), (api_id, answer)
            for name in fields:
                missing = await client.ask(api_id, **(fields | {name: ""}))
                assert f"필수입력 파라미터={name}" in missing["return_msg"], api_id
                wrong = await client.ask(api_id, **(fields | {name: "x9"}))
                assert (wrong["return_code"] == 0) is (name in FREE), (api_id, name)

    run(body, speed=1)


def test_jumps_are_counted_from_a_day_or_a_minute(run: Play) -> None:
    async def body(client: Client) -> None:
        fields = dict(each.split("=") for each in LISTS["ka30001"][1].split())
        assert (await client.ask("ka30001", **fields))["base_pric_tm"] == "기준가(09/01)"
        fields["tm_tp"] = "1"
        assert (await client.ask("ka30001", **fields))["base_pric_tm"] == "기준가(09:59)"
        fields["tm"] = "100"
        assert "[1517:" in (await client.ask("ka30001", **fields))["return_msg"]

    run(body, speed=1)


def test_code_of_a_warrant_is_unknown_as_is_that_of_a_stock(run: Play) -> None:
    async def body(client: Client) -> None:
        for api_id in ("ka10048", "ka10050", "ka30011", "ka30012"):
            for code in ("57JBHH", "005930"):
                answer = await client.ask(api_id, stk_cd=code)
                assert answer["return_msg"].endswith(
                    f"[1902:종목 정보가 없습니다. 종목코드={code}]"
                )
            assert "[1511:" in (await client.ask(api_id))["return_msg"]

    run(body, speed=1)
