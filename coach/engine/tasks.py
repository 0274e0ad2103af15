"""Tasks: what the app and the shell do to them. Every function is one action, one undo step, durable on return."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.errors import InvalidInput
from coach.core.task import Draft, Task, changed, status_at, stored, task_of_draft
from coach.core.when import Moment
from coach.store import changes, tasks
from coach.store.changes import Undone
from coach.store.db import Connection

MAX_TITLE = 20_000
"""Characters of a task's text; more is refused rather than cut."""


def parse(text: str, config: Config, now: datetime, tz: ZoneInfo, ignore: frozenset[tuple[int, int]] = frozenset()) -> Draft:
    """Quick-add's reading of a text; see `core.quickadd.parse`."""
    from coach.core import quickadd  # the grammar takes 7 ms to load; listing and completing do not need it

    return quickadd.parse(text, now, tz=tz, day_first=config.time.day_first, ignore=ignore, fallback=_languages)


def add(
    db: Connection, text: str, config: Config, now: datetime, tz: ZoneInfo, ignore: frozenset[tuple[int, int]] = frozenset()
) -> Task:
    """Read a quick-add text and store the task. Raises InvalidInput for a blank or far too long text."""
    return add_draft(db, parse(_checked(text), config, now, tz, ignore), now, tz)


def add_draft(db: Connection, draft: Draft, now: datetime, tz: ZoneInfo) -> Task:
    if not draft.title.strip():
        raise InvalidInput("there is no task in that text", 'for example: coach add "Call mum tomorrow 18:00"')
    depends = tuple(tasks.find(db, ref).id for ref in draft.depends)
    task = task_of_draft(replace(draft, depends=depends), id=str(uuid.uuid4()), now=now, time_zone=tz.key)
    changes.apply(db, [change.create("task", task.id, _values(task))], now=now, label="add task")
    found = tasks.get(db, task.id)
    assert found is not None
    return found


def edit_text(
    db: Connection, task: Task, text: str, config: Config, now: datetime, tz: ZoneInfo,
    ignore: frozenset[tuple[int, int]] = frozenset(),
) -> Task:
    """Apply a quick-add text to a task: what it names is set, its title replaces the old one when it has one, the rest
    stays as it is. `due:` and the like with no value clear the field (Taskwarrior's way)."""
    cleared, rest = _clears(_checked(text))
    values: dict[str, object] = dict.fromkeys(cleared)
    for name in ("tags", "remind", "depends"):
        if name in values:
            values[name] = ()
    if rest.strip():
        draft = parse(rest, config, now, tz, ignore)
        blank = Draft(title="")
        for f in fields(Draft):
            value = getattr(draft, f.name)
            if f.name not in ("spans", "due_all_day", "title") and value != getattr(blank, f.name):
                values[f.name] = value
        if draft.depends:
            values["depends"] = tuple(tasks.find(db, ref).id for ref in draft.depends)
        if draft.title.strip() and not _only_marks(draft, rest):
            values["title"] = draft.title
        if draft.recurrence and draft.due is not None:
            values["series_start"] = draft.due
    return update(db, task, now, "edit task", **values)


def update(db: Connection, task: Task, now: datetime, label: str = "edit task", **values: object) -> Task:
    """Set fields of a task by name. Nothing is written when nothing differs."""
    new = changed(task, now, **values)
    if replace(new, modified=task.modified) == task:
        return task
    _write(db, [(task, new)], now, label)
    return new


def done(db: Connection, chosen: Sequence[Task], now: datetime) -> list[Task]:
    """Complete tasks. A recurring one logs its occurrence and moves on; returns the completed rows."""
    from coach.core import recurrence

    edits: list[tuple[Task | None, Task]] = []
    finished: list[Task] = []
    for task in chosen:
        if task.status != "pending":
            raise InvalidInput(f"task {task.num} is already {task.status}", "`coach undo` takes the last change back")
        if task.recurrence is None:
            new = changed(task, now, status="completed", completed=now, started=None)
            edits.append((task, new))
            finished.append(new)
            continue
        occurrence, series = recurrence.advance(task, now)
        if tasks.get(db, occurrence.id) is None:
            edits.append((None, occurrence))
        edits.append((task, series or changed(task, now, status="completed", completed=now, started=None)))
        finished.append(replace(occurrence, num=task.num))
    _write(db, edits, now, _label("complete", chosen))
    return finished


def reopen(db: Connection, task: Task, now: datetime) -> Task:
    """A completed or deleted task made pending again."""
    return update(db, task, now, "reopen task", status="pending", completed=None, deleted=None)


def delete(db: Connection, chosen: Sequence[Task], now: datetime) -> list[Task]:
    """Soft: the rows stay until `coach purge`, and undo brings them back."""
    new = [changed(t, now, status="deleted", deleted=now, started=None) for t in chosen]
    _write(db, list(zip(chosen, new, strict=True)), now, _label("delete", chosen))
    return new


def snooze(db: Connection, chosen: Sequence[Task], until: Moment, now: datetime) -> list[Task]:
    """Hide tasks until then and count it."""
    new = [changed(t, now, wait=until, snooze_count=t.snooze_count + 1) for t in chosen]
    _write(db, list(zip(chosen, new, strict=True)), now, _label("snooze", chosen))
    return new


def snooze_moment(words: str, config: Config, now: datetime, tz: ZoneInfo) -> Moment:
    """"tomorrow 9am", "2h", "next week": when a snooze ends. Raises InvalidInput when the words name no time ahead."""
    draft = parse(f"x {words.strip()}", config, now, tz)
    if draft.due is None and draft.scheduled is None and draft.estimate_min:  # "2h" alone reads as a length
        return (now + timedelta(minutes=draft.estimate_min)).astimezone(tz)
    moment = draft.scheduled or draft.due  # of a range such as "next week" the beginning
    if moment is None:
        raise InvalidInput(f"{words!r} is no time", 'for example: tomorrow, 2h, mon 9:00, "next week"')
    from coach.core.when import start_of

    if start_of(moment, tz) <= now:
        raise InvalidInput(f"{words!r} is not ahead of now", "name a later time")
    return moment


def start(db: Connection, task: Task, now: datetime) -> Task:
    """Mark as being worked on."""
    return update(db, task, now, "start task", started=now)


def stop(db: Connection, task: Task, now: datetime) -> Task:
    """No longer being worked on; the minutes since `start` are added to what was measured."""
    if task.started is None:
        raise InvalidInput(f"task {task.num} is not started")
    minutes = max(0, round((now - task.started).total_seconds() / 60))
    return update(db, task, now, "stop task", started=None, actual_min=(task.actual_min or 0) + minutes)


def annotate(db: Connection, task: Task, text: str, now: datetime) -> Task:
    from coach.core.task import Annotation

    return update(db, task, now, "annotate task", annotations=(*task.annotations, Annotation(now, text)))


def undo(db: Connection, now: datetime, steps: int = 1) -> list[Undone]:
    """Take back the last actions of this device, newest first. Raises NotFound when there is none at all."""
    return _repeat(changes.undo, db, now, steps)


def redo(db: Connection, now: datetime, steps: int = 1) -> list[Undone]:
    return _repeat(changes.redo, db, now, steps)


def purge(db: Connection, now: datetime) -> int:
    """Remove softly deleted tasks for good, with their history, and reclaim the space; returns how many.

    Cannot be undone; written to the audit log."""
    from coach.store import erase

    return erase.purge_deleted(db, now)


def find(db: Connection, ref: str) -> Task:
    return tasks.find(db, ref)


def find_all(db: Connection, refs: Iterable[str]) -> list[Task]:
    """Tasks of several references, without repeats; `3-5` and `3,5` work too. Raises NotFound, InvalidInput."""
    found: dict[str, Task] = {}
    for ref in refs:
        for part in ref.split(","):
            low, dash, high = part.partition("-")
            if dash and low.isdecimal() and high.isdecimal():
                if int(high) - int(low) > 1000:
                    raise InvalidInput(f"{part!r} names too many tasks", "at most 1,000 at once")
                parts = [str(n) for n in range(int(low), int(high) + 1)]
            else:
                parts = [part]
            for one in parts:
                task = tasks.find(db, one)
                found[task.id] = task
    return list(found.values())


def open_by_urgency(db: Connection, config: Config, now: datetime) -> list[tuple[Task, float]]:
    """Open tasks with their urgency, most urgent first; waiting ones last."""
    from coach.core.urgency import urgency

    opened = tasks.open_tasks(db)
    ids = {t.id for t in opened}
    blocking = {d for t in opened for d in t.depends}
    scored = [
        (t, urgency(t, now, config.urgency, blocked=any(d in ids for d in t.depends), blocking=t.id in blocking))
        for t in opened
    ]
    return sorted(scored, key=lambda pair: (status_at(pair[0], now) == "waiting", -pair[1], pair[0].created, pair[0].num))


def select(
    db: Connection, words: Sequence[str], config: Config, now: datetime, tz: ZoneInfo
) -> list[tuple[Task, float]]:
    """Tasks that a filter names, with urgency. Without a `status:` word: pending ones, not waiting."""
    from coach.core.filter import parse_filter
    from coach.core.urgency import urgency

    accept = parse_filter(words, now, tz)
    names_status = any(w.lower().startswith(("status:", "stat:", "+waiting", "+completed", "+deleted")) for w in words)
    if not names_status:
        return [(t, u) for t, u in open_by_urgency(db, config, now) if status_at(t, now) == "pending" and accept(t)]
    found = [t for t in tasks.every(db) if accept(t)]
    scored = [(t, urgency(t, now, config.urgency, blocked=False, blocking=False)) for t in found]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].created, pair[0].num))


def _checked(text: str) -> str:
    if len(text) > MAX_TITLE:
        raise InvalidInput(f"that text has {len(text):,} characters", f"a task takes at most {MAX_TITLE:,}")
    # Bytes that are no UTF-8 come in as lone surrogates, which nothing can store; one character each keeps the spans.
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text) if not text.isascii() else text


def _clears(text: str) -> tuple[list[str], str]:
    """Taskwarrior's `due:` with nothing behind it clears the field: (fields, the other words)."""
    names = {
        "due": "due", "wait": "wait", "scheduled": "scheduled", "until": "until", "project": "project", "pri": "priority",
        "priority": "priority", "recur": "recurrence", "depends": "depends", "tags": "tags", "est": "estimate_min",
        "estimate": "estimate_min", "remind": "remind", "notes": "notes",
    }
    words = text.split(" ")
    cleared = [names[w[:-1].lower()] for w in words if w.endswith(":") and w[:-1].lower() in names]
    rest = [w for w in words if not (w.endswith(":") and w[:-1].lower() in names)]
    return cleared, " ".join(rest)


def _only_marks(draft: Draft, text: str) -> bool:
    """Whether spans cover the whole text, so that its title is only there because a title may not be empty."""
    left = list(text)
    for span in draft.spans:
        left[span.start : span.end] = " " * (span.end - span.start)
    return not "".join(left).strip()


def _languages(text: str, now: datetime, tz: ZoneInfo) -> tuple[Moment, int, int] | None:
    # dateparser costs 135 ms to import, so it is asked only about words that the grammar leaves and that look foreign.
    from coach.integrations.languages import dateparser_fallback

    return dateparser_fallback(text, now, tz)


def _write(db: Connection, edits: Sequence[tuple[Task | None, Task]], now: datetime, label: str) -> None:
    batch = [
        change.create("task", new.id, _values(new)) if old is None
        else change.update("task", new.id, _values(old), _values(new))
        for old, new in edits
    ]
    changes.apply(db, batch, now=now, label=label)


def _values(task: Task) -> dict[str, object]:
    return {name: value for name, value in stored(task).items() if name != "id"}


def _label(verb: str, chosen: Sequence[Task]) -> str:
    return f"{verb} task" if len(chosen) == 1 else f"{verb} {len(chosen)} tasks"


def _repeat(step: object, db: Connection, now: datetime, steps: int) -> list[Undone]:
    from coach.core.errors import NotFound

    taken: list[Undone] = []
    for _ in range(steps):
        try:
            taken.append(step(db, now))  # type: ignore[operator]
        except NotFound:
            if not taken:
                raise
            break
    return taken


def ready(db: Connection, config: Config, now: datetime) -> list[tuple[Task, float]]:
    """Open tasks that can be worked on now: not waiting, not blocked, not scheduled for later; most urgent first."""
    from coach.core.when import start_of, zone

    opened = open_by_urgency(db, config, now)
    ids = {t.id for t, _ in opened}
    return [
        (t, u) for t, u in opened
        if status_at(t, now) == "pending" and not any(d in ids for d in t.depends)
        and not (t.scheduled and start_of(t.scheduled, zone(t.time_zone)) > now)
    ]


def history(db: Connection, task: Task) -> list[dict[str, object]]:
    """Every change of the task, oldest first; see `store.changes.history`."""
    return changes.history(db, "task", task.id)


def projects(db: Connection) -> list[tuple[str, int]]:
    return tasks.projects(db)


def tags(db: Connection) -> list[tuple[str, int]]:
    return tasks.tags(db)
