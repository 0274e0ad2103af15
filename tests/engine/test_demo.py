"""The demo's store: as consistent as one that grew day by day, and nobody else's to read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, Home, home_at
from coach.core.errors import InvalidInput, StoreClosed
from coach.core.task import Draft
from coach.engine import activity, categories, demo, insights, keeping, preferences
from coach.engine import tasks as engine_tasks
from coach.simulation.life import SimulatedLife, simulate
from coach.store import changes, language, nudges, opening, tasks, timeline
from coach.store.db import Connection, connect
from coach.store.opening import Access

NOW = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAYS = 21


@pytest.fixture(scope="module")
def life() -> SimulatedLife:
    return simulate(DAYS, 5, NOW, BERLIN, role="developer")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_at(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def db(home: Home) -> Connection:
    return connect(demo.create_demo(home, DAYS, 5, NOW, BERLIN))


def test_events_timeline_and_rollups_agree(db: Connection) -> None:
    assert keeping.check(db, categories.day_start_min(Config())) == []


def test_the_timeline_is_what_would_have_been_derived(db: Connection, life: SimulatedLife) -> None:
    rules = categories.load(db, Config())
    rows = "SELECT start_ms, end_ms, context, bucket, offset_min FROM timeline ORDER BY start_ms"
    before = [tuple(r) for r in db.execute(rows)]
    assert len(before) >= len(life.events)
    db.execute("BEGIN")
    try:
        activity.rebuild(db, life.events[0][0], life.events[-1][1], rules, BERLIN)
        assert [tuple(r) for r in db.execute(rows)] == before
    finally:
        db.execute("ROLLBACK")


def test_time_in_an_app_is_the_sum_of_its_events(db: Connection, life: SimulatedLife) -> None:
    start, end = activity.bounds((NOW - timedelta(days=1)).date(), Config(), BERLIN)
    expected: dict[str, float] = {}
    low, high = start.timestamp() * 1000, end.timestamp() * 1000
    for a, b, app, *_ in life.events:
        if b > low and a < high:
            expected[app] = expected.get(app, 0) + (min(b, high) - max(a, low)) / 1000
    found: dict[str, float] = {}
    for event in timeline.between(db, start, end):
        found[event.app] = found.get(event.app, 0) + event.duration_s
    assert found == pytest.approx(expected)
    assert "code" in found


def test_tasks_have_the_categories_that_jobs_would_have_filled_in(db: Connection) -> None:
    filled = db.execute("SELECT count(*), min(category_confidence) FROM task WHERE category IS NOT NULL").fetchone()
    assert filled[0] >= 5
    assert 0.9 < filled[1] <= 1.0
    guessed = db.execute(
        "SELECT sum(t.category IS NULL AND g.decision = 'auto'), sum(t.category IS NOT NULL AND g.decision != 'auto'), count(*)"
        " FROM guess g JOIN task t ON t.num = g.num WHERE t.status = 'pending'").fetchone()
    assert (guessed[0], guessed[1]) == (0, 0)
    assert guessed[2] == db.execute("SELECT count(*) FROM task WHERE status = 'pending'").fetchone()[0]
    actors = {r[0] for r in db.execute("SELECT DISTINCT actor FROM action WHERE label = 'categorise'")}
    assert actors == {"coach"}
    assert language.kept(db)


def test_finished_hours_have_a_score_and_the_running_one_has_none(db: Connection) -> None:
    last = db.execute("SELECT day, hour FROM focus_hour WHERE version > 0 ORDER BY day DESC, hour DESC LIMIT 1").fetchone()
    scored = db.execute("SELECT count(*) FROM focus_hour WHERE score IS NOT NULL").fetchone()[0]
    assert scored > DAYS * 4
    assert tuple(last) < ("2026-11-20", 15)
    assert activity.score_hours(db, categories.load(db, Config()), NOW) == 0


def test_tasks_have_their_state_and_their_history(db: Connection, life: SimulatedLife) -> None:
    found = {t.id: t for t in tasks.every(db)}
    assert {i: t.title for i, t in found.items()} == {t.id: t.title for t in life.tasks}
    for task in life.tasks:
        assert found[task.id].status == task.status
        assert found[task.id].snooze_count == task.snooze_count
        assert found[task.id].due == task.due
    most = max(life.tasks, key=lambda t: t.snooze_count)
    log = changes.history(db, "task", most.id)
    assert [h["label"] for h in log].count("snooze task") == most.snooze_count
    assert log[0]["label"] == "add task"


def test_blocks_belong_to_tasks_and_keep_clear_of_meetings(db: Connection) -> None:
    blocks = changes.read(db, "block")
    assert blocks
    for block in blocks:
        assert tasks.get(db, block["task_id"]) is not None
        start, end = datetime.fromisoformat(block["start"]), datetime.fromisoformat(block["end"])
        assert (block["status"] == "done") == (end <= NOW)
        assert nudges.meetings(db, start, end) == []


def test_there_is_a_meeting_ahead_and_one_behind(db: Connection) -> None:
    assert nudges.meetings(db, NOW - timedelta(days=5), NOW)
    assert nudges.meetings(db, NOW, NOW + timedelta(days=5))


def test_the_person_is_known_and_nobody_is_tracked(db: Connection) -> None:
    assert preferences.get(db, "onboarded") is True
    assert preferences.get(db, "role") == "developer"
    assert preferences.get(db, "tracking_consent") is False


def test_undo_takes_back_what_was_done_after_the_demo_began(db: Connection) -> None:
    task = engine_tasks.add_draft(db, Draft(title="Water the demo"), NOW, BERLIN)
    engine_tasks.undo(db, NOW)
    assert tasks.get(db, task.id) is None


def test_the_insights_have_something_to_show(db: Connection) -> None:
    view = insights.insights(db, Config(), NOW, BERLIN)
    assert not view.empty
    assert len(view.year) > DAYS * 0.6
    assert view.day_lived


def test_a_demo_in_memory_cannot_be_opened_by_others(home: Home, db: Connection) -> None:
    with pytest.raises(StoreClosed):
        opening.open_store(home, Access(use_keyring=False), NOW)
    with pytest.raises(InvalidInput, match="already"):
        demo.create_demo(home, 1, 1, NOW, BERLIN)


def test_a_demo_with_a_key_file_can(tmp_path: Path) -> None:
    home = home_at(tmp_path)
    said: list[str] = []
    demo.create_demo(home, 2, 1, NOW, BERLIN, key_file="", on_progress=said.append)
    unlocked = opening.open_store(home, Access(use_keyring=False), NOW, create=False)
    assert connect(unlocked).execute("SELECT count(*) FROM event").fetchone()[0] > 100
    assert len(said) == 3
    assert not str(home.config).startswith(str(home.data))


def test_no_title_lies_readable_in_any_file(home: Home, db: Connection, life: SimulatedLife) -> None:
    secrets = [life.tasks[0].title.encode(), life.events[0][3].encode(), life.meetings[0].title.encode()]
    files = [p for p in home.data.parent.rglob("*") if p.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets), path


def test_a_single_day_at_night_fills_too(tmp_path: Path) -> None:
    night = datetime(2026, 11, 22, 1, 5, tzinfo=UTC)
    db = connect(demo.create_demo(home_at(tmp_path), 1, 3, night, BERLIN, role="student"))
    assert keeping.check(db, 240) == []


def test_a_demo_that_stays_says_where_and_how_to_open_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COACH_HOME", raising=False)
    with pytest.raises(InvalidInput, match="folder"):
        demo.create("", 2, 9, NOW, BERLIN, Config())
    made = demo.create(str(tmp_path / "a b"), 2, 9, NOW, BERLIN, Config())
    assert made.document()["events"] > 100
    assert f"coach --home '{tmp_path}/a b'" in made.words()
    assert Path(made.key_file).stat().st_mode & 0o077 == 0


def test_a_throw_away_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    with demo.throw_away(str(tmp_path), 2, 9, NOW, BERLIN, Config()) as (home, unlocked, config):
        assert connect(unlocked).execute("SELECT count(*) FROM task").fetchone()[0] > 3
        assert home.store_file.is_relative_to(tmp_path)
        assert not config.nudge.desktop
        assert not opening.info_file(home).exists()
    assert list(tmp_path.iterdir()) == []


def test_simulated_lines_are_json() -> None:
    lines = [json.loads(line) for line in demo.simulated_lines(3, 1, "B", NOW, BERLIN)]
    assert {line["kind"] for line in lines} >= {"person", "event", "task", "meeting", "truth"}
    with pytest.raises(InvalidInput):
        list(demo.simulated_lines(3, 1, "Z", NOW, BERLIN))
