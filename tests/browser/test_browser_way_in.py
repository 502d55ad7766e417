"""The way in: one-time link, password, second factor, languages, and the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from maemae.domain.instant import SECOND
from maemae.server.security.roles import Role
from maemae.server.security.secret import hash_of, new_secret
from maemae.storage.people.invitations import Invitation
from tests.browser.visit import PHONE, a_visit
from tests.server.rig import SENTENCE, ServerRig, a_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, page_folder: Path) -> Iterator[ServerRig]:
    """Give a server without executors that serves the page."""
    with a_server(tmp_path_factory.mktemp("way-in"), page=page_folder) as running:
        yield running


def link_for_the_first(server: ServerRig) -> str:
    secret, now = new_secret(), server.wall.now()
    server.services.people.invitations.make(
        Invitation(
            secret_hash=hash_of(secret),
            user_id="owner",
            role=Role.ADMIN.value,
            made_by=None,
            made_at=now,
            expires_at=now + 600 * SECOND,
        )
    )
    return f"/setup#{secret}"


def test_link_when_opened_once_makes_a_person_with_both_factors(
    browser: Browser, server: ServerRig
) -> None:
    with a_visit(browser, server) as visit:
        page = visit.page
        visit.go(link_for_the_first(server))
        expect(page.get_by_role("heading", name="계정 만들기")).to_be_visible()
        assert "#" not in page.url, "the secret stays in no history"
        page.get_by_label("아이디").fill("owner")
        page.get_by_label("새 비밀번호", exact=True).fill(SENTENCE)
        page.get_by_label("새 비밀번호 다시").fill(SENTENCE)
        assert visit.barriers() == []
        page.get_by_role("button", name="계정 만들기").click()

        expect(page.get_by_role("img", name="2차 인증 등록 QR")).to_be_visible()
        secret = page.get_by_test_id("totp-secret").inner_text()
        assert visit.barriers() == []
        visit.picture("enrolment")
        code = pyotp.TOTP(secret).at(server.wall.now() // SECOND)
        page.get_by_label("인증 번호").fill(code)
        page.get_by_role("button", name="확인").click()

        expect(page.get_by_role("heading", name="복구 코드를 보관하세요")).to_be_visible()
        recovery = page.locator(".codes li").all_inner_texts()
        assert len(set(recovery)) == 10
        assert visit.barriers() == []
        visit.picture("recovery-codes")
        page.get_by_role("button", name="적어 두었습니다. 시작하기").click()
        expect(page.get_by_text("이 모드에서 볼 수 있는 계좌가 없습니다.")).to_be_visible()

        page.get_by_role("button", name="내 메뉴").click()
        page.get_by_role("menuitem", name=re.compile("로그아웃")).click()
        expect(page.get_by_role("heading", name="로그인")).to_be_visible()
        page.get_by_label("아이디").fill("owner")
        page.get_by_label("비밀번호").fill(SENTENCE)
        page.get_by_role("button", name="로그인").click()
        page.get_by_role("button", name=re.compile("복구 코드 쓰기")).click()
        page.get_by_label("복구 코드").fill(recovery[0])
        page.get_by_role("button", name="확인").click()
        expect(page.get_by_role("button", name="내 메뉴")).to_be_visible()


def test_link_when_it_is_not_whole_says_so(browser: Browser, server: ServerRig) -> None:
    with a_visit(browser, server) as visit:
        visit.go("/setup")
        expect(visit.page.get_by_text("링크가 온전하지 않습니다", exact=False)).to_be_visible()


def test_password_when_wrong_is_refused_with_a_sentence_in_the_language_of_the_page(
    browser: Browser, server: ServerRig
) -> None:
    person = server.a_person(Role.VIEWER)
    with a_visit(browser, server, PHONE, "light") as visit:
        page = visit.page
        visit.go("/login")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "en"
        page.get_by_label("User").fill(person.user_id)
        page.get_by_label("Password").fill("not the sentence at all")
        page.get_by_role("button", name="Log in").click()
        said = page.get_by_role("alert")
        expect(said).to_be_visible()
        assert not re.search("[가-힣]", said.inner_text())
        assert page.get_by_label("Password").input_value() == ""
        assert visit.barriers() == []
        visit.picture("login-refused-phone-light")
        page.reload()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_page_when_nobody_is_logged_in_leads_to_the_login(
    browser: Browser, server: ServerRig
) -> None:
    with a_visit(browser, server) as visit:
        visit.go("/real")
        expect(visit.page.get_by_role("heading", name="로그인")).to_be_visible()
        assert visit.page.url.endswith("/login")
        assert visit.barriers() == []
        visit.picture("login")


def test_logins_when_all_are_ended_end_in_every_window(browser: Browser, server: ServerRig) -> None:
    person = server.a_person(Role.VIEWER)
    with a_visit(browser, server) as one, a_visit(browser, server) as other:
        for visit in (one, other):
            visit.go("/login")
            visit.page.get_by_label("아이디").fill(person.user_id)
            visit.page.get_by_label("비밀번호").fill(person.password)
            visit.page.get_by_role("button", name="로그인").click()
            visit.page.get_by_label("인증 번호").fill(server.code(person))
            visit.page.get_by_role("button", name="확인").click()
            expect(visit.page.get_by_role("button", name="내 메뉴")).to_be_visible()
        one.page.get_by_role("button", name="내 메뉴").click()
        one.page.get_by_role("menuitem", name="로그인 목록").click()
        dialog = one.page.get_by_role("dialog", name="로그인 목록")
        expect(dialog.get_by_role("listitem")).to_have_count(2)
        expect(dialog.get_by_text("지금 이 로그인")).to_have_count(1)
        assert one.barriers() == []
        one.picture("logins")
        dialog.get_by_role("button", name="모두 로그아웃").click()
        expect(one.page.get_by_role("heading", name="로그인")).to_be_visible()
        other.page.reload()
        expect(other.page.get_by_role("heading", name="로그인")).to_be_visible()
