"""What each refusal of the simulated broker means to whoever asked."""

from __future__ import annotations

from typing import Final

from maemae.brokers.sim.messages import ErrorCode
from maemae.domain.text import Text

PROVED: Final = frozenset(ErrorCode) - {ErrorCode.RATE}
"""
Refusals after which nothing can have happened.

A broker that is asked too fast may refuse and take the order all the same (a ghost order), so
RATE proves nothing; the adapter's own quota keeps below the rate.
"""

MEANINGS: Final = {
    ErrorCode.REJECTED: Text("주문이 거부되었습니다.", "The order was refused."),
    ErrorCode.FENCED: Text(
        "다른 실행기가 주문 권한을 넘겨받았습니다. 이 실행기를 끝내세요.",
        "Another executor took over. End this one.",
    ),
    ErrorCode.READ_ONLY: Text(
        "조회 전용 접속으로 주문했습니다. 1 이상의 에폭으로 접속하세요.",
        "The connection may only ask. Connect with an epoch of 1 or more.",
    ),
    ErrorCode.RATE: Text(
        "증권사의 초당 한도를 넘었습니다. 속도를 낮추세요.",
        "The broker's limit of a second was passed. Slow down.",
    ),
    ErrorCode.DUPLICATE: Text(
        "이미 쓴 고객주문번호입니다. 새 번호를 쓰세요.",
        "The number of the order was used. Use a new one.",
    ),
    ErrorCode.NO_ACCOUNT: Text(
        "증권사에 없는 계좌입니다. 계좌 설정을 확인하세요.",
        "The broker has no such account. Check the account.",
    ),
    ErrorCode.NO_DAY: Text(
        "증권사가 그날의 내역을 더 갖고 있지 않습니다. 최근 날짜를 조회하세요.",
        "The broker no longer has the lists of that day. Ask for a recent one.",
    ),
    ErrorCode.UNAVAILABLE: Text(
        "증권사가 조회에 답하지 못했습니다. 잠시 뒤 다시 조회하세요.",
        "The broker could not answer. Ask again a little later.",
    ),
    ErrorCode.BAD_MESSAGE: Text(
        "모의 증권사와 버전이 다릅니다. 둘을 같은 버전으로 올리세요.",
        "The simulated broker is of another version. Use the same on both sides.",
    ),
}
"""A sentence for a person; every code has one."""
