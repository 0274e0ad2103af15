"""The tmux probe: the program in the active pane of the client that was typed into last. Needs no display.

Recorded are the program's name and its project; never arguments, pane contents or tmux's own titles.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from coach.core.errors import Unavailable
from coach.core.event import Sample
from coach.tracker.probe import Polling
from coach.tracker.procs import program_name
from coach.tracker.projects import Projects

ASK_EVERY_S = 5.0
"""A question costs a child process (6 ms), so the answer serves this long."""
_ANSWER_TIMEOUT_S = 2.0
_SOCKETS_ASKED = 3
_FORMAT = "#{client_activity}|#{client_control_mode}|#{pane_current_command}|#{pane_current_path}"


@dataclass(frozen=True, slots=True)
class _Client:
    """`activity_s`: epoch seconds of its last key; whole seconds."""

    activity_s: float
    program: str
    folder: str


class TmuxProbe(Polling):
    """Raises Unavailable without the program, without a server, and when no client is attached."""

    name = "tmux"

    def __init__(self, environ: Mapping[str, str]) -> None:
        if shutil.which("tmux") is None:
            raise Unavailable("tmux is not installed", "without it the terminal used last is watched")
        super().__init__()
        self._environ = dict(environ)
        self._projects = Projects()
        self._asked_at = float("-inf")
        self._answer: Sample | None = None
        self.sample(datetime.now(UTC))

    def sample(self, now: datetime) -> Sample | None:
        monotonic_s = time.monotonic()
        if self._answer is None or monotonic_s - self._asked_at >= ASK_EVERY_S:
            self._answer, self._asked_at = self._ask(now, monotonic_s), monotonic_s
        return self._answer

    def _ask(self, now: datetime, monotonic_s: float) -> Sample:
        clients = [client for socket in _sockets(self._environ) for client in _clients(socket, self._environ)]
        if not clients:
            raise Unavailable("no terminal is attached to tmux", "without it the terminal used last is watched")
        client = max(clients, key=lambda c: c.activity_s)
        idle_s = max(0.0, now.timestamp() - client.activity_s)
        project = self._projects.name(client.folder, monotonic_s)
        sample = Sample(at=now, source=self.name, app=client.program, title=client.program, idle_s=idle_s)
        return replace(sample, project=project)


def _sockets(environ: Mapping[str, str]) -> list[str]:
    """The server that this process runs in, then the user's others, most recently used first."""
    own = environ.get("TMUX", "").partition(",")[0]
    folder = Path(environ.get("TMUX_TMPDIR") or "/tmp") / f"tmux-{os.getuid()}"
    try:
        found = [(entry.stat().st_atime, str(entry)) for entry in folder.iterdir() if entry.is_socket()]
    except OSError:
        found = []
    others = [path for _, path in sorted(found, reverse=True) if path != own]
    return ([own] if own else []) + others[:_SOCKETS_ASKED]


def _clients(socket: str, environ: Mapping[str, str]) -> list[_Client]:
    # -u: without it tmux writes underscores for every letter outside ASCII. -N: never start a server by asking.
    command = ["tmux", "-u", "-N", "-S", socket, "list-clients", "-F", _FORMAT]
    try:
        answer = subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWER_TIMEOUT_S, check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    if answer.returncode != 0:
        return []
    lines = answer.stdout.decode("utf-8", "replace").splitlines()
    return [client for line in lines if (client := _read(line)) is not None]


def _read(line: str) -> _Client | None:
    """A line of `_FORMAT`; None for a control client (a program, not a person) and for a line that makes no sense."""
    activity, _, rest = line.partition("|")
    control, _, rest = rest.partition("|")
    command, _, folder = rest.partition("|")
    if not activity.isdigit() or control == "1" or not command:
        return None
    return _Client(float(activity), program_name(command), folder)
