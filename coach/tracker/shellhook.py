"""The other end of the shells' hook: a named pipe in a folder of the user's own, read by a thread.

A pipe and not a socket, because bash and fish cannot open a Unix socket without starting a program at each prompt.
What is in it never reaches a disk.
"""

from __future__ import annotations

import os
import select
import socket
import stat
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from coach.core.errors import Unavailable
from coach.core.event import Sample
from coach.tracker.probe import Finding
from coach.tracker.procs import program_name
from coach.tracker.projects import Projects

SOURCE = "shell"
LEAST_S = 10.0
"""A shorter command is part of what one does in the terminal."""
LONGEST_S = 7 * 86_400.0
OUTLASTS_BY_S = 5.0
"""A command that was in front all the time but for this is told by the terminal's own events already."""
_CHUNK = 65_536
_LONGEST_LINE = 4096
_MOST_WAITING = 1000
_MOST_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Report:
    """A command that has ended, as a shell tells it."""

    program: str
    folder: str
    start: datetime
    end: datetime


def pipe_path(environ: Mapping[str, str]) -> Path:
    """Where the shells look for it: in the runtime folder, without one in a folder of the user's own in /tmp.

    Raises Unavailable on Windows."""
    if sys.platform == "win32":
        raise Unavailable("Windows has no named pipes of this kind", "the window's title tells what runs there")
    runtime = environ.get("XDG_RUNTIME_DIR") or f"{environ.get('TMPDIR') or '/tmp'}/coach-{os.getuid()}"
    return Path(runtime) / "coach" / "shell"


def finding(environ: Mapping[str, str]) -> Finding:
    """Whether shells could report now, for `coach doctor`."""
    try:
        path = pipe_path(environ)
        _check(path, stat.S_ISFIFO)
    except FileNotFoundError:
        return Finding("shell hook", False, "no tracker listens to shells now", "`coach track`, then `coach service shell`")
    except (OSError, Unavailable) as error:
        return Finding("shell hook", False, str(error), "see its permissions")
    return Finding("shell hook", True, f"a tracker listens at {path}")


class Listener:
    """Reads the pipe in a thread. Raises Unavailable where there cannot be one, and where another tracker reads it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._path = pipe_path(environ)
        self._reports: deque[Report] = deque(maxlen=_MOST_WAITING)
        self._pipe = _open(self._path)
        self._stops, self._stopper = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, name="tracker-shell", daemon=True)
        self._thread.start()

    def take(self) -> list[Report]:
        """What has been reported since the last time."""
        taken: list[Report] = []
        with suppress(IndexError):
            while True:
                taken.append(self._reports.popleft())
        return taken

    def close(self) -> None:
        self._stopper.send(b"!")
        self._thread.join()
        self._path.unlink(missing_ok=True)
        os.close(self._pipe)
        self._stops.close()
        self._stopper.close()

    def _listen(self) -> None:
        unread = b""
        while True:
            ready, _, _ = select.select([self._pipe, self._stops.fileno()], [], [])
            if self._stops.fileno() in ready:
                return
            with suppress(BlockingIOError):
                *lines, unread = (unread + os.read(self._pipe, _CHUNK)).split(b"\n")
                unread = unread[-_LONGEST_LINE:]
                self._reports.extend(report for line in lines if (report := read(line, datetime.now(UTC))))


def read(line: bytes, now: datetime) -> Report | None:
    """A line of the hook, written when its command had just ended; None for one that makes no sense."""
    fields = line[:_LONGEST_LINE].decode("utf-8", "replace").split("\t", 4)
    if len(fields) != 5 or fields[0] != "1" or not (fields[2].isascii() and fields[2].isdigit()):
        return None
    length_s = int(fields[2][:12]) / 1000
    program = program_name(fields[3])
    if not program or length_s > LONGEST_S:
        return None
    return Report(program, fields[4], now - timedelta(seconds=length_s), now)


class Commands:
    """Which commands lasted longer than one looked at them: the terminal's events of a source of their own."""

    def __init__(self, take: Callable[[], list[Report]]) -> None:
        self._take = take
        self._projects = Projects()
        self._fronts: deque[tuple[str, datetime, datetime]] = deque(maxlen=_MOST_REMEMBERED)

    def see(self, seen: Sample | None, wall: datetime, gap_s: float) -> list[tuple[Sample, datetime, datetime]]:
        """What was waited for, from when to when, given what is in front now. Looks further apart than `gap_s` do not
        join."""
        program = _terminal_program(seen)
        if program:
            last = self._fronts[-1] if self._fronts else None
            joins = last and last[0] == program and timedelta() <= wall - last[2] <= timedelta(seconds=gap_s)
            if last and joins:
                self._fronts[-1] = (program, last[1], wall)
            else:
                self._fronts.append((program, wall, wall))
        elif self._fronts:
            self._fronts.append(("", wall, wall))
        return [self._event(report) for report in self._take() if self._outlasted(report)]

    def forget(self) -> None:
        """Nothing is recorded now: what was reported is dropped."""
        self._take()
        self._fronts.clear()

    def _outlasted(self, report: Report) -> bool:
        length_s = (report.end - report.start).total_seconds()
        overlaps = (
            (min(end, report.end) - max(start, report.start)).total_seconds()
            for program, start, end in self._fronts if program == report.program
        )
        return length_s >= LEAST_S and length_s - sum(s for s in overlaps if s > 0) >= OUTLASTS_BY_S

    def _event(self, report: Report) -> tuple[Sample, datetime, datetime]:
        here = self._projects.at(report.folder, monotonic())
        title = f"waiting for {report.program}"
        seen = Sample(report.end, SOURCE, report.program, title, project=here.project, branch=here.branch)
        return seen, report.start, report.end


def _terminal_program(seen: Sample | None) -> str:
    if seen is None:
        return ""
    inside = seen.inside or seen
    return inside.app if inside.source in ("tmux", "tty") else ""


def _open(path: Path) -> int:
    """The pipe, ours alone: another's folder or file under that name is refused."""
    import fcntl  # not on Windows

    try:
        path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _check(path.parent, stat.S_ISDIR)
        with suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        _check(path, stat.S_ISFIFO)
        # For reading and writing: without a writer of its own a pipe reports its end again and again.
        pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise Unavailable("the shells' pipe cannot be made", f"see the permissions of {path.parent}") from error
    try:
        fcntl.flock(pipe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(pipe)
        raise Unavailable("another tracker listens to the shells", "one is enough") from error
    return pipe


def _check(path: Path, is_kind: Callable[[int], bool]) -> None:
    found = path.lstat()
    if not is_kind(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Unavailable(f"{path} is not this user's alone", "remove it, or set XDG_RUNTIME_DIR")
