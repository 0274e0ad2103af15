"""What a wish in plain words asks for."""

import pytest

from coach.core import wish
from coach.core.wish import Wish


@pytest.mark.parametrize(("text", "expected"), [
    ("start a 50 minute focus", Wish("focus", "", "50 minute")),
    ("can you start a 25-min focus session on the thesis please", Wish("focus", "thesis", "25-min")),
    ("focus on the thesis for 90 minutes", Wish("focus", "the thesis", "90 minutes")),
    ("set a timer for an hour", Wish("focus", "", "an hour")),
    ("stop the timer", Wish("stop_focus")),
    ("please add milk to my shopping list", Wish("add", "", "milk")),
    ("remind me to call mum tomorrow at 5", Wish("add", "", "call mum tomorrow at 5")),
    ("create a task to water plants every tuesday", Wish("add", "", "water plants every tuesday")),
    ("mark the quarterly report as done", Wish("done", "quarterly report")),
    ("I've finished the slides!", Wish("done", "slides")),
    ("the slides are done", Wish("done", "slides")),
    ("snooze the tax thing until monday", Wish("snooze", "tax thing", "monday")),
    ("put the dentist off until next week", Wish("snooze", "dentist", "next week")),
    ("postpone report by 2 days", Wish("shift", "report", "2 days")),
    ("delete all overdue tasks", Wish("delete", "all overdue tasks")),
    ("rename report to quarterly report", Wish("rename", "report", "quarterly report")),
    ("make the report urgent", Wish("priority", "report", "1")),
    ("set the priority of report to low", Wish("priority", "report", "3")),
    ("set the estimate of slides to 2h", Wish("estimate", "slides", "2h")),
    ("put slides in project Talks", Wish("project", "slides", "Talks")),
    ("tag slides with @work", Wish("tag", "slides", "work")),
    ("add a note to slides: use the new template", Wish("note", "slides", "use the new template")),
    ("plan my day", Wish("plan", "", "day")),
    ("pause tracking for 30 min", Wish("pause", "", "30 min")),
    ("undo that", Wish("undo")),
    ("start working on the slides", Wish("start", "slides")),
    ("reopen slides", Wish("reopen", "slides")),
])
def test_a_wish_is_read(text, expected):
    found = wish.read(text)
    assert found is not None
    assert (found.kind, found.target.removeprefix("the "), found.value) == (
        expected.kind, expected.target.removeprefix("the "), expected.value)


@pytest.mark.parametrize("text", [
    "how long did I work today", "what should I do next?", "", "?", "why is the report late", "show me my tasks", "is it raining",
])
def test_a_question_is_no_wish(text):
    assert wish.read(text) is None


def times(words):
    return words in ("friday", "tomorrow morning", "nine", "9:00 on friday")


@pytest.mark.parametrize(("text", "expected"), [
    ("move the Monday report to friday", ("Monday report", "friday")),
    ("move the road to nowhere to friday", ("road to nowhere", "friday")),
    ("reschedule dentist tomorrow morning", ("dentist", "tomorrow morning")),
    ("move standup to 9:00 on friday", ("standup", "9:00 on friday")),
    ("move the report to the moon", ("report to the moon", "")),
])
def test_a_move_is_cut_where_a_time_begins(text, expected):
    found = wish.read(text)
    assert found is not None
    assert wish.moved(found.target, times) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("all overdue tasks", ("+OVERDUE",)), ("everything due today", ("+TODAY",)),
    ("all tasks in project talks", ("project:talks",)), ("everything", ()), ("all my tasks", ()),
    ("all tasks tagged red", None), ("all emails from Anna", None),
])
def test_many_tasks_are_named_by_what_they_share(text, expected):
    assert wish.is_many(text)
    assert wish.conditions(text) == expected
