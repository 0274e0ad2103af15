"""What changed since a moment ago, for programs that listen: one look at the store, compared with the look before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coach.config import Home
from coach.core.event import event_json
from coach.core.nudge import Nudge, nudge_json
from coach.engine import focusing, glance, nudging, watch
from coach.engine.status import LIVE_S
from coach.store import timeline
from coach.store.db import Connection

NUDGES = 10


@dataclass(frozen=True, slots=True)
class Look:
    """`event` is the state of this moment without its end, which moves all the time; `edits` changes with every edit."""

    state: str
    event: dict[str, Any] | None
    focus: dict[str, Any] | None
    edits: str
    nudges: tuple[Nudge, ...]


def look(db: Connection, home: Home, now: datetime) -> Look:
    """A handful of rows, each found by an index."""
    state = glance.tracker_state(db, home, now)
    newest = timeline.newest(db, now) if state == "on" else None
    event = event_json(newest) if newest and abs((now - newest.end).total_seconds()) < LIVE_S else None
    session = focusing.running(db, now)
    focus = {k: v for k, v in session.document(now).items() if k != "left_s"} if session else None
    started = {k: v for k, v in event.items() if k not in ("end", "duration_s")} if event else None
    return Look(state, started, focus, watch.edits(db), tuple(nudging.history(db, NUDGES)))


def first(seen: Look) -> dict[str, Any]:
    """How things stand, for one who begins to listen."""
    return {"type": "hello", "state": seen.state, "event": seen.event, "focus": seen.focus}


def news(before: Look, after: Look) -> Iterator[dict[str, Any]]:
    """Messages for what differs: state, activity, focus, edit (of any record), nudge (new, or with a new outcome)."""
    if before.state != after.state:
        yield {"type": "state", "state": after.state}
    if before.event != after.event:
        yield {"type": "activity", "event": after.event}
    if before.focus != after.focus:
        yield {"type": "focus", "focus": after.focus}
    if before.edits != after.edits:
        yield {"type": "edit"}
    known = {n.id: n for n in before.nudges}
    oldest = min((n.at for n in before.nudges), default=None)
    for nudge in reversed(after.nudges):
        was = known.get(nudge.id)
        if was != nudge and (was is not None or oldest is None or nudge.at >= oldest):
            yield {"type": "nudge", "nudge": nudge_json(nudge)}
