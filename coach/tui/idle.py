"""What the app does while nobody waits for it: modules read and screens prepared before they are needed, views of weeks made
anew, uses counted."""

from __future__ import annotations

import gc
import logging
from collections import Counter
from concurrent.futures import Future
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from coach.tui.actions import BEHIND, SCREENS
from coach.tui.screens.base import CoachScreen

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

WARM_S = 0.5
"""After the first paint: what has to come with it has come by then."""
REST_S = 0.25
"""Between two screens that are prepared."""
RENEW_S = 300.0
"""A page of weeks that is a day old is made anew so soon after the start, or after it has become so old."""
USES_S = 600.0

log = logging.getLogger(__name__)


def begin(app: CoachApp) -> None:
    """After the first paint."""
    settle()
    app.set_timer(WARM_S, lambda: _warm(app))
    app.set_interval(RENEW_S, lambda: _renew_old(app))
    app.set_interval(USES_S, lambda: note_uses(app))


def settle() -> None:
    """What stands now, most of it modules, stays to the end: the garbage collector need not look through all of it again and
    again, which costs a screen or a key 40 ms each time."""
    gc.freeze()


def note_uses(app: CoachApp) -> None:
    """Write down how often each screen was opened, now and then and at the end: a write makes every screen look whether it is
    still true."""
    if app.ending:
        return
    from coach.engine import progress  # long after the first paint

    opened, app.opened = app.opened, Counter()
    if opened:
        app.begin_write(lambda db, now: progress.note_uses(db, opened, app.runtime.config, now, app.tz))


def _warm(app: CoachApp) -> None:
    """The other screens' modules, then the first view of each of the six that takes no model: in threads, since the interpreter
    lends itself to the keyboard every few milliseconds, and one after the other with rests between. Nothing is mounted: whoever
    comes finds the view ready and waits for its widgets alone."""
    if app.ending:  # whoever leaves in the first second finds no thread any more
        return

    def read(db: Any, now: datetime) -> None:
        for screen in (*SCREENS, *BEHIND):
            import_module(f"coach.tui.screens.{screen.name}")
        import_module("coach.engine.conversing")  # the first question's
        settle()

    under_way: Future[Any] = app.begin_thinking(read)
    under_way.add_done_callback(_log_failure)
    waiting = [screen.name for screen in SCREENS]

    def step() -> None:
        nonlocal under_way
        if app.ending or not under_way.done():
            return
        if not waiting:
            steps.stop()
            settle()
            return
        screen = app.get_screen(waiting.pop(0))
        if isinstance(screen, CoachScreen) and screen.AHEAD and not screen.is_running:
            under_way = screen.prepare()
            under_way.add_done_callback(_log_failure)

    steps = app.set_interval(REST_S, step)


def _renew_old(app: CoachApp) -> None:
    """What was kept of an earlier day is made anew before anybody looks at it."""
    if app.ending:
        return

    def renew(db: Any, now: datetime) -> None:
        from coach.engine import kept, tracking  # long after the start

        if app.runtime.models is not None and tracking.consent(db):
            kept.renew_old(db, app.runtime.config, now, app.tz, app.runtime.models)

    app.begin_thinking(renew).add_done_callback(_log_failure)


def _log_failure(done: Future[Any]) -> None:
    """Nobody waits for it, and whoever opens the page is told what is wrong. The kind only: messages may quote a title."""
    if error := done.exception():
        log.warning("idle work failed: %s", type(error).__name__)
