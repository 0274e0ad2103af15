"""What pulls a person out of focused work, and how long the way back takes: read when asked for, weeks of timeline at once."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from coach.core.words import duration
from coach.engine import interruptions, kept
from coach.engine.interruptions import InterruptionsView
from coach.tui.actions import bindings
from coach.tui.screens.kept_pages import as_of
from coach.tui.widgets.moving import ScrollsText
from coach.tui.widgets.paint import Line, Words, fit, right

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

TOP = 12


class Interruptions(ScrollsText, ModalScreen[None]):
    """The costliest interrupters of the last weeks, each with its n."""

    DEFAULT_CSS = """
    Interruptions {
        align: center middle;
        & > Vertical { width: 88; max-width: 100%; height: auto; max-height: 100%; }
        VerticalScroll { height: auto; scrollbar-size-vertical: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("move"), Binding("escape,q,i", "dismiss", "close")]

    app: CoachApp

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = f"What pulls you out of focused work, last {interruptions.WEEKS} weeks"
            box.border_subtitle = "esc closes"
            with VerticalScroll():
                yield Words(id="costs", wrap=True)

    def on_mount(self) -> None:
        self.query_one(Words).show([[("Reading the timeline …", "muted")]])
        self.run_worker(self._load(), group="interruptions")

    async def _load(self) -> None:
        config = self.app.runtime.config
        found, stamp = await self.app.read(lambda db, now: (kept.find(db, kept.INTERRUPTIONS), kept.stamp(db, config, now)))
        is_old = found is None or found.stamp != stamp
        if found is not None:
            words = as_of(found.at, self.app.now(), self.app.tz).removeprefix("; ") if is_old else ""
            self.query_one(Words).show([*cost_lines(found.view), [(words, "muted")]])
        if is_old:
            self.query_one(Words).show(cost_lines(await asyncio.wrap_future(self.app.begin_thinking(self._make))))

    def _make(self, db: Any, now: datetime) -> InterruptionsView:
        config = self.app.runtime.config
        return kept.make(db, kept.INTERRUPTIONS, config, now, lambda: interruptions.recent(db, now, config)).view


def cost_lines(view: InterruptionsView) -> list[Line]:
    """A table with a head, and what its numbers mean."""
    if not view.n:
        return [[("No interruption of focused work was seen: it takes five minutes in one place, then something else.", "muted")]]
    head = f"{fit('app', 20)} {right('times', 6)} {right('back in', 10)} {right('half of them', 16)} {right('in all', 12)}"
    lines: list[Line] = [[(head, "muted")]]
    for c in view.costs[:TOP]:
        few = c.resumed < interruptions.LEAST_N
        back = "–" if c.median_s is None else duration(c.median_s)
        between = "n too small" if few else f"{_min(c.low_s)} to {_min(c.high_s)} min"
        lines.append([
            (fit(c.app, 20), "strong"), (f" {right(str(c.n), 6)}", ""), (f" {right(back, 10)}", "muted" if few else "accent"),
            (f" {right(between, 16)}", "muted"), (f" {right(duration(c.total_s), 12)}", ""),
        ])
    resumed = f"{view.resumed} of {view.n} interruptions were followed by the same work within an hour."
    return [*lines, [], [(f"{resumed} “Back in” is the median time from leaving the work to a minute of it again.", "muted")]]


def _min(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 60:.0f}"
