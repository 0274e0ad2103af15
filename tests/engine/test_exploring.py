"""The order of near ties drawn by lot: when it is, that it is kept as it was shown, and what a choice from it teaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from coach.config import Config
from coach.core import exploring
from coach.core.exploring import Look, Tie
from coach.core.priority import Taste, taste_of
from coach.core.when import parse_iso
from coach.engine import prioritising, tasks, views
from coach.store import taste

LATER = timedelta(hours=12)


@pytest.fixture
def known(db, config, now, tz) -> Config:
    """A person of ten choices, with six pages left that are as likely to be next as each other."""
    for n in range(10):
        tasks.add(db, f"Call person {n}", config, now - timedelta(days=3), tz)
    for n in range(6):
        tasks.add(db, f"Write page {n}", config, now - timedelta(days=3), tz)
    for n in range(10):
        at = now + timedelta(hours=n)
        tasks.done(db, [next(t for t, _ in tasks.ready(db, config, at) if t.title.startswith("Call"))], at)
    return config


def order(db, config, now, tz) -> prioritising.Order:
    return prioritising.chosen_next(db, config, now + LATER, tz)


def titles(found: prioritising.Order) -> list[str]:
    return [one.task.title for one in found.ranked]


def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exploring, "EPSILON", 1.0)


def test_a_drawn_order_is_the_same_everywhere_all_day_and_says_so(db, known, now, tz, monkeypatch) -> None:
    plain = order(db, replace(known, learning=replace(known.learning, explore=False)), now, tz)
    assert all(one.tie is None for one in plain.ranked)
    always(monkeypatch)
    found = order(db, known, now, tz)
    assert titles(found) != titles(plain)
    assert sorted(titles(found)) == sorted(titles(plain))
    assert "drawn by lot today" in found.reason
    assert found.document(found.ranked[0])["propensity"] == pytest.approx(1 / 6, abs=1e-4)
    assert titles(found) == titles(prioritising.chosen_next(db, known, now + LATER + timedelta(minutes=50), tz))
    view = views.today(db, known, now + LATER, tz)
    assert [row.task.title for group in view.tasks for row in group.rows] == titles(found)
    views.note_shown(db, view)
    places = taste.places_since(db, now, now + LATER)
    assert {p.tie for p in places.values()} == {Tie(1, 3, 1 / 6), Tie(4, 3, 1 / 6)}
    before = db.total_changes
    views.note_shown(db, view)
    assert db.total_changes == before


def test_nothing_is_drawn_before_ten_choices_or_where_something_is_due_today(db, known, now, tz, monkeypatch) -> None:
    always(monkeypatch)
    assert any(one.tie for one in order(db, known, now, tz).ranked)
    tasks.add(db, "Pay the rent today", known, now, tz)
    assert not any(one.tie for one in order(db, known, now, tz).ranked)
    tasks.delete(db, [t for t, _ in tasks.ready(db, known, now) if t.title == "Pay the rent"], now)
    assert any(one.tie for one in order(db, known, now, tz).ranked)
    monkeypatch.setattr(prioritising, "TRUSTED", 11)
    assert not any(one.tie for one in order(db, known, now, tz).ranked)


def test_what_is_late_begun_or_of_priority_1_keeps_its_place(db, known, now, tz, monkeypatch) -> None:
    always(monkeypatch)
    for task, _ in tasks.ready(db, known, now)[:2]:
        tasks.start(db, task, now)
    tasks.add(db, "Write page 9 p1", known, now, tz)
    tasks.add(db, "Write page 8 yesterday", known, now - timedelta(days=2), tz)
    fixed = [one for one in order(db, known, now, tz).ranked if one.task.started or one.task.priority == 1 or one.task.due]
    assert len(fixed) == 4
    assert not any(one.tie for one in fixed)


def test_a_choice_from_a_drawn_order_teaches_what_a_place_does_and_is_kept(db, known, now, tz, monkeypatch) -> None:
    always(monkeypatch)
    found = order(db, known, now, tz)
    prioritising.note_shown(
        db, [one.task.id for one in found.ranked], now + LATER, {o.task.id: o.tie for o in found.ranked if o.tie})
    tasks.start(db, found.ranked[2].task, now + LATER + timedelta(minutes=5))
    views.note_shown(db, views.today(db, known, now + LATER + timedelta(minutes=6), tz))  # another list stands there by then
    prioritising.follow(db, now + LATER + timedelta(hours=9), tz)
    kept = taste.read(db)
    assert kept is not None
    look = taste_of(kept.data).look
    assert look.mean < Look().mean  # the third of three was taken
    assert look.precision > Look().precision
    assert taste_of({k: v for k, v in kept.data.items() if k != "look"}).look == Look()
    assert taste_of({**kept.data, "look": ["x", 1]}) == Taste()


def test_what_was_shown_after_the_choice_is_not_what_it_was_made_from(db, now) -> None:
    prioritising.note_shown(db, ["a", "b", "c"], now)
    prioritising.note_shown(db, ["c", "d"], now + timedelta(minutes=1))
    prioritising.note_shown(db, ["c", "a", "b"], now + timedelta(minutes=9))
    day = timedelta(days=1)
    seen = taste.order_with(db, "a", now - day, now + timedelta(minutes=5))
    assert {i: p.rank for i, p in seen.items()} == {"a": 1, "b": 2, "c": 3}
    assert taste.order_with(db, "d", now - day, now) == {}
    taste.note_shown(db, ["d"], now + timedelta(days=15))
    assert list(taste.places_since(db, now, now + timedelta(days=20))) == ["d"]


def test_near_ties_that_were_shown_apart_teach_nothing(db, now) -> None:
    ties = {i: Tie(1, 2, 0.5) for i in "ab"} | {i: Tie(3, 2, 0.5) for i in "cd"}
    prioritising.note_shown(db, ["a", "x", "b", "c", "d"], now, ties)
    places = taste.places_since(db, now, now)
    assert {i: p.tie for i, p in places.items() if p.tie} == {"c": Tie(4, 2, 0.5), "d": Tie(4, 2, 0.5)}
    assert parse_iso(places["a"].at) == now
