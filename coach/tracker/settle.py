"""Keeps a terminal whose program changes all the time (a loop of short commands) from making an event each second. Pure."""

from __future__ import annotations

from collections import Counter, deque
from typing import Generic, TypeVar

SETTLE_S = 3.0
"""A state takes over when it has lasted so long, whatever else may be in front later."""
HOLD_S = 15.0
"""While nothing lasts, the one that was there before stays so long; then the one seen most often takes over."""

State = TypeVar("State")


class Settle(Generic[State]):
    """The first state counts at once. Changes come no oftener than every `settle_s`."""

    def __init__(self, settle_s: float = SETTLE_S, hold_s: float = HOLD_S) -> None:
        self._settle_s, self._hold_s = settle_s, hold_s
        self._now: State | None = None
        self._since_s = 0.0
        self._steady_since_s = 0.0
        self._seen: deque[tuple[float, State]] = deque()

    def see(self, state: State, monotonic_s: float) -> State:
        """The state that counts at that instant, given what is seen at it."""
        if not self._seen or self._seen[-1][1] != state:
            self._steady_since_s = monotonic_s
        self._seen.append((monotonic_s, state))
        while self._seen[0][0] < monotonic_s - self._hold_s:
            self._seen.popleft()
        lasts = monotonic_s - max(self._steady_since_s, self._since_s) >= self._settle_s
        if self._now is None or (state != self._now and lasts):
            self._now, self._since_s = state, monotonic_s
        elif monotonic_s - self._since_s >= self._hold_s and all(s != self._now for _, s in self._seen):
            self._now, self._since_s = Counter(s for _, s in self._seen).most_common(1)[0][0], monotonic_s
        return self._now

    @property
    def unsure(self) -> bool:
        """Whether the state seen last is not the one that counts."""
        return bool(self._seen) and self._seen[-1][1] != self._now

    def forget(self) -> None:
        """Something else was in front; what comes next counts at once."""
        self._now = None
        self._seen.clear()
