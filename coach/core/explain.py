"""Why a block stands where it stands, and what an unplaced task would need: numbers first, then words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from coach.core import leaning, slots
from coach.core.plan import Instance, PlanTask, Reason, Unplaced
from coach.core.wishes import Shown


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of a task, number `part` of `parts`, in a stretch of working time of `gap_min` minutes between two events;
    `shown` is where the plan that the person sees has the task."""

    task: PlanTask
    start: datetime
    end: datetime
    part: int
    parts: int
    gap_min: int
    shown: tuple[Shown, ...] = ()

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds() // 60)


def block_reasons(
    instance: Instance, placed: Placed, before: Placed | None = None, after: Placed | None = None,
) -> tuple[Reason, ...]:
    """Due, priority, focus, part of the day, stability, what it follows, what follows, gap and part, as far as they apply, in
    this order."""
    found: list[Reason] = []
    task = placed.task
    if task.due is not None:
        found.append(_due(instance, task.due, placed.end))
    if task.priority is not None:
        found.append(Reason("priority", task.priority, f"priority {task.priority}: a minute counts {task.weight:g}"))
    if instance.focus is not None:
        found.append(_focus(instance, instance.focus, placed))
    found += _leaning(instance, placed)
    if placed.shown:
        found.append(_stability(placed))
    found += _neighbours(instance, placed, before, after)
    gap = span(placed.gap_min)
    fills = placed.gap_min == placed.minutes
    words = f"fills a free {gap}" if fills else f"{span(placed.minutes)} of a free {gap}"
    found.append(Reason("gap", placed.gap_min, words))
    if placed.parts > 1:
        whole = span(slots.quarters(task.minutes) * slots.QUARTER_MIN)
        found.append(Reason("part", placed.part, f"part {placed.part} of {placed.parts}, {whole} in all"))
    return tuple(found)


def _leaning(instance: Instance, placed: Placed) -> list[Reason]:
    """What the person's own moves say of the part of the day that most of the block lies in."""
    middle = placed.start + (placed.end - placed.start) / 2
    part = leaning.part_of(middle.astimezone(instance.tz).hour)
    of_kind = leaning.of_kind(instance.leanings, placed.task.category)
    return [Reason("leaning", round(one.focus, 3), f"{one.words}: {one.focus:+.2f} focus here") for one in of_kind
            if one.part == part]


def _stability(placed: Placed) -> Reason:
    at = slots.quarter(placed.start)
    moved_min = min((at - s.quarter for s in placed.shown), key=abs) * slots.QUARTER_MIN
    if not moved_min:
        return Reason("stability", 0, "stays where the plan had it")
    side = "later" if moved_min > 0 else "earlier"
    return Reason("stability", moved_min, f"{span(abs(moved_min))} {side} than the plan had it")


def _neighbours(instance: Instance, placed: Placed, before: Placed | None, after: Placed | None) -> list[Reason]:
    """What is less than an hour away: a task of the same category costs no switch; an event that the block ends before."""
    near, found, category = timedelta(hours=1), list[Reason](), placed.task.category
    for kind, other, apart in (("after", before, placed.start - before.end if before else near),
                               ("before", after, after.start - placed.end if after else near)):
        if other is not None and apart < near and category is not None and other.task.category == category:
            minutes = int(apart.total_seconds() // 60)
            title = other.task.title or other.task.id
            gap = f"{span(minutes)} {kind}" if minutes else f"right {kind}"
            found.append(Reason(kind, minutes, f'{gap} "{title}", {category} too: no switch'))
    event = min((e for e in instance.events if e.title and e.start >= placed.end), key=lambda e: e.start, default=None)
    if event is not None and event.start - placed.end < near and not any(r.kind == "before" for r in found):
        minutes = int((event.start - placed.end).total_seconds() // 60)
        words = f'done {span(minutes)} before "{event.title}"' if minutes else f'ends when "{event.title}" begins'
        found.append(Reason("before", minutes, words))
    return found


def _due(instance: Instance, due: datetime, end: datetime) -> Reason:
    slack_min = int((due - end).total_seconds() // 60)
    where = clock(instance, due)
    if slack_min < 0:
        return Reason("due", slack_min, f"{span(-slack_min)} after it was due ({where})")
    return Reason("due", slack_min, f"ends {span(slack_min)} before it is due ({where})")


def _focus(instance: Instance, focus: tuple[float, ...], placed: Placed) -> Reason:
    numbers = range(slots.quarter(placed.start), slots.quarter_after(placed.end))
    values = [focus[slots.hour_of_week(slots.instant_of(n), instance.tz)] for n in numbers]
    here = sum(values) / len(values)
    over = here - slots.mean_focus(focus, instance.work_hours)
    side = "above" if over >= 0 else "below"
    return Reason("focus", round(here, 3), f"focus here is {here:.2f}, {abs(over):.2f} {side} the working mean")


def unplaced(
    instance: Instance, task: PlanTask, longest_min: int, total_min: int, tried: Sequence[str] | None = None,
) -> Unplaced:
    """Why a task has no place, and what would give it one; `longest_min` and `total_min` are still free for it, `tried` the
    changes that were tried and do, None where nothing was tried."""
    if not task.minutes:
        return Unplaced(task.id, "it has no estimate", "an estimate of at least 15 min")
    if task.due_hard and task.due is not None and task.due <= instance.now:
        fits = next((w for w in tried or () if w.startswith("a later deadline")), "a later deadline")
        return Unplaced(task.id, f"its deadline ({clock(instance, task.due)}) has passed", fits)
    if misfit := _misfit(task):
        return misfit
    if (most_min := _before_deadline(instance, task)) is not None:
        has = f"of the {span(most_min)} of working time" if most_min else "of working time, of which there is none"
        need = span(slots.quarters(task.minutes) * slots.QUARTER_MIN)
        return Unplaced(task.id, f"it needs {need} {has} before its deadline", ", or ".join(tried or ["a later deadline"]))
    if tried is None:
        ways = _would_fit(instance, task, longest_min, total_min)
    else:
        ways = [_gap(instance, task, longest_min, total_min), *tried]
    return Unplaced(task.id, _why(task, longest_min, total_min), ", or ".join(ways))


def spare(instance: Instance, task: PlanTask, end: datetime, tried: Sequence[str] | None, tires: bool) -> Unplaced:
    """A task that has room, until `end` at best, and that the plan is worth more without, where it `tires` because a day would
    hold more than the person has in them; `tried` are the changes that were tried and with which the plan is worth more with it,
    None where nothing was tried."""
    if tried is None:
        helps = "perhaps a higher priority" if task.due is not None else "perhaps a higher priority, or a due"
    else:
        helps = ", or ".join(tried) or "other work that is left out"
    room = f"it could be done by {clock(instance, end)}"
    if task.due is not None and end > task.due:
        return Unplaced(
            task.id, f"{room}, after it was due ({clock(instance, task.due)}), where it is worth less than it costs the rest",
            helps)
    if tires:
        day = span(instance.tire_after_min)
        return Unplaced(task.id, f"{room}, but a day would hold more work than you have in you ({day})", helps)
    return Unplaced(task.id, f"{room}, but is worth less than it costs the rest", helps)


def _misfit(task: PlanTask) -> Unplaced | None:
    """A task whose own limits leave no block that would do."""
    if task.max_block_min is None:
        return None
    longest = span(task.max_block_min)
    most, need = slots.quarters(task.max_block_min), slots.quarters(task.minutes)
    if task.splittable and slots.quarters(task.min_block_min) > most < need:
        shortest = span(task.min_block_min)
        return Unplaced(task.id, f"its shortest block ({shortest}) is longer than its longest ({longest})",
                        f"a shortest block of at most {longest}")
    pieces, least = -(-need // most), slots.quarters(task.min_block_min)
    if task.splittable and need > most and pieces * least > need:
        return Unplaced(
            task.id, f"{span(need * slots.QUARTER_MIN)} cannot be cut into blocks of {span(least * slots.QUARTER_MIN)} to"
            f" {span(most * slots.QUARTER_MIN)}", f"a shortest block of at most {span(need // pieces * slots.QUARTER_MIN)}")
    if not task.splittable and need > most:
        return Unplaced(task.id, f"{span(task.minutes)} in one piece is longer than the longest block ({longest})",
                        f"it may be split, or an estimate of at most {longest}")
    return None


def _before_deadline(instance: Instance, task: PlanTask) -> int | None:
    """Minutes of working time between now, or when the task may begin, and its hard due, where even all of them are too few; None
    where they are enough, or where the due lies beyond the days planned."""
    if not task.due_hard or task.due is None:
        return None
    begins = max(instance.now, task.not_before or instance.now)
    hours = slots.working(task.hours or instance.work_hours, instance.now, instance.tz, instance.days)
    if not hours or task.due > hours[-1][1]:
        return None
    most_min = int(sum(max(0.0, (min(end, task.due) - max(start, begins)).total_seconds()) for start, end in hours) // 60)
    return most_min if most_min < slots.quarters(task.minutes) * slots.QUARTER_MIN else None


def _why(task: PlanTask, longest_min: int, total_min: int) -> str:
    before = "before its deadline" if task.due_hard and task.due else "in the days planned"
    need = slots.quarters(task.minutes) * slots.QUARTER_MIN
    if not longest_min:
        return f"no working time is free {before}"
    if task.splittable and total_min < need:
        return f"only {span(total_min)} of its {span(need)} is free {before}"
    return f"the longest free stretch {before} is {span(longest_min)}, it needs {span(need)}"


def _gap(instance: Instance, task: PlanTask, longest_min: int, total_min: int) -> str:
    need = slots.quarters(task.minutes) * slots.QUARTER_MIN
    until = f" before {clock(instance, task.due)}" if task.due_hard and task.due else ""
    if task.splittable and total_min < need:
        return f"at least {span(max(need - total_min, task.min_block_min))} more free{until}"
    return f"a {span(need)} gap{until}"


def _would_fit(instance: Instance, task: PlanTask, longest_min: int, total_min: int) -> list[str]:
    """What may help, where nothing was tried."""
    need = slots.quarters(task.minutes) * slots.QUARTER_MIN
    ways = [_gap(instance, task, longest_min, total_min)]
    if longest_min >= min(task.min_block_min, need) and not task.splittable:
        ways.append(f"an estimate of at most {span(longest_min)}")
    return ways


def clock(instance: Instance, instant: datetime) -> str:
    """`Fri 27 Nov 17:00`, by the person's clock; midnight, which a whole-day due ends with, is the end of the day before."""
    return clock_in(instance.tz, instant)


def clock_in(tz: tzinfo, instant: datetime) -> str:
    """The same, by the clock of that zone."""
    local = instant.astimezone(tz)
    if (local.hour, local.minute) == (0, 0):
        day = local.date() - timedelta(days=1)
        return f"end of {day:%a} {day.day} {day:%b}"
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def span(minutes: float) -> str:
    """`45 min`, `2 h`, `3 h 15 min`, `4 d 2 h`."""
    whole = int(minutes)
    if whole < 120:
        return f"{whole} min"
    if whole >= 2880:
        days, rest = divmod(whole, 1440)
        return f"{days} d {rest // 60} h" if rest >= 60 else f"{days} d"
    hours, rest = divmod(whole, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
