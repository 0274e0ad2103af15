"""When work may be placed: working hours, and those of a category where the settings name them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coach.config import TimeConfig, clock
from coach.core import slots
from coach.core.errors import InvalidInput

_ENTRY = re.compile(
    r"(?P<category>.+?)\s+(?:(?P<days>[a-z]{3}(?:[-,][a-z]{3})*)\s+)?(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)", re.IGNORECASE)
_FORM = '"Category 15:00-17:00" or "Category mon-thu 09:00-12:00"'


def work_hours(settings: TimeConfig) -> slots.Hours:
    """Working hours by weekday; an end at or before the start lies in the next day."""
    start, end = (t.hour * 60 + t.minute for t in (clock(settings.work_start), clock(settings.work_end)))
    stretch = (start, end if end > start else end + 1440)
    return {slots.DAYS.index(day): (stretch,) for day in settings.work_days if day in slots.DAYS}


def category_hours(entries: Sequence[str]) -> dict[str, slots.Hours]:
    """By category (folded), the only hours it is planned in, from entries like "Admin 15:00-17:00" or "Writing mon-thu
    09:00-12:00"; two entries of a category add up. Raises InvalidInput for one that cannot be read."""
    found: dict[str, dict[int, tuple[tuple[int, int], ...]]] = {}
    for entry in entries:
        match = _ENTRY.fullmatch(entry.strip())
        if match is None:
            raise InvalidInput(f"plan.hours: {entry!r} cannot be read", f"write {_FORM}")
        start, end = (t.hour * 60 + t.minute for t in (clock(match["start"], "plan.hours"), clock(match["end"], "plan.hours")))
        own = found.setdefault(match["category"].casefold(), {})
        for day in _days(match["days"], entry):
            own[day] = (*own.get(day, ()), (start, end if end > start else end + 1440))
    return dict(found)


def _days(text: str | None, entry: str) -> list[int]:
    if text is None:
        return list(range(7))
    found: list[int] = []
    for part in text.lower().split(","):
        ends = part.split("-")
        if any(d not in slots.DAYS for d in ends) or len(ends) > 2:
            raise InvalidInput(f"plan.hours: {entry!r} names no day {part!r}", f"one of {', '.join(slots.DAYS)}")
        first, last = slots.DAYS.index(ends[0]), slots.DAYS.index(ends[-1])
        found += [d % 7 for d in range(first, last + 1 if last >= first else last + 8)]
    return found
