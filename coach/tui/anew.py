"""Planning anew by itself: where the plan that is shown no longer holds and only proposals are touched, now and then, and never
under the person's hands."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Any

from coach.core.errors import CoachError
from coach.engine import outdated
from coach.engine.outdated import Anew, Outdated

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

SETTLE_S = 3.0
"""s from when the plan is seen to be outdated until it is made anew: whoever does one thing often does the next."""
EVERY_S = 180.0
"""s between two plans that nobody asked for."""
REST_S = 60.0
"""s after the person's last key on a block."""


@dataclass(slots=True)
class Unasked:
    """When a plan was last made unasked, and when the person last had a hand on a block, on the monotonic clock; `stop` ends the
    search that goes on."""

    last_s: float = float("-inf")
    touched_s: float = float("-inf")
    waiting: bool = False
    stop: Event = field(default_factory=Event)

    def touch(self) -> None:
        """The person decides on blocks, or plans themselves."""
        self.touched_s = time.monotonic()
        self.stop.set()


def follow(app: CoachApp, found: Outdated) -> None:
    """A screen shows a plan of which that no longer holds."""
    if found.unasked and not app.unasked.waiting and _may(app):
        app.unasked.waiting = True
        app.set_timer(SETTLE_S, lambda: _begin(app))


def _may(app: CoachApp) -> bool:
    """Whether the setting allows it, no dialog is open, and both the last plan and the last key are long enough ago."""
    if app.ending or app.runtime.config.plan.replan != "auto" or app.screen is not app.page:
        return False
    now_s = time.monotonic()
    return now_s - app.unasked.last_s >= EVERY_S and now_s - app.unasked.touched_s >= REST_S


def _begin(app: CoachApp) -> None:
    app.unasked.waiting = False
    if _may(app):
        app.unasked.last_s = time.monotonic()
        app.unasked.stop = Event()
        app.run_worker(_anew(app, app.unasked.stop), group="unasked")


async def _anew(app: CoachApp, stop: Event) -> None:
    config, tz = app.runtime.config, app.tz

    def search(db: Any, now: datetime) -> Anew | None:
        found = outdated.outdated(db, config, now, tz)
        return outdated.anew(db, config, now, tz, cancelled=stop.is_set) if found.unasked else None

    try:
        found = await asyncio.wrap_future(app.begin_thinking(search))
        if found is None or stop.is_set():
            return
        words = await app.write(
            lambda db, now: outdated.moved_words(db, found, tz) if outdated.keep_unasked(db, found, now) else "")
    except CoachError as error:
        app.complain(error)
        return
    if words:
        app.notify(words, timeout=10, markup=False)
