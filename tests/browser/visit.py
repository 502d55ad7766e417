"""A person at a browser: what they see, and what must never happen while they look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, StorageState, expect

from tests.architecture.source_tree import REPOSITORY
from tests.node import WEB
from tests.server.rig import Person, ServerRig

DESKTOP: Final = (1440, 900)
PHONE: Final = (390, 844)
ARTEFACTS: Final = REPOSITORY / "reports" / "browser"
"""Where screenshots are kept; not in the repository."""

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

_PATIENCE_MS: Final = 60_000
_EXPECTED: Final = re.compile(
    r"status of (401|403|404|409|422)|ERR_CONNECTION|WebSocket connection"
)
"""What a browser says by itself of requests that a test has refused."""


class Visit:
    """
    One browser window of one person.

    Attributes:
        page: What they see.
        complaints: Of the browser: broken policies, errors of the page.
    """

    def __init__(self, page: Page, server: ServerRig) -> None:
        self.page = page
        self.server = server
        self.complaints: list[str] = []
        page.set_default_timeout(_PATIENCE_MS)
        page.on("console", self._hear)
        page.on("pageerror", self._break)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"} and not _EXPECTED.search(said.text):
            self.complaints.append(said.text)

    def _break(self, error: Error) -> None:
        self.complaints.append(str(error))

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.server.url + path)

    def log_in(self, person: Person) -> None:
        """Show both factors, and wait for the live page."""
        self.go("/login")
        self.page.get_by_label("아이디").fill(person.user_id)
        self.page.get_by_label("비밀번호").fill(person.password)
        self.page.get_by_role("button", name="로그인").click()
        self.page.get_by_label("인증 번호").fill(self.server.code(person))
        self.page.get_by_role("button", name="확인").click()
        expect(self.panel("보유")).to_be_visible(timeout=_PATIENCE_MS)

    def show_code(self, person: Person) -> None:
        """Answer the question for the second factor."""
        asked = self.page.get_by_role("dialog", name="2차 인증 다시 확인")
        asked.get_by_label("인증 번호").fill(self.server.code(person))
        asked.get_by_role("button", name="확인").click()

    def panel(self, title: str) -> Locator:
        """Return a part of the page by its title."""
        return self.page.get_by_role("region", name=re.compile(f"^{title}( \\d+)?$"))

    def sees(self, what: Locator) -> None:
        """Wait for something to be seen."""
        expect(what).to_be_visible(timeout=_PATIENCE_MS)

    def is_live(self) -> None:
        """Wait until the page is told of what happens: the exchange's clock goes on."""
        expect(self.page.get_by_test_id("link")).to_have_attribute(
            "data-link", "open", timeout=_PATIENCE_MS
        )
        clock = self.page.get_by_test_id("clock")
        expect(clock).to_be_visible(timeout=_PATIENCE_MS)
        expect(clock).not_to_have_text(clock.inner_text(), timeout=_PATIENCE_MS)

    def picture(self, name: str, *, is_whole: bool = False) -> None:
        """Keep what is seen."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(ARTEFACTS / f"{name}.png"), full_page=is_whole)

    def barriers(self) -> list[str]:
        """Return what keeps people with disabilities from using what is seen."""
        self.page.evaluate((WEB / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules})"
            ".then(told => told.violations.map("
            "v => `${v.id}: ${v.nodes.map(n => n.target + ' ' + n.failureSummary).join(' | ')}`))",
            RULES,
        )
        return [str(each) for each in found]


@contextmanager
def a_visit(
    browser: Browser,
    server: ServerRig,
    size: tuple[int, int] = DESKTOP,
    scheme: str = "dark",
    storage: StorageState | None = None,
) -> Iterator[Visit]:
    """
    Give a window; when it closes, the browser must have had nothing to complain about.

    Args:
        browser: That runs.
        server: Whose page.
        size: Of the window [px].
        scheme: Colours, `dark` or `light`.
        storage: Of another window: its cookie, so that one is logged in here too.
    """
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="ko-KR", storage_state=storage
    )
    context.add_init_script(f"localStorage.setItem('mui-mode', '{scheme}')")
    try:
        visit = Visit(context.new_page(), server)
        yield visit
        assert visit.complaints == []
    finally:
        context.close()
