"""The live page over a real executor: what is seen agrees with its tables and with the broker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, WebSocketRoute, expect

from maemae.core.events import KillLevel
from maemae.domain.order_status import OrderStatus
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.server.alarm import Alarm
from tests.brokers.sim_rig import ACCOUNT, PRICE, STILL
from tests.browser.market import NAMES
from tests.browser.stage import Stage, a_stage
from tests.browser.visit import PHONE, Visit, a_visit
from tests.crash.executor_street import FAR
from tests.server.trading import buy, comes_to, place
from tests.waiting import until

SEEN_MS = 60_000


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, page_folder: Path) -> Iterator[Stage]:
    """Give everything that runs, at a speed at which the day outlasts this module."""
    with a_stage(tmp_path_factory.mktemp("trading"), page_folder, speed=15) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, stage: Stage) -> Iterator[Visit]:
    """Give a window in which the administrator sees the live page."""
    with a_visit(browser, stage.server) as window:
        window.log_in(stage.owner)
        window.is_live()
        yield window


def choose(visit: Visit) -> Locator:
    """Choose the instrument that stands still, and return the ticket."""
    ticket = visit.panel("주문하기")
    ticket.get_by_role("combobox", name="종목 검색").fill("ㄱㅁㅈㅈ")
    ticket.get_by_role("option", name=re.compile(STILL)).click()
    return ticket


def send_limit(visit: Visit, qty: int, price: int) -> None:
    """Send a limit order from the ticket."""
    ticket = choose(visit)
    ticket.get_by_role("textbox", name="가격").fill(str(price))
    ticket.get_by_role("textbox", name="수량").fill(str(qty))
    ticket.get_by_role("button", name="주문 미리보기").click()
    ticket.get_by_role("button", name=re.compile("보내기$")).click()


def test_order_when_sent_is_seen_to_fill_on_the_page_in_the_tables_and_at_the_broker(
    visit: Visit, stage: Stage
) -> None:
    ticket = choose(visit)
    expect(ticket.locator(".quote .last")).to_have_text(f"{PRICE:,}", timeout=SEEN_MS)
    ticket.get_by_role("radio", name="시장가").click()
    ticket.get_by_role("textbox", name="수량").fill("3")
    ticket.get_by_label(re.compile("^손절")).fill("3")
    ticket.get_by_label(re.compile("^익절")).fill("9")
    ticket.get_by_role("button", name="주문 미리보기").click()
    expect(ticket.get_by_text("바로 나갑니다.")).to_be_visible()
    expect(ticket.get_by_text("0 → 3", exact=True)).to_be_visible()
    assert visit.barriers() == []
    visit.picture("preview", is_whole=True)
    ticket.get_by_role("button", name=re.compile("3주 시장가 매수 보내기$")).click()

    steps = ticket.get_by_role("list", name="주문 진행").get_by_role("listitem")
    expect(steps.nth(2)).to_have_attribute("data-step", "done", timeout=SEEN_MS)
    expect(ticket.get_by_text("3주를 평균 10,000원에 체결했습니다.")).to_be_visible()
    visit.picture("filled", is_whole=True)
    row = visit.panel("보유").get_by_role("row").filter(has_text=STILL)
    expect(row).to_contain_text("9,700")
    expect(row).to_contain_text("10,900")

    order = stage.newest()
    assert (order.symbol, order.side, order.cum_qty) == (STILL, Side.BUY, 3)
    assert order.status is OrderStatus.FILLED
    at_broker = next(each for each in stage.street.orders if each.order_id == order.order_id)
    assert sum(fill.qty for fill in at_broker.fills) == 3

    orders = visit.panel("주문")
    orders.get_by_role("tab", name="체결", exact=True).click()
    expect(orders.get_by_role("row").filter(has_text=f"#{order.cl_ord_id}")).to_be_visible()


def test_order_when_canceled_is_gone_from_the_page_and_the_broker(
    visit: Visit, stage: Stage
) -> None:
    send_limit(visit, 2, FAR)
    orders = visit.panel("주문")
    row = orders.get_by_role("row").filter(has_text=f"{FAR:,}")
    expect(row).to_contain_text("접수", timeout=SEEN_MS)
    number = stage.newest().cl_ord_id
    row.get_by_role("button", name=re.compile("취소$")).click()
    expect(row).to_have_count(0, timeout=SEEN_MS)
    stage.becomes(number, OrderStatus.CANCELED)
    assert stage.street.cancels


def test_order_when_it_could_not_be_paid_is_not_offered_to_be_sent(visit: Visit) -> None:
    ticket = choose(visit)
    ticket.get_by_role("textbox", name="가격").fill(str(PRICE))
    ticket.get_by_role("textbox", name="수량").fill("9,000")
    ticket.get_by_role("button", name="주문 미리보기").click()
    expect(ticket.get_by_text("이 주문은 나가지 않습니다.")).to_be_visible()
    expect(ticket.get_by_role("button", name=re.compile("보내기"))).to_have_count(0)


def test_two_windows_when_one_sends_show_the_same(
    browser: Browser, visit: Visit, stage: Stage
) -> None:
    storage = visit.page.context.storage_state()
    with a_visit(browser, stage.server, storage=storage) as other:
        other.go("/sim")
        other.is_live()
        send_limit(visit, 4, FAR)
        row = other.panel("주문").get_by_role("row").filter(has_text="0 / 4")
        expect(row).to_contain_text("접수", timeout=SEEN_MS)
        row.get_by_role("button", name=re.compile("취소$")).click()
        mine = visit.panel("주문").get_by_role("row").filter(has_text="0 / 4")
        expect(mine).to_have_count(0, timeout=SEEN_MS)


def test_line_when_it_breaks_comes_back_and_misses_nothing(browser: Browser, stage: Stage) -> None:
    lines: list[WebSocketRoute] = []

    def through(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    with a_visit(browser, stage.server) as visit:
        visit.page.route_web_socket(re.compile("/api/stream"), through)
        visit.log_in(stage.owner)
        visit.is_live()
        lines[-1].close(code=1001)
        expect(visit.page.get_by_test_id("link")).not_to_have_attribute("data-link", "open")
        with stage.server.logged_in(stage.owner) as program:
            key = {"Idempotency-Key": f"while-away-{stage.server.wall.now()}"}
            body = {
                "account_id": ACCOUNT,
                "symbol": STILL,
                "side": "BUY",
                "quantity": 5,
                "price": FAR,
            }
            assert program.post("/api/orders", json=body, headers=key).is_success
        visit.is_live()
        assert len(lines) > 1
        row = visit.panel("주문").get_by_role("row").filter(has_text="0 / 5")
        expect(row).to_be_visible(timeout=SEEN_MS)
        row.get_by_role("button", name=re.compile("취소$")).click()
        expect(row).to_have_count(0, timeout=SEEN_MS)


def test_emergency_stop_when_held_cancels_everything_and_stays_until_released(
    visit: Visit, stage: Stage
) -> None:
    send_limit(visit, 6, FAR)
    row = visit.panel("주문").get_by_role("row").filter(has_text="0 / 6")
    expect(row).to_contain_text("접수", timeout=SEEN_MS)
    number = stage.newest().cl_ord_id

    stop = visit.page.get_by_role("button", name="비상정지", exact=True)
    stop.click()
    dialog = visit.page.get_by_role("dialog", name="비상정지")
    expect(dialog).to_be_visible()
    assert visit.barriers() == []
    visit.picture("emergency-dialog")
    dialog.get_by_role("button", name="닫기").click()
    expect(dialog).to_have_count(0)
    stage.becomes(number, OrderStatus.NEW)  # a short press stops nothing

    stop.hover()
    visit.page.mouse.down()
    band = visit.page.get_by_role("alert").filter(has_text="비상정지:")
    expect(band).to_contain_text("미체결 모두 취소", timeout=SEEN_MS)
    visit.page.mouse.up()
    expect(dialog).to_have_count(0)
    stage.becomes(number, OrderStatus.CANCELED)
    expect(row).to_have_count(0, timeout=SEEN_MS)
    assert visit.barriers() == []
    visit.picture("emergency-band")
    visit.page.reload()
    expect(band).to_be_visible(timeout=SEEN_MS)

    release(visit, stage)


def release(visit: Visit, stage: Stage) -> None:
    """Release the kill switch on the page, and trade again."""
    stage.server.forget_step_up()
    band = visit.page.get_by_role("alert").filter(has_text="비상정지:")
    band.get_by_role("button", name="풀기").click()
    asked = visit.page.get_by_role("dialog", name="비상정지 풀기")
    asked.get_by_label("이유").fill("시험이 끝났습니다")
    asked.get_by_role("button", name="풀기").click()
    visit.show_code(stage.owner)
    expect(band).to_have_count(0, timeout=SEEN_MS)
    (line,) = stage.server.services.directory.lines
    until(lambda: line.queries.executor().kill is KillLevel.OFF)

    closed = visit.page.get_by_role("status").filter(has_text="거래가 멈춰 있습니다")
    if closed.count():
        closed.get_by_role("button", name="거래 다시 시작").click()
        again = visit.page.get_by_role("dialog", name="거래 다시 시작")
        again.get_by_label("이유").fill("다시 시작")
        again.get_by_role("button", name="거래 다시 시작").click()
        expect(closed).to_have_count(0, timeout=SEEN_MS)


def test_emergency_stop_by_keyboard_alone_sells_everything_after_two_presses_and_a_code(
    visit: Visit, stage: Stage
) -> None:
    with stage.server.logged_in(stage.owner) as program:
        number = place(program, buy(3))
        comes_to(program, number, "FILLED")
    until(lambda: stage.street.held(STILL) >= 3)
    held, keys = stage.street.held(STILL), visit.page.keyboard
    expect(visit.panel("보유").get_by_role("row").filter(has_text=STILL)).to_be_visible()
    stage.server.forget_step_up()

    keys.press("Shift+Escape")
    dialog = visit.page.get_by_role("dialog", name="비상정지")
    dialog.get_by_role("radio", name=re.compile("시장가로 청산")).focus()
    keys.press("Space")
    dialog.get_by_label("이유").focus()
    keys.type("시험 청산")
    sell = dialog.get_by_role("button", name=re.compile("2초 동안 눌러 청산"))
    expect(sell).to_be_disabled()
    dialog.get_by_label(re.compile("청산.*입력")).focus()
    keys.type("청산")
    sell.focus()
    keys.press("Enter")
    again = dialog.get_by_role("button", name="한 번 더 누르면 모두 팝니다")
    expect(again).to_be_focused()
    assert visit.barriers() == []
    visit.picture("liquidate-again")
    assert stage.street.held(STILL) == held, "one short press sells nothing"
    keys.press("Enter")
    visit.show_code(stage.owner)

    band = visit.page.get_by_role("alert").filter(has_text="비상정지:")
    expect(band).to_contain_text("청산", timeout=SEEN_MS)
    until(lambda: stage.street.held(STILL) == 0)
    until(lambda: not stage.server.services.directory.lines[0].queries.positions())
    expect(visit.panel("보유").get_by_role("row").filter(has_text=STILL)).to_have_count(
        0, timeout=SEEN_MS
    )
    expect(visit.page.locator(".strip")).not_to_contain_text("거래 중")
    assert visit.barriers() == []
    visit.picture("liquidated", is_whole=True)
    release(visit, stage)


def test_alert_when_acknowledged_says_who_saw_it_and_leaves(visit: Visit, stage: Stage) -> None:
    Alarm(stage.server.services.directory.lines, stage.server.wall).tell(
        "SEEN_BY_A_TEST", "page", Text("시험 알림입니다. 확인하세요.", "A test. Acknowledge it.")
    )
    mine = visit.panel("알림").get_by_role("listitem").filter(has_text="시험 알림입니다.")
    expect(mine).to_be_visible(timeout=SEEN_MS)
    visit.picture("alert", is_whole=True)
    mine.get_by_role("button", name="확인").click()
    expect(mine).to_have_count(0, timeout=SEEN_MS)
    (line,) = stage.server.services.directory.lines
    found = next(each for each in line.queries.alerts(100) if each.code == "SEEN_BY_A_TEST")
    assert found.acknowledged_by == stage.owner.user_id


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_page_when_on_a_phone_or_a_desk_keeps_nobody_out(
    browser: Browser, stage: Stage, scheme: str
) -> None:
    with stage.server.logged_in(stage.owner) as program:
        comes_to(program, place(program, buy(2)), "FILLED")
    with a_visit(browser, stage.server, scheme=scheme) as visit:
        visit.log_in(stage.owner)
        visit.is_live()
        visit.sees(visit.panel("보유").get_by_role("row").filter(has_text=STILL).first)
        assert visit.barriers() == []
        visit.picture(f"live-{scheme}", is_whole=True)
        storage = visit.page.context.storage_state()
        with a_visit(browser, stage.server, PHONE, scheme, storage) as phone:
            phone.go("/sim")
            phone.is_live()
            for tab in ("보유", "주문", "주문하기", "전략", "알림"):
                bar = phone.page.get_by_role("navigation", name="화면 나누기")
                bar.get_by_role("button", name=tab, exact=True).click()
                expect(phone.panel(tab)).to_be_visible()
                assert phone.barriers() == []
                phone.picture(f"phone-{scheme}-{tab}")
            width = phone.page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE[0], "nothing is wider than the screen"
        visit.page.get_by_role("button", name="내 메뉴").click()
        visit.page.get_by_role("menuitem", name="English").click()
        expect(visit.page.get_by_role("heading", name="Positions")).to_be_visible()
        assert visit.barriers() == []
        seen = visit.page.locator(".header, .strip, .panel:not([data-tab='alerts'])")
        left = " ".join(seen.all_inner_texts())
        for name in NAMES.values():
            left = left.replace(name, "")
        assert not re.search("[가-힣]", left), left
        visit.picture(f"live-{scheme}-english", is_whole=True)
        visit.page.get_by_role("button", name="Start a strategy").click()
        dialog = visit.page.get_by_role("dialog", name="Start a strategy")
        expect(dialog.get_by_role("radio", name=re.compile("golden_cross"))).to_be_visible()
        assert not re.search("[가-힣]", dialog.inner_text()), dialog.inner_text()
        visit.picture(f"start-{scheme}-english")


def test_colours_when_prices_rise_and_fall_are_red_and_blue(visit: Visit) -> None:
    def colour(name: str) -> str:
        found: str = visit.page.evaluate(
            "name => { const probe = document.createElement('i'); probe.className = name;"
            " document.body.append(probe); return getComputedStyle(probe).color }",
            name,
        )
        return found

    def paint(name: str) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", colour(name))[:3])

    red, _, blue = paint("up")
    assert red > blue
    red, _, blue = paint("down")
    assert blue > red
