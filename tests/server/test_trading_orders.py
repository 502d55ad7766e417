"""Orders over the API, with the simulated broker's own ledger as the judge."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from maemae.domain.errors import StorageError
from maemae.domain.instant import SECOND
from maemae.domain.intent import Shares
from maemae.domain.terms import Side
from maemae.emulators.requests import Submit
from maemae.server import audit
from maemae.server.preview_token import Seen, Terms
from maemae.server.routes.orders import PlacedTerms
from maemae.server.security.roles import Role
from maemae.storage.answers import Answers
from maemae.trading.control.commands import PlaceOrder
from maemae.trading.control.replies import Accepted
from tests.brokers.sim_rig import ACCOUNT, OTHER_ACCOUNT, PRICE, STILL
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import FAR, Street
from tests.server.rig import Person, ServerRig, a_trading_server
from tests.server.trading import ORDERS, PATIENT, buy, comes_to, detail, place, post, resting
from tests.waiting import until

Rig = tuple[ServerRig, Street, ExecutorRig]


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Give everything there is, once for this module."""
    with a_trading_server(tmp_path_factory.mktemp("orders"), PATIENT) as running:
        yield running


@pytest.fixture(scope="module")
def trader(rig: Rig) -> Person:
    return rig[0].a_person(Role.PAPER_TRADER, ACCOUNT)


@pytest.fixture(scope="module")
def client(rig: Rig, trader: Person) -> Iterator[httpx.Client]:
    with rig[0].logged_in(trader) as browser:
        yield browser


def test_order_from_preview_to_fill_is_seen_by_api_tables_and_broker(
    client: httpx.Client, rig: Rig
) -> None:
    preview = client.post(f"{ORDERS}/preview", json=buy(3)).json()
    assert preview["outlook"] == "SENT"
    assert preview["order_qty"] == 3
    assert preview["value"] == 3 * preview["last_price"]
    assert preview["cash_after"] < preview["cash_before"]
    assert all(check["passed"] for check in preview["checks"])

    number = place(client, buy(3, preview_token=preview["token"]))

    comes_to(client, number, "FILLED")
    told = detail(client, number)
    kinds = [step["kind"] for step in told["steps"]]
    assert kinds[0] == "SUBMIT_ORDER"
    assert {"NEW", "TRADE", "FILL_BOOKED"} <= set(kinds)
    assert told["steps"][0]["command_id"]
    executions = client.get("/api/executions", params={"account_id": ACCOUNT}).json()
    mine = [each for each in executions if each["cl_ord_id"] == number]
    assert sum(each["qty"] for each in mine) == 3
    held = client.get("/api/positions", params={"account_id": ACCOUNT}).json()
    assert next(row for row in held if row["sleeve_id"] == "MANUAL")["qty"] >= 3
    order_id = told["order"]["order_id"]
    assert order_id in {order.order_id for order in rig[1].orders}


def test_money_is_told_by_account_and_sleeve(client: httpx.Client) -> None:
    told = client.get("/api/balances", params={"account_id": ACCOUNT}).json()

    assert told["is_live"]
    assert told["equity"] == sum(sleeve["equity"] for sleeve in told["sleeves"])
    assert told["cash"] == sum(sleeve["cash"] for sleeve in told["sleeves"])


def test_order_that_the_gate_refuses_says_every_reason_and_sends_nothing(
    client: httpx.Client, rig: Rig
) -> None:
    before = len(rig[1].submits)

    answer = post(client, ORDERS, buy(10_000_000, price=PRICE + 3))

    told = answer.json()
    assert answer.status_code == 200
    assert (told["outcome"], told["cl_ord_ids"]) == ("REFUSED", [])
    assert len(told["refusals"]) >= 2
    assert all(refusal["ko"] and refusal["en"] for refusal in told["refusals"])
    preview = client.post(f"{ORDERS}/preview", json=buy(10_000_000, price=PRICE + 3)).json()
    assert [refusal["en"] for refusal in preview["refusals"]] == [
        refusal["en"] for refusal in told["refusals"]
    ]
    assert len(rig[1].submits) == before


def test_fifty_posts_of_one_key_at_once_are_one_order_and_equal_answers(
    rig: Rig, client: httpx.Client
) -> None:
    cookie = client.headers["Cookie"]

    def of_mine() -> list[int]:
        """Return how often the broker was asked for each order of two shares at that price."""
        asked = [each.request for each in rig[1].submits if isinstance(each.request, Submit)]
        mine = [one.cl_ord_id for one in asked if (one.order_qty, one.price) == (2, FAR)]
        return list(Counter(mine).values())

    def once(_: int) -> httpx.Response:
        with rig[0].client(Cookie=cookie) as browser:
            return post(browser, ORDERS, resting(2), "one-and-the-same-key")

    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(once, range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["outcome"] == "SENT"
    until(lambda: of_mine() == [1], said=lambda: rig[1].submits)
    another = post(client, ORDERS, resting(3), "one-and-the-same-key")
    assert (another.status_code, another.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    orders = client.get(ORDERS, params={"account_id": ACCOUNT}).json()["orders"]
    assert [order["order_qty"] for order in orders].count(2) == 1
    assert of_mine() == [1]


def test_key_whose_process_died_in_between_is_answered_by_what_the_executor_did(
    rig: Rig, trader: Person, client: httpx.Client
) -> None:
    server, street, executor = rig
    key, body = "died-in-between", resting(4)
    command_key = hashlib.sha256(f"{trader.user_id}\n{key}".encode()).hexdigest()[:40]
    command = PlaceOrder(
        command_key, trader.user_id, ACCOUNT, STILL, Side.BUY, Shares(4), price=FAR
    )
    done = executor.ask(command)
    assert isinstance(done, Accepted)
    comes_to(client, done.numbers[0], "NEW")
    submits = len(street.submits)
    asked = server.wall.now() - 60 * SECOND
    request_hash = _hash_of(body)
    assert Answers(server.services.store).begin(trader.user_id, key, request_hash, asked, SECOND)

    number = place(client, body, key)

    assert [number] == list(done.numbers)
    assert len(street.submits) == submits


def _hash_of(body: dict[str, object]) -> bytes:
    """Return what the server makes of a body, as the process that died had."""
    told = PlacedTerms.model_validate(body).model_dump_json()
    return hashlib.sha256(f"POST /api/orders\n{told}".encode()).digest()


def test_key_of_a_request_that_was_refused_is_free_again(
    rig: Rig, trader: Person, client: httpx.Client
) -> None:
    server, key = rig[0], "refused-and-free"
    refused = post(client, ORDERS, {**buy(1), "preview_token": "1.x"}, key)
    answers, now = Answers(server.services.store), server.wall.now()

    assert refused.status_code == 409
    assert answers.begin(trader.user_id, key, b"of another request", now, SECOND) is True


def test_request_without_a_key_is_refused(client: httpx.Client) -> None:
    answer = client.post(ORDERS, json=resting())

    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.text


def test_order_is_replaced_and_canceled_at_the_broker(client: httpx.Client, rig: Rig) -> None:
    number = place(client, resting(5))
    comes_to(client, number, "NEW")

    replaced = post(
        client, f"{ORDERS}/{ACCOUNT}/{number}/replace", {"price": FAR - 10, "quantity": 6}
    )
    assert replaced.status_code == 200, replaced.text
    until(lambda: detail(client, number)["order"]["order_qty"] == 6)
    canceled = post(client, f"{ORDERS}/{ACCOUNT}/{number}/cancel")
    assert canceled.status_code == 200, canceled.text

    comes_to(client, number, "CANCELED")
    kinds = [step["kind"] for step in detail(client, number)["steps"]]
    assert {"REPLACE_ORDER", "REPLACED", "CANCEL_ORDER", "CANCELED"} <= set(kinds)
    assert rig[1].cancels


def test_orders_come_by_pages(client: httpx.Client) -> None:
    first = client.get(ORDERS, params={"account_id": ACCOUNT, "limit": 1}).json()
    second = client.get(
        ORDERS, params={"account_id": ACCOUNT, "limit": 1, "cursor": first["next_cursor"]}
    ).json()

    assert first["orders"][0]["cl_ord_id"] > second["orders"][0]["cl_ord_id"]
    open_ones = client.get(ORDERS, params={"account_id": ACCOUNT, "open_only": True}).json()
    assert all(order["leaves_qty"] for order in open_ones["orders"])


def test_order_of_an_account_that_is_not_theirs_is_not_found(
    rig: Rig, client: httpx.Client
) -> None:
    number = place(client, resting())

    stranger = rig[0].a_person(Role.PAPER_TRADER)
    with rig[0].logged_in(stranger) as theirs:
        answers = [
            theirs.get(f"{ORDERS}/{ACCOUNT}/{number}"),
            post(theirs, f"{ORDERS}/{ACCOUNT}/{number}/cancel"),
            post(theirs, ORDERS, resting()),
            theirs.post(f"{ORDERS}/preview", json=resting()),
        ]
    unknown = [
        client.get(f"{ORDERS}/{ACCOUNT}/{10**9}"),
        post(client, f"{ORDERS}/{OTHER_ACCOUNT}/{number}/cancel"),
    ]

    assert {answer.status_code for answer in answers + unknown} == {404}
    assert detail(client, number)["order"]["status"] in {"NEW", "PENDING_NEW"}


def test_viewer_sees_orders_and_places_none(rig: Rig) -> None:
    viewer = rig[0].a_person(Role.VIEWER, ACCOUNT)
    with rig[0].logged_in(viewer) as browser:
        seen = browser.get(ORDERS, params={"account_id": ACCOUNT})
        refused = post(browser, ORDERS, resting())

    assert seen.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")


def test_order_whose_preview_is_of_other_terms_or_altered_is_not_sent(
    client: httpx.Client, rig: Rig
) -> None:
    token = client.post(f"{ORDERS}/preview", json=buy(1)).json()["token"]
    before = len(rig[1].submits)

    bodies = [
        {**buy(2), "preview_token": token},
        {**buy(1), "preview_token": token[:-4] + "AAAA"},
        {**buy(1), "preview_token": "1.x"},
    ]
    answers = [post(client, ORDERS, body) for body in bodies]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "PREVIEW_INVALID")
    ] * 3
    assert len(rig[1].submits) == before


@pytest.mark.parametrize(
    ("seen_price", "age", "code"),
    [(PRICE + 2_000, 0, "PRICE_MOVED"), (PRICE, 61 * SECOND, "PREVIEW_EXPIRED")],
)
def test_order_whose_preview_is_out_of_date_is_asked_about_again(
    rig: Rig, trader: Person, client: httpx.Client, seen_price: int, age: int, code: str
) -> None:
    services = rig[0].services
    terms = Terms(trader.user_id, ACCOUNT, STILL, Side.BUY, Shares(1), None, None, None)
    expires_at = services.wall.now() + 60 * SECOND - age
    token = services.previews.sign(Seen(terms, seen_price, expires_at))

    answer = post(client, ORDERS, buy(1, preview_token=token))

    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_order_that_was_done_is_told_again_though_its_preview_is_out_of_date(
    rig: Rig, trader: Person, client: httpx.Client
) -> None:
    server, street, executor = rig
    services, key = server.services, "answer-was-lost"
    terms = Terms(trader.user_id, ACCOUNT, STILL, Side.BUY, Shares(7), FAR, None, None)
    seen = Seen(terms, PRICE, services.wall.now() - SECOND)
    command_key = hashlib.sha256(f"{trader.user_id}\n{key}".encode()).hexdigest()[:40]
    done = executor.ask(
        PlaceOrder(command_key, trader.user_id, ACCOUNT, STILL, Side.BUY, Shares(7), price=FAR)
    )
    assert isinstance(done, Accepted)
    comes_to(client, done.numbers[0], "NEW")
    submits = len(street.submits)

    number = place(client, resting(7) | {"preview_token": services.previews.sign(seen)}, key)

    assert [number] == list(done.numbers)
    assert len(street.submits) == submits


def test_order_that_was_sent_and_could_not_be_recorded_is_told_unknown_not_failed(
    rig: Rig, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("디스크가 가득 찼습니다.", "The disk is full.")

    street, key = rig[1], "not-recorded"
    submits = len(street.submits)
    with monkeypatch.context() as full:
        full.setattr(audit, "record", fail)
        unknown = post(client, ORDERS, resting(8), key)

    number = place(client, resting(8), key)

    assert (unknown.status_code, unknown.json()["code"]) == (504, "OUTCOME_UNKNOWN")
    assert "same key" in unknown.json()["en"]
    comes_to(client, number, "NEW")
    assert len(street.submits) == submits + 1


def test_order_that_is_not_in_doubt_cannot_be_settled(client: httpx.Client) -> None:
    number = place(client, resting())

    answer = post(client, f"{ORDERS}/{ACCOUNT}/{number}/settle", {"reason": "확인함"})

    assert (answer.status_code, answer.json()["code"]) == (409, "REFUSED_BY_EXECUTOR")


def test_same_wish_under_another_key_is_another_order(client: httpx.Client) -> None:
    first, second = place(client, resting(7)), place(client, resting(7))

    assert first != second


def test_every_write_is_recorded_with_who_and_what(rig: Rig, client: httpx.Client) -> None:
    number = place(client, resting())
    admin = rig[0].a_person(Role.ADMIN)
    with rig[0].logged_in(admin) as browser:
        page = browser.get("/api/audit").json()

    assert "PLACE_ORDER" in str(page)
    assert str(number) in str(page)
