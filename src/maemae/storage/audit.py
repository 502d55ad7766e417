"""
The audit log: a chain of hashes, so that an edited, deleted, inserted or reordered row is found.

h(n) = SHA-256(h(n-1) || canonical JSON(n)), with 32 zero bytes before the first. Numbers have no
gap, however many processes append. What the chain alone cannot show, a lost tail and a chain made
anew, the anchors show (`maemae.storage.anchors`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select

from maemae.domain.text import Text
from maemae.storage.tables.people import audit

_BEFORE_FIRST: Final = bytes(32)
_ADVISORY_LOCK: Final = 0x6175646974  # "audit"
_LONGEST: Final = 200  # characters of an action or a subject
_ROWS: Final = 1_000
_UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"


class AuditEntry(msgspec.Struct, frozen=True):
    """
    What somebody did.

    Attributes:
        at: Wall time [ns, UTC].
        user_id: Who; None for maemae itself.
        action: What, as an upper-case word: LOGIN, PLACE_ORDER.
        subject: What it was done to: an account, an order's number, a user.
        detail: The rest; no secrets.
    """

    at: int
    user_id: str | None
    action: str
    subject: str
    detail: Mapping[str, object]


class AuditRow(msgspec.Struct, frozen=True):
    """An entry as it stands in the log; `detail` is the JSON that was hashed."""

    seq: int
    at: int
    user_id: str | None
    action: str
    subject: str
    detail: str
    hash: bytes


class AuditHead(msgspec.Struct, frozen=True):
    """Where the log ends: number and hash of the newest row; 0 and zeros before the first."""

    seq: int = 0
    hash: bytes = _BEFORE_FIRST


class BadRow(msgspec.Struct, frozen=True):
    """The first row that is not as it was written, and what is wrong with it."""

    seq: int
    text: Text


class Verdict(msgspec.Struct, frozen=True):
    """
    What the verifier found.

    Attributes:
        head: The newest row before the bad one, or of all.
        anchors: How many anchors were compared.
        bad: The first bad row; None if all is as it was written.
    """

    head: AuditHead
    anchors: int
    bad: BadRow | None


def append(connection: Connection, entry: AuditEntry) -> AuditHead:
    """
    Append an entry in the caller's transaction; return the new head.

    Until that transaction ends, whoever else appends waits.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    head = read_head(connection)
    row = AuditRow(
        head.seq + 1,
        entry.at,
        None if entry.user_id is None else _plain(entry.user_id),
        _plain(entry.action),
        _plain(entry.subject),
        msgspec.json.encode(entry.detail, order="sorted").decode(),
        b"",
    )
    made = AuditHead(row.seq, hash_of(head.hash, row))
    connection.execute(insert(audit), msgspec.structs.asdict(row) | {"hash": made.hash})
    return made


def read_head(connection: Connection) -> AuditHead:
    """Return where the log ends."""
    newest = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    found = connection.execute(newest).one_or_none()
    return AuditHead() if found is None else AuditHead(found.seq, bytes(found.hash))


def hash_of(before: bytes, row: AuditRow) -> bytes:
    """Return the hash of a row after the hash of the row before it."""
    said = (row.seq, row.at, row.user_id, row.action, row.subject, row.detail)
    canonical = msgspec.json.encode(
        dict(zip(AuditRow.__struct_fields__, said, strict=False)), order="sorted"
    )
    return hashlib.sha256(before + canonical).digest()


def read_rows(
    connection: Connection,
    *,
    limit: int,
    before: int | None = None,
    user_id: str | None = None,
    action: str | None = None,
) -> list[AuditRow]:
    """
    Return rows, newest first.

    Args:
        connection: May be one that cannot write.
        limit: At most so many.
        before: Only rows with a smaller number; None for the newest.
        user_id: Only of this user; None for everybody.
        action: Only this action; None for all.
    """
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.seq < before)
    if user_id is not None:
        query = query.where(audit.c.user_id == user_id)
    if action is not None:
        query = query.where(audit.c.action == action)
    return [_row(found) for found in connection.execute(query).mappings()]


def rows_since(connection: Connection, user_id: str, since: int, after: int = 0) -> list[AuditRow]:
    """Return what a user did since an instant [ns, UTC] and after a row, oldest first."""
    query = (
        select(audit)
        .where(audit.c.user_id == user_id, audit.c.at >= since, audit.c.seq > after)
        .order_by(audit.c.seq)
    )
    return [_row(found) for found in connection.execute(query).mappings()]


def verify(connection: Connection, anchors: Sequence[AuditHead] = ()) -> Verdict:
    """
    Walk the whole log and compare it with what it was at the anchors.

    Args:
        connection: May be one that cannot write.
        anchors: Heads that were kept elsewhere, in any order.
    """
    kept: dict[int, set[bytes]] = {}
    for anchor in anchors:
        kept.setdefault(anchor.seq, set()).add(anchor.hash)
    head, anchored = AuditHead(), 0
    with closing(_walk(connection)) as rows:
        for row in rows:
            wanted = kept.get(row.seq, set())
            bad = _misplaced(row, head) or _altered(row, head)
            if bad is None and wanted - {row.hash}:
                bad = _rebuilt(anchored + 1, row.seq)
            if bad is not None:
                return Verdict(head, len(anchors), bad)
            head = AuditHead(row.seq, row.hash)
            anchored = row.seq if wanted else anchored
    last = max(kept, default=0)
    return Verdict(head, len(anchors), _cut_off(head.seq + 1, last) if last > head.seq else None)


def _walk(connection: Connection) -> Generator[AuditRow]:
    query = select(audit).order_by(audit.c.seq).execution_options(yield_per=_ROWS)
    with connection.execute(query) as found:
        yield from map(_row, found.mappings())


def _row(found: RowMapping) -> AuditRow:
    return AuditRow(**{**found, "hash": bytes(found["hash"])})


def _plain(words: str) -> str:
    """Return words without what could break a line or a database, and not without end."""
    return "".join(c if c.isprintable() else _UNKNOWN for c in words[:_LONGEST])


def _misplaced(row: AuditRow, head: AuditHead) -> BadRow | None:
    wanted = head.seq + 1
    if row.seq == wanted:
        return None
    if row.seq > wanted:
        return BadRow(
            wanted,
            Text(
                f"감사 기록 {wanted}번이 없습니다. 지워졌거나 순서가 바뀌었습니다.",
                f"Row {wanted} of the audit log is missing: deleted, or moved.",
            ),
        )
    return BadRow(
        row.seq,
        Text(
            f"감사 기록 {row.seq}번은 있을 수 없는 번호입니다. 끼워 넣은 것입니다.",
            f"Row {row.seq} of the audit log has a number that cannot be: it was inserted.",
        ),
    )


def _altered(row: AuditRow, head: AuditHead) -> BadRow | None:
    if hash_of(head.hash, row) == row.hash:
        return None
    return BadRow(
        row.seq,
        Text(
            f"감사 기록 {row.seq}번의 내용이 적힌 때와 다릅니다.",
            f"Row {row.seq} of the audit log is not as it was written.",
        ),
    )


def _rebuilt(first: int, last: int) -> BadRow:
    return BadRow(
        first,
        Text(
            f"감사 기록 {first}~{last}번 사이가 바뀌고 사슬이 다시 만들어졌습니다. 밖에 둔 "
            "기준점과 다릅니다.",
            f"Between rows {first} and {last} the audit log was changed and its chain made anew: "
            "it differs from the anchor kept elsewhere.",
        ),
    )


def _cut_off(first: int, last: int) -> BadRow:
    return BadRow(
        first,
        Text(
            f"감사 기록 {first}번부터 {last}번까지가 잘려 나갔습니다.",
            f"Rows {first} to {last} of the audit log were cut off.",
        ),
    )
