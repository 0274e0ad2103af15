"""From the fields of a moment to the day or days that they name: the next friday, the last day of may, the week of july 23."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coach.core.grammar.dates import Fields
from coach.core.grammar.durations import Duration, add_months, days_in_month, shift
from coach.core.grammar.holidays import holiday, nth_weekday
from coach.core.record import Record
from coach.core.when import resolve

_END_OF_DAY = time(23, 59)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Days(Record):
    """A day, the first and last of several, or an exact time (`at` in wall time, `utc` where real seconds were counted)."""

    first: date
    last: date | None = None
    at: datetime | None = None
    began: datetime | None = None
    utc: datetime | None = None


class Impossible(ValueError):
    """No such day."""


def days_of(f: Fields, now: datetime, tz: ZoneInfo) -> Days | None:
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
        return Days(monday + timedelta(days=5 if f["whole_week"] == "weekend" else 0), monday + timedelta(days=6))
    if "near" in f:
        weekday, anchor = f["near"]
        near = _anchor(anchor, now, tz)
        return Days(near + timedelta(days=(weekday - near.weekday() + 3) % 7 - 3))
    if "quarter" in f:
        quarter = date(f["year"], f["quarter"] * 3 - 2, 1)
        return Days(quarter, add_months(quarter, 3) - timedelta(days=1))
    if "edge" in f:
        return _edge(f, today)
    if "holiday" in f and "period" in f:
        return _calendar({"holiday": f["holiday"], "year": today.year + f["period"][1]}, today)
    if "period" in f and (f["period"][0] == "year" or not ("month" in f and "dom" in f)):
        return _period(f, today)
    if "week" in f:
        return _week(f, today)
    if f.keys() & {"month", "dom", "year", "nth", "holiday", "yearday"}:
        return _calendar(f, today)
    if "rel" in f:
        return Days(today + timedelta(days=f["rel"]))
    if "weekday" in f:
        start = _anchor(f["after"], now, tz) if "after" in f else today
        return Days(start + timedelta(days=_days_until(f, start)))
    return None


def _days_until(f: Fields, today: date) -> int:
    """Days until a weekday: none on that day itself, unless weeks are counted ("monday after next", "last monday")."""
    ahead: int = (f["weekday"] - today.weekday()) % 7
    if "weeks" not in f:
        return ahead
    return (ahead or (7 if f["weeks"] >= 0 else 0)) + 7 * int(f["weeks"])


def _exact(length: Duration, now: datetime, tz: ZoneInfo) -> Days:
    """Now, moved by real seconds, so that three hours are three hours on the day the clocks change."""
    moved = shift(now, Duration(length.months, length.days))
    instant = (resolve(moved, tz).astimezone(UTC) + timedelta(seconds=length.seconds)).replace(microsecond=0)
    return Days(instant.astimezone(tz).date(), utc=instant)


def _offset(f: Fields, now: datetime, tz: ZoneInfo) -> Days:
    length, sign, anchor = f["offset"]
    if anchor is None and not length.whole_days:
        signed = Duration().plus(length, sign)
        return _exact(signed, now, tz)
    yearly = anchor is not None and ("holiday" in anchor or "dom" in anchor) and "year" not in anchor
    # "A year after christmas" counts from the last one.
    since = shift(now, Duration(months=12), -1) if yearly and sign > 0 and length.months >= 12 else now
    base = now if anchor is None else datetime.combine(_anchor(anchor, since, tz), time())
    moved = shift(base, length, sign)
    if not length.whole_days:
        return Days(moved.date(), at=moved)
    day = moved.date()
    if "weekday" in f:
        monday = day - timedelta(days=day.weekday())
        same_week = monday + timedelta(days=f["weekday"])
        day = same_week if not length.months else day + timedelta(days=(f["weekday"] - day.weekday()) % 7)
    return Days(day)


def _anchor(fields: Fields, now: datetime, tz: ZoneInfo) -> date:
    days = days_of(fields, now, tz)
    if days is None:
        raise Impossible
    return days.first


def _count(length: Duration, sign: int, from_now: bool, now: datetime) -> Days:
    """The next n units: from tomorrow (or the next business day) on, or from now on for hours and minutes."""
    moved = shift(now, length, sign)
    if length.seconds:
        began, end = sorted((now, moved))
        return Days(end.date(), at=end, began=began)
    if sign < 0:
        return Days(moved.date(), now.date())
    first = now if from_now else shift(now, Duration(business_days=1) if length.business_days else Duration(days=1))
    return Days(first.date(), moved.date())


def _edge(f: Fields, today: date) -> Days:
    edge, unit, ahead = f["edge"]
    if unit == "day":
        day = today + timedelta(days=ahead)
        return Days(day, at=datetime.combine(day, _END_OF_DAY if edge == "end" else time(12 if edge == "mid" else 0)))
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
        return Days(max(first, today), first.replace(day=10))
    if edge in ("end", "late"):
        return Days(max(today, last.replace(day=21)), last) if length == 1 and f.get("vague") else Days(last)
    middle = first.replace(day=15) if length == 1 else add_months(first, length // 2).replace(day=1 if length == 12 else 15)
    day = middle if edge == "mid" else first
    while day < today and not ahead:
        day = add_months(day, length if "month" not in f else 12)
    return Days(day)


def _edge_of_week(edge: str, unit: str, monday: date, today: date, ahead: int, vague: bool) -> Days:
    if edge == "end" and unit == "workweek":
        friday = monday + timedelta(days=4)
        return Days(friday if friday >= today else friday + timedelta(days=7))
    if edge == "end":
        return Days(monday + timedelta(days=4), monday + timedelta(days=6)) if vague else Days(monday + timedelta(days=6))
    if edge == "late":
        return Days(max(today, monday + timedelta(days=3)), monday + timedelta(days=6))
    if edge == "mid":
        return Days(monday + timedelta(days=2))
    if not ahead and monday < today:
        monday += timedelta(days=7)
    return Days(monday, monday + timedelta(days=2)) if vague else Days(monday)


def _period(f: Fields, today: date) -> Days:
    unit, ahead = f["period"]
    monday = today - timedelta(days=today.weekday())
    if unit in ("week", "workweek", "weekend"):
        monday += timedelta(days=7 * ahead)
        if "weekday" in f:
            return Days(monday + timedelta(days=f["weekday"]))
        first, last = {"week": (0, 6), "workweek": (0, 4), "weekend": (5, 6)}[unit]
        start = monday + timedelta(days=first)
        return Days(max(start, today) if not ahead else start, monday + timedelta(days=last))
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    start = add_months(today.replace(month=(today.month - 1) // length * length + 1, day=1), length * ahead)
    if "nth" in f:
        month = 12 if unit == "year" and f["nth"][0] < 0 else start.month
        found = _calendar({"nth": f["nth"], "month": f.get("month", month), "year": start.year}, today)
        if f.get("next") and (found.last or found.first) < today:
            return _period({**f, "period": (unit, 1)}, today)
        return found
    if "dom" in f and unit == "month":
        return _calendar({"dom": f["dom"], "month": start.month, "year": start.year}, today)
    if "month" in f:
        return _calendar({**{k: v for k, v in f.items() if k != "period"}, "year": start.year}, today)
    return Days(max(start, today) if not ahead else start, add_months(start, length) - timedelta(days=1))


def _week(f: Fields, today: date) -> Days:
    year = f.get("year") or today.isocalendar()[0]
    monday = date.fromisocalendar(year, f["week"], 1)
    if "year" not in f and monday + timedelta(days=6) < today:
        monday = date.fromisocalendar(year + 1, f["week"], 1)
    if "weekday" in f:
        return Days(monday + timedelta(days=f["weekday"]))
    return Days(monday, monday + timedelta(days=6))


def _calendar(f: Fields, today: date) -> Days:
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
    raise Impossible


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


def _in_year(f: Fields, year: int, today: date, given: bool) -> Days | None:
    if "holiday" in f:
        day = holiday(f["holiday"], year)
        return Days(day) if day and (given or day >= today) else None
    if "yearday" in f:
        day = date(year, 1, 1) + timedelta(days=f["yearday"] - 1)
        return Days(day) if given or day >= today else None
    months = [f["month"]] if "month" in f else range(1, 13) if "dom" in f or "nth" in f else None
    if months is None:
        return Days(date(year, 1, 1), date(year, 12, 31))
    for month in months:
        span = _in_month(f, year, month)
        if span and (given or (span.last or span.first) >= today):
            return span
    return None


def _in_month(f: Fields, year: int, month: int) -> Days | None:
    if "nth" in f:
        return _nth(f, year, month)
    if "dom" not in f:
        return Days(date(year, month, 1), date(year, month, days_in_month(year, month)))
    if f["dom"] > days_in_month(year, month):
        return None
    day = date(year, month, f["dom"])
    return None if "weekday" in f and "month" not in f and day.weekday() != f["weekday"] else Days(day)


def _nth(f: Fields, year: int, month: int) -> Days | None:
    nth, kind = f["nth"]
    if isinstance(kind, int):
        day = nth_weekday(year, month, kind, nth)
        return Days(day) if day else None
    if kind == "day":
        return Days(date(year, month, days_in_month(year, month)) + timedelta(days=nth + 1)) if nth < 0 else None
    if kind == "workday":
        days = [date(year, month, n) for n in range(1, days_in_month(year, month) + 1)]
        workdays = [day for day in days if day.weekday() < 5]
        return Days(workdays[nth - 1 if nth > 0 else nth]) if -len(workdays) <= nth <= len(workdays) else None
    if kind == "weekend":
        saturday = nth_weekday(year, month, 5, nth)
        return Days(saturday, saturday + timedelta(days=1)) if saturday else None
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
        return Days(monday + timedelta(days=f["weekday"]))
    return Days(monday, monday + timedelta(days=6))
