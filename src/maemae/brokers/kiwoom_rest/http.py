"""
The way to Kiwoom's REST server: every request is a POST, and its outcome is judged by code.

An error of the token comes with HTTP 200, so the status says little. A query is asked again
where that can help; an order is sent once, and again only if the token was refused, which
shows before the order system is reached.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import httpx
import msgspec

from maemae.brokers.kiwoom_rest.auth import TokenOwner
from maemae.brokers.kiwoom_rest.client import KiwoomClient
from maemae.brokers.kiwoom_rest.config import Quotas
from maemae.brokers.kiwoom_rest.hosts import Host
from maemae.brokers.kiwoom_rest.quotas import TransactionQuotas
from maemae.brokers.kiwoom_rest.refusals import Meaning, Verdict, code_in, meaning_of
from maemae.brokers.kiwoom_rest.transactions import Transaction
from maemae.domain.errors import (
    BrokerError,
    BrokerUnavailableError,
    ConfigError,
    NotAcceptedError,
    OutcomeUnknownError,
)
from maemae.domain.instant import nanos_from_datetime
from maemae.domain.terms import Mode
from maemae.ports import Permit, WallClock

T = TypeVar("T")
Body = Mapping[str, str]


class Answer(msgspec.Struct, frozen=True):
    """
    An answer of the server.

    Attributes:
        body: JSON, with the rows of one page.
        meaning: What it proves.
        message: `return_msg`.
        is_more: Whether the list goes on.
        next_key: Where, empty on the last page.
        at: The server's clock by its `Date` header [ns, UTC, whole seconds]; None without one.
    """

    body: bytes
    meaning: Meaning
    message: str
    is_more: bool
    next_key: str
    at: int | None


class _Envelope(msgspec.Struct, frozen=True):
    return_code: int | None = None
    return_msg: str | None = None
    other_code: int | None = msgspec.field(default=None, name="returnCode")  # ka10084 writes it so
    other_msg: str | None = msgspec.field(default=None, name="returnMsg")


class KiwoomHttp:
    """
    Asks Kiwoom's REST server.

    Args:
        host: The server.
        client: Of this server.
        tokens: Owns the token.
        buckets: Of each transaction.
        quotas: How often to ask, and for how many pages.
        wall: The machine's clock.

    Attributes:
        host, quotas: As they were given.
    """

    def __init__(
        self,
        host: Host,
        client: KiwoomClient,
        tokens: TokenOwner,
        buckets: TransactionQuotas,
        quotas: Quotas,
        wall: WallClock,
    ) -> None:
        self.host = host
        self._client = client
        self._tokens = tokens
        self.quotas = quotas
        self._buckets = buckets
        self._wall = wall

    async def ask(self, transaction: Transaction, body: Body, next_key: str = "") -> Answer:
        """
        Return the answer to a query; slows down and renews the token where that is asked.

        Args:
            transaction: What is asked.
            body: Its fields.
            next_key: Of the page before; empty for the first.

        Raises:
            BrokerUnavailableError: It was not answered.
        """
        is_renewed = False
        tries = self.quotas.tries
        while True:
            await self._buckets.take(transaction)
            token = await self._tokens.token()
            try:
                answer = await self._post(transaction, body, next_key, token)
            except httpx.HTTPError as error:
                raise _unanswered(transaction, error) from error
            verdict = answer.meaning.verdict
            if verdict is Verdict.DONE:
                self._require_world(answer)
                return answer
            if verdict is Verdict.RENEW and not is_renewed:
                is_renewed = True
                await self._tokens.renew(token)
            elif verdict is Verdict.RATE and tries > 1:
                tries -= 1
                await self._wall.sleep(self.quotas.rate_pause)
            else:
                raise _refused(transaction, answer)

    async def order(
        self, transaction: Transaction, body: Body, permit: Permit | None = None
    ) -> Answer:
        """
        Send an order, a change or a cancel once; return the answer of one that was accepted.

        Args:
            transaction: Which of them.
            body: Its fields.
            permit: Asked each time right before the first byte leaves: a token, the quota and
                a connection may all have been waited for.

        Raises:
            NotAcceptedError: No byte left, or a code proves that it was not taken.
            OutcomeUnknownError: Anything else.
        """
        async with self._buckets.slot(transaction):
            token = await self._token_for_order()
            answer = await self._send(transaction, body, token, permit)
            if answer.meaning.verdict is Verdict.RENEW:
                await self._renew_for_order(token)
                token = await self._token_for_order()
                answer = await self._send(transaction, body, token, permit)
        text, said = answer.meaning.text, answer.message
        match answer.meaning.verdict:
            case Verdict.DONE:
                self._require_world(answer)
                return answer
            case Verdict.REFUSED | Verdict.RENEW:
                ko, en = f"{text.ko} ({said})", f"{text.en} ({said})"
                raise NotAcceptedError(ko, en, code_in(said))
            case Verdict.RATE | Verdict.DOUBT:
                raise OutcomeUnknownError(f"{text.ko} ({said})", f"{text.en} ({said})")

    async def _send(
        self, transaction: Transaction, body: Body, token: str, permit: Permit | None
    ) -> Answer:
        if permit is not None:
            permit()
        try:
            return await self._post(transaction, body, "", token, permit)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _not_sent(error) from error
        except httpx.HTTPError as error:
            raise OutcomeUnknownError(
                f"키움의 답을 받지 못했습니다 ({type(error).__name__}). 접수되었을 수 있으니 주문 "
                "내역을 확인하세요.",
                f"Kiwoom's answer did not come ({type(error).__name__}). It may have acted; read "
                "the list of orders.",
            ) from error

    async def _token_for_order(self) -> str:
        try:
            return await self._tokens.token()
        except BrokerUnavailableError as error:
            raise _not_sent(error) from error

    async def _renew_for_order(self, token: str) -> None:
        try:
            await self._tokens.renew(token)
        except BrokerUnavailableError as error:
            raise _not_sent(error) from error

    async def _post(
        self,
        transaction: Transaction,
        body: Body,
        next_key: str,
        token: str,
        permit: Permit | None = None,
    ) -> Answer:
        headers = {"api-id": transaction.api_id, "authorization": f"Bearer {token}"}
        if next_key:
            headers |= {"cont-yn": "Y", "next-key": next_key}
        reply = await self._client.post(
            f"{self.host.rest}{transaction.path}",
            body,
            headers,
            None if permit is None else {"trace": _asking(permit)},
        )
        return answer_of(reply)

    def _require_world(self, answer: Answer) -> None:
        """Believe no server of real money that says it is the paper one."""
        if self.host.mode is Mode.REAL and "모의투자" in answer.message:
            raise ConfigError(
                "실전 서버라고 정한 곳이 모의투자라고 답했습니다. 키와 설정을 확인하세요.",
                "What is set as the real server says it is the paper one. Check keys and settings.",
            )


def answer_of(reply: httpx.Response) -> Answer:
    """Return a reply of HTTP as an answer; total, whatever the reply is."""
    try:
        envelope = _decode_envelope(reply.content)
    except msgspec.MsgspecError:
        envelope = _Envelope()
    code = envelope.return_code if envelope.return_code is not None else envelope.other_code
    said = envelope.return_msg if envelope.return_msg is not None else envelope.other_msg
    message = (said or "").strip() or f"HTTP {reply.status_code}"
    is_more = reply.headers.get("cont-yn", "").strip().upper() == "Y"
    return Answer(
        reply.content,
        meaning_of(reply.status_code, code, message),
        message,
        is_more,
        reply.headers.get("next-key", "").strip() if is_more else "",
        _date_of(reply.headers.get("date", "")),
    )


def rows_from(answer: Answer, kind: type[T]) -> T:
    """
    Return the body of an answer.

    Raises:
        BrokerUnavailableError: It has another shape.
    """
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.MsgspecError as error:
        raise BrokerUnavailableError(
            f"키움의 답이 예상한 모양이 아닙니다 ({error}). maemae 를 새 버전으로 올리세요.",
            f"Kiwoom's answer has another shape ({error}). Upgrade maemae.",
        ) from error


def _asking(permit: Permit) -> Callable[[str, object], Awaitable[None]]:
    """Return what has the client ask once more when it is connected, before it sends."""

    async def look(step: str, _: object) -> None:
        if step == _BEFORE_FIRST_BYTE:
            permit()

    return look


def _date_of(header: str) -> int | None:
    try:
        return nanos_from_datetime(parsedate_to_datetime(header))
    except (ValueError, TypeError, BrokerError):
        return None


def _unanswered(transaction: Transaction, error: httpx.HTTPError) -> BrokerUnavailableError:
    told = f"{transaction.api_id}, {type(error).__name__}"
    return BrokerUnavailableError(
        f"키움에 물을 수 없습니다 ({told}). 네트워크를 확인하고 다시 조회하세요.",
        f"Kiwoom cannot be asked ({told}). Check the network and ask again.",
    )


def _refused(transaction: Transaction, answer: Answer) -> BrokerUnavailableError:
    text, told = answer.meaning.text, f"{transaction.api_id}: {answer.message}"
    return BrokerUnavailableError(f"{text.ko} ({told})", f"{text.en} ({told})")


def _not_sent(error: Exception) -> NotAcceptedError:
    told = error.text.ko if isinstance(error, BrokerError) else type(error).__name__
    return NotAcceptedError(
        f"키움에 연결되지 않아 보내지 않았습니다 ({told}). 다시 연결되면 보내세요.",
        "There is no connection to Kiwoom; nothing was sent. Send it once there is.",
        resend=True,
    )


_BEFORE_FIRST_BYTE: Final = "http11.send_request_headers.started"  # as httpcore names it
_decode_envelope = msgspec.json.Decoder(_Envelope).decode
