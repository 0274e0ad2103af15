"""Asks for the category of tasks: what is suggested stands first, a name that none has makes a category of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from coach.engine import categorising, category_words, tasks
from coach.tui.task_actions import brief
from coach.tui.widgets.categorypicker import CategoryPicker, Picked

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

NONE = "No category has such a name; enter makes it one of your own (Band: rehearsals and gigs)"
REACH = "Coach learns from every answer; a new category is suggested after three"


async def ask(app: CoachApp, ids: Sequence[str]) -> None:
    """Put the picker over what is shown, for one task or all that are marked. Raises what reading them raises."""
    if not ids:
        return

    def read(db: Any, now: datetime) -> tuple[str, str, list[str]]:
        found = [tasks.find(db, i) for i in ids]
        subject = brief(found[0].title, 40) if len(found) == 1 else f"{len(found):,} tasks"
        return subject, category_words.shown(db, found[0]), categorising.offered(db, found)

    subject, present, names = await app.read(read)

    def picked(answer: Picked | None) -> None:
        if answer is not None:
            app.change(lambda db, now: _write(db, ids, answer.words, now), _said)

    app.push_screen(CategoryPicker(subject, present, names, "", True, reach=REACH, none=NONE), picked)


def _write(db: Any, ids: Sequence[str], words: str, now: datetime) -> tuple[str, bool]:
    before = categorising.names(db)
    chosen = categorising.choose(db, [tasks.find(db, i) for i in ids], words, now) or ""
    return chosen, chosen not in before


def _said(found: tuple[str, bool]) -> str:
    name, new = found
    return f"{name}, a new category of yours · u takes it back" if new else f"{name} · u takes it back"
