"""Versions of the nets that learn and which of them is active. Every switch is one transaction: after a crash the pointer
names either the version from before or the one from after, and both are there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coach.core.errors import ModelBroken, ModelMissing, NotFound
from coach.core.when import iso
from coach.store import lives
from coach.store.db import Connection, rows, transaction

SHIPPED = 0
"""The version that comes with Coach: a folder under models/, no row."""
BASELINE = -1
"""Stands for the baseline where a version is named."""
KEPT = 5
"""Versions that were promoted last, whose files are kept; beside them the best, the active and the one on trial."""
_ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Version:
    """A row without its files. `status` is candidate, trial, kept or rejected; `held` says whether its files are there."""

    kind: str
    number: int
    made: str
    parent: int
    status: str
    score: float | None
    card: Mapping[str, Any]
    held: bool


@dataclass(frozen=True, slots=True)
class Active:
    """Which version is active and whether it or the baseline "serves"."""

    number: int
    serves: str
    why: str
    since: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A version that predicts beside the active one; in `mode` "ab" it serves on some days."""

    number: int
    mode: str
    seed: int
    since: str


def add(
    db: Connection, kind: str, parent: int, onnx: bytes, weights: bytes, card: Mapping[str, Any], now: datetime,
    score: float | None = None,
) -> int:
    """A new candidate; returns its number. Nothing serves it before `promote`."""
    with transaction(db):
        number = int(db.execute("SELECT coalesce(max(number), 0) + 1 FROM model_version WHERE kind = ?", (kind,)).fetchone()[0])
        db.execute(
            "INSERT INTO model_version(kind, number, made, parent, status, score, card, digest, onnx, weights)"
            " VALUES(?,?,?,?,'candidate',?,?,?,?,?)",
            (kind, number, iso(now), parent, score, json.dumps(card, ensure_ascii=False), digest(onnx, weights), onnx, weights),
        )
    return number


def digest(onnx: bytes, weights: bytes) -> str:
    """SHA-256 of both files."""
    return hashlib.sha256(len(onnx).to_bytes(8, "little") + onnx + weights).hexdigest()


def files(db: Connection, kind: str, number: int) -> tuple[bytes, bytes]:
    """(ONNX, safetensors) of a version. Raises ModelMissing, ModelBroken where they are not what was stored."""
    row = db.execute("SELECT onnx, weights, digest FROM model_version WHERE kind = ? AND number = ?", (kind, number)).fetchone()
    if row is None or row[0] is None:
        raise ModelMissing(f"version {number} of {kind} is not kept", "`coach models history` lists those that are")
    onnx, weights = bytes(row[0]), bytes(row[1] or b"")
    if digest(onnx, weights) != row[2]:
        raise ModelBroken(f"version {number} of {kind} is damaged", "`coach models rollback` goes back to the one before")
    return onnx, weights


def version(db: Connection, kind: str, number: int) -> Version:
    """Raises NotFound."""
    found = _versions(db, "kind = ? AND number = ?", kind, number)
    if not found:
        raise NotFound(f"{kind} has no version {number}", f"`coach models history {kind}` lists them")
    return found[0]


def versions(db: Connection, kind: str) -> list[Version]:
    """Newest first; without the shipped one."""
    return _versions(db, "kind = ? ORDER BY number DESC", kind)


def candidates(db: Connection) -> list[Version]:
    """Those that wait for a verdict, oldest first."""
    return _versions(db, "status = 'candidate' ORDER BY kind, number")


def active(db: Connection, kind: str) -> Active | None:
    """None while nothing but the shipped version has ever been decided on."""
    row = db.execute("SELECT number, serves, why, since FROM model_active WHERE kind = ?", (kind,)).fetchone()
    return Active(*row) if row else None


def promote(db: Connection, kind: str, number: int, now: datetime, why: str) -> None:
    """Make a version the active one, in one transaction with its status, the history and the cleaning up. Raises ModelMissing
    where its files are not kept; SHIPPED has none and needs none."""
    with transaction(db):
        _point(db, kind, number, now, "promote", why)
        _forget(db, kind)


def roll_back(db: Connection, kind: str, now: datetime, why: str) -> int:
    """Make the version active that was so before this one was promoted; returns it. Raises NotFound where there is none."""
    with transaction(db):
        current = active(db, kind)
        row = current and db.execute(
            "SELECT before FROM model_switch WHERE kind = ? AND after = ? AND before != after AND what != ?"
            " ORDER BY id DESC LIMIT 1", (kind, current.number, _ROLLBACK),
        ).fetchone()
        if not row:
            raise NotFound(f"{kind} has no version before this one", f"`coach models history {kind}` lists them")
        _point(db, kind, int(row[0]), now, _ROLLBACK, why)
    return int(row[0])


def set_serving(db: Connection, kind: str, serves: str, why: str, now: datetime) -> bool:
    """Let the active version or the baseline serve ("model", "baseline"); whether that is a change."""
    with transaction(db):
        before = active(db, kind)
        number = before.number if before else SHIPPED
        changed = before is None or before.serves != serves
        if before and not changed and before.why == why:
            return False
        db.execute(
            "INSERT INTO model_active VALUES(?,?,?,?,?) ON CONFLICT(kind) DO UPDATE SET serves = excluded.serves,"
            " why = excluded.why, since = CASE WHEN serves = excluded.serves THEN since ELSE excluded.since END",
            (kind, number, serves, why, iso(now)),
        )
        if changed:
            _switched(db, kind, now, "serve", number, number, serves, why)
    return changed


def judge(db: Connection, kind: str, number: int, status: str, score: float | None = None) -> None:
    """Set a version's status ("trial", "rejected", "kept"); a rejected one loses its files."""
    with transaction(db):
        db.execute(
            "UPDATE model_version SET status = ?, score = coalesce(?, score) WHERE kind = ? AND number = ?",
            (status, score, kind, number),
        )
        if status == "rejected":
            db.execute("DELETE FROM model_trial WHERE kind = ? AND number = ?", (kind, number))
        _forget(db, kind)


def begin_trial(db: Connection, kind: str, number: int, mode: str, seed: int, now: datetime) -> None:
    """Put a version on trial; one that was on trial before is rejected."""
    with transaction(db):
        before = trial(db, kind)
        if before and before.number != number:
            judge(db, kind, before.number, "rejected")
        db.execute("INSERT OR REPLACE INTO model_trial VALUES(?,?,?,?,?)", (kind, number, mode, seed, iso(now)))
        judge(db, kind, number, "trial")


def trial(db: Connection, kind: str) -> Trial | None:
    row = db.execute("SELECT number, mode, seed, since FROM model_trial WHERE kind = ?", (kind,)).fetchone()
    return Trial(*row) if row else None


def history(db: Connection, kind: str, limit: int = 50) -> list[dict[str, Any]]:
    """Switches, newest first: at, what (promote, rollback, serve), before, after, serves, why."""
    return rows(
        db, "SELECT at, what, before, after, serves, why FROM model_switch WHERE kind = ? ORDER BY id DESC LIMIT ?", (kind, limit)
    )


def switches(db: Connection) -> int:
    """Rises with every switch of a version or of who serves."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM model_switch").fetchone()[0])


def erase(db: Connection) -> None:
    """Forget what was learnt from the person: versions, predictions, ratings, runs. Shipped versions serve again."""
    for table in (
        "model_version", "model_active", "model_switch", "model_trial", "prediction", "model_run", "model_rating", "notice",
        "taste", "shown_order", "advice",
    ):
        db.execute(f"DELETE FROM {table}")
    lives.erase_weeks(db)


def _point(db: Connection, kind: str, number: int, now: datetime, what: str, why: str) -> None:
    if number != SHIPPED:
        held = db.execute(
            "SELECT 1 FROM model_version WHERE kind = ? AND number = ? AND onnx IS NOT NULL", (kind, number)
        ).fetchone()
        if not held:
            raise ModelMissing(f"version {number} of {kind} is not kept", f"`coach models history {kind}` lists those that are")
    before = active(db, kind)
    db.execute(
        "INSERT INTO model_active VALUES(?,?,'model',?,?) ON CONFLICT(kind) DO UPDATE SET number = excluded.number,"
        " serves = excluded.serves, why = excluded.why, since = excluded.since", (kind, number, why, iso(now)),
    )
    db.execute("UPDATE model_version SET status = 'kept' WHERE kind = ? AND number = ?", (kind, number))
    db.execute("DELETE FROM model_trial WHERE kind = ? AND number = ?", (kind, number))
    _switched(db, kind, now, what, before.number if before else SHIPPED, number, "model", why)


def _switched(db: Connection, kind: str, now: datetime, what: str, before: int, after: int, serves: str, why: str) -> None:
    db.execute(
        "INSERT INTO model_switch(kind, at, what, before, after, serves, why) VALUES(?,?,?,?,?,?,?)",
        (kind, iso(now), what, before, after, serves, why),
    )


def _forget(db: Connection, kind: str) -> None:
    """Take the files from versions that nobody will go back to."""
    db.execute(
        "UPDATE model_version SET onnx = NULL, weights = NULL WHERE kind = :kind AND onnx IS NOT NULL"
        " AND status NOT IN ('candidate', 'trial')"
        " AND number NOT IN (SELECT number FROM model_active WHERE kind = :kind)"
        " AND number NOT IN (SELECT number FROM model_version WHERE kind = :kind AND status = 'kept' ORDER BY number DESC"
        "  LIMIT :kept)"
        " AND number NOT IN (SELECT number FROM model_version WHERE kind = :kind AND status = 'kept' AND score IS NOT NULL"
        "  ORDER BY score DESC LIMIT 1)",
        {"kind": kind, "kept": KEPT},
    )


def _versions(db: Connection, where: str, *values: Any) -> list[Version]:
    return [
        Version(r[0], r[1], r[2], r[3], r[4], r[5], json.loads(r[6]), bool(r[7]))
        for r in db.execute(
            f"SELECT kind, number, made, parent, status, score, card, onnx IS NOT NULL FROM model_version WHERE {where}", values
        )
    ]
