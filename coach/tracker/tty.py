"""The plain terminal probe: the foreground program of the terminal that was typed into last. Linux only."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

from coach.core.errors import Unavailable
from coach.core.event import Sample
from coach.tracker import procs
from coach.tracker.probe import Polling
from coach.tracker.programs import title_of
from coach.tracker.projects import Projects
from coach.tracker.settle import Settle

SCAN_EVERY_S = 5.0
"""Terminals are searched for this often; it takes a walk over all processes."""


class TtyProbe(Polling):
    """Raises Unavailable where /proc is missing and when no terminal of this user is open."""

    name = "tty"

    def __init__(self) -> None:
        super().__init__()
        self._projects = Projects()
        self._scanned_at = float("-inf")
        self._leaders: list[procs.Process] = []
        self._settle: Settle[tuple[str, str]] = Settle()
        self.sample(datetime.now(UTC))

    def sample(self, now: datetime) -> Sample | None:
        monotonic_s = time.monotonic()
        if monotonic_s - self._scanned_at >= SCAN_EVERY_S:
            self._leaders, self._scanned_at = _leaders(), monotonic_s
        if not self._leaders:
            raise Unavailable("no terminal of this user is open", "tracking resumes when there is one")
        last_input_s, pid = max((procs.last_input_s(leader.tty) or 0.0, leader.pid) for leader in self._leaders)
        leader = procs.read(pid)
        if leader is None:
            # Closed since the last search: search again at the next look.
            self._scanned_at = float("-inf")
            return None
        front = procs.foreground(leader)
        program, folder = self._settle.see((front.name, procs.cwd(front.pid)), monotonic_s)
        here = self._projects.at(folder, monotonic_s)
        idle_s = max(0.0, now.timestamp() - last_input_s)
        return Sample(
            now, self.name, program, title_of(program, idle_s), project=here.project, idle_s=idle_s, branch=here.branch,
        )


def _leaders() -> list[procs.Process]:
    """The first process of each terminal of this user."""
    uid = os.getuid()
    first = (p for p in procs.every() if p.tty and p.pid == p.session)
    return [p for p in first if procs.terminal_path(p.tty) and procs.owner(p.pid) == uid]
