"""Tasks as lists show them: rows with their words ready, and the facts of one task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core.record import Record
from coach.core.task import Task, status_at
from coach.core.when import Moment, end_of, logical_day, start_of

GROUPS = {
    "overdue": "Overdue", "today": "Today", "week": "Next 7 days", "later": "Later", "none": "No date",
    "waiting": "Waiting", "completed": "Completed", "deleted": "Deleted",
}
"""Groups in the order in which they are listed, with their headings."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TaskRow(Record):
    """One task in a list. `group` is a key of GROUPS; `due` such as "Fri 18:00" or "3 d late"."""

    task: Task
    urgency: float
    group: str
    due: str

    # What a list shows of a row; `task_list.Row` has the same without the whole task.

    @property
    def id(self) -> str:
        return self.task.id

    @property
    def title(self) -> str:
        return self.task.title

    @property
    def project(self) -> str | None:
        return self.task.project

    @property
    def labels(self) -> tuple[str, ...]:
        return self.task.tags

    @property
    def priority(self) -> int | None:
        return self.task.priority

    @property
    def estimate_min(self) -> int | None:
        return self.task.estimate_min

    @property
    def is_started(self) -> bool:
        return self.task.started is not None

    @property
    def repeats(self) -> bool:
        return self.task.recurrence is not None

    @property
    def state(self) -> str:
        return self.group

    @property
    def depth(self) -> int:
        return 0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TaskGroup(Record):
    """A heading of the list and the rows under it."""

    name: str
    title: str
    rows: tuple[TaskRow, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(row.id for row in self.rows)


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
