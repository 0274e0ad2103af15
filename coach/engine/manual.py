"""What a person says about their own time: entries that state what a stretch was, corrections that relabel what was
tracked. Both are records, so undo reaches them; events and timeline follow the records (`follow`), whoever wrote those."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.category import host_and_path
from coach.core.errors import InvalidInput, NotFound
from coach.core.event import Event
from coach.core.when import from_ms, in_range, iso, to_ms
from coach.engine import activity, categories
from coach.engine.categories import Rules
from coach.store import changes, meetings, timeline
from coach.store import manual as stored
from coach.store.changes import Undone
from coach.store.db import Connection, transaction

LONGEST = timedelta(days=31)
"""What one entry or correction may cover; for more, a rule relabels history."""
EXAMPLE = "for example: coach tag 9:00-10:30 Team meeting"


@dataclass(frozen=True, slots=True)
class Entry:
    """Manual time; `project` and `category` are empty where they were not said."""

    id: str
    start: datetime
    end: datetime
    title: str
    project: str = ""
    category: str = ""
    task_id: str | None = None

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id, "start": iso(self.start), "end": iso(self.end), "title": self.title,
            "duration_s": round((self.end - self.start).total_seconds(), 3), "project": self.project,
            "category": self.category or None, "task_id": self.task_id,
        }


def follow(db: Connection, rules: Rules, tz: ZoneInfo, now: datetime) -> int:
    """Events and timeline after the records, however those changed: an edit, an undo, an import, another process. Returns
    how many stretches were derived anew; one look at an empty table where there are none."""
    if not stored.is_pending(db):
        return 0
    with transaction(db):
        ranges = stored.bring_events(db, rules.categorise, socket.gethostname(), now)
        for low, high in _joined(ranges):
            activity.rebuild(db, low, high, rules, tz)
        timeline.roll(db, rules.day_start_min)  # what was said is over: nothing that may still grow, and reports count it
    return len(ranges)


def after_undo(db: Connection, taken: Iterable[Undone], config: Config, tz: ZoneInfo, now: datetime) -> None:
    """History after what undo or redo brought back: labels and levels, entries and corrections."""
    kinds = {kind for one in taken for kind, _ in one.records}
    if kinds & {"rule", "category", "preference"}:
        categories.catch_up(db, config)
    if kinds & {"manual", "correction"}:
        follow(db, categories.load(db, config), tz, now)


def tag(
    db: Connection, start: datetime, end: datetime, text: str, rules: Rules, tz: ZoneInfo, now: datetime, *,
    project: str = "", category: str = "", task_id: str | None = None,
) -> Entry:
    """Say by hand what a stretch of time was. Raises InvalidInput for an empty, future or too long range, or no words."""
    _check(start, end, now)
    if not text.strip():
        raise InvalidInput("say what it was", EXAMPLE)
    record_id = str(uuid.uuid4())
    values = {
        "start_ms": to_ms(start), "end_ms": to_ms(end), "title": text.strip(), "project": project or None,
        "category": category or None, "task_id": task_id, "created": iso(now),
    }
    _write(db, [change.create("manual", record_id, values)], "label time", rules, tz, now)
    return entry(db, record_id)


def edit(
    db: Connection, ref: str, rules: Rules, tz: ZoneInfo, now: datetime, *, start: datetime | None = None,
    end: datetime | None = None, text: str | None = None, project: str | None = None, category: str | None = None,
) -> Entry:
    """Change an entry; None leaves a field as it is, an empty text clears project or category. Raises NotFound,
    InvalidInput."""
    old = entry(db, ref)
    _check(start or old.start, end or old.end, now)
    if text is not None and not text.strip():
        raise InvalidInput("say what it was", EXAMPLE)
    row = changes.read(db, "manual", "id = ?", (old.id,))[0]
    new: dict[str, Any] = {
        "start_ms": to_ms(start or old.start), "end_ms": to_ms(end or old.end),
        "title": old.title if text is None else text.strip(),
        "project": row["project"] if project is None else project or None,
        "category": row["category"] if category is None else category or None,
    }
    _write(db, [change.update("manual", old.id, row, new)], "change manual time", rules, tz, now)
    return entry(db, old.id)


def remove(db: Connection, ref: str, rules: Rules, tz: ZoneInfo, now: datetime) -> None:
    """Forget an entry or a correction, by id or its beginning; undo brings it back. Raises NotFound."""
    for record in ("manual", "correction"):
        found = changes.read(db, record, "id >= ? AND id < ?", (ref, ref + "g"))
        if len(found) == 1:
            values = {k: v for k, v in found[0].items() if k != "id"}
            _write(db, [change.delete(record, found[0]["id"], values)], "forget manual time", rules, tz, now)
            return
    raise _unknown(ref)


def entry(db: Connection, ref: str) -> Entry:
    """By id or its beginning. Raises NotFound."""
    found = changes.read(db, "manual", "id >= ? AND id < ?", (ref, ref + "g")) if ref else []
    if len(found) != 1:
        raise _unknown(ref)
    return _entry(found[0])


def entries(db: Connection, start: datetime, end: datetime) -> list[Entry]:
    """Entries that overlap [start, end), earliest first."""
    return [_entry(row) for row in stored.between(db, "manual", to_ms(start), to_ms(end))]


def correct(
    db: Connection, start: datetime, end: datetime, rules: Rules, tz: ZoneInfo, now: datetime, *, category: str = "",
    project: str | None = None, app: str = "",
) -> str:
    """Relabel what was tracked in [start, end), of one app where one is named; returns the correction's id. It stays with
    that time through every new derivation and other rules. An empty project means none. Raises InvalidInput."""
    _check(start, end, now)
    if not category and project is None:
        raise InvalidInput("say what it was: a category or a project", "coach tag 9:00-10:30 --category Writing")
    record_id = str(uuid.uuid4())
    values = {
        "start_ms": to_ms(start), "end_ms": to_ms(end), "app": app or None, "category": category or None, "project": project,
        "created": iso(now),
    }
    _write(db, [change.create("correction", record_id, values)], "correct time", rules, tz, now)
    return record_id


def corrections(db: Connection, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """`{id, start, end, app, category, project}` of the corrections that overlap [start, end), earliest first."""
    return [
        {"id": r["id"], "start": iso(from_ms(r["start_ms"])), "end": iso(from_ms(r["end_ms"])), "app": r["app"],
         "category": r["category"], "project": r["project"]}
        for r in stored.between(db, "correction", to_ms(start), to_ms(end))
    ]


def recategorise(
    db: Connection, event: Event, category: str, config: Config, tz: ZoneInfo, now: datetime, *, everywhere: bool = False,
) -> int:
    """Another category for one stretch of the timeline, or (`everywhere`) for all history and the future by a rule: on its
    site, on the words of an entry or appointment, else on its app. Returns how many contexts the rule changed, 0 for one
    stretch. One undo step either way."""
    if everywhere:
        host, _ = host_and_path(event.url)
        words = event.title if event.app in (stored.APP, meetings.APP) else ""
        field, pattern = ("url", host) if host else ("title", words) if words else ("app", event.app)
        return categories.add_rule(db, field, pattern, "exact", category, config, now)
    rules = categories.load(db, config)
    correct(db, event.start, min(event.end, now), rules, tz, now, category=category, app=event.app)
    return 0


def category_of(words: str, rules: Rules) -> str:
    """The category that words name: its full name, its last part, or a beginning of either that only one has; a new name
    under a known one is taken as it stands. Raises InvalidInput."""
    wanted = " > ".join(part.strip() for part in words.split(">")).casefold()
    names = sorted(rules.categories)
    last = {name: name.rpartition(" > ")[2].casefold() for name in names}
    for fits in (
        lambda n: n.casefold() == wanted, lambda n: last[n] == wanted,
        lambda n: n.casefold().startswith(wanted), lambda n: last[n].startswith(wanted),
    ):
        found = [name for name in names if wanted and fits(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidInput(f"{words!r} may be {', '.join(found[:6])}", "write a little more of it")
    parent, separator, own = words.rpartition(">")
    if separator and own.strip():
        return f"{category_of(parent, rules)} > {own.strip()}"
    raise InvalidInput(f"there is no category {words!r}", "`coach category list` shows them")


def read_text(text: str, rules: Rules) -> tuple[str, str, str]:
    """(title, project, category) of what was typed: `#project`, and the category where the words are the name of one."""
    words = text.split()
    project = next((w[1:] for w in words if w.startswith("#") and len(w) > 1), "")
    title = " ".join(w for w in words if not (project and w == f"#{project}"))
    named = [n for n in rules.categories if title.casefold() in (n.casefold(), n.rpartition(" > ")[2].casefold())]
    return title or project, project, named[0] if len(named) == 1 else ""


def _write(
    db: Connection, edits: list[change.Change], label: str, rules: Rules, tz: ZoneInfo, now: datetime
) -> None:
    with transaction(db):
        changes.apply(db, edits, now=now, label=label)
        follow(db, rules, tz, now)


def _check(start: datetime, end: datetime, now: datetime) -> None:
    if end <= start:
        raise InvalidInput("the range ends before it starts", EXAMPLE)
    if end > now:
        raise InvalidInput("the range reaches into the future", "only the past can be labelled")
    if end - start > LONGEST:
        raise InvalidInput("that is more than a month", "`coach rule add` relabels all of history")
    in_range(start, iso(start) or "")


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        row["id"], from_ms(row["start_ms"]), from_ms(row["end_ms"]), row["title"], row["project"] or "", row["category"] or "",
        row["task_id"],
    )


def _unknown(ref: str) -> NotFound:
    return NotFound(f"there is no manual entry or correction {ref!r}", "`coach log --manual` shows them")
