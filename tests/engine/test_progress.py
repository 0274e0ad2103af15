"""Four weeks beside the four before, on a real store."""

from datetime import timedelta

import pytest

from coach.core.nudge import Nudge
from coach.core.progress import of_mean, of_share
from coach.engine import progress, tasks
from coach.store import nudges


@pytest.fixture
def months(db, config, now, tz):
    """Twenty tasks due in each span: all on time lately, half of them before."""
    for ago in range(2, 56):
        if ago % 28 > 20:
            continue
        made = now - timedelta(days=ago)
        task = tasks.add(db, f"Task {'x' * ago} today 23:00", config, made, tz)
        late = ago > 28 and ago % 2
        tasks.done(db, [task], made + timedelta(days=3 if late else 0, minutes=5))
    return db


def named(view, name):
    return next(m for g in view.groups for m in g.measures if m.name == name)


def test_what_got_better_is_said_with_its_interval(months, config, now, tz):
    found = named(progress.view(months, config, now, tz), "on_time")
    assert found.value == 1.0
    assert found.before is not None
    assert 0.3 < found.before < 0.7
    assert found.verdict == "better"
    assert found.low is not None
    assert found.low > 0


def test_few_are_compared_with_nothing(db, config, now, tz):
    view = progress.view(db, config, now, tz)
    assert named(view, "on_time").value is None
    assert named(view, "on_time").verdict == "unknown"
    assert view.quiet_days is None
    assert "nothing to measure yet" in "\n".join(view.lines())


def test_a_blank_month_before_is_not_beaten(db, config, now, tz):
    for n in range(12):
        task = tasks.add(db, f"Task {'abcdefghijkl'[n]} today 23:00", config, now - timedelta(days=3), tz)
        tasks.done(db, [task], now - timedelta(days=3))
    found = named(progress.view(db, config, now, tz), "completion")
    assert (found.value, found.before, found.verdict) == (1.0, None, "unknown")


def test_nudges_are_told_by_voice_and_by_what_came_of_them(db, config, now, tz):
    for n in range(10):
        at = now - timedelta(days=2, minutes=n)
        nudges.insert(db, Nudge(f"n{n}", at, "overdue_one", "roast", "roast", "bank", "x", None, "toast",
                                "done" if n < 4 else "dismissed" if n < 9 else "failed"))
    view = progress.view(db, config, now, tz)
    assert named(view, "acted_on").value == pytest.approx(4 / 9)
    assert named(view, "misfires").value == pytest.approx(1 / 10)
    assert named(view, "persona_roast").n == 9


def test_screens_are_counted(db, config, now, tz):
    progress.note_uses(db, {"today": 2}, config, now - timedelta(days=1), tz)
    progress.note_uses(db, {"today": 1, "plan": 1}, config, now - timedelta(days=1), tz)
    view = progress.view(db, config, now, tz)
    assert named(view, "screen_today").value == 3
    assert (named(view, "days_used").value, named(view, "days_used").n) == (1.0, 1)
    assert view.quiet_days == 1


def test_days_before_the_first_are_not_days_without_it(db, config, now, tz):
    assert named(progress.view(db, config, now, tz), "days_used").value is None
    progress.note_uses(db, {"today": 1}, config, now - timedelta(days=40), tz)
    progress.note_uses(db, {"today": 1}, config, now - timedelta(days=4), tz)
    found = named(progress.view(db, config, now, tz), "days_used")
    assert (found.value, found.n) == (pytest.approx(1 / 28), 28)
    assert (found.before, found.before_n) == (pytest.approx(1 / 12), 12)


def test_a_difference_of_shares_and_means_knows_its_sign():
    assert of_share("x", "x", (90, 100), (50, 100)).verdict == "better"
    assert of_share("x", "x", (90, 100), (50, 100), -1).verdict == "worse"
    assert of_share("x", "x", (52, 100), (50, 100)).verdict == "unknown"
    assert of_mean("x", "x", "h", [2.0, 2.1] * 20, [1.0, 1.1] * 20).verdict == "better"
    assert of_mean("x", "x", "h", [1.0, 1.01] * 40, [1.0, 1.01] * 40).verdict == "same"
    assert of_mean("x", "x", "h", [1.0], [2.0]).verdict == "unknown"
