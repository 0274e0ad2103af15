"""The lines of the Plan screen: why a block is where it is, what the days hold, what found no place."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from coach.core.plan import Block
from coach.core.plan_limits import KINDS
from coach.core.words import duration
from coach.engine import plan_view
from coach.engine.block_moves import Moved
from coach.engine.outdated import Outdated
from coach.engine.plan_load import DayLoad, Load
from coach.engine.plan_view import PlanDay, PlanView
from coach.engine.planning import Proposal
from coach.engine.views import PlanBlock
from coach.tui.widgets.blocks import EDGES
from coach.tui.widgets.paint import Line

MOST = 12
"""Tasks without a place that are named; the rest are counted."""
LEGEND: Line = [
    (f"{EDGES['accepted']} ", "accepted"), ("accepted  ", "muted"), (f"{EDGES['proposed']} ", "proposed"),
    ("proposed  ", "muted"), (f"{EDGES['done']} ", "done"), ("done  ", "muted"),
    (f"{EDGES['meeting']} ", "meeting"), ("busy", "muted"),
]
BAR = 20


def planned(blocks: int, unplaced: int) -> str:
    """What a new plan came to, in words."""
    count = "1 block" if blocks == 1 else f"{blocks:,} blocks"
    left = "every task has its place" if not unplaced else f"{unplaced} without a place"
    return f"{count} proposed, {left}"


def planned_words(made: Proposal, before: int) -> str:
    """The same, and what became of the plan that was shown before."""
    words = planned(len(made.plan.blocks), len(made.unplaced))
    moved = len(made.change.moved)
    return f"{words}; {moved} of {before} moved" if before and moved else words


def given_back_words(blocks: int, undo: str) -> str:
    """How many accepted blocks were planned again, "" for none."""
    count = "1 accepted block" if blocks == 1 else f"{blocks} accepted blocks"
    return f"; {count} given back, {undo} takes it back" if blocks else ""


def working_lines(share: float, stop: str) -> list[Line]:
    """How far the search for a plan is."""
    full = round(share * BAR)
    return [[("Planning  ", "strong"), ("█" * full, "accent"), ("░" * (BAR - full), "muted"), (f" {share * 100:.0f} %  ", ""),
             (stop, "accent"), (" stops", "muted")], []]


def outdated_lines(found: Outdated, key: str) -> list[Line]:
    """Why the plan no longer holds, and the key that makes it anew; what that does to accepted blocks is said before."""
    if not found:
        return []
    back = len(found.in_the_way)
    does = " plans anew" if not back else " offers another time" if back == 1 else f" offers {back} blocks another time"
    return [[("△ The plan no longer holds: ", "warn"), (f"{found.words}.  ", ""), (key, "accent"), (does, "muted")]]


def note_of(load: DayLoad | None) -> tuple[str, str]:
    """How much of a day's free time is planned; an overfull day is said in red and in words."""
    if load is None:
        return ("", "")
    if not (load.free_min or load.planned_min):
        return ("no free time", "muted")
    words = f"{load.planned_min / 60:.1f} of {load.free_min / 60:.1f} h"
    return (f"△ {words}", "bad") if load.planned_min > load.free_min else (words, "muted")


def load_lines(load: Load, unplaced: int) -> list[Line]:
    """What the days ahead can hold, a warning where that is too little, and how many tasks have no place."""
    lines = _load_lines(load)
    if unplaced:
        count: Line = [(f"{unplaced:,} without a place", "warn"), (", listed below", "muted")]
        return [*lines[:-1], [*lines[-1], (" ", ""), *count]] if lines else [count]
    return lines


def _load_lines(load: Load) -> list[Line]:
    need, free = duration(load.need_min * 60), duration(load.free_min * 60)
    late = f" ({duration(load.late_min * 60)} of it overdue)" if load.late_min else ""
    if load.short_day is not None:
        short = duration(load.short_min * 60)
        return [
            [("▲ Too much: ", "bad"), (f"{short} more is due by {load.short_day:%a} {load.short_day.day} {load.short_day:%b}"
                                       " than fits until then.", "strong")],
            [(f"  {need} of open work{late}, {free} free. Put something off (z), or make it shorter (i).", "muted")],
        ]
    if not load.holds:
        rest = "what is due fits, the rest does not."
        return [[("△ ", "warn"), (f"{need} of open work{late}, {free} free: ", ""), (rest, "muted")]]
    return [[(f"{need} of open work{late}, {free} free.", "muted")]] if load.need_min else []


def why_lines(block: PlanBlock, day: PlanDay, now: datetime, tz: Any) -> list[Line]:
    """The task, when, each reason with its number, and what really happened in that time."""
    one = block.block
    when = f"{one.start.astimezone(tz):%a %H:%M} to {one.end.astimezone(tz):%H:%M}, {duration(one.minutes * 60)}"
    late = block.due.endswith("late") or block.due == "yesterday"
    due = f", due {block.due}" if block.due and not late else f", {block.due}" if late else ""
    sure = f", {one.confidence * 100:.0f} % sure to be long enough" if one.confidence is not None else ""
    head: list[Line] = [[(block.title, "strong")], [(f"{one.status}, {when}{due}{sure}", "muted")]]
    head += [[("▲ ", "bad"), (f"it stands {r.text}", "strong")] for r in block.breaks]
    reasons: list[Line] = [[("· ", "accent"), (r.text, "")] for r in one.reasons if r.kind not in KINDS]
    lines = head + (reasons or [[("no reasons were kept for this block", "muted")]])
    return lines if one.start >= now else [*lines, *spent_lines(day, block)]


def done_line(said: str, undo: str = "") -> Line:
    """What came of a key, and the key that takes it back."""
    back: Line = [(" · ", "muted"), (undo, "accent"), (" takes it back", "muted")] if undo else []
    return [("✓ ", "good"), (said, ""), *back]


def failed_line(message: str, hint: str = "") -> Line:
    """What could not be done, and what to do instead."""
    return [("✗ ", "bad"), (f"{message}; {hint}" if hint else message, "")]


def asked_line(moved: Moved, tz: tzinfo, key: str) -> Line:
    """What a move would break, and the key that does it all the same."""
    broken = ", ".join(r.text for r in moved.breaks)
    return [("▲ ", "warn"), (f"{_when(moved.block, tz)} would be {broken}: ", ""), (key, "accent"), (" once more does it", "")]


def moved_line(moved: Moved, tz: tzinfo, undo: str) -> Line:
    """Where a block stands now and which limits that breaks, and what became of the proposals that stood there."""
    said = [", ".join([_when(moved.block, tz), *(r.text for r in moved.breaks)])]
    said += [f'"{title}" is now at {_when(there, tz)}' for title, there in moved.elsewhere]
    said += [f'"{title}" has no other place now' for title, _ in moved.lost]
    return done_line("; ".join(said), undo)


def _when(block: Block, tz: tzinfo) -> str:
    return f"{block.start.astimezone(tz):%a %H:%M}-{block.end.astimezone(tz):%H:%M}"


def spent_lines(day: PlanDay, block: PlanBlock) -> list[Line]:
    spent = [(name, minutes) for name, minutes in plan_view.spent_in(day, block.block) if minutes >= 1]
    words = ", ".join(f"{name.rpartition(' > ')[2]} {minutes:.0f} min" for name, minutes in spent[:4])
    return [[("In this time: ", "muted"), (words or "nothing was tracked", "")]]


def kept_lines(day: PlanDay, now: datetime) -> list[Line]:
    """A day's plan held against what happened."""
    kept = plan_view.kept(day, now)
    if not kept.blocks:
        return [[("No accepted block of this day has begun.", "muted")]]
    blocks = "1 block" if kept.blocks == 1 else f"{kept.blocks} blocks"
    return [[
        (f"Planned {duration(kept.planned_min * 60)} in {blocks}: ", ""), (f"{kept.done} done", "strong"),
        (f", {duration(kept.active_min * 60)} active in them.", ""),
    ]]


def empty_lines(view: PlanView | None, key: str) -> list[Line]:
    if view is None or any(d.blocks for d in view.days):
        return []
    return [
        [("Nothing is planned yet.", "strong")],
        [(key, "accent"), (" places the open tasks into your free working time; an estimate (", "muted"), ("~45m", "accent"),
         (") makes it exact.", "muted")],
    ]


def expected_lines(view: PlanView | None) -> list[Line]:
    """Who says what the bars behind the blocks say."""
    if view is None or not view.by:
        return []
    return [[("▁▄█ ", "l4"), (f"focus expected, by {view.by}", "muted")]]


def unplaced_lines(view: PlanView) -> list[Line]:
    if not view.unplaced:
        return []
    lines: list[Line] = [[(f"Without a place: {len(view.unplaced):,}", "strong")]]
    for task in view.unplaced[:MOST]:
        lines.append([(f"{task.num:>4}  ", "muted"), (task.title, ""), (f"  {task.reason}", "muted")])
        if task.would_fit_if:
            lines.append([(f"      what would help: {task.would_fit_if}", "muted")])
    if len(view.unplaced) > MOST:
        lines.append([(f"      and {len(view.unplaced) - MOST:,} more", "muted")])
    return lines
