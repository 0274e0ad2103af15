"""What the focus forecast reads: hours by category with their visits, and the due dates that were known."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from coach.store.db import Connection

HourRow: TypeAlias = tuple[str, int, str, int, int]
"""(day, hour, category, ms, visits)."""


def hour_rows(db: Connection, first: date, last: date) -> list[HourRow]:
    """Every hour of calendar dates first..last, in no order."""
    cursor = db.cursor()
    cursor.row_factory = None  # half a year has 25,000 of them
    found: list[HourRow] = cursor.execute(
        "SELECT day, hour, category, ms, visits FROM rollup_hour WHERE day BETWEEN ? AND ?", (first.isoformat(), last.isoformat())
    ).fetchall()
    return found


def first_day(db: Connection, since: date) -> date | None:
    """The first date from `since` on with tracked time."""
    found = db.execute("SELECT min(day) FROM rollup_hour WHERE day >= ? AND ms > 0", (since.isoformat(),)).fetchone()[0]
    return date.fromisoformat(found) if found else None


def due_spans(db: Connection, first: date, last: date) -> list[tuple[date, date, date | None]]:
    """(due, noted, done or deleted) of tasks due from `first` to `last` that do not repeat, by the dates as they are written."""
    return [
        (date.fromisoformat(r[0]), date.fromisoformat(r[1]), date.fromisoformat(r[2]) if r[2] else None) for r in db.execute(
            "SELECT substr(due, 1, 10), substr(created, 1, 10), substr(coalesce(completed, deleted), 1, 10) FROM task"
            " WHERE due >= ? AND due <= ? AND recurrence IS NULL", (first.isoformat(), last.isoformat() + "~")
        )
    ]
