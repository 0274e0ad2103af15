"""The queue between choosing a nudge and the person: claimed by one process, tried again when it fails, dropped when stale.

A nudge is written down before anybody hears of it. `hand_over` claims it in one row update, so that of all processes one
delivers it; a delivery that fails puts it back for up to three more tries; what could not be delivered in its time is dropped,
with the reason. A process that dies between the delivery and the note about it leaves a claim of which nobody knows whether it
was heard: `settle` moves it to the panel (history and Today) after two minutes, where it is neither lost nor said twice. Time
limits of a single try belong to the channels, which know how to end one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from coach.core.nudge import DIGEST, REMINDER, Nudge
from coach.store import nudges
from coach.store.db import Connection

Deliver: TypeAlias = Callable[[Nudge], str]
"""Brings a nudge to the person and returns the channel, or "" when it could not."""

ANSWER_WITHIN = timedelta(hours=4)
DELIVER_WITHIN = timedelta(minutes=10)
"""What a nudge says is true for so long."""
ASKED = (REMINDER, DIGEST)
"""What the person asked for, which neither quiet hours nor the cap hold back."""
ASKED_WITHIN = timedelta(hours=24)
CLAIM_WITHIN = timedelta(minutes=2)
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4))
"""Waits before the second, third and fourth try."""


def hand_over(db: Connection, nudge: Nudge, deliver: Deliver, now: datetime | None = None) -> Nudge | None:
    """Claim a queued nudge and deliver it; None when another process was faster, or its next try lies ahead. `now` is the
    moment of the nudge where none is given.

    What `deliver` raises is written down as a misfire and raised again."""
    now = now or nudge.at
    if not nudges.claim(db, nudge.id, f"pid {os.getpid()}", now):
        return None
    begun = time.monotonic()
    try:
        channel = deliver(nudge)
    except Exception as error:
        _failed(db, nudge, f"error:{type(error).__name__}", now, begun)
        raise
    if channel:
        nudges.delivered(db, nudge.id, channel, _ms(begun))
    else:
        _failed(db, nudge, "no_channel", now, begun)
    return nudges.get(db, nudge.id)


def drain(
    db: Connection, now: datetime, deliver: Deliver, *, asked: bool, is_silent: Callable[[], bool] = lambda: False,
    since: datetime | None = None,
) -> list[Nudge]:
    """Deliver what waits and may be tried now: reminders and the digest, or nudges of Coach's own. Those stay where they are
    while Coach has to be silent, and so do those from before `since`, the day's beginning: they counted for that day's cap."""
    waiting = [n for n in nudges.queued(db, now) if (n.situation in ASKED) == asked and (since is None or n.at >= since)]
    if not waiting or is_silent():
        return []
    return [sent for one in waiting if (sent := hand_over(db, one, deliver, now))]


def settle(db: Connection, now: datetime) -> None:
    """Close nudges that nobody will close any more; see `store.nudges.settle`."""
    nudges.settle(
        db, now=now, shown_before=now - ANSWER_WITHIN, queued_before=now - DELIVER_WITHIN,
        asked_before=now - ASKED_WITHIN, claimed_before=now - CLAIM_WITHIN, asked=ASKED,
    )


def _failed(db: Connection, nudge: Nudge, why: str, now: datetime, begun: float) -> None:
    within = ASKED_WITHIN if nudge.situation in ASKED else DELIVER_WITHIN
    again = now + RETRY_AFTER[nudge.tries] if nudge.tries < len(RETRY_AFTER) else None
    nudges.failed(db, nudge.id, why, now, again if again and again - nudge.at < within else None, _ms(begun))


def _ms(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
