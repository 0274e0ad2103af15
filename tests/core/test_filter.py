"""Filters in Taskwarrior's syntax."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.errors import InvalidInput
from coach.core.filter import parse_filter
from coach.core.task import Annotation, Recurrence, Task

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
"""A Wednesday."""
BARE = Task(
    id="b0c1d2e3-0000-4000-8000-000000000001", title="Call Mum", created=NOW, modified=NOW, num=7, time_zone="Europe/Berlin"
)


def task(**fields) -> Task:
    return replace(BARE, **fields)


def passes(words: str, have: Task = BARE, **options) -> bool:
    return parse_filter(words.split(), NOW, BERLIN, **options)(have)


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("project:home", {"project": "home"}),
        ("project:home", {"project": "Home.garden"}),
        ("pro:home.garden", {"project": "home.garden"}),
        ("project.is:home", {"project": "Home"}),
        ("project.isnt:home", {"project": "home.garden"}),
        ("project:", {}),
        ("project.not:home", {"project": "work"}),
        ("project.any:", {"project": "x"}),
        ("+phone", {"tags": ("phone",)}),
        ("-phone", {"tags": ("mail",)}),
        ("@phone", {"tags": ("phone",)}),
        ("#home", {"project": "home"}),
        ("pri:H", {"priority": 1}),
        ("priority:p2", {"priority": 2}),
        ("pri.above:M", {"priority": 1}),
        ("pri.below:H", {}),
        ("pri.below:L", {}),
        ("end.before:2026-11-18", {"status": "deleted", "deleted": NOW - timedelta(days=3)}),
        ("end.any:", {"status": "completed", "completed": NOW}),
        ("pri:", {}),
        ("status:pending", {}),
        ("status:waiting", {"wait": NOW + timedelta(days=1)}),
        ("status:completed", {"status": "completed"}),
        ("/mum/", {}),
        ("/M.m$/", {}),
        ("mum", {}),
        ("call mum", {}),
        ("gift", {"notes": "a Gift"}),
        ("gift", {"annotations": (Annotation(NOW, "gift"),)}),
        ("7", {}),
        ("5-9", {}),
        ("3,7", {}),
        ("id:7", {}),
        ("uuid:b0c1d2e3", {}),
        ("b0c1d2e3", {}),
        ("title.startswith:call", {}),
        ("desc.has:um", {}),
        ("description.word:mum", {}),
        ("est.over:30", {"estimate_min": 45}),
        ("estimate:45", {"estimate_min": 45}),
        ("recur:weekly", {"recurrence": Recurrence("FREQ=WEEKLY")}),
        ("category:wor", {"category": "Work"}),
        ("mum or dad", {}),
        ("( dad or mum ) -x", {}),
        ("(dad or mum)", {}),
        ("not dad", {}),
        ("! +x", {}),
        ("mum and call", {}),
        ("mum xor dad", {}),
    ],
)
def test_passes(words: str, fields: dict):
    assert passes(words, task(**fields))


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("project:home", {"project": "homework"}),
        ("project.is:home", {"project": "home.garden"}),
        ("pri.below:L", {"priority": 3}),
        ("project:", {"project": "x"}),
        ("+phone", {}),
        ("-phone", {"tags": ("phone",)}),
        ("pri:H", {"priority": 2}),
        ("pri.above:M", {"priority": 3}),
        ("pri.above:M", {}),
        ("status:pending", {"status": "deleted"}),
        ("status:pending", {"wait": NOW + timedelta(days=1)}),
        ("/dad/", {}),
        ("dad", {}),
        ("8", {}),
        ("1-6", {}),
        ("uuid:ffff", {}),
        ("description.word:mu", {}),
        ("mum -x dad", {}),
        ("est.over:30", {}),
        ("( dad or mum ) +x", {}),
        ("mum xor call", {}),
    ],
)
def test_does_not_pass(words: str, fields: dict):
    assert not passes(words, task(**fields))


@pytest.mark.parametrize(
    ("words", "due", "expected"),
    [
        ("due:today", date(2026, 11, 18), True),
        ("due:today", datetime(2026, 11, 18, 22, 30, tzinfo=UTC), True),
        ("due:today", datetime(2026, 11, 18, 23, 30, tzinfo=UTC), False),
        ("due.before:fri", date(2026, 11, 19), True),
        ("due.before:fri", date(2026, 11, 20), False),
        ("due.by:fri", date(2026, 11, 20), True),
        ("due.after:fri", date(2026, 11, 20), False),
        ("due.after:fri", date(2026, 11, 21), True),
        ("due:2026-12-24", date(2026, 12, 24), True),
        ("due.before:now+1h", datetime(2026, 11, 18, 10, 30, tzinfo=UTC), True),
        ("due.before:now+3d", datetime(2026, 11, 21, 9, 59, tzinfo=UTC), True),
        ("due.before:now+3d", datetime(2026, 11, 21, 10, 1, tzinfo=UTC), False),
        ("due.before:eom", date(2026, 11, 29), True),
        ("due:", None, True),
        ("due.none:", None, True),
        ("due.any:", None, False),
        ("due.before:fri", None, False),
        ("due.not:today", date(2026, 11, 19), True),
        ("due.before:tomorrow", date(2026, 11, 18), True),
    ],
)
def test_dates(words: str, due: date | None, expected: bool):
    assert passes(words, task(due=due)) is expected


@pytest.mark.parametrize(
    ("tag", "fields", "expected"),
    [
        ("OVERDUE", {"due": date(2026, 11, 17)}, True),
        ("OVERDUE", {"due": date(2026, 11, 18)}, False),
        ("OVERDUE", {"due": NOW - timedelta(minutes=1)}, True),
        ("TODAY", {"due": date(2026, 11, 18)}, True),
        ("TODAY", {"due": date(2026, 11, 18), "status": "completed"}, False),
        ("TOMORROW", {"due": date(2026, 11, 19)}, True),
        ("YESTERDAY", {"due": date(2026, 11, 17)}, True),
        ("WEEK", {"due": date(2026, 11, 22)}, True),
        ("WEEK", {"due": date(2026, 11, 23)}, False),
        ("MONTH", {"due": date(2026, 11, 1)}, True),
        ("QUARTER", {"due": date(2026, 10, 1)}, True),
        ("YEAR", {"due": date(2027, 1, 1)}, False),
        ("DUE", {"due": date(2026, 11, 25)}, True),
        ("DUE", {"due": date(2026, 11, 26)}, False),
        ("WAITING", {"wait": date(2026, 11, 19)}, True),
        ("ACTIVE", {"started": NOW}, True),
        ("READY", {}, True),
        ("READY", {"scheduled": date(2026, 11, 19)}, False),
        ("TAGGED", {"tags": ("a",)}, True),
        ("ANNOTATED", {}, False),
        ("PROJECT", {"project": "a"}, True),
        ("PRIORITY", {}, False),
        ("RECURRING", {"recurrence": Recurrence("FREQ=DAILY")}, True),
        ("COMPLETED", {"status": "completed"}, True),
        ("PENDING", {}, True),
        ("UNTIL", {"until": date(2026, 12, 1)}, True),
        ("HARD", {"due_hard": True}, True),
        ("UDA", {"extra": {"client": "x"}}, True),
        ("ORPHAN", {}, False),
        ("TEMPLATE", {"recurrence": Recurrence("FREQ=DAILY")}, True),
        ("SUBTASK", {"parent": "x"}, True),
        ("SNOOZED", {"snooze_count": 1}, True),
    ],
)
def test_virtual_tags(tag: str, fields: dict, expected: bool):
    assert passes(f"+{tag}", task(**fields)) is expected
    assert passes(f"-{tag}", task(**fields)) is not expected


def test_dependencies_come_from_outside():
    assert passes("+BLOCKED", blocked={BARE.id})
    assert passes("+BLOCKING -READY", blocking={BARE.id}, blocked={BARE.id})


def test_the_latest_comes_from_outside():
    assert passes("+LATEST", latest=7)
    assert passes("-LATEST", latest=8)


@pytest.mark.parametrize(("words", "expected"), [
    ("est.by:45", True), ("est.under:45", False), ("est.after:45", False), ("est.after:44", True), ("pri.by:M", True),
])
def test_numbers_by_and_before(words: str, expected: bool):
    assert passes(words, task(estimate_min=45, priority=2)) is expected


def test_no_words_let_every_task_pass():
    assert passes("", task(status="deleted"))


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("proyect:x", "proyect:x"),
        ("due.before:someplace", "due.before:someplace"),
        ("due.sooner:fri", "due.sooner:fri"),
        ("/(/", "/(/"),
        ("/open", "/open"),
        ("( mum", "("),
        ("mum )", ")"),
        ("status:odd", "status:odd"),
        ("pri:Q", "pri:Q"),
        ("mum or", "or"),
        ("1-999999999", "1-999999999"),
        ("not", "not"),
    ],
)
def test_an_error_names_the_word(words: str, named: str):
    with pytest.raises(InvalidInput) as caught:
        passes(words)
    assert repr(named) in caught.value.message
    assert caught.value.hint


@given(st.lists(st.text(min_size=1, max_size=12), max_size=5))
def test_any_words_filter_or_are_refused(words: list[str]):
    try:
        accept = parse_filter(words, NOW, BERLIN)
    except InvalidInput:
        return
    assert accept(BARE) in (True, False)
