"""Looks at every order before it leaves: what is unusual is recorded, told, and may need a code."""

from __future__ import annotations

from typing import Final

from maemae.domain.errors import MaemaeError
from maemae.domain.intent import Cash, Everything, Shares
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.anomaly import Anomaly
from maemae.server.executor_line import ExecutorLine
from maemae.server.logs import logger
from maemae.server.past import Act
from maemae.server.security import refusals
from maemae.server.security.actor import Actor
from maemae.server.security.gates import stepped_up_until
from maemae.server.services import Services
from maemae.trading.control.commands import PlaceOrder, RaiseAlert

ANOMALY: Final = "ANOMALY"


def notional_of(services: Services, line: ExecutorLine, command: PlaceOrder) -> int | None:
    """Return what an order is about [won]; None where nobody can say."""
    match command.size:
        case Cash(won):
            return won
        case Shares(qty):
            price = command.price or _last_price(services, line, command)
            return None if price is None else qty * price
        case Everything():
            return None


def require_usual(
    services: Services, actor: Actor, line: ExecutorLine, command: PlaceOrder
) -> int | None:
    """
    Look at an order before it is placed; return what it is about [won].

    Raises:
        ProblemError: 403; it is unusual, real, and the second factor was not shown lately.
    """
    now, notional = services.wall.now(), notional_of(services, line, command)
    limits = services.config.thresholds
    act = Act(now, notional, actor.address)
    found = services.habits.unusual(actor.user_id, act, limits)
    for each in found:
        if services.habits.is_news(actor.user_id, each.kind, now):
            _tell(services, actor, line, command, each)
    if (
        found
        and line.mode is Mode.REAL
        and actor.login_hash is not None
        and limits.needs_step_up
        and stepped_up_until(services, actor) is None
    ):
        raise refusals.step_up_needed()
    return notional


def _tell(
    services: Services, actor: Actor, line: ExecutorLine, command: PlaceOrder, found: Anomaly
) -> None:
    audit.record(
        services,
        actor,
        ANOMALY,
        command.account_id,
        {"kind": found.kind.value, "what": found.text.en, "command": command.key},
    )
    log = logger("anomaly")
    log.critical("unusual order", user_id=actor.user_id, kind=found.kind, what=found.text.en)
    text = Text(f"{actor.user_id}: {found.text.ko}", f"{actor.user_id}: {found.text.en}")
    alert = RaiseAlert(
        f"{command.key}-{found.kind.value}",
        actor.user_id,
        code=f"UNUSUAL_{found.kind.value}",
        subject=actor.user_id,
        text=text,
        at=services.wall.now(),
    )
    try:
        line.ask(alert)
    except MaemaeError as error:  # it is recorded; the order itself will tell what is wrong
        log.warning("alert not raised", error=str(error))


def _last_price(services: Services, line: ExecutorLine, command: PlaceOrder) -> int | None:
    pulse = services.pulses.find(line)
    quotes = () if pulse is None else pulse.quotes
    return next((quote.px for quote in quotes if quote.symbol == command.symbol), None)
