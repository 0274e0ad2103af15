"""Wishes for a new task, or for one to be otherwise: moved, renamed, more urgent, longer, elsewhere, labelled, noted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from coach.config import clock
from coach.core import say, wish
from coach.core.errors import InvalidInput, NotFound
from coach.core.task import Task, changed
from coach.core.when import end_of, resolve, start_of
from coach.core.wish import Wish
from coach.engine import editing, task_names, task_text, tasks
from coach.engine.acting import targets
from coach.engine.acting.proposal import Here, Line, Proposal, difference, names, unchanged
from coach.engine.acting.spans import clock_of, is_time, later, length_of_time, minutes_in
from coach.store.db import Connection

DAY_BEGINS = "09:00"
"""When a reminder for a whole day comes."""


def add(here: Here, found: Wish) -> Proposal:
    text = found.value
    draft = tasks.parse(text, here.config, here.now, here.tz)
    if isinstance(draft.due, datetime) and not draft.remind:  # "remind me" and "add" with a time both want to hear of it
        text = f"!0m {text}"  # in front: "in 10" is a time only at the end
        draft = tasks.parse(text, here.config, here.now, here.tz)
    draft = tasks.in_project(here.db, draft)
    if not draft.title.strip():
        raise InvalidInput("there is no task in that", 'for example "add call mum tomorrow 18:00"')
    lines = tuple(Line(kind, after=words) for kind, words in task_text.understood(draft, here.now, here.tz))

    def do(db: Connection, now: datetime) -> str:
        task = tasks.add(db, text, here.config, now, here.tz)
        return f"Added #{task.num} {say.quoted(task.title)}."

    return Proposal(f"Add {say.quoted(draft.title)}", lines, do)


def remind(here: Here, found: Wish) -> Proposal:
    target, when = wish.moved(found.target, lambda words: is_time(here, words))
    try:
        task = targets.one(here, target)
    except NotFound:
        return add(here, replace(found, value=found.target))
    if not when:
        example = 'for example "remind me about it tomorrow at 9"'
        raise InvalidInput(f"when shall I remind you of {say.quoted(task.title)}?", example)
    moment = tasks.snooze_moment(when, here.config, here.now, here.tz)
    if isinstance(moment, datetime):
        moment = moment.astimezone(here.tz).replace(tzinfo=None)
    words = moment.isoformat(timespec="minutes") if isinstance(moment, datetime) else f"{moment.isoformat()}T{DAY_BEGINS}"
    return _edited(here, [task], f"!{words}", "Remind of")


def _edited(here: Here, chosen: Sequence[Task], text: str, verb: str) -> Proposal:
    """A quick-add text applied to tasks."""
    def read(words: str) -> Any:
        return tasks.parse(words, here.config, here.now, here.tz)

    new = [changed(t, here.now, **editing.values(here.db, t, text, read)) for t in chosen]

    def do(db: Connection, now: datetime) -> str:
        fresh = unchanged(db, chosen)
        done = tasks.edit_all(db, fresh, text, here.config, now, here.tz)
        return f"Changed {names(done)}."

    return difference(here, verb, chosen, new, do)


def move(here: Here, found: Wish) -> Proposal:
    target, when = (found.target, found.value) if found.value else wish.moved(found.target, lambda w: is_time(here, w))
    chosen = targets.some(here, target)
    if not when:
        raise InvalidInput(f"when to? I can't read a time for {names(chosen)}", 'for example "move it to tomorrow morning"')
    draft = tasks.parse(f"x {when}", here.config, here.now, here.tz)
    if draft.due is None and draft.scheduled is None:
        raise InvalidInput(f"{when!r} is no time", 'for example: tomorrow, mon 9:00, "next week"')
    times = {clock_of(t.due, here.tz) for t in chosen}
    keeps = isinstance(draft.due, date) and not isinstance(draft.due, datetime) and draft.scheduled is None and len(times) == 1
    at = next(iter(times)) if keeps else ""
    text = f"{when} {at}".strip()
    new = [changed(t, here.now, **_moved(here, t, text)) for t in chosen]

    def do(db: Connection, now: datetime) -> str:
        fresh = unchanged(db, chosen)
        tasks.update_all(db, fresh, {t.id: _moved(here, t, text) for t in fresh}, now, "move")
        return f"Moved {names(fresh)}."

    return _minding(here, difference(here, "Move", chosen, new, do), new)


def _moved(here: Here, task: Task, text: str) -> dict[str, Any]:
    """The fields that a moment sets. A morning begins with the working day, and no task starts after it is due: what was planned
    later moves along."""
    found: dict[str, Any] = editing.values(here.db, task, text, lambda words: tasks.parse(words, here.config, here.now, here.tz))
    if "title" in found:
        raise InvalidInput(f"{text!r} is no time", 'for example: tomorrow, mon 9:00, "next week"')
    due, start = found.get("due"), found.get("scheduled")
    if isinstance(due, datetime) and isinstance(start, datetime):
        opens = clock(here.config.time.work_start)
        day, ends = start.astimezone(here.tz), due.astimezone(here.tz)
        if day.date() == ends.date() and day.time() < opens < ends.time():
            found["scheduled"] = resolve(datetime.combine(day.date(), opens), here.tz)
    elif due is not None and start is None and task.scheduled and start_of(task.scheduled, here.tz) >= end_of(due, here.tz):
        by = start_of(due, here.tz) - start_of(task.due or due, here.tz)
        along = task.scheduled + by
        found["scheduled"] = along if start_of(along, here.tz) < end_of(due, here.tz) else None
    return found


def _minding(here: Here, proposal: Proposal, new: Sequence[Task]) -> Proposal:
    """With the remark that the day is no working day, where all become due on one that is none and has none before it from the
    day they may begin, as "next week" has."""
    days = {t.due.astimezone(here.tz).date() if isinstance(t.due, datetime) else t.due for t in new}
    day = next(iter(days))
    works = here.config.time.work_days
    if len(days) != 1 or day is None or not works or all(_workable(here, t, day) for t in new):
        return proposal
    on = next(other for n in range(1, 8) if _name(other := day + timedelta(days=n)) in works)
    said = f"{day:%A} {day.day} {day:%B} is no working day of yours; the next one is {on:%A} {on.day} {on:%B}"
    return replace(proposal, lines=(*proposal.lines, Line("mind", after=said)))


def _workable(here: Here, task: Task, due: date) -> bool:
    """Whether somebody works on a day between the start of a task, where it has one, and its due."""
    first = start_of(task.scheduled, here.tz).astimezone(here.tz).date() if task.scheduled else due
    return any(_name(due - timedelta(days=n)) in here.config.time.work_days for n in range(min((due - first).days, 6) + 1))


def _name(day: date) -> str:
    return f"{day:%a}".lower()


def shift(here: Here, found: Wish) -> Proposal:
    by = length_of_time(found.value)
    if by is None:
        raise InvalidInput(f"{found.value!r} is no length of time", "for example: 2 days, an hour, a week")
    chosen = targets.some(here, found.target)
    if undated := [t for t in chosen if t.due is None]:
        raise InvalidInput(f"{names(undated)} has no due date to move", 'name one: "move it to friday"')
    new = [changed(t, here.now, due=later(t.due, by), scheduled=later(t.scheduled, by)) for t in chosen]

    def do(db: Connection, now: datetime) -> str:
        fresh = unchanged(db, chosen)
        for_each = {t.id: {"due": later(t.due, by), "scheduled": later(t.scheduled, by)} for t in fresh}
        tasks.update_all(db, fresh, for_each, now, "move")
        return f"Moved {names(fresh)}."

    return _minding(here, difference(here, "Move", chosen, new, do), new)


def rename(here: Here, found: Wish) -> Proposal:
    task = targets.one(here, found.target)
    title = found.value.strip(" \"'“”")

    def do(db: Connection, now: datetime) -> str:
        tasks.update(db, unchanged(db, [task])[0], now, "rename task", title=title)
        return f"Renamed #{task.num} to {say.quoted(title)}."

    return Proposal(f"Rename #{task.num}", (Line("title", say.quoted(task.title), say.quoted(title)),), do, task_id=task.id)


def priority(here: Here, found: Wish) -> Proposal:
    return _edited(here, targets.some(here, found.target), f"p{found.value}", "Change")


def estimate(here: Here, found: Wish) -> Proposal:
    minutes = minutes_in(here, found.value)
    return _edited(here, targets.some(here, found.target), f"~{minutes}m", "Change")


def project(here: Here, found: Wish) -> Proposal:
    chosen = targets.some(here, found.target)
    known = {name.lower(): name for name in task_names.project_names(here.db)}
    name = known.get(found.value.lower(), found.value)
    return _edited(here, chosen, f'project:"{name}"', "Move")


def tag(here: Here, found: Wish) -> Proposal:
    return _edited(here, targets.some(here, found.target), f"+{found.value}", "Label")


def note(here: Here, found: Wish) -> Proposal:
    task = targets.one(here, found.target)

    def do(db: Connection, now: datetime) -> str:
        tasks.annotate(db, unchanged(db, [task])[0], found.value, now)
        return f"Noted on #{task.num} {say.quoted(task.title)}."

    return Proposal(f"Note on {names([task])}", (Line("note", after=say.quoted(found.value, 140)),), do, task_id=task.id)
