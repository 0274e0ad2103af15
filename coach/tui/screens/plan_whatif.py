"""What if a block were skipped, shorter or elsewhere: the difference that it would make, before anything is done."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from coach.core.errors import CoachError
from coach.core.plan import Block
from coach.engine import planning, replanning
from coach.engine.plan_effects import Effects, effects
from coach.engine.planning import Proposal
from coach.engine.replanning import FORMS, WhatIf
from coach.tui.plan_words import note_of
from coach.tui.widgets.paint import Line, Words

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

MOST = 30
"""Lines of a difference that are shown; the rest are counted."""


class PlanWhatIf(ModalScreen[None]):
    """Enter works the answer out; enter again does it, unless other words were typed since."""

    DEFAULT_CSS = """
    PlanWhatIf {
        align: center middle;
        & > Vertical { width: 84; max-width: 100%; max-height: 100%; }
        VerticalScroll { height: auto; max-height: 16; scrollbar-size-vertical: 1; }
        #difference { padding: 0 1; }
        #said { height: auto; padding: 0 1; color: $quiet; }
        Input, Input:focus { background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "leave")]

    app: CoachApp

    def __init__(self, block: Block, title: str) -> None:
        super().__init__()
        self._block, self._title = block, title
        self._made: tuple[str, WhatIf, Proposal] | None = None
        self._stop = Event()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = "What if"
            box.border_subtitle = "enter shows it · enter again does it · esc leaves"
            yield Input(placeholder="skip, 45m, +1h, -30m", select_on_focus=False)
            with VerticalScroll(can_focus=False):
                yield Words(id="difference", wrap=True)
            yield Static(f"{self._title}: {FORMS}", id="said", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def on_unmount(self) -> None:
        self._stop.set()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if self._made is not None and self._made[0] == text:
            self.run_worker(self._apply(self._made[1], self._made[2]))
        elif text:
            self._stop.set()
            self._stop = Event()
            self.run_worker(self._work_out(text, self._stop), exclusive=True)

    async def _work_out(self, text: str, stop: Event) -> None:
        config, tz, said = self.app.runtime.config, self.app.tz, self.query_one("#said", Static)
        try:
            change = replanning.understood(text, self._block)
            said.update("Working it out …")
            made, titles, comes_to = await asyncio.wrap_future(self.app.begin_thinking(lambda db, now: (
                made := replanning.what_if(db, config, now, tz, None, change, cancelled=stop.is_set),
                planning.titles(db, made.change), effects(db, config, made),
            )))
        except CoachError as error:
            said.update(f"{error.message}; {error.hint}" if error.hint else error.message)
            return
        if self.is_attached and not made.cancelled:
            self._made = (text, change, made)
            self.query_one("#difference", Words).show(difference_lines(made, comes_to, titles, tz))
            said.update("Nothing has been changed yet: enter does it")

    async def _apply(self, change: WhatIf, made: Proposal) -> None:
        try:
            await self.app.write(lambda db, now: replanning.apply(db, made, change, now))
        except CoachError as error:
            self.app.complain(error)
            return
        self.dismiss()


def difference_lines(made: Proposal, comes_to: Effects, titles: dict[str, str], tz: ZoneInfo) -> list[Line]:
    """The limits that would be broken, each block that would move, come or go, each task that would lose its place; then what the
    days would hold, and how many blocks stay."""
    found = made.change

    def when(block: Block) -> str:
        return f"{block.start.astimezone(tz):%a %H:%M}-{block.end.astimezone(tz):%H:%M}"

    def name(task_id: str) -> str:
        task = made.tasks.get(task_id)
        return titles.get(task_id) or (task.title if task else "")

    lines: list[Line] = [
        *([("▲ ", "bad"), (name(b.task_id), ""), (f"  would stand {r.text}", "strong")]
          for b, broken in comes_to.breaks for r in broken),
        *([("~ ", "warn"), (name(b.task_id), ""), (f"  {when(a)} becomes {when(b)}", "muted")] for a, b in found.moved),
        *([("+ ", "good"), (name(b.task_id), ""), (f"  {when(b)}", "muted")] for b in found.added),
        *([("- ", "bad"), (name(b.task_id), ""), (f"  {when(b)} is gone", "muted")] for b in found.removed),
        *([("! ", "bad"), (name(u.task_id), ""), (f"  {u.reason}; what would help: {u.would_fit_if}", "muted")]
          for u in found.lost),
    ]
    rest = [[(f"and {len(lines) - MOST} more", "muted")]] if len(lines) > MOST else []
    stay = "1 block stays" if len(found.kept) == 1 else f"{len(found.kept)} blocks stay"
    loads: list[Line] = [[(f"{one.day:%a} {one.day.day}  ", "muted"), note_of(one)] for one in comes_to.loads]
    return [*(lines[:MOST] or [[("Nothing else would be different.", "")]]), *rest, *loads, [(stay, "muted")]]
