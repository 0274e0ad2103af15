"""How far the plan reaches that is shown."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.instance import MOST_DAYS
from coach.store import blocks
from coach.store.db import Connection


def shown_days(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> int:
    """Days from today on that the plan which is shown was made for, and at least up to its last block; the setting `plan.days`
    where there is none."""
    today = now.astimezone(tz).date()
    kept = blocks.shown(db)
    last = [b.start.astimezone(tz).date() for status in ("accepted", "proposed") for b in blocks.with_status(db, status)]
    reach = [(day - today).days + 1 for day in (*last, *([kept[1]] if kept and kept[1] else [])) if day >= today]
    return min(MOST_DAYS, max(reach, default=max(1, config.plan.days)))


def days_ahead(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> int:
    """The same, but no fewer than the setting says."""
    return max(1, config.plan.days, shown_days(db, config, now, tz))
