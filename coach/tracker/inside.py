"""What runs inside a window: the program in the foreground of a terminal, in tmux the one in its pane, and the project."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from datetime import datetime

from coach.core.apps import EDITORS, TERMINALS
from coach.core.event import Sample
from coach.tracker import procs
from coach.tracker.programs import title_of
from coach.tracker.projects import Checkout, Projects
from coach.tracker.settle import SETTLE_S, Settle
from coach.tracker.tmux import ASK_EVERY_S, Client, Clients

TABS_EVERY_S = 5.0
"""After a change of title, which may mean another tab, a terminal's shell is searched for at most this often."""
_SHELLS = 64  # terminals whose shell is remembered
_Seen = tuple[str, str, str]  # source, program, folder


class Inside:
    """Looks into the window in front. Linux only: elsewhere nothing is found."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._projects = Projects()
        self._tmux = Clients(environ) if shutil.which("tmux") else None
        self._shells: dict[int, tuple[str, float, int]] = {}
        self._settle: Settle[_Seen] = Settle()
        self._pid = 0

    def look(self, window: Sample, pid: int, now: datetime) -> tuple[Checkout, Sample | None]:
        """The project and branch of a window and, for a terminal's, what runs in it. `pid` is the window's process."""
        monotonic_s = time.monotonic()
        if pid and window.app.lower() in EDITORS:
            return self._projects.at(procs.cwd(pid), monotonic_s), None
        seen = self._terminal(window, pid, monotonic_s) if pid and window.app.lower() in TERMINALS else None
        if seen is None:
            return Checkout(), None
        if pid != self._pid:
            self._pid = pid
            self._settle.forget()
        source, program, folder = self._settle.see(seen, monotonic_s)
        here = self._projects.at(folder, monotonic_s)
        title = title_of(program, window.idle_s)
        return here, Sample(
            now, source, program, title, project=here.project, idle_s=window.idle_s, branch=here.branch,
        )

    def _terminal(self, window: Sample, pid: int, monotonic_s: float) -> _Seen | None:
        leader = self._leader(window.title, pid, monotonic_s)
        if leader is None:
            return None
        program = procs.foreground(leader)
        if program.name == "tmux" and (client := self._client(procs.terminal_path(leader.tty), monotonic_s)):
            return "tmux", client.program, client.folder
        return "tty", program.name, procs.cwd(program.pid)

    def _client(self, tty: str, monotonic_s: float) -> Client | None:
        """The tmux client on that terminal."""
        if self._tmux is None:
            return None
        clients, _ = self._tmux.all(monotonic_s, SETTLE_S if self._settle.unsure else ASK_EVERY_S)
        return next((client for client in clients if client.tty == tty), None)

    def _leader(self, title: str, pid: int, monotonic_s: float) -> procs.Process | None:
        """The first program of the terminal that is shown in the window.

        Finding it takes a walk over all processes, so it is remembered; what runs in it is read every time."""
        known, found_at, shell = self._shells.get(pid, ("", float("-inf"), 0))
        leader = procs.read(shell) if shell else None
        gone = leader is None or leader.parent != pid
        if (gone or known != title) and monotonic_s - found_at >= TABS_EVERY_S:
            leader = procs.terminal_leader(pid)
            if len(self._shells) >= _SHELLS:
                self._shells.clear()
            self._shells[pid] = (title, monotonic_s, leader.pid if leader else 0)
        return leader
