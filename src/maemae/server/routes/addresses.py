"""From where people may come at all."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from maemae.domain.instant import kst_datetime
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.models import Asked, Told
from maemae.server.problem import ProblemError
from maemae.server.security import refusals
from maemae.server.security.addresses import network_from_text, parsed_address
from maemae.server.security.gates import Admin, SteppedUp
from maemae.server.services import Services, get_services
from maemae.storage.people.addresses import AllowedAddress

router = APIRouter(prefix="/api/system/addresses", tags=["system"])

Here = Annotated[Services, Depends(get_services)]
Network = Annotated[
    str, Field(max_length=64, description="CIDR or one address.", examples=["192.168.0.0/24"])
]


class AskedAddress(Asked):
    """A network to allow."""

    network: Network
    note: Annotated[str, Field(max_length=200, examples=["집"])] = ""


class GivenUpAddress(Asked):
    """A network to allow no longer."""

    network: Network


class ShownAddress(Told):
    """A network that is allowed."""

    network: str = Field(examples=["192.168.0.0/24"])
    note: str
    made_by: str
    made_at: datetime


@router.get("", operation_id="listAddresses")
def list_addresses(_actor: Admin, services: Here) -> list[ShownAddress]:
    """List the networks from which people may come; without any they come from everywhere."""
    return [
        ShownAddress(
            network=each.network,
            note=each.note,
            made_by=each.made_by,
            made_at=kst_datetime(each.made_at),
        )
        for each in services.people.addresses.everything()
    ]


@router.post("", operation_id="allowAddress", status_code=204)
def allow_address(asked: AskedAddress, actor: Admin, _: SteppedUp, services: Here) -> None:
    """Allow a network; the first one must be one's own, so that nobody locks oneself out."""
    network = network_from_text(asked.network)
    mine = parsed_address(actor.address)
    is_first = not services.people.addresses.everything() and not services.config.allowed_networks
    if is_first and (mine is None or not (mine.is_loopback or mine in network)):
        raise _locks_out(actor.address)
    now = services.wall.now()
    allowed = AllowedAddress(str(network), asked.note, actor.user_id, now)
    services.people.addresses.put(allowed)
    services.allow_list.forget()
    audit.record(services, actor, "ALLOW_ADDRESS", str(network))


@router.post("/withdraw", operation_id="withdrawAddress", status_code=204)
def withdraw_address(asked: GivenUpAddress, actor: Admin, _: SteppedUp, services: Here) -> None:
    """Allow a network no longer."""
    network = str(network_from_text(asked.network))
    if not services.people.addresses.remove(network):
        raise refusals.no_such(Text("주소 범위", "range of addresses"))
    services.allow_list.forget()
    audit.record(services, actor, "WITHDRAW_ADDRESS", network)


def _locks_out(address: str) -> ProblemError:
    return ProblemError(
        409,
        "LOCKS_OUT",
        Text(
            f"지금 쓰는 주소 {address} 이(가) 빠져 있어 곧바로 막힙니다. 그 주소부터 허용하세요.",
            f"Your own address {address} is not in it and would be shut out. Allow that one first.",
        ),
    )
