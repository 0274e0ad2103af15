"""What the screen Plan shows: the days ahead or one that has gone by, what they can hold, and what found no place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.plan import Block, Busy
from coach.core.when import start_of
from coach.engine import categories, day, plan_horizon, plan_instance, plan_limits, productivity, views
from coach.engine.categories import Rules
from coach.engine.day import Lived
from coach.engine.outdated import Outdated, outdated
from coach.engine.plan_load import Load, load
from coach.engine.productivity import Productivity
from coach.engine.profile import Expected, expected_focus, focus_ahead, focus_source
from coach.engine.views import PlanBlock
from coach.engine.watch import edits
from coach.store import blocks, calendars, day_slots, tasks
from coach.store.db import Connection

BACK_DAYS = 31
"""So far back a plan can be held against what happened."""


@dataclass(frozen=True, slots=True)
class PlanDay:
    """A calendar day from its midnight; `all_day` are titles of whole-day events, busy or not, `expected` the focus expected
    by hour, 0 to 1: the forecast where there is one, else the usual week; none before enough is known."""

    day: date
    start: datetime
    blocks: tuple[PlanBlock, ...]
    meetings: tuple[Busy, ...]
    all_day: tuple[str, ...]
    lived: tuple[Lived, ...]
    expected: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Kept:
    """A day's accepted blocks held against what happened: how many there were and how many of their tasks are done, their
    minutes until now, and what was really active in them."""

    blocks: int
    done: int
    planned_min: int
    active_min: int


@dataclass(frozen=True, slots=True)
class NoPlace:
    """A task that the last plan found no place for, and what would change that."""

    id: str
    num: int
    title: str
    reason: str
    would_fit_if: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """`past` is a day before today that was asked for. `by` says who foretold the focus, "" where nobody did."""

    now: datetime
    today: date
    days: tuple[PlanDay, ...]
    past: PlanDay | None
    unplaced: tuple[NoPlace, ...]
    load: Load
    by: str
    outdated: Outdated = field(default_factory=Outdated)

    def on(self, wanted: date | None) -> PlanDay:
        """That day, or today."""
        days = (*self.days, *([self.past] if self.past else []))
        return next((d for d in days if d.day == wanted), self.days[0])


def plan(db: Connection, config: Config, now: datetime, tz: ZoneInfo, asked: date | None = None) -> PlanView:
    """The days of the plan, from today on, with what was lived of today, and the day that was asked for if it has gone by."""
    rules = categories.load(db, config)
    first = now.astimezone(tz).date()
    ahead = focus_ahead(db, now, tz)
    count = plan_horizon.days_ahead(db, config, now, tz)
    foretold = expected_focus(db, first, first + timedelta(days=1), tz)
    coming = [first + timedelta(days=n) for n in range(count)]
    days = tuple(_plan_day(db, config, one, rules, now, tz, _curve(one, ahead, foretold)) for one in coming)
    gone = asked if asked is not None and first - timedelta(days=BACK_DAYS) <= asked < first else None
    by = foretold[-1].by if foretold else (focus_source(db, first) or "your usual week") if ahead else ""
    works = productivity.last(db) or Productivity(first)  # what a day can hold does not stand on it, so nothing is read for it
    return PlanView(
        now, first, days, _plan_day(db, config, gone, rules, now, tz, {}) if gone else None, no_place(db),
        load(db, plan_instance.given(db, config, now, tz, count, works=works)), by, outdated(db, config, now, tz),
    )


def no_place(db: Connection) -> tuple[NoPlace, ...]:
    """What the last plan found no place for, as far as it is still open."""
    left = blocks.unplaced(db)
    found = tasks.open_titles(db, [u.task_id for u in left])
    return tuple(NoPlace(u.task_id, *found[u.task_id], u.reason, u.would_fit_if) for u in left if u.task_id in found)


def stamp(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> tuple[object, ...]:
    """Differs when the plan may look different; tracked time changes it once a minute at most."""
    start = start_of(now.astimezone(tz).date(), tz)
    shown = blocks.between(db, start, start + timedelta(days=plan_horizon.days_ahead(db, config, now, tz) + 1))
    placed = tuple((b.id, b.start, b.end, b.status) for b in shown)
    return edits(db), int(now.timestamp() // 60), placed, tuple(blocks.unplaced(db)), outdated(db, config, now, tz)


def kept(one: PlanDay, now: datetime) -> Kept:
    """How a day's accepted and done blocks, as far as they have begun, were kept."""
    begun = [b.block for b in one.blocks if b.block.status in ("accepted", "done") and b.block.start < now]
    planned = sum((min(b.end, now) - b.start).total_seconds() for b in begun)
    return Kept(
        len(begun), sum(b.status == "done" for b in begun), round(planned / 60),
        round(sum(minutes for b in begun for _, minutes in spent_in(one, b))),
    )


def spent_in(one: PlanDay, block: Block) -> list[tuple[str, float]]:
    """Active minutes by category in the time of a block, most first; a stretch that reaches beyond it counts by its share."""
    found: dict[str, float] = {}
    for lived in one.lived:
        share = _overlap_s(lived, block) / max(1.0, (lived.end - lived.start).total_seconds())
        if share > 0:
            found[lived.category] = found.get(lived.category, 0.0) + share * lived.active_s / 60
    return sorted(found.items(), key=lambda pair: -pair[1])


def _curve(one: date, usual: Sequence[float] | None, foretold: Sequence[Expected]) -> dict[int, float]:
    """Focus by hour: of the usual week, and over it what was foretold of that date."""
    week = {hour: usual[one.weekday() * 24 + hour] for hour in range(24)} if usual else {}
    return week | {e.start.hour: e.value for e in foretold if e.start.date() == one}


def _overlap_s(lived: Lived, block: Block) -> float:
    return max(0.0, (min(lived.end, block.end) - max(lived.start, block.start)).total_seconds())


def _plan_day(
    db: Connection, config: Config, this_day: date, rules: Rules, now: datetime, tz: ZoneInfo, expected: Mapping[int, float],
) -> PlanDay:
    start, end = (start_of(d, tz).astimezone(UTC) for d in (this_day, this_day + timedelta(days=1)))
    happened = day.lived(day_slots.pieces(db, start, min(end, now)), rules) if start <= now else ()
    found = views.plan_blocks(db, start, end, now, tz)
    breaks = plan_limits.broken_by(db, config, (b.block for b in found), now, tz)
    return PlanDay(
        this_day, start, tuple(replace(b, breaks=breaks.get(b.block.id, ())) for b in found), views.meetings(db, start, end),
        tuple(e.title for e in calendars.events_between(db, start, end) if e.all_day), happened,
        expected,
    )
