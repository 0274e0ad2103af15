from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from coach.core.event import Event, Sample, merge
from coach.tracker.heartbeats import DRIFT_S, GAP_S, Heartbeats

START = datetime(2026, 11, 21, 9, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seen(seconds: float, app: str = "vim", idle_s: float = 0.0, title: str = "") -> Sample:
    return Sample(at(seconds), "x11", app, title, idle_s=idle_s)


class Store:
    """Merges heartbeats per source as the engine does."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Event]] = {}

    def take(self, beats: Heartbeats) -> None:
        for beat in beats.pending:
            rows = self.rows.setdefault(beat.source, [])
            merged = merge(rows[-1], beat, DRIFT_S) if rows else None
            if merged:
                rows[-1] = merged
            else:
                rows.append(beat)
        beats.delivered()

    def spans(self, source: str) -> list[tuple[str, float, float]]:
        return [
            (e.app or e.data["status"], (e.start - START).total_seconds(), (e.end - START).total_seconds())
            for e in self.rows.get(source, ())
        ]


def play(samples: list[Sample | None], walls: list[float], steady: list[float] | None = None) -> Store:
    beats, store = Heartbeats(300), Store()
    for sample, wall, monotonic in zip(samples, walls, steady or walls, strict=True):
        beats.see(sample, at(wall), monotonic)
        store.take(beats)
    return store


def test_a_state_lasts_until_the_next_one_is_seen() -> None:
    times = [0, 2, 4, 5.5, 7]
    apps = ["vim", "vim", "vim", "firefox", "firefox"]
    store = play([seen(t, app) for t, app in zip(times, apps, strict=True)], times)
    assert store.spans("x11") == [("vim", 0, 5.5), ("firefox", 5.5, 7)]


def test_nothing_in_front_ends_the_state() -> None:
    store = play([seen(0), seen(2, ""), seen(4, ""), seen(6)], [0, 2, 4, 6])
    assert store.spans("x11") == [("vim", 0, 2), ("vim", 6, 6)]


def test_a_probe_that_cannot_tell_leaves_a_hole() -> None:
    assert play([seen(0), None, seen(4)], [0, 2, 4]).spans("x11") == [("vim", 0, 2), ("vim", 4, 4)]


def test_a_changed_title_is_another_state() -> None:
    store = play([seen(0, title="a"), seen(2, title="b")], [0, 2])
    assert [(e.title, e.duration_s) for e in store.rows["x11"]] == [("a", 2), ("b", 0)]


def test_idleness_begins_at_the_last_input_and_ends_with_the_next() -> None:
    times = list(range(0, 420, 2))
    idle = [max(0, t - 10) if t < 400 else 0.5 for t in times]
    store = play([seen(t, idle_s=i) for t, i in zip(times, idle, strict=True)], times)
    assert store.spans("afk") == [("not-afk", 0, 10), ("afk", 10, 399.5), ("not-afk", 399.5, 417.5)]
    assert store.spans("x11") == [("vim", 0, 418)]


def test_idle_time_before_the_start_is_nobodys() -> None:
    assert play([seen(0, idle_s=5000), seen(2, idle_s=5002)], [0, 2]).spans("afk") == [("afk", 0, 2)]


def test_a_repeated_look_does_not_pretend_input() -> None:
    """tmux is asked every 5 s; the same answer comes again in between, with the time of its look."""
    look = Sample(at(0), "tmux", "vim", idle_s=3)
    store = play([look] * 4, [0, 1, 2, 3])
    assert store.spans("afk") == [("not-afk", 0, 0)]
    assert store.spans("tmux") == [("vim", 0, 3)]


def test_suspend_leaves_a_hole() -> None:
    """During a suspend the wall clock runs on and the steady one stands."""
    store = play([seen(0), seen(2), seen(3602), seen(3604)], [0, 2, 3602, 3604], [0, 2, 2.1, 4.1])
    assert store.spans("x11") == [("vim", 0, 2), ("vim", 3602, 3604)]
    assert store.spans("afk") == [("not-afk", 0, 2), ("not-afk", 3602, 3604)]


def test_a_stopped_process_leaves_a_hole() -> None:
    assert play([seen(0), seen(2), seen(20)], [0, 2, 20]).spans("x11") == [("vim", 0, 2), ("vim", 20, 20)]


def test_a_clock_set_back_waits_until_the_recorded_time_is_past() -> None:
    steady = [0, 2, 4, 6, 8, 10]
    store = play([seen(0), seen(2), seen(4), seen(1), seen(3), seen(5)], [0, 2, 4, 1, 3, 5], steady)
    assert store.spans("x11") == [("vim", 0, 4), ("vim", 5, 5)]


def test_a_clock_set_back_a_long_way_records_at_once_and_stops_before_the_old_stretch() -> None:
    walls = [100, 102, 90, 95, 99, 101, 103, 104]
    store = play([seen(w) for w in walls], walls, [0, 2, 4, 9, 13, 15, 17, 18])
    assert store.spans("x11") == [("vim", 100, 102), ("vim", 90, 99), ("vim", 103, 104)]


def test_a_leap_of_the_clock_makes_no_time() -> None:
    assert play([seen(0), seen(1), seen(4)], [0, 1, 4], [0, 1, 1.5]).spans("x11") == [("vim", 0, 1), ("vim", 4, 4)]


def test_cut_ends_the_state_at_its_last_heartbeat() -> None:
    beats, store = Heartbeats(300), Store()
    beats.see(seen(0), at(0), 0)
    beats.see(seen(2), at(2), 2)
    beats.cut()
    beats.extend(at(3), 3)
    beats.see(seen(4), at(4), 4)
    beats.extend(at(5), 5)
    store.take(beats)
    assert store.spans("x11") == [("vim", 0, 2), ("vim", 4, 5)]


def test_what_waits_is_joined_and_bounded() -> None:
    beats = Heartbeats(300)
    for second in range(100):
        beats.see(seen(second, idle_s=second), at(second), second)
    assert len(beats.pending) == 2
    for second in range(100, 30_000):
        beats.see(seen(second, title=str(second)), at(second), second)
    assert len(beats.pending) == 10_000
    assert beats.pending[-1].end == at(29_999)


STEPS = st.tuples(
    st.sampled_from([0.0, 0.001, 0.3, 1.0, 2.0, 9.9, 10.1, 60.0, 3600.0]),
    st.one_of(st.just(0.0), st.floats(-5000, 5000).filter(lambda j: abs(j) > DRIFT_S)),
    st.sampled_from(["vim", "firefox", "", None]),
    st.floats(0, 5000),
    st.booleans(),
)


Step = tuple[float, float, str | None, float, bool]


@given(st.lists(STEPS, max_size=60))
def test_no_jump_makes_overlapping_future_or_extra_time(steps: list[Step]) -> None:
    beats, store = Heartbeats(300), Store()
    steady, wall, lived = 0.0, 0.0, 0.0
    for passed, jump, app, idle_s, cut in steps:
        steady, wall = steady + passed, wall + passed + jump
        lived += passed if passed <= GAP_S else 0.0
        if cut:
            beats.cut()
        beats.see(None if app is None else seen(wall, app, idle_s), at(wall), steady)
        assert all(beat.start <= beat.end <= at(wall) for beat in beats.pending)
        store.take(beats)
    for rows in store.rows.values():
        ordered = sorted(rows, key=lambda e: (e.start, e.end))
        assert all(a.end <= b.start for a, b in pairwise(ordered))
        # Merging may bridge a hole of up to the pulsetime where the same state goes on.
        assert sum(e.duration_s for e in rows) <= lived + DRIFT_S * len(steps) + 1e-3
