"""Channels to other devices, for those who ask: which nudges they take and what is said there. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from coach.core.nudge import DIGEST, REMINDER, Nudge
from coach.core.situations import short_title
from coach.core.when import iso

Kinds = Literal["all", "reminders"]
When = Literal["always", "away"]
Status = Literal["queued", "sending", "sent", "failed"]

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""Waits before the second, third and fourth try; after that it has failed."""
STALE_AFTER = timedelta(hours=1)
"""A message that could not be sent for so long is not sent any more: what it says is no longer so."""
SENDING_WITHIN = timedelta(minutes=2)
"""A message whose sender went away without a word is not sent again: twice is worse than not at all."""
UNNAMED = "your task"


@dataclass(frozen=True, slots=True)
class Channel:
    """`kinds`: every nudge, or reminders that the person set only. `when`: always, or where nothing on this machine could
    show the nudge. `titles`: titles of tasks are sent too; else they stay on this machine."""

    id: str
    name: str
    service: str
    shown: str
    kinds: Kinds
    when: When
    titles: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A nudge on its way through a channel. `latency_ms` from the first try to the service's answer; `trouble` is why a try
    failed."""

    nudge_id: str
    channel: str
    status: Status
    tries: int
    due: datetime
    latency_ms: int | None = None
    trouble: str = ""


def takes(channel: Channel, situation: str, reached: bool) -> bool:
    """Whether a nudge of this situation goes through the channel; `reached`: it was shown on this machine."""
    if channel.kinds == "reminders" and situation not in (REMINDER, DIGEST):
        return False
    return channel.when == "always" or not reached


def message(nudge: Nudge, title: str | None, channel: Channel) -> str:
    """What is sent: the nudge's line, the task's `title` in it only where the channel may have it."""
    if channel.titles or not title:
        return nudge.text
    named = "|".join(re.escape(words) for words in sorted({title, short_title(title)}, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{named})(?!\w)", UNNAMED, nudge.text)


def after_failure(tries: int, first: datetime, now: datetime) -> datetime | None:
    """When to try again after so many tries, the first at `first`; None when it has failed for good."""
    if tries > len(RETRY_AFTER):
        return None
    due = now + RETRY_AFTER[tries - 1]
    return due if due - first < STALE_AFTER else None


def channel_json(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id, "name": channel.name, "service": channel.service, "address": channel.shown, "kinds": channel.kinds,
        "when": channel.when, "titles": channel.titles, "created": iso(channel.created),
    }
