"""Has an executor do what somebody asks about orders, records it, and tells what followed."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from maemae.core.preview import Outlook
from maemae.domain.ids import ClOrdId
from maemae.server import audit
from maemae.server.asking import ask
from maemae.server.executor_line import ExecutorLine
from maemae.server.models import Sentence, Told
from maemae.server.security.actor import Actor
from maemae.server.services import Services
from maemae.trading.control.commands import CoreCommand
from maemae.trading.control.replies import Accepted


class Outcome(Told):
    """
    What followed from a command, durable.

    Refused means that the risk gate said no and nothing was sent; why is in `refusals`.
    """

    outcome: Outlook
    cl_ord_ids: list[ClOrdId] = Field(description="Our numbers of what leaves because of it.")
    refusals: list[Sentence]


def do(
    services: Services,
    actor: Actor,
    line: ExecutorLine,
    command: CoreCommand,
    *,
    action: str,
    subject: str,
    more: Mapping[str, object] | None = None,
) -> Outcome:
    """
    Have a command done, and record it.

    Args:
        services: Of the app.
        actor: Who asks.
        line: Who does it.
        command: What is asked.
        action: What the audit log calls it.
        subject: What it is about: an account, an order or a wish.
        more: What else the audit log keeps of it.

    Raises:
        ProblemError: 409; the executor says why not.
        OutcomeUnknownError: It may be done.
    """
    reply = ask(services, line, command, Accepted)
    outcome = Outlook.PARKED if reply.is_parked else Outlook.SENT
    if reply.refusals:
        outcome = Outlook.REFUSED
    told = {"command": command.key, "numbers": list(reply.numbers), "outcome": outcome.value}
    audit.record(services, actor, action, subject, {**told, **(more or {})})
    return Outcome(
        outcome=outcome,
        cl_ord_ids=list(reply.numbers),
        refusals=[Sentence.model_validate(text) for text in reply.refusals],
    )
