"""Tasks: what the app and the shell do to them. Every function is one action, one undo step, durable on return."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.errors import InvalidInput
from coach.core.task import Draft, Task, changed, stored, task_of_draft
from coach.core.when import Moment, iso, parse_iso
from coach.engine import editing, subtasks
from coach.engine.undoing import redo as redo
from coach.engine.undoing import undo as undo
from coach.store import changes, tasks
from coach.store import language as words_store
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.engine.searching import next_ready as next_ready
    from coach.engine.searching import open_by_urgency as open_by_urgency
    from coach.engine.searching import page as page
    from coach.engine.searching import ready as ready
    from coach.engine.searching import search as search
    from coach.engine.searching import select as select

_FINDING = ("next_ready", "open_by_urgency", "page", "ready", "search", "select")


def __getattr__(name: str) -> Any:
    """Finding tasks is a part of this module that takes 3 ms to load; adding and completing do not need it."""
    if name not in _FINDING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from coach.engine import searching

    return getattr(searching, name)


MAX_TITLE = 20_000
"""Characters of a task's text; more is refused rather than cut."""


def parse(text: str, config: Config, now: datetime, tz: ZoneInfo, ignore: frozenset[tuple[int, int]] = frozenset()) -> Draft:
    """Quick-add's reading of a text; see `core.quickadd.parse`."""
    from coach.core import quickadd  # the grammar takes 7 ms to load; listing and completing do not need it

    def read(words: str) -> Draft:
        return quickadd.parse(words, now, tz=tz, day_first=config.time.day_first, ignore=ignore, fallback=_languages)

    return subtasks.read(text, ignore, read)


def unread(title: str) -> list[str]:
    """See `core.quickadd.unread`."""
    from coach.core import quickadd

    return quickadd.unread(title)


def add(
    db: Connection, text: str, config: Config, now: datetime, tz: ZoneInfo, ignore: frozenset[tuple[int, int]] = frozenset()
) -> Task:
    """Read a quick-add text and store the task, where it names no project in that of its words (`in_project`). Raises
    InvalidInput for a blank or far too long text."""
    return add_draft(db, in_project(db, parse(_checked(text), config, now, tz, ignore)), now, tz)


def in_project(db: Connection, draft: Draft) -> Draft:
    """A draft without a project in that of a word which the person said belongs to one."""
    if draft.project or not words_store.projects(db):
        return draft
    from coach.engine import language  # 10 ms: only for those who said so of a word

    return language.placed(db, draft)


def add_draft(db: Connection, draft: Draft, now: datetime, tz: ZoneInfo) -> Task:
    if not draft.title.strip():
        raise InvalidInput("there is no task in that text", 'for example: coach add "Call mum tomorrow 18:00"')
    depends = tuple(tasks.find(db, ref).id for ref in draft.depends)
    parent = tasks.find(db, draft.parent).id if draft.parent else None
    draft = replace(draft, depends=depends, parent=parent)
    task = task_of_draft(draft, id=str(uuid.uuid4()), now=now, time_zone=tz.key)
    changes.apply(db, [change.create("task", task.id, _values(task))], now=now, label="add task")
    found = tasks.get(db, task.id)
    assert found is not None
    return found


def edit_text(
    db: Connection, task: Task, text: str, config: Config, now: datetime, tz: ZoneInfo,
    ignore: frozenset[tuple[int, int]] = frozenset(),
) -> Task:
    """Apply a quick-add text to a task: what it names is set, its title replaces the old one when it has one, the rest
    stays as it is. Labels are added, `-label` takes one away. `due:` and the like with no value clear the field, and
    `status:pending` reopens (Taskwarrior's way)."""
    def read(words: str) -> Draft:
        return parse(words, config, now, tz, ignore)

    return update(db, task, now, "edit task", **editing.values(db, task, _checked(text), read))


def edit_all(db: Connection, chosen: Sequence[Task], text: str, config: Config, now: datetime, tz: ZoneInfo) -> list[Task]:
    """`edit_text` for several tasks, one step to undo; those that the text leaves as they are keep their `modified`.

    Raises InvalidInput for a blank text, and for one that would give all of them one title."""
    if not text.strip():
        raise InvalidInput("there is nothing to change", "for example: coach edit 3 p1 tomorrow")

    def read(words: str) -> Draft:
        return parse(words, config, now, tz)

    edits = [(task, editing.values(db, task, _checked(text), read)) for task in chosen]
    if len(edits) > 1 and any("title" in values for _, values in edits):
        title = next(values["title"] for _, values in edits if "title" in values)
        raise InvalidInput(f"{len(edits)} tasks would all be called {title!r}", "change the titles one by one")
    for task, values in edits:
        if values.get("parent"):
            subtasks.check(db, task, str(values["parent"]))
    new = [changed(task, now, **values) for task, values in edits]
    both = list(zip(chosen, new, strict=True))
    pairs = [(old, one) for old, one in both if replace(one, modified=old.modified) != old]
    if pairs:
        _write(db, pairs, now, _label("edit", [old for old, _ in pairs]))
    return [old if replace(one, modified=old.modified) == old else one for old, one in both]


def update(db: Connection, task: Task, now: datetime, label: str = "edit task", **values: object) -> Task:
    """Set fields of a task by name. Nothing is written when nothing differs."""
    if values.get("parent"):
        subtasks.check(db, task, str(values["parent"]))
    new = changed(task, now, **values)
    if replace(new, modified=task.modified) == task:
        return task
    _write(db, [(task, new)], now, label)
    return new


def update_all(
    db: Connection, chosen: Sequence[Task], values: Mapping[str, Mapping[str, object]], now: datetime, verb: str
) -> list[Task]:
    """Set fields of several tasks, `values` by task id, in one action."""
    new = [changed(t, now, **values[t.id]) for t in chosen]
    _write(db, list(zip(chosen, new, strict=True)), now, _label(verb, chosen))
    return new


def done(db: Connection, chosen: Sequence[Task], now: datetime, *, children: bool = False) -> list[Task]:
    """Complete tasks; the minutes since `start` count as in `stop`. A recurring one logs its occurrence and moves on;
    returns the completed rows.

    Raises InvalidInput for a task with open subtasks that are not chosen too; `children` takes them along."""
    from coach.core import recurrence

    chosen = subtasks.family(db, chosen, "done", children=children)
    edits: list[tuple[Task | None, Task]] = []
    finished: list[Task] = []
    for task in chosen:
        if task.status != "pending":
            raise InvalidInput(f"task {task.num} is already {task.status}", "`coach undo` takes the last change back")
        over = changed(task, now, status="completed", completed=now, started=None, actual_min=_measured(db, task, now))
        if task.recurrence is None:
            edits.append((task, over))
            finished.append(over)
            continue
        measured = replace(task, actual_min=over.actual_min)
        occurrence, series = recurrence.advance(measured, now, lambda one: tasks.get(db, one) is not None)
        if tasks.get(db, occurrence.id) is None:
            edits.append((None, occurrence))
        edits.append((task, series or over))
        finished.append(replace(occurrence, num=task.num))
    _write(db, edits, now, _label("complete", chosen))
    return finished


def reopen(db: Connection, task: Task, now: datetime) -> Task:
    """A completed or deleted task made pending again."""
    return update(db, task, now, "reopen task", status="pending", completed=None, deleted=None)


def delete(db: Connection, chosen: Sequence[Task], now: datetime, *, children: bool = False) -> list[Task]:
    """Soft: the rows stay until `coach purge`, and undo brings them back.

    Raises InvalidInput for a task with open subtasks that are not chosen too; `children` takes them along."""
    chosen = subtasks.family(db, chosen, "delete", children=children)
    new = [changed(t, now, status="deleted", deleted=now, started=None) for t in chosen]
    _write(db, list(zip(chosen, new, strict=True)), now, _label("delete", chosen))
    return new


def expire(db: Connection, now: datetime) -> int:
    """Softly delete open tasks whose `until` has passed; a recurring one moves to its next occurrence. Returns how many."""
    gone = tasks.expired(db, now)
    if not gone:
        return 0
    from coach.core import recurrence

    edits: list[tuple[Task | None, Task]] = [
        (t, recurrence.skipped(t, now) or changed(t, now, status="deleted", deleted=now, started=None)) for t in gone
    ]
    _write(db, edits, now, _label("expire", gone), actor="coach")
    return len(gone)


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
    """Mark as being worked on. Raises InvalidInput for a task that is started already, or closed."""
    if task.status != "pending":
        raise InvalidInput(f"task {task.num} is {task.status}", f"`coach edit {task.num} status:pending` opens it again")
    if task.started is not None:
        raise InvalidInput(f"task {task.num} is started already", f"`coach stop {task.num}` ends it")
    return update(db, task, now, "start task", started=now)


def stop(db: Connection, task: Task, now: datetime) -> Task:
    """No longer being worked on; the minutes since `start` are added to what was measured."""
    if task.started is None:
        raise InvalidInput(f"task {task.num} is not started", f"`coach start {task.num}` starts it")
    return update(db, task, now, "stop task", started=None, actual_min=_measured(db, task, now))


def flipped(db: Connection, task: Task, now: datetime, *, started: bool) -> change.Change:
    """The change by which `start` or `stop` takes part in an action of something else."""
    new = changed(task, now, started=now if started else None, actual_min=_measured(db, task, now))
    return change.update("task", task.id, _values(task), _values(new))


def _measured(db: Connection, task: Task, now: datetime) -> int | None:
    """Minutes of work so far, with those since the start; of a focus session whose time has run out only its own."""
    if task.started is None:
        return task.actual_min
    over = "task_id = ? AND start = ? AND end IS NULL AND planned_end <= ?"
    ended = changes.read(db, "focus_session", over, (task.id, iso(task.started), iso(now)))
    until = parse_iso(ended[0]["planned_end"]) if ended else now
    return (task.actual_min or 0) + max(0, round((until - task.started).total_seconds() / 60))


def annotate(db: Connection, task: Task, text: str, now: datetime) -> Task:
    """Add a dated note. Raises InvalidInput for a blank or far too long one."""
    from coach.core.task import Annotation

    if not text.strip():
        raise InvalidInput("there is no note to add", f'for example: coach annotate {task.num} "rang twice, no answer"')
    return update(db, task, now, "annotate task", annotations=(*task.annotations, Annotation(now, _checked(text))))


def purge(db: Connection, now: datetime) -> int:
    """Remove softly deleted tasks for good, with their history, and reclaim the space; returns how many.

    Cannot be undone; written to the audit log."""
    from coach.store import erase

    return erase.purge_deleted(db, now)


def find(db: Connection, ref: str) -> Task:
    return tasks.find(db, ref)


def known(db: Connection, task_id: str) -> Task | None:
    """The task of that id, unless it was removed for good."""
    return tasks.get(db, task_id)


_REF = re.compile(r"\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*,?|(?=[a-f-]*\d)[0-9a-f]{4,8}(?:-[0-9a-f-]*)?", re.IGNORECASE)


def is_ref(word: str) -> bool:
    """Whether a word names tasks by number or id: 3, 3-5, 3,7, 1f0a4c."""
    return _REF.fullmatch(word) is not None


def chosen(
    db: Connection, words: Sequence[str], config: Config, now: datetime, tz: ZoneInfo
) -> tuple[list[Task], bool]:
    """The tasks that references or a filter name, and whether it was a filter. Raises NotFound, InvalidInput."""
    if all(is_ref(word) for word in words):
        return find_all(db, [word.rstrip(",") for word in words]), False
    from coach.engine import searching

    return [task for task, _ in searching.select(db, words, config, now, tz)], True


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


def _checked(text: str) -> str:
    if len(text) > MAX_TITLE:
        raise InvalidInput(f"that text has {len(text):,} characters", f"a task takes at most {MAX_TITLE:,}")
    # Bytes that are no UTF-8 come in as lone surrogates, which nothing can store; one character each keeps the spans.
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text) if not text.isascii() else text


def _languages(text: str, now: datetime, tz: ZoneInfo) -> tuple[Moment, int, int] | None:
    # dateparser costs 135 ms to import, so it is asked only about words that the grammar leaves and that look foreign.
    from coach.integrations.languages import dateparser_fallback

    return dateparser_fallback(text, now, tz)


def _write(
    db: Connection, edits: Sequence[tuple[Task | None, Task]], now: datetime, label: str, actor: change.Actor = "user"
) -> None:
    batch = [
        change.create("task", new.id, _values(new)) if old is None
        else change.update("task", new.id, _values(old), _values(new))
        for old, new in edits
    ]
    changes.apply(db, batch, now=now, label=label, actor=actor)


def _values(task: Task) -> dict[str, object]:
    return {name: value for name, value in stored(task).items() if name != "id"}


def _label(verb: str, chosen: Sequence[Task]) -> str:
    return f"{verb} task" if len(chosen) == 1 else f"{verb} {len(chosen)} tasks"


def urgencies(db: Connection, chosen: Sequence[Task], config: Config, now: datetime) -> list[float]:
    """The urgency of each."""
    from coach.core.urgency import urgency

    shapes = tasks.shapes(db, [task.num for task in chosen if task.status == "pending"])
    found = []
    for task in chosen:
        of = shapes.get(task.num) if task.status == "pending" else None
        blocked, blocking = (of.blocked, of.blocking) if of else (False, False)
        found.append(urgency(task, now, config.urgency, blocked=blocked, blocking=blocking))
    return found


def history(db: Connection, task: Task) -> list[dict[str, object]]:
    """Every change of the task, oldest first; see `store.changes.history`."""
    return changes.history(db, "task", task.id)
