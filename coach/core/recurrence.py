"""Recurring tasks. A series is one row: its `due` is the current occurrence, its `series_start` the DTSTART of the rule.
Each occurrence done is a row of its own, with an id made from (series, local start), so that two devices agree.

Rules are RFC 5545 RRULEs, expanded in wall time: 9:00 stays 9:00 when the clocks change. UNTIL as a date includes that
day. A second line, EXDATE, leaves days out. "every!" counts from completion."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

from coach.core.errors import InvalidInput
from coach.core.task import Recurrence, Reminder, Task
from coach.core.when import Moment, end_of, resolve, wall_text, zone

_STEPS = {"SECONDLY": timedelta(seconds=1), "MINUTELY": timedelta(minutes=1), "HOURLY": timedelta(hours=1),
          "DAILY": timedelta(days=1), "WEEKLY": timedelta(days=7)}
_BELOW_DAY = frozenset(("SECONDLY", "MINUTELY", "HOURLY"))
MOST_MISSED = 1000
"""No absence lists more missed occurrences than that."""
MOST_EXPIRED = 100_000
"""A series with more occurrences behind it than that is over when its `until` passes."""


def occurrence_id(series_id: str, local_start: Moment) -> str:
    """The id of one occurrence: uuid5 of the series and the occurrence's wall time."""
    try:
        space = uuid.UUID(series_id)
    except ValueError:
        space = uuid.uuid5(uuid.NAMESPACE_URL, series_id)
    return str(uuid.uuid5(space, wall_text(local_start)))


def next_start(rule: str, series_start: Moment, after: Moment, tz: tzinfo) -> Moment | None:
    """The first occurrence after `after`, as a date or an aware datetime like `series_start`; None when the series is over.

    Raises InvalidInput for a rule that cannot be read."""
    return next(starts(rule, series_start, after, tz), None)


def starts(rule: str, series_start: Moment, after: Moment, tz: tzinfo) -> Iterator[Moment]:
    """The occurrences after `after`, in order."""
    whole_day = not isinstance(series_start, datetime)
    first, since = _wall(series_start, tz), _wall(after, tz)
    last, excepted = _until(rule, tz), _excepted(rule)
    for wall in _expanded(rule, first, since):
        if last is not None and wall > last:
            return
        if wall <= since or wall in excepted or wall.date() in excepted:
            continue
        yield wall.date() if whole_day else resolve(wall, tz)


def current(task: Task, now: datetime) -> Moment | None:
    """The occurrence that stands for the series at `now`, by its `catch_up`: with "all" the oldest open one, with "one" the
    latest that has come, with "skip" the first whose day is not over."""
    rule, due = task.recurrence, task.due
    if rule is None or due is None or rule.anchor == "completion" or rule.catch_up == "all":
        return due
    tz = zone(task.time_zone)
    here = now.astimezone(tz)
    latest = due
    for start in starts(rule.rrule, task.series_start or due, due, tz):
        if rule.catch_up == "skip" and not _over(latest, here, rule.rrule):
            break
        if rule.catch_up == "one" and _wall(start, tz) > here.replace(tzinfo=None):
            break
        latest = start
    return latest


def missed(task: Task, now: datetime) -> list[Moment]:
    """The open occurrences whose time has come, oldest first; at most MOST_MISSED."""
    rule, due = task.recurrence, task.due
    if rule is None or due is None:
        return []
    tz = zone(task.time_zone)
    here = now.astimezone(tz).replace(tzinfo=None)
    found = [due] if _wall(due, tz) <= here else []
    for start in starts(rule.rrule, task.series_start or due, due, tz) if found and rule.anchor == "schedule" else ():
        if _wall(start, tz) > here or len(found) == MOST_MISSED:
            break
        found.append(start)
    return found


def advance(
    task: Task, now: datetime, is_done: Callable[[str], bool] = lambda occurrence: False
) -> tuple[Task, Task | None]:
    """Completes the current occurrence: its row, and the series moved on to its next one, or None where it is over.

    `is_done` tells by id which occurrences the log has; counting from completion, twice in a day or after the clock was
    set back, could come upon one of them again.

    Wait, scheduled, until and reminders keep their distance to due. Raises InvalidInput for a task that does not recur."""
    rule = task.recurrence
    due = current(task, now)
    if rule is None or due is None:
        raise InvalidInput("that task does not recur", "give it a date and `every ...`")
    tz = zone(task.time_zone)
    occurrence = replace(
        _moved(task, due, tz), id=occurrence_id(task.id, due), series_id=task.id, recurrence=None, series_start=None, num=0,
        status="completed", completed=now, modified=now, started=None,
    )
    following, kept = _following(task, rule, due, now, tz, lambda start: start == due or is_done(occurrence_id(task.id, start)))
    if following is None:
        return occurrence, None
    series = replace(
        _moved(task, following, tz), recurrence=kept, modified=now, started=None, actual_min=None, snooze_count=0,
        series_start=following if rule.anchor == "completion" else task.series_start or task.due,
    )
    return occurrence, series


def skipped(task: Task, now: datetime) -> Task | None:
    """The series without the occurrences whose `until` has passed; None where none is left, or for a task without one."""
    rule, due = task.recurrence, task.due
    if rule is None or due is None or task.until is None:
        return None
    tz = zone(task.time_zone)
    if rule.anchor == "completion":
        following, rule = _following(task, rule, due, now, tz, lambda start: start == due)
        ahead: Iterator[Moment] = iter(() if following is None else (following,))
    else:
        ahead = starts(rule.rrule, task.series_start or due, due, tz)
    for start in islice(ahead, MOST_EXPIRED):
        moved = _moved(task, start, tz)
        if moved.until is not None and end_of(moved.until, tz) > now:
            return replace(
                moved, recurrence=rule, modified=now, started=None, actual_min=None, snooze_count=0,
                series_start=start if rule.anchor == "completion" else task.series_start or due,
            )
    return None


def _following(
    task: Task, rule: Recurrence, due: Moment, now: datetime, tz: tzinfo, is_done: Callable[[Moment], bool]
) -> tuple[Moment | None, Recurrence]:
    if rule.anchor == "schedule":
        return next_start(rule.rrule, task.series_start or due, due, tz), rule
    left = _count(rule.rrule)
    if left == 1:
        return None, rule
    base = _completion(rule.rrule, due, now.astimezone(tz))
    uncounted = re.sub(r";?COUNT=\d+", "", rule.rrule, flags=re.IGNORECASE)
    kept = replace(rule, rrule=re.sub(r"COUNT=\d+", f"COUNT={left - 1}", rule.rrule, flags=re.IGNORECASE)) if left else rule
    return next((start for start in starts(uncounted, base, base, tz) if not is_done(start)), None), kept


def _completion(rule: str, due: Moment, here: datetime) -> Moment:
    """Where "every!" counts from: the day of completion at the task's time of day; the instant itself for hours."""
    if not isinstance(due, datetime):
        return here.date()
    if _parts(rule).get("FREQ") in _BELOW_DAY:
        return here.replace(second=0, microsecond=0)
    assert here.tzinfo is not None
    return resolve(datetime.combine(here.date(), due.time()), here.tzinfo)


def _moved(task: Task, due: Moment, tz: tzinfo) -> Task:
    """The task with another due, and what hangs on due moved by the same wall time."""
    assert task.due is not None
    by = _wall(due, tz) - _wall(task.due, tz)
    remind = tuple(r if r.at is None else Reminder(at=_shifted(r.at.astimezone(tz), by, tz)) for r in task.remind)  # type: ignore[arg-type]
    return replace(
        task, due=due, remind=remind, wait=_shifted(task.wait, by, tz), scheduled=_shifted(task.scheduled, by, tz),
        until=_shifted(task.until, by, tz),
    )


def _shifted(moment: Moment | None, by: timedelta, tz: tzinfo) -> Moment | None:
    if isinstance(moment, datetime):
        return resolve(_wall(moment, tz) + by, tz)
    return None if moment is None else moment + timedelta(days=by.days)


def _over(start: Moment, here: datetime, rule: str) -> bool:
    """Whether an occurrence was missed: its day is over, or its time for rules below a day."""
    if isinstance(start, datetime) and _parts(rule).get("FREQ") in _BELOW_DAY:
        return start < here
    day = start.date() if isinstance(start, datetime) else start
    return day < here.date()


def _wall(moment: Moment, tz: tzinfo) -> datetime:
    return moment.astimezone(tz).replace(tzinfo=None) if isinstance(moment, datetime) else datetime.combine(moment, time())


def _lines(rule: str) -> list[str]:
    """The lines of a rule, each with its name; a first line without one is the RRULE. DTSTART is the series' own."""
    lines = rule.upper().split()
    if lines and "=" in lines[0].partition(":")[0].partition(";")[0]:
        lines[0] = f"RRULE:{lines[0]}"
    return [line for line in lines if not line.startswith("DTSTART")]


def _parts(rule: str) -> dict[str, str]:
    line = next((line for line in _lines(rule) if line.startswith("RRULE:")), "")
    pairs = (part.split("=", 1) for part in line.upper().removeprefix("RRULE:").split(";") if "=" in part)
    return {name.strip(): value.strip() for name, value in pairs}


def _count(rule: str) -> int:
    return int(_parts(rule).get("COUNT", "0"))


def _until(rule: str, tz: tzinfo) -> datetime | None:
    """The last wall time that UNTIL allows."""
    text = _parts(rule).get("UNTIL")
    if not text:
        return None
    try:
        if len(text) == 8:
            return datetime.combine(datetime.strptime(text, "%Y%m%d").date(), time.max)
        wall = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")
    except ValueError as error:
        raise InvalidInput(f"the rule's UNTIL={text} is no date", "write it as 20261231") from error
    return wall.replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None) if text.endswith("Z") else wall


def _excepted(rule: str) -> set[datetime | date]:
    found: set[datetime | date] = set()
    for line in _lines(rule):
        name, _, values = line.partition(":")
        if not name.startswith("EXDATE"):
            continue
        for value in values.split(","):
            whole = len(value) == 8
            try:
                moment = datetime.strptime(value.rstrip("Z"), "%Y%m%d" if whole else "%Y%m%dT%H%M%S")
            except ValueError as error:
                raise InvalidInput(f"the rule's EXDATE {value} is no date", "write it as 20261231") from error
            found.add(moment.date() if whole else moment)
    return found


def _expanded(rule: str, first: datetime, since: datetime) -> Iterator[datetime]:
    """The rule's wall times from `first` on. Without a COUNT it starts near `since`, so that old series cost nothing."""
    # dateutil costs 11 ms to import, and most commands touch no recurring task.
    from dateutil.rrule import rrulestr

    parts, lines = _parts(rule), _lines(rule)
    if sum(not line.startswith("EXDATE") for line in lines) > 1 or not parts:
        yield from _set(lines, first, rule)
        return
    step = _STEPS.get(parts.get("FREQ", ""))
    try:
        interval = max(1, int(parts.get("INTERVAL", "1")))
        if step is not None and "COUNT" not in parts and since > first:
            first += (since - first) // (step * interval) * (step * interval)
        text = ";".join(f"{name}={value}" for name, value in parts.items() if name != "UNTIL")
        rules: Any = rrulestr(text, dtstart=first)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise InvalidInput(f"not a recurrence rule: {rule!r}", "for example FREQ=WEEKLY;BYDAY=MO") from error
    yield from rules


def _set(lines: list[str], first: datetime, rule: str) -> Iterator[datetime]:
    """Several rules, RDATE and EXRULE, as dateutil reads them."""
    from dateutil.rrule import rrulestr  # see `_expanded`

    try:
        dates: Any = rrulestr("\n".join(lines), dtstart=first, forceset=True, ignoretz=True)
        yield from dates
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise InvalidInput(f"not a recurrence rule: {rule!r}", "for example FREQ=WEEKLY;BYDAY=MO") from error
