"""What the Tasks screen shows: open tasks in groups, each row with its words ready, and the facts of one task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core.errors import InvalidInput
from coach.core.task import Task, status_at
from coach.core.when import Moment, end_of, logical_day, start_of
from coach.engine import tasks
from coach.store.db import Connection

GROUPS = {
    "overdue": "Overdue", "today": "Today", "week": "Next 7 days", "later": "Later", "none": "No date",
    "waiting": "Waiting", "completed": "Completed", "deleted": "Deleted",
}
"""Groups in the order in which they are listed, with their headings."""

_ORDER = {name: place for place, name in enumerate(GROUPS)}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task in a list. `group` is a key of GROUPS; `due` such as "Fri 18:00" or "3 d late"."""

    task: Task
    urgency: float
    group: str
    due: str


@dataclass(frozen=True, slots=True)
class TaskGroup:
    name: str
    title: str
    rows: tuple[TaskRow, ...]


@dataclass(frozen=True, slots=True)
class TasksView:
    """`problem` says what is wrong with the filter; then the groups are those of no filter."""

    groups: tuple[TaskGroup, ...]
    shown: int
    words: tuple[str, ...] = ()
    problem: str = ""


def tasks_view(db: Connection, words: Sequence[str], config: Config, now: datetime, tz: ZoneInfo) -> TasksView:
    """Tasks that pass the filter (Taskwarrior's syntax), in groups; within a group by due, then by urgency."""
    problem = ""
    try:
        chosen = tasks.select(db, words, config, now, tz)
    except InvalidInput as error:
        problem = f"{error.message}: {error.hint}" if error.hint else error.message
        chosen = tasks.select(db, (), config, now, tz)
    rows = rows_of(chosen, config, now, tz)
    return TasksView(grouped(rows), len(rows), tuple(words), problem)


def rows_of(
    chosen: Sequence[tuple[Task, float]], config: Config, now: datetime, tz: ZoneInfo
) -> list[TaskRow]:
    """Each task with its group and its due in words. "Today" is the later of the logical and the calendar day, so that
    at one in the morning what is due on the new date is not hidden under the days to come."""
    today_end = max(logical_day(now, tz, clock(config.time.day_start)), now.astimezone(tz).date())
    found = []
    for task, urgency in chosen:
        group = _group(task, now, tz, today_end)
        found.append(TaskRow(task, urgency, group, "" if task.due is None else due_words(task.due, now, tz)))
    return found


def _group(task: Task, now: datetime, tz: ZoneInfo, today: date) -> str:
    status = status_at(task, now)
    if status != "pending":
        return status
    if task.due is None:
        return "none"
    if end_of(task.due, tz) <= now:
        return "overdue"
    day = task.due.astimezone(tz).date() if isinstance(task.due, datetime) else task.due
    return "today" if day <= today else "week" if day <= today + timedelta(days=7) else "later"


def grouped(rows: Sequence[TaskRow]) -> tuple[TaskGroup, ...]:
    """Rows by group; those with a due by due, then the most urgent first."""
    def place(row: TaskRow) -> tuple[int, float, float]:
        due = row.task.due
        at = 0.0 if due is None else _rank(due)
        return _ORDER[row.group], at, -row.urgency

    ordered = sorted(rows, key=place)
    return tuple(
        TaskGroup(name, GROUPS[name], tuple(members)) for name, members in groupby(ordered, key=lambda r: r.group)
    )


def due_words(due: Moment, now: datetime, tz: ZoneInfo) -> str:
    """A due as people say it: "18:00" today, "tomorrow 9:00", "Fri 18:00" within a week, "3 d late", else the date."""
    local = due.astimezone(tz) if isinstance(due, datetime) else None
    day = due if local is None else local.date()
    today = now.astimezone(tz).date()
    ahead = (day - today).days
    at = f"{local:%H:%M}" if local else ""
    if ahead < 0:
        return "yesterday" if ahead == -1 else f"{-ahead} d late"
    if ahead == 0:
        return at or "today"
    if ahead == 1:
        return f"tomorrow {at}".strip()
    if ahead < 7:
        return f"{day:%a} {at}".strip()
    if day.year == today.year:
        return f"{day.day} {day:%b} {at}".strip()
    return f"{day.day} {day:%b %Y}"


def urgent_ids(db: Connection, config: Config, now: datetime) -> list[str]:
    """Ids of the open tasks that are not hidden, most urgent first."""
    return [task.id for task, _ in tasks.open_by_urgency(db, config, now) if status_at(task, now) == "pending"]


def facts(row: TaskRow, now: datetime, tz: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """The details of a task as label and words, without what is empty."""
    task = row.task
    priority = {1: "p1, high", 2: "p2, medium", 3: "p3, low", 4: "p4, none"}.get(task.priority or 0, "")
    due = "" if task.due is None else full_words(task.due, tz, now) + (" (hard deadline)" if task.due_hard else "")
    snoozed = "" if not task.snooze_count else "once" if task.snooze_count == 1 else f"{task.snooze_count} times"
    pairs = (
        ("due", due), ("project", task.project or ""), ("labels", " ".join(f"@{t}" for t in task.tags)),
        ("priority", priority), ("estimate", minutes(task.estimate_min)), ("measured", minutes(task.actual_min)),
        ("started", full_words(task.started, tz, now) if task.started else ""),
        ("scheduled", "" if task.scheduled is None else full_words(task.scheduled, tz, now)),
        ("hidden until", "" if task.wait is None or start_of(task.wait, tz) <= now else full_words(task.wait, tz, now)),
        ("repeats", "" if task.recurrence is None else task.recurrence.rrule),
        ("category", task.category or ""), ("snoozed", snoozed),
        ("depends on", f"{len(task.depends)} tasks" if len(task.depends) > 1 else "1 task" if task.depends else ""),
        ("urgency", f"{row.urgency:.1f}"), ("added", full_words(task.created, tz, now)),
        ("number", str(task.num)),
    )
    return tuple((label, words) for label, words in pairs if words)


def minutes(count: int | None) -> str:
    """"45 min", "1 h 30", "2 h"; empty for None."""
    if count is None:
        return ""
    hours, rest = divmod(count, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


def full_words(moment: Moment, tz: ZoneInfo, now: datetime) -> str:
    """"Sat 22 Nov 18:00"; the year where it is not this one, no time for a whole day."""
    local = moment.astimezone(tz) if isinstance(moment, datetime) else None
    day = moment if local is None else local
    year = f" {day.year}" if day.year != now.astimezone(tz).year else ""
    return f"{day:%a} {day.day} {day:%b}{year}" + (f" {local:%H:%M}" if local else "")


def _rank(due: Moment) -> float:
    """Sorts whole days after the times of that day."""
    if isinstance(due, datetime):
        return due.timestamp()
    return datetime(due.year, due.month, due.day, 23, 59).timestamp()
