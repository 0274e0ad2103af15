"""Plan blocks. What a person decided is written through the change log; proposals are Coach's own and are replaced as a
whole whenever a new plan is made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from coach.core.errors import NotFound
from coach.core.plan import Block, Reason, Unplaced
from coach.core.when import iso, parse_iso
from coach.store import changes
from coach.store.db import Connection, meta, set_meta, transaction

_UNPLACED = "plan_unplaced"
_SHOWN = "plan_shown"
_EDITS = "plan_edits"

DISPLACED = "displaced"
"""The status in the store of a proposal that an accepted block took the place of and that found no other: its first reason says
which. It is no block of the plan any more and goes with the proposals when a new plan is made."""

GIVEN_BACK = "given_back"
"""The reason of a rejected block that was not refused: a new plan needed its time, or a what-if left its task out."""


def given_back(block: Block, why: str) -> Block:
    """An accepted block out of the plan, with nothing said against its time."""
    return replace(block, status="rejected", reasons=(Reason(GIVEN_BACK, 0.0, why), *block.reasons))


def refused(block: Block) -> bool:
    """Whether the person does not want the task at that time."""
    return block.status == "rejected" and all(r.kind != GIVEN_BACK for r in block.reasons)


def between(db: Connection, start: datetime, end: datetime) -> list[Block]:
    """Blocks of every status that overlap [start, end), earliest first."""
    return _many(db, "start < ? AND end > ? ORDER BY start, id", iso(end), iso(start))


def since(db: Connection, moment: datetime) -> list[Block]:
    """Blocks of every status that end after a moment, earliest first; none is longer than a day."""
    return _many(db, "start > ? AND end > ? ORDER BY start, id", iso(moment - timedelta(days=1)), iso(moment))


def last_start(db: Connection, moment: datetime) -> datetime | None:
    """When the last block begins that is in the plan, from a moment on."""
    (found,) = db.execute(
        "SELECT max(start) FROM block WHERE start >= ? AND status IN ('accepted', 'proposed')", (iso(moment),)).fetchone()
    return None if found is None else parse_iso(found)


def with_status(db: Connection, status: str) -> list[Block]:
    return _many(db, "status = ? ORDER BY start, id", status)


def ids(db: Connection) -> set[str]:
    """Of every block that there is."""
    return {row[0] for row in db.execute("SELECT id FROM block")}


def of_task(db: Connection, task_id: str) -> list[Block]:
    """Its blocks of every status, earliest first."""
    return _many(db, "task_id = ? ORDER BY start, id", task_id)


def find(db: Connection, ref: str) -> Block:
    """The block of an id or its unambiguous beginning (4 characters or more). Raises NotFound."""
    found = _many(db, "id = ?", ref)
    if not found and len(ref) >= 4:
        starts = _many(db, "id >= ? AND id < ? LIMIT 2", ref, ref + "g")
        found = starts if len(starts) == 1 else []
    if not found:
        raise NotFound(f"there is no block {ref!r}", "`coach plan` shows the blocks with their ids")
    return found[0]


def replace_proposals(
    db: Connection, blocks: Iterable[Block], unplaced: Iterable[Unplaced], now: datetime, until: date | None = None,
) -> None:
    """The plan as it is proposed now, up to the day `until`; the last proposal is forgotten."""
    with transaction(db):
        db.execute("DELETE FROM block WHERE status IN ('proposed', ?)", (DISPLACED,))
        db.executemany(
            "INSERT INTO block(id, task_id, start, end, status, reasons, confidence, created) VALUES(?,?,?,?,?,?,?,?)",
            ((b.id, b.task_id, iso(b.start), iso(b.end), "proposed", _dumps(_reasons(b)), b.confidence, iso(now))
             for b in blocks),
        )
        set_meta(db, _UNPLACED, _dumps([[u.task_id, u.reason, u.would_fit_if] for u in unplaced]))
        set_meta(db, _SHOWN, _dumps([iso(now), iso(until)]))
        set_meta(db, _EDITS, meta(db, "hlc"))


def proposed_at(db: Connection) -> datetime | None:
    """When the plan was made that is shown; None where no block of it is proposed any more. A proposal that was decided on and is
    one again, or that made room for another block, is younger than its plan."""
    (found,) = db.execute("SELECT min(created) FROM block WHERE status = 'proposed'").fetchone()
    return parse_iso(found) if found else None


def shown(db: Connection) -> tuple[datetime, date | None] | None:
    """When the last plan was made, whatever became of its blocks, and up to which day it reaches; None before the first one."""
    made, until = json.loads(meta(db, _SHOWN, "[null,null]"))
    return (parse_iso(made), date.fromisoformat(until) if until else None) if made else None


def edits_then(db: Connection) -> str:
    """How far the change log had come when the last plan was made, as its timestamp; "" before the first plan."""
    return meta(db, _EDITS)


def unplaced(db: Connection) -> list[Unplaced]:
    """The tasks that the last plan found no place for, and those that have lost it since to a block that the person put there."""
    found = [Unplaced(*entry) for entry in json.loads(meta(db, _UNPLACED, "[]"))]
    named = {u.task_id for u in found}
    lost = {b.task_id: b for b in with_status(db, DISPLACED) if b.task_id not in named}
    return [*(Unplaced(b.task_id, _said(b, DISPLACED), _said(b, "would_fit")) for b in lost.values()), *found]


def _said(block: Block, kind: str) -> str:
    return next((r.text for r in block.reasons if r.kind == kind), "")


def forget_proposals(db: Connection, ids: Iterable[str]) -> None:
    db.executemany("DELETE FROM block WHERE id = ? AND status = 'proposed'", ((i,) for i in ids))


def values(block: Block, now: datetime) -> dict[str, Any]:
    """The fields of a block as a change holds them."""
    return {
        "task_id": block.task_id, "start": iso(block.start), "end": iso(block.end), "status": block.status,
        "reasons": _reasons(block), "confidence": block.confidence, "created": iso(now),
    }


def displaced(block: Block, why: Unplaced, now: datetime) -> dict[str, Any]:
    """The fields of a proposal that has lost its place."""
    said = (Reason(DISPLACED, 0.0, why.reason), Reason("would_fit", 0.0, why.would_fit_if))
    return {**values(replace(block, reasons=(*said, *block.reasons)), now), "status": DISPLACED}


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
