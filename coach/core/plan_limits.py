"""The limits that the plan keeps and that a person may break, for it is their calendar: which of them a block breaks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from coach.core import slots
from coach.core.explain import clock_in
from coach.core.plan import Block, Busy, Reason
from coach.core.slots import Stretch
from coach.core.when import start_of

KINDS = frozenset({"over", "hard_due", "too_early", "off_hours", "own_hours"})
"""Kinds of reasons that say which limit a block breaks; one that was put somewhere by hand keeps those that it broke then."""

HERE = "it stands "
"""With what such a reason begins."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What binds a block of a task: working hours, busy events, its hard due, when it is to begin at the earliest, and the only
    hours of its category, which is called `category`."""

    hours: slots.Hours
    tz: ZoneInfo
    events: Sequence[Busy] = ()
    due: datetime | None = None
    not_before: datetime | None = None
    own_hours: slots.Hours | None = None
    category: str = ""


def broken(block: Block, limits: Limits) -> tuple[Reason, ...]:
    """Every limit that a block breaks, with the minutes of it that do and in words that follow "it stands"."""
    return tuple(_broken(block, limits))


def over_words(title: str) -> str:
    """That a block lies over an event of that title, "" where it has none, in words that follow "it stands"."""
    return f'over "{title}"' if title else "over a busy event"


def _broken(block: Block, limits: Limits) -> Iterator[Reason]:
    here = (block.start, block.end)
    for event in limits.events:
        if over := _minutes([(event.start, event.end)], here):
            yield Reason("over", over, over_words(event.title))
    if limits.due is not None and block.end > limits.due:
        late = (block.end - max(block.start, limits.due)).total_seconds() / 60
        yield Reason("hard_due", late, f"after its hard deadline {clock_in(limits.tz, limits.due)}")
    if limits.not_before is not None and block.start < limits.not_before:
        early = (min(block.end, limits.not_before) - block.start).total_seconds() / 60
        yield Reason("too_early", early, f"before it is to begin, {beginning(limits.tz, limits.not_before)}")
    outside = block.minutes - _minutes(_working(limits.hours, block, limits.tz), here)
    if outside > 0:
        yield Reason("off_hours", outside, _off_words(block, limits))
    elif limits.own_hours is not None:
        apart = block.minutes - _minutes(_working(limits.own_hours, block, limits.tz), here)
        if apart > 0:
            yield Reason("own_hours", apart, f"outside the hours of {limits.category}")


def beginning(tz: tzinfo, instant: datetime) -> str:
    """`Fri 27 Nov 17:00`, by the clock of that zone; a day that begins then is called by its name."""
    local = instant.astimezone(tz)
    return f"{local:%a} {local.day} {local:%b}" if (local.hour, local.minute) == (0, 0) else clock_in(tz, instant)


def _off_words(block: Block, limits: Limits) -> str:
    day = block.start.astimezone(limits.tz).date()
    low, high = (start_of(d, limits.tz).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    works = _minutes(_working(limits.hours, block, limits.tz), (low, high))
    return "outside working hours" if works else "on a day without work"


def _working(hours: slots.Hours, block: Block, tz: ZoneInfo) -> list[Stretch]:
    """Working stretches of the days that a block touches."""
    days = (block.end.astimezone(tz).date() - block.start.astimezone(tz).date()).days + 1
    return slots.working(hours, block.start, tz, days)


def _minutes(stretches: Sequence[Stretch], within: Stretch) -> float:
    return sum(max(0.0, (min(end, within[1]) - max(start, within[0])).total_seconds() / 60) for start, end in stretches)
