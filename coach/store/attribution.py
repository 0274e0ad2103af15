"""Which tracked time was for which task: proposals and decisions, and the time that a task has been credited with already."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from coach.core.attribution import Proposal
from coach.core.evidence import Field
from coach.core.timeline import CUT_MS
from coach.core.when import from_ms, iso, parse_iso, to_ms
from coach.store import changes
from coach.store.db import Connection


@dataclass(frozen=True, slots=True)
class Stored:
    """A row: a proposal for a day, and what became of it ("proposed", "accepted", "rejected")."""

    id: str
    day: date
    status: str
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Row:
    """A timeline row with the branch that was checked out then."""

    start_ms: int
    end_ms: int
    app: str
    title: str
    url: str
    project: str
    category: str | None
    branch: str


def of_day(db: Connection, day: date) -> list[Stored]:
    return _many(db, "day = ? ORDER BY created, id", day.isoformat())


def with_status(db: Connection, status: str, since: date) -> list[Stored]:
    """Rows of `since` and later days, newest day first."""
    return _many(db, "status = ? AND day >= ? ORDER BY day DESC, minutes DESC, id", status, since.isoformat())


def accepted_of(db: Connection, task_id: str) -> list[Stored]:
    """What was accepted for a task, earliest day first."""
    return _many(db, "task_id = ? AND status = 'accepted' ORDER BY day, id", task_id)


def decided(db: Connection) -> dict[tuple[str, str, str], tuple[int, int]]:
    """(field, value, task id) -> how often accepted, how often rejected."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for task_id, status, told in db.execute(
        "SELECT task_id, status, evidence FROM attribution WHERE status IN ('accepted', 'rejected')"
    ):
        for field, value, _ in json.loads(told)["lines"]:
            found[field, value, task_id][status == "rejected"] += 1
    return {key: (accepted, rejected) for key, (accepted, rejected) in found.items()}


def tally(db: Connection) -> tuple[int, int, float]:
    """(accepted, rejected, mean confidence of both): how well proposals have done with this person."""
    row = db.execute(
        "SELECT coalesce(sum(status = 'accepted'), 0), coalesce(sum(status = 'rejected'), 0), coalesce(avg(confidence), 0)"
        " FROM attribution WHERE status IN ('accepted', 'rejected')"
    ).fetchone()
    return int(row[0]), int(row[1]), float(row[2])


def values(day: date, proposal: Proposal, status: str, now: datetime) -> dict[str, Any]:
    """A row's fields, as the change log has them."""
    field, value, _ = proposal.lines[0] if proposal.lines else ("", "", 0)
    return {
        "task_id": proposal.task_id, "day": day.isoformat(), "field": field, "value": value,
        "minutes": round(proposal.ms / 60_000, 2), "confidence": round(proposal.confidence, 4), "status": status,
        "evidence": {"lines": [list(line) for line in proposal.lines], "spans": [list(span) for span in proposal.spans]},
        "created": iso(now),
    }


def worked(db: Connection, start: datetime, end: datetime) -> list[Row]:
    """The timeline of [start, end), clipped to it, cut where the branch changes."""
    low, high = to_ms(start), to_ms(end)
    branches = db.execute(
        "SELECT e.start_ms, e.end_ms, c.project, json_extract(e.data, '$.branch') FROM event e JOIN context c ON c.id = e.context"
        " WHERE e.bucket IN (SELECT id FROM bucket) AND e.start_ms >= ? - 86400000 AND e.start_ms < ? AND e.end_ms > ?"
        """ AND e.data LIKE '%"branch":%' AND json_valid(e.data) ORDER BY e.start_ms""",
        (low, high, low),
    ).fetchall()
    found: list[Row] = []
    first = 0
    for r in db.execute(
        "SELECT max(t.start_ms, :low), min(t.end_ms, :high), c.app, c.title, c.url, c.project,"
        " coalesce(t.category, c.category) FROM timeline t JOIN context c ON c.id = t.context"
        f" WHERE t.start_ms < :high AND t.start_ms >= :low - {CUT_MS} AND t.end_ms > :low ORDER BY t.start_ms",
        {"low": low, "high": high},
    ):
        while first < len(branches) and branches[first][1] <= r[0]:
            first += 1
        found += _cut(tuple(r), itertools.islice(branches, first, None))
    return found


def _cut(row: tuple[Any, ...], branches: Iterable[Any]) -> list[Row]:
    at, end, app, title, url, project, category = row
    found: list[Row] = []
    for low, high, where, branch in branches:
        if low >= end:
            break
        if where != project or not project or not isinstance(branch, str) or high <= at:
            continue
        if low > at:
            found.append(Row(at, low, app, title, url, project, category, ""))
            at = low
        found.append(Row(at, min(high, end), app, title, url, project, category, branch))
        at = min(high, end)
    if at < end:
        found.append(Row(at, end, app, title, url, project, category, ""))
    return found


def timed(db: Connection, start: datetime, end: datetime, now: datetime) -> list[tuple[int, int]]:
    """Stretches (start_ms, end_ms) within which a task was started: their minutes are counted by `stop` and `done`. Focus
    sessions with a task start it."""
    low, high = to_ms(start), to_ms(end)
    found = [(to_ms(parse_iso(r[0])), to_ms(now)) for r in db.execute(
        "SELECT started FROM task WHERE started IS NOT NULL AND status = 'pending'")]
    for at, told in db.execute(
        "SELECT a.at, c.fields FROM action a JOIN change c ON c.action = a.id WHERE a.hlc >= ? AND c.record = 'task'"
        """ AND a.undone = 0 AND c.fields LIKE '%"started":["%' AND c.fields LIKE '%"actual_min"%'""", (f"{low:015d}",),
    ):
        began, ended = json.loads(told)["started"]
        if began and not ended:
            found.append((to_ms(parse_iso(began)), to_ms(parse_iso(at))))
    return [(max(a, low), min(b, high)) for a, b in found if a < high and b > low]


def forget_tasks(db: Connection, task_ids: Sequence[str]) -> None:
    """Remove what is about tasks that are being purged, and its log."""
    for task_id in task_ids:
        _forget(db, [r[0] for r in db.execute("SELECT id FROM attribution WHERE task_id = ?", (task_id,))])


def erase(db: Connection, low_ms: int, high_ms: int, app: str = "") -> None:
    """Forget what rests on time in [low, high): proposals and what they quote. Of accepted time only the stretches stay, so
    that they are not counted again, of one app's erasure all. Not undoable: the log goes too."""
    first, last = (from_ms(ms).date() for ms in (low_ms, high_ms))
    about = ((first - timedelta(days=2)).isoformat(), (last + timedelta(days=1)).isoformat())
    for row in _many(db, "day BETWEEN ? AND ?", *about):
        spans = row.proposal.spans
        if not any(a < high_ms and b > low_ms for a, b in spans):
            continue
        left = spans if app else tuple(
            (a, b) for start, end in spans for a, b in ((start, min(end, low_ms)), (max(start, high_ms), end)) if a < b
        )
        if row.status != "accepted" or not left:
            _forget(db, [row.id])
            continue
        db.execute("DELETE FROM change WHERE record = 'attribution' AND record_id = ?", (row.id,))
        told = json.dumps({"lines": [], "spans": left}, separators=(",", ":"))
        db.execute("UPDATE attribution SET value = '', evidence = ? WHERE id = ?", (told, row.id))


def _forget(db: Connection, ids: Sequence[str]) -> None:
    for row_id in ids:
        db.execute("DELETE FROM change WHERE record = 'attribution' AND record_id = ?", (row_id,))
        db.execute("DELETE FROM attribution WHERE id = ?", (row_id,))


def _many(db: Connection, where: str, *wanted: Any) -> list[Stored]:
    return [_stored(r) for r in changes.read(db, "attribution", where, wanted)]


def _stored(r: dict[str, Any]) -> Stored:
    lines: list[tuple[Field, str, int]] = [(field, value, ms) for field, value, ms in r["evidence"]["lines"]]
    spans = tuple((low, high) for low, high in r["evidence"]["spans"])
    proposal = Proposal(r["task_id"], round(r["minutes"] * 60_000), r["confidence"], tuple(lines), spans)
    return Stored(r["id"], date.fromisoformat(r["day"]), r["status"], proposal)
