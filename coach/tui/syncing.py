"""Synchronising calendars from the app: in a thread of its own, because servers may take their time."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from coach.core.errors import CoachError

if TYPE_CHECKING:
    from coach.engine.calendars import CalendarRow
    from coach.tui.app import CoachApp


def sync_calendars(app: CoachApp) -> None:
    """Read all calendars again, bring blocks and calendars together, and say how it went."""
    app.notify("reading the calendars", markup=False)
    app.run_worker(lambda: _run(app), thread=True, group="calendars", exclusive=True)


def _run(app: CoachApp) -> None:
    from coach.engine import block_feed, calendars, clock

    runtime = app.runtime
    try:
        with closing(runtime.connect()) as db:
            found = calendars.sync(db, clock.now(), app.tz, config=runtime.config)
            block_feed.follow(db, runtime.config, clock.now())
            news = calendars.news(db)
    except CoachError as error:
        app.call_from_thread(app.notify, f"{error.message}; {error.hint}", severity="error", timeout=10, markup=False)
        return
    for one in reversed(news):
        app.call_from_thread(app.notify, str(one["text"]), timeout=20, markup=False)
    failed = [row for row in found if row.read.failed]
    for row in failed:
        words = f"{row.calendar.name}: {'; '.join(row.read.problems[:2])}"
        app.call_from_thread(app.notify, words, severity="warning", timeout=10, markup=False)
    if not failed:
        app.call_from_thread(app.notify, _words(found), markup=False)


def _words(found: list[CalendarRow]) -> str:
    if not found:
        return "no calendars yet; `coach calendar add` takes a file, a folder, a feed or a CalDAV account"
    events = sum(row.events for row in found)
    return f"{len(found)} calendar{'' if len(found) == 1 else 's'} read, {events} event{'' if events == 1 else 's'}"
