from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, TimeConfig
from coach.core.errors import InvalidInput, NotFound
from coach.core.event import Event
from coach.engine import activity, categories, manual, tasks
from coach.store import rollups, timeline
from coach.store.db import Connection


def lived(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    """Two hours: one in an editor, one in an app that nobody knows; ended an hour ago."""
    rules = categories.load(db, Config())
    start = now - timedelta(hours=3)
    beats = [
        Event(start, start + timedelta(hours=1), "x11", "code", "main.py"),
        Event(start + timedelta(hours=1), start + timedelta(hours=2), "x11", "zorgltool", "Zorgl"),
    ]
    activity.record(db, beats, 1.0, rules, tz)
    activity.roll(db, rules, now)


def by_category(db: Connection, now: datetime) -> dict[str, int]:
    day = now.date()
    return {r["category"]: r["ms"] // 60_000 for r in rollups.by_category(db, day, day)}


def test_shipped_rules_label_and_unknown_apps_are_not_guessed(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    lived(db, now, tz)
    assert by_category(db, now) == {"Work > Programming": 60, "Uncategorised": 60}


def test_a_rule_relabels_history_and_undo_of_it_comes_with_removal(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    lived(db, now, tz)
    assert categories.add_rule(db, "app", "zorgltool", "exact", "Work > Design", Config(), now) == 1
    assert by_category(db, now) == {"Work > Programming": 60, "Work > Design": 60}
    assert rollups.disagreements(db, 240) == []
    (rule,) = categories.user_rules(db)
    categories.remove_rule(db, rule.id[:8], Config(), now)
    assert by_category(db, now) == {"Work > Programming": 60, "Uncategorised": 60}
    with pytest.raises(NotFound):
        categories.remove_rule(db, "nothing", Config(), now)


def test_history_follows_a_rule_that_was_undone(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    lived(db, now, tz)
    categories.add_rule(db, "app", "zorgltool", "exact", "Work > Design", Config(), now)
    tasks.undo(db, now)
    categories.catch_up(db, Config())
    assert by_category(db, now) == {"Work > Programming": 60, "Uncategorised": 60}
    assert rollups.disagreements(db, 240) == []


def test_many_windows_are_relabelled_step_by_step(
    db: Connection, now: datetime, tz: ZoneInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(categories, "RELABEL_AT_ONCE", 2)
    rules = categories.load(db, Config())
    start = now - timedelta(hours=5)
    for index in range(9):
        at = start + timedelta(minutes=25 * index)
        activity.record(db, [Event(at, at + timedelta(minutes=25), "x11", "zorgltool", f"Page {index % 7}")], 1.0, rules, tz)
    third = db.execute("SELECT start_ms FROM timeline ORDER BY start_ms LIMIT 1 OFFSET 2").fetchone()[0]
    db.execute("UPDATE timeline SET category = 'Work > Writing' WHERE start_ms = ?", (third,))
    rollups.rebuild_all(db, 240)
    activity.roll(db, rules, now)
    assert categories.add_rule(db, "app", "zorgltool", "exact", "Work > Design", Config(), now) == 7
    assert by_category(db, now) == {"Work > Design": 200, "Work > Writing": 25}
    assert rollups.disagreements(db, 240) == []
    assert rollups.focus_by_hour(db, now.date(), now.date()) == []  # to be scored anew


def test_roll_ups_keep_one_day_start_until_a_process_starts_with_another(
    db: Connection, now: datetime, tz: ZoneInfo
) -> None:
    late = Config(time=TimeConfig(day_start="09:30"))
    lived(db, now, tz)  # 08:00 to 10:00
    start = now - timedelta(hours=3)
    manual.tag(db, start, start + timedelta(minutes=30), "Call", categories.load(db, late), tz, now)
    activity.roll(db, categories.catch_up(db, late), now)
    assert rollups.disagreements(db, 240) == []
    assert rollups.disagreements(db, 570) != []
    activity.roll(db, categories.catch_up(db, late, starting=True), now)
    assert rollups.disagreements(db, 570) == []
    yesterday = now.date() - timedelta(days=1)
    assert sum(r["ms"] for r in rollups.by_category(db, yesterday, yesterday)) == 90 * 60_000


@pytest.mark.parametrize(("field", "pattern", "kind", "category"), [
    ("colour", "x", "exact", "Work"), ("app", "x", "fuzzy", "Work"), ("app", "", "exact", "Work"), ("app", "x", "exact", " "),
    ("title", "(", "regex", "Work"),
])
def test_a_wrong_rule_is_refused(db: Connection, now: datetime, field: str, pattern: str, kind: str, category: str) -> None:
    with pytest.raises(InvalidInput):
        categories.add_rule(db, field, pattern, kind, category, Config(), now)
    assert categories.user_rules(db) == []


def test_levels_change_the_scores(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    lived(db, now, tz)
    day = now.date()
    first = [r["score"] for r in rollups.focus_by_hour(db, day, day)]
    assert len(first) == 2
    categories.set_category(db, "Work > Programming", 0.0, False, Config(), now)
    activity.roll(db, categories.load(db, Config()), now)
    second = [r["score"] for r in rollups.focus_by_hour(db, day, day)]
    assert second[0] < first[0]
    tasks.undo(db, now)
    activity.roll(db, categories.catch_up(db, Config()), now)
    assert [r["score"] for r in rollups.focus_by_hour(db, day, day)] == first
    assert categories.load(db, Config()).named("Work > Programming").level == 1.0
    with pytest.raises(InvalidInput, match="no level"):
        categories.set_category(db, "Work", 0.3, True, Config(), now)


def test_the_running_hour_has_no_score_yet(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    rules = categories.load(db, Config())
    activity.record(db, [Event(now - timedelta(minutes=90), now + timedelta(minutes=20), "x11", "code", "x")], 1.0, rules, tz)
    activity.roll(db, rules, now + timedelta(minutes=20))
    hours = [(r["day"], r["hour"]) for r in rollups.focus_by_hour(db, now.date(), now.date())]
    assert hours == [("2026-11-20", 9), ("2026-11-20", 10)]  # 9:30 and 10 local; 11 local is still running


def test_gaps_are_what_nothing_explains(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    rules = categories.load(db, Config())
    start = now - timedelta(hours=2)
    beats = [
        Event(start, start + timedelta(minutes=20), "x11", "code", "a"),
        Event(start + timedelta(minutes=22), start + timedelta(minutes=30), "x11", "code", "b"),
        Event(start + timedelta(minutes=50), start + timedelta(minutes=60), "x11", "code", "c"),
    ]
    activity.record(db, beats, 1.0, rules, tz)
    assert activity.gaps(db, start, now) == [activity.Gap(start + timedelta(minutes=30), start + timedelta(minutes=50))]
    manual.tag(db, start + timedelta(minutes=30), start + timedelta(minutes=50), "Coffee with Ines", rules, tz, now)
    assert activity.gaps(db, start, now) == []
    assert [e.title for e in timeline.between(db, start, now)] == ["a", "b", "Coffee with Ines", "c"]


@pytest.mark.parametrize(("minutes_from", "minutes_to", "text"), [(30, 20, "x"), (-10, 10, "x"), (30, 20, ""), (60, 30, " ")])
def test_a_wrong_label_is_refused(
    db: Connection, now: datetime, tz: ZoneInfo, minutes_from: int, minutes_to: int, text: str
) -> None:
    rules = categories.load(db, Config())
    start, end = now - timedelta(minutes=minutes_from), now - timedelta(minutes=minutes_to)
    if end <= now and text.strip() and start < end:
        start, end = end, start
    with pytest.raises(InvalidInput):
        manual.tag(db, start, end, text, rules, tz, now)
