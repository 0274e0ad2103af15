"""What if: wish for more or less of something, and see the days that would come of it and what they would do to focus."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from datetime import datetime
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer

from coach.core.errors import CoachError
from coach.engine import kept, whatif
from coach.engine.kept import Usual
from coach.engine.whatif import WhatifView
from coach.tui.screens.kept_pages import KeptPage
from coach.tui.screens.pages import served_by, title, titled
from coach.tui.widgets.goalform import GoalForm
from coach.tui.widgets.paint import Line, Words

WAIT_S = 0.15
"""So long no further key comes before an answer is worked out."""


class WhatIfScreen(KeptPage[Usual]):
    NAME = "whatif"
    KIND = kept.USUAL
    SCOPES: ClassVar[tuple[str, ...]] = ("pages",)
    SAYS = "answer"
    AUTO_FOCUS = "GoalForm"

    def __init__(self) -> None:
        super().__init__()
        self._asked = 0
        """Rises with every question; an answer to an elder one is dropped."""
        self._answering: Future[WhatifView] | None = None
        self._timer: Timer | None = None

    def page(self) -> ComposeResult:
        yield Words(id="form_title")
        yield GoalForm(id="form")
        yield from titled("answer")
        yield Words(id="answer", wrap=True)

    def build(self, db: Any, now: datetime) -> Usual:
        return kept.usual(db, self.app.runtime.config, now, self.app.tz)

    def show(self, view: Usual) -> None:
        enough = view.days >= whatif.LEAST_DAYS
        keys = "+ and − change what is under the cursor by 15 minutes"
        self.say("form_title", [title("Another kind of day", keys)] if enough else [])
        form = self.query_one(GoalForm)
        form.show([(g.name, g.usual_min) for g in view.groups] if enough else ())
        if enough and form.changes:
            self._ask(form.changes)
        else:
            self._start(view)

    def _start(self, view: Usual) -> None:
        self.say("answer_title", [])
        self.say("answer", start_lines(view.days, self.as_of))

    def _work_out(self, db: Any, now: datetime, changes: Mapping[str, float]) -> WhatifView:
        runtime = self.app.runtime
        return whatif.suppose(db, runtime.config, now, self.app.tz, changes, runtime.models.shelf if runtime.models else None)

    @on(GoalForm.Wished)
    def _wished(self, message: GoalForm.Wished) -> None:
        self._drop()
        if not message.changes:
            if self.view:
                self._start(self.view)
            return
        self.say("answer_title", [title("What it would do", "working it out … x stops")])
        self._timer = self.set_timer(WAIT_S, lambda: self._ask(message.changes))

    @on(GoalForm.Stopped)
    def _stopped(self) -> None:
        if self._timer or self._answering:
            self._drop()
            self.say("answer_title", [title("Stopped", "the next change asks again")])

    def _drop(self) -> None:
        """What is being worked out is not wanted any more; what has not begun does not begin."""
        self._asked += 1
        if self._timer:
            self._timer.stop()
        if self._answering:
            self._answering.cancel()
        self._timer = self._answering = None

    def _ask(self, changes: Mapping[str, int]) -> None:
        self._drop()
        wanted = {name: float(minutes) for name, minutes in changes.items()}
        self._answering = self.app.begin_thinking(lambda db, now: self._work_out(db, now, wanted))
        self.run_worker(self._answer(self._answering, self._asked), group="whatif")

    async def _answer(self, future: Future[WhatifView], asked: int) -> None:
        try:
            view = await asyncio.wrap_future(future)
        except (CancelledError, asyncio.CancelledError):
            return
        except CoachError as error:
            self.app.complain(error)
            return
        if asked == self._asked and self.is_attached:
            self._answering = None
            self.query_one(GoalForm).answer(then_of(self.view, view) if self.view else {})
            self.say("answer_title", [title("What it would do", "")])
            self.say("answer", answer_lines(view))


def then_of(usual: Usual, made: WhatifView) -> dict[str, float]:
    """Minutes of each group in a usual day changed by what the days made with the wish differ from those made without."""
    change = {g.name: g.goal_min - g.usual_min for g in made.groups}
    return {g.name: max(0.0, g.usual_min + change.get(g.name, 0.0)) for g in usual.groups}


def start_lines(days: int, as_of: str = "") -> list[Line]:
    """Before anything is wished for, and as of when; with too few days, how many are missing."""
    if days < whatif.LEAST_DAYS:
        seen = f"{days} of {whatif.LEAST_DAYS} days tracked so far, {whatif.LEAST_DAYS - days} missing. "
        return [
            [("Too little is known of your days.", "strong")], [],
            [(seen, "muted"), ("6", "accent"), (" Setup allows tracking.", "muted")],
        ]
    return [[("Wish for more or less of something, say social media ", "muted"), ("-60", "accent"),
             (f": the answer comes as you press; n = {days} days{as_of}", "muted")]]


def answer_lines(view: WhatifView) -> list[Line]:
    """The gain with its interval, what it stands on, and who made the days."""
    if view.by == "nothing":
        return start_lines(view.days)
    sure = view.low > 0 or view.high < 0
    tone = "muted" if not sure else "good" if view.gain > 0 else "bad"
    lines: list[Line] = [
        [("Focus of a day ", ""), (f"{view.gain:+.3f}", tone if sure else "strong"),
         (f"  {view.low:+.3f} to {view.high:+.3f} in four of five", tone), (f", usually {view.usual_focus:.2f}", "muted")],
        [("Real days like it: ", "muted"), (f"{view.similar} of {view.days}", "strong"),
         (f". The days made miss the wish by {view.missed_min:.0f} min on average.", "muted")],
    ]
    if not sure:
        lines.append([("The interval holds 0: it may do nothing.", "muted")])
    lines += [[("· ", "accent"), (note, "muted")] for note in view.notes]
    who = f"net, version {view.model}" if view.by == "net" else "your own days, drawn again"
    return [*lines, [*served_by(who, view.why), (f"; n = {view.days} days, {view.generated} made", "muted")]]
