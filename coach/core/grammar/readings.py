"""From the fields of a moment to dates and times: the documented reading of everything vague.

A weekday is the next one after today; "next friday" lies in the next calendar week; "friday next week" too.
A day without a year is the next such day from today on; 29 February waits for a leap year, the 31st for a month that has one.
A bare time is today, or tomorrow once it is past. Midnight ends the day it stands beside. End of day is 23:59.
A time in a daylight-saving gap moves forward by the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from coach.core.grammar.clock import Clock, aligned
from coach.core.grammar.dates import Fields
from coach.core.grammar.durations import Duration, add_months, days_in_month, shift
from coach.core.grammar.holidays import holiday, nth_weekday
from coach.core.grammar.moments import Found
from coach.core.grammar.vocabulary import PARTS
from coach.core.when import Moment, resolve

_END_OF_DAY = time(23, 59)
_ANY = ("clock", "clock_end", "part")


@dataclass(frozen=True, slots=True)
class Reading:
    """When something is due (`end`) and, for a stretch of time, from when on (`start`). Aware datetimes or dates."""

    end: Moment
    start: Moment | None = None


@dataclass(frozen=True, slots=True)
class _Days:
    first: date
    last: date | None = None
    at: datetime | None = None
    """An exact wall time, for offsets below a day."""
    began: datetime | None = None
    utc: datetime | None = None


class _Impossible(ValueError):
    """No such day."""


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


def read_fields(fields: Fields, now: datetime, tz: ZoneInfo) -> Reading | None:
    return read(Found(fields, None, 0, 0), now, tz)


def _range(found: Found, first: Reading, now: datetime, tz: ZoneInfo) -> Reading:
    end = found.end or {}
    start = first.start if first.start is not None else first.end
    base = start.date() if isinstance(start, datetime) else start
    if end.keys() <= {"clock", "part"}:
        anchor = datetime.combine(base, time())
        last = _combine(_Days(base), end, anchor, tz).end
    else:
        since = datetime.combine(base, time()) if "exact" not in end and "rel" not in end else now
        last = _resolve(end, since, tz).end
        if "weekday" in end and end.keys() <= {"weekday"} and not isinstance(last, datetime) and (last - base).days > 7:
            last -= timedelta(days=7)
    if isinstance(start, datetime) != isinstance(last, datetime) and not isinstance(last, datetime):
        last = resolve(datetime.combine(last, _END_OF_DAY), tz)
    if isinstance(start, datetime) and isinstance(last, datetime) and last < start and "exact" not in end:
        last = resolve(last.replace(tzinfo=None) + timedelta(days=1), tz)
    if isinstance(last, datetime) and not isinstance(start, datetime):
        start = resolve(datetime.combine(start, time()), tz)
    return Reading(last, start)


def _resolve(fields: Fields, now: datetime, tz: ZoneInfo) -> Reading:
    days = _days(fields, now, tz)
    if days is None:
        return _undated(fields, now, tz)
    if "span" in fields:
        last = shift(datetime.combine(days.first, time()), fields["span"]).date() - timedelta(days=1)
        days = _Days(days.first, last)
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
    today = _combine(_Days(now.date()), fields, now, tz)
    begins = today.start if "clock_end" in fields and today.start is not None else today.end
    # Compared as wall times: at the end of summer time an hour happens twice, and the second is still "past".
    if _naive(begins, tz) <= now:
        return _combine(_Days(now.date() + timedelta(days=1)), fields, now, tz)
    return today


def _naive(moment: Moment, tz: ZoneInfo) -> datetime:
    return moment.astimezone(tz).replace(tzinfo=None) if isinstance(moment, datetime) else datetime.combine(moment, time())


def _combine(days: _Days, fields: Fields, now: datetime, tz: ZoneInfo) -> Reading:
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
    if value.half == "" and value.hour < 12:
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
    wall = datetime.combine(day + timedelta(days=int(midnight)), value.time(name))
    if value.zone_min is not None:
        return wall.replace(tzinfo=timezone(timedelta(minutes=value.zone_min))).astimezone(tz)
    return resolve(wall, tz)


def _part(day: date, name: str, tz: ZoneInfo) -> Reading:
    first, last = PARTS["night" if name == "tonight" else name]
    end = datetime.combine(day, _END_OF_DAY if last == 24 else time(last))
    return Reading(resolve(end, tz), resolve(datetime.combine(day, time(first)), tz))


def _days(f: Fields, now: datetime, tz: ZoneInfo) -> _Days | None:
    """The day or days that the fields name; None where they name none."""
    today = now.date()
    if "exact" in f:
        return _exact(f["exact"], now, tz)
    if "offset" in f:
        return _offset(f, now, tz)
    if "count" in f:
        length, sign = f["count"]
        return _count(length, sign, bool(f.get("from_now")), now)
    if "whole_week" in f:
        inner = _calendar({k: v for k, v in f.items() if k != "whole_week"}, today)
        monday = inner.first - timedelta(days=inner.first.weekday())
        return _Days(monday, monday + timedelta(days=6))
    if "edge" in f:
        return _edge(f, today)
    if "holiday" in f and "period" in f:
        return _calendar({"holiday": f["holiday"], "year": today.year + f["period"][1]}, today)
    if "period" in f and not ("month" in f and "dom" in f):
        return _period(f, today)
    if "week" in f:
        return _week(f, today)
    if f.keys() & {"month", "dom", "year", "nth", "holiday", "yearday"}:
        return _calendar(f, today)
    if "rel" in f:
        return _Days(today + timedelta(days=f["rel"]))
    if "weekday" in f:
        weeks = f.get("weeks", 0)
        ahead = (f["weekday"] - today.weekday() - 1) % 7 + 1
        if weeks < 0 and ahead == 7:
            ahead = 0
        return _Days(today + timedelta(days=ahead + 7 * weeks))
    return None


def _exact(length: Duration, now: datetime, tz: ZoneInfo) -> _Days:
    """Now, moved by real seconds, so that three hours are three hours on the day the clocks change."""
    moved = shift(now, Duration(length.months, length.days))
    instant = (resolve(moved, tz).astimezone(UTC) + timedelta(seconds=length.seconds)).replace(microsecond=0)
    return _Days(instant.astimezone(tz).date(), utc=instant)


def _offset(f: Fields, now: datetime, tz: ZoneInfo) -> _Days:
    length, sign, anchor = f["offset"]
    if anchor is None and not length.whole_days:
        signed = Duration().plus(length, sign)
        return _exact(signed, now, tz)
    base = now if anchor is None else datetime.combine(_anchor(anchor, now, tz), time())
    moved = shift(base, length, sign)
    if not length.whole_days:
        return _Days(moved.date(), at=moved)
    day = moved.date()
    if "weekday" in f:
        monday = day - timedelta(days=day.weekday())
        same_week = monday + timedelta(days=f["weekday"])
        day = same_week if not length.months else day + timedelta(days=(f["weekday"] - day.weekday()) % 7)
    return _Days(day)


def _anchor(fields: Fields, now: datetime, tz: ZoneInfo) -> date:
    days = _days(fields, now, tz)
    if days is None:
        raise _Impossible
    return days.first


def _count(length: Duration, sign: int, from_now: bool, now: datetime) -> _Days:
    """The next n units: from tomorrow (or the next business day) on, or from now on for hours and minutes."""
    moved = shift(now, length, sign)
    if length.seconds:
        began, end = sorted((now, moved))
        return _Days(end.date(), at=end, began=began)
    if sign < 0:
        return _Days(moved.date(), now.date())
    first = now if from_now else shift(now, Duration(business_days=1) if length.business_days else Duration(days=1))
    return _Days(first.date(), moved.date())


def _edge(f: Fields, today: date) -> _Days:
    edge, unit, ahead = f["edge"]
    if unit == "day":
        day = today + timedelta(days=ahead)
        return _Days(day, at=datetime.combine(day, _END_OF_DAY if edge == "end" else time(12 if edge == "mid" else 0)))
    if unit in ("week", "workweek"):
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * ahead)
        return _edge_of_week(edge, unit, monday, today, ahead, bool(f.get("vague")))
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = today.replace(day=1) if unit == "month" else today.replace(month=(today.month - 1) // length * length + 1, day=1)
    if "month" in f:
        year = f.get("year") or (today.year if f["month"] >= today.month else today.year + 1)
        first = date(year, f["month"], 1)
    first = add_months(first, length * ahead)
    last = add_months(first, length) - timedelta(days=1)
    if edge == "early":
        first = first if first.replace(day=10) >= today else add_months(first, 12)
        return _Days(max(first, today), first.replace(day=10))
    if edge in ("end", "late"):
        return _Days(max(today, last.replace(day=21)), last) if length == 1 and f.get("vague") else _Days(last)
    middle = first.replace(day=15) if length == 1 else add_months(first, length // 2).replace(day=1 if length == 12 else 15)
    day = middle if edge == "mid" else first
    while day < today and not ahead:
        day = add_months(day, length if "month" not in f else 12)
    return _Days(day)


def _edge_of_week(edge: str, unit: str, monday: date, today: date, ahead: int, vague: bool) -> _Days:
    if edge == "end" and unit == "workweek":
        friday = monday + timedelta(days=4)
        return _Days(friday if friday >= today else friday + timedelta(days=7))
    if edge == "end":
        return _Days(monday + timedelta(days=4), monday + timedelta(days=6)) if vague else _Days(monday + timedelta(days=6))
    if edge == "late":
        return _Days(max(today, monday + timedelta(days=3)), monday + timedelta(days=6))
    if edge == "mid":
        return _Days(monday + timedelta(days=2))
    if not ahead and monday < today:
        monday += timedelta(days=7)
    return _Days(monday, monday + timedelta(days=2)) if vague else _Days(monday)


def _period(f: Fields, today: date) -> _Days:
    unit, ahead = f["period"]
    monday = today - timedelta(days=today.weekday())
    if unit in ("week", "workweek", "weekend"):
        monday += timedelta(days=7 * ahead)
        if "weekday" in f:
            return _Days(monday + timedelta(days=f["weekday"]))
        first, last = {"week": (0, 6), "workweek": (0, 4), "weekend": (5, 6)}[unit]
        start = monday + timedelta(days=first)
        return _Days(max(start, today) if not ahead else start, monday + timedelta(days=last))
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    start = add_months(today.replace(month=(today.month - 1) // length * length + 1, day=1), length * ahead)
    if "nth" in f:
        return _calendar({"nth": f["nth"], "month": f.get("month", start.month), "year": start.year}, today)
    if "dom" in f and unit == "month":
        return _calendar({"dom": f["dom"], "month": start.month, "year": start.year}, today)
    if "month" in f:
        return _calendar({**{k: v for k, v in f.items() if k != "period"}, "year": start.year}, today)
    return _Days(max(start, today) if not ahead else start, add_months(start, length) - timedelta(days=1))


def _week(f: Fields, today: date) -> _Days:
    year = f.get("year") or today.isocalendar()[0]
    monday = date.fromisocalendar(year, f["week"], 1)
    if "year" not in f and monday + timedelta(days=6) < today:
        monday = date.fromisocalendar(year + 1, f["week"], 1)
    if "weekday" in f:
        return _Days(monday + timedelta(days=f["weekday"]))
    return _Days(monday, monday + timedelta(days=6))


def _calendar(f: Fields, today: date) -> _Days:
    """Days named by month, day, year, ordinal or holiday: the next one from today on where the year is left open."""
    years: Sequence[int] = [f["year"]] if "year" in f else range(today.year, today.year + 9)
    if "other" in f and "weekday" in f:
        f = _matching_weekday(f, today)
    if f.keys() >= {"weekday", "month", "dom"} and "year" not in f:
        years = _year_on_weekday(f, today) or years
    for year in years:
        found = _in_year(f, year, today, "year" in f)
        if found:
            return found
    raise _Impossible


def _year_on_weekday(f: Fields, today: date) -> list[int]:
    """This year or the next, whichever puts the day on the weekday beside it ("Fri, Jul 18")."""
    for year in (today.year, today.year + 1):
        span = _in_year(f, year, today, False)
        if span and span.first.weekday() == f["weekday"]:
            return [year]
    return []


def _matching_weekday(f: Fields, today: date) -> Fields:
    """Of the two readings of 3/4, the one that falls on the weekday beside it; the usual one where neither does."""
    month, dom = f["other"]
    plain = {k: v for k, v in f.items() if k not in ("weekday", "other")}
    turned = {**plain, "month": month, "dom": dom}
    fits = [_calendar(fields, today).first.weekday() == f["weekday"] for fields in (plain, turned)]
    return turned if fits == [False, True] else plain


def _in_year(f: Fields, year: int, today: date, given: bool) -> _Days | None:
    if "holiday" in f:
        day = holiday(f["holiday"], year)
        return _Days(day) if day and (given or day >= today) else None
    if "yearday" in f:
        day = date(year, 1, 1) + timedelta(days=f["yearday"] - 1)
        return _Days(day) if given or day >= today else None
    months = [f["month"]] if "month" in f else range(1, 13) if "dom" in f or "nth" in f else None
    if months is None:
        return _Days(date(year, 1, 1), date(year, 12, 31))
    for month in months:
        span = _in_month(f, year, month)
        if span and (given or (span.last or span.first) >= today):
            return span
    return None


def _in_month(f: Fields, year: int, month: int) -> _Days | None:
    if "nth" in f:
        return _nth(f, year, month)
    if "dom" not in f:
        return _Days(date(year, month, 1), date(year, month, days_in_month(year, month)))
    if f["dom"] > days_in_month(year, month):
        return None
    day = date(year, month, f["dom"])
    return None if "weekday" in f and "month" not in f and day.weekday() != f["weekday"] else _Days(day)


def _nth(f: Fields, year: int, month: int) -> _Days | None:
    nth, kind = f["nth"]
    if isinstance(kind, int):
        day = nth_weekday(year, month, kind, nth)
        return _Days(day) if day else None
    if kind == "day":
        return _Days(date(year, month, days_in_month(year, month)) + timedelta(days=nth + 1)) if nth < 0 else None
    if kind == "workday":
        days = [date(year, month, n) for n in range(1, days_in_month(year, month) + 1)]
        workdays = [day for day in days if day.weekday() < 5]
        return _Days(workdays[nth - 1 if nth > 0 else nth]) if -len(workdays) <= nth <= len(workdays) else None
    if kind == "weekend":
        saturday = nth_weekday(year, month, 5, nth)
        return _Days(saturday, saturday + timedelta(days=1)) if saturday else None
    first = date(year, month, 1)
    if nth < 0:
        last = date(year, month, days_in_month(year, month))
        monday = last - timedelta(days=last.weekday())
        if last.weekday() < 3:
            # A last week with most of its days in the next month is that month's first.
            monday -= timedelta(days=7)
    else:
        monday = first - timedelta(days=first.weekday()) + timedelta(days=7 * (nth - 1))
    if "weekday" in f:
        return _Days(monday + timedelta(days=f["weekday"]))
    return _Days(monday, monday + timedelta(days=6))
