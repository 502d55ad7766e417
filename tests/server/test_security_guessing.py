"""Whoever guesses is slowed down, by person and by address, whatever they write in headers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path

import httpx
import msgspec
import pytest
from websockets.exceptions import InvalidStatus

from maemae.domain.instant import HOUR, MINUTE
from maemae.server.security.cookie import MARK
from maemae.server.security.rates import Rates
from maemae.server.security.roles import Role
from tests.server.redis_server import RedisProcess
from tests.server.rig import FREELY, Person, ServerRig, a_server
from tests.server.sockets import a_socket
from tests.waiting import PATIENCE_SECS, until

MOST_OF_PERSON = 5
MOST_OF_ADDRESS = 20
SPARE = 3  # where the minute turns while a test asks, the window lets one or two more through


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[ServerRig]:
    """A server behind a proxy of this machine, so that requests may come from anywhere."""
    with a_server(tmp_path, trusted_proxies=(ip_network("127.0.0.1/32"),)) as running:
        yield running


def guess(client: httpx.Client, user_id: str, password: str, address: str = "") -> httpx.Response:
    headers = {"X-Forwarded-For": address} if address else {}
    asked = {"user_id": user_id, "password": password}
    return client.post("/api/auth/login", json=asked, headers=headers)


def is_held_to(limit: int, statuses: list[int], through: int = 200) -> bool:
    """Tell whether `limit` of `limit + SPARE` quick requests got through, or hardly more."""
    return statuses[:limit] == [through] * limit and statuses[-1] == 429


def test_person_when_guessed_at_from_many_addresses_must_wait(fresh: ServerRig) -> None:
    owner = fresh.a_person(Role.ADMIN)
    with fresh.client() as client:
        for number in range(MOST_OF_PERSON):
            guess(client, owner.user_id, "wrong" * 4, f"198.51.100.{number}")
        right = guess(client, owner.user_id, owner.password, "203.0.113.9")
        fresh.wall.leap(2 * MINUTE + 1)
        later = guess(client, owner.user_id, owner.password, "203.0.113.9")

    assert (right.status_code, right.json()["code"]) == (401, "WRONG_CREDENTIALS")
    assert later.json() == {"next": "TOTP"}


def test_person_when_codes_are_guessed_must_wait(fresh: ServerRig) -> None:
    owner = fresh.a_person(Role.ADMIN)
    with fresh.client() as client:
        guess(client, owner.user_id, owner.password)
        for _ in range(MOST_OF_PERSON):
            client.post("/api/auth/totp", json={"code": "000000"})
        right = client.post("/api/auth/totp", json={"code": fresh.code(owner)})
        fresh.wall.leap(2 * MINUTE + 1)
        later = client.post("/api/auth/totp", json={"code": fresh.code(owner)})

    assert (right.status_code, right.json()["code"]) == (401, "WRONG_CODE")
    assert later.json() == {"next": "DONE"}


def test_person_when_strangers_guess_at_the_name_gets_in_with_a_known_device(
    fresh: ServerRig,
) -> None:
    owner = fresh.a_person(Role.ADMIN)
    mark = fresh.a_mark(owner)
    with fresh.client() as stranger, fresh.client(Cookie=mark) as mine:

        def show(way: str) -> httpx.Response:
            cookies = "; ".join({mine.headers["Cookie"], mark})
            code = {"code": fresh.code(owner)}
            return mine.post(f"/api/auth/{way}", json=code, headers={"Cookie": cookies})

        for number in range(4 * MOST_OF_PERSON):
            guess(stranger, owner.user_id, "wrong" * 4, f"198.51.100.{number}")
        elsewhere = guess(stranger, owner.user_id, owner.password, "203.0.113.9")
        password = guess(mine, owner.user_id, owner.password, "203.0.113.9")
        unmarked = mine.post("/api/auth/totp", json={"code": fresh.code(owner)})
        code, stepped_up = show("totp"), show("step-up")
        still = guess(stranger, owner.user_id, owner.password, "203.0.113.9")

    assert elsewhere.status_code == unmarked.status_code == still.status_code == 401
    assert password.json() == {"next": "TOTP"}
    assert code.json() == stepped_up.json() == {"next": "DONE"}


def test_person_when_strangers_guess_from_behind_the_same_address_gets_in_with_a_known_device(
    tmp_path: Path,
) -> None:
    with a_server(tmp_path, rates=msgspec.structs.replace(FREELY, entry=50)) as server:
        owner = server.a_person(Role.ADMIN)
        mark = server.a_mark(owner)
        with server.client() as stranger, server.client(Cookie=mark) as mine:
            refused = [guess(stranger, f"name-{n}", "wrong" * 4).status_code for n in range(60)]
            right = guess(mine, owner.user_id, owner.password)

    assert refused[MOST_OF_ADDRESS] == refused[-1] == 429
    assert right.json() == {"next": "TOTP"}


def test_device_when_known_must_wait_itself_once_it_guesses(fresh: ServerRig) -> None:
    owner, other = fresh.a_person(Role.ADMIN), fresh.a_person(Role.ADMIN)
    mark, theirs = fresh.a_mark(owner), fresh.a_mark(other)
    with fresh.client(Cookie=mark) as stolen, fresh.client() as stranger:
        for _ in range(MOST_OF_PERSON):
            guess(stolen, owner.user_id, "wrong" * 4)
        paused = guess(stolen, owner.user_id, owner.password)
        unknown = guess(stranger, owner.user_id, owner.password)
        fresh.wall.leap(2 * MINUTE + 1)
        later = guess(stolen, owner.user_id, owner.password)
    with fresh.client(Cookie=theirs) as another:
        for number in range(MOST_OF_PERSON):
            guess(another, owner.user_id, "wrong" * 4, f"198.51.100.{number}")
        not_theirs = guess(another, owner.user_id, owner.password, "198.51.100.9")

    assert paused.status_code == 401
    assert unknown.json() == later.json() == {"next": "TOTP"}
    assert not_theirs.status_code == 401  # a device of another person is a stranger's here


def test_mark_when_made_up_counts_as_a_stranger(tmp_path: Path) -> None:
    with a_server(tmp_path, rates=msgspec.structs.replace(FREELY, entry=5)) as server:
        statuses = []
        for number in range(5 + SPARE):
            with server.client(Cookie=f"{MARK}=made-up-{number}") as client:
                statuses.append(guess(client, "somebody", "wrong" * 4).status_code)

    assert is_held_to(5, statuses, through=401)


def test_mark_when_given_is_kept_from_scripts_and_opens_nothing(fresh: ServerRig) -> None:
    owner = fresh.a_person(Role.ADMIN)
    with fresh.client() as client:
        first = guess(client, owner.user_id, owner.password)
        second = client.post("/api/auth/totp", json={"code": fresh.code(owner)})
    (line,) = [each for each in second.headers.get_list("set-cookie") if MARK in each]
    parts = {part.strip().lower() for part in line.split(";")[1:]}

    assert not any(MARK in each for each in first.headers.get_list("set-cookie"))
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= parts
    assert fresh.status_with(line.partition(";")[0]) == 401


def test_address_when_it_guesses_at_many_names_must_wait(fresh: ServerRig) -> None:
    owner = fresh.a_person(Role.ADMIN)
    with fresh.client() as client:
        for number in range(MOST_OF_ADDRESS):
            guess(client, f"name-{number}", "wrong" * 4, "198.51.100.7")
        refused = guess(client, owner.user_id, owner.password, "198.51.100.7")
        elsewhere = guess(client, owner.user_id, owner.password, "198.51.100.8")
        fresh.wall.leap(HOUR + MINUTE)
        later = guess(client, owner.user_id, owner.password, "198.51.100.7")

    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY")
    assert int(refused.headers["retry-after"]) > 0
    assert elsewhere.is_success
    assert later.is_success


def test_address_when_its_own_account_gets_in_between_is_not_forgiven(fresh: ServerRig) -> None:
    mine = fresh.a_person(Role.VIEWER)
    fresh.services.people.second_factors.forget(mine.user_id)
    with fresh.client() as client:
        for number in range(MOST_OF_ADDRESS):
            guess(client, f"name-{number}", "wrong" * 4, "198.51.100.7")
            if number % 5 == 0:
                guess(client, mine.user_id, mine.password, "198.51.100.7")
        refused = guess(client, mine.user_id, mine.password, "198.51.100.7")

    assert refused.status_code == 429


def test_counters_when_the_server_starts_again_are_kept(tmp_path: Path) -> None:
    with a_server(tmp_path) as server:
        owner = server.a_person(Role.ADMIN)
        with server.client() as client:
            for _ in range(MOST_OF_PERSON):
                guess(client, owner.user_id, "wrong" * 4)
    with a_server(tmp_path) as server, server.client() as client:
        right = guess(client, owner.user_id, owner.password)

    assert right.status_code == 401


def test_rate_when_ten_times_too_many_log_in_is_told_when_to_come_back(tmp_path: Path) -> None:
    trusted = (ip_network("127.0.0.1/32"),)
    with (
        a_server(tmp_path, rates=Rates(entry=10), trusted_proxies=trusted) as server,
        server.client() as client,
    ):
        here, there = "198.51.100.7", "198.51.100.8"
        answers = [guess(client, f"name-{number}", "x" * 16, here) for number in range(100)]
        elsewhere = guess(client, "somebody", "x" * 16, there)

    statuses = [answer.status_code for answer in answers]
    assert 10 <= statuses.count(401) <= 10 + SPARE
    assert is_held_to(10, statuses, through=401)
    assert answers[-1].headers["retry-after"] == "60"
    assert answers[-1].json()["ko"]
    assert elsewhere.status_code == 401


def test_flood_of_logins_when_it_waits_for_its_turn_keeps_nobody_else_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flood, at_once, most_waiting = 25, 1, 16
    hashed = threading.Event()
    with a_server(tmp_path) as server, ThreadPoolExecutor(flood) as crowd:
        cookie = server.a_cookie(server.a_person(Role.ADMIN))
        passwords = server.services.passwords
        monkeypatch.setattr(passwords, "_verify", lambda *_: hashed.wait(PATIENCE_SECS))

        def attempt(number: int) -> httpx.Response:
            with server.client() as client:
                return guess(client, f"name-{number}", "wrong" * 4)

        attempts = [crowd.submit(attempt, number) for number in range(flood)]
        turned_away = flood - at_once - most_waiting
        until(lambda: sum(each.done() for each in attempts) >= turned_away)
        meanwhile = server.status_with(cookie)
        hashed.set()
        answers = [each.result() for each in attempts]

    busy = [answer.json() for answer in answers if answer.status_code == 503]
    assert meanwhile == 200
    assert [told["code"] for told in busy] == ["BUSY"] * turned_away
    assert busy[0]["ko"]


def test_rate_when_of_one_person_is_reached_before_the_second_factor_is_told_so(
    tmp_path: Path,
) -> None:
    with a_server(tmp_path, rates=Rates(1_000, 3, 1_000, 1_000)) as server:
        owner = server.a_person(Role.ADMIN)
        with server.client() as client:
            guess(client, owner.user_id, owner.password)
            answers = [client.post("/api/auth/totp", json={"code": "000000"}) for _ in range(4)]

    assert [each.status_code for each in answers] == [401] * 3 + [429]


def test_rate_when_of_one_person_is_reached_leaves_others_alone(tmp_path: Path) -> None:
    with a_server(tmp_path, rates=Rates(1_000, 12, 1_000, 1_000)) as server:
        busy, calm = server.a_person(Role.ADMIN), server.a_person(Role.ADMIN)
        with server.logged_in(busy) as mine, server.logged_in(calm) as theirs:
            statuses = [mine.get("/api/auth/me").status_code for _ in range(12 + SPARE)]
            other = theirs.get("/api/auth/me").status_code

    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert other == 200


def test_rate_when_reached_still_lets_the_kill_switch_be_pressed(tmp_path: Path) -> None:
    press = {"account_id": "5012345610", "level": "STOP_NEW", "reason": "enough"}
    with a_server(tmp_path, rates=Rates(1_000, 5, 1_000, 1_000)) as server:
        person = server.a_person(Role.ADMIN)
        with server.logged_in(person) as client:
            statuses = [client.get("/api/auth/me").status_code for _ in range(5 + SPARE)]
            pressed = client.post("/api/kill", json=press)
            released = client.post("/api/kill/release", json=press)

    assert statuses[-1] == released.status_code == 429
    assert pressed.status_code == 404  # it was heard: there is no such account here


def test_rate_when_of_one_token_is_reached_leaves_the_person_alone(tmp_path: Path) -> None:
    with a_server(tmp_path, rates=Rates(1_000, 1_000, 5, 1_000)) as server:
        owner = server.a_person(Role.ADMIN)
        with (
            server.logged_in(owner) as person,
            server.program(server.a_token(owner)) as program,
        ):
            statuses = [program.get("/api/accounts").status_code for _ in range(5 + SPARE)]
            other = person.get("/api/accounts").status_code

    assert is_held_to(5, statuses)
    assert other == 200


def test_rate_when_too_many_sockets_are_opened_keeps_the_owner_elsewhere_from_none(
    tmp_path: Path,
) -> None:
    trusted = (ip_network("127.0.0.1/32"),)
    with a_server(tmp_path, rates=Rates(socket=5), trusted_proxies=trusted) as server:
        owner = server.a_person(Role.ADMIN)
        with server.logged_in(owner) as person:

            def tickets(address: str, times: int) -> list[int]:
                came = {"X-Forwarded-For": address}
                asked = [person.post("/api/auth/ticket", headers=came) for _ in range(times)]
                return [each.status_code for each in asked]

            stolen = tickets("198.51.100.7", 5 + SPARE)
            own = tickets("198.51.100.8", 1)

    assert is_held_to(5, stolen)
    assert own == [200]


def test_rate_when_a_program_opens_too_many_sockets_refuses_it_before_it_is_accepted(
    tmp_path: Path,
) -> None:
    async def statuses(url: str, token: str) -> list[int]:
        told = []
        for _ in range(3 + SPARE):
            try:
                async with a_socket(url, origin="", Authorization=f"Bearer {token}"):
                    told.append(200)
            except InvalidStatus as refused:
                told.append(refused.response.status_code)
        return told

    with a_server(tmp_path, rates=Rates(socket=3)) as server:
        token = server.a_token(server.a_person(Role.ADMIN))
        opened = asyncio.run(statuses(server.url, token))

    assert is_held_to(3, opened)


def test_rate_when_of_one_address_is_reached_holds_for_whoever_comes_from_there(
    tmp_path: Path,
) -> None:
    with a_server(tmp_path, rates=Rates(address=7)) as server, server.client() as client:
        statuses = [client.get("/api/system/health").status_code for _ in range(7 + SPARE)]

    assert is_held_to(7, statuses)


def test_rate_when_redis_cannot_be_reached_is_counted_here(tmp_path: Path) -> None:
    nobody = "redis://127.0.0.1:9"
    rates = Rates(address=7)
    with a_server(tmp_path, rates=rates, redis_url=nobody) as server, server.client() as client:
        statuses = [client.get("/api/system/health").status_code for _ in range(7 + SPARE)]

    assert is_held_to(7, statuses)


def test_rate_when_two_servers_share_a_redis_is_counted_together_until_it_dies(
    tmp_path: Path,
) -> None:
    rates = Rates(address=10)

    def statuses(server: ServerRig, times: int) -> list[int]:
        with server.client() as client:
            return [client.get("/api/system/health").status_code for _ in range(times)]

    with (
        RedisProcess(tmp_path) as redis,
        a_server(tmp_path / "one", rates=rates, redis_url=redis.url) as one,
        a_server(tmp_path / "two", rates=rates, redis_url=redis.url) as two,
    ):
        shared = statuses(one, 6) + statuses(two, 4 + SPARE)
        redis.kill()
        alone = statuses(one, 10 + SPARE)

    assert is_held_to(10, shared)
    assert is_held_to(10, alone)  # never unlimited


def test_attempts_when_refused_are_in_the_audit_log(fresh: ServerRig) -> None:
    with fresh.client() as client:
        guess(client, "somebody", "wrong" * 4, "198.51.100.7")

    with fresh.services.store.reading.connect() as connection:
        found = connection.exec_driver_sql("SELECT action, subject, detail FROM audit").all()
    assert [(row.action, row.subject) for row in found] == [("LOGIN_REFUSED", "somebody")]
    assert "198.51.100.7" in found[0].detail
    assert "wrong" not in found[0].detail


def test_nobody_when_unlimited_by_the_rig_is_limited() -> None:
    assert min(msgspec.structs.astuple(FREELY)) > 100_000


def test_person_when_unlocked_by_an_administrator_need_not_wait(fresh: ServerRig) -> None:
    owner, guessed = fresh.a_person(Role.ADMIN), fresh.a_person(Role.VIEWER)
    with fresh.client() as client, fresh.logged_in(owner) as admin:
        for _ in range(MOST_OF_PERSON):
            guess(client, guessed.user_id, "wrong" * 4)
        locked = guess(client, guessed.user_id, guessed.password)
        admin.post(f"/api/users/{guessed.user_id}/unlock")
        right = guess(client, guessed.user_id, guessed.password)

    assert locked.status_code == 401
    assert right.json() == {"next": "TOTP"}


def test_names_when_unknown_take_as_much_work_as_known_ones(
    fresh: ServerRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = fresh.a_person(Role.ADMIN)
    done: list[Person | None] = []
    real = fresh.services.passwords.is_right

    def counted(password_hash: str | None, password: str) -> bool:
        done.append(None if password_hash is None else owner)
        return real(password_hash, password)

    monkeypatch.setattr(fresh.services.passwords, "is_right", counted)
    with fresh.client() as client:
        guess(client, owner.user_id, "x" * 16)
        guess(client, "nobody", "x" * 16)

    assert done == [owner, None]
