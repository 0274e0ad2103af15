"""tmux: the program in the active pane of each attached client. Needs no display.

Recorded are the program's name and its project; never arguments, pane contents or tmux's own titles.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coach.core.errors import Unavailable
from coach.core.event import Sample
from coach.tracker.probe import Polling
from coach.tracker.procs import program_name
from coach.tracker.programs import title_of
from coach.tracker.projects import Projects
from coach.tracker.settle import SETTLE_S, Settle

ASK_EVERY_S = 5.0
"""A question costs a child process (6 ms), so the answer serves this long."""
CALM_AFTER_S = 30.0
CALM_EVERY_S = 15.0
"""Without a key for half a minute, another pane is not expected: it is asked this often."""
_ANSWER_TIMEOUT_S = 2.0
_SOCKETS_ASKED = 3
_FORMAT = "#{client_activity}|#{client_control_mode}|#{client_tty}|#{pane_current_command}|#{pane_current_path}"


@dataclass(frozen=True, slots=True)
class Client:
    """A terminal that tmux draws on. `activity_s`: epoch seconds of its last key; whole seconds."""

    activity_s: float
    tty: str
    program: str
    folder: str


class Clients:
    """The attached clients of all servers of this user, asked for at most every few seconds."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        self._asked_at = float("-inf")
        self._known: list[Client] = []

    def all(self, monotonic_s: float, every_s: float = ASK_EVERY_S) -> tuple[list[Client], bool]:
        """The clients, and whether this was a new look."""
        if monotonic_s - self._asked_at < every_s:
            return self._known, False
        self._asked_at = monotonic_s
        self._known = [client for socket in _sockets(self._environ) for client in _clients(socket, self._environ)]
        return self._known, True


class TmuxProbe(Polling):
    """The client that was typed into last. Raises Unavailable without the program, without a server, and when no
    client is attached."""

    name = "tmux"
    has_idle = True
    pid = 0

    def __init__(self, environ: Mapping[str, str]) -> None:
        if shutil.which("tmux") is None:
            raise Unavailable("tmux is not installed", "without it the terminal used last is watched")
        super().__init__()
        self._clients = Clients(environ)
        self._projects = Projects()
        self._settle: Settle[tuple[str, str]] = Settle()
        self._client: Client | None = None
        self._seen = ("", "")
        self.sample(datetime.now(UTC))

    def sample(self, now: datetime) -> Sample | None:
        monotonic_s = time.monotonic()
        clients, asked = self._clients.all(monotonic_s, self._every_s(now))
        if not clients:
            raise Unavailable("no terminal is attached to tmux", "without it the terminal used last is watched")
        if asked or self._client is None:
            self._client = max(clients, key=lambda c: c.activity_s)
            self._seen = self._settle.see((self._client.program, self._client.folder), monotonic_s)
        program, folder = self._seen
        idle_s = max(0.0, now.timestamp() - last_key_s(self._client))
        here = self._projects.at(folder, monotonic_s)
        return Sample(
            now, self.name, program, title_of(program, idle_s), project=here.project, idle_s=idle_s, branch=here.branch,
        )

    def _every_s(self, now: datetime) -> float:
        if self._settle.unsure:
            return SETTLE_S
        client = self._client
        return CALM_EVERY_S if client and now.timestamp() - last_key_s(client) > CALM_AFTER_S else ASK_EVERY_S


def last_key_s(client: Client) -> float:
    """Epoch seconds: tmux's word, or the kernel's where that is newer (it needs no question)."""
    try:
        return max(client.activity_s, Path(client.tty).stat().st_atime) if client.tty else client.activity_s
    except OSError:
        return client.activity_s


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


def _clients(socket: str, environ: Mapping[str, str]) -> list[Client]:
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


def _read(line: str) -> Client | None:
    """A line of `_FORMAT`; None for a control client (a program, not a person) and for a line that makes no sense."""
    activity, _, rest = line.partition("|")
    control, _, rest = rest.partition("|")
    tty, _, rest = rest.partition("|")
    command, _, folder = rest.partition("|")
    if not activity.isdigit() or control == "1" or not command:
        return None
    return Client(float(activity), tty, program_name(command), folder)
