"""Patterns of the last weeks with their intervals and days to look at, and what else stands out beyond chance."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from coach.engine import discoveries, kept, patterns
from coach.engine.activity import bounds
from coach.engine.discoveries import Discoveries
from coach.engine.kept import Habits
from coach.engine.patterns import FoundPattern, PatternsView
from coach.engine.stretches import Asked
from coach.tui.actions import bindings
from coach.tui.screens.kept_pages import KeptPage
from coach.tui.screens.pages import served_by, title, titled
from coach.tui.widgets.paint import Line, Words
from coach.tui.widgets.patternlist import PatternList, PatternRow

LEAST_DAYS = 7
EXAMPLES = 3


class PatternsScreen(KeptPage[Habits]):
    NAME = "patterns"
    KIND = kept.HABITS
    BINDINGS: ClassVar[list[BindingType]] = bindings("patterns")
    AUTO_FOCUS = "PatternList"

    def page(self) -> ComposeResult:
        yield Words(id="patterns_title")
        yield PatternList(id="patterns")
        yield Words(id="source", wrap=True)
        yield from titled("discoveries")
        yield Words(id="discoveries", wrap=True)

    def build(self, db: Any, now: datetime) -> Habits:
        return kept.habits(db, self.app.runtime.config, now, self.app.tz)

    def show(self, view: Habits) -> None:
        found = view.patterns
        note = f"days of the last {patterns.WINDOW_DAYS}, 95 % intervals"
        self.say("patterns_title", [title("Patterns of your days", note)])
        self.query_one(PatternList).show([row_of(p, found.today) for p in found.found], empty_lines(found))
        self.say("source", [[], [*served_by(found.who, found.reason), (f"; n = {found.days} days{self.as_of}", "muted")]])
        self.say("discoveries_title", [title("What stands out", f"last {discoveries.WEEKS} weeks, the surest first")])
        self.say("discoveries", discovery_lines(view.discoveries))

    def action_patterns_open(self) -> None:
        view = self.view
        if view is None or not view.patterns.found:
            return
        row, example = self.query_one(PatternList).cursor
        days = view.patterns.found[row].days[:EXAMPLES]
        if days:
            from coach.tui.screens.stretches import StretchList  # on the first Enter

            day = days[example]
            start, end = bounds(day, self.app.runtime.config, self.app.tz)
            self.app.push_screen(StretchList(Asked(f"{day:%A} {day.day} {day:%B}", start, min(end, self.app.now()))))


def row_of(p: FoundPattern, today: date) -> PatternRow:
    effect, sure = "no clear change of focus", False
    if p.effect is not None:
        e, sure = p.effect, p.effect.sure
        effect = f"focus {e.value:+.2f} ({e.low:+.2f} to {e.high:+.2f}), n = {e.n} and {e.n_without}"
        effect += "" if sure else ", may be chance"
    examples = [f"{d:%a} {d.day}" + ("" if d.month == today.month else f" {d:%b}") for d in p.days[:EXAMPLES]]
    return PatternRow(p.title, f"{p.count} of {p.n}", p.share, p.low, p.high, effect, sure, examples)


def empty_lines(view: PatternsView) -> list[Line]:
    """Why there is no pattern: too few days, or none that is sure."""
    if view.days < LEAST_DAYS:
        return [[(f"Patterns need {LEAST_DAYS} tracked days: {view.days} so far, {LEAST_DAYS - view.days} missing.", "muted")]]
    return [[(f"None of {view.looked_for} patterns was there often enough to be more than chance.", "muted")]]


def discovery_lines(view: Discoveries) -> list[Line]:
    """Each with its interval and n; then how many were looked at."""
    if view.missing_days:
        seen = f"{view.days} so far, {view.missing_days} missing"
        return [[(f"This needs {discoveries.LEAST_DAYS} days with a focus score: {seen}.", "muted")]]
    lines: list[Line] = [
        [(f"{n}. ", "accent"), (d.text, ""), (f"  {d.figures}", "muted")] for n, d in enumerate(view.found, start=1)
    ]
    tried = f"{len(view.found)} of {view.tried} comparisons; of those shown one in {round(1 / discoveries.RATE)} may be chance"
    nothing: Line = [("Nothing goes beyond chance.  ", "")]
    return [*(lines or [nothing]), [(f"{tried}. What goes together need not cause it.", "muted")]]
