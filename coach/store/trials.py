"""Chosen moments, spoken or held out in silence, with what came of them; which kinds of nudges have stopped; which wait."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from coach.core.aftermath import Trial
from coach.core.nudge import Nudge
from coach.core.when import iso, parse_iso, to_ms
from coach.store import nudges
from coach.store.db import Connection

_COLUMNS = tuple(f.name for f in fields(Trial))
_REACHED = "(t.held = 1 OR EXISTS (SELECT 1 FROM nudge n WHERE n.id = t.id AND n.channel IS NOT NULL))"
"""A word that reached nobody says nothing about words."""


def insert(db: Connection, trial: Trial) -> None:
    values = [getattr(trial, name) for name in _COLUMNS]
    plain = [iso(v) if isinstance(v, datetime) else int(v) if isinstance(v, bool) else v for v in values]
    db.execute(f"INSERT INTO nudge_trial({', '.join(_COLUMNS)}) VALUES({', '.join('?' * len(plain))})", plain)


def held_since(db: Connection, start: datetime) -> list[Nudge]:
    """The silent moments as nudges that nobody heard, for cool-downs; newest first."""
    found = db.execute("SELECT id, at, kind, task_id FROM nudge_trial WHERE held = 1 AND at >= ? ORDER BY at DESC", (iso(start),))
    return [Nudge(r[0], parse_iso(r[1]), r[2], "", "", "", "", r[3], status="held") for r in found]


def to_judge(db: Connection, before: datetime) -> list[Trial]:
    """Trials from before that moment which nobody has judged yet, oldest first."""
    found = db.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM nudge_trial WHERE judged_at IS NULL AND at < ? ORDER BY at", (iso(before),)
    )
    return [_trial(row) for row in found]


def judged(db: Connection, trial_id: str, worked: bool | None, now: datetime) -> None:
    db.execute("UPDATE nudge_trial SET worked = ?, judged_at = ? WHERE id = ?",
               (None if worked is None else int(worked), iso(now), trial_id))


def moments(db: Connection, kind: str, since: str) -> list[tuple[bool, bool | None]]:
    """(held, worked) of the judged trials of a kind from `since` (ISO) on; a word that reached nobody is left out."""
    found = db.execute(
        f"SELECT t.held, t.worked FROM nudge_trial t WHERE t.kind = ? AND t.at >= ? AND t.judged_at IS NOT NULL AND {_REACHED}"
        " ORDER BY t.at", (kind, since),
    )
    return [(bool(r[0]), None if r[1] is None else bool(r[1])) for r in found]


def opinions(db: Connection, kind: str, since: str) -> list[bool]:
    """What was said of a kind from `since` (ISO) on, oldest first: useful or rated 4 and 5; not helpful or rated 1 and 2."""
    found = db.execute(
        "SELECT useful, rating FROM nudge WHERE situation = ? AND at >= ? AND (useful IS NOT NULL OR rating IS NOT NULL)"
        " ORDER BY at", (kind, since),
    )
    said = [bool(useful) if useful is not None else None if rating == 3 else rating > 3 for useful, rating in found]
    return [one for one in said if one is not None]


def kinds(db: Connection) -> list[str]:
    """Kinds that have been tried or stopped, by name."""
    return [r[0] for r in db.execute("SELECT kind FROM nudge_trial UNION SELECT kind FROM nudge_kind ORDER BY 1")]


def heard(db: Connection, since: datetime) -> list[tuple[str, str, Nudge]]:
    """(kind, context, nudge) of what was said from `since` on."""
    said = {n.id: n for n in nudges.since(db, since)}
    found = db.execute("SELECT id, kind, context FROM nudge_trial WHERE held = 0 AND at >= ? ORDER BY at", (iso(since),))
    return [(r[1], r[2], said[r[0]]) for r in found if r[0] in said]


class Run(NamedTuple):
    """A kind's try: its number from 1, since when, and when and why it stopped."""

    run: int
    since: str
    stopped_at: datetime | None
    why: str


def runs(db: Connection) -> dict[str, Run]:
    """By kind; kinds without one are in their first try and never stopped."""
    return {
        r[0]: Run(r[1], r[2], parse_iso(r[3]) if r[3] else None, r[4] or "")
        for r in db.execute("SELECT kind, run, since, stopped_at, why FROM nudge_kind")
    }


def put_run(db: Connection, kind: str, run: Run) -> None:
    db.execute("INSERT OR REPLACE INTO nudge_kind(kind, run, since, stopped_at, why) VALUES(?,?,?,?,?)",
               (kind, run.run, run.since, iso(run.stopped_at), run.why or None))


def waiting(db: Connection) -> dict[str, datetime]:
    """Since when each situation has been waiting for a better moment."""
    return {r[0]: parse_iso(r[1]) for r in db.execute("SELECT kind, since FROM nudge_waiting")}


def wait(db: Connection, kind: str, since: datetime) -> None:
    db.execute("INSERT OR REPLACE INTO nudge_waiting(kind, since) VALUES(?,?)", (kind, iso(since)))


def spoken(db: Connection, kind: str) -> None:
    """It waits no more."""
    db.execute("DELETE FROM nudge_waiting WHERE kind = ?", (kind,))


def forget(db: Connection) -> None:
    """Everything that timing and effects have learnt."""
    for table in ("nudge_trial", "nudge_kind", "nudge_waiting"):
        db.execute(f"DELETE FROM {table}")


class Edit(NamedTuple):
    """A change that the person made. `fields` are the new values by name."""

    at: datetime
    record: str
    id: str
    fields: dict[str, Any]


def edits(db: Connection, start: datetime, end: datetime) -> list[Edit]:
    """Of tasks and blocks in [start, end), earliest first. Stamps of the log are never behind the clock, so it is read from
    `start` on."""
    found = db.execute(
        "SELECT a.at, c.record, c.record_id, c.fields FROM action a JOIN change c ON c.action = a.id WHERE a.hlc >= ?"
        " AND a.at >= ? AND a.at < ? AND a.actor = 'user' AND c.record IN ('task', 'block') ORDER BY a.hlc",
        (f"{to_ms(start):015d}", iso(start), iso(end)),
    )
    return [
        Edit(parse_iso(r[0]), r[1], r[2], {name: pair[1] if isinstance(pair, list) else pair
                                           for name, pair in json.loads(r[3] or "{}").items()})
        for r in found
    ]


def _trial(row: Any) -> Trial:
    plain = dict(zip(_COLUMNS, row, strict=True))
    worked, at = plain["worked"], plain["judged_at"]
    return Trial(**{
        **plain, "at": parse_iso(plain["at"]), "held": bool(plain["held"]), "tracked": bool(plain["tracked"]),
        "worked": None if worked is None else bool(worked), "judged_at": parse_iso(at) if at else None,
    })
