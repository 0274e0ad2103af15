from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from coach.core.errors import Busy, Unavailable
from coach.core.event import Event, Sample, merge
from coach.tracker import loop
from coach.tracker.loop import BEAT_S, REST_S, Health
from coach.tracker.privacy import Privacy, exclusion
from coach.tracker.probe import Finding, Probe

START = datetime(2026, 11, 21, 9, tzinfo=UTC)


class World:
    """A clock that only moves when somebody waits, and what is in front as a function of its time."""

    def __init__(self, front: Callable[[float], Sample | None], polls: bool = False) -> None:
        self.front, self.polls = front, polls
        self.now_s, self.sets_s = 0.0, 0.0
        self.stop = threading.Event()
        self.end_s = 60.0
        self.opened = self.closed = 0
        self.asked_at: list[float] = []
        self.opens: Callable[[float], bool] = lambda _: True

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.now_s + self.sets_s)

    def monotonic(self) -> float:
        return self.now_s

    def wait(self, stop: threading.Event, timeout_s: float) -> None:
        self.pass_time(timeout_s)

    def pass_time(self, seconds: float) -> None:
        self.now_s = round(self.now_s + seconds, 6)
        if self.now_s >= self.end_s:
            self.stop.set()

    def source(self) -> tuple[Probe | None, list[Finding]]:
        if not self.opens(self.now_s):
            return None, [Finding("fake", False, "not now")]
        self.opened += 1
        return FakeProbe(self), [Finding("fake", True, "works")]


class FakeProbe:
    name = "fake"

    def __init__(self, world: World) -> None:
        self.world, self.polls = world, world.polls
        self.last: object = None

    def sample(self, now: datetime) -> Sample | None:
        self.world.asked_at.append(self.world.now_s)
        seen = self.world.front(self.world.now_s)
        self.last = seen and seen.app
        return seen and Sample(now, self.name, seen.app, seen.title, seen.url, seen.project, seen.idle_s)

    def wait(self, timeout_s: float) -> bool:
        """Time passes in steps of 50 ms; an event-driven probe answers when what is in front has changed."""
        until = self.world.now_s + timeout_s
        while self.world.now_s < until and not self.world.stop.is_set():
            self.world.pass_time(min(0.05, until - self.world.now_s))
            seen = self.world.front(self.world.now_s)
            if not self.polls and (seen and seen.app) != self.last:
                return True
        return False

    def wake(self) -> None:
        """The world's clock never really waits."""

    def close(self) -> None:
        self.world.closed += 1


class Record:
    """A sink, with the times at which it was called."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[tuple[float, list[Event]]] = []
        self.rows: list[Event] = []
        self.fails: Callable[[float], bool] = lambda _: False
        self.health: list[Health] = []

    def __call__(self, beats: list[Event], pulsetime_s: float) -> None:
        if self.fails(self.world.now_s):
            raise Busy("the store is locked by secret.txt")
        self.calls.append((self.world.now_s, beats))
        for beat in beats:
            for index in range(len(self.rows) - 1, -1, -1):
                if self.rows[index].source == beat.source:
                    merged = merge(self.rows[index], beat, pulsetime_s)
                    break
            else:
                merged = None
            if merged:
                self.rows[index] = merged
            else:
                self.rows.append(beat)

    def spans(self, source: str = "fake") -> list[tuple[str, float, float]]:
        return [
            (e.app or e.data["status"], (e.start - START).total_seconds(), (e.end - START).total_seconds())
            for e in self.rows if e.source == source
        ]


def play(
    world: World, record: Record | None = None, privacy: Privacy | None = None,
    paused: Callable[[float], bool] = lambda _: False, interval_s: float = 1.0,
) -> Record:
    record = record or Record(world)
    rules = privacy or Privacy()
    loop.run(
        world.source, record, lambda: rules, world.stop, lambda: paused(world.now_s), interval_s, 300.0,
        clock=world, on_health=record.health.append,  # type: ignore[arg-type]
    )
    return record


def app(name: str, title: str = "", idle_s: float = 0.0) -> Sample:
    return Sample(START, "fake", app=name, title=title, idle_s=idle_s)


def test_an_event_driven_switch_is_exact_and_delivered_soon() -> None:
    world = World(lambda t: app("vim" if t < 30.1 else "firefox"))
    record = play(world)
    assert record.spans() == [("vim", 0, 30.1), ("firefox", 30.1, 60)]
    told = next(at for at, beats in record.calls if any(b.app == "firefox" for b in beats))
    assert told - 30.1 <= loop.CHANGE_S + 0.05


@pytest.mark.parametrize("polls", [False, True])
def test_an_unchanged_state_is_confirmed_within_two_seconds_and_rarely(polls: bool) -> None:
    world = World(lambda t: app("vim"), polls)
    times = [at for at, _ in play(world).calls]
    assert max(b - a for a, b in pairwise(times)) <= 2.0
    assert len(world.asked_at) <= (62 if polls else 60 / BEAT_S + 2)


def test_a_polling_probe_is_asked_at_the_interval() -> None:
    world = World(lambda t: app("vim"), polls=True)
    play(world, interval_s=5)
    assert 12 <= len(world.asked_at) <= 14


def test_nothing_is_sampled_while_paused_and_the_probe_is_let_go() -> None:
    world = World(lambda t: app("vim"))
    record = play(world, paused=lambda t: 20 <= t < 40)
    assert len([t for t in world.asked_at if t < 20]) >= 11
    assert not [t for t in world.asked_at if 20 <= t < 40]
    first, second = record.spans()
    assert 18 <= first[2] <= 20
    assert 40 <= second[1] <= 40 + REST_S
    assert second[2] == 60
    assert (world.opened, world.closed) == (2, 2)
    assert [h.paused for h in record.health if h.last_sample_at].count(True) == 1
    assert record.health[-1].gaps == 0


def test_a_dead_probe_is_replaced_and_the_gap_is_counted() -> None:
    def front(t: float) -> Sample:
        if 20 <= t < 20.5:
            raise Unavailable("the X server went away")
        return app("vim")

    world = World(front)
    world.opens = lambda t: t < 20 or t >= 33
    record = play(world)
    (_, _, broke), (_, resumed, ended) = record.spans()
    assert 18 <= broke <= 20
    assert 33 <= resumed <= 33 + 16  # the retries are 1, 2, 4, 8 and 16 s apart
    assert ended == 60
    assert record.health[-1].errors == 1
    assert record.health[-1].gaps >= 1
    assert [f.detail for h in record.health if not h.probe for f in h.findings] != []


def test_a_probe_that_always_fails_is_not_tried_in_a_tight_loop() -> None:
    def front(t: float) -> Sample:
        raise KeyError("secret title")

    world = World(front)
    record = play(world)
    assert record.spans() == []
    assert world.opened == world.closed
    assert 4 <= world.opened <= 7


def test_logs_carry_no_words_of_an_error(caplog: pytest.LogCaptureFixture) -> None:
    def front(t: float) -> Sample:
        if t < 1:
            raise KeyError("secret title")
        return app("vim", "secret title")

    caplog.set_level(logging.DEBUG)
    world = World(front)
    record = Record(world)
    record.fails = lambda t: t > 30
    play(world, record)
    assert len(caplog.records) >= 2
    assert "secret" not in caplog.text


def test_a_sink_that_fails_for_a_while_loses_nothing() -> None:
    world = World(lambda t: app("vim" if int(t) % 10 < 5 else "firefox"))
    record = Record(world)
    record.fails = lambda t: 10 <= t < 40
    play(world, record)
    spans = record.spans()
    assert [s[0] for s in spans] == ["vim", "firefox"] * 6
    assert sum(end - start for _, start, end in spans) == pytest.approx(60)
    assert record.health[-1].errors > 5


def test_suspend_is_a_gap() -> None:
    world = World(lambda t: app("vim"))

    def front(t: float) -> Sample:
        world.sets_s = 3600.0 if t >= 30 else 0.0
        return app("vim")

    world.front = front
    record = play(world)
    assert len(record.spans()) == 2
    assert sum(end - start for _, start, end in record.spans()) <= 60
    assert record.health[-1].gaps == 1


def test_idle_is_reported_from_the_last_input() -> None:
    world = World(lambda t: app("vim", idle_s=max(0.0, t - 40)))
    world.end_s = 400
    record = play(world)
    assert record.spans() == [("vim", 0, 400)]
    (_, start, still), (status, away, now) = record.spans("afk")
    assert (start, still, away, status) == (0, pytest.approx(40, abs=0.01), pytest.approx(40, abs=0.01), "afk")
    assert now >= 398


def test_an_excluded_title_never_reaches_the_sink() -> None:
    world = World(lambda t: app("firefox", "Payroll 2026" if 20 <= t < 40 else "News"))
    record = play(world, privacy=Privacy((exclusion("title", "payroll"),)))
    assert record.spans()[1][0] == "excluded"
    assert "Payroll" not in repr(record.calls)


def test_a_better_probe_takes_over_when_it_is_back() -> None:
    world = World(lambda t: app("vim"))

    class Lesser(FakeProbe):
        name = "lesser"

    def source() -> tuple[Probe | None, list[Finding]]:
        if world.now_s < 10:
            return Lesser(world), [Finding("fake", False, "not yet"), Finding("lesser", True, "works")]
        return FakeProbe(world), [Finding("fake", True, "works")]

    world.source = source  # type: ignore[method-assign]
    record = play(world)
    assert record.spans("lesser")[0][1] == 0
    assert len(record.spans("lesser")) == 1
    assert record.spans("lesser")[0][2] <= record.spans("fake")[0][1] <= 10 + 16
    assert record.health[-1].probe == "fake"


def test_a_source_that_fails_is_survived() -> None:
    world = World(lambda t: app("vim"))
    works = world.source

    def source() -> tuple[Probe | None, list[Finding]]:
        if world.now_s < 5:
            raise RuntimeError("the library broke")
        return works()

    world.source = source  # type: ignore[method-assign]
    record = play(world)
    assert record.spans()[0][2] == 60
    assert record.health[-1].errors >= 2
