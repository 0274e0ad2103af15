"""What the person did with planned blocks: accepted, rejected, moved. Kept apart from the change log, which undo takes back:
that a time was refused and then taken is two signals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from coach.core.plan import Block
from coach.core.when import iso, parse_iso
from coach.store.db import Connection, transaction

Kind = Literal["accept", "reject", "move"]


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


def since(db: Connection, first: datetime) -> list[Signal]:
    """The decisions from that moment on, oldest first."""
    rows = db.execute(
        "SELECT at, kind, block_id, task_id, offered, start, minutes FROM plan_signal WHERE at >= ? ORDER BY id", (iso(first),))
    return [
        Signal(parse_iso(at), kind, block, task, parse_iso(offered), parse_iso(start), minutes)
        for at, kind, block, task, offered, start, minutes in rows
    ]
