"""Nudges: the record, and whether and about what to speak. Pure; the words are `core/lines.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal

from coach.core.situations import SITUATIONS, NudgeView, Proposal, Situation
from coach.core.when import DAY_START, iso, logical_day

Status = Literal["queued", "claimed", "shown", "opened", "started", "done", "snoozed", "dismissed", "expired", "failed", "held"]
"""opened, started, done and snoozed are the four ways of having acted on it. held: a moment at which Coach kept silent to see
what happens without a word; it stands among the trials, never among the nudges."""

REMINDER = "reminder"
"""The situation of a reminder that a person set: it counts against no cap and no cool-down."""

DIGEST = "weekly_digest"
"""The situation of the weekly digest: it counts against neither, as reminders do."""

ACTED: tuple[Status, ...] = ("opened", "started", "done", "snoozed")
STATUS_OF: Mapping[str, Status] = {
    "open": "opened", "start": "started", "done": "done", "snooze": "snoozed", "dismiss": "dismissed",
    "expire": "expired", "useful": "opened", "not_helpful": "dismissed",
}
"""What each answer to a nudge makes of it."""

OPINIONS: Mapping[str, bool] = {"useful": True, "not_helpful": False}
"""The answers that say whether a nudge was of use; they count also after another answer."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """`source` is llm or bank; `channel` how it was delivered: desktop, toast, shell, or panel where only the history shows
    it. `rating` is 1 to 5 or None, `useful` what the person said. `next_try` is from when on a queued one may be tried, or
    when a claimed one was taken; `latency_ms` how long the delivery took. `sentiment` is that of the line, -1 to 1. `asked`: a
    person wanted one at that moment."""

    id: str
    at: datetime
    situation: str
    mode: str
    persona: str
    source: str
    text: str
    task_id: str | None = None
    channel: str | None = None
    status: Status = "queued"
    outcome_at: datetime | None = None
    rating: int | None = None
    tries: int = 0
    next_try: datetime | None = None
    latency_ms: int | None = None
    useful: bool | None = None
    sentiment: float | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """When Coach may speak by itself. Quiet hours are local and may cross midnight; equal ends mean none."""

    daily_cap: int = 6
    quiet_start: time = time(21)
    quiet_end: time = time(8)
    cooldown: timedelta = timedelta(minutes=45)
    day_start: time = DAY_START


@dataclass(frozen=True, slots=True)
class Choice:
    situation: str
    action: str
    task_id: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def may_interrupt(situation: Situation, view: NudgeView) -> bool:
    """Into detected focus only what cannot wait speaks."""
    return situation.interrupting or view.flow_min == 0


def by_itself(history: Iterable[Nudge]) -> list[Nudge]:
    """What counts for the cool-down: all but reminders, digests and what could not be delivered."""
    return [n for n in history if n.status != "failed" and n.situation not in (REMINDER, DIGEST)]


def capped(history: Iterable[Nudge]) -> list[Nudge]:
    """What counts for the daily cap: neither moments of silence nor what a person asked for."""
    return [n for n in by_itself(history) if n.status != "held" and not n.asked]


def why_silent(view: NudgeView, limits: Limits, history: Iterable[Nudge]) -> str | None:
    """Why Coach keeps quiet: focus_session, meeting, presentation, do_not_disturb, away, quiet_hours, daily_cap, cooldown; or
    None. A moment that was held out counts for the cool-down, as if something had been said, and not for the cap; so does what a
    person asked for."""
    if view.in_focus_session:
        return "focus_session"
    if view.in_meeting:
        return "meeting"
    if view.presenting:
        return "presentation"
    if view.do_not_disturb:
        return "do_not_disturb"
    if view.away:
        return "away"
    if is_quiet(view.now.time(), limits.quiet_start, limits.quiet_end):
        return "quiet_hours"
    own = by_itself(history)
    heard = [n.at for n in capped(own)]
    zone = view.now.tzinfo
    assert zone is not None, "the view's now is aware"
    today = logical_day(view.now, zone, limits.day_start)
    if sum(logical_day(at, zone, limits.day_start) == today for at in heard) >= limits.daily_cap:
        return "daily_cap"
    # abs: a clock that was set back must not allow a second nudge at once, nor silence Coach until it catches up.
    if any(abs(view.now - n.at) < limits.cooldown for n in own):
        return "cooldown"
    return None


def best(
    view: NudgeView, history: Iterable[Nudge], situations: Iterable[Situation] = SITUATIONS, rested: bool = True,
) -> Choice | None:
    """The most pressing situation that holds; `rested` leaves out those within their cool-down."""
    return next(candidates(view, history, situations, rested), None)


def candidates(
    view: NudgeView, history: Iterable[Nudge], situations: Iterable[Situation] = SITUATIONS, rested: bool = True,
) -> Iterator[Choice]:
    """The situations that hold, most pressing first."""
    last: dict[str, datetime] = {}
    for nudge in history:
        if nudge.status != "failed":
            last[nudge.situation] = max(nudge.at, last.get(nudge.situation, nudge.at))
    for situation in sorted(situations, key=lambda s: -s.priority):
        at = last.get(situation.name)
        if rested and at is not None and abs(view.now - at) < situation.cooldown:
            continue
        proposal = situation.propose(view)
        if proposal is not None:
            yield _choice(situation, proposal)


def _choice(situation: Situation, proposal: Proposal) -> Choice:
    return Choice(situation.name, proposal.action, proposal.task_id, proposal.values)


def is_quiet(at: time, start: time, end: time) -> bool:
    """Whether a local time lies in [start, end), which may cross midnight."""
    if start <= end:
        return start <= at < end
    return at >= start or at < end


def delivery(nudge: Nudge) -> Literal["queued", "sent", "failed"]:
    """How far it came, whatever the person did about it. What was dropped before anybody saw it has failed."""
    if nudge.status in ("queued", "claimed"):
        return "queued"
    return "sent" if nudge.channel else "failed"


def nudge_json(nudge: Nudge) -> dict[str, Any]:
    """The nudge as `--json` prints it: `status` is shown, acted_on, dismissed, expired (or queued, claimed, failed)."""
    return {
        "id": nudge.id, "at": iso(nudge.at), "situation": nudge.situation, "mode": nudge.mode, "persona": nudge.persona,
        "source": nudge.source, "text": nudge.text, "task_id": nudge.task_id, "channel": nudge.channel,
        "status": "acted_on" if nudge.status in ACTED else nudge.status,
        "action": nudge.status if nudge.status in ACTED else None,
        "outcome_at": iso(nudge.outcome_at), "rating": nudge.rating, "useful": nudge.useful,
        "delivery": delivery(nudge), "tries": nudge.tries, "latency_ms": nudge.latency_ms,
        "sentiment": nudge.sentiment, "asked": nudge.asked,
    }
