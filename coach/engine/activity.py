"""What was done when: heartbeats become source events, source events the timeline, the timeline roll-ups and scores."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import focus
from coach.core.errors import InvalidInput
from coach.core.event import Event, merge
from coach.core.timeline import CUT_MS, inside
from coach.core.when import day_bounds, from_ms, to_ms
from coach.engine import projects
from coach.engine.categories import Rules
from coach.store import erase, events, meetings, rollups, timeline
from coach.store import manual as said
from coach.store.db import Connection, data_version, transaction

BUCKET_KIND = {"x11": "window", "pywinctl": "window", "tmux": "terminal", "tty": "terminal", "afk": "afk", "manual": "manual"}
"""What kind of bucket each of our own sources fills; see `store.events.BUCKET_TYPES`."""


ERASE_MS = 30 * rollups.DAY_MS
"""So much time is erased in one transaction."""


SCORE_AT_ONCE = 1000
"""Hours."""


@dataclass(slots=True)
class Newest:
    """The newest event of each source with its bucket and context, as a connection has written them: a tracker's next
    heartbeat extends that one, and need not look for it. `row` is the timeline's row that one of them lengthens, None where
    that has to be looked up. Whoever keeps it forgets it after a transaction that failed."""

    version: int = -1
    by_source: dict[str, tuple[int, int, Event, str]] = field(default_factory=dict)
    """(bucket, context, event, the project that its heartbeat named)."""
    row: timeline.Open | None = None

    def forget(self) -> None:
        self.by_source.clear()
        self.row = None


def record(
    db: Connection, heartbeats: Sequence[Event], pulsetime_s: float, rules: Rules, tz: ZoneInfo, newest: Newest | None = None
) -> None:
    """Merge heartbeats into their buckets and bring the timeline along, in one transaction.

    A heartbeat that only lengthens the present state costs two updates; anything else derives the touched range anew.
    `newest` holds between calls what this connection has written; it counts while no other one has committed."""
    low = high = 0
    newest = newest or Newest()
    with transaction(db):
        if (version := data_version(db)) != newest.version:
            newest.forget()
            newest.version = version
        for heartbeat in heartbeats:
            touched = _merge(db, heartbeat, pulsetime_s, rules, tz, newest)
            if touched:
                low, high = min(low or touched[0], touched[0]), max(high, touched[1])
        if high:
            newest.row = None
            rebuild(db, low, high, rules, tz)


def _merge(
    db: Connection, heartbeat: Event, pulsetime_s: float, rules: Rules, tz: ZoneInfo, newest: Newest
) -> tuple[int, int] | None:
    """The range of the timeline that has to be derived anew, in ms; None when it already follows."""
    held, given = newest.by_source.get(heartbeat.source), heartbeat.project
    if held and heartbeat.start < held[2].start:
        held = None
    project = _project(heartbeat, held, rules)
    if project != given:
        heartbeat = replace(heartbeat, project=project)
    bucket, context, last, _ = held or _found(db, heartbeat)
    merged = merge(last, heartbeat, pulsetime_s) if last else None
    if not (held and merged):
        context = events.context(db, heartbeat.app, heartbeat.title, heartbeat.url, heartbeat.project, rules.categorise)
    if last is None or merged is None or last.id is None:
        newest.row = None
        made = replace(heartbeat, id=events.insert(db, bucket, heartbeat, context))
        _hold(db, newest, bucket, context, made, given)
        low, high = to_ms(heartbeat.start), to_ms(heartbeat.end)
        return (low, high) if high > low and _counts(heartbeat) else None
    if merged.end <= last.end:
        return None
    events.extend(db, last.id, merged.end)
    if held:
        newest.by_source[heartbeat.source] = bucket, context, merged, given
    else:
        _hold(db, newest, bucket, context, merged, given)
    low, high = to_ms(last.end), to_ms(merged.end)
    if not _counts(heartbeat) or _lengthened(db, newest, bucket, context, low, high, tz):
        return None
    return None if _kind(heartbeat) == "window" and _covers(newest, heartbeat.app, low, high) else (low, high)


def _lengthened(db: Connection, newest: Newest, bucket: int, context: int, low: int, high: int, tz: ZoneInfo) -> bool:
    """Whether the timeline follows an event that now ends at `high` instead of `low` by a longer newest row."""
    row = newest.row
    if row and row.bucket != bucket:  # what is inside a window is in front of it
        return False
    if not row or (row.context, row.end_ms) != (context, low) or _has_rival(newest, bucket, low):
        row = timeline.open_row(db, bucket, context, low)
    newest.row = timeline.lengthen(db, row, high, lambda ms: offset_min(ms, tz)) if row else None
    return newest.row is not None


def _has_rival(newest: Newest, bucket: int, low: int) -> bool:
    return any(
        other != bucket and to_ms(event.end) > low and _counts(event) for other, _, event, _ in newest.by_source.values()
    )


def _covers(newest: Newest, app: str, low: int, high: int) -> bool:
    """Whether the present state is a detail, such as a terminal's program, that stands in a window of `app` all that time:
    the window behind it may grow without changing the line."""
    row = newest.row
    if row is None or not row.start_ms <= low < high <= row.end_ms:
        return False
    kind = next((_kind(event) for bucket, _, event, _ in newest.by_source.values() if bucket == row.bucket), "window")
    return kind in ("tab", "editor", "terminal") and inside(kind, app)  # type: ignore[arg-type]  # a kind by the line before


def _kind(heartbeat: Event) -> str:
    return BUCKET_KIND.get(heartbeat.source, "window")


def _project(heartbeat: Event, held: tuple[int, int, Event, str] | None, rules: Rules) -> str:
    """Under which project a heartbeat is kept: that of the newest event where all that could tell is the same."""
    if held:
        last, words = held[2], (heartbeat.app, heartbeat.title, heartbeat.url, heartbeat.project)
        if words == (last.app, last.title, last.url, held[3]):
            return last.project
    return projects.settled(rules, heartbeat.app, heartbeat.title, heartbeat.url, heartbeat.project)


def _found(db: Connection, heartbeat: Event) -> tuple[int, int, Event | None, str]:
    """The bucket of a heartbeat, no context yet, and the event that it may extend."""
    kind = events.BUCKET_TYPES[_kind(heartbeat)]
    bucket = events.bucket(db, heartbeat.source, kind, heartbeat.start, hostname=socket.gethostname())
    return bucket, 0, events.newest(db, bucket, heartbeat.start), ""


def _hold(db: Connection, newest: Newest, bucket: int, context: int, event: Event, given: str) -> None:
    """Remember an event for the next heartbeat, unless a clock that was ahead has left later ones."""
    if events.is_last(db, bucket, event.start):
        newest.by_source[event.source] = bucket, context, event, given
    else:
        newest.by_source.pop(event.source, None)


def _counts(heartbeat: Event) -> bool:
    """Whether the timeline depends on it: presence alone changes nothing."""
    return heartbeat.data.get("status") != "not-afk"


def rebuild(db: Connection, low_ms: int, high_ms: int, rules: Rules, tz: ZoneInfo) -> tuple[int, int]:
    """Derive the timeline of a range anew, with roll-ups; the range that this has covered, in ms."""
    return timeline.rebuild(
        db, low_ms, high_ms, offset_at=lambda ms: offset_min(ms, tz), day_start_min=rules.day_start_min,
        watches=rules.watches, categorise=rules.categorise,
    )


def offset_min(ms: int, tz: ZoneInfo) -> int:
    """The UTC offset of the zone at that instant, in minutes."""
    offset = from_ms(ms).astimezone(tz).utcoffset()
    return int((offset or timedelta()).total_seconds() // 60)


def roll(db: Connection, rules: Rules, now: datetime) -> int:
    """Bring roll-ups and the scores of finished hours up to date; returns how many hours were scored."""
    timeline.roll(db, rules.day_start_min)
    return score_hours(db, rules, now)


def score_hours(db: Connection, rules: Rules, now: datetime) -> int:
    """Score the newest hours that have tracked time and no score yet, except the one that is still running; returns how
    many. Years of them, when levels have changed, take several calls: each costs some 50 MB and half a second."""
    missing = set(rollups.unscored_hours(db)[-SCORE_AT_ONCE:])
    if not missing:
        return 0
    first = date.fromisoformat(min(missing)[0])
    last = date.fromisoformat(max(missing)[0])
    low, high = _utc(first - timedelta(days=1)), _utc(last + timedelta(days=2))
    stretches: dict[tuple[str, int], list[focus.Stretch]] = {key: [] for key in missing}
    running: set[tuple[str, int]] = set()
    for row in timeline.spans(db, low, high):
        category = rules.named(row.category)
        for local, length in rollups.pieces(row.start_ms, row.end_ms, row.offset_min):
            key = rollups.local_hour(local)
            if key in stretches:
                stretches[key].append(
                    focus.Stretch(local / 1000, (local + length) / 1000, category.level, row.app, category.focus)
                )
                if (local // rollups.HOUR_MS + 1) * rollups.HOUR_MS - row.offset_min * 60_000 > to_ms(now):
                    running.add(key)
    with transaction(db):
        for key in sorted(missing - running):
            found = stretches[key]
            active_ms = round(sum(s.end_s - s.start_s for s in found) * 1000)
            rollups.set_focus(db, *key, focus.FORMULA, focus.focus_score(found), active_ms)
    return len(missing - running)


def day_stretches(db: Connection, start: datetime, end: datetime, rules: Rules) -> list[focus.Stretch]:
    """The timeline of [start, end) as the focus formulas take it, in seconds since the epoch."""
    return [
        focus.Stretch(e.start.timestamp(), e.end.timestamp(), c.level, e.app, c.focus)
        for e in timeline.between(db, start, end)
        for c in (rules.named(e.category),)
    ]


@dataclass(frozen=True, slots=True)
class Gap:
    """Time between two states that nothing explains; a "break" is one of 5 to 60 minutes, a "gap" a longer one."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def kind(self) -> str:
        return "break" if self.length.total_seconds() <= focus.LONGEST_BREAK_S else "gap"


def gaps(db: Connection, start: datetime, end: datetime, least_s: float = focus.BREAK_S) -> list[Gap]:
    """Stretches of [start, end) without a state, between the first and the last one, of at least that length; not what was
    said to be a break."""
    line = timeline.between(db, start, end)
    found: list[Gap] = []
    for a, b in itertools.pairwise(line):
        left = [(to_ms(a.end), to_ms(b.start))] if a.end < b.start else []
        for low, high in said.breaks(db, *left[0]) if left else ():
            left = [part for x, y in left for part in ((x, min(y, low)), (max(x, high), y)) if part[0] < part[1]]
        found += [Gap(from_ms(x), from_ms(y)) for x, y in left]
    return [gap for gap in found if gap.length.total_seconds() >= least_s]


def erase_range(
    db: Connection, start: datetime, end: datetime, rules: Rules, tz: ZoneInfo, now: datetime, app: str = "",
    progress: Callable[[datetime], None] = lambda at: None,
) -> int:
    """Delete tracked time for good: events, timeline, roll-ups, contexts, the conversation about it, what nudges
    said from then on, and the pages they stood on. Returns how many events were touched; `progress` hears how far it is.

    Month by month, so that the tracker and other edits need not wait for years. Raises InvalidInput for an empty range."""
    if end <= start:
        raise InvalidInput("the range ends before it starts", "for example: 2026-11-01/2026-11-07")
    number, first, last = erase.touched(db, start, end, app)
    with transaction(db):
        said.erase(db, to_ms(start), to_ms(end), app)
        if app in ("", meetings.APP):
            meetings.keep_free(db, to_ms(start), min(to_ms(end), to_ms(now)))
        for low, high in said.bring_events(db, rules.categorise, socket.gethostname(), now):
            rebuild(db, low, high, rules, tz)
    for low in range(first, last + 1, ERASE_MS):
        high = min(low + ERASE_MS, to_ms(end))
        progress(from_ms(low))
        with transaction(db):
            for left, right in _by_half_day(erase.erase_time(db, low, high, app)):
                rebuild(db, left, right, rules, tz)
    with transaction(db):
        erase.forget_contexts(db)
        erase.forget_conversation(db)
        erase.forget_words(db, start)
        erase.forget_learned(db)
        erase.audit(db, "erase", f"{number} events", now)
    erase.compact(db)
    return number


def _by_half_day(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches, earliest first, as one between two cuts of the timeline: a derivation costs what it looks at, and a day is
    looked at at once."""
    found: list[tuple[int, int]] = []
    for low, high in ranges:
        if found and low // CUT_MS == found[-1][0] // CUT_MS:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def bounds(day: date, config: Config, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and end (UTC) of a logical day."""
    return day_bounds(day, tz, clock(config.time.day_start))


def _utc(day: date) -> datetime:
    return from_ms(0) + timedelta(days=(day - date(1970, 1, 1)).days)


def log(db: Connection, start: datetime, end: datetime) -> list[Event]:
    """Source events that overlap [start, end), earliest first, without the idle source's."""
    return [e for e in events.between(db, start, end) if e.end > e.start]


def timeline_between(db: Connection, start: datetime, end: datetime) -> list[Event]:
    """The timeline of [start, end)."""
    return timeline.between(db, start, end)
