"""The best combination there is: a window's probe, where needed another source of idle time, and the terminals' insides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from coach.core.errors import Unavailable
from coach.core.event import Sample
from coach.tracker import probe
from coach.tracker.idle import IdleSource, open_idle
from coach.tracker.inside import Inside
from coach.tracker.probe import Finding, Probe, WindowProbe


class Combined:
    """A window's probe with what it lacks. `name` names all that serves."""

    def __init__(self, window: WindowProbe, idle: IdleSource | None, inside: Inside, terminal: bool) -> None:
        self._window, self._idle, self._inside, self._terminal = window, idle, inside, terminal
        self.polls = window.polls
        parts = (window.name, f"{idle.name} idle" if idle else "", "terminal" if terminal else "")
        self.name = " + ".join(part for part in parts if part)

    def sample(self, now: datetime) -> Sample | None:
        seen = self._window.sample(now)
        if seen is None:
            return None
        if self._idle:
            seen = replace(seen, idle_s=self._idle.idle_s())
        here, inside = self._inside.look(seen, self._window.pid, now)
        return Sample(
            seen.at, seen.source, seen.app, seen.title, seen.url, here.project, seen.idle_s, seen.private,
            inside if self._terminal else None, here.branch,
        )

    def wait(self, timeout_s: float) -> bool:
        return self._window.wait(timeout_s)

    def wake(self) -> None:
        self._window.wake()

    def close(self) -> None:
        self._window.close()
        if self._idle:
            self._idle.close()


def choose(names: Sequence[str], environ: Mapping[str, str], terminal: bool = True) -> tuple[Probe | None, list[Finding]]:
    """The best probe with what completes it; see `probe.choose`. `terminal`: record what runs inside terminals."""
    found, findings = probe.choose(names, environ)
    if found is None or found.name not in probe.WINDOWS:
        return found, findings
    window: WindowProbe = found  # type: ignore[assignment]  # its name says so
    idle: IdleSource | None = None
    if not window.has_idle:
        try:
            idle = open_idle(environ)
        except Unavailable as error:
            findings.append(Finding("idle", False, error.message, error.hint))
        else:
            findings.append(Finding("idle", True, f"time without input comes from {idle.name}"))
    if terminal:
        findings.append(Finding("terminal", True, "programs inside terminals and tmux are told apart"))
    return Combined(window, idle, Inside(environ), terminal), findings
