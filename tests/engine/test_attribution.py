"""Tracked time given to tasks in a real store: proposed, accepted as one step, never counted twice, gone with an erasure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput, NotFound
from coach.core.event import Event
from coach.core.task import Task
from coach.core.when import to_ms
from coach.engine import activity, attribution, categories, details, focusing, manual, tasks
from coach.store import changes, events
from coach.store import tasks as stored
from coach.store.db import Connection, transaction
from tests.engine.filled import BERLIN, TODAY, at, derive

CONFIG = Config()
YESTERDAY = TODAY - timedelta(days=1)
EVENING = at(TODAY, 18)


def noted(db: Connection, text: str) -> Task:
    return tasks.add(db, text, CONFIG, at(TODAY - timedelta(days=7), 9), BERLIN)


def worked(
    db: Connection, start: datetime, minutes: float, app: str, title: str = "", project: str = "", branch: str = "",
    source: str = "x11",
) -> None:
    rules = categories.load(db, CONFIG)
    data = {"branch": branch} if branch else {}
    event = Event(start, start + timedelta(minutes=minutes), source, app, title, "", project, None, data)
    with transaction(db):
        kind = events.BUCKET_TYPES["terminal" if source == "tmux" else "window"]
        bucket = events.bucket(db, source, kind, start)
        events.insert(db, bucket, event, events.context(db, app, title, "", project, rules.categorise))
    derive(db, start, event.end)


def waiting(db: Connection, day: date | None = None, now: datetime = EVENING) -> list[tuple[str, int]]:
    return [(i.task.title, i.proposal.minutes) for i in attribution.pending(db, CONFIG, now, BERLIN, day)]


def actual(db: Connection, task: Task) -> int | None:
    found = stored.get(db, task.id)
    assert found is not None
    return found.actual_min


@pytest.fixture
def login(db: Connection) -> Task:
    """A task, and an hour on its branch today from 9 on."""
    task = noted(db, "Fix login redirect #shop")
    noted(db, "Retry webhooks #shop")
    worked(db, at(TODAY, 9), 60, "nvim", "nvim", "shop", "fix-login-redirect", "tmux")
    worked(db, at(TODAY, 10), 30, "nvim", "nvim", "shop", "main", "tmux")
    return task


def test_accepting_counts_the_minutes_and_one_undo_takes_them_back(db: Connection, login: Task) -> None:
    (item,) = attribution.pending(db, CONFIG, EVENING, BERLIN)
    assert (item.task.id, item.proposal.minutes, item.because()) == (login.id, 60, "branch fix-login-redirect (1 h)")
    (done,) = attribution.accept(db, [str(login.num)], CONFIG, EVENING, BERLIN)
    assert done.document()["minutes"] == actual(db, login) == 60
    assert waiting(db) == []
    shown = details.of(db, str(login.num), CONFIG, EVENING, BERLIN)
    assert "  measured 1 h: 1 h from tracked time of 1 day" in shown.words(EVENING, BERLIN)
    assert shown.document(EVENING)["minutes_from"] == {"attributed_min": 60, "days": 1, "other_min": 0}
    changes.undo(db, EVENING)
    assert actual(db, login) is None
    assert waiting(db) == [("Fix login redirect", 60)]
    changes.redo(db, EVENING)
    assert (actual(db, login), waiting(db)) == (60, [])


def test_time_after_an_answer_is_proposed_anew_and_alone(db: Connection, login: Task) -> None:
    attribution.accept(db, [str(login.num)], CONFIG, EVENING, BERLIN)
    worked(db, at(TODAY, 14), 25, "nvim", "nvim", "shop", "fix-login-redirect", "tmux")
    assert waiting(db) == [("Fix login redirect", 25)]
    attribution.accept(db, [], CONFIG, EVENING, BERLIN, sure=True)
    assert actual(db, login) == 85
    assert "85" not in str(waiting(db))


def test_a_timers_time_is_not_counted_again(db: Connection, login: Task) -> None:
    tasks.start(db, login, at(TODAY, 9, 10))
    tasks.stop(db, tasks.find(db, str(login.num)), at(TODAY, 9, 30))
    assert waiting(db) == [("Fix login redirect", 40)]
    focusing.start(db, at(TODAY, 9, 30), 25, tasks.find(db, str(login.num)))
    assert waiting(db, now=at(TODAY, 9, 45)) == [("Fix login redirect", 10)]  # while it runs
    focusing.stop(db, at(TODAY, 9, 50))
    assert waiting(db) == [("Fix login redirect", 20)]
    attribution.accept(db, [str(login.num)], CONFIG, EVENING, BERLIN)
    assert actual(db, login) == 20 + 20 + 20
    assert details.of(db, str(login.num), CONFIG, EVENING, BERLIN).document(EVENING)["minutes_from"]["other_min"] == 40


def test_a_timer_that_was_undone_counts_nothing(db: Connection, login: Task) -> None:
    tasks.start(db, login, at(TODAY, 9))
    tasks.stop(db, tasks.find(db, str(login.num)), at(TODAY, 10))
    assert waiting(db) == []
    changes.undo(db, EVENING)
    changes.undo(db, EVENING)
    assert waiting(db) == [("Fix login redirect", 60)]


def test_a_rejection_holds_for_the_day_and_teaches(db: Connection) -> None:
    shop = noted(db, "Clean up templates #shop")
    for day in (YESTERDAY, TODAY):
        worked(db, at(day, 9), 60, "nvim", "nvim", "shop", "main", "tmux")
    assert waiting(db, YESTERDAY) == waiting(db, TODAY) == [("Clean up templates", 60)]
    attribution.reject(db, [str(shop.num)], CONFIG, EVENING, BERLIN, YESTERDAY)
    assert waiting(db, YESTERDAY) == waiting(db, TODAY) == []
    assert actual(db, shop) is None
    changes.undo(db, EVENING)
    (first,) = attribution.pending(db, CONFIG, EVENING, BERLIN, TODAY)
    attribution.accept(db, [str(shop.num)], CONFIG, EVENING, BERLIN, YESTERDAY)
    (second,) = attribution.pending(db, CONFIG, EVENING, BERLIN, TODAY)
    assert second.proposal.confidence > first.proposal.confidence


def test_the_jobs_keep_a_days_proposals_once(db: Connection, login: Task) -> None:
    tomorrow = at(TODAY + timedelta(days=1), 9)
    assert attribution.tick(db, CONFIG, EVENING, BERLIN) == 0  # yesterday: nothing
    assert attribution.tick(db, CONFIG, tomorrow, BERLIN) == 1
    assert attribution.tick(db, CONFIG, tomorrow, BERLIN) == 0
    assert waiting(db, now=tomorrow) == [("Fix login redirect", 60)]
    assert changes.history(db, "attribution", db.execute("SELECT id FROM attribution").fetchone()[0])[0]["actor"] == "coach"
    attribution.accept(db, [str(login.num)], CONFIG, tomorrow, BERLIN)
    assert (actual(db, login), waiting(db, now=tomorrow)) == (60, [])
    assert db.execute("SELECT count(*) FROM attribution").fetchone()[0] == 1
    after_a_holiday = at(TODAY + timedelta(days=40), 9)
    assert attribution.tick(db, CONFIG, after_a_holiday, BERLIN) == 0


def test_a_correction_since_counts(db: Connection, login: Task) -> None:
    tomorrow = at(TODAY + timedelta(days=1), 9)
    attribution.tick(db, CONFIG, tomorrow, BERLIN)
    rules = categories.load(db, CONFIG)
    manual.tag(db, at(TODAY, 9), at(TODAY, 9, 50), "Phone call", rules, BERLIN, tomorrow)
    (done,) = attribution.accept(db, [str(login.num)], CONFIG, tomorrow, BERLIN)
    assert done.proposal.minutes == actual(db, login) == 10


def test_a_task_that_was_completed_gets_the_time_before(db: Connection, login: Task) -> None:
    tasks.done(db, [login], at(TODAY, 10))
    worked(db, at(TODAY, 15), 30, "nvim", "nvim", "shop", "fix-login-redirect", "tmux")
    assert waiting(db) == [("Fix login redirect", 60)]
    attribution.accept(db, [str(login.num)], CONFIG, EVENING, BERLIN)
    assert actual(db, login) == 60


def test_what_cannot_be_accepted(db: Connection, login: Task) -> None:
    with pytest.raises(NotFound):
        attribution.accept(db, ["2"], CONFIG, EVENING, BERLIN)
    with pytest.raises(NotFound):
        attribution.accept(db, ["999"], CONFIG, EVENING, BERLIN)
    with pytest.raises(InvalidInput):
        attribution.accept(db, [], CONFIG, EVENING, BERLIN)
    assert actual(db, login) is None
    assert db.execute("SELECT count(*) FROM attribution").fetchone()[0] == 0


def erase(db: Connection, start: datetime, end: datetime, app: str = "") -> None:
    activity.erase_range(db, start, end, categories.load(db, CONFIG), BERLIN, EVENING, app)


def words_kept(db: Connection) -> str:
    told = [str(tuple(r)) for r in db.execute("SELECT * FROM attribution")]
    return " ".join(told + [r[0] for r in db.execute("SELECT fields FROM change WHERE record = 'attribution'")])


def test_an_erasure_takes_what_rests_on_it(db: Connection, login: Task) -> None:
    tomorrow = at(TODAY + timedelta(days=1), 9)
    attribution.tick(db, CONFIG, tomorrow, BERLIN)
    assert "fix-login-redirect" in words_kept(db)
    erase(db, at(TODAY, 9), at(TODAY, 9, 30))
    assert words_kept(db) == ""


def test_accepted_time_stays_counted_once_when_a_part_of_it_is_erased(db: Connection, login: Task) -> None:
    attribution.accept(db, [str(login.num)], CONFIG, EVENING, BERLIN)
    erase(db, at(TODAY, 9), at(TODAY, 9, 30))
    assert "fix-login" not in words_kept(db)
    assert (actual(db, login), waiting(db)) == (60, [])
    erase(db, at(TODAY, 9), at(TODAY, 10))
    assert words_kept(db) == ""


def test_an_apps_erasure_leaves_no_branch_and_nothing_to_count_again(db: Connection, login: Task) -> None:
    attribution.accept(db, [str(login.num)], CONFIG, EVENING, BERLIN)
    worked(db, at(TODAY, 16), 20, "firefox", "Weather")
    erase(db, at(TODAY, 0), EVENING, "nvim")
    assert "fix-login" not in words_kept(db)
    assert actual(db, login) == 60


def test_a_purged_task_leaves_no_proposal(db: Connection, login: Task) -> None:
    from coach.store.erase import purge_deleted

    attribution.accept(db, [str(login.num)], CONFIG, EVENING, BERLIN)
    tasks.delete(db, [tasks.find(db, str(login.num))], EVENING)
    assert "Fix login redirect" not in dict(waiting(db))
    purge_deleted(db, EVENING)
    assert words_kept(db) == ""


def test_branches_cut_what_the_timeline_joins(db: Connection, login: Task) -> None:
    assert [e.duration_s for e in activity.timeline_between(db, at(TODAY, 9), at(TODAY, 11))] == [5400.0]
    assert waiting(db) == [("Fix login redirect", 60)]
    low = to_ms(at(TODAY, 9))
    assert attribution.propose(db, TODAY, CONFIG, EVENING, BERLIN)[0].spans == ((low, low + 3_600_000),)
