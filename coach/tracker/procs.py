"""Processes and terminals as Linux's /proc tells them. Elsewhere the lists are empty."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_STAT_BYTES = 1024  # 52 numbers and a name of at most 64 bytes


@dataclass(frozen=True, slots=True)
class Process:
    """A line of /proc/PID/stat (proc(5)). `tty` is a device number, 0 for none; `foreground` the process group that
    owns the terminal, -1 for none. `name` is the program's, at most 15 characters, never an argument."""

    pid: int
    name: str
    parent: int
    group: int
    session: int
    tty: int
    foreground: int


def read(pid: int) -> Process | None:
    """The process, or None when it is gone or hidden."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # noqa: PTH123 - a Path costs as much as the look
            text = file.read(_STAT_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    if len(fields) < 6:
        return None
    parent, group, session, tty, foreground = (int(field) for field in fields[1:6])
    return Process(pid, program_name(head.partition("(")[2]), parent, group, session, tty, foreground)


def program_name(text: str) -> str:
    """The bare program: `-bash` is bash, `tmux: client` is tmux, `/usr/bin/vim x` is vim."""
    words = text.strip().lstrip("-").split()
    return words[0].rsplit("/", 1)[-1].rstrip(":").lower() if words else ""


def every() -> Iterator[Process]:
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - a thousand Path objects per look would cost more than the look
    except OSError:
        return
    for name in names:
        if name.isdigit() and (process := read(int(name))):
            yield process


def children(pid: int) -> Iterator[Process]:
    """What a process has started, by its threads' lists (proc(5), CONFIG_PROC_CHILDREN); a walk over everything where the
    kernel keeps none, which costs a hundred times as much."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - as above
    except OSError:
        return
    try:
        lists = [Path(f"/proc/{pid}/task/{thread}/children").read_bytes() for thread in threads]
    except OSError:
        yield from (p for p in every() if p.parent == pid)
        return
    for child in b" ".join(lists).split():
        if (process := read(int(child))) and process.parent == pid:
            yield process


def cwd(pid: int) -> str:
    """The working folder of a process, empty when it may not be read."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115 - the text is wanted, not a path
    except OSError:
        return ""


def owner(pid: int) -> int | None:
    try:
        return os.stat(f"/proc/{pid}").st_uid  # noqa: PTH116 - as above
    except OSError:
        return None


def terminal_path(tty: int) -> str:
    """The device file of a terminal's number (Linux devices.txt): /dev/pts/N, /dev/ttyN; empty for any other."""
    major, minor = (tty >> 8) & 0xFFF, (tty & 0xFF) | ((tty >> 12) & 0xFFF00)
    if 136 <= major <= 143:
        return f"/dev/pts/{minor + 256 * (major - 136)}"
    if major == 4 and 0 < minor < 64:
        return f"/dev/tty{minor}"
    return ""


def last_input_s(tty: int) -> float | None:
    """Epoch seconds at which something was last read from a terminal, as the kernel keeps it (steps of 8 s)."""
    path = terminal_path(tty)
    try:
        return Path(path).stat().st_atime if path else None
    except OSError:
        return None


def foreground(leader: Process) -> Process:
    """The program in the foreground of the leader's terminal; the leader itself where that cannot be read."""
    if leader.foreground <= 0 or leader.foreground == leader.pid:
        return leader
    found = read(leader.foreground)
    if found is None:
        # The first program of a pipeline may have ended before the one that is being read.
        found = next((p for p in every() if p.group == leader.foreground and p.tty == leader.tty), None)
    return found or leader


def terminal_leader(emulator: int) -> Process | None:
    """Among the programs that a terminal emulator runs, the one whose terminal was typed into last."""
    inside = [p for p in children(emulator) if p.tty and p.pid == p.session]
    return max(inside, key=lambda p: last_input_s(p.tty) or 0.0, default=None)
