"""Samples into heartbeats: the part of the tracker that must never invent time. Pure: both clocks are arguments.

Three streams leave it, each without overlaps, in order, and never beyond the present instant:

- what was in front, from the time it was first seen to the time it was last seen or something else took its place;
- what ran inside it, where that was a terminal's window, by the same rule;
- idle or not (source "afk"): "not-afk" reaches to the last input and no further, "afk" begins there.

A heartbeat reaches back to the end of the one before it, so that a late one leaves no hole.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from coach.core.event import Event, Sample, same_state

GAP_S = 10.0
"""Two looks further apart than this have a gap between them: a suspend, a stopped process."""
DRIFT_S = 0.5
"""The wall clock may differ from the steady one by this much between two looks; more is a changed clock.

Also the pulsetime: heartbeats touch, so nothing longer than this may be bridged when they are merged."""
AFK = "afk"
NOT_AFK = "not-afk"
_INPUT_STEP_S = 0.25
_JOIN_WITHIN = 16
_MOST_PENDING = 10_000  # when nobody takes them, the oldest go first: memory stays flat


class Heartbeats:
    """The open stretches and the heartbeats that have not been handed on yet.

    `idle_after_s` is the idleness that counts as absence; `gap_s` grows with the sampling interval."""

    def __init__(self, idle_after_s: float, gap_s: float = GAP_S) -> None:
        self._idle_after_s = idle_after_s
        self._gap_s = gap_s
        self._window: Event | None = None
        self._inside: Event | None = None
        self._input: Event | None = None
        self._since: datetime | None = None
        self._last: tuple[datetime, float] | None = None
        self._covered: list[tuple[datetime, datetime]] = []
        self._pending: list[Event] = []
        self._changed = False

    def see(self, sample: Sample | None, wall: datetime, monotonic_s: float) -> bool:
        """Takes in what was in front at `wall`; None when it could not be told. False when time had jumped.

        After a jump the old stretch ends at its last heartbeat and a new one begins. Where the clock was set back,
        nothing is recorded until it has passed what is recorded already."""
        steady = self._is_steady(wall, monotonic_s)
        if not steady:
            self.cut()
        if self._is_free(wall):
            self._since = self._since or wall
            # The inside goes first: the timeline has it already when the window's heartbeat comes.
            self._inside = self._see_state(self._inside, sample.inside if sample else None, wall)
            self._window = self._see_state(self._window, sample, wall)
            if sample:
                self._see_input(sample, wall, self._since)
        self._last = (wall, monotonic_s)
        return steady

    def extend(self, wall: datetime, monotonic_s: float) -> None:
        """What was in front at the last look still is; without effect after a jump."""
        if self._window and self._is_steady(wall, monotonic_s) and self._is_free(wall):
            self._inside = self._inside and self._grow(self._inside, wall)
            self._window = self._grow(self._window, wall)
            self._last = (wall, monotonic_s)

    def add(self, event: Event) -> None:
        """Something that somebody else timed waits to be handed on with the rest."""
        self._begin(event)

    def cut(self) -> None:
        """Ends what is open at its last heartbeat: a pause, a lost probe, a gap."""
        if self._since and self._last:
            self._covered.append((self._since, self._last[0]))
        self._window = self._inside = self._input = self._since = self._last = None

    @property
    def pending(self) -> list[Event]:
        """The heartbeats that wait to be handed on, each source's in order."""
        return list(self._pending)

    @property
    def changed(self) -> bool:
        """Whether a new state is among them."""
        return self._changed

    def delivered(self) -> None:
        """What was pending is in safe hands."""
        self._pending, self._changed = [], False

    def _is_steady(self, wall: datetime, monotonic_s: float) -> bool:
        if self._last is None:
            return True
        passed_s = (wall - self._last[0]).total_seconds()
        return 0 <= passed_s <= self._gap_s and abs(passed_s - (monotonic_s - self._last[1])) <= DRIFT_S

    def _is_free(self, wall: datetime) -> bool:
        """Whether nothing is recorded at `wall` yet. Cuts the open stretch before it runs into one that is."""
        start = self._last[0] if self._since and self._last else wall
        ahead = [(a, b) for a, b in self._covered if b > start]
        if not ahead:
            return True
        if any(a < wall for a, _ in ahead):
            self.cut()
        return not any(a <= wall < b for a, b in ahead)

    def _see_state(self, open_: Event | None, sample: Sample | None, wall: datetime) -> Event | None:
        """The open stretch of a stream, grown to `wall`, or the one that takes its place."""
        if open_:
            open_ = self._grow(open_, wall)
        if sample is None or not sample.app:
            return None
        state = Event(wall, wall, sample.source, sample.app, sample.title, sample.url, sample.project, None, sample.data)
        return open_ if open_ and same_state(open_, state) else self._begin(state)

    def _see_input(self, sample: Sample, wall: datetime, since: datetime) -> None:
        away = 0 < self._idle_after_s <= sample.idle_s
        # Idle time that reaches back before this stretch (a suspend, a start) says nothing about what is recorded.
        earliest = self._input.end if self._input else since
        last_input = min(max(earliest, sample.at - timedelta(seconds=sample.idle_s)), wall)
        if self._input is None:
            self._input = self._begin(_input_event(since, since, away))
        was_away = self._input.data["status"] == AFK
        if away and was_away:
            self._input = self._grow(self._input, wall)
        elif away != was_away:
            self._grow(self._input, last_input)
            self._input = self._begin(_input_event(last_input, wall if away else last_input, away))
        elif (last_input - self._input.end).total_seconds() >= _INPUT_STEP_S:
            # The same input computed twice differs by milliseconds, which is no news.
            self._input = self._grow(self._input, last_input)

    def _begin(self, event: Event) -> Event:
        self._changed = True
        self._wait(event)
        return event

    def _wait(self, event: Event) -> None:
        self._pending.append(event)
        if len(self._pending) > _MOST_PENDING:
            del self._pending[0]

    def _grow(self, event: Event, end: datetime) -> Event:
        """A heartbeat from the event's end to `end`, joined to the one that waits to be handed on, if there is one."""
        beat = event.over(event.end, end)
        for index in range(len(self._pending) - 1, max(-1, len(self._pending) - 1 - _JOIN_WITHIN), -1):
            waiting = self._pending[index]
            if waiting.source == beat.source:
                if waiting.end == beat.start and same_state(waiting, beat):
                    self._pending[index] = waiting.over(waiting.start, end)
                    return beat
                break
        self._wait(beat)
        return beat


def _input_event(start: datetime, end: datetime, away: bool) -> Event:
    return Event(start, end, AFK, data={"status": AFK if away else NOT_AFK})
