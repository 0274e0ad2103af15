"""Good moments to put a task off to."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core.when import Moment, resolve

EVENING = time(18, 0)


def choices(config: Config, now: datetime, tz: ZoneInfo) -> tuple[tuple[str, Moment], ...]:
    """What the snooze picker offers, soonest first, as (words, moment). Mornings are when work starts."""
    local = now.astimezone(tz)
    morning = clock(config.time.work_start)

    def at(days: int, when: time) -> datetime:
        return resolve(datetime.combine(local.date() + timedelta(days=days), when), tz)

    found: list[tuple[str, Moment]] = [("in an hour", _rounded(local + timedelta(hours=1), tz))]
    if local.hour < 15:
        found.append(("in three hours", _rounded(local + timedelta(hours=3), tz)))
    if local.time() < time(17, 0):
        found.append(("this evening", at(0, EVENING)))
    found.append(("tomorrow morning", at(1, morning)))
    if local.weekday() < 4:
        found.append(("this weekend", at(5 - local.weekday(), morning)))
    found.append(("next week", at(7 - local.weekday(), morning)))
    found.append(("in a month", at(30, morning)))
    return tuple(found)


def _rounded(moment: datetime, tz: ZoneInfo) -> datetime:
    """Down to five minutes."""
    return resolve(moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0, tzinfo=None), tz)
