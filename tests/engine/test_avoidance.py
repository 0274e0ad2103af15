"""Avoidance from the store: the stories of tasks, consent, what is kept, erased and exported."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core import change
from coach.core.errors import InvalidInput
from coach.core.task import stored as as_stored
from coach.engine import avoidance, everything, keeping, onboarding, tasks
from coach.engine.avoidance_stories import Log, _dated, stories
from coach.engine.exams import avoidance as exam
from coach.engine.learning import examining
from coach.simulation.task_life import task_life
from coach.store import changes, erase
from coach.store import tasks as stored
from coach.store.db import Connection, transaction

BERLIN = ZoneInfo("Europe/Berlin")
DAYS, SEED = 60, 5
COUNTED = "SELECT (SELECT count(*) FROM avoidance_task), (SELECT count(*) FROM avoidance_week)"


def fill(db: Connection) -> None:
    """A simulated person's tasks, each step an action of its own."""
    before: dict[str, dict[str, Any]] = {}
    with transaction(db):
        for step in task_life(DAYS, SEED, exam.NOW, BERLIN).steps:
            if step.series is None and step.task.recurrence is None:
                values = {name: value for name, value in as_stored(step.task).items() if name != "id"}
                old = before.get(step.task.id)
                edit = change.create("task", step.task.id, values) if old is None else change.update(
                    "task", step.task.id, old, values)
                changes.apply(db, [edit], now=step.at, label=step.action)
                before[step.task.id] = values


def kept(db: Connection) -> tuple[int, int]:
    tasks_, weeks = db.execute(COUNTED).fetchone()
    return int(tasks_), int(weeks)


def test_the_store_tells_the_same_stories_as_the_exam(
    db: Connection, config: Config, monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(db)
    monkeypatch.setattr(exam, "DAYS", DAYS)
    _, told = exam.stories(SEED, "A")
    found = stories(db, exam.NOW - timedelta(days=400), exam.NOW, BERLIN, config)

    def facts(every: Any) -> set[Any]:
        return {(one.id, one.open_s, one.due_s, one.begun_s, one.ended_s, one.done, one.snoozes_s, one.edits_s) for one in every}

    assert facts(found.values()) == facts(told)
    assert any(one.snoozes_s for one in told)


def test_placebo_people_are_told_nothing_where_others_are() -> None:
    """96, 111 and 303 have long tasks of one category that score 13 to 18 points above the others, 218 and 345 one task that was
    put off three times. The bounds were chosen on these people; the exam's are others."""
    seeds = (96, 111, 218, 303, 345)
    assert not any(exam.judged(*exam.stories(seed, "placebo")).claims for seed in seeds)
    assert all(exam.judged(*exam.stories(seed, "A")).claims for seed in seeds)


def test_without_consent_nothing_is_computed_or_kept_and_taking_it_back_erases(db: Connection, config: Config) -> None:
    fill(db)
    where = (db, config, exam.NOW, BERLIN)
    assert not avoidance.tick(*where)
    assert avoidance.view(*where).document() == {"profiling": False, "why": avoidance.OFF, "how": avoidance.HOW}
    assert avoidance.task_scores(*where) == avoidance.trend(*where) == ()
    assert avoidance.week(*where) is None
    assert avoidance.worst(*where) is None
    assert kept(db) == (0, 0)

    avoidance.set_consent(db, True, exam.NOW)
    assert avoidance.tick(*where)
    assert not avoidance.tick(*where)  # nothing was edited
    opened, weeks = kept(db)
    assert opened == len(avoidance.task_scores(*where)) > 5
    assert weeks >= 7
    avoidance.set_consent(db, False, exam.NOW)
    assert kept(db) == (0, 0)
    assert keeping.audit_log(db)[0]["what"] == "erase"

    avoidance.set_consent(db, True, exam.NOW)
    assert avoidance.tick(*where)
    changes.undo(db, exam.NOW)  # of the consent
    assert not avoidance.allowed(db)
    assert avoidance.tick(*where)
    assert kept(db) == (0, 0)


def test_scores_come_with_evidence_and_the_worst_is_looked_up(db: Connection, config: Config) -> None:
    fill(db)
    where = (db, config, exam.NOW, BERLIN)
    avoidance.set_consent(db, True, exam.NOW)
    seen = avoidance.view(*where)
    scores = [one.score.value for one in seen.tasks]
    assert scores == sorted(scores, reverse=True)
    assert seen.level.score is not None
    assert len(seen.weeks) == 26
    document = json.loads(json.dumps(seen.document()))
    assert document["week"] == document["weeks"][-1]
    assert all(one["source"] and one["text"] for task in document["tasks"] for one in task["evidence"])
    avoidance.tick(*where)
    first, second, *_ = [one for one in seen.tasks if one.score.avoided]
    assert avoidance.worst(*where) == (first.id, pytest.approx(first.score.value))
    tasks.done(db, [stored.find(db, first.id)], exam.NOW)
    assert avoidance.worst(*where) == (second.id, pytest.approx(second.score.value))
    until = (exam.NOW + timedelta(days=1)).timestamp()
    db.execute("UPDATE task SET wait_utc = ? WHERE id = ?", (until, second.id))
    hidden = avoidance.worst(*where)
    assert hidden is None or hidden[0] != second.id


def test_weeks_that_are_over_stay_as_they_were_kept(db: Connection, config: Config) -> None:
    fill(db)
    where = (db, config, exam.NOW, BERLIN)
    avoidance.set_consent(db, True, exam.NOW)
    avoidance.tick(*where)
    before = [one.week.score for one in avoidance.trend(*where)[:-1]]
    db.execute("UPDATE task SET snooze_count = 0, created_ms = created_ms + 1000 WHERE status = 'completed'")
    assert [one.week.score for one in avoidance.trend(*where)[:-1]] == before


def test_starts_later_dues_and_edits_are_told_apart(db: Connection, config: Config) -> None:
    begun = datetime(2026, 11, 1, 9, tzinfo=UTC)
    values: dict[str, Any] = {"title": "Taxes", "created": "2026-11-01T09:00:00Z", "modified": "2026-11-01T09:00:00Z",
                              "time_zone": "Europe/Berlin", "due": "2026-11-20"}
    changes.apply(db, [change.create("task", "t", values)], now=begun, label="add")

    def edit(days: int, **fields: tuple[Any, Any]) -> None:
        old, new = {k: v[0] for k, v in fields.items()}, {k: v[1] for k, v in fields.items()}
        changes.apply(db, [change.update("task", "t", old, new)], now=begun + timedelta(days=days), label="edit")

    edit(0, title=("Taxes", "File taxes"))  # still being written
    edit(1, notes=("", "with \"status\":[ in it"))
    edit(2, due=("2026-11-20", "2026-11-30"))
    edit(3, due=("2026-11-30", "2026-11-25"))
    edit(3, scheduled=(None, "2026-11-08"))
    edit(4, started=(None, "2026-11-05T09:00:00Z"))
    (one,) = stories(db, begun, begun + timedelta(days=9), BERLIN, config).values()
    day_s = 86_400
    assert [(s - begun.timestamp()) / day_s for s in one.snoozes_s] == [2]
    assert [(s - begun.timestamp()) / day_s for s in one.edits_s] == [1, 3]
    assert one.begun_s == begun.timestamp() + 4 * day_s
    assert one.open_s == begun.timestamp(), "to plan it for later does not make it younger"
    assert [(s - begun.timestamp()) / day_s for s, _ in one.dues_s] == [0, 2, 3]


def test_moving_a_due_later_does_not_improve_the_score(db: Connection, config: Config) -> None:
    begun = datetime(2026, 11, 1, 9, tzinfo=UTC)
    now = begun + timedelta(days=9)
    due: date
    avoidance.set_consent(db, True, begun)
    for due in (date(2026, 11, 6), date(2026, 11, 12)):
        tasks.add(db, f"Taxes {due.isoformat()}", config, begun, BERLIN)
    for num, days in ((1, 30), (2, 30), (1, 60)):
        (before,) = [one.score.value for one in avoidance.task_scores(db, config, now, BERLIN) if one.num == num]
        due = (now + timedelta(days=days)).date()
        tasks.edit_text(db, tasks.find(db, str(num)), f"due:{due.isoformat()}", config, now, BERLIN)
        now += timedelta(hours=2)
        (after,) = [one.score.value for one in avoidance.task_scores(db, config, now, BERLIN) if one.num == num]
        assert after > before
    # What is mended within the hour was a slip.
    (slip,) = [one.score.acts for one in avoidance.task_scores(db, config, now, BERLIN) if one.num == 2]
    for day in (date(2026, 12, 24), date(2026, 12, 10)):
        tasks.edit_text(db, tasks.find(db, "2"), f"due:{day.isoformat()}", config, now, BERLIN)
        now += timedelta(minutes=5)
    (again,) = [one.score.acts for one in avoidance.task_scores(db, config, now, BERLIN) if one.num == 2]
    assert again == slip


def test_purge_erase_and_export_know_it(db: Connection, config: Config) -> None:
    fill(db)
    avoidance.set_consent(db, True, exam.NOW)
    avoidance.tick(db, config, exam.NOW, BERLIN)
    text = "".join(everything.pieces(db, exam.NOW))
    kinds = [next(iter(entry)) for entry in json.loads(text)]
    assert (kinds.count("avoidance_task"), kinds.count("avoidance_week")) == kept(db)
    first = avoidance.task_scores(db, config, exam.NOW, BERLIN)[0].id
    tasks.delete(db, [stored.find(db, first)], exam.NOW)
    before = kept(db)[0]
    erase.purge_deleted(db, exam.NOW)
    assert kept(db)[0] < before
    assert db.execute("SELECT 1 FROM avoidance_task WHERE task_id = ?", (first,)).fetchone() is None
    erase.forget_learned(db)
    assert kept(db) == (0, 0)
    later = exam.NOW + timedelta(minutes=1)
    assert avoidance.tick(db, config, later, BERLIN), "what was erased with tracked time is made anew"


def test_too_little_says_what_is_missing(db: Connection, config: Config, now: datetime) -> None:
    avoidance.set_consent(db, True, now)
    seen = avoidance.view(db, config, now, BERLIN)
    assert "needs 4 weeks" in seen.lines()[0]
    assert "0 so far" in avoidance.own_waits(seen)
    assert seen.document()["level"]["needs"]


def test_the_first_questions_can_allow_it(db: Connection, config: Config, home: Any, now: datetime) -> None:
    onboarding.save(db, home, config, onboarding.Answers(tracking=False, profiling=True), now)
    assert avoidance.allowed(db)


def test_the_exam_tells_impulsive_people_from_others_and_refuses_seeds_it_was_made_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exam, "DAYS", 100)
    monkeypatch.setattr(exam, "RESAMPLES", 30)
    found = examining.evaluate("avoidance", 7, "A", 1_000_200, lambda words: None)
    assert found["spearman"]["score"]["value"] > 0.4
    assert found["spearman"]["score"]["n"] == 7
    assert found["without_a_score"] == 0
    assert set(found["spearman"]) == {"score", "snooze rate", "overdue share"}
    with pytest.raises(InvalidInput):
        examining.evaluate("avoidance", 12, "A", 5, lambda words: None)
    with pytest.raises(InvalidInput):
        examining.evaluate("avoidance", 2, "A", None, lambda words: None)


def test_a_count_that_an_import_left_empty_is_none() -> None:
    log = Log()
    _dated(log, 5.0, {"snooze_count": [None, None], "title": ["a", "b"]})
    _dated(log, 6.0, {"snooze_count": [None, 1]})
    assert log.snoozes == [6.0]
