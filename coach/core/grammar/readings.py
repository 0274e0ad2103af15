"""From the fields of a moment to dates and times: the documented reading of everything vague.

A weekday is the next such day, today included until its time is past ("Call mum friday" on a friday is today, "friday 9am"
at 10 a week later); behind Taskwarrior's colon, after "wait" and after "until" it is never today. "next friday" lies in the
next calendar week; "friday next week" too.
A day without a year is the next such day from today on; 29 February waits for a leap year, the 31st for a month that has one.
A bare time is today, or tomorrow once it is past. Midnight ends the day it stands beside. End of day is 23:59.
A time in a daylight-saving gap moves forward by the gap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from coach.core.grammar.clock import Clock
from coach.core.grammar.clock_ranges import aligned
from coach.core.grammar.dates import Fields
from coach.core.grammar.days_named import Days, days_of
from coach.core.grammar.durations import shift
from coach.core.grammar.moments import Found
from coach.core.grammar.vocabulary import PARTS
from coach.core.record import Record
from coach.core.when import Moment, resolve

_END_OF_DAY = time(23, 59)
_ANY = ("clock", "clock_end", "part")
_WEEKDAY = frozenset(("weekday", *_ANY))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reading(Record):
    """When something is due (`end`) and, for a stretch of time, from when on (`start`). Aware datetimes or dates."""

    end: Moment
    start: Moment | None = None


def read(found: Found, now: datetime, tz: ZoneInfo) -> Reading | None:
    """The reading at the wall time `now` (naive, in tz); None where no such day exists."""
    try:
        # "between eight and now": the eight that has been.
        until_now = found.end is not None and "exact" in found.end and not found.fields.keys() - set(_ANY)
        past = {"rel": 0, "past": True} if until_now else {}
        first = _resolve({**past, **found.fields}, now, tz)
        if found.end is None:
            return first
        return _range(found, first, now, tz)
    except (ValueError, OverflowError):
        return None


def later(found: Found) -> Found:
    """The same moment, but a weekday is never today."""
    weekday = "weekday" in found.fields and found.fields.keys() <= _WEEKDAY
    return replace(found, fields={**found.fields, "weeks": 0}) if weekday else found


def read_fields(fields: Fields, now: datetime, tz: ZoneInfo) -> Reading | None:
    return read(Found(fields, None, 0, 0), now, tz)


def _range(found: Found, first: Reading, now: datetime, tz: ZoneInfo) -> Reading:
    end = found.end or {}
    start = first.start if first.start is not None else first.end
    base = start.date() if isinstance(start, datetime) else start
    if end.keys() <= {"clock", "part"}:
        anchor = datetime.combine(base, time())
        last = _combine(Days(base), end, anchor, tz).end
    else:
        since = datetime.combine(base, time()) if not end.keys() & {"exact", "rel", "period"} else now
        last = _resolve(end, since, tz).end
        if end.keys() == {"weekday"} and last == base:
            last = base + timedelta(days=7)
    if isinstance(start, datetime) != isinstance(last, datetime) and not isinstance(last, datetime):
        last = resolve(datetime.combine(last, _END_OF_DAY), tz)
    if isinstance(start, datetime) and isinstance(last, datetime) and last < start and "exact" not in end:
        last = resolve(last.replace(tzinfo=None) + timedelta(days=1), tz)
    if isinstance(last, datetime) and not isinstance(start, datetime):
        start = resolve(datetime.combine(start, time()), tz)
    return Reading(last, start)


def _resolve(fields: Fields, now: datetime, tz: ZoneInfo) -> Reading:
    days = days_of(fields, now, tz)
    if days is None:
        return _undated(fields, now, tz)
    reading = _on(days, fields, now, tz)
    if days.first == now.date() and fields.keys() <= _WEEKDAY and _over(reading, fields, now, tz):
        return _on(Days(days.first + timedelta(days=7)), fields, now, tz)
    return reading


def _over(reading: Reading, fields: Fields, now: datetime, tz: ZoneInfo) -> bool:
    """Whether a time of today has begun, or a part of the day has ended."""
    begins = reading.end if "clock" not in fields or reading.start is None else reading.start
    return isinstance(begins, datetime) and _naive(begins, tz) <= now


def _on(days: Days, fields: Fields, now: datetime, tz: ZoneInfo) -> Reading:
    """The reading on known days."""
    if "span" in fields:
        last = shift(datetime.combine(days.first, time()), fields["span"]).date() - timedelta(days=1)
        days = Days(days.first, last)
    if days.utc is not None and "clock" not in fields:
        return Reading(days.utc.astimezone(tz))
    if days.at is not None and "clock" not in fields:
        began = None if days.began is None else resolve(days.began, tz)
        return Reading(resolve(days.at, tz), began)
    if "clock" not in fields and "part" not in fields:
        return Reading(days.last, days.first) if days.last is not None and days.last != days.first else Reading(days.first)
    return _combine(days, fields, now, tz)


def _undated(fields: Fields, now: datetime, tz: ZoneInfo) -> Reading:
    """A time alone: today, or tomorrow once it is past."""
    today = _combine(Days(now.date()), fields, now, tz)
    begins = today.start if "clock_end" in fields and today.start is not None else today.end
    # Compared as wall times: at the end of summer time an hour happens twice, and the second is still "past".
    if _naive(begins, tz) <= now:
        return _combine(Days(now.date() + timedelta(days=1)), fields, now, tz)
    return today


def _naive(moment: Moment, tz: ZoneInfo) -> datetime:
    return moment.astimezone(tz).replace(tzinfo=None) if isinstance(moment, datetime) else datetime.combine(moment, time())


def _combine(days: Days, fields: Fields, now: datetime, tz: ZoneInfo) -> Reading:
    """A day with its time, range of times, or part of the day."""
    name = fields.get("part")
    value: Clock | None = fields.get("clock")
    if value is None:
        return _part(days.first, name or "night", tz)
    last: Clock | None = fields.get("clock_end")
    if last is not None:
        value, last = aligned(value, last, name)
    start = plain = _at(days.first, value, name, tz)
    if fields.get("rel") == 0 and "past" not in fields and _naive(start, tz) <= now:
        start = _later_today(days.first, value, name, now, tz, start)
    if last is None:
        return Reading(start)
    end = _at(days.first, last, name, tz)
    if start != plain and last.half == "" and end <= start:
        end = resolve(end.replace(tzinfo=None) + timedelta(hours=12), tz)
    if end <= start:
        end = resolve(end.replace(tzinfo=None) + timedelta(days=1), tz)
    return Reading(end, start)


def _later_today(day: date, value: Clock, name: str | None, now: datetime, tz: ZoneInfo, start: datetime) -> datetime:
    """Today's time when it is past: the afternoon hour if that was left open, tonight's small hours after midnight."""
    if value.half == "" and value.hour < 12 and name != "morning":
        later = resolve(start.replace(tzinfo=None) + timedelta(hours=12), tz)
        if later.date() == day and _naive(later, tz) > now:
            return later
    if name == "tonight" and value.hour24(name) < 6 and now.hour >= 6:
        return resolve(start.replace(tzinfo=None) + timedelta(days=1), tz)
    if name == "morning" and value.hour24(name) == 0:
        return resolve(start.replace(tzinfo=None) + timedelta(days=1), tz)
    return start


def _at(day: date, value: Clock, name: str | None, tz: ZoneInfo) -> datetime:
    hour = value.hour24(name)
    midnight = hour == 24
    wall = datetime.combine(day + timedelta(days=int(midnight) + value.days), value.time(name))
    if value.zone_min is not None:
        return wall.replace(tzinfo=timezone(timedelta(minutes=value.zone_min))).astimezone(tz)
    return resolve(wall, tz)


def _part(day: date, name: str, tz: ZoneInfo) -> Reading:
    first, last = PARTS["night" if name == "tonight" else name]
    end = datetime.combine(day, _END_OF_DAY if last == 24 else time(last))
    return Reading(resolve(end, tz), resolve(datetime.combine(day, time(first)), tz))


