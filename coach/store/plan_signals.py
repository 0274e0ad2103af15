"""What the person did with planned blocks: accepted, rejected, moved. Kept apart from the change log, which undo takes back:
that a time was refused and then taken is two signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from coach.core.errors import InvalidInput
from coach.core.plan import Block
from coach.core.when import iso, parse_iso
from coach.store.db import Connection, meta, transaction

Kind = Literal["accept", "reject", "move"]
MOST_MIN = 7 * 1440
"""Longest block that a file may name."""
PROFILE = "plan_profile"
"""Where in `meta` the profile is kept that was worked out of them and of tracked time."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A decision on a block that Coach had proposed at `offered`; `start` is where it is now."""

    at: datetime
    kind: Kind
    block_id: str
    task_id: str
    offered: datetime
    start: datetime
    minutes: float


def add(db: Connection, kind: Kind, decided: Iterable[tuple[Block, Block]], now: datetime) -> None:
    """Keep decisions on blocks: (as it was offered, as it is now)."""
    with transaction(db):
        db.executemany(
            "INSERT INTO plan_signal(at, kind, block_id, task_id, offered, start, minutes) VALUES(?,?,?,?,?,?,?)",
            ((iso(now), kind, b.id, b.task_id, iso(a.start), iso(b.start), b.minutes) for a, b in decided),
        )


def since(db: Connection, first: datetime, *, standing: bool = False) -> list[Signal]:
    """The decisions from that moment on, oldest first; `standing` leaves out those that were undone."""
    undone = (
        " AND NOT EXISTS (SELECT 1 FROM change c JOIN action a ON a.id = c.action WHERE c.record_id = plan_signal.block_id"
        " AND c.record = 'block' AND a.at = plan_signal.at AND a.undone = 1)") if standing else ""
    rows = db.execute(
        "SELECT at, kind, block_id, task_id, offered, start, minutes FROM plan_signal"
        f" WHERE at >= ?{undone} ORDER BY id", (iso(first),))
    return [
        Signal(parse_iso(at), kind, block, task, parse_iso(offered), parse_iso(start), minutes)
        for at, kind, block, task, offered, start, minutes in rows
    ]


def stamp(db: Connection, now: datetime) -> str:
    """Differs once there may be more, or less, to learn from: a decision, any edit of the change log, or an accepted block that
    has gone by."""
    gone = """SELECT count(*) FROM block WHERE status = 'accepted' AND "end" <= ?"""
    row = db.execute(f"SELECT count(*), coalesce(max(id), 0), ({gone}) FROM plan_signal", (iso(now),)).fetchone()
    return f"{row[0]} {row[1]} {row[2]} {meta(db, 'hlc')}"


def check(row: Mapping[str, Any], where: str) -> None:
    """Raises InvalidInput for a decision from a file that is none of Coach's."""
    try:
        sound = row["kind"] in get_args(Kind) and 0 < row["minutes"] <= MOST_MIN
        sound = sound and all(iso(parse_iso(row[name])) == row[name] for name in ("at", "offered", "start"))
    except (TypeError, InvalidInput):
        sound = False
    if not sound:
        raise InvalidInput(f"{where}: plan_signal is not what Coach writes", "nothing was imported")


def forget_profile(db: Connection) -> None:
    """Drop what was worked out: it is worked out again from what is left."""
    db.execute("DELETE FROM meta WHERE key = ?", (PROFILE,))


def forget(db: Connection) -> int:
    """Drop every decision; returns how many there were."""
    return int(db.execute("DELETE FROM plan_signal").rowcount)
