"""Plan: a day or the week as blocks beside meetings, why each block is where it is, and what found no place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import Event
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll

from coach.config import clock
from coach.core import slots
from coach.core.errors import CoachError
from coach.core.plan import Block
from coach.engine import block_moves, outdated, plan_view, planning
from coach.engine.block_moves import Moved
from coach.engine.day import minute_of
from coach.engine.plan_view import BACK_DAYS, PlanDay, PlanView
from coach.engine.views import PlanBlock
from coach.tui import anew
from coach.tui import plan_words as words
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.screens.base import CoachScreen
from coach.tui.screens.today import block_item, leaf
from coach.tui.widgets.blocks import BlockGrid, Item, Lane
from coach.tui.widgets.paint import Line, Words

T = TypeVar("T")

TICK_S = 0.1
"""s between two looks at how far the search for a plan is."""


class PlanScreen(CoachScreen[PlanView]):
    NAME = "plan"
    AHEAD = False  # lengths of tasks are a model's
    BINDINGS: ClassVar[list[BindingType]] = bindings("plan")
    AUTO_FOCUS = "BlockGrid"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (130, "-wide")]  # noqa: RUF012  Textual declares it without ClassVar
    LOOKS = """
    PlanScreen {
        #main { layout: vertical; }
        #grid { padding: 0 1; height: 1fr; }
        #side { height: 10; border-top: solid $border-blurred; padding: 0 1; scrollbar-size-vertical: 1; }
        &.-tall #side { height: 16; }
        &.-narrow ToastRack { margin-bottom: 11; }
        &.-narrow.-tall ToastRack { margin-bottom: 17; }
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
        self._stop: Event | None = None
        """Set to end the search for a plan; None while there is none, or a decision on a block has overtaken it."""
        self._share = 0.0
        self._follow = ""
        """The block to which the cursor goes when the view is shown next."""
        self._said_of = ""
        """The block of which it is said what came of the last key."""
        self._asked = ("", "")
        """The block and the action that the next press of the same key is sure of."""

    def body(self) -> ComposeResult:
        with Container(id="main"):
            yield BlockGrid(id="grid")
            with VerticalScroll(id="side"):
                yield Words(id="said", wrap=True)
                yield Words(id="working")
                yield Words(id="outdated", wrap=True)
                yield Words(id="load", wrap=True)
                yield Words(id="why", wrap=True)
                yield Words(id="unplaced", wrap=True)

    def stamp(self, db: Any, now: datetime) -> object:
        return plan_view.stamp(db, self.app.runtime.config, now, self.app.tz), self._gone(now)

    def build(self, db: Any, now: datetime) -> PlanView:
        return plan_view.plan(db, self.app.runtime.config, now, self.app.tz, self._gone(now))

    def _gone(self, now: datetime) -> date | None:
        """The day that is shown, if it has gone by."""
        day = None if self._week else self._day
        return day if day is not None and day < now.astimezone(self.app.tz).date() else None

    def _turn(self) -> None:
        """Show another part of the view. The days ahead are in it; one that has gone by has to be read."""
        gone = self._gone(self.view.now) if self.view else None
        if self.view is None or (gone is not None and (self.view.past is None or self.view.past.day != gone)):
            self.reload()
        else:
            self.show(self.view)

    def show(self, view: PlanView) -> None:
        lanes, first, last = self._lanes(view)
        grid = self.query_one(BlockGrid)
        grid.show(lanes, first, last)
        if self._follow:
            grid.select(self._follow)
            self._follow = ""
        key = keys_of(BY_ID["plan.replan"], self.app.keymap)
        self.query_one("#outdated", Words).show([*words.outdated_lines(view.outdated, key), *([[]] if view.outdated else [])])
        if self._stop is None:
            anew.follow(self.app, view.outdated)
        self.query_one("#load", Words).show([*words.load_lines(view.load, len(view.unplaced)), []])
        self.query_one("#unplaced", Words).show(words.unplaced_lines(view))
        self._explain()

    def _lanes(self, view: PlanView) -> tuple[list[Lane], int, int]:
        days = self._shown(view) if self._week else [view.on(self._day)]
        lanes = [self._lane(view, day) for day in days]
        if not self._week:
            lanes.append(self._happened(view, days[0]))
        time = self.app.runtime.config.time
        edges = [clock(t).hour * 60 + clock(t).minute for t in (time.work_start, time.work_end)]
        first = min([edges[0], *(int(i.start_min) for lane in lanes for i in lane.items)])
        last = max([edges[1], *(int(i.end_min) for lane in lanes for i in lane.items)])
        return lanes, first // 60 * 60, -(-last // 60) * 60

    def _shown(self, view: PlanView) -> list[PlanDay]:
        """The days of the week view: free days with nothing on them make room for the others, and so do days beyond those of the
        setting on which nothing is planned."""
        config = self.app.runtime.config
        works, near = config.time.work_days, view.days[:max(1, config.plan.days)]
        days = [d for d in view.days if d.blocks or d.day == view.today
                or (d in near and (slots.DAYS[d.day.weekday()] in works or d.meetings))]
        return days or list(view.days)

    def _lane(self, view: PlanView, day: PlanDay) -> Lane:
        tz = self.app.tz
        items = [
            *(Item(minute_of(m.start, day.start, tz), minute_of(m.end, day.start, tz), m.title or "Busy", "meeting")
              for m in day.meetings),
            *(block_item(b, day.start, tz) for b in day.blocks),
        ]
        whole = f" · {', '.join(day.all_day)}" if day.all_day else ""
        load = next((one for one in view.load.days if one.day == day.day), None)
        return Lane(f"{day.day:%a} {day.day.day}{whole}", tuple(items), self._now(view, day), day.expected, words.note_of(load))

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
        days = (*self.view.days, *([self.view.past] if self.view.past else [])) if self.view else ()
        blocks = (b for day in days for b in day.blocks)
        return next((b for b in blocks if b.block.id == chosen), None)

    @on(BlockGrid.Selected)
    def _explain(self) -> None:
        why, view, block = self.query_one("#why", Words), self.view, self._block
        if view is None:
            return
        shown = view.on(None if self._week else self._day)
        lines = [] if self._week else [*words.kept_lines(shown, view.now), []]
        if block is None:
            lines += words.empty_lines(view, keys_of(BY_ID["plan.replan"], self.app.keymap))
        else:
            day = next(d for d in (*view.days, shown) if block in d.blocks)
            lines += words.why_lines(block, day, view.now, self.app.tz)
        why.show([*lines, [], words.LEGEND, *words.expected_lines(view)])

    @on(BlockGrid.Selected)
    def _leave(self, message: BlockGrid.Selected) -> None:
        """What was said of another block is over, and so is a question about it."""
        if message.id != self._said_of:
            self._say([])

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
        self._on_block(lambda db, now, block: planning.accept(db, [block], now), lambda _: words.done_line("Accepted"))

    def action_plan_accept_all(self) -> None:
        proposed = [b.block.id for d in (self.view.days if self.view else ()) for b in d.blocks if b.block.status == "proposed"]
        if proposed:
            self._decide(lambda db, now: planning.accept(db, proposed, now),
                         lambda _: words.done_line(f"Accepted {len(proposed)} blocks"))

    def action_plan_reject(self) -> None:
        self._on_block(lambda db, now, block: planning.reject(db, [block], now),
                       lambda _: words.done_line("Rejected, and remembered", self._key("undo")))

    def action_plan_earlier(self) -> None:
        self._shift("plan.earlier", block_moves.move, -slots.QUARTER_MIN)

    def action_plan_later(self) -> None:
        self._shift("plan.later", block_moves.move, slots.QUARTER_MIN)

    def action_plan_longer(self) -> None:
        self._shift("plan.longer", block_moves.resize, slots.QUARTER_MIN)

    def action_plan_shorter(self) -> None:
        self._shift("plan.shorter", block_moves.resize, -slots.QUARTER_MIN)

    def action_plan_day_on(self) -> None:
        self._shift("plan.day_on", block_moves.move_days, 1)

    def action_plan_day_back(self) -> None:
        self._shift("plan.day_back", block_moves.move_days, -1)

    def _shift(self, action: str, act: Callable[..., Moved], by: int) -> None:
        """Move or resize the block; what breaks a limit of the plan wants the same key once more."""
        config, tz, sure, days = self.app.runtime.config, self.app.tz, self._asked[1] == action, act is block_moves.move_days

        def say(moved: Moved) -> Line:
            if moved.asks:
                self._asked = (moved.block.id, action)
                return words.asked_line(moved, tz, self._key(action).split()[0])
            if days:
                self._go_along(moved.block)
            return words.moved_line(moved, tz, self._key("undo"))

        self._on_block(lambda db, now, block: act(db, config, block, by, now, tz, sure=sure and self._asked[0] == block), say)

    def _go_along(self, moved: Block) -> None:
        """A day's view goes with the block to its new day, and the cursor stays on it."""
        self._follow = moved.id
        if not self._week and self.view:
            day = moved.start.astimezone(self.app.tz).date()
            self._day = day if any(one.day == day for one in self.view.days) else self._day

    def _on_block(self, act: Callable[[Any, datetime, str], T], say: Callable[[T], Line]) -> None:
        block = self._block
        if block is None:
            self._say(words.failed_line("No block is selected here"))
            return
        chosen = block.block.id
        self._decide(lambda db, now: act(db, now, chosen), say, chosen)

    def _decide(self, act: Callable[[Any, datetime], T], say: Callable[[T], Line], chosen: str = "") -> None:
        """Write a decision on blocks, and say above the reasons what came of it, where no toast lies over them."""
        self.app.unasked.touch()
        if self._stop is not None:
            self._stop.set()
            self._stop = None
        asked = self._asked

        async def run() -> None:
            try:
                result = await self.app.write(act)
            except CoachError as error:
                self._say(words.failed_line(error.message, error.hint), chosen)
                return
            if self._asked == asked:
                self._asked = ("", "")
            self._say(say(result), chosen)

        self.run_worker(run(), group="change")

    def _say(self, line: Line, of: str = "") -> None:
        if not line:
            self._asked = ("", "")
        self._said_of = of
        if self.is_attached:
            self.query_one("#said", Words).show([line, []] if line else [])

    def _key(self, action: str) -> str:
        return keys_of(BY_ID[action], self.app.keymap)

    def action_plan_why(self) -> None:
        """In and out of the reasons: taller where they are short of room."""
        self.toggle_class("-tall")

    def action_plan_week(self) -> None:
        self._week = not self._week
        if not self._week and self.view:
            block = self._block
            self._day = next((d.day for d in self.view.days if block in d.blocks), self.view.today)
        self._turn()

    def action_plan_whatif(self) -> None:
        from coach.tui.screens.plan_whatif import PlanWhatIf  # on the first i

        block = self._block
        if block is None:
            self._say(words.failed_line("No block is selected here"))
            return
        self.app.push_screen(PlanWhatIf(block.block, block.title))

    # The search for a plan, in the thread that no other screen waits for

    def action_plan_replan(self) -> None:
        if self._stop is None:
            self.app.unasked.touch()
            self._stop, self._share = Event(), 0.0
            self.run_worker(self._search(self._stop), group="search")

    def action_plan_stop(self) -> None:
        if self._stop is not None:
            self._stop.set()
        else:
            self.drop_toasts()

    async def _search(self, stop: Event) -> None:
        config, tz = self.app.runtime.config, self.app.tz
        tick = self.set_interval(TICK_S, self._say_progress)
        told = self.view is not None and bool(self.view.outdated.in_the_way)
        before = sum(b.block.status == "proposed" for d in (self.view.days if self.view else ()) for b in d.blocks)
        try:
            found = await asyncio.wrap_future(self.app.begin_thinking(lambda db, now: outdated.anew(
                db, config, now, tz, give_back=told, progress=self._hear, cancelled=stop.is_set)))
            if found.made.cancelled or stop.is_set():
                if self._stop is stop:
                    self._say(words.done_line("Stopped; the plan is as it was"))
                return
            made = await self.app.write(lambda db, now: outdated.keep(db, found, now))
        except CoachError as error:
            self._say(words.failed_line(error.message, error.hint))
            return
        finally:
            tick.stop()
            self._stop = None if self._stop is stop else self._stop
            if self.is_attached:
                self.query_one("#working", Words).show([])
        back = words.given_back_words(len(found.given_back), keys_of(BY_ID["undo"], self.app.keymap))
        said = words.planned_words(made, before) + back
        self._say(words.done_line(said)) if self.is_current else self.app.notify(said, markup=False)

    def _hear(self, share: float) -> None:
        """Called in the thread of the search."""
        self._share = share

    def _say_progress(self) -> None:
        key = keys_of(BY_ID["plan.stop"], self.app.keymap)
        self.query_one("#working", Words).show(words.working_lines(self._share, key))

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
            day = self.view.on(self._day).day + timedelta(days=by)
            if self.view.today - timedelta(days=BACK_DAYS) <= day <= self.view.days[-1].day:
                self._day = day
                self._turn()
