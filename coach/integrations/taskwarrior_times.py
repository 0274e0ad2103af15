"""Taskwarrior's times, "20260110T231200Z", in the store's forms: looked up by day and hour, of which many tasks have few.

An import reads three or four of them for each task. As a datetime that is made and written one takes five times as long."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

_HOURS = {f"T{hour:02}": f"T{hour:02}" for hour in range(24)}
_MINUTES = {f"{at // 60:02}{at % 60:02}Z": f":{at // 60:02}:{at % 60:02}Z" for at in range(3600)}
"""Minutes and seconds as Taskwarrior writes them, and as the store does."""
_LAST_SECOND = timedelta(minutes=59, seconds=59)


def quick_stored(text: Any) -> str | None:
    """"20260110T231200Z" as the store writes it, without a detour; None for anything else."""
    try:
        return _day(text[:8]) + _HOURS[text[8:11]] + _MINUTES[text[11:]]  # type: ignore[operator]
    except (KeyError, TypeError):
        return None


@lru_cache(maxsize=4096)
def _day(text: str) -> str | None:
    """"20260110" as "2026-01-10"; None for a day that there is not."""
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 8 and text.isascii() and text.isdecimal() else None
    except ValueError:
        return None


def quick_wall(text: Any, tz: ZoneInfo, whole_days: bool) -> str | None:
    """What `wall` says of "20260110T231200Z"; None where that takes more than looking up its hour."""
    try:
        hour, rest = _local_hour(text[:11], tz), _MINUTES[text[11:]]
    except (KeyError, TypeError):
        return None
    if hour is None:
        return None
    if rest == ":00:00Z" and whole_days and hour[10:] == "T00":
        return hour[:10]
    return hour + (rest[:3] if rest[4:] == "00Z" else rest[:6])


@lru_cache(maxsize=1 << 14)
def _local_hour(text: str, tz: ZoneInfo) -> str | None:
    """"20260110T23" on the clock of a zone: "2026-01-11T00". None where the zone is no whole hours off, or changes its clock
    in that hour, or shows the hour twice and means the other one."""
    try:
        first = datetime.fromisoformat(text + "0000Z")
        begin, end = first.astimezone(tz), (first + _LAST_SECOND).astimezone(tz)
    except (ValueError, OverflowError):
        return None
    if len(text) != 11 or begin.fold or end.fold or begin.minute or begin.second or begin.utcoffset() != end.utcoffset():
        return None
    return begin.isoformat()[:13]
