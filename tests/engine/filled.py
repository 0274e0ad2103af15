"""A small real store for tests of views: a fortnight of work that is the same every time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.event import Event
from coach.core.when import to_ms
from coach.engine import activity, categories
from coach.store import events
from coach.store.db import Connection, Unlocked, connect, transaction
from coach.store.opening import fill

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 19, 14, 20, tzinfo=UTC)  # a Thursday, 15:20 in Berlin
TODAY = date(2026, 11, 19)


def empty_store(folder: Path) -> tuple[Connection, Unlocked]:
    unlocked = Unlocked(folder / "coach.db", bytes(range(32)), "test")
    fill(unlocked, NOW)
    return connect(unlocked), unlocked


def lived(
    db: Connection, start: datetime, minutes: float, app: str, title: str = "", url: str = "", project: str = "",
    config: Config | None = None,
) -> None:
    """One source event, without deriving the timeline; `derive` does that."""
    rules = categories.load(db, config or Config())
    with transaction(db):
        bucket = events.bucket(db, "x11", events.BUCKET_TYPES["window"], start)
        context = events.context(db, app, title, url, project, rules.categorise)
        event = Event(start, start + timedelta(minutes=minutes), "x11", app, title, url, project)
        events.insert(db, bucket, event, context)


def derive(db: Connection, first: datetime, last: datetime, config: Config | None = None) -> None:
    rules = categories.load(db, config or Config())
    activity.rebuild(db, to_ms(first), to_ms(last), rules, BERLIN)
    activity.roll(db, rules, last)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def fortnight(db: Connection) -> None:
    """Weekdays: code 9 to 12 with a chat every hour, mail at 13, news at 14; today until 15:20."""
    for back in range(13, -1, -1):
        day = TODAY - timedelta(days=back)
        if day.weekday() > 4:
            continue
        for hour in (9, 10, 11):
            lived(db, at(day, hour), 50, "nvim", "main.py", project="coach")
            lived(db, at(day, hour, 50), 10, "slack", "general")
        lived(db, at(day, 13), 30, "thunderbird", "Inbox")
        lived(db, at(day, 14), 20, "firefox", "News", url="https://news.ycombinator.com/item")
        if day == TODAY:
            lived(db, at(day, 15), 20, "nvim", "views.py", project="coach")
    derive(db, at(TODAY - timedelta(days=14), 0), NOW)
