"""Goals in the store: what words mean there, progress up to this moment, streaks, undo."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput, NotFound
from coach.core.goal import Standing, parse
from coach.core.situations import SITUATIONS
from coach.engine import activity, categories, goals, manual, nudge_view, tasks
from coach.store.db import Connection
from tests.engine.filled import BERLIN, NOW, TODAY, at, derive, empty_store, fortnight, lived


def standing(db: Connection, config: Config | None = None) -> Standing:
    (found,) = goals.view(db, config or Config(), NOW, BERLIN).standings
    return found


@pytest.mark.parametrize(("words", "field", "name"), [
    ("news", "category", "News"), ("deep work", "focus", ""), ("screen time", "all", ""), ("#thesis", "project", "thesis"),
    ("slack", "app", "slack"), ("hacker news", None, ""), ("news.ycombinator.com", "site", "news.ycombinator.com"),
    ("ycombinator", "site", "news.ycombinator.com"), ("coach", "project", "coach"), ("youtube", "site", "youtube.com"),
    ("Social > Forums", "category", "Social > Forums"), ("gimp", "app", "gimp"), ("example.org", "site", "example.org"),
    ("communication > c", None, ""), ("writ", "category", "Work > Writing"),
])
def test_what_words_mean(tmp_path: Path, words: str, field: str | None, name: str) -> None:
    db, _ = empty_store(tmp_path)
    fortnight(db)
    wanted = parse(f"at most 30 min {words} a day")
    rules = categories.load(db, Config())
    if field is None:
        with pytest.raises(InvalidInput):
            goals.resolve(db, wanted, rules)
    else:
        assert goals.resolve(db, wanted, rules) == (field, name)
    db.close()


def test_progress_and_streak_of_a_fortnight(tmp_path: Path) -> None:
    db, _ = empty_store(tmp_path)
    fortnight(db)
    for text, used, state, streak, n in (
        ("at most 15 min slack a day", 30, "over", 0, 9), ("at most 30 min slack a day", 30, "near", 9, 9),
        ("at least 2h focus a day", 170, "met", 9, 9), ("at most 25 min news.ycombinator.com a day", 20, "near", 9, 9),
        ("at least 20h focus a week", 4 * 150 + 20, "behind", 0, 2), ("at most 3h communication a week", 240, "over", 0, 2),
        ("at least 3h coach a day", 170, "on track", 0, 9),
    ):
        made = goals.add(db, text, Config(), NOW)
        seen = standing(db)
        assert (text, round(seen.used_min), seen.state, seen.streak, seen.n) == (text, used, state, streak, n)
        assert seen.active == (made.field in ("focus", "project"))  # views.py of coach is in front
        goals.remove(db, made.id[:8], NOW)
    db.close()


def test_the_running_state_counts_before_it_is_rolled_up(db: Connection) -> None:
    goals.add(db, "at most 1h firefox a day", Config(), NOW)
    lived(db, NOW - timedelta(minutes=40), 40, "firefox")
    activity.rebuild(db, 0, 2**42, categories.load(db, Config()), BERLIN)
    assert db.execute("SELECT count(*) FROM rollup_day").fetchone()[0] == 0
    assert (round(standing(db).used_min), standing(db).active) == (40, True)
    derive(db, at(TODAY, 0), NOW)
    assert round(standing(db).used_min) == 40


def test_corrections_and_labels_count(db: Connection) -> None:
    goals.add(db, "at most 30 min news a day", Config(), NOW)
    lived(db, at(TODAY, 9), 60, "firefox", "something")
    derive(db, at(TODAY, 0), NOW)
    assert standing(db).used_min == 0
    rules = categories.load(db, Config())
    manual.correct(db, at(TODAY, 9), at(TODAY, 9, 20), rules, BERLIN, NOW, category="News")
    manual.tag(db, at(TODAY, 11), at(TODAY, 11, 5), "paper", rules, BERLIN, NOW, category="News")
    activity.roll(db, rules, NOW)
    assert (round(standing(db).used_min), standing(db).state) == (25, "near")


def test_goals_are_changes_and_no_two_are_about_the_same(db: Connection) -> None:
    made = goals.add(db, "at most 30 min news a day", Config(), NOW)
    with pytest.raises(InvalidInput, match="already"):
        goals.add(db, "at most 1h news a day", Config(), NOW)
    assert goals.remove(db, "NEWS", NOW) == made
    assert goals.every(db) == []
    tasks.undo(db, NOW)
    assert goals.every(db) == [made]
    tasks.undo(db, NOW)
    assert goals.view(db, Config(), NOW, BERLIN).document() == []
    with pytest.raises(NotFound):
        goals.remove(db, "", NOW)


def test_a_limit_that_is_passed_is_something_to_speak_about(db: Connection) -> None:
    goals.add(db, "at most 30 min news a day", Config(), NOW)
    lived(db, NOW - timedelta(minutes=40), 40, "firefox", url="https://www.bbc.com/news/world")
    derive(db, at(TODAY, 0), NOW)
    seen = nudge_view.view(db, Config(), NOW, BERLIN)
    proposal = next(s for s in SITUATIONS if s.name == "goal_over").propose(seen)
    assert proposal is not None
    assert proposal.values == {"goal": "News", "minutes": "10 minutes"}
    later = nudge_view.view(db, Config(), NOW + timedelta(minutes=10), BERLIN)  # nobody reads news any more
    assert next(s for s in SITUATIONS if s.name == "goal_over").propose(later) is None
