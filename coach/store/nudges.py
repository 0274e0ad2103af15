"""The coach's memory of what it said: queued, claimed by one process, delivered, answered."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from coach.core.errors import NotFound
from coach.core.nudge import Nudge, Status
from coach.core.when import from_ms, iso, parse_iso, to_ms
from coach.store.calendars import NOT_OWN
from coach.store.db import Connection

_COLUMNS = tuple(f.name for f in fields(Nudge))


def insert(db: Connection, nudge: Nudge) -> None:
    """Queue it; nobody has claimed it yet."""
    values = [getattr(nudge, name) for name in _COLUMNS]
    plain = [iso(v) if isinstance(v, datetime) else v for v in values]
    db.execute(f"INSERT INTO nudge({', '.join(_COLUMNS)}) VALUES({', '.join('?' * len(plain))})", plain)


def claim(db: Connection, nudge_id: str, holder: str) -> bool:
    """Whether this process is the one that delivers it: of all that try, exactly one hears True."""
    return bool(db.execute(
        "UPDATE nudge SET status = 'claimed', claimed_by = ? WHERE id = ? AND status = 'queued'", (holder, nudge_id)
    ).rowcount)


def delivered(db: Connection, nudge_id: str, channel: str) -> None:
    """How it reached the person; no channel means that it did not. An answer that was faster stays."""
    status = "shown" if channel else "failed"
    db.execute(
        "UPDATE nudge SET channel = ?, status = CASE status WHEN 'claimed' THEN ? ELSE status END WHERE id = ?",
        (channel or None, status, nudge_id),
    )


def answer(db: Connection, nudge_id: str, status: Status, now: datetime) -> bool:
    """Record what the person did; False when there was an answer before. An expired one may still be answered."""
    return bool(db.execute(
        "UPDATE nudge SET status = ?, outcome_at = ? WHERE id = ? AND status IN ('claimed', 'shown', 'expired')",
        (status, iso(now), nudge_id),
    ).rowcount)


def rate(db: Connection, nudge_id: str, rating: int) -> None:
    db.execute("UPDATE nudge SET rating = ? WHERE id = ?", (rating, nudge_id))


def settle(
    db: Connection, *, now: datetime, shown_before: datetime, queued_before: datetime, claimed_before: datetime
) -> None:
    """Close what nobody will close any more: shown long ago or queued too long is expired; a claim whose process went
    away without a word counts as failed, since a second delivery would be worse than none."""
    for status, old, before in (
        ("expired", "shown", shown_before), ("expired", "queued", queued_before), ("failed", "claimed", claimed_before),
    ):
        found = db.execute("SELECT 1 FROM nudge WHERE status = ? AND at < ? LIMIT 1", (old, iso(before))).fetchone()
        if found:  # look first: an idle minute writes nothing
            db.execute(
                "UPDATE nudge SET status = ?, outcome_at = ? WHERE status = ? AND at < ?",
                (status, iso(now), old, iso(before)),
            )


def get(db: Connection, nudge_id: str) -> Nudge | None:
    found = _many(db, "id = ?", nudge_id)
    return found[0] if found else None


def find(db: Connection, ref: str) -> Nudge:
    """The nudge of an id, or of an unambiguous beginning of one (4 characters or more). Raises NotFound."""
    found = _many(db, "id >= ? AND id < ? LIMIT 2", ref, ref + "g") if len(ref) >= 4 else []
    if len(found) != 1:
        raise NotFound(f"there is no nudge {ref!r}", "`coach nudges` shows them")
    return found[0]


def since(db: Connection, start: datetime) -> list[Nudge]:
    """Nudges from `start` on, newest first."""
    return _many(db, "at >= ? ORDER BY at DESC, rowid DESC", iso(start))


def latest(db: Connection, limit: int) -> list[Nudge]:
    """The last nudges, newest first."""
    return _many(db, "1 ORDER BY at DESC, rowid DESC LIMIT ?", limit)


def queued(db: Connection) -> list[Nudge]:
    """Nudges that wait for somebody to deliver them, oldest first."""
    return _many(db, "status = 'queued' ORDER BY at, rowid")


def meetings(db: Connection, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Busy calendar entries that overlap [start, end), whole-day ones left out, earliest first."""
    found = db.execute(
        "SELECT e.start_ms, e.end_ms FROM calendar_event e JOIN calendar c ON c.id = e.calendar"
        " WHERE c.enabled = 1 AND e.busy = 1 AND e.all_day = 0 AND e.start_ms < ? AND e.end_ms > ?"
        f" AND {NOT_OWN} ORDER BY e.start_ms",
        (to_ms(end), to_ms(start)),
    )
    return [(from_ms(r[0]), from_ms(r[1])) for r in found]


def _many(db: Connection, where: str, *values: Any) -> list[Nudge]:
    return [_nudge(r) for r in db.execute(f"SELECT {', '.join(_COLUMNS)} FROM nudge WHERE {where}", values)]


def _nudge(row: Any) -> Nudge:
    plain = dict(zip(_COLUMNS, row, strict=True))
    outcome_at = plain.pop("outcome_at")
    return Nudge(**{**plain, "at": parse_iso(plain["at"])}, outcome_at=parse_iso(outcome_at) if outcome_at else None)
