"""The week that is over, in a few sentences: once a week, caught up after a sleep, each number from the store."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import say
from coach.core.nudge import DIGEST, Nudge, is_quiet
from coach.core.when import logical_day
from coach.core.words import duration, hours
from coach.engine import nudging
from coach.engine.report import Report, bounds_time, extent, kept_words, note, report
from coach.store import chat, nudges
from coach.store.db import Connection, transaction

_NAMES = uuid.UUID("6f4f3f5e-6a0c-5a5b-9d5b-3c1f0f5f2b11")
TOP = 3
WEEK_DAYS = 7


def week_before(config: Config, now: datetime, tz: ZoneInfo) -> date:
    """The first day of the last week that is over."""
    today = logical_day(now, tz, bounds_time(config))
    return extent("week", extent("week", today, config)[0] - timedelta(days=1), config)[0]


def tick(db: Connection, config: Config, now: datetime, tz: ZoneInfo, deliver: nudging.Deliver | None) -> Nudge | None:
    """Say how the last week was, once, outside quiet hours, however late the machine is opened. It is written into the
    chat; with `nudge.digest = "notification"` it is also delivered. Any number of processes may tick at once."""
    settings = config.nudge
    if settings.digest == "off" or is_quiet(now.astimezone(tz).time(), clock(settings.quiet_start), clock(settings.quiet_end)):
        return None
    first = week_before(config, now, tz)
    digest_id = str(uuid.uuid5(_NAMES, first.isoformat()))
    if nudges.get(db, digest_id) is not None or (settings.digest == "notification" and deliver is None):
        return None
    found = report(db, "week", first, config, now, tz)
    if not found.days and not found.done:
        return None
    nudge = Nudge(digest_id, now, DIGEST, "neutral", "neutral", "bank", words(found))
    with transaction(db):
        if nudges.get(db, digest_id) is not None:
            return None
        nudges.insert(db, nudge)
        chat.tell(db, now, nudge.text, {"intent": DIGEST, "period": f"{found.first}/{found.last}"})
        if settings.digest == "chat":
            nudges.claim(db, digest_id, "chat", now)
            nudges.delivered(db, digest_id, "chat")
    if settings.digest == "notification" and deliver is not None:
        return nudging.hand_over(db, nudge, deliver)
    return nudges.get(db, digest_id)


def words(found: Report) -> str:
    """The digest of a week's report; that of a week that is not over stands beside as much of the one before."""
    is_whole = found.until is None and (found.last - found.first).days == WEEK_DAYS - 1
    then = "the week before" if is_whole else "in as much of the week before"
    last = f"{found.last.day} {found.last:%B}"
    parts = [f"Your week from {found.first.day} {found.first:%B} to {last}: {duration(found.active_s)} active on "
             f"{say.count(len(found.days), 'day')}, {duration(found.focus_s)} of it in focus categories."]
    if found.score is not None:
        before = "" if found.before_score is None else f", {found.before_score:.2f} {then}"
        parts.append(f"Focus {found.score:.2f} from {hours(found.n)}{before}.")
    top = [f"{say.name(a.name.rpartition(' > ')[2])} {duration(a.s)}" for a in found.categories[:TOP]]
    if top:
        parts.append(f"Most time: {say.listing(top)}.")
    if found.goals:
        held = [f"{say.name(g.about)} {kept_words(g.kept, g.n, g.period)}" for g in found.goals[:TOP]]
        parts.append(f"Goals kept: {say.listing(held)}.")
    parts.append(_tasks(found, then))
    if found.days and found.before_days:
        parts.append(f"Against {then.removeprefix('in ')}: {note(found)}.")
    return " ".join(p for p in parts if p)


def _tasks(found: Report, then: str) -> str:
    done = f"{say.capital(say.count(found.completed, 'task'))} done, {found.before_completed} {then}"
    if found.estimates.ratio is None:
        return f"{done}."
    return f"{done}; the median one took {found.estimates.ratio:.2f} times its estimate (n = {found.estimates.n})."
