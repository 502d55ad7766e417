"""Every step of `maemae connect kiwoom`, when it fails, is the last and says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maemae.app.kiwoom.proof import KiwoomProof, Step
from maemae.domain.instant import SECOND
from tests.builders import SAMSUNG
from tests.kiwoom_server import ACCOUNT, Reply, ok, refuse
from tests.unit.brokers.kiwoom_rest.rig import Rig, with_rig

QUOTE = {
    "stk_cd": "005930",
    "stk_nm": "삼성전자",
    "cur_prc": "+258500",
    "base_pric": "252500",
    "upl_pric": "+328000",
    "lst_pric": "-177000",
    "open_pric": "+258000",
    "high_pric": "+259000",
    "low_pric": "+257000",
    "trde_qty": "1",
}
SOUND: dict[str, dict[str, Any]] = {
    "kt00001": dict.fromkeys(
        ("entr", "d2_entra", "ord_alow_amt", "100stk_ord_alow_amt"), "000000010000000"
    ),
    "kt00018": {"acnt_evlt_remn_indv_tot": []},
    "ka10001": QUOTE,
    "kt10000": {"ord_no": "0000001"},
    "kt10003": {"ord_no": "0000002", "base_orig_ord_no": "0000001"},
}
Spoil = Callable[[Rig], None]


def answering(body: dict[str, Any]) -> Callable[..., Reply]:
    return lambda *_: ok(body)


def account_at(rig: Rig, skew: int) -> Callable[..., Reply]:
    """Answer with the account, and with a clock that is so far from ours."""

    def answer(*_: object) -> Reply:
        rig.server.now = rig.clock.now() + skew
        return ok({"acctNo": ACCOUNT})

    return answer


def refusing(name: str, code: int, message: str) -> Spoil:
    def spoil(rig: Rig) -> None:
        rig.server.answers[name] = lambda *_: refuse(code, message)

    return spoil


def skewed(rig: Rig) -> None:
    rig.server.answers["ka00001"] = account_at(rig, 10 * SECOND)


def deaf(rig: Rig) -> None:
    rig.server.refused_tokens |= {"token-1", "token-2"}


def steps_with(folder: Path, spoil: Spoil) -> list[Step]:
    steps: list[Step] = []

    async def act(rig: Rig) -> None:
        rig.server.answers |= {name: answering(body) for name, body in SOUND.items()}
        rig.server.answers["ka00001"] = account_at(rig, 0)
        spoil(rig)
        proof = KiwoomProof(rig.connection, rig.broker, SAMSUNG)
        steps.extend([step async for step in proof.steps(with_order=True)])

    with_rig(folder, act)
    return steps


@pytest.mark.parametrize(
    ("place", "spoil", "what_to_do"),
    [
        (0, refusing("/oauth2/token", 3, "[8001:App Key]"), "Enter the keys again"),
        (0, refusing("/oauth2/token", 3, "[8030:실전/모의]"), "app key of this mode"),
        (0, refusing("/oauth2/token", 3, "[8050:지정단말기]"), "Register it"),
        (0, deaf, "registered IP"),
        (1, skewed, "follow a time server"),
        (2, refusing("kt00001", 20, "[1999:오류]"), "ask again a little later"),
        (2, refusing("kt00018", 2, "[1511:qry_tp]"), "Upgrade maemae"),
        (3, refusing("ka10001", 2, "[1902:종목]"), "Check it"),
        (4, refusing("kt10000", 20, "[2000](RC4058:장종료)"), "regular session"),
        (4, refusing("kt10000", 20, "[2000](RC4025:증거금)"), "pay money in"),
        (4, refusing("kt10003", 20, "[2000](RC4033:수량)"), "See whether it was filled"),
    ],
)
def test_step_when_it_fails_is_the_last_and_says_what_to_do(
    tmp_path: Path, place: int, spoil: Spoil, what_to_do: str
) -> None:
    steps = steps_with(tmp_path, spoil)

    assert [step.is_proved for step in steps] == [True] * place + [False]
    assert what_to_do in steps[-1].told.en
    assert "세요" in steps[-1].told.ko
