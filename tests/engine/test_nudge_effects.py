"""Silent moments, outcomes, stopping, waiting and what is learnt, on a real store."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from coach.config import NudgeConfig
from coach.core.aftermath import Trial
from coach.core.errors import NotFound
from coach.core.nudge import Nudge
from coach.engine import nudge_effects, nudging, tasks
from coach.store import nudges, trials
from tests.engine.filled import derive, lived


class Never(Random):
    """Dice that hold nothing out."""

    def random(self):
        return 0.99


class Always(Random):
    def random(self):
        return 0.0


@pytest.fixture
def measured(config):
    return replace(config, nudge=NudgeConfig(hold_out=0.2))


@pytest.fixture
def late(db, config, now, tz):
    """One overdue task."""
    return tasks.add(db, "Send the report tomorrow 9:00", config, now - timedelta(days=2), tz)


def deliver(nudge):
    return "toast"


def fill(db, now, kind, shown, held):
    """So many judged moments, each (number, how many worked), one a quarter of an hour up to now."""
    for arm, (number, worked) in (("shown", shown), ("held", held)):
        for n in range(number):
            at = now - timedelta(minutes=15 * (n + 1))
            trials.insert(db, Trial(f"{arm}{n}", at, kind, "morning, other", arm == "held"))
            trials.judged(db, f"{arm}{n}", n < worked, at)
            if arm == "shown":
                nudges.insert(db, Nudge(f"shown{n}", at, kind, "neutral", "coach", "bank", "x", None, "toast", "opened"))


def test_a_silent_moment_says_nothing_and_counts_for_the_cooldown_only(db, measured, now, tz, late):
    assert nudging.tick(db, measured, now, tz, deliver, dice=Always()) is None
    assert nudging.history(db) == []
    assert nudging.silence(db, measured, now + timedelta(minutes=5), tz) == "cooldown"
    capped = replace(measured, nudge=NudgeConfig(daily_cap=1))
    assert nudging.silence(db, capped, now + timedelta(minutes=50), tz) is None
    assert nudging.tick(db, measured, now + timedelta(minutes=50), tz, deliver, dice=Never()) is None  # its own cool-down
    assert nudging.tick(db, measured, now + timedelta(hours=8, minutes=1), tz, deliver, dice=Never()).situation == "overdue_one"


@pytest.mark.parametrize("dice", [Always(), Never()])
def test_the_same_outcome_is_asked_of_both(db, measured, now, tz, late, dice):
    nudging.tick(db, measured, now, tz, deliver, dice=dice)
    nudge_effects.follow(db, measured, now + timedelta(minutes=70))
    assert len(trials.to_judge(db, now + timedelta(hours=2))) == 1  # not yet
    tasks.done(db, [late], now + timedelta(minutes=50))
    nudge_effects.follow(db, measured, now + timedelta(minutes=80))
    assert trials.moments(db, "overdue_one", "") == [(dice.random() == 0.0, True)]


def test_tracked_time_says_whether_somebody_is_back(db, measured, now, tz):
    news = {"app": "firefox", "title": "News", "url": "https://news.ycombinator.com/x"}
    lived(db, now - timedelta(minutes=26), 26, **news)
    derive(db, now - timedelta(hours=2), now)
    assert nudging.tick(db, measured, now, tz, deliver, dice=Never()).situation == "distraction_streak"
    lived(db, now, 4, **news)
    lived(db, now + timedelta(minutes=4), 6, "nvim", "main.py")
    derive(db, now - timedelta(hours=2), now + timedelta(minutes=11))
    nudge_effects.follow(db, measured, now + timedelta(minutes=80))
    assert trials.moments(db, "distraction_streak", "") == [(False, True)]


def test_a_word_that_reached_nobody_says_nothing(db, measured, now, tz, late):
    nudging.tick(db, measured, now, tz, lambda _: "", dice=Never())
    nudge_effects.follow(db, measured, now + timedelta(minutes=80))
    assert trials.moments(db, "overdue_one", "") == []


def test_a_kind_that_does_nothing_stops_rests_and_comes_back(db, measured, now, tz, late):
    then = now - timedelta(hours=9)
    fill(db, then, "overdue_one", (30, 9), (12, 4))
    trials.insert(db, Trial("last", then, "overdue_one", "morning, other", True))
    nudge_effects.follow(db, measured, now)
    (found,) = nudge_effects.effects(db, measured)
    assert (found.state, found.why, found.until) == ("stopped", "no_effect", now + timedelta(days=28))
    assert "9 of 30 worked with a word, 4 of 13 in silence: -1 points" in found.words()
    assert nudging.tick(db, measured, now, tz, deliver, dice=Never()) is None
    rested = now + timedelta(days=28)
    assert nudging.tick(db, measured, rested, tz, deliver, dice=Never()).situation == "overdue_one"
    (again,) = nudge_effects.effects(db, measured)
    assert (again.state, again.tally.held, trials.runs(db)["overdue_one"].run) == ("on", 0, 2)


def test_a_kind_that_helps_stays(db, measured, now):
    fill(db, now - timedelta(hours=9), "quick_win", (30, 21), (12, 4))
    trials.insert(db, Trial("last", now - timedelta(hours=9), "quick_win", "morning, other", True))
    nudge_effects.follow(db, measured, now)
    (found,) = nudge_effects.effects(db, measured)
    assert found.state == "on"
    assert found.document()["effect"] == pytest.approx(21 / 30 - 4 / 13, abs=1e-4)


def test_a_person_may_let_it_speak_again_and_make_all_forgotten(db, measured, now):
    with pytest.raises(NotFound):
        nudge_effects.resume(db, "quick_win", now)
    trials.put_run(db, "quick_win", trials.Run(1, "", now, "not_helpful"))
    nudge_effects.resume(db, "quick_win", now)
    assert nudge_effects.stopped(db, now) == set()
    fill(db, now, "quick_win", (3, 1), (3, 1))
    nudge_effects.forget(db)
    assert nudge_effects.effects(db, measured) == []
    assert len(nudging.history(db)) == 3


def test_bad_opinions_stop_a_kind(db, measured, now, tz, late):
    fill(db, now - timedelta(hours=9), "overdue_one", (5, 5), (5, 0))
    for n in range(5):
        nudging.judge(db, f"shown{n}", useful=False)
    trials.insert(db, Trial("last", now - timedelta(hours=9), "overdue_one", "morning, other", True))
    nudge_effects.follow(db, measured, now)
    assert nudge_effects.stopped(db, now) == {"overdue_one"}


def test_a_poor_moment_waits_and_a_better_one_speaks(db, config, now, tz, late):
    """Middays over mail are received well, among files badly; what waits is said at the end of its window."""
    for n in range(20):
        at = now - timedelta(days=n + 5)
        for activity, status in (("communication", "opened"), ("other", "dismissed")):
            name = f"{activity}{n}"
            trials.insert(db, Trial(name, at, "overdue_one", f"midday, {activity}", False))
            nudges.insert(db, Nudge(name, at, "overdue_one", "neutral", "coach", "bank", "x", None, "toast", status))
    lived(db, now - timedelta(minutes=10), 140, "nautilus", "Downloads")
    derive(db, now - timedelta(hours=2), now + timedelta(hours=3))
    assert nudging.view(db, config, now, tz).activity == "other"
    assert nudging.tick(db, config, now, tz, deliver) is None
    assert trials.waiting(db) == {"overdue_one": now}
    said = [m for m in range(5, 180, 5) if nudging.tick(db, config, now + timedelta(minutes=m), tz, deliver)]
    assert trials.waiting(db) == {}
    assert 30 <= said[0] <= 120


def test_waiting_writes_once(db, config, now, tz, late):
    trials.wait(db, "overdue_one", now)
    trials.wait(db, "overdue_one", now + timedelta(minutes=1))
    assert trials.waiting(db) == {"overdue_one": now + timedelta(minutes=1)}
    trials.spoken(db, "overdue_one")
    assert trials.waiting(db) == {}
