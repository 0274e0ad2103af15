"""A recurrence as it was written: the parts of an RRULE, a time of day, and bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from coach.core.grammar.bounds import Bounds
from coach.core.grammar.clock import Clock
from coach.core.grammar.vocabulary import CODES

WORKDAYS = [(0, d) for d in range(5)]
WEEKEND = [(0, 5), (0, 6)]


@dataclass(slots=True, eq=False, repr=False)
class Repeat:
    """A recurrence as it was written: the parts of an RRULE, a time of day, and bounds."""

    freq: str = ""
    interval: int = 1
    byday: list[tuple[int, int]] = field(default_factory=list)
    """(nth, weekday), nth 0 for every one."""
    bymonthday: list[int] = field(default_factory=list)
    bymonth: list[int] = field(default_factory=list)
    bysetpos: list[int] = field(default_factory=list)
    byyearday: list[int] = field(default_factory=list)
    byweekno: list[int] = field(default_factory=list)
    clock: Clock | None = None
    clock_end: Clock | None = None
    times: list[Clock] = field(default_factory=list)
    """All times of a day that has several; `clock` is the first."""
    part: str | None = None
    completion: bool = False
    literal: str = ""
    """An RRULE that was written as such, with its EXDATE line; it is kept verbatim."""
    bounds: Bounds = field(default_factory=Bounds)

    def text(self, until: date | None) -> str:
        """The RRULE, and EXDATE on a second line where days were excepted."""
        if self.literal:
            return self.literal
        parts = [f"FREQ={self.freq}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        for name, values in (("BYMONTH", self.bymonth), ("BYWEEKNO", self.byweekno), ("BYYEARDAY", self.byyearday),
                             ("BYMONTHDAY", self.bymonthday)):
            if values:
                parts.append(f"{name}={','.join(map(str, values))}")
        if self.byday:
            parts.append("BYDAY=" + ",".join(f"{nth or ''}{CODES[day]}" for nth, day in self.byday))
        parts += [f"{name}={','.join(map(str, values))}" for name, values in self._by_times()]
        if self.bysetpos:
            parts.append("BYSETPOS=" + ",".join(map(str, self.bysetpos)))
        if self.bounds.count:
            parts.append(f"COUNT={self.bounds.count}")
        elif until:
            parts.append(f"UNTIL={until:%Y%m%d}")
        lines = [";".join(parts)]
        if self.bounds.except_days:
            lines.append("EXDATE:" + ",".join(f"{d:%Y%m%dT%H%M%S}" if isinstance(d, datetime) else f"{d:%Y%m%d}"
                                              for d in self.bounds.except_days))
        return "\n".join(lines)

    def _by_times(self) -> list[tuple[str, list[int]]]:
        """Several times a day: BYHOUR; with BYMINUTE, and BYSETPOS for those hours and minutes that are meant."""
        at = sorted({(clock.hour24(self.part) % 24, clock.minute) for clock in self.times})
        hours, minutes = sorted({hour for hour, _ in at}), sorted({minute for _, minute in at})
        if len(at) < 2:
            return []
        if len(minutes) == 1:
            return [("BYHOUR", hours)]
        grid = [(hour, minute) for hour in hours for minute in minutes]
        parts = [("BYHOUR", hours), ("BYMINUTE", minutes)]
        return parts if len(at) == len(grid) else [*parts, ("BYSETPOS", [grid.index(time) + 1 for time in at])]

    @property
    def plain(self) -> bool:
        """Whether the rule is a frequency alone, which the start date completes."""
        return not (self.byday or self.bymonthday or self.bymonth or self.byyearday or self.byweekno or self.bysetpos)


def matches(rule: Repeat, day: date) -> bool:
    """Whether a day satisfies the BY parts of a rule, set positions aside."""
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    if rule.bymonth and day.month not in rule.bymonth:
        return False
    if rule.bymonthday and day.day not in rule.bymonthday and day.day - last.day - 1 not in rule.bymonthday:
        return False
    if rule.byyearday and day.timetuple().tm_yday not in rule.byyearday:
        return False
    if rule.byweekno and day.isocalendar()[1] not in rule.byweekno:
        return False
    if not rule.byday:
        return True
    from_start, from_end = (day.day - 1) // 7 + 1, -((last.day - day.day) // 7 + 1)
    return any(d == day.weekday() and nth in (0, from_start, from_end) for nth, d in rule.byday)


def never(rule: Repeat) -> bool:
    """Whether no year has such a day: 30 february, 31 april."""
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
    days = [(month, abs(day)) for month in rule.bymonth for day in rule.bymonthday]
    return bool(days) and all(day > longest.get(month, 31) for month, day in days)
