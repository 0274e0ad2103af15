"""What stands in the way of placing or expanding a calendar event, taken out of it: of an event whose rule nobody can
read at least the first occurrence is known. What was taken out is named, never quoted."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
REPEATS = ("RRULE", "RDATE", "EXDATE")
_ONCE = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID")
_FIRST_ONLY = "only its first time is read"


class BadEvent(ValueError):
    """An event that is not read; its words say why and quote nothing."""


def repair(event: Any) -> list[str]:
    """Take out of a VEVENT what cannot be read, in place; returns what was wrong. Raises BadEvent without a start."""
    problems: list[str] = []
    for name in TIMES:
        if name not in event:
            continue
        if name in _ONCE and isinstance(event[name], list):
            problems.append(f"{name} stands there twice; the first is taken")
            first = event[name][0]
            del event[name]
            event[name] = first
        sound = [one for one in _each(event, name) if not _is_broken(one, name)]
        if len(sound) < len(_each(event, name)):
            problems.append(f"{name} cannot be read" + (f"; {_FIRST_ONLY}" if name == "RRULE" else ""))
            del event[name]
            if sound and name != "RRULE":
                event[name] = sound
    if "DTSTART" not in event:
        raise BadEvent(next((p for p in problems if p.startswith("DTSTART")), "the event has no start"))
    for name in ("RRULE", "RDATE"):
        if name in event and (why := _refused(event, name)):
            problems.append(f"{why}; {_FIRST_ONLY}")
            del event[name]
    _float(event)
    return problems


def _float(event: Any) -> None:
    """An event of local times stays one when its exceptions are written in UTC: recurring_ical_events would move it there."""
    start = event["DTSTART"].dt
    if not isinstance(start, datetime) or start.tzinfo is not None:
        return
    for name in ("RDATE", "EXDATE"):
        for one in (moment for part in _each(event, name) for moment in part.dts) if name in event else ():
            if isinstance(one.dt, datetime):
                one.dt = one.dt.replace(tzinfo=None)


def without_repeats(event: Any) -> bool:
    """Leave only the first time of an event, in place; whether there was more."""
    taken = [event.pop(name, None) for name in (*REPEATS, "RECURRENCE-ID")]
    return any(one is not None for one in taken)


def _each(event: Any, name: str) -> list[Any]:
    found = event[name]
    return found if isinstance(found, list) else [found]


def _is_broken(value: Any, name: str) -> bool:
    """Whether icalendar gave up on it, or it is of another type than the property has."""
    from icalendar.prop import vBroken

    if isinstance(value, vBroken):
        return True
    if name == "RRULE":
        return not isinstance(value, dict)
    if name == "DURATION":
        return not hasattr(value, "td")
    moments = [one.dt for one in value.dts] if hasattr(value, "dts") else [value.dt]
    return not all(_is_moment(one, periods=name == "RDATE") for one in moments)


def _is_moment(value: Any, *, periods: bool) -> bool:
    if isinstance(value, tuple):
        return periods and isinstance(value[0], date)
    return isinstance(value, date) and not isinstance(value, time)


def _refused(event: Any, name: str) -> str:
    """Why a rule is not expanded: dateutil cannot read it, or would take minutes, as it walks each step from the start
    on, to the year 9999. Empty when it is."""
    if name == "RDATE":
        return ""
    return next(filter(None, (_refused_rule(rule) for rule in _each(event, name))), "")


def _refused_rule(rule: Any) -> str:
    from dateutil.rrule import rrulestr

    freq = str((rule.get("FREQ") or [""])[0]).upper()
    if freq in ("SECONDLY", "MINUTELY"):
        return "it repeats more often than every hour"
    months, days = rule.get("BYMONTH"), rule.get("BYMONTHDAY")
    if freq == "HOURLY" and (months or days or "BYYEARDAY" in rule or "BYDAY" in rule):
        return "it repeats by the hour on chosen days, which is not read"
    try:
        if months and days and all(_never(int(m), int(d)) for m in months for d in days):
            return "it repeats on a day that no month has"
        bare = {key: value for key, value in rule.items() if key != "UNTIL"}  # whose zone is the start's affair
        rrulestr(type(rule)(bare).to_ical().decode(), dtstart=datetime(2000, 1, 1))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return "RRULE cannot be read"
    return ""


def _never(month: int, day: int) -> bool:
    return abs(day) > (29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)
