"""Cap, quiet hours and duplicates over any settings, time zones, sleeps of the machine and changes of the clock, through the
scheduler's own turns."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import NudgeConfig
from coach.core.nudge import is_quiet
from coach.core.situations import NudgeView
from coach.core.task import Task
from coach.core.when import logical_day
from coach.engine import nudge_effects, nudging
from coach.store import nudges

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"])
TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0).isoformat("minutes"))
TURN = st.tuples(
    st.one_of(st.integers(1, 30), st.integers(-90, 700), st.integers(700, 6000)),  # minutes: awake, a clock set, asleep
    st.sampled_from(["toast", "toast", "toast", ""]),  # now and then nothing can show it
)


def busy(db, config, now, tz):
    """A moment at which much could be said."""
    old = now - timedelta(days=9)
    late = tuple(Task(f"t{n}", f"Task {n}", old, old, n, "UTC", due=now - timedelta(hours=5), snooze_count=4) for n in (1, 2, 3))
    return NudgeView(now.astimezone(tz), late, late, next_meeting=now + timedelta(minutes=4), since_break_min=100.0,
                     distracted_min=30.0, visits=9, activity="communication", category="Communication > Email", unfit=3,
                     workday=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=ZONES, cap=st.integers(0, 5), start=TIMES, end=TIMES, cooldown=st.integers(0, 120),
       hold_out=st.sampled_from([0.0, 0.2, 0.5]), begin=st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 10)),
       turns=st.lists(TURN, min_size=5, max_size=40))
def test_never_broken(db, config, monkeypatch, zone, cap, start, end, cooldown, hold_out, begin, turns):
    for table in ("nudge", "nudge_trial", "nudge_kind", "nudge_waiting", "nudge_misfire"):
        db.execute(f"DELETE FROM {table}")
    monkeypatch.setattr(nudging, "view", busy)
    tz, now = ZoneInfo(zone), begin.replace(tzinfo=UTC)
    own = replace(config, nudge=NudgeConfig(
        hold_out=hold_out, daily_cap=cap, quiet_start=start, quiet_end=end, cooldown_min=cooldown,
    ))
    heard = []
    for minutes, channel in turns:
        now += timedelta(minutes=minutes)

        def deliver(nudge, channel=channel, at=now):
            if channel:
                heard.append((nudge.id, at))
            return channel

        nudging.tick(db, own, now, tz, deliver, dice=Random(len(heard)))
        assert not is_quiet(now.astimezone(tz).time(), time.fromisoformat(start), time.fromisoformat(end)) or (
            not heard or heard[-1][1] != now)
    assert all(n == 1 for n in Counter(i for i, _ in heard).values())
    per_day = Counter(logical_day(at, tz) for _, at in heard)
    assert max(per_day.values(), default=0) <= cap
    assert {n.id for n in nudges.latest(db, 999) if n.channel == "toast"} == {i for i, _ in heard}
    nudge_effects.follow(db, own, now + timedelta(hours=2))
