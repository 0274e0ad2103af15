"""Goals: at most or at least so much time of something a day or a week. Pure: reading them from words, and how one stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from coach.core.errors import InvalidInput

Bound = Literal["at_most", "at_least"]
Period = Literal["day", "week"]
Field = Literal["category", "app", "site", "project", "focus", "all"]

NEAR = 0.8
"""From this share of its minutes on, a limit is near."""
MOST_MIN = {"day": 24 * 60, "week": 7 * 24 * 60}
EXAMPLE = 'for example "at most 30 min news a day", "at least 2h deep work per day"'


@dataclass(frozen=True, slots=True)
class Wanted:
    """A goal as it was said; `words` name what is meant, still in the person's words."""

    bound: Bound
    minutes: int
    words: str
    period: Period


@dataclass(frozen=True, slots=True)
class Goal:
    """`name` is what `field` calls it: a category with all below it, an application, a host, a project; empty for the
    time in focus categories and for all tracked time."""

    id: str
    bound: Bound
    minutes: int
    field: Field
    name: str
    period: Period

    def about(self) -> str:
        """What it is about, as a line can say it: "News", "focus", "tracked time"."""
        fixed = {"focus": "focus", "all": "tracked time", "project": f"#{self.name}"}
        return fixed.get(self.field) or self.name.rpartition(" > ")[2]

    def text(self) -> str:
        """The goal in words that `parse` reads again."""
        bound = "at most" if self.bound == "at_most" else "at least"
        hours, rest = divmod(self.minutes, 60)
        length = f"{hours}h{rest:02d}" if hours and rest else f"{hours}h" if hours else f"{rest} min"
        name = {"focus": "focus", "all": "tracked time", "project": f"#{self.name}"}.get(self.field) or self.name
        return f"{bound} {length} {name} a {self.period}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a goal stands in its running period. `due_share` is the part of the period's working time that has passed;
    `streak` counts periods kept in a row before this one, without those that nothing was tracked in; `kept` of the `n`
    periods that were looked at. `active`: what is in front counts towards it."""

    goal: Goal
    used_min: float
    due_share: float
    streak: int = 0
    kept: int = 0
    n: int = 0
    active: bool = False

    @property
    def share(self) -> float:
        return self.used_min / self.goal.minutes

    @property
    def left_min(self) -> float:
        """Minutes until the limit, or still to go; never negative."""
        return max(0.0, self.goal.minutes - self.used_min)

    @property
    def state(self) -> str:
        """A limit is ok, near (80 %) or over; an aim is met, on track or behind."""
        if self.goal.bound == "at_most":
            return "over" if self.used_min > self.goal.minutes else "near" if self.share >= NEAR else "ok"
        return "met" if self.share >= 1 else "on track" if self.share >= self.due_share else "behind"

    @property
    def on_track(self) -> bool:
        return self.state not in ("over", "behind")


_LENGTH = re.compile(
    r"(?:(?P<half>half an hour)|(?P<an>an hour)|(?P<h>\d+(?:[.,]\d+)?)\s*h(?:ours?|rs?)?(?:\s*(?:and\s+)?(?P<hm>\d+)\s*"
    r"(?:m(?:in(?:ute)?s?)?)?)?|(?P<m>\d+)\s*m(?:in(?:ute)?s?)?)(?![\w])", re.IGNORECASE,
)
_MOST = re.compile(
    r"\b(?:at most|no more than|not more than|max(?:imum)?|less than|fewer than|under|below|up to|limit(?: to)?)\b(?: of)?|<=?",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"\b(?:at least|no less than|not less than|min(?:imum)?(?=\s+\d)|more than|over|above)\b(?: of)?|>=?", re.IGNORECASE
)
_PERIOD = re.compile(
    r"(?:\b(?:a|an|per|each|every|in a|in one)\s+|/\s*)(?P<a>day|week)\b|\b(?P<b>daily|weekly)\b|\b(?P<c>today|this week)\b",
    re.IGNORECASE,
)
_FILLERS = frozenset(("of", "on", "in", "for", "with", "to", "the", "spend", "spent", "time", "i", "my", "doing"))


def parse(text: str) -> Wanted:
    """What was typed: a bound, a length, what it is about, and "a day" (the default) or "a week" in any order.

    Raises InvalidInput naming what is missing."""
    rest = " ".join(text.split())
    found = _PERIOD.search(rest)
    period: Period = "week" if found and "week" in found[0].lower() else "day"
    rest = _PERIOD.sub(" ", rest)
    least, most = _LEAST.search(rest), _MOST.search(rest)
    if most and (least is None or most.start() <= least.start()):  # "no more than" holds "more than"
        bound: Bound = "at_most"
        rest = rest[: most.start()] + " " + rest[most.end():]
    elif least:
        bound = "at_least"
        rest = rest[: least.start()] + " " + rest[least.end():]
    else:
        raise InvalidInput("is it a limit or an aim? say at most or at least", EXAMPLE)
    length = _LENGTH.search(rest)
    if length is None:
        raise InvalidInput("how long? say 30 min or 2h", EXAMPLE)
    minutes = _minutes(length)
    if not 1 <= minutes <= MOST_MIN[period]:
        raise InvalidInput(f"{minutes} minutes do not fit a {period}", "from one minute to all of it")
    words = (rest[: length.start()] + " " + rest[length.end():]).split()
    while words and words[0].lower() in _FILLERS and len(words) > 1:
        words = words[1:]
    while len(words) > 1 and words[-1].lower() in _FILLERS - {"time"}:
        words = words[:-1]
    if not words or " ".join(words).lower() in _FILLERS:
        raise InvalidInput("of what? name a category, an app, a site, a project or focus", EXAMPLE)
    return Wanted(bound, minutes, " ".join(words), period)


def period_of(day: date, period: Period, week_start: int) -> tuple[date, date]:
    """First and last day of the period that holds `day`; weeks begin on that weekday (Monday 0)."""
    if period == "day":
        return day, day
    first = day - timedelta(days=(day.weekday() - week_start) % 7)
    return first, first + timedelta(days=6)


def history(
    goal: Goal, used_s: Mapping[date, float], tracked: Mapping[date, float], today: date, since: date, week_start: int
) -> tuple[int, int, int]:
    """(streak, kept, n) of the whole periods from `since` to the one before today's. `used_s` and `tracked` are seconds by
    day; a period in which nothing was tracked says nothing and breaks nothing."""
    streak = kept = n = 0
    unbroken = True
    first, _ = period_of(today, goal.period, week_start)
    while True:
        first, last = period_of(first - timedelta(days=1), goal.period, week_start)
        if first < since:
            return streak, kept, n
        days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        if not any(tracked.get(day) for day in days):
            continue
        n += 1
        used_min = sum(used_s.get(day, 0.0) for day in days) / 60
        is_kept = used_min <= goal.minutes if goal.bound == "at_most" else used_min >= goal.minutes
        kept += is_kept
        unbroken = unbroken and is_kept
        streak += unbroken


def length_in(text: str) -> tuple[int, str] | None:
    """(minutes, the text without them) of the first length of time in a text: 1h, 1h30, 45 min, half an hour."""
    found = _LENGTH.search(text)
    return (_minutes(found), f"{text[: found.start()]} {text[found.end():]}") if found else None


def _minutes(length: re.Match[str]) -> int:
    if length["half"]:
        return 30
    if length["an"]:
        return 60
    if length["m"]:
        return int(length["m"])
    return round(float(length["h"].replace(",", ".")) * 60) + int(length["hm"] or 0)
