"""The coach's memory of what it said: queued, claimed by one process, delivered, answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from coach.core.errors import NotFound
from coach.core.nudge import Nudge, Status
from coach.core.when import from_ms, iso, parse_iso, to_ms
from coach.store.calendars import NOT_OWN
from coach.store.db import Connection, transaction

PANEL = "panel"
"""The channel of what only the history and Today show."""

_COLUMNS = tuple(f.name for f in fields(Nudge))


def insert(db: Connection, nudge: Nudge) -> None:
    """Queue it; nobody has claimed it yet."""
    values = [getattr(nudge, name) for name in _COLUMNS]
    plain = [iso(v) if isinstance(v, datetime) else int(v) if isinstance(v, bool) else v for v in values]
    db.execute(f"INSERT INTO nudge({', '.join(_COLUMNS)}) VALUES({', '.join('?' * len(plain))})", plain)


def claim(db: Connection, nudge_id: str, holder: str, now: datetime) -> bool:
    """Whether this process is the one that delivers it: of all that try, exactly one hears True. One that failed is not to be
    had before its next try."""
    return bool(db.execute(
        "UPDATE nudge SET status = 'claimed', claimed_by = :holder, tries = coalesce(tries, 0) + 1, next_try = :now"
        " WHERE id = :id AND status = 'queued' AND (next_try IS NULL OR next_try <= :now)",
        {"id": nudge_id, "holder": holder, "now": iso(now)},
    ).rowcount)


def delivered(db: Connection, nudge_id: str, channel: str, latency_ms: int | None = None) -> None:
    """How it reached the person. An answer that was faster stays."""
    db.execute(
        "UPDATE nudge SET channel = ?, latency_ms = ?, status = CASE status WHEN 'claimed' THEN 'shown' ELSE status END"
        " WHERE id = ?", (channel, latency_ms, nudge_id),
    )


def failed(db: Connection, nudge_id: str, why: str, now: datetime, again: datetime | None, latency_ms: int | None = None) -> None:
    """A delivery that did not reach the person, with its misfire: to be tried `again`, or not any more."""
    status, next_try = ("queued", iso(again)) if again else ("failed", None)
    with transaction(db):
        db.execute(
            "UPDATE nudge SET status = ?, next_try = ?, latency_ms = ? WHERE id = ? AND status = 'claimed'",
            (status, next_try, latency_ms, nudge_id),
        )
        misfire(db, nudge_id, why, now)


def misfire(db: Connection, nudge_id: str, why: str, now: datetime) -> None:
    """Why a delivery did not go as it should: no_channel, error:KIND, interrupted, stale."""
    db.execute("INSERT INTO nudge_misfire(nudge, at, why) VALUES(?,?,?)", (nudge_id, iso(now), why))


def misfires(db: Connection, start: datetime) -> list[tuple[str, datetime, str]]:
    """(nudge id, when, why) from `start` on, newest first."""
    found = db.execute("SELECT nudge, at, why FROM nudge_misfire WHERE at >= ? ORDER BY id DESC", (iso(start),))
    return [(r[0], parse_iso(r[1]), r[2]) for r in found]


def answer(db: Connection, nudge_id: str, status: Status, now: datetime) -> bool:
    """Record what the person did; False when there was an answer before. An expired one may still be answered."""
    return bool(db.execute(
        "UPDATE nudge SET status = ?, outcome_at = ? WHERE id = ? AND status IN ('claimed', 'shown', 'expired')",
        (status, iso(now), nudge_id),
    ).rowcount)


def rate(db: Connection, nudge_id: str, rating: int) -> None:
    db.execute("UPDATE nudge SET rating = ? WHERE id = ?", (rating, nudge_id))


def judge(db: Connection, nudge_id: str, useful: bool) -> None:
    db.execute("UPDATE nudge SET useful = ? WHERE id = ?", (int(useful), nudge_id))


def settle(
    db: Connection, *, now: datetime, shown_before: datetime, queued_before: datetime, asked_before: datetime,
    claimed_before: datetime, asked: Sequence[str] = (),
) -> None:
    """Close what nobody will close any more. Shown long ago is expired. Queued for too long is dropped as stale; the
    situations `asked` for by the person have their own, longer time. A claim whose process went away without a word may or
    may not have been heard: it stays in the history and on Today, and is not said aloud again."""
    names = ", ".join("?" * len(asked))
    wanted = f"situation IN ({names})"
    for status, old, why, where, values in (
        ("expired", "shown", "", "at < ?", (iso(shown_before),)),
        ("expired", "queued", "stale", f"at < ? AND NOT {wanted}", (iso(queued_before), *asked)),
        ("expired", "queued", "stale", f"at < ? AND {wanted}", (iso(asked_before), *asked)),
        ("shown", "claimed", "interrupted", "next_try < ?", (iso(claimed_before),)),
    ):
        query = f"SELECT id FROM nudge WHERE status = '{old}' AND {where}"
        if db.execute(query + " LIMIT 1", values).fetchone() is None:  # look first: an idle minute writes nothing
            continue
        with transaction(db):
            for (nudge_id,) in db.execute(query, values).fetchall():
                if status == "expired":
                    db.execute("UPDATE nudge SET status = 'expired', outcome_at = ? WHERE id = ?", (iso(now), nudge_id))
                else:
                    db.execute("UPDATE nudge SET status = 'shown', channel = ? WHERE id = ?", (PANEL, nudge_id))
                if why:
                    misfire(db, nudge_id, why, now)


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


def queued(db: Connection, now: datetime) -> list[Nudge]:
    """Nudges that wait for somebody to deliver them and may be tried now, oldest first."""
    return _many(db, "status = 'queued' AND (next_try IS NULL OR next_try <= ?) ORDER BY at, rowid", iso(now))


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
    times = {name: parse_iso(plain[name]) if plain[name] else None for name in ("outcome_at", "next_try")}
    found = {"tries": plain["tries"] or 0, "asked": bool(plain["asked"])}
    found["useful"] = None if plain["useful"] is None else bool(plain["useful"])
    return Nudge(**{**plain, **times, **found, "at": parse_iso(plain["at"])})
