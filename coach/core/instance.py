"""A planning problem read from plain JSON values, for `coach plan --input` and the benches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.core import slots
from coach.core.errors import InvalidInput
from coach.core.plan import WEIGHTS, Busy, Instance, PlanTask
from coach.core.when import end_of, parse_iso, start_of, zone

MOST_DAYS = 92


def instance_from_json(tree: Any) -> Instance:
    """A planning problem from plain JSON values. Raises InvalidInput naming the field that is wrong."""
    tree = _table(tree, "the instance")
    tz = zone(_typed(tree, "tz", str, "UTC", "the instance"))
    if "now" not in tree:
        raise InvalidInput("the instance has no `now`", 'for example "2026-11-23T08:00:00Z"')
    hours = {
        day: [_list(pair, f"work_hours.{day}") for pair in _list(stretches, f"work_hours.{day}")]
        for day, stretches in _table(tree.get("work_hours", {}), "work_hours").items()
    }
    days = _number(tree, "days", 5, "the instance")
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"days = {days}", f"from 1 to {MOST_DAYS}")
    tasks = tuple(_task(t, f"tasks[{i}]", tz) for i, t in enumerate(_list(tree.get("tasks", []), "tasks")))
    if len({t.id for t in tasks}) != len(tasks):
        raise InvalidInput("two tasks have the same id", "give every task its own")
    return Instance(
        now=_instant(tree["now"], "now", tz), tz=tz, days=days, work_hours=slots.hours_of(hours), tasks=tasks,
        events=tuple(_busy(e, f"events[{i}]", tz) for i, e in enumerate(_list(tree.get("events", []), "events"))),
        focus=_profile(tree.get("focus")),
    )


def _task(plain: Any, where: str, tz: ZoneInfo) -> PlanTask:
    plain = _table(plain, where)
    if not isinstance(plain.get("id"), str | int) or isinstance(plain["id"], bool):
        raise InvalidInput(f"{where} has no id", "any text that is its own")
    priority = plain.get("priority")
    if not (priority is None or isinstance(priority, int)) or isinstance(priority, bool) or priority not in WEIGHTS:
        raise InvalidInput(f"{where}.priority is none of 1, 2, 3, 4 and null")
    longest = plain.get("max_block_min")
    not_before = plain.get("not_before")
    return PlanTask(
        id=str(plain["id"]), title=_typed(plain, "title", str, "", where), priority=priority,
        estimate_min=None if plain.get("estimate_min") is None else _number(plain, "estimate_min", 0, where),
        due=None if plain.get("due") is None else _instant(plain["due"], f"{where}.due", tz, late=True),
        category=_typed(plain, "category", str, None, where),
        min_block_min=max(1, _number(plain, "min_block_min", slots.QUARTER_MIN, where)),
        max_block_min=None if longest is None else max(1, _number(plain, "max_block_min", 0, where)),
        splittable=_typed(plain, "splittable", bool, False, where),
        due_hard=_typed(plain, "due_hard", bool, False, where),
        not_before=None if not_before is None else _instant(not_before, f"{where}.not_before", tz),
    )


def _busy(plain: Any, where: str, tz: ZoneInfo) -> Busy:
    plain = _table(plain, where)
    start, end = (_instant(plain.get(k), f"{where}.{k}", tz) for k in ("start", "end"))
    if end < start:
        raise InvalidInput(f"{where} ends before it starts")
    return Busy(start, end, _typed(plain, "title", str, "", where))


def _profile(plain: Any) -> tuple[float, ...] | None:
    if plain is None:
        return None
    values = _list(plain, "focus")
    if len(values) != slots.HOURS_IN_WEEK or not all(_is_number(v) for v in values):
        raise InvalidInput(f"focus must be {slots.HOURS_IN_WEEK} numbers or null", "one per hour, Monday 00:00 first")
    return tuple(float(v) for v in values)


def _is_number(value: Any) -> bool:
    # The comparison is also what keeps NaN and infinity out.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _number(tree: Mapping[str, Any], key: str, default: int, where: str) -> int:
    value = tree.get(key)
    if value is None:
        return default
    if not _is_number(value):
        raise InvalidInput(f"{where}: {key} is not a number")
    return -int(-value // 1)  # part of a minute counts as one


def _typed(tree: Mapping[str, Any], key: str, kind: type, default: Any, where: str) -> Any:
    value = tree.get(key)
    if value is not None and not isinstance(value, kind):
        raise InvalidInput(f"{where}: {key} has the wrong type", f"it must be {kind.__name__}")
    return default if value is None else value


def _instant(value: Any, where: str, tz: ZoneInfo, *, late: bool = False) -> datetime:
    """A bare date is the start of that day, or its end (`late`)."""
    if not isinstance(value, str):
        raise InvalidInput(f"{where} is not a time", "for example 2026-11-23T17:00:00Z")
    try:
        if len(value) == 10:
            day = date.fromisoformat(value)
            return (end_of(day, tz) if late else start_of(day, tz)).astimezone(UTC)
        return parse_iso(value, tz).astimezone(UTC)
    except (InvalidInput, ValueError, OverflowError) as error:
        raise InvalidInput(f"{where} is not a time that exists", "for example 2026-11-23T17:00:00Z") from error


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{where} must be an object")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidInput(f"{where} must be a list")
    return value
