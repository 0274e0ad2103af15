"""Asks the day's question over what is shown, and does what the answer says."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from coach.engine import asking, settings
from coach.engine.asking import Question
from coach.tui.widgets.question import DISMISS, OFF, QuestionDialog

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


def ask(app: CoachApp, question: Question) -> None:
    """Nothing happens where the person leaves it for later."""
    def chosen(said: str | None) -> None:
        if said == DISMISS:
            app.change(lambda db, now: asking.dismiss(db, question), "Not asked again")
        elif said == OFF:
            app.change(lambda db, now: _off(app, db, question), "No more questions; Setup turns them on again")
        elif said is not None:
            app.change(lambda db, now: _answer(db, question, said, now), lambda words: f"{words} · u takes it back")

    app.push_screen(QuestionDialog(question), chosen)


def _answer(db: Any, question: Question, said: str, now: datetime) -> str:
    return asking.answer(db, question, said, now)


def _off(app: CoachApp, db: Any, question: Question) -> None:
    asking.dismiss(db, question)
    app.runtime.config = settings.put(app.runtime.home, {"learning.questions": False})
