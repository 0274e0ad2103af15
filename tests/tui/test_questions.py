"""The day's question on Today: seen, answered, and all of them turned off; short forms in Setup."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from textual.widgets import OptionList

from coach.config import Config
from coach.engine import language, tasks
from coach.engine.runtime import Runtime
from coach.store import guesses
from coach.store.db import Connection
from coach.store.guesses import Guess
from coach.tui.app import CoachApp
from coach.tui.widgets.paint import Words
from coach.tui.widgets.question import OFF, QuestionDialog
from tests.tui.driving import press, running


def unsure(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    for _ in range(3):
        task = tasks.add(db, "Water the plants", Config(), now, tz)
        guesses.put(db, [Guess(task.num, "m", "suggest", "Personal", 0.41, (("Personal", 0.41), ("Errands", 0.38)), b"", 0, 0.5)])


async def test_a_question_is_answered_with_two_keys(runtime: Runtime, db: Connection, now: datetime, tz: ZoneInfo) -> None:
    unsure(db, now, tz)
    async with running(CoachApp(runtime)) as pilot:
        shown = pilot.app.screen.query_one("#question", Words)
        assert "“Water the plants” Personal or" in "".join(text for line in shown.lines(60, 4) for text, _ in line)
        await press(pilot, "Q")
        assert isinstance(pilot.app.screen, QuestionDialog)
        await press(pilot, "down", "enter")
        assert {t.category for t in tasks.search(db, ["water"], 9)} == {"Errands"}
        assert not shown.lines(60, 4)


async def test_questions_are_turned_off(runtime: Runtime, db: Connection, now: datetime, tz: ZoneInfo) -> None:
    unsure(db, now, tz)
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "Q")
        rows = pilot.app.screen.query_one(OptionList)
        rows.highlighted = rows.get_option_index(OFF)
        await press(pilot, "enter")
        assert not runtime.config.learning.questions


async def test_short_forms_are_taken_and_removed_in_setup(
    runtime: Runtime, db: Connection, now: datetime, tz: ZoneInfo
) -> None:
    task = tasks.add(db, "rvw slides", Config(), now, tz)
    tasks.update(db, task, now, title="review slides")
    language.renew(db, now)
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "6")
        rows = pilot.app.screen.query_one("#entries", OptionList)
        rows.highlighted = rows.get_option_index("word:rvw=review")
        await press(pilot, "enter")
        assert language.known(db).read("rvw") == "review"
        await press(pilot, "d")
        assert language.known(db).read("rvw") == "rvw"


async def test_a_word_of_a_project_is_taken_in_setup(runtime: Runtime, db: Connection, now: datetime, tz: ZoneInfo) -> None:
    for n in range(4):
        tasks.add(db, f"Fix iriss bug {n} #iris", Config(), now, tz)
    language.renew(db, now)
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "6")
        rows = pilot.app.screen.query_one("#entries", OptionList)
        rows.highlighted = rows.get_option_index("word:iriss=iris")
        assert "#iris (offered)" in rows.get_option("word:iriss=iris").prompt.plain
        await press(pilot, "enter")
        assert "#iris (applied, by you)" in rows.get_option("word:iriss=iris").prompt.plain
        assert tasks.add(db, "ship iriss", Config(), now, tz).project == "iris"
