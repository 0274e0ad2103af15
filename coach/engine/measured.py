"""Where the minutes of a task come from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from coach.core.task import Task
from coach.core.words import duration
from coach.store import attribution
from coach.store.db import Connection


@dataclass(frozen=True, slots=True)
class Measured:
    """Minutes of accepted tracked time, and of a timer, by hand or from an import."""

    attributed_min: int
    days: int
    other_min: int

    def document(self) -> dict[str, Any]:
        return asdict(self)

    def words(self) -> str:
        days = f"{self.days} day" + ("" if self.days == 1 else "s")
        rest = f", {duration(self.other_min * 60)} by timer or by hand" if self.other_min else ""
        total = duration((self.attributed_min + self.other_min) * 60)
        return f"measured {total}: {duration(self.attributed_min * 60)} from tracked time of {days}{rest}"


def measured(db: Connection, task: Task) -> Measured | None:
    """None for a task that no tracked time was accepted for."""
    rows = attribution.accepted_of(db, task.id)
    if not rows:
        return None
    total = sum(one.proposal.minutes for one in rows)
    return Measured(total, len({one.day for one in rows}), max(0, (task.actual_min or 0) - total))
