"""What is kept about people counts once, on either database and from two processes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from maemae.clocks import SystemWallClock
from maemae.domain.ids import AccountId
from maemae.domain.instant import HOUR, MINUTE
from maemae.storage.answers import Answers, Given
from maemae.storage.audit import AuditEntry, append, read_head
from maemae.storage.envelope import Vault
from maemae.storage.master_keys import MasterKeys
from maemae.storage.people.addresses import AllowedAddress
from maemae.storage.people.armings import Arming
from maemae.storage.people.invitations import Invitation
from maemae.storage.people.logins import Login
from maemae.storage.people.people import People
from maemae.storage.people.remembered import MOST, NotRememberedError, Remembered
from maemae.storage.people.tokens import Token
from maemae.storage.server_store import ServerStore, open_server_store
from maemae.storage.tables.people import Permission, failed_addresses, logins, tickets

NOW = 1_800_000_000 * 1_000_000_000
MINE = AccountId("5012345610")
SEED = "JBSWY3DPEHPK3PXP"
TRIES = 16
REFUSED = AuditEntry(NOW, None, "LOGIN_REFUSED", "minji", {})


def pause(failures: int) -> int:
    return MINUTE if failures >= 3 else 0


class Place:
    """People as two processes see them; on SQLite there is one process only."""

    def __init__(self, stores: list[ServerStore], vault: Vault) -> None:
        self.stores = stores
        self.all = [People(store, vault, pause, pause) for store in stores]
        self.people = self.all[0]

    def at_once(self, act: Callable[[People], object]) -> list[object]:
        """Do one thing many times at once, in turn by each process."""
        with ThreadPoolExecutor(TRIES) as pool:
            doers = [self.all[number % len(self.all)] for number in range(TRIES)]
            return list(pool.map(act, doers))

    def make(self, user_id: str = "minji", secret: bytes = b"link") -> bool:
        """Make somebody by a one-time link."""
        self.people.invitations.make(an_invitation(user_id, secret))
        return accept(self.people, user_id, secret)


def an_invitation(user_id: str, secret: bytes) -> Invitation:
    return Invitation(
        secret_hash=secret,
        user_id=user_id,
        role="VIEWER",
        made_by=None,
        made_at=NOW,
        expires_at=NOW + HOUR,
    )


def accept(people: People, user_id: str, secret: bytes) -> bool:
    return people.invitations.accept(
        an_invitation(user_id, secret), user_id, "hash", [Permission.VIEW], NOW
    )


def a_login(secret: bytes = b"cookie", user_id: str = "minji") -> Login:
    return Login(
        secret_hash=secret,
        login_id="first",
        user_id=user_id,
        device="",
        address="",
        factors=2,
        began_at=NOW,
        seen_at=NOW,
        expires_at=NOW + HOUR,
    )


def a_token(expires_at: int | None) -> Token:
    return Token(
        secret_hash=b"token",
        user_id="minji",
        name="notebook",
        scope=frozenset({Permission.VIEW}),
        made_at=NOW,
        expires_at=expires_at,
    )


@pytest.fixture
def place(url: str, tmp_path: Path) -> Iterator[Place]:
    vault = Vault(MasterKeys(tmp_path / "keys" / "master.keys"), SystemWallClock())
    processes = 2 if url.startswith("postgresql") else 1
    with ExitStack() as stack:
        stores = [
            stack.enter_context(
                open_server_store(url, backup=lambda: None, is_market_open=lambda: False)
            )
            for _ in range(processes)
        ]
        yield Place(stores, vault)


def test_link_when_answered_at_once_makes_one_person(place: Place) -> None:
    place.people.invitations.make(an_invitation("minji", b"link"))

    made = place.at_once(lambda people: accept(people, "minji", b"link"))

    assert made.count(True) == 1
    assert place.people.users.everybody()[0].permissions == {Permission.VIEW}


def test_link_when_answered_at_once_under_many_names_makes_one_person(place: Place) -> None:
    place.people.invitations.make(an_invitation("minji", b"link"))
    numbers = iter(range(TRIES))

    made = place.at_once(lambda people: accept(people, f"name-{next(numbers)}", b"link"))

    assert made.count(True) == 1
    able = [user for user in place.people.users.everybody() if user.password_hash is not None]
    assert len(able) == 1


def test_link_when_the_name_is_taken_stays_good_for_another(place: Place) -> None:
    assert place.make()
    place.people.invitations.make(an_invitation("taken", b"second"))

    refused = accept(place.people, "minji", b"second")
    taken = accept(place.people, "haneul", b"second")

    assert (refused, taken) == (False, True)


def test_code_when_shown_at_once_counts_once(place: Place) -> None:
    place.make()

    counted = place.at_once(lambda people: people.second_factors.use_step("minji", 7))

    assert counted.count(True) == 1
    assert not place.people.second_factors.use_step("minji", 6)
    assert place.people.second_factors.use_step("minji", 8)


def test_second_factor_when_offered_is_sealed_and_counts_once_confirmed(place: Place) -> None:
    place.make()
    factors = place.people.second_factors
    factors.offer("minji", SEED)
    offered = factors.offered("minji")
    assert offered is not None
    before = factors.current("minji")
    confirmed = factors.confirm("minji", offered.sealed, 5)
    after = place.all[-1].second_factors.current("minji")

    assert (before, confirmed) == (None, True)
    assert after is not None
    assert [after.secret, offered.secret] == [SEED, SEED]
    assert SEED.encode() not in offered.sealed
    assert factors.offered("minji") is None
    assert not factors.confirm("minji", offered.sealed, 9)


def test_recovery_code_and_ticket_when_used_at_once_count_once(place: Place) -> None:
    place.make()
    place.people.recovery_codes.put("minji", [b"one", b"two"], NOW)
    place.people.logins.begin(a_login())
    place.people.tickets.issue(b"ticket", b"cookie", NOW, NOW + MINUTE)

    codes = place.at_once(lambda people: people.recovery_codes.use("minji", b"one", NOW))
    stolen = place.people.tickets.use(b"ticket", b"of another login", NOW)
    tickets = place.at_once(lambda people: people.tickets.use(b"ticket", b"cookie", NOW))

    assert not stolen
    assert codes.count(True) == tickets.count(True) == 1
    assert place.people.recovery_codes.left("minji") == 1


def test_login_when_replaced_at_once_has_one_secret(place: Place) -> None:
    place.make()
    place.people.logins.begin(a_login())
    numbers = iter(range(TRIES))

    replaced = place.at_once(
        lambda people: people.logins.replace(b"cookie", a_login(b"%d" % next(numbers)))
    )

    assert replaced.count(True) == 1
    assert len(place.people.logins.of("minji", NOW, HOUR)) == 1
    assert place.people.logins.find(b"cookie", NOW, HOUR) is None
    assert place.people.logins.find_by_id("first", NOW, HOUR) is not None


def test_failures_when_counted_at_once_are_all_counted(place: Place) -> None:
    place.make()

    place.at_once(lambda people: people.attempts.fail("minji", "198.51.100.7", REFUSED))
    user = place.people.users.find("minji")

    assert user is not None
    assert user.failures == TRIES
    assert user.is_paused(NOW)
    assert place.all[-1].attempts.blocked_until("198.51.100.7") == NOW + MINUTE
    assert place.people.attempts.blocked_until("198.51.100.8") == 0
    with place.stores[0].reading.connect() as connection:
        assert read_head(connection).seq == TRIES  # each was recorded with its count


def test_failures_when_of_a_name_that_there_is_not_count_for_the_address(place: Place) -> None:
    for _ in range(3):
        place.people.attempts.fail("nobody", "198.51.100.7", REFUSED)

    assert place.people.attempts.blocked_until("198.51.100.7") == NOW + MINUTE
    assert place.people.users.everybody() == []


def test_person_when_deleted_leaves_no_way_in(place: Place) -> None:
    place.make()
    people = place.people
    people.logins.begin(a_login())
    people.tokens.make(a_token(None))
    people.grants.grant("minji", MINE, "owner", NOW)
    people.grants.grant("minji", MINE, "owner", NOW)
    assert people.tokens.find(b"token", NOW) is not None

    assert people.users.delete("minji", NOW)

    other = place.all[-1]
    assert other.users.find("minji") is None
    assert other.logins.find(b"cookie", NOW, HOUR) is None
    assert other.tokens.find(b"token", NOW) is None
    assert other.grants.of("minji") == frozenset()
    assert other.users.is_known("minji")
    assert not place.make(secret=b"again")


def test_administrator_is_somebody_who_may_everything_and_can_log_in(place: Place) -> None:
    place.make()
    users = place.people.users

    assert not users.has_administrator()
    users.set_permissions("minji", list(Permission), NOW)
    assert users.has_administrator()
    users.forget_password("minji", NOW)
    assert not users.has_administrator()


def test_arming_when_over_or_taken_back_is_none(place: Place) -> None:
    armings = place.people.armings
    armings.arm(Arming(MINE, "minji", NOW, NOW + HOUR))

    assert armings.is_armed(MINE, NOW)
    assert not armings.is_armed(AccountId("other"), NOW)
    assert not armings.is_armed(MINE, NOW + HOUR)
    assert armings.disarm(MINE, "minji", NOW + MINUTE)
    assert not armings.is_armed(MINE, NOW + MINUTE)
    assert not armings.disarm(MINE, "minji", NOW + MINUTE)


def test_arming_when_there_are_several_is_the_one_that_lasts_longest(place: Place) -> None:
    armings = place.people.armings
    longest = Arming(MINE, "minji", NOW, NOW + 3 * HOUR)
    for until in (NOW + HOUR, longest.expires_at, NOW + 2 * HOUR):
        armings.arm(Arming(MINE, "minji", NOW, until))

    assert armings.find(MINE, NOW) == longest


def test_networks_when_put_again_change_their_note(place: Place) -> None:
    table = place.people.addresses
    for note in ("home", "office"):
        table.put(AllowedAddress("192.168.0.0/24", note, "minji", NOW))

    assert [(each.network, each.note) for each in table.everything()] == [
        ("192.168.0.0/24", "office")
    ]
    assert table.remove("192.168.0.0/24")
    assert not table.remove("192.168.0.0/24")


def test_old_rows_when_forgotten_are_gone_and_newer_ones_are_not(place: Place) -> None:
    place.make()
    people = place.people
    people.logins.begin(a_login(b"old"))
    people.tickets.issue(b"ticket", b"old", NOW, NOW + MINUTE)
    people.attempts.fail("minji", "198.51.100.7", REFUSED)

    people.logins.forget_old(NOW)
    kept = people.logins.find(b"old", NOW, HOUR)
    people.logins.forget_old(NOW + 2 * HOUR)
    people.attempts.forget_old(NOW + HOUR)

    assert kept is not None
    tables = (logins, tickets, failed_addresses)
    with place.stores[0].reading.connect() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar() for table in tables
        ]
    assert counts == [0, 0, 0]


def test_login_when_found_twice_is_read_once_where_nobody_else_writes(place: Place) -> None:
    place.make()
    people, store = place.people, place.stores[0]
    people.logins.begin(a_login())
    questions: list[str] = []
    event.listen(
        store.reading, "before_cursor_execute", lambda *told: questions.append(str(told[2]))
    )

    first = people.logins.find(b"cookie", NOW, HOUR)
    asked = len(questions)
    again = people.logins.find(b"cookie", NOW, HOUR)

    assert first == again
    assert first is not None
    assert (len(questions) == asked) is store.is_alone


def test_login_when_found_before_is_not_good_for_longer(place: Place) -> None:
    place.make()
    logins = place.people.logins
    logins.begin(a_login())

    found = [
        logins.find(b"cookie", at, idle) is not None
        for at, idle in ((NOW, HOUR), (NOW + HOUR, 2 * HOUR), (NOW + MINUTE, MINUTE), (NOW, HOUR))
    ]

    assert found == [True, False, False, True]


def test_token_when_found_before_is_not_good_for_longer(place: Place) -> None:
    place.make()
    tokens = place.people.tokens
    tokens.make(a_token(NOW + HOUR))

    found = [tokens.find(b"token", at) is not None for at in (NOW, NOW + HOUR, NOW)]

    assert found == [True, False, True]


def is_remembered(people: People) -> bool:
    try:
        people.logins.recall(b"cookie", NOW, HOUR)
    except NotRememberedError:
        return False
    return True


def test_login_when_not_there_is_remembered_as_such_until_there_is_one(place: Place) -> None:
    place.make()
    before = [people.logins.find(b"cookie", NOW, HOUR) for people in place.all]
    known = [is_remembered(people) for people in place.all]

    place.people.logins.begin(a_login())
    after = [people.logins.find(b"cookie", NOW, HOUR) for people in place.all]

    assert before == [None] * len(place.all)
    assert known == [store.is_alone for store in place.stores]
    assert None not in after


def test_token_when_not_there_is_remembered_as_such_until_there_is_one(place: Place) -> None:
    place.make()
    before = [people.tokens.find(b"token", NOW) for people in place.all]

    place.people.tokens.make(a_token(None))

    assert before == [None] * len(place.all)
    assert None not in [people.tokens.find(b"token", NOW) for people in place.all]


def test_login_when_answers_records_and_tickets_are_kept_is_still_remembered(place: Place) -> None:
    place.make()
    place.people.logins.begin(a_login())
    store, people = place.stores[0], place.people
    people.logins.find(b"cookie", NOW, HOUR)

    Answers(store).keep("minji", "a-key-of-hers", b"hash", NOW, Given(200, b"{}"))
    store.writer.run(partial(append, entry=REFUSED), is_aside=True)
    people.tickets.issue(b"ticket", b"cookie", NOW, NOW + MINUTE)
    people.tickets.use(b"ticket", b"cookie", NOW)
    after_asides = is_remembered(people)
    store.writer.run(partial(append, entry=REFUSED))

    assert after_asides is store.is_alone
    assert not is_remembered(people)


CHANGES: dict[str, Callable[[People], object]] = {
    "ended": lambda people: people.logins.end_all("minji", NOW),
    "locked": lambda people: people.users.set_locked("minji", is_locked=True),
    "role": lambda people: people.users.set_permissions("minji", [], NOW),
    "grant": lambda people: people.grants.grant("minji", MINE, "admin", NOW),
    "deleted": lambda people: people.users.delete("minji", NOW),
}


@pytest.mark.parametrize("change", CHANGES)
def test_login_when_anything_changed_is_seen_as_it_is_by_every_process(
    place: Place, change: str
) -> None:
    place.make()
    place.people.logins.begin(a_login())
    before = [people.logins.find(b"cookie", NOW, HOUR) for people in place.all]

    CHANGES[change](place.people)

    for people, was in zip(place.all, before, strict=True):
        assert people.logins.find(b"cookie", NOW, HOUR) != was


def test_token_when_revoked_is_refused_by_every_process(place: Place) -> None:
    place.make()
    place.people.tokens.make(a_token(None))
    before = [people.tokens.find(b"token", NOW) is not None for people in place.all]

    place.people.tokens.revoke("minji", b"token", NOW)

    assert all(before)
    assert [people.tokens.find(b"token", NOW) for people in place.all] == [None] * len(place.all)


def test_logins_when_more_are_found_than_are_remembered_are_all_found(place: Place) -> None:
    remembered = Remembered[int](place.stores[0])

    found = [remembered.get(str(n).encode(), partial(abs, n)) for n in range(2 * MOST)]

    assert found == list(range(2 * MOST))
