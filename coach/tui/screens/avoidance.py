"""Procrastination evidence: open tasks by how much they are avoided, the weeks, and what goes beyond chance; Enter opens what
says so."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from coach.core.stats import sparkline
from coach.engine import avoidance
from coach.engine.avoidance import AvoidanceView, TaskScore
from coach.tui.actions import bindings
from coach.tui.screens.pages import Page, title, titled
from coach.tui.widgets.moving import ScrollsText
from coach.tui.widgets.paint import Line, Words, bar, right
from coach.tui.widgets.scorelist import ScoreList, ScoreRow

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

MOST = 40
POINTS_BAR = 10
LEAST_POINTS = 0.5
SCALE = 40.0
"""Points that fill a bar of the evidence: no sign has more."""


class AvoidanceScreen(Page[AvoidanceView]):
    NAME = "avoidance"
    BINDINGS: ClassVar[list[BindingType]] = bindings("avoidance")
    AUTO_FOCUS = "ScoreList"

    def page(self) -> ComposeResult:
        yield Words(id="weeks_title")
        yield Words(id="source", wrap=True)
        yield from titled("tasks")
        yield ScoreList(id="tasks")
        yield from titled("claims")
        yield Words(id="claims", wrap=True)

    def build(self, db: Any, now: datetime) -> AvoidanceView:
        return avoidance.view(db, self.app.runtime.config, now, self.app.tz)

    def show(self, view: AvoidanceView) -> None:
        self.say("weeks_title", [title("What you put off", "0 nothing, 100 everything")])
        self.say("source", week_lines(view))
        told = view.allowed
        shown = f"{min(MOST, len(view.tasks))} of {len(view.tasks)}, the highest score first; enter says why"
        self.say("tasks_title", [title("Open tasks", shown)] if told and view.tasks else [])
        self.query_one(ScoreList).show([row_of(one) for one in view.tasks[:MOST]], task_words(view))
        self.say("claims_title", [title("What goes beyond chance", "")] if told else [])
        self.say("claims", claim_lines(view))

    def action_avoidance_open(self) -> None:
        view = self.view
        if view is None:
            return
        if not view.allowed:
            self.app.change(lambda db, now: avoidance.set_consent(db, True, now), "Profiling is allowed · u takes it back")
        elif view.tasks:
            self.app.push_screen(Why(view.tasks[self.query_one(ScoreList).cursor]))


class Why(ScrollsText, ModalScreen[None]):
    """What says that a task is avoided: each sign with its points, its numbers and where they come from."""

    DEFAULT_CSS = """
    Why {
        align: center middle;
        & > Vertical { width: 88; max-width: 100%; height: auto; max-height: 100%; }
        VerticalScroll { height: auto; scrollbar-size-vertical: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("move"), Binding("escape,q,enter", "dismiss", "close")]

    app: CoachApp

    def __init__(self, task: TaskScore) -> None:
        super().__init__()
        self._about = task

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = f"Why {self._about.score.value:.0f} of 100"
            box.border_subtitle = "esc closes"
            with VerticalScroll():
                yield Words(id="evidence", wrap=True)

    def on_mount(self) -> None:
        self.query_one(Words).show(evidence_lines(self._about))


def row_of(one: TaskScore) -> ScoreRow:
    return ScoreRow(one.num, one.title, one.score.value, one.score.avoided, one.score.evidence[0].text)


def week_lines(view: AvoidanceView) -> list[Line]:
    """The weeks as a sparkline and this one in numbers; without consent what profiling is and how to allow it."""
    if not view.allowed:
        return [
            [(avoidance.OFF, "strong")], [], [(avoidance.ABOUT, "")], [],
            [("enter", "accent"), (" allows it, here or in Setup (", "muted"), ("6", "accent"), (") under Privacy.", "muted")],
        ]
    known = [score for score in view.scores() if score is not None]
    spark = sparkline(view.scores()).strip()
    highest = f"  this one last, the highest {max(known, default=0):.0f}"
    lines: list[Line] = [[("By week ", "muted"), (spark, "l4"), (highest, "muted")]] if spark else []
    return [*lines, *([(words, "")] for words in (avoidance.level_words(view), *avoidance.week_words(view.weeks)[1:]))]


def task_words(view: AvoidanceView) -> list[Line]:
    if not view.allowed:
        return []
    return [[("No open task. ", ""), ("a", "accent"), (" adds one; scores come by themselves.", "muted")]]


def claim_lines(view: AvoidanceView) -> list[Line]:
    """Each claim with where it comes from; what is missing for them."""
    if not view.allowed:
        return []
    lines: list[Line] = [[("· ", "accent"), (one.text, ""), (f"  {one.source}", "muted")] for one in view.claims]
    if not lines:
        lines = [[("Nothing in what you put off goes beyond chance.", "muted")]]
    return [*lines, *([[(missing, "muted")]] if (missing := avoidance.own_waits(view)) else [])]


def evidence_lines(task: TaskScore) -> list[Line]:
    """Two rows a sign: its points as a bar with the numbers, then their source."""
    lines: list[Line] = [[(f"{task.num}  ", "muted"), (task.title, "strong")]]
    for one in task.score.evidence:
        if one.points < LEAST_POINTS:
            continue
        filled, empty = bar(one.points / SCALE, POINTS_BAR)
        lines += [
            [(filled, "l4"), (empty, "track"), (f" {right(f'{one.points:.0f}', 2)}  ", ""), (one.text, "")],
            [(" " * (POINTS_BAR + 5) + one.source, "muted")],
        ]
    weak = [one.text for one in task.score.evidence if one.points < LEAST_POINTS]
    lines += [[(f"no sign of it: {', '.join(weak)}", "muted")]] if weak else []
    lines += [[(f"not known: {', '.join(task.score.unknown)}", "muted")]] if task.score.unknown else []
    called = "called avoided" if task.score.avoided else "not called avoided"
    rule = f"70 or more, a longer wait than 80 % of your own, put off or edited 3 times (here {task.score.acts})"
    return [*lines, [(f"{called}: that takes {rule}", "muted")]]
