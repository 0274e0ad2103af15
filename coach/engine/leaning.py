"""What a person's decisions on planned blocks, and where the work was then done, say of the parts of their day: gathered here,
learnt in `core/leaning.py`, used by the plan beside the focus profile."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import leaning, slots
from coach.core.leaning import DONE_WEIGHT, PARTS, Leaning, Seen, faded, part_of
from coach.core.when import from_ms, iso, parse_iso, start_of
from coach.engine.planning_hours import work_hours
from coach.store import attribution, avoidance, blocks, plan_signals, tasks
from coach.store.db import Connection, meta, set_meta, transaction
from coach.store.plan_signals import Signal

WEEKS = 26
"""Of decisions that are looked at; the oldest say an eighth of what today's do."""
NUDGED_MIN = 45
"""A block that was moved by less stands where it was offered: it made room, or began on the hour."""
AT_ONCE = 3.0
"""Blocks that were accepted in one go say as much as so many at most."""
LEAST_DONE_MIN = 10.0
"""Less work on a task in a day does not tell when it is done."""
_SINCE = "plan_taught_since"

Spans = Mapping[str, Sequence[tuple[datetime, datetime]]]


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known, and what it was learnt from: while the `stamp` of the store is the same nothing is read again, and while the
    `digest` of all decisions is the same nothing is solved again."""

    leanings: tuple[Leaning, ...] = ()
    stamp: str = ""
    digest: str = ""


NOTHING = Learned()


def learned(db: Connection, config: Config, now: datetime, tz: ZoneInfo, before: Learned = NOTHING) -> Learned:
    """What is known today, from WEEKS of decisions since it was last forgotten; `before` is what was known last. What is solved
    again is the same all day unless something was decided or done, or a kind of work was named. Reads only."""
    today = now.astimezone(tz).date()
    forgotten, share = meta(db, _SINCE, ""), _share(config)
    stamp = f"{today} {forgotten} {share} {plan_signals.stamp(db, now)}"
    if stamp == before.stamp:
        return before
    first = start_of(today - timedelta(weeks=WEEKS), tz)
    if forgotten:
        first = max(first, parse_iso(forgotten))
    seen = [*_decided(db, first, today, tz), *_done(db, first, now, tz)]
    digest = hashlib.sha256(repr((share, seen)).encode()).hexdigest()
    if digest == before.digest:
        return replace(before, stamp=stamp)
    moved = any(s.became != s.offered for s in seen)
    return Learned(leaning.learnt(seen, share) if moved else (), stamp, digest)


def forget(db: Connection, now: datetime) -> int:
    """Learn from nothing that was before; returns how many decisions are dropped."""
    with transaction(db):
        set_meta(db, _SINCE, iso(now) or "")
        plan_signals.forget_profile(db)
        return plan_signals.forget(db)


def _decided(db: Connection, first: datetime, today: date, tz: ZoneInfo) -> list[Seen]:
    """Each block once, from where it was offered first to what became of it last; what was undone is not there."""
    of_block: dict[str, list[Signal]] = defaultdict(list)
    signals = plan_signals.since(db, first, standing=True)
    for signal in signals:
        of_block[signal.block_id].append(signal)
    together = Counter(s.at for s in signals if s.kind == "accept")
    kinds = tasks.kinds(db, {s.task_id for s in signals})
    found = []
    for told in of_block.values():
        offered, last = told[0].offered, told[-1]
        middle = timedelta(minutes=last.minutes / 2)
        before, after = (part_of((t + middle).astimezone(tz).hour) for t in (offered, last.start))
        nudged = abs((last.start.astimezone(tz).replace(tzinfo=None) - offered.astimezone(tz).replace(tzinfo=None))
                     .total_seconds()) < NUDGED_MIN * 60
        became = None if last.kind == "reject" else before if nudged else after
        weight = faded(_age_d(last.at, today, tz))
        if last.kind == "accept":
            weight *= min(1.0, AT_ONCE / together[last.at])
        found.append(Seen(kinds.get(last.task_id, ""), before, became, weight))
    return found


def _done(db: Connection, first: datetime, now: datetime, tz: ZoneInfo) -> list[Seen]:
    """Accepted blocks that have gone by, on days on which their task was worked on: when it was, against when it was planned."""
    gone = [b for b in blocks.between(db, first, now) if b.status == "accepted" and first <= b.start and b.end <= now]
    if not gone:
        return []
    spans = _worked(db, first, tz)
    kinds = tasks.kinds(db, {b.task_id for b in gone})
    days = Counter((b.task_id, b.start.astimezone(tz).date()) for b in gone)
    found = []
    for block in gone:
        day = block.start.astimezone(tz).date()
        if days[block.task_id, day] > 1:  # two blocks of a day: which one the work was for is not known
            continue
        minutes = _by_part((s for s in spans.get(block.task_id, ()) if s[0].astimezone(tz).date() == day), tz)
        if sum(minutes.values()) < LEAST_DONE_MIN:
            continue
        middle = block.start + (block.end - block.start) / 2
        weight = DONE_WEIGHT * faded(_age_d(block.end, now.astimezone(tz).date(), tz))
        most = max(sorted(minutes), key=lambda part: minutes[part])
        found.append(Seen(kinds.get(block.task_id, ""), part_of(middle.astimezone(tz).hour), most, weight, "done"))
    return found


def _worked(db: Connection, first: datetime, tz: ZoneInfo) -> Spans:
    """By task, when it was worked on: tracked time that was credited to it, and focus sessions on it."""
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in attribution.with_status(db, "accepted", first.astimezone(tz).date()):
        found[row.proposal.task_id] += [(from_ms(low), from_ms(high)) for low, high in row.proposal.spans]
    for task_id, start, end in avoidance.sessions(db):
        if end is not None and parse_iso(start) >= first:
            found[task_id].append((parse_iso(start), parse_iso(end)))
    return found


def _by_part(spans: Iterable[tuple[datetime, datetime]], tz: ZoneInfo) -> dict[int, float]:
    """Minutes in each part of the day, by the quarter-hours that the spans touch."""
    found: dict[int, float] = defaultdict(float)
    for start, end in spans:
        for number in range(slots.quarter(start), slots.quarter_after(end)):
            low = slots.instant_of(number)
            high = low + timedelta(seconds=slots.QUARTER_S)
            found[part_of(low.astimezone(tz).hour)] += (min(high, end) - max(low, start)).total_seconds() / 60
    return found


def _age_d(at: datetime, today: date, tz: ZoneInfo) -> int:
    """Whole days by the calendar: what was done weighs the same all day."""
    return (today - at.astimezone(tz).date()).days


def _share(config: Config) -> list[float]:
    """The share of working time in each part of the day; all alike without working hours."""
    minutes = [0.0] * len(PARTS)
    for stretches in work_hours(config.time).values():
        for start, end in stretches:
            for at in range(start, end, slots.QUARTER_MIN):
                minutes[part_of(at // 60 % 24)] += slots.QUARTER_MIN
    total = sum(minutes)
    return [m / total for m in minutes] if total else [1 / len(PARTS)] * len(PARTS)
