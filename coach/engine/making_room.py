"""What happens around a block that the person puts somewhere by hand: proposals that stood there get another place, all else
stays still; and the reasons of the block say what is true where it is now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.explain import Placed, block_reasons
from coach.core.other_place import other_place
from coach.core.plan import WEIGHTS, Block, Busy, Instance, Plan, PlanTask, Reason, Unplaced
from coach.core.plan_limits import HERE, broken
from coach.core.task import Task
from coach.core.when import end_of, start_of, zone
from coach.engine import block_lengths, plan_horizon, plan_instance, plan_limits, planning, productivity
from coach.engine.planning_hours import category_hours, work_hours
from coach.engine.productivity import Productivity
from coach.engine.profile import focus_ahead, focus_source
from coach.store import blocks
from coach.store import tasks as tasks_store
from coach.store.db import Connection

STILL_TRUE = ("part", block_lengths.KIND)
"""Reasons that do not stand on where a block is."""
BY_HAND = ("moved", "resized")
BACK = "had lost its place to a block that has moved on"
OF_PLACE = ("due", "priority", "focus", "leaning", "before")


@dataclass(slots=True)
class Room:
    """The days of the plan with all that stays where it is, and what has become of the proposals that did not: `went` are pairs
    (as it was, as it is now; from None where a block was cut in two), `lost` those without a place."""

    db: Connection
    config: Config
    now: datetime
    tz: ZoneInfo
    instance: Instance
    works: Productivity
    source: str
    standing: list[Block]
    went: list[tuple[Block | None, Block]] = field(default_factory=list)
    lost: list[tuple[Block, Unplaced]] = field(default_factory=list)

    def settle(self, homeless: Iterable[Block], to: Block, to_task: Task) -> None:
        """Another place, or none, for each proposal that stood where `to` stands now, and one for those that had lost theirs and
        can have one again; what counts most first. A task that is not open has no claim to any."""
        found = [(block, tasks_store.get(self.db, block.task_id)) for block in homeless]
        for block, task in sorted(found, key=lambda one: -WEIGHTS[one[1].priority] if one[1] else 0.0):
            stood = block.status == "proposed"
            if task is None or task.status != "pending":
                if stood:
                    self.lost.append((block, planning.taken_by(self.db, block, to, "")))
                continue
            made = self._other_place(block, task)
            if made.blocks:
                why = f'made room for "{to_task.title}", which you put at its time' if stood else BACK
                self._settle(block, made, Reason(blocks.DISPLACED, 0.0, why))
            elif stood:
                self.lost.append((block, planning.taken_by(self.db, block, to, made.unplaced[0].would_fit_if)))

    def _settle(self, proposal: Block, made: Plan, why: Reason) -> None:
        for number, place in enumerate(made.blocks):
            kept = [r for r in proposal.reasons if r.kind in STILL_TRUE and (r.kind != "part" or len(made.blocks) == 1)]
            reasons = (why, *planning.sourced(place, self.source).reasons, *kept)
            first = replace(proposal, start=place.start, end=place.end, reasons=reasons, status="proposed")
            taken = {b.id for b in self.standing} | blocks.ids(self.db)
            new = first if number == 0 else planning.own_id(replace(first, id=place.id), taken)
            self.went.append((proposal if number == 0 else None, new))
            self.standing.append(new)

    def _other_place(self, proposal: Block, task: Task) -> Plan:
        rest = timedelta(minutes=self.instance.break_min)
        taken = tuple(Busy(b.start - rest, b.end + rest) for b in self.standing)
        worked: dict[date, float] = {}
        for block in self.standing:
            day = block.start.astimezone(self.tz).date()
            worked[day] = worked.get(day, 0.0) + block.minutes
        return other_place(replace(
            self.instance, events=(*self.instance.events, *taken), worked=tuple(sorted(worked.items())),
            tasks=(self.plan_task(task, int(proposal.minutes)),), shown=(proposal,)))

    def plan_task(self, task: Task, minutes: int) -> PlanTask:
        """A piece of a task as the plan knows it."""
        settings, hours = self.config.plan, category_hours(self.config.plan.hours)
        longest = max(minutes, productivity.longest_block_min(self.works, settings.max_block_min))
        split = minutes >= plan_instance.WHOLE_MIN
        named = [n.casefold() for n in (task.category, task.project) if n]
        refused = (b.start for b in blocks.of_task(self.db, task.id) if blocks.refused(b) and b.start >= self.now)
        return PlanTask(
            task.id, task.title, minutes, None if task.due is None else end_of(task.due, zone(task.time_zone)).astimezone(UTC),
            task.priority, task.category or task.project, splittable=split, max_block_min=longest,
            min_block_min=max(settings.min_block_min, plan_instance.LEAST_PART_MIN) if split else settings.min_block_min,
            not_before=plan_limits.ready_at(task), due_hard=task.due_hard, not_at=frozenset(refused),
            hours=next((hours[n] for n in named if n in hours), None))

    def reasons(self, old: Block, moved: Block, task: Task, by_hand: Reason) -> tuple[Reason, ...]:
        """What the person did first and against which limits, then what is true of the place where the block is now, then what is
        still true of before."""
        place = Placed(self.plan_task(task, int(moved.minutes)), moved.start, moved.end, 1, 1, 0)
        fresh = Block(moved.id, moved.task_id, moved.start, moved.end, block_reasons(self.instance, place))
        here = [r for r in planning.sourced(fresh, self.source).reasons if r.kind in OF_PLACE]
        kept = [r for r in old.reasons if r.kind in STILL_TRUE]
        did = [r for r in old.reasons if r.kind in BY_HAND and r.kind != by_hand.kind]
        wrong = broken(moved, plan_limits.of(self.db, self.config, task, (moved.start, moved.end), self.tz))
        against = [replace(r, text=HERE + r.text) for r in wrong]
        return (by_hand, *against, *did, *here, *kept)


def room(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, standing: Sequence[Block] = (), until: datetime | None = None,
) -> Room:
    """The days of the plan that is shown, at least up to `until`, with those blocks in them."""
    today = now.astimezone(tz).date()
    days = plan_horizon.days_ahead(db, config, now, tz)
    days = max(days, (until.astimezone(tz).date() - today).days + 1) if until else days
    works = productivity.last(db) or Productivity(today)
    end = start_of(today + timedelta(days=days), tz).astimezone(UTC)
    instance = Instance(
        now=now, tz=tz, days=days, work_hours=work_hours(config.time), events=plan_limits.busy(db, (now, end)),
        focus=focus_ahead(db, now, tz), break_min=productivity.between_blocks_min(works, config.plan.break_min),
        tire_after_min=productivity.tires_after_min(works, config.plan.tire_after_min), uncertain=True, leanings=works.leanings)
    return Room(db, config, now, tz, instance, works, focus_source(db, today), list(standing))
