from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.nudge import Limits, Nudge, best, candidates, delivery, is_quiet, may_interrupt, nudge_json, why_silent
from coach.core.situations import SITUATIONS, NudgeView, length, short_title
from coach.core.task import Task
from coach.core.when import logical_day

NOW = datetime(2026, 11, 18, 14, 0, tzinfo=ZoneInfo("Europe/Berlin"))
EMPTY = NudgeView(NOW)
BUSY = replace(EMPTY, since_break_min=120.0)


def task(**values):
    old = NOW - timedelta(days=5)
    base = {"id": "t1", "title": "Send the report", "created": old, "modified": old, "time_zone": "Europe/Berlin"}
    return Task(**{**base, **values})


def nudge(at=NOW, situation="break_due", **values):
    return Nudge(**{"id": f"n{at.timestamp()}", "at": at, "situation": situation, "mode": "neutral", "persona": "coach",
                    "source": "bank", "text": "x", "status": "shown", **values})


def in_minutes(minutes):
    return NOW + timedelta(minutes=minutes)


def choose(view, limits, history):
    """What the scheduler would speak about, without timing and hold-outs."""
    if why_silent(view, limits, history):
        return None
    return next(candidates(view, history, [s for s in SITUATIONS if may_interrupt(s, view)]), None)


PILE = replace(EMPTY, overdue=(task(due=in_minutes(-600)),) * 3)


def test_the_most_pressing_comes_first_and_cools_down():
    view = replace(BUSY, next_meeting=in_minutes(5))
    assert choose(view, Limits(), []).situation == "meeting_soon"
    said = [nudge(in_minutes(-14), "meeting_soon")]
    assert best(view, said).situation == "break_due"
    assert best(view, said, rested=False).situation == "meeting_soon"


def test_what_a_person_asked_for_counts_for_the_cool_down_and_not_for_the_cap():
    limits = Limits(daily_cap=2)
    asked = [nudge(in_minutes(-60 * n), asked=True) for n in range(1, 5)]
    assert why_silent(EMPTY, limits, asked) is None
    assert why_silent(EMPTY, limits, [*asked, nudge(in_minutes(-300)), nudge(in_minutes(-360))]) == "daily_cap"
    assert why_silent(EMPTY, limits, [nudge(in_minutes(-5), asked=True)]) == "cooldown"


def test_nothing_to_say_says_nothing():
    assert choose(EMPTY, Limits(), []) is None


@pytest.mark.parametrize(("change", "reason"), [
    ({"in_meeting": True}, "meeting"), ({"in_focus_session": True}, "focus_session"), ({"away": True}, "away"),
    ({"presenting": True}, "presentation"), ({"do_not_disturb": True}, "do_not_disturb"),
    ({"now": NOW.replace(hour=22)}, "quiet_hours"), ({"now": NOW.replace(hour=7, minute=59)}, "quiet_hours"),
])
def test_silence(change, reason):
    view = replace(BUSY, **change)
    assert why_silent(view, Limits(), []) == reason
    assert choose(view, Limits(), []) is None


def test_detected_focus_is_interrupted_only_for_what_cannot_wait():
    view = replace(EMPTY, flow_min=30.0, open_tasks=(task(snooze_count=5),))
    assert choose(view, Limits(), []) is None
    assert choose(replace(view, next_meeting=in_minutes(4)), Limits(), []).situation == "meeting_soon"


def test_cap_counts_the_logical_day_and_forgives_failures():
    early = [nudge(in_minutes(-60 * h), "first_win") for h in range(1, 7)]
    assert why_silent(BUSY, Limits(), early) == "daily_cap"
    assert why_silent(BUSY, Limits(), [replace(n, status="failed") for n in early]) is None
    yesterday = [replace(n, at=n.at - timedelta(days=1)) for n in early]
    assert why_silent(BUSY, Limits(), yesterday) is None


def test_a_clock_set_back_neither_doubles_nor_silences():
    assert why_silent(BUSY, Limits(), [nudge(in_minutes(10))]) == "cooldown"
    assert why_silent(BUSY, Limits(), [nudge(NOW + timedelta(days=400))]) is None


@pytest.mark.parametrize(("at", "start", "end", "quiet"), [
    ("22:00", "21:00", "08:00", True), ("08:00", "21:00", "08:00", False), ("20:59", "21:00", "08:00", False),
    ("12:30", "12:00", "13:00", True), ("00:00", "00:00", "00:00", False), ("00:00", "23:00", "00:30", True),
])
def test_quiet_hours(at, start, end, quiet):
    assert is_quiet(*(time.fromisoformat(x) for x in (at, start, end))) is quiet


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
TIMES = st.times().map(lambda t: t.replace(microsecond=0, second=0))


@given(
    zone=ZONES, cap=st.integers(0, 8), start=TIMES, end=TIMES, cooldown=st.integers(0, 240), day_start=TIMES,
    begin=st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)),
    steps=st.lists(st.integers(-30, 400), min_size=1, max_size=60),  # minutes between ticks; the clock may be set back
)
def test_cap_quiet_hours_and_cooldown_are_never_broken(zone, cap, start, end, cooldown, day_start, begin, steps):
    tz, now = ZoneInfo(zone), begin.replace(tzinfo=UTC)
    limits = Limits(cap, start, end, timedelta(minutes=cooldown), day_start)
    history = []
    for step in steps:
        now += timedelta(minutes=step)
        view = replace(PILE, now=now.astimezone(tz), since_break_min=200.0, distracted_min=30.0,
                       next_meeting=now + timedelta(minutes=3))
        if choice := choose(view, limits, history):
            history.append(nudge(now, choice.situation))
    per_day = {}
    for said in history:
        local = said.at.astimezone(tz)
        assert not is_quiet(local.time(), start, end)
        day = logical_day(said.at, tz, day_start)
        per_day[day] = per_day.get(day, 0) + 1
    assert max(per_day.values(), default=0) <= cap
    ordered = sorted(n.at for n in history)
    assert all(b - a >= limits.cooldown for a, b in pairwise(ordered))


@pytest.mark.parametrize(("change", "far"), [
    ({"status": "queued"}, "queued"), ({"status": "claimed"}, "queued"), ({"status": "failed"}, "failed"),
    ({"status": "expired"}, "failed"), ({"status": "expired", "channel": "toast"}, "sent"), ({"channel": "desktop"}, "sent"),
])
def test_how_far_a_delivery_came(change, far):
    assert delivery(nudge(**change)) == far


def test_json_says_acted_on_and_how():
    shown = nudge_json(nudge())
    assert (shown["status"], shown["action"]) == ("shown", None)
    done = nudge_json(nudge(status="done", outcome_at=NOW))
    assert (done["status"], done["action"], done["outcome_at"]) == ("acted_on", "done", "2026-11-18T13:00:00Z")


@pytest.mark.parametrize(("minutes", "words"), [
    (0, "1 minute"), (1, "1 minute"), (45.4, "45 minutes"), (60, "1 hour"), (80, "1 hour 20 minutes"), (180, "3 hours"),
])
def test_length(minutes, words):
    assert length(minutes) == words


@given(st.text())
def test_a_title_in_a_line_is_one_printable_line(title):
    shown = short_title(title)
    assert len(shown) <= 60
    assert shown.isprintable()
