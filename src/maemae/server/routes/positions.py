"""What is held."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from maemae.domain.errors import ConfigError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.server.asking import AccountOf, Here, ask
from maemae.server.executor_line import ExecutorLine
from maemae.server.models import Moment, Told
from maemae.server.security.gates import Viewer, line_to_see
from maemae.server.services import Services
from maemae.storage.queries import ShownPosition
from maemae.trading.control.commands import PositionsQuery
from maemae.trading.control.replies import Holding, Positions

router = APIRouter(prefix="/api/positions", tags=["positions"])


class PositionRow(Told):
    """What a sleeve holds of an instrument; amounts in won."""

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    qty: int
    sellable: int | None = Field(description="Null while no executor answers.")
    cost: int = Field(description="Paid for it, charges left out.")
    price: int | None = Field(description="The last one; null while none is known.")
    value: int | None
    unrealized: int | None
    opened_at: Moment | None
    stop_px: int | None
    take_px: int | None


@router.get("", operation_id="listPositions")
def list_positions(account_id: AccountOf, actor: Viewer, services: Here) -> list[PositionRow]:
    """List what an account holds, with prices while its executor answers."""
    line = line_to_see(actor, services, account_id)
    live = _live(services, line)
    return [
        _row(held, live.get((held.sleeve_id, held.symbol)))
        for held in line.queries.positions()
        if held.account_id == account_id
    ]


def _live(services: Services, line: ExecutorLine) -> dict[tuple[SleeveId, Symbol], Holding]:
    try:
        told = ask(services, line, PositionsQuery(), Positions)
    except ConfigError:
        return {}
    return {(each.sleeve_id, each.symbol): each for each in told.holdings}


def _row(held: ShownPosition, live: Holding | None) -> PositionRow:
    price = None if live is None else live.price
    value = None if price is None else price * held.qty
    return PositionRow.model_validate(
        {
            **{name: getattr(held, name) for name in held.__struct_fields__},
            "sellable": None if live is None else live.sellable,
            "price": price,
            "value": value,
            "unrealized": None if value is None else value - held.cost,
        }
    )
