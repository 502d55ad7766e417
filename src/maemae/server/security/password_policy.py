"""
What a password must be: long, and not what everybody tries first. No rule about kinds of letters.

There is no list of leaked passwords here; at this length what is left to guess are repetitions,
rows of the keyboard and the few sentences that everybody knows.
"""

from __future__ import annotations

from typing import Final

from maemae.domain.text import Text

SHORTEST: Final = 15
LONGEST: Final = 128

_FEWEST_DIFFERENT: Final = 6
_LONGEST_RUN: Final = 6
_ROWS: Final = (
    "0123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
    "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ",
    "가나다라마바사아자차카타파하",
)
_KNOWN: Final = (
    "correcthorsebatterystaple",
    "letmeinletmein",
    "iloveyouiloveyou",
    "passwordpassword",
    "mypasswordis",
    "trustno1trustno1",
    "adminadminadmin",
    "thequickbrownfox",
    "maemaemaemae",
    "dkssudgktpdy",  # 안녕하세요 on a keyboard that stayed in English
    "qlalfqjsgh",  # 비밀번호
    "tkfkdgody",  # 사랑해요
    "동해물과백두산이",
    "나보기가역겨워",
)
"""Sentences that are tried first, without spaces."""


def objection(user_id: str, password: str) -> Text | None:
    """Return why a password is not taken; None if it is."""
    if len(password) < SHORTEST:
        return Text(
            f"비밀번호는 {SHORTEST}자 이상이어야 합니다. 짧은 문장을 써 보세요.",
            f"A password needs {SHORTEST} characters or more. Try a short sentence.",
        )
    if len(password) > LONGEST:
        return Text(
            f"비밀번호는 {LONGEST}자까지입니다. 줄여 주세요.",
            f"A password has at most {LONGEST} characters. Shorten it.",
        )
    if _is_guessed_first(user_id, "".join(password.lower().split())):
        return Text(
            "너무 쉬운 비밀번호입니다. 되풀이, 자판 순서, 아이디, 널리 알려진 문장은 피하세요.",
            "This password is guessed early. Avoid repetition, rows of keys, the user's name and "
            "sentences that everybody knows.",
        )
    return None


def _is_guessed_first(user_id: str, plain: str) -> bool:
    without_name = plain.replace(user_id.lower(), "")
    return (
        len(set(plain)) < _FEWEST_DIFFERENT
        or any(known in plain for known in _KNOWN)
        or len(_without_rows(without_name)) + _LONGEST_RUN < SHORTEST
        or _is_repeated(plain)
    )


def _without_rows(text: str) -> str:
    """Return what is left once longer pieces of rows, forward and backward, are taken out."""
    left, at = "", 0
    while at < len(text):
        run = _run_at(text, at)
        if run < _LONGEST_RUN:
            left, run = left + text[at], 1
        at += run
    return left


def _run_at(text: str, at: int) -> int:
    run = 1
    while at + run < len(text) and _is_in_a_row(text[at : at + run + 1]):
        run += 1
    return run


def _is_in_a_row(piece: str) -> bool:
    if len(set(piece)) == 1:
        return True
    return any(piece in row or piece in row[::-1] for row in _ROWS)


def _is_repeated(text: str) -> bool:
    """Whether it is a short piece again and again; a long piece is as good as it is alone."""
    sizes = range(1, min(SHORTEST, len(text) // 2 + 1))
    return any(text == (text[:size] * len(text))[: len(text)] for size in sizes)
