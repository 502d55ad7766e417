"""A strategy on the live page: started, asked why, seen to trade, paused and ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import Stage, a_stage
from tests.browser.visit import Visit, a_visit

SEEN_MS = 60_000
TRADED_MS = 120_000


@pytest.fixture
def stage(tmp_path: Path, page_folder: Path) -> Iterator[Stage]:
    """Give everything that runs, so fast that the averages cross within a minute."""
    with a_stage(tmp_path, page_folder, speed=90) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, stage: Stage) -> Iterator[Visit]:
    """Give a window in which the administrator sees the live page."""
    with a_visit(browser, stage.server) as window:
        window.log_in(stage.owner)
        window.is_live()
        yield window


def test_strategy_when_started_on_the_page_trades_and_is_paused_and_ended_there(
    visit: Visit, stage: Stage
) -> None:
    panel = visit.panel("전략")
    panel.get_by_role("button", name="전략 시작").click()
    dialog = visit.page.get_by_role("dialog", name="전략 시작")
    dialog.get_by_role("radio", name="golden_cross").check()
    dialog.get_by_label("fast").fill("61")
    expect(dialog.get_by_role("button", name="전략 시작")).to_be_disabled()
    dialog.get_by_label("fast").fill("2")
    dialog.get_by_label("slow").fill("10")
    dialog.get_by_label("배정 자금").fill("10,000,000")
    assert visit.barriers() == []
    visit.picture("strategy-start")
    dialog.get_by_role("button", name="전략 시작").click()
    card = panel.get_by_role("article", name="golden_cross")
    expect(card.get_by_text(re.compile("실행 중|준비 중"))).to_be_visible(timeout=SEEN_MS)

    card.get_by_role("button", name="왜 안 사나요?").click()
    why = visit.page.get_by_role("dialog", name="golden_cross: 왜 매매하지 않았나")
    expect(why.get_by_role("listitem").first).to_be_visible(timeout=SEEN_MS)
    visit.picture("why-no-trade")
    why.get_by_role("button", name="닫기").click()

    held = visit.panel("보유").get_by_role("row").filter(has_text="golden_cross")
    expect(held.first).to_be_visible(timeout=TRADED_MS)
    mine = [each for each in stage.orders() if each.sleeve_id == "golden_cross"]
    filled = [each for each in mine if each.cum_qty > 0]
    assert filled
    assert {each.order_id for each in filled} <= {each.order_id for each in stage.street.orders}
    visit.picture("strategy-trades", is_whole=True)

    for doing, becomes in (("일시정지", "일시정지"), ("끝내기", "끝남")):
        card.get_by_role("button", name=doing).click()
        asked = visit.page.get_by_role("dialog", name=re.compile(doing))
        asked.get_by_label("이유").fill("lunch")
        asked.get_by_role("button", name=doing).click()
        expect(asked).to_have_count(0, timeout=SEEN_MS)
        expect(card.locator(".tag")).to_have_text(becomes, timeout=SEEN_MS)
