"""How far the plan reaches that is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.instance import MOST_DAYS
from coach.core.when import start_of
from coach.store import blocks
from coach.store.db import Connection


def shown_days(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> int:
    """Days from today on that the plan which is shown was made for, and at least up to its last block; the setting `plan.days`
    where there is none."""
    today = now.astimezone(tz).date()
    kept = blocks.shown(db)
    last = blocks.last_start(db, start_of(today, tz).astimezone(UTC))
    ends = (last.astimezone(tz).date() if last else None, kept[1] if kept else None)
    reach = [(day - today).days + 1 for day in ends if day is not None and day >= today]
    return min(MOST_DAYS, max(reach, default=max(1, config.plan.days)))


def days_ahead(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> int:
    """The same, but no fewer than the setting says."""
    return max(1, config.plan.days, shown_days(db, config, now, tz))
