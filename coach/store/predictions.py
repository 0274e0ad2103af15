"""What models said, what came of it, and how their trainings went."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from coach.core.errors import NotFound
from coach.core.when import iso
from coach.store.db import Connection, rows, transaction


@dataclass(frozen=True, slots=True)
class Said:
    """A prediction of a thing, by a version; `served` is what the person saw."""

    key: str
    version: int
    value: float
    low: float | None
    high: float | None
    served: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A training: running, done, failed, cancelled or lost; `share` of it done, `words` about where it is or why it ended."""

    id: int
    kind: str
    reason: str
    rung: str
    started: str
    ended: str | None
    status: str
    share: float
    words: str
    candidate: int | None


def log(db: Connection, kind: str, issued: date, said: Iterable[Said]) -> None:
    """Keep what was said on a day. The first word of a day counts: later ones of the same thing are not kept."""
    with transaction(db):
        db.executemany(
            "INSERT OR IGNORE INTO prediction(kind, issued, key, version, value, low, high, served) VALUES(?,?,?,?,?,?,?,?)",
            [(kind, issued.isoformat(), s.key, s.version, s.value, s.low, s.high, int(s.served)) for s in said],
        )


def logged(db: Connection, kind: str, issued: date, version: int) -> bool:
    return db.execute(
        "SELECT 1 FROM prediction WHERE kind = ? AND issued = ? AND version = ? LIMIT 1", (kind, issued.isoformat(), version)
    ).fetchone() is not None


def open_keys(db: Connection, kind: str) -> list[str]:
    """Things whose outcome is not known yet."""
    found = db.execute("SELECT DISTINCT key FROM prediction WHERE kind = ? AND known IS NULL ORDER BY key", (kind,))
    return [r[0] for r in found]


def join(db: Connection, kind: str, outcomes: Mapping[str, float], now: datetime) -> int:
    """Write outcomes beside every prediction of them that has none; NaN closes without one. Returns how many rows."""
    with transaction(db):
        before = db.total_changes
        db.executemany(
            "UPDATE prediction SET outcome = ?, known = ? WHERE kind = ? AND key = ? AND known IS NULL",
            [(None if math.isnan(value) else value, iso(now), kind, key) for key, value in outcomes.items()],
        )
        return int(db.total_changes - before)


def losses(db: Connection, kind: str, version: int, against: int, since: date) -> dict[date, tuple[float, float, int]]:
    """By day of issue, from `since` on: mean squared error of `version` and of `against` over what both predicted and what
    is known, and how many that were."""
    return {
        date.fromisoformat(r[0]): (r[1], r[2], r[3])
        for r in db.execute(
            "SELECT a.issued, avg((a.value - a.outcome) * (a.value - a.outcome)), avg((b.value - b.outcome) * (b.value -"
            " b.outcome)), count(*) FROM prediction a JOIN prediction b ON b.kind = a.kind AND b.issued = a.issued"
            " AND b.key = a.key AND b.version = ? WHERE a.kind = ? AND a.version = ? AND a.issued >= ?"
            " AND a.outcome IS NOT NULL GROUP BY a.issued ORDER BY a.issued",
            (against, kind, version, since.isoformat()),
        )
    }


def served(db: Connection, kind: str, since: date) -> dict[date, tuple[float, int]]:
    """By day of issue: mean squared error of what the person was shown, and the version."""
    return {
        date.fromisoformat(r[0]): (r[1], r[2])
        for r in db.execute(
            "SELECT issued, avg((value - outcome) * (value - outcome)), max(version) FROM prediction WHERE kind = ?"
            " AND served = 1 AND issued >= ? AND outcome IS NOT NULL GROUP BY issued ORDER BY issued",
            (kind, since.isoformat()),
        )
    }


def prune(db: Connection, before: date) -> None:
    """Forget predictions that were issued before a day."""
    db.execute("DELETE FROM prediction WHERE issued < ?", (before.isoformat(),))


def rate(db: Connection, kind: str, day: date, rating: int, now: datetime) -> None:
    """1 to 5 for what the model said of a day; a second rating replaces the first."""
    db.execute(
        "INSERT INTO model_rating(kind, day, rating, at) VALUES(?,?,?,?) ON CONFLICT(kind, day) DO UPDATE SET"
        " rating = excluded.rating, at = excluded.at", (kind, day.isoformat(), rating, iso(now)),
    )


def ratings(db: Connection, kind: str, since: date) -> dict[date, int]:
    return {
        date.fromisoformat(r[0]): r[1]
        for r in db.execute("SELECT day, rating FROM model_rating WHERE kind = ? AND day >= ?", (kind, since.isoformat()))
    }


def begin_run(db: Connection, kind: str, reason: str, rung: str, now: datetime) -> int:
    return int(db.execute(
        "INSERT INTO model_run(kind, reason, rung, started, status, share, words, cancel) VALUES(?,?,?,?,'running',0,'',0)",
        (kind, reason, rung, iso(now)),
    ).lastrowid or 0)


def progress_of(db: Connection, run_id: int, share: float, words: str) -> None:
    db.execute("UPDATE model_run SET share = ?, words = ? WHERE id = ? AND status = 'running'", (share, words, run_id))


def end_run(db: Connection, run_id: int, status: str, words: str, now: datetime, candidate: int | None = None) -> None:
    db.execute(
        "UPDATE model_run SET status = ?, words = ?, ended = ?, candidate = ?, share = CASE ? WHEN 'done' THEN 1 ELSE share END"
        " WHERE id = ?", (status, words, iso(now), candidate, status, run_id),
    )


def lose_runs(db: Connection, now: datetime) -> int:
    """Close the runs whose process is gone: for whoever holds the compute lock, that is all that still say running."""
    return int(db.execute(
        "UPDATE model_run SET status = 'lost', ended = ?, words = 'its process went away' WHERE status = 'running'", (iso(now),)
    ).rowcount)


def cancel(db: Connection, run_id: int) -> None:
    """Ask whoever runs it to stop. Raises NotFound when it is not running."""
    if not db.execute("UPDATE model_run SET cancel = 1 WHERE id = ? AND status = 'running'", (run_id,)).rowcount:
        raise NotFound(f"no training {run_id} is running", "`coach models` shows the one that is")


def cancelled(db: Connection, run_id: int) -> bool:
    row = db.execute("SELECT cancel FROM model_run WHERE id = ?", (run_id,)).fetchone()
    return row is None or bool(row[0])


def runs(db: Connection, kind: str = "", limit: int = 10) -> list[Run]:
    """Newest first, of one model or of all."""
    return [
        Run(*r) for r in db.execute(
            "SELECT id, kind, reason, rung, started, ended, status, share, words, candidate FROM model_run"
            " WHERE kind = ? OR ? = '' ORDER BY id DESC LIMIT ?", (kind, kind, limit),
        )
    ]


def notify(db: Connection, kind: str, text: str, now: datetime) -> bool:
    """Tell the person something about a model, unless the same is told already and unseen; whether it is new."""
    with transaction(db):
        if db.execute("SELECT 1 FROM notice WHERE kind = ? AND text = ? AND seen = 0", (kind, text)).fetchone():
            return False
        db.execute("INSERT INTO notice(at, kind, text, seen) VALUES(?,?,?,0)", (iso(now), kind, text))
    return True


def notices(db: Connection, *, unseen: bool = True, limit: int = 20) -> list[dict[str, Any]]:
    """Newest first: id, at, kind, text, seen."""
    where = "WHERE seen = 0" if unseen else ""
    return rows(db, f"SELECT id, at, kind, text, seen FROM notice {where} ORDER BY id DESC LIMIT ?", (limit,))


def see_notices(db: Connection) -> None:
    db.execute("UPDATE notice SET seen = 1 WHERE seen = 0")
