"""The audit log: who did what, and whether anybody changed what it says."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import Field, JsonValue

from maemae.domain.errors import JournalCorruptError
from maemae.domain.instant import kst_datetime
from maemae.domain.text import Text
from maemae.server.models import Told
from maemae.server.security.gates import Admin, Viewer
from maemae.server.services import Services, get_services
from maemae.storage.audit import AuditRow, read_rows
from maemae.storage.people.reading import connected

router = APIRouter(prefix="/api/audit", tags=["audit"])

Here = Annotated[Services, Depends(get_services)]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[int | None, Query(ge=1, description="Only older rows than this one.")]
Name = Annotated[str | None, Query(min_length=1, max_length=200)]


class AuditedAct(Told):
    """What somebody did."""

    seq: int = Field(examples=[42])
    at: datetime
    user_id: str | None = Field(description="Nobody: maemae itself, or somebody not logged in.")
    action: str = Field(examples=["PLACE_ORDER"])
    subject: str = Field(examples=["SIM"])
    detail: dict[str, JsonValue]
    hash: str = Field(description="Over this row and every row before it, hexadecimal.")


class AuditPage(Told):
    """Rows, newest first, and where older ones begin."""

    rows: list[AuditedAct]
    next_cursor: int | None = Field(description="For the next page; none if this is the last.")


class AuditVerdict(Told):
    """
    What the verifier found.

    `first_bad_row` is the first row that is not as it was written; `ko` and `en` say what is wrong
    with it.
    """

    is_good: bool
    rows: int = Field(description="How many rows are good before the first bad one, or at all.")
    head_hash: str
    anchors: int = Field(description="How many anchors, kept elsewhere, were compared.")
    first_bad_row: int | None = None
    ko: str
    en: str


@router.get("", operation_id="listAudit")
def list_audit(
    actor: Viewer,
    services: Here,
    limit: Limit = 100,
    cursor: Cursor = None,
    user_id: Name = None,
    action: Name = None,
) -> AuditPage:
    """List what one did oneself, and for an administrator what anybody did."""
    whose = user_id if actor.is_admin else actor.user_id
    with connected(services.store.reading) as connection:
        rows = read_rows(connection, limit=limit + 1, before=cursor, user_id=whose, action=action)
    page = rows[:limit]
    more = page[-1].seq if len(rows) > limit else None
    return AuditPage(rows=[_told(row) for row in page], next_cursor=more)


@router.get("/verify", operation_id="verifyAudit")
def verify_audit(_: Admin, services: Here) -> AuditVerdict:
    """Walk the whole log, and compare it with the anchors kept elsewhere."""
    try:
        verdict = services.audit.verify()
    except JournalCorruptError as error:
        return _verdict(0, "", 0, None, error.text, is_good=False)
    bad = verdict.bad
    return _verdict(
        verdict.head.seq,
        verdict.head.hash.hex(),
        verdict.anchors,
        None if bad is None else bad.seq,
        _GOOD if bad is None else bad.text,
        is_good=bad is None,
    )


def _verdict(
    rows: int, head: str, anchors: int, bad: int | None, text: Text, *, is_good: bool
) -> AuditVerdict:
    return AuditVerdict(
        is_good=is_good,
        rows=rows,
        head_hash=head,
        anchors=anchors,
        first_bad_row=bad,
        ko=text.ko,
        en=text.en,
    )


def _told(row: AuditRow) -> AuditedAct:
    return AuditedAct(
        seq=row.seq,
        at=kst_datetime(row.at),
        user_id=row.user_id,
        action=row.action,
        subject=row.subject,
        detail=msgspec.json.decode(row.detail),
        hash=row.hash.hex(),
    )


_GOOD = Text("감사 기록은 적힌 그대로입니다.", "The audit log is as it was written.")
