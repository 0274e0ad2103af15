"""Plan: a day or the week as blocks beside meetings, why each block is where it is, and what found no place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll

from coach.config import clock
from coach.core import slots
from coach.core.words import duration
from coach.engine import planning, views
from coach.engine.day import minute_of
from coach.engine.views import PlanBlock, PlanDay, PlanView
from coach.tui.actions import bindings
from coach.tui.screens.base import CoachScreen
from coach.tui.screens.today import block_item, curve_of, leaf
from coach.tui.widgets.blocks import EDGES, BlockGrid, Item, Lane
from coach.tui.widgets.paint import Line, Words

MOST = 12
"""Tasks without a place that are named; the rest are counted."""
LEGEND: Line = [
    (f"{EDGES['accepted']} ", "accepted"), ("accepted  ", "muted"), (f"{EDGES['proposed']} ", "proposed"),
    ("proposed  ", "muted"), (f"{EDGES['done']} ", "done"), ("done  ", "muted"),
    (f"{EDGES['meeting']} ", "meeting"), ("busy", "muted"),
]


class PlanScreen(CoachScreen[PlanView]):
    NAME = "plan"
    BINDINGS: ClassVar[list[BindingType]] = bindings("plan")
    AUTO_FOCUS = "BlockGrid"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (130, "-wide")]  # noqa: RUF012  Textual declares it without ClassVar
    CSS = """
    PlanScreen {
        #main { layout: vertical; }
        #grid { padding: 0 1; height: 1fr; }
        #side { height: 10; border-top: solid $border-blurred; padding: 0 1; scrollbar-size-vertical: 1; }
        &.-tall #side { height: 16; }
        &.-wide #main { layout: horizontal; }
        &.-wide #grid { width: 1fr; }
        &.-wide #side { width: 56; height: 1fr; border-top: none; border-left: vkey $border-blurred; padding: 0 2; }
        #unplaced { margin-top: 1; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._week = True
        self._day: date | None = None

    def body(self) -> ComposeResult:
        with Container(id="main"):
            yield BlockGrid(id="grid")
            with VerticalScroll(id="side"):
                yield Words(id="why")
                yield Words(id="unplaced")

    def stamp(self, db: Any, now: datetime) -> object:
        return views.plan_stamp(db, self.app.runtime.config, now, self.app.tz), self._week, self._day

    def build(self, db: Any, now: datetime) -> PlanView:
        return views.plan(db, self.app.runtime.config, now, self.app.tz)

    def show(self, view: PlanView) -> None:
        lanes, first, last = self._lanes(view)
        day = view.today if self._week else self._chosen(view).day
        self.query_one(BlockGrid).show(lanes, first, last, curve_of(view.expected, day))
        self.query_one("#unplaced", Words).show(unplaced_lines(view))
        self._explain()

    def _lanes(self, view: PlanView) -> tuple[list[Lane], int, int]:
        days = self._shown(view) if self._week else [self._chosen(view)]
        lanes = [self._lane(view, day) for day in days]
        if not self._week:
            lanes.append(self._happened(view, days[0]))
        time = self.app.runtime.config.time
        edges = [clock(t).hour * 60 + clock(t).minute for t in (time.work_start, time.work_end)]
        first = min([edges[0], *(int(i.start_min) for lane in lanes for i in lane.items)])
        last = max([edges[1], *(int(i.end_min) for lane in lanes for i in lane.items)])
        return lanes, first // 60 * 60, -(-last // 60) * 60

    def _shown(self, view: PlanView) -> list[PlanDay]:
        """The days of the week view: free days with nothing on them make room for the others."""
        works = self.app.runtime.config.time.work_days
        days = [d for d in view.days if slots.DAYS[d.day.weekday()] in works or d.blocks or d.meetings or d.day == view.today]
        return days or list(view.days)

    def _chosen(self, view: PlanView) -> PlanDay:
        return next((d for d in view.days if d.day == self._day), view.days[0])

    def _lane(self, view: PlanView, day: PlanDay) -> Lane:
        tz = self.app.tz
        items = [
            *(Item(minute_of(m.start, day.start, tz), minute_of(m.end, day.start, tz), m.title or "Busy", "meeting")
              for m in day.meetings),
            *(block_item(b, day.start, tz) for b in day.blocks),
        ]
        whole = f" · {', '.join(day.all_day)}" if day.all_day else ""
        return Lane(f"{day.day:%a} {day.day.day}{whole}", tuple(items), self._now(view, day))

    def _happened(self, view: PlanView, day: PlanDay) -> Lane:
        tz = self.app.tz
        items = tuple(
            Item(minute_of(x.start, day.start, tz), minute_of(x.end, day.start, tz), leaf(x.category), "lived",
                 level=x.level, detail=x.app)
            for x in day.lived
        )
        return Lane("What happened", items, self._now(view, day))

    def _now(self, view: PlanView, day: PlanDay) -> float | None:
        return minute_of(view.now, day.start, self.app.tz) if day.day == view.today else None

    # The block under the cursor

    @property
    def _block(self) -> PlanBlock | None:
        chosen = self.query_one(BlockGrid).selected
        blocks = (b for day in (self.view.days if self.view else ()) for b in day.blocks)
        return next((b for b in blocks if b.block.id == chosen), None)

    @on(BlockGrid.Selected)
    def _explain(self) -> None:
        why = self.query_one("#why", Words)
        block = self._block
        if block is None:
            why.show([*empty_lines(self.view), [], LEGEND, *expected_lines(self.view)])
        else:
            why.show([*why_lines(block, self.app.tz), [], LEGEND, *expected_lines(self.view)])

    def selected_tasks(self) -> tuple[str, ...]:
        block = self._block
        return (block.block.task_id,) if block else ()

    def select_task(self, id: str) -> bool:
        for day in self.view.days if self.view else ():
            for block in day.blocks:
                if block.block.task_id == id:
                    self.query_one(BlockGrid).select(block.block.id)
                    return True
        return False

    # Keys

    def action_plan_accept(self) -> None:
        self._on_block(lambda db, now, block: planning.accept(db, [block], now), "Accepted")

    def action_plan_accept_all(self) -> None:
        proposed = [b.block.id for d in (self.view.days if self.view else ()) for b in d.blocks if b.block.status == "proposed"]
        if proposed:
            self.app.change(lambda db, now: planning.accept(db, proposed, now), f"Accepted {len(proposed)} blocks")

    def action_plan_reject(self) -> None:
        self._on_block(lambda db, now, block: planning.reject(db, [block], now), "Rejected, and remembered · u takes it back")

    def action_plan_earlier(self) -> None:
        self._move(-15)

    def action_plan_later(self) -> None:
        self._move(15)

    def _move(self, minutes: int) -> None:
        self._on_block(lambda db, now, block: planning.move(db, block, minutes, now), "")

    def _on_block(self, act: Callable[[Any, datetime, str], object], say: str) -> None:
        block = self._block
        if block is None:
            self.app.notify("No block is selected here")
            return
        chosen = block.block.id
        self.app.change(lambda db, now: act(db, now, chosen), say)

    def action_plan_why(self) -> None:
        """In and out of the reasons: taller where they are short of room."""
        self.toggle_class("-tall")

    def action_plan_week(self) -> None:
        self._week = not self._week
        if not self._week and self.view:
            block = self._block
            self._day = next((d.day for d in self.view.days if block in d.blocks), self.view.today)
        self.reload()

    def action_plan_replan(self) -> None:
        config, tz = self.app.runtime.config, self.app.tz
        self.app.change(
            lambda db, now: planning.replan(db, config, now, tz),
            lambda made: planned(len(made.plan.blocks), len(made.unplaced)),
        )

    def action_move_left(self) -> None:
        self._aside(-1)

    def action_move_right(self) -> None:
        self._aside(1)

    def _aside(self, by: int) -> None:
        """In the week to the next lane with a block, in a day to the next day."""
        if self._week:
            grid = self.query_one(BlockGrid)
            grid.action_cursor_left() if by < 0 else grid.action_cursor_right()
        elif self.view:
            day = self._chosen(self.view).day + timedelta(days=by)
            if any(d.day == day for d in self.view.days):
                self._day = day
                self.reload()


def planned(blocks: int, unplaced: int) -> str:
    """What a new plan came to, in words."""
    count = "1 block" if blocks == 1 else f"{blocks} blocks"
    left = "every task has its place" if not unplaced else f"{unplaced} without a place"
    return f"{count} proposed, {left}"


def why_lines(block: PlanBlock, tz: Any) -> list[Line]:
    """The task, when, and each reason with its number."""
    one = block.block
    when = f"{one.start.astimezone(tz):%a %H:%M} to {one.end.astimezone(tz):%H:%M}, {duration(one.minutes * 60)}"
    late = block.due.endswith("late") or block.due == "yesterday"
    due = f", due {block.due}" if block.due and not late else f", {block.due}" if late else ""
    head: list[Line] = [[(block.title, "strong")], [(f"{one.status}, {when}{due}", "muted")]]
    reasons: list[Line] = [[("· ", "accent"), (r.text, "")] for r in one.reasons]
    return head + (reasons or [[("no reasons were kept for this block", "muted")]])


def empty_lines(view: PlanView | None) -> list[Line]:
    if view is None or any(d.blocks for d in view.days):
        return []
    return [
        [("Nothing is planned yet.", "strong")],
        [("r", "accent"), (" places the tasks that have an estimate (", "muted"), ("~45m", "accent"),
         (") into your free working time.", "muted")],
    ]


def expected_lines(view: PlanView | None) -> list[Line]:
    """Whose curve stands beside the clock."""
    if view is None or not view.expected:
        return []
    return [[("▁▄█ ", "l4"), (f"focus expected today, by {view.expected[-1].by}", "muted")]]


def unplaced_lines(view: PlanView) -> list[Line]:
    if not view.unplaced:
        return []
    lines: list[Line] = [[(f"Without a place: {len(view.unplaced)}", "strong")]]
    for task in view.unplaced[:MOST]:
        lines.append([(f"{task.num:>4}  ", "muted"), (task.title, ""), (f"  {task.reason}", "muted")])
        if task.would_fit_if:
            lines.append([(f"      fits if {task.would_fit_if}", "muted")])
    if len(view.unplaced) > MOST:
        lines.append([(f"      and {len(view.unplaced) - MOST} more", "muted")])
    return lines
