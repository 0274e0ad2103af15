"""Open tasks as lines, kept between two looks at them; and the lines that meet a filter's conditions.

Ten thousand tasks are read as lines; a whole task is read only where a condition asks about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import hand_order
from coach.core.task import Task, stored
from coach.core.urgency import Coefficients, age_term, due_term, pack, parts, shape, unpack
from coach.core.when import Moment, end_of, logical_day, start_of, to_ms, zone
from coach.engine import filters, tasks
from coach.engine.watch import edits
from coach.store import tasks as store
from coach.store.changes import dumps
from coach.store.db import Connection
from coach.store.task_lines import Line, edited_since, open_lines

_DAY_MS = 86_400_000


@dataclass(slots=True)
class Listing:
    """Open tasks as they were after `edits`. Keeps what was made of them on the way: for one thread."""

    edits: str
    lines: list[Line]
    whole: dict[str, tuple[str, str | None, Task]] = field(default_factory=dict)
    """Whole tasks by id, with what tells whether they still hold."""
    texts: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    """What letters are looked for in, by id, after what tells whether it still holds; see `engine.finding`."""
    met: tuple[object, list[Line]] | None = None
    """The last conditions, with the minute, and what met them."""


def read(db: Connection, before: Listing | None = None) -> Listing:
    """The open tasks; `before` itself when nobody has edited any since."""
    now_at = edits(db)
    if before is not None and before.edits == now_at:
        return before
    lines = open_lines(db)
    if before is None:
        return Listing(now_at, lines)
    for task_id in edited_since(db, before.edits):
        before.whole.pop(task_id, None)
        before.texts.pop(task_id, None)
    return Listing(now_at, lines, before.whole, before.texts)


def visible(listing: Listing, now: datetime) -> list[Line]:
    """Those that are not hidden by `wait`."""
    now_s = now.timestamp()
    return [line for line in listing.lines if line.wait_utc is None or line.wait_utc <= now_s]


def meeting(
    db: Connection, listing: Listing, conditions: tuple[str, ...], config: Config, now: datetime, tz: ZoneInfo
) -> list[Line]:
    """The lines that meet the conditions; without a word about status, open ones that are not hidden.

    Raises InvalidInput that names the word it cannot read."""
    if not conditions:
        return visible(listing, now)
    key = conditions, now.replace(second=0, microsecond=0)
    if listing.met is not None and listing.met[0] == key:
        return listing.met[1]
    asked = filters.asked(db, conditions, config, now, tz)
    if asked.any_status:
        lines = [line_of(task) for task, _ in tasks.select(db, conditions, config, now, tz)]
    else:
        near = [line for line in visible(listing, now) if asked.among is None or line.num in asked.among]
        found = whole(db, listing, near)
        lines = [line for line in near if line.id in found and asked.accept(found[line.id])]
    listing.met = key, lines
    return lines


def whole(db: Connection, listing: Listing, lines: Iterable[Line]) -> dict[str, Task]:
    """The tasks themselves, by id; only those that were never asked for, or were edited since, are read."""
    known = listing.whole
    lines = list(lines)
    missing = {line.id: line for line in lines if not _is_known(listing, line)}
    for task in store.numbered(db, [line.num for line in missing.values()]):
        known[task.id] = (missing[task.id].modified, missing[task.id].category, task)
    return {line.id: known[line.id][2] for line in lines if line.id in known}


def warm(db: Connection, listing: Listing, most: int) -> bool:
    """Read so many more of the whole tasks, for conditions that are about to come; False when none is left."""
    missing = [line for line in listing.lines if not _is_known(listing, line)]
    whole(db, listing, missing[:most])
    return len(missing) > most


def _is_known(listing: Listing, line: Line) -> bool:
    known = listing.whole.get(line.id)
    return known is not None and known[0] == line.modified and known[1] == line.category


def urgencies_of(lines: Sequence[Line], coefficients: Coefficients, now: datetime) -> list[float]:
    """`core.urgency` of each line; what tasks share is computed once."""
    now_s, now_ms = now.timestamp(), to_ms(now)
    standing: dict[tuple[int, bool, bool], float] = {}
    dues: dict[int | None, float] = {}
    ages: dict[int, float] = {}
    found = []
    for line in lines:
        come = line.scheduled_utc is not None and line.scheduled_utc < now_s
        waiting = line.wait_utc is not None and line.wait_utc > now_s
        kind = line.urgency_class, come, waiting
        if kind not in standing:
            terms = parts(unpack(line.urgency_class), coefficients, due=0, age=0, scheduled=come, waiting=waiting)
            standing[kind] = sum(value for _, value in terms)
        if line.due_start_utc not in dues:
            at = None if line.due_start_utc is None else datetime.fromtimestamp(line.due_start_utc, UTC)
            dues[line.due_start_utc] = coefficients.due * due_term(at, now)
        days = int((now_ms - line.created_ms) / _DAY_MS)
        if days not in ages:
            ages[days] = coefficients.age * age_term(now - timedelta(days=days), now, coefficients.age_max_days)
        # Rounded, so that equal terms added up in another order are not told apart.
        found.append(round(standing[kind] + dues[line.due_start_utc] + ages[days], 9))
    return found


def states_of(lines: Sequence[Line], config: Config, now: datetime, tz: ZoneInfo) -> list[str]:
    """For each line a key of `task_view.GROUPS`. "Today" is the later of the logical and the calendar day, so that at one
    in the morning what is due on the new date is not hidden under the days to come."""
    calendar_day = now.astimezone(tz).date()
    today = max(logical_day(now, tz, clock(config.time.day_start)), calendar_day)
    edges = calendar_day.isoformat(), today.isoformat(), (today + timedelta(days=7)).isoformat()
    now_s = now.timestamp()
    return [_state(line, now_s, edges, tz) for line in lines]


def _state(line: Line, now_s: float, edges: tuple[str, str, str], tz: ZoneInfo) -> str:
    if line.status != "pending":
        return line.status
    if line.wait_utc is not None and line.wait_utc > now_s:
        return "waiting"
    if line.due is None or line.due_utc is None:
        return "none"
    calendar_day, today, week = edges
    if len(line.due) == 10:
        day, late = line.due, line.due < calendar_day
    else:
        late = line.due_utc <= now_s
        here = line.time_zone == tz.key
        day = line.due[:10] if here else datetime.fromtimestamp(line.due_utc, tz).date().isoformat()
    return "overdue" if late else "today" if day <= today else "week" if day <= week else "later"


def line_of(task: Task) -> Line:
    """The line of a task that was read whole, such as a completed one; being blocked or blocking is left out."""
    plain, tz = stored(task), zone(task.time_zone)
    of = shape(
        priority=task.priority, tags=task.tags, annotations=len(task.annotations), project=bool(task.project),
        active=task.started is not None, scheduled=task.scheduled is not None, waits=task.wait is not None, blocked=False,
        blocking=False,
    )
    order = task.extra.get(hand_order.FIELD)
    return Line(
        id=task.id, num=task.num, title=task.title, status=task.status, project=task.project, priority=task.priority,
        estimate_min=task.estimate_min, due=plain["due"], due_utc=None if task.due is None else _seconds(end_of(task.due, tz)),
        due_start_utc=_begin(task.due, tz), wait_utc=_begin(task.wait, tz), scheduled_utc=_begin(task.scheduled, tz),
        created_ms=to_ms(task.created), urgency_class=pack(of), parent=task.parent, started=task.started is not None,
        repeats=task.recurrence is not None, time_zone=task.time_zone, tags=dumps(list(task.tags)),
        order=float(order) if isinstance(order, int | float) else None, modified=plain["modified"],
        category=task.category,
    )


def _begin(moment: Moment | None, tz: tzinfo) -> int | None:
    return None if moment is None else _seconds(start_of(moment, tz))


def _seconds(instant: datetime) -> int:
    return to_ms(instant) // 1000
