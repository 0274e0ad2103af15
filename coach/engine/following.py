"""The timeline follows what watchers have sent: a little at a time, so that they need not wait for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from coach.core.errors import CoachError, InvalidInput
from coach.core.when import to_ms
from coach.engine import activity, clock, logs
from coach.engine.inbox import Inbox, writing
from coach.store import erase, watchers
from coach.store.db import DatabaseError

EVERY_S = 1.5
"""So long events are gathered before the timeline follows."""
AT_LEAST_MS = 1_000
AT_FIRST_MS = 300_000
AT_MOST_MS = 24 * watchers.HOUR_MS
SLICE_S, BUSY_SLICE_S = 0.030, 0.003
"""A transaction takes about this long, less while requests come: the next one waits for it."""
BUSY_S = 0.1
"""Requests that come closer together than this are many."""
REST_REQUESTS, REST_S = 400, 0.25
"""Between two transactions so many are answered first, unless they take longer than that."""
MANY = 200
"""Transactions after which the log is worth emptying."""

log = logging.getLogger(__name__)


@contextmanager
def following(inbox: Inbox) -> Iterator[None]:
    """A thread that keeps the timeline up with the inbox; at the end it has caught up."""
    stop = threading.Event()
    thread = threading.Thread(target=_follow, args=(inbox, stop), name="coach-following", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        inbox.touched.set()
        thread.join(timeout=30)


def catch_up(inbox: Inbox) -> None:
    """Derive everything that waits, at once."""
    length_ms = AT_FIRST_MS
    while (step := follow_some(inbox, length_ms)) is not None:
        length_ms = step


def follow_some(inbox: Inbox, length_ms: int) -> int | None:
    """Derive at most `length_ms` of the hours that wait; how much to take next, None when nothing waits.

    The last hours go first, then the past from its beginning: rows that come in order fill their pages."""
    began = time.monotonic()
    now = clock.now()
    slice_s = BUSY_SLICE_S if began - inbox.busy_at < BUSY_S else SLICE_S
    with inbox.lock:
        with writing(inbox, now) as db:
            if not inbox.hours:
                if watchers.forget_gone(db):
                    erase.forget_contexts(db)
                    inbox.contexts.clear()
                return None
            hours = _next_hours(inbox, to_ms(now), length_ms)
            low, high = inbox.hours[hours[0]][0], inbox.hours[hours[-1]][1]
            # A long row is derived whole, and all that lies in it is done with it.
            low, stop = activity.rebuild(db, low, min(high, low + length_ms), inbox.rules, inbox.tz)
            left = _left(inbox, low, stop)
            watchers.unmark(db, [hour for hour, rest in left.items() if rest is None])
        for hour, rest in left.items():
            if rest is None:
                del inbox.hours[hour]
            else:
                inbox.hours[hour] = rest
    took_s = time.monotonic() - began
    if took_s > 2 * slice_s:
        # A row that goes on is derived from its start again each time: in steps that grow with it, it is done soon.
        return max(AT_LEAST_MS, length_ms // 2, (stop - low) // 4)
    return length_ms * 2 if took_s < slice_s / 2 and length_ms < AT_MOST_MS else length_ms


def _left(inbox: Inbox, low: int, stop: int) -> dict[int, tuple[int, int] | None]:
    """What is left of each hour that [low, stop) reaches into, in ms; None of one that is done."""
    left: dict[int, tuple[int, int] | None] = {}
    for hour in range(low // watchers.HOUR_MS, (stop - 1) // watchers.HOUR_MS + 1):
        start, end = inbox.hours.get(hour, (0, 0))
        if low <= start < end <= stop:
            left[hour] = None
        elif low <= start < stop < end:
            left[hour] = stop, end
        elif start < low < end <= stop:
            left[hour] = start, low
    return left


def _next_hours(inbox: Inbox, now_ms: int, length_ms: int) -> list[int]:
    """The hour to derive, and those after it that go on where it ends, as far as `length_ms` reaches into each."""
    first = max(inbox.hours)
    if first < now_ms // watchers.HOUR_MS - 1:
        first = min(inbox.hours)
    hours, low = [first], inbox.hours[first][0]
    while inbox.hours[hours[-1]][1] == (begins := (hours[-1] + 1) * watchers.HOUR_MS) < low + length_ms:
        if inbox.hours.get(hours[-1] + 1, (0, 0))[0] != begins:
            break
        hours.append(hours[-1] + 1)
    return hours


def _follow(inbox: Inbox, stop: threading.Event) -> None:
    length_ms, steps, emptied = AT_FIRST_MS, 0, 0
    while True:
        inbox.touched.wait()
        stop.wait(EVERY_S)
        inbox.touched.clear()
        with suppress(InvalidInput):  # a zone that nobody knows: the last one stays
            inbox.tz = clock.local_zone(inbox.config)  # a laptop travels while this process runs
        try:
            while (step := follow_some(inbox, length_ms)) is not None:
                length_ms = step
                steps += 1
                _rest(inbox, stop)
            if steps + inbox.answered - emptied > MANY:
                with inbox.lock:
                    watchers.empty_log(inbox.db)
                emptied = steps + inbox.answered
        except (DatabaseError, CoachError) as error:  # a full disk, a store that is shut: what is marked waits for better times
            log.warning("the timeline does not follow: %s", logs.place(error))
            inbox.touched.set()
            if stop.wait(30):
                return
        if stop.is_set() and not inbox.touched.is_set():
            return


def _rest(inbox: Inbox, stop: threading.Event) -> None:
    answered, until = inbox.answered, time.monotonic() + REST_S
    while (now := time.monotonic()) < until and now - inbox.busy_at < BUSY_S and inbox.answered < answered + REST_REQUESTS:
        if stop.wait(BUSY_S / 5):
            return
