"""Instants, wall times and days. Pure: `now` is always an argument.

Inside Coach an instant is an aware UTC datetime (or integer milliseconds since the epoch in the event tables).
A time that a person typed for a task is an aware datetime in the task's IANA zone, or a plain `date` for a whole day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coach.core.errors import InvalidInput

Moment: TypeAlias = datetime | date
"""A wall time in its zone (aware datetime) or a whole day (date)."""

DAY_START = time(4, 0)
"""Default start of the logical day; see `TimeConfig.day_start`."""

FIRST_YEAR, LAST_YEAR = 1970, 2200
"""The years of which time can be told or asked: inside them every day has a week, a month and neighbours in every zone."""

M = TypeVar("M", bound=date)


def in_range(moment: M, text: str) -> M:
    """The moment, which `text` said. Raises InvalidInput outside FIRST_YEAR to LAST_YEAR."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InvalidInput(f"{text} is out of range", f"from {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises InvalidInput for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(f"unknown time zone {name!r}", "use an IANA name such as Europe/Berlin") from error


def to_ms(instant: datetime) -> int:
    """Milliseconds since the epoch, truncated (as ActivityWatch does)."""
    delta = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def from_ms(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def iso(moment: Moment | None) -> str | None:
    """JSON form: `YYYY-MM-DD` for a day, ISO 8601 UTC with Z for an instant (milliseconds only when there are any)."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        return moment.isoformat()
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond >= 1000 else "seconds") + "Z"


def parse_iso(text: str, tz: tzinfo = UTC) -> datetime:
    """An instant from ISO 8601; a text without an offset is read in `tz`. Raises InvalidInput."""
    try:
        parsed = datetime.fromisoformat(text)
        return parsed if parsed.tzinfo else resolve(parsed, tz)
    except (ValueError, OverflowError) as error:  # the first and the last day that there is have no time zones
        raise InvalidInput(f"not an ISO 8601 time: {text!r}", "for example 2026-11-21T09:00:00Z") from error


def resolve(wall: datetime, tz: tzinfo) -> datetime:
    """A naive wall time as an aware one. A time inside a daylight-saving gap moves forward by the gap's length;
    an ambiguous one is read as the first (fold=0)."""
    aware = wall.replace(tzinfo=tz, fold=0)
    round_trip = aware.astimezone(UTC).astimezone(tz)
    return aware if round_trip.replace(tzinfo=None) == wall else round_trip


def wall_text(moment: Moment) -> str:
    """Storage form: the wall time without offset, `YYYY-MM-DDTHH:MM[:SS]`, or the date."""
    if not isinstance(moment, datetime):
        return moment.isoformat()
    naive = moment.replace(tzinfo=None)
    return naive.isoformat(timespec="seconds" if naive.second else "minutes")


def parse_wall(text: str, tz: tzinfo) -> Moment:
    """The inverse of `wall_text`."""
    if len(text) == 10:
        return date.fromisoformat(text)
    return resolve(datetime.fromisoformat(text), tz)


def start_of(moment: Moment, tz: tzinfo) -> datetime:
    """The instant at which a moment begins: itself, or midnight of the day in `tz`."""
    return moment if isinstance(moment, datetime) else resolve(datetime.combine(moment, time()), tz)


def end_of(moment: Moment, tz: tzinfo) -> datetime:
    """The instant at which a moment is over: itself, or the next midnight in `tz`."""
    return moment if isinstance(moment, datetime) else start_of(moment + timedelta(days=1), tz)


def logical_day(instant: datetime, tz: tzinfo, day_start: time = DAY_START) -> date:
    """The day an instant belongs to, when days begin at `day_start` local time."""
    local = instant.astimezone(tz)
    return local.date() - timedelta(days=1) if local.time() < day_start else local.date()


def day_bounds(day: date, tz: tzinfo, day_start: time = DAY_START) -> tuple[datetime, datetime]:
    """Start and end (UTC) of a logical day; 23 to 25 hours long around daylight-saving changes."""
    start = resolve(datetime.combine(day, day_start), tz)
    end = resolve(datetime.combine(day + timedelta(days=1), day_start), tz)
    return start.astimezone(UTC), end.astimezone(UTC)
