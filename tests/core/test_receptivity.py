from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from coach.core import receptivity
from coach.core.nudge import Nudge
from coach.core.receptivity import Beta

NOW = datetime(2026, 11, 18, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOD, POOR = ("break_due", "afternoon", "communication"), ("break_due", "afternoon", "focus")
SAID = Nudge("n", NOW, "break_due", "neutral", "coach", "bank", "x", channel="toast", status="shown")


def share(known, context, waited):
    return sum(receptivity.speak_now(known, context, waited, HOUR, Random(seed)) for seed in range(400)) / 400


@pytest.mark.parametrize(("change", "heard"), [
    ({"status": "shown"}, None), ({"status": "queued"}, None), ({"status": "failed"}, None),
    ({"status": "expired", "channel": None}, None), ({"status": "expired"}, Beta(0, 1)), ({"status": "dismissed"}, Beta(0, 1)),
    ({"status": "started"}, Beta(1, 0)), ({"status": "dismissed", "useful": False}, Beta(0, 3)),
    ({"status": "opened", "useful": True}, Beta(3, 0)), ({"status": "shown", "rating": 5}, Beta(2, 0)),
    ({"status": "done", "rating": 1}, Beta(1, 2)),
])
def test_how_a_nudge_was_received(change, heard):
    assert receptivity.received(replace(SAID, **change)) == heard


def test_a_poor_moment_waits_and_a_good_one_speaks():
    known = {GOOD: Beta(18, 2), POOR: Beta(2, 18)}
    assert share(known, GOOD, timedelta(0)) > 0.95
    assert share(known, POOR, timedelta(0)) < 0.1
    assert share(known, POOR, timedelta(minutes=30)) < share(known, POOR, timedelta(minutes=55))
    assert share(known, POOR, HOUR) == 1


def test_nobody_waits_for_what_is_not_known():
    assert share({}, POOR, timedelta(0)) == 1
    assert share({POOR: Beta(0, 9)}, POOR, timedelta(0)) == 1
    assert receptivity.speak_now({GOOD: Beta(99, 0)}, POOR, timedelta(0), timedelta(0), Random(1))


def test_a_context_without_own_evidence_borrows_from_its_kind_and_its_hour():
    known = {GOOD: Beta(30, 0), ("quick_win", "afternoon", "focus"): Beta(0, 30)}
    strange = receptivity.posterior(known, ("late_night", "night", "other"))
    assert strange.good / strange.n == pytest.approx(receptivity.PRIOR_MEAN)
    assert receptivity.posterior(known, ("break_due", "morning", "")).good > strange.good
    assert receptivity.posterior(known, ("late_night", "afternoon", "focus")).good < strange.good


def test_old_evidence_fades():
    old = replace(SAID, at=NOW - timedelta(days=60), status="done")
    assert receptivity.learn([(GOOD, old)], NOW)[GOOD] == Beta(0.5, 0)
    assert receptivity.learn([(GOOD, replace(old, at=NOW + HOUR))], NOW)[GOOD] == Beta(1, 0)


@pytest.mark.parametrize(("hour", "part"), [(5, "night"), (6, "morning"), (11, "midday"), (17, "afternoon"), (23, "night")])
def test_parts_of_the_day(hour, part):
    assert receptivity.part_of_day(NOW.replace(hour=hour)) == part
