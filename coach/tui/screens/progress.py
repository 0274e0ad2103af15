"""Whether it gets better: how Coach is used, its nudges, tasks, estimates and focus, beside the four weeks before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from textual.app import ComposeResult

from coach.core.progress import Measure, amount, words
from coach.engine import progress
from coach.engine.progress import ProgressView
from coach.tui.screens.pages import Page, title
from coach.tui.widgets.paint import Line, Words, right

MARKS = {"better": ("▲", "good"), "worse": ("▼", "bad"), "same": ("=", "muted"), "unknown": ("·", "faint")}
"""What a comparison says, with and without colour."""
TITLE = 36
VALUE = 9


class ProgressScreen(Page[ProgressView]):
    NAME = "progress"

    def page(self) -> ComposeResult:
        yield Words(id="source", wrap=True)

    def build(self, db: Any, now: datetime) -> ProgressView:
        return progress.view(db, self.app.runtime.config, now, self.app.tz)

    def show(self, view: ProgressView) -> None:
        self.say("source", lines_of(view))


def lines_of(view: ProgressView) -> list[Line]:
    """Every measure in a line: its title, the value, and what the comparison says."""
    spans = f"{view.now.first} to {view.now.last}, beside the {progress.DAYS} days before"
    found: list[Line] = [title("How it goes", spans)]
    if view.quiet_days:
        found += [[], [(f"Coach was last used {view.quiet_days} days ago.", "muted")]]
    for group in view.groups:
        found += [[], [(group.title, "strong")], *(_line(one) for one in group.measures)]
    return [*found, [], [("▲ better  ▼ worse  = the same  · the data cannot tell", "muted")]]


def _line(one: Measure) -> Line:
    mark, tone = MARKS[one.verdict] if one.better else (" ", "muted")
    return [
        (f"{mark} ", tone), (f"{one.title:<{TITLE}}", ""), (right(amount(one.value, one.unit), VALUE), "strong"),
        (f"  {words(one)}", "muted"),
    ]
