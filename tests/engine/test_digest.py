"""The weekly digest: once a week, late after a sleep, by the settings, with numbers that are in the report."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from coach.config import Config, parse
from coach.core.errors import InvalidInput
from coach.core.nudge import Nudge
from coach.engine import digest
from coach.engine.report import report
from coach.store import chat, nudges
from tests.engine.filled import BERLIN, NOW, at, empty_store, fortnight

MONDAY = date(2026, 11, 23)
MORNING = at(MONDAY, 9)


@pytest.fixture
def db(tmp_path: Path):
    db, _ = empty_store(tmp_path)
    fortnight(db)
    yield db
    db.close()


def heard(said: list[Nudge]):
    def deliver(nudge: Nudge) -> str:
        said.append(nudge)
        return "toast"

    return deliver


def wanting(how: str) -> Config:
    return replace(Config(), nudge=replace(Config().nudge, digest=how))


def test_it_is_told_once_and_stands_in_the_chat(db) -> None:
    said: list[Nudge] = []
    told = digest.tick(db, Config(), MORNING, BERLIN, heard(said))
    assert told is not None
    assert told.status == "shown"
    assert [n.text for n in said] == [told.text]
    assert chat.latest(db)[-1]["text"] == told.text
    for later in (timedelta(hours=1), timedelta(days=3)):
        assert digest.tick(db, Config(), MORNING + later, BERLIN, heard(said)) is None
    assert len(said) == len(chat.latest(db)) == 1


def test_its_numbers_are_the_reports(db) -> None:
    told = digest.tick(db, Config(), MORNING, BERLIN, heard([]))
    assert told is not None
    found = report(db, "week", date(2026, 11, 18), Config(), MORNING, BERLIN)
    assert told.text.startswith("Your week from 16 November to 22 November: 15 h 40 min active on 4 days")
    assert f"Focus {found.score:.2f} from {found.n} hours" in told.text
    assert "0 tasks" not in told.text
    assert "No tasks done, 0 the week before." in told.text
    assert re.search(r"4 tracked days against 5: too few", told.text)


@pytest.mark.parametrize(("when", "told"), [
    (at(MONDAY, 7), False), (at(MONDAY, 8), True), (at(MONDAY, 22), False), (at(date(2026, 11, 27), 12), True),
    (at(date(2026, 11, 22), 12), False), (at(date(2026, 12, 14), 12), False),
])
def test_it_waits_for_the_week_and_the_morning_and_is_caught_up(db, when: datetime, told: bool) -> None:
    """The Sunday before tells of the week before that one, three weeks later nothing was tracked."""
    said: list[Nudge] = []
    digest.tick(db, Config(), at(date(2026, 11, 16), 9), BERLIN, heard([]))
    digest.tick(db, Config(), when, BERLIN, heard(said))
    assert bool(said) is told


def test_settings_choose_the_chat_or_nothing(db) -> None:
    said: list[Nudge] = []
    assert digest.tick(db, wanting("off"), MORNING, BERLIN, heard(said)) is None
    assert chat.latest(db) == []
    told = digest.tick(db, wanting("chat"), MORNING, BERLIN, heard(said))
    assert told is not None
    assert (said, told.channel, nudges.queued(db, MORNING)) == ([], "chat", [])
    assert len(chat.latest(db)) == 1
    with pytest.raises(InvalidInput, match="digest"):
        parse({"nudge": {"digest": "loud"}})


def test_a_notification_waits_until_something_can_show_it(db) -> None:
    assert digest.tick(db, Config(), MORNING, BERLIN, None) is None
    assert digest.tick(db, Config(), MORNING, BERLIN, heard([])) is not None


def test_it_takes_no_nudge_away(db) -> None:
    from coach.core.nudge import why_silent
    from coach.core.situations import NudgeView
    from coach.engine.nudging import limits

    told = digest.tick(db, Config(), MORNING, BERLIN, heard([]))
    assert told is not None
    view = NudgeView((MORNING + timedelta(minutes=1)).astimezone(BERLIN))
    assert why_silent(view, limits(Config()), [replace(told, situation="due_today")]) == "cooldown"
    assert why_silent(view, limits(Config()), [told]) is None
    assert told.at == MORNING > NOW


def test_a_week_that_is_not_over_stands_beside_as_much_of_the_one_before(db) -> None:
    thursday = report(db, "week", date(2026, 11, 18), Config(), at(date(2026, 11, 19), 12), BERLIN)
    assert "No tasks done, 0 in as much of the week before." in digest.words(thursday)
    assert "Against as much of the week before:" in digest.words(thursday)
