"""Plan blocks. What a person decided is written through the change log; proposals are Coach's own and are replaced as a
whole whenever a new plan is made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from coach.core.errors import NotFound
from coach.core.plan import Block, Reason, Unplaced
from coach.core.when import iso, parse_iso
from coach.store import changes
from coach.store.db import Connection, meta, set_meta, transaction

_UNPLACED = "plan_unplaced"


def between(db: Connection, start: datetime, end: datetime) -> list[Block]:
    """Blocks of every status that overlap [start, end), earliest first."""
    return _many(db, "start < ? AND end > ? ORDER BY start, id", iso(end), iso(start))


def with_status(db: Connection, status: str) -> list[Block]:
    return _many(db, "status = ? ORDER BY start, id", status)


def find(db: Connection, ref: str) -> Block:
    """The block of an id or its unambiguous beginning (4 characters or more). Raises NotFound."""
    found = _many(db, "id = ?", ref)
    if not found and len(ref) >= 4:
        starts = _many(db, "id >= ? AND id < ? LIMIT 2", ref, ref + "g")
        found = starts if len(starts) == 1 else []
    if not found:
        raise NotFound(f"there is no block {ref!r}", "`coach plan` shows the blocks with their ids")
    return found[0]


def replace_proposals(db: Connection, blocks: Iterable[Block], unplaced: Iterable[Unplaced], now: datetime) -> None:
    """The plan as it is proposed now; the last proposal is forgotten."""
    with transaction(db):
        db.execute("DELETE FROM block WHERE status = 'proposed'")
        db.executemany(
            "INSERT INTO block(id, task_id, start, end, status, reasons, confidence, created) VALUES(?,?,?,?,?,?,?,?)",
            ((b.id, b.task_id, iso(b.start), iso(b.end), "proposed", _dumps(_reasons(b)), b.confidence, iso(now))
             for b in blocks),
        )
        set_meta(db, _UNPLACED, _dumps([[u.task_id, u.reason, u.would_fit_if] for u in unplaced]))


def proposed_at(db: Connection) -> datetime | None:
    """When the plan was made that is shown; None where none is."""
    (found,) = db.execute("SELECT max(created) FROM block WHERE status = 'proposed'").fetchone()
    return parse_iso(found) if found else None


def unplaced(db: Connection) -> list[Unplaced]:
    """The tasks that the last plan found no place for."""
    return [Unplaced(*entry) for entry in json.loads(meta(db, _UNPLACED, "[]"))]


def forget_proposals(db: Connection, ids: Iterable[str]) -> None:
    db.executemany("DELETE FROM block WHERE id = ? AND status = 'proposed'", ((i,) for i in ids))


def values(block: Block, now: datetime) -> dict[str, Any]:
    """The fields of a block as a change holds them."""
    return {
        "task_id": block.task_id, "start": iso(block.start), "end": iso(block.end), "status": block.status,
        "reasons": _reasons(block), "confidence": block.confidence, "created": iso(now),
    }


def _reasons(block: Block) -> list[dict[str, Any]]:
    return [{"kind": r.kind, "value": r.value, "text": r.text} for r in block.reasons]


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _many(db: Connection, where: str, *wanted: Any) -> list[Block]:
    return [
        Block(
            r["id"], r["task_id"], parse_iso(r["start"]), parse_iso(r["end"]),
            tuple(Reason(x["kind"], x["value"], x["text"]) for x in r["reasons"] or ()), r["confidence"], r["status"],
        )
        for r in changes.read(db, "block", where, wanted)
    ]
