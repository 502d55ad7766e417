"""
The manual's page on why orders are refused, made from the gate itself.

`python -m maemae.research.reasons_page docs/manual` writes it in both languages.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal

from maemae.core import checks
from maemae.core.check_titles import TITLES
from maemae.core.entry_checks import ENTRY_CHECKS
from maemae.core.gate import CHECKS
from maemae.domain.refusal import REASONS, Reason
from maemae.domain.refusal_advice import ADVICE
from maemae.domain.terms import Purpose
from maemae.domain.text import Text

Language = Literal["ko", "en"]

_TITLE: Final = Text("주문이 거부되는 이유", "Why orders are refused")
_OTHER: Final = Text("[English](../en/reasons.md)", "[한국어](../ko/reasons.md)")
_INTRO: Final = Text(
    "위험 관문은 주문을 보내기 전에 아래를 모두 확인하고, 하나가 아니라 모든 이유를 말합니다. "
    "확인하는 것은 주문의 목적에 따라 다릅니다: 새 위험(NEW), 보유를 줄임(REDUCE), "
    "비상 청산(LIQUIDATE). "
    "이 쪽은 코드에서 만들어지므로 코드와 어긋나지 않습니다.",
    "Before an order leaves, the risk gate looks at all of the below and tells every reason, not "
    "just the first. What it looks at depends on the purpose of the order: new risk (NEW), a "
    "smaller position (REDUCE), the kill switch (LIQUIDATE). This page is made from the code, so "
    "that the two cannot differ.",
)
_OUTSIDE: Final = Text("관문 밖에서", "outside of the gate")
_ENTRY: Final = Text("NEW, 규칙이 있을 때", "NEW, where there is a rule")
_WHAT_TO_DO: Final = Text("할 일", "What to do")
_ASKED: Final = Text("확인", "Checked")


def reasons_page(language: Language) -> str:
    """Return the page in Markdown."""
    asked = _asked_by(language)
    parts = [f"# {_in(_TITLE, language)}", _in(_OTHER, language), _in(_INTRO, language)]
    for reason in Reason:
        said = _in(REASONS[reason], language).format(actual="…", limit="…")
        where = "; ".join(asked.get(reason, [_in(_OUTSIDE, language)]))
        parts.append(
            f"## {reason.value}\n\n"
            f"> {said}\n\n"
            f"- **{_in(_WHAT_TO_DO, language)}:** {_in(ADVICE[reason], language)}\n"
            f"- **{_in(_ASKED, language)}:** {where}"
        )
    return "\n\n".join(parts) + "\n"


def _in(text: Text, language: Language) -> str:
    return text.ko if language == "ko" else text.en


def _asked_by(language: Language) -> dict[Reason, list[str]]:
    """Return, for each reason, the checks that give it and for which purposes they are asked."""
    found: dict[Reason, list[str]] = {}
    for check, purposes in _checks(language):
        title = _in(TITLES[check.__name__.upper()], language)
        for reason in reasons_of(check):
            found.setdefault(reason, []).append(f"{title} ({purposes})")
    return found


def _checks(language: Language) -> Iterator[tuple[Callable[..., object], str]]:
    rows: dict[Callable[..., object], list[Purpose]] = {}
    for purpose, row in CHECKS.items():
        for check in row:
            rows.setdefault(check, []).append(purpose)
    for asked, purposes in rows.items():
        yield asked, ", ".join(purpose.value for purpose in purposes)
    for entry_check in ENTRY_CHECKS:
        yield entry_check, _in(_ENTRY, language)


def reasons_of(check: Callable[..., object]) -> list[Reason]:
    """Return the reasons that a check's code names, those of checks that it calls included."""
    found: list[Reason] = []
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(check)))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "Reason":
                found.append(Reason(node.attr))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = getattr(checks, node.func.id, None)
            if called is not check and inspect.isfunction(called):
                found.extend(reasons_of(called))
    return list(dict.fromkeys(found))


def write_pages(manual: Path) -> None:
    """Write the page of each language into the manual."""
    languages: tuple[Language, ...] = ("ko", "en")
    for language in languages:
        (manual / language / "reasons.md").write_text(reasons_page(language), "utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
