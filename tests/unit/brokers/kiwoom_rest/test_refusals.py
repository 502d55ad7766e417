"""What an answer proves: every documented code has a verdict, anything else proves nothing."""

from __future__ import annotations

import pytest

from maemae.brokers.kiwoom_rest.refusals import MEANINGS, Verdict, code_in, meaning_of

DOCUMENTED = (
    *("1501", "1504", "1505", *map(str, range(1511, 1518)), "1634", "1687", "1700", "1701"),
    *("1702", "1901", "1902", "1903", "1999", "8001", "8002", "8003", "8005", "8006", "8009"),
    *("8010", "8011", "8012", "8015", "8016", "8020", "8030", "8031", "8040", "8050", "8103"),
    *("8104", "8200", "RC4057", "RC4058", "RC4007", "RC4025", "RC4027", "RC4032", "RC4033"),
    *("RC9000", "800033", "571552"),
)


def test_every_documented_code_has_a_verdict_and_two_sentences() -> None:
    assert sorted(MEANINGS) == sorted(DOCUMENTED)
    assert all(each.text.ko and each.text.en for each in MEANINGS.values())


def test_only_these_codes_prove_less_than_a_refusal() -> None:
    others = {code: each.verdict for code, each in MEANINGS.items()}
    doubtful = {code for code, verdict in others.items() if verdict is not Verdict.REFUSED}
    assert {code for code in doubtful if others[code] is Verdict.RATE} == {"1700", "1701", "1702"}
    assert {code for code in doubtful if others[code] is Verdict.DOUBT} == {"1687", "1999"}
    assert {code for code in doubtful if others[code] is Verdict.RENEW} == {
        *("8003", "8005", "8010", "8031", "8103")
    }


@pytest.mark.parametrize("code", DOCUMENTED)
def test_code_is_found_in_both_forms_of_message(code: str) -> None:
    assert code_in(f"인증에 실패했습니다[{code}:사유]") in (code, "")
    assert code_in(f"[2000]({code}:사유)") == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("[2000](RC4058:모의투자 장종료)", "RC4058"),
        ("인증에 실패했습니다[8005:Token이 유효하지 않습니다]", "8005"),
        ("허용된 요청 개수를 초과하였습니다[1700:… 유량=5, API ID=ka10080]", "1700"),
        ("… CODE=8005", "8005"),
        ("정상적으로 처리되었습니다", ""),
    ],
)
def test_code_is_read_out_of_the_message(message: str, code: str) -> None:
    assert code_in(message) == code


@pytest.mark.parametrize(
    ("status", "return_code", "message", "verdict"),
    [
        (200, 0, "모의투자 매수주문완료", Verdict.DONE),
        (200, 3, "[8005:Token이 유효하지 않습니다]", Verdict.RENEW),
        (401, None, "", Verdict.RENEW),
        (429, 5, "[1700:초과]", Verdict.RATE),
        (200, 5, "[1700:초과]", Verdict.RATE),
        (200, 5, "[1634:초과]", Verdict.REFUSED),
        (200, 20, "[2000](RC4025:증거금 부족)", Verdict.REFUSED),
        (200, 20, "[2000](RC9999:처음 보는 사유)", Verdict.DOUBT),
        (200, 20, "사유", Verdict.DOUBT),
        (200, 2, "[1999:예상치 못한 오류]", Verdict.DOUBT),
        (200, None, "", Verdict.DOUBT),
        (400, None, "<html>Request Blocked</html>", Verdict.DOUBT),
        (500, 20, "[2000](RC4025:증거금 부족)", Verdict.DOUBT),
        (503, None, "", Verdict.DOUBT),
        (302, 0, "", Verdict.DOUBT),
    ],
)
def test_verdict_needs_status_and_code(
    status: int, return_code: int | None, message: str, verdict: Verdict
) -> None:
    assert meaning_of(status, return_code, message).verdict is verdict
