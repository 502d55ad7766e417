"""Why somebody is not let in, or may not do a thing; the same words wherever it happens."""

from __future__ import annotations

from collections.abc import Mapping

from maemae.domain.text import Text
from maemae.server.problem import ProblemError


def not_logged_in() -> ProblemError:
    """Nobody, or a login or token that is good no longer."""
    return ProblemError(
        401,
        "NOT_LOGGED_IN",
        Text(
            "로그인하지 않았거나 로그인이 끝났습니다. 다시 로그인하세요.",
            "You are not logged in, or the login has ended. Log in again.",
        ),
    )


def second_factor_needed() -> ProblemError:
    """Only the password was shown so far."""
    return ProblemError(
        401,
        "SECOND_FACTOR_NEEDED",
        Text(
            "2단계 인증이 아직입니다. 인증 앱의 여섯 자리 코드를 넣으세요.",
            "The second factor is missing. Enter the six digits of your authenticator.",
        ),
    )


def step_up_needed() -> ProblemError:
    """The second factor was not shown lately."""
    return ProblemError(
        403,
        "STEP_UP_NEEDED",
        Text(
            "이 일에는 2단계 인증을 다시 해야 합니다. 인증 앱의 새 코드를 넣고 다시 하세요.",
            "Show the second factor again for this: enter a new code, then repeat.",
        ),
    )


def not_allowed() -> ProblemError:
    """They are known, and may not do it."""
    return ProblemError(
        403,
        "NOT_ALLOWED",
        Text(
            "이 일을 할 권한이 없습니다. 관리자에게 권한을 받으세요.",
            "You may not do this. Ask an administrator for the permission.",
        ),
    )


def no_such_account() -> ProblemError:
    """It does not exist or is not theirs; which of the two is not told."""
    return ProblemError(
        404,
        "NO_SUCH_ACCOUNT",
        Text(
            "그런 계좌가 없습니다. 계좌 번호를 확인하세요.",
            "There is no such account. Check its number.",
        ),
    )


def not_armed() -> ProblemError:
    """Real money, and nobody armed the account."""
    return ProblemError(
        403,
        "NOT_ARMED",
        Text(
            "실전 계좌가 무장되지 않았습니다. 2단계 인증을 하고 계좌를 무장하세요.",
            "This real account is not armed. Step up and arm it first.",
        ),
    )


def wrong_credentials() -> ProblemError:
    """Whatever was wrong about a password: it is not told."""
    return ProblemError(
        401,
        "WRONG_CREDENTIALS",
        Text(
            "아이디나 비밀번호가 맞지 않거나, 여러 번 틀려 잠시 잠겼습니다. 확인하고 잠시 뒤에 "
            "다시 하세요.",
            "The user or password is wrong, or too many attempts have locked it for a while. Check "
            "both and try again later.",
        ),
    )


def wrong_code() -> ProblemError:
    """Whatever was wrong about a code: it is not told."""
    return ProblemError(
        401,
        "WRONG_CODE",
        Text(
            "코드가 맞지 않거나 이미 쓴 코드입니다. 다음 코드가 나오면 다시 하세요.",
            "The code is wrong or was used already. Wait for the next one and try again.",
        ),
    )


def wait_a_while(seconds: int) -> ProblemError:
    """Too much was asked, or guessed."""
    headers: Mapping[str, str] = {"Retry-After": str(seconds)}
    return ProblemError(
        429,
        "TOO_MANY",
        Text(
            f"요청이 너무 잦습니다. {seconds}초 뒤에 다시 하세요.",
            f"Too many requests. Try again in {seconds} s.",
        ),
        headers,
    )


def too_many_at_once() -> ProblemError:
    """So many try to get in that nobody more is let wait."""
    return ProblemError(
        503,
        "BUSY",
        Text(
            "로그인이 몰려 있습니다. 잠시 뒤에 다시 하세요.",
            "Too many people log in at once. Try again in a moment.",
        ),
        {"Retry-After": "2"},
    )


def no_such_invitation() -> ProblemError:
    """The link was used, is too old, or never was."""
    return ProblemError(
        404,
        "NO_SUCH_INVITATION",
        Text(
            "쓸 수 없는 링크입니다. 이미 썼거나 시간이 지났습니다. 새 링크를 받으세요.",
            "This link is no good: it was used, or its time is over. Ask for a new one.",
        ),
    )


def name_taken(user_id: str) -> ProblemError:
    """Somebody has that name, or had it."""
    return ProblemError(
        409,
        "NAME_TAKEN",
        Text(
            f"{user_id} 은(는) 이미 쓰인 아이디입니다. 다른 아이디를 쓰세요.",
            f"The name {user_id} is taken, or was. Use another one.",
        ),
    )


def login_needed() -> ProblemError:
    """A token was shown where a person must be."""
    return ProblemError(
        403,
        "LOGIN_NEEDED",
        Text(
            "토큰으로는 할 수 없는 일입니다. 로그인해서 하세요.",
            "A token cannot do this. Log in.",
        ),
    )


def no_such(what: Text) -> ProblemError:
    """It does not exist or is not theirs; which of the two is not told."""
    return ProblemError(
        404,
        "NOT_FOUND",
        Text(
            f"그런 {what.ko}이(가) 없습니다. 목록을 다시 확인하세요.",
            f"There is no such {what.en}. Look at the list again.",
        ),
    )
