"""What Setup says was learnt of a person: nothing at first, then more, each part with what it stands on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.leaning import Leaning
from coach.engine import categorising, language, learnt, preferences, productivity, setup, tasks
from coach.engine.leaning import Learned
from coach.engine.setup import Live
from coach.store import guesses
from coach.store.db import Connection
from coach.store.guesses import Guess
from tests.engine.test_estimating import finish


def parts(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> dict[str, learnt.Learnt]:
    return {one.name: one for one in learnt.learnt(db, config, now, tz)}


def test_nothing_is_learnt_of_nobody_and_first_answers_are_named(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    found = parts(db, config, now, tz)
    assert {one.serves for one in found.values()} == {"general values"}
    assert all(one.n == 0 and one.stands for one in found.values())
    preferences.put(db, {"role": "developer", "chronotype": "morning"}, now, label="introduce yourself")
    found = parts(db, config, now, tz)
    assert "(developer) makes Development likelier; 100% of that is left" in found["categories"].stands
    assert "your answer (morning) says when" in found["focus"].stands


def test_each_part_says_how_much_of_it_is_the_persons(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for n in range(30):
        finish(db, now, f"Write chapter {n}", 90, days_ago=40 - n)
    finish(db, now, "Untimed", None)
    (task,) = (tasks.add(db, "Mend the puppet", config, now, tz),)
    other = tasks.add(db, "Paint the puppet", config, now, tz)
    guesses.put(db, [Guess(other.num, "m", "suggest", "Design", 0.6, (("Design", 0.6),), b"", 0, 0.5)])
    categorising.choose(db, [task], "Personal", now)
    language.add(db, "mtg", "meeting", now)
    preferences.put(db, {"role": "developer"}, now, label="introduce yourself")
    found = parts(db, config, now + timedelta(minutes=1), tz)
    assert (found["lengths"].n, found["lengths"].serves) == (30, "mostly yours (91 %)")
    assert found["lengths"].value() == "mostly yours (91 %), 30 measured tasks"
    assert "1 done task had no clock" in found["lengths"].better
    assert (found["categories"].n, found["categories"].serves) == (1, "mostly yours (92 %)")
    assert "91% of that is left after 1 answer" in found["categories"].stands
    assert found["categories"].better.startswith("1 suggestion waits for your word")
    assert found["words"].n == 1
    assert found["words"].document()["serves"] == "yours"


def test_a_persons_own_names_keep_their_case(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    leaning = Leaning("Music", 1, 0.2, 0.1, 0.3, 40, "Music lessons with Ada in the morning")
    productivity.keep(db, productivity.Productivity(date(2026, 11, 1), learnt=Learned((leaning,))))
    stands = parts(db, config, now, tz)["plan"].stands
    assert stands.startswith("Peak hours")
    assert "; Music lessons with Ada in the morning: counts as" in stands


def test_setup_lists_every_part_and_the_one_question(db: Connection, config: Config, now: datetime, tz: ZoneInfo, home) -> None:
    for _ in range(3):
        task = tasks.add(db, "Water the plants", config, now, tz)
        guesses.put(db, [Guess(task.num, "m", "suggest", "Personal", 0.41, (("Personal", 0.41), ("Errands", 0.38)), b"", 0, 0.5)])
    sections = {s.title: s.entries for s in setup.setup(db, config, home, now, tz, Live()).sections}
    entries = {e.id: e for e in sections["What it has learnt of you"]}
    assert len(entries) == 9
    assert entries["learnt:lengths"].value == "general values, 0 measured tasks"
    assert "Personal or Errands" in entries["learnt:question"].value
    assert all(e.about for e in entries.values())
