"""The first occurrence of a recurrence: the day and time on which its series starts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coach.core.grammar.durations import add_months
from coach.core.grammar.readings import read_fields
from coach.core.grammar.rule import Repeat, matches
from coach.core.grammar.vocabulary import EVERY_PART
from coach.core.when import Moment, resolve

_SEARCH_DAYS = 366 * 9
_STEP_S = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600}


def first_due(rule: Repeat, start: Moment | None, now: datetime, tz: ZoneInfo) -> tuple[Moment, Moment | None]:
    """The first due at or after `start` (or now), and its scheduled start where a range of times was given."""
    if rule.literal:
        return start if start is not None else now.date(), None
    if rule.times:
        begins = [first_due(replace(rule, clock=clock, times=[]), start, now, tz)[0] for clock in rule.times]
        return min(begins, key=lambda m: _instant(m, tz)), None
    if rule.freq in _STEP_S and rule.clock is None:
        return _stepped(rule, start, now, tz), None
    day = start.date() if isinstance(start, datetime) else start or now.date()
    at = _time(rule, start)
    if start is None and at is not None and datetime.combine(day, at) < now and rule.plain:
        day = _period_on(rule, day)
    found = _matching(rule, day, at, now if start is None else None)
    if at is None:
        return found, None
    if rule.clock is None or rule.clock_end is None:
        return resolve(datetime.combine(found, at), tz), None
    fields = {"clock": rule.clock, "clock_end": rule.clock_end, "month": found.month, "dom": found.day, "year": found.year}
    reading = read_fields(fields, now, tz)
    return (reading.end, reading.start) if reading else (resolve(datetime.combine(found, at), tz), None)


def _instant(moment: Moment, tz: ZoneInfo) -> datetime:
    return moment if isinstance(moment, datetime) else resolve(datetime.combine(moment, time()), tz)


def _time(rule: Repeat, start: Moment | None) -> time | None:
    if rule.clock is not None:
        return rule.clock.time(rule.part)
    if rule.part is not None:
        return time(EVERY_PART.get(rule.part.split()[-1], 9))
    return start.time() if isinstance(start, datetime) else None


def _stepped(rule: Repeat, start: Moment | None, now: datetime, tz: ZoneInfo) -> Moment:
    if isinstance(start, datetime):
        return start
    if start is not None:
        return resolve(datetime.combine(start, time()), tz)
    step = timedelta(seconds=_STEP_S[rule.freq] * rule.interval)
    return resolve((now + step).replace(microsecond=0), tz)


def _period_on(rule: Repeat, day: date) -> date:
    """One whole period later (a plain "weekly 6am", typed at noon, starts next week)."""
    if rule.freq in ("DAILY", "WEEKLY"):
        return day + timedelta(days=rule.interval * (7 if rule.freq == "WEEKLY" else 1))
    return add_months(day, rule.interval * (12 if rule.freq == "YEARLY" else 1))


def _matching(rule: Repeat, day: date, at: time | None, now: datetime | None) -> date:
    """The first day on or after `day` that the rule names, its time not yet past; `day` where none comes in nine years."""
    candidates = _with_setpos(rule, day) if rule.bysetpos else (day + timedelta(days=n) for n in range(_SEARCH_DAYS))
    excepted = {d.date() if isinstance(d, datetime) else d for d in rule.bounds.except_days}
    for candidate in candidates:
        if now is not None and at is not None and datetime.combine(candidate, at) < now:
            continue
        if candidate not in excepted and (rule.bysetpos or matches(rule, candidate)):
            return candidate
    return day


def _with_setpos(rule: Repeat, day: date) -> list[date]:
    """The days that BYSETPOS picks in this and the next twelve months."""
    picked: list[date] = []
    first = day.replace(day=1)
    for n in range(13):
        month = add_months(first, n)
        following = add_months(first, n + 1)
        days = [month + timedelta(days=k) for k in range((following - month).days)]
        fits = [d for d in days if matches(rule, d)]
        chosen = [fits[p - 1 if p > 0 else p] for p in rule.bysetpos if -len(fits) <= p <= len(fits)]
        picked += sorted(d for d in chosen if d >= day)
    return picked
