"""The sampling loop: one thread that asks a probe, redacts, makes heartbeats and hands them to a sink."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from coach.core.event import Event, Sample
from coach.tracker.heartbeats import DRIFT_S, GAP_S, Heartbeats
from coach.tracker.privacy import Privacy, redact
from coach.tracker.probe import Finding, Probe, ProbeSource
from coach.tracker.shellhook import Commands
from coach.tracker.watch import Watch, slug

BEAT_S = 1.75
"""An unchanged state is confirmed this often: a crash may cost 2 s."""
CHANGE_S = 0.5
"""A change is handed on at once, but not more often than this."""
REST_S = 1.0
"""While paused, and while no probe works, this often is looked whether that is over. Stop is noticed at once."""
_LEAST_INTERVAL_S = 0.1

log = logging.getLogger(__name__)

Sink = Callable[[list[Event], float], None]
"""Takes heartbeats and the pulsetime to merge them with. What it raises is counted, and the same ones come again."""


class Clock:
    """The two clocks and the wait of the loop; a test has its own."""

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, stop: threading.Event, timeout_s: float) -> None:
        stop.wait(timeout_s)


@dataclass(frozen=True, slots=True)
class Health:
    """How the tracker is. `probe` is empty when none works; `gaps` counts the times when recording had to break off."""

    probe: str = ""
    last_sample_at: datetime | None = None
    samples: int = 0
    gaps: int = 0
    errors: int = 0
    paused: bool = False
    findings: tuple[Finding, ...] = ()


def run(
    probe_source: ProbeSource,
    sink: Sink,
    privacy: Callable[[], Privacy],
    stop: threading.Event,
    paused: Callable[[], bool],
    interval_s: float,
    idle_after_s: float,
    clock: Clock | None = None,
    on_health: Callable[[Health], None] | None = None,
    commands: Commands | None = None,
) -> None:
    """Tracks until `stop` is set, then hands on the rest. Takes no sample while `paused()`; survives any probe.

    `interval_s` is the distance of samples where a probe has to ask; event-driven ones answer at once. `commands` are
    those that shells report by themselves."""
    loop = _Loop(sink, privacy, stop, paused, max(interval_s, _LEAST_INTERVAL_S), clock or Clock(), on_health, commands)
    loop.watch = Watch(probe_source)
    loop.beats = Heartbeats(idle_after_s, max(GAP_S, 3 * interval_s))
    # A probe that waits for its window system does not hear the event: a thread that sleeps until then wakes it.
    threading.Thread(target=loop.wake_at_stop, name="tracker-stop", daemon=True).start()
    try:
        while not stop.is_set():
            loop.turn()
        loop.finish()
    finally:
        loop.watch.close()


@dataclass(slots=True)
class _Loop:
    """What lives as long as one call of `run`."""

    sink: Sink
    privacy: Callable[[], Privacy]
    stop: threading.Event
    paused: Callable[[], bool]
    interval_s: float
    clock: Clock
    on_health: Callable[[Health], None] | None
    commands: Commands | None
    watch: Watch = field(init=False)
    beats: Heartbeats = field(init=False)
    probe: Probe | None = None
    due_at: float = float("-inf")
    sent_at: float = float("-inf")
    samples: int = 0
    gaps: int = 0
    sink_errors: int = 0
    delivering: bool = True
    last_sample_at: datetime | None = None
    told: Health | None = None

    def turn(self) -> None:
        """Waits for a change or until something is due; then at most one sample and one delivery."""
        if self.paused():
            self._rest()
            return
        try:
            probe = self.watch.probe(self.clock.monotonic())
            if probe is not self.probe:
                self._replace(probe)
            if probe is not None:
                self._ask(probe)
        except Exception as error:  # noqa: BLE001 - whatever a window system throws: count it, replace the probe, go on
            self._lose(error)
        if self.probe is None:
            self.clock.wait(self.stop, REST_S)
        self._send_when_due()
        self._tell(paused=False)

    def wake_at_stop(self) -> None:
        """In a thread of its own: ends the wait of whichever probe is in use."""
        self.stop.wait()
        probe = self.probe
        # A probe that was closed meanwhile has nobody waiting in it.
        with suppress(OSError):
            if probe:
                probe.wake()

    def finish(self) -> None:
        """What is in front now was so until now."""
        if self.probe:
            self.beats.extend(self.clock.wall(), self.clock.monotonic())
        self._send(self.clock.monotonic())

    def _ask(self, probe: Probe) -> None:
        left_s = min(self.due_at, self._send_at()) - self.clock.monotonic()
        changed = left_s > 0 and not self.stop.is_set() and probe.wait(left_s)
        due = self.clock.monotonic() >= self.due_at
        if (changed or due) and not self.stop.is_set() and not self.paused():
            self._sample(probe)

    def _sample(self, probe: Probe) -> None:
        wall, monotonic_s = self.clock.wall(), self.clock.monotonic()
        seen = probe.sample(wall)
        if not self.beats.see(redact(seen, self.privacy()) if seen else None, wall, monotonic_s):
            self.gaps += 1
        self._hear(seen, wall)
        self.samples += 1
        self.last_sample_at = wall
        self.due_at = monotonic_s + (self.interval_s if probe.polls else BEAT_S)

    def _hear(self, seen: Sample | None, wall: datetime) -> None:
        """Commands that shells have reported since the last look."""
        for waited, start, end in self.commands.see(seen, wall, GAP_S) if self.commands else ():
            shown = redact(waited, self.privacy())
            self.beats.add(Event(start, end, shown.source, shown.app, shown.title, project=shown.project, data=shown.data))

    def _lose(self, error: Exception) -> None:
        self.gaps += 1
        self.beats.cut()
        self.probe = None
        self.watch.lost(error, self.clock.monotonic())

    def _replace(self, probe: Probe | None) -> None:
        if self.probe:
            self.gaps += 1
        self.beats.cut()
        self.probe, self.due_at = probe, float("-inf")

    def _rest(self) -> None:
        """Paused: what is open ends at its last heartbeat, and the probe is let go of: nothing is seen at all."""
        self.beats.cut()
        if self.commands:
            self.commands.forget()
        self._send(self.clock.monotonic())
        self.watch.close()
        self.probe = None
        self._tell(paused=True)
        self.clock.wait(self.stop, REST_S)

    def _send_at(self) -> float:
        """When a change that waits may be handed on (monotonic seconds)."""
        return self.sent_at + CHANGE_S if self.beats.changed and self.delivering else float("inf")

    def _send_when_due(self) -> None:
        now_s = self.clock.monotonic()
        # Before the next sample would make the oldest too old for the 2 s, or soon after a change.
        if now_s >= self._send_at() or now_s - self.sent_at + min(self.interval_s, BEAT_S) > BEAT_S:
            self._send(now_s)

    def _send(self, now_s: float) -> None:
        beats = self.beats.pending
        if not beats:
            return
        self.sent_at = now_s
        try:
            self.sink(beats, DRIFT_S)
        except Exception as error:  # noqa: BLE001 - a full disk or a busy store must not end the tracking; they come again
            self.sink_errors += 1
            if self.delivering:
                log.warning("%d heartbeats wait: %s", len(beats), slug(error))
            self.delivering = False
        else:
            self.beats.delivered()
            self.delivering = True

    def _tell(self, paused: bool) -> None:
        health = Health(
            self.probe.name if self.probe else "", self.last_sample_at, self.samples, self.gaps,
            self.watch.errors + self.sink_errors, paused, self.watch.findings,
        )
        if self.on_health and health != self.told:
            self.told = health
            self.on_health(health)
