"""The shells' hook with real shells in a terminal, and the pipe's other end."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coach.core.errors import InvalidInput, Unavailable
from coach.core.event import Sample
from coach.engine.shellhook import SHELLS, script
from coach.tracker.shellhook import Commands, Listener, Report, finding, pipe_path, read
from tests.tracker.surroundings import need, stop_process, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="named pipes")

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "-i", "--no-config"]}
STATUS = {"bash": "$?", "zsh": "$?", "fish": "$status"}


class Shell:
    """An interactive shell in a terminal of its own, with the hook's threshold lowered."""

    def __init__(self, name: str, folder: Path) -> None:
        need(name, "setsid")
        self.name = name
        hook = folder / f"hook.{name}"
        text = script(name).replace(">= 1000", ">= 60").replace("-ge 1000", "-ge 60")
        assert text != script(name)
        hook.write_text(text)
        programs = folder / "bin"
        programs.mkdir()
        for program in ("build", "check"):
            (programs / program).write_text("#!/bin/sh\nsleep 0.12\n")
            (programs / program).chmod(0o755)
        (folder / "rt").mkdir(mode=0o700)
        self.environ = {
            "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "rt"),
            "LC_ALL": "C.UTF-8", "TERM": "dumb", "HISTFILE": "",
        }
        self.terminal, slave = pty.openpty()
        self.process = subprocess.Popen(
            ["setsid", "-c", *START[name]], env=self.environ, cwd=folder, stdin=slave, stdout=slave, stderr=slave,
        )
        os.close(slave)
        self.shown = b""
        self.said = 0
        self.do(f". {hook}")

    def do(self, *lines: str) -> str:
        """Types lines and returns what is shown until the last one is done."""
        self.said += 1
        begun = len(self.shown)
        for line in (*lines, f"echo done'-'{self.said}"):
            os.write(self.terminal, line.encode() + b"\n")
        until(lambda: self._read() and f"done-{self.said}".encode() in self.shown[begun:], 15)
        return self.shown[begun:].decode(errors="replace")

    def _read(self) -> bool:
        with suppress(OSError):
            while select.select([self.terminal], [], [], 0.02)[0]:
                self.shown += os.read(self.terminal, 65_536)
        return True

    def close(self) -> None:
        os.close(self.terminal)
        stop_process(self.process)


@contextmanager
def listening(shell: Shell) -> Iterator[Listener]:
    listener = Listener(shell.environ)
    try:
        yield listener
    finally:
        listener.close()


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(request.param, tmp_path)
    yield shell
    shell.close()


def test_a_shell_tells_program_folder_and_length_but_no_argument(shell: Shell, tmp_path: Path) -> None:
    name = shell.name
    folder = tmp_path / "röntgen 日本"
    folder.mkdir()
    loop = "for i in 1; build secret-7; end" if name == "fish" else "for i in 1; do\nbuild secret-7\ndone"
    with listening(shell) as listener:
        found: list[Report] = []

        def told(command: str) -> Report:
            before = len(found)
            shell.do(command)
            until(lambda: found.extend(listener.take()) or len(found) > before, 10)
            assert len(found) == before + 1
            return found[-1]

        shell.do("alias b='build secret-1'", "cd 'röntgen 日本'")
        plain = told("build secret-0")
        assert (plain.program, plain.folder) == ("build", str(folder))
        assert 0.1 <= (plain.end - plain.start).total_seconds() < 5
        assert told("b").program == "build"
        assert told("check secret-2 | cat").program == "check"
        assert told("env nice -n 5 build secret-3").program == "build"
        assert told("WORD=secret-4 check secret-4").program == "check"
        assert told(loop).program in ("build", "for", name)
        assert told('WORD="secret-5 secret-6" check').program in ("check", name)
        shell.do("true", "echo hello", "")
        time.sleep(0.1)
        assert listener.take() == []
    assert "secret" not in repr(found)


def test_the_prompt_keeps_status_and_last_word(shell: Shell) -> None:
    name = shell.name
    with listening(shell):
        false = "sh -c 'sleep 0.1; exit 7'"
        assert "was:7" in shell.do(false, f"echo was':'{STATUS[name]}")
        if name != "fish":
            assert "last:word" in shell.do("build last word", "echo last':'$_")


def test_without_a_tracker_or_with_a_stopped_one_nothing_waits(shell: Shell) -> None:
    shell.do("build")  # no pipe at all
    path = pipe_path(shell.environ)
    path.parent.mkdir(mode=0o700)
    os.mkfifo(path, 0o600)
    began = time.monotonic()
    shell.do("build")  # the pipe of a tracker that was killed
    stopped = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        with suppress(BlockingIOError):
            while True:
                os.write(stopped, b"x" * 65_536)
        shell.do("build", "build")  # a pipe that is full
    finally:
        os.close(stopped)
    assert time.monotonic() - began < 10
    path.unlink()
    path.write_text("")  # something else under that name
    shell.do("build")
    assert path.read_text() == ""


def test_only_three_shells_have_a_hook() -> None:
    with pytest.raises(InvalidInput, match="tcsh"):
        script("tcsh")


def test_a_trap_that_is_there_already_still_runs(tmp_path: Path) -> None:
    need("bash")
    shell = Shell("bash", tmp_path)
    try:
        shell.do("trap 'count=$((count + 1))' DEBUG", "PROMPT_COMMAND='before=$?'")
        shell.do("unset __coach_loaded __coach_trap __coach_installed", f". {tmp_path}/hook.bash")
        with listening(shell) as listener:
            assert "count:0" not in shell.do("count=0", "build", "echo count':'$count")
            assert "before:3" in shell.do("sh -c 'exit 3'", "echo before':'$before")
            assert [r.program for r in listener.take()] == ["build"]
    finally:
        shell.close()


@pytest.mark.parametrize("line", [
    b"", b"nonsense", b"2\t1\t5000\tmake\t/x", b"1\t1\t-5\tmake\t/x", b"1\t1\t5e3\tmake\t/x", b"1\t1\t5000\t\t/x",
    b"1\t1\t99999999999999\tmake\t/x", b"\xff\xfe\t\t\t\t", "1\t1\t٣\tmake\t/x".encode(),
])
def test_lines_that_make_no_sense_are_left_out(line: bytes) -> None:
    assert read(line, NOW) is None


def test_a_line_becomes_a_command_that_ended_now() -> None:
    report = read(b"1\t77\t90500\t/usr/bin/Make\t/home/a\tb", NOW)
    assert report == Report("make", "/home/a\tb", NOW - timedelta(seconds=90.5), NOW)


def front(app: str, source: str = "tty") -> Sample:
    return Sample(NOW, source, app)


def test_a_command_that_outlasts_the_look_at_it_is_an_event() -> None:
    reports = [Report("make", "/", NOW, NOW + timedelta(seconds=60))]
    commands = Commands(lambda: [reports.pop()] if reports and told else [])
    told = False
    for second in range(61):
        told = second == 60
        found = commands.see(front("make") if second < 20 else front("firefox", "x11"), NOW + timedelta(seconds=second), 10)
    assert [(s.source, s.app, s.title, a, b) for s, a, b in found] == [
        ("shell", "make", "waiting for make", NOW, NOW + timedelta(seconds=60))
    ]


def test_a_command_that_was_looked_at_or_was_short_is_none() -> None:
    reports = [
        Report("make", "/", NOW, NOW + timedelta(seconds=60)),
        Report("gcc", "/", NOW + timedelta(seconds=55), NOW + timedelta(seconds=60)),
    ]
    commands = Commands(lambda: [reports.pop() for _ in range(2 if len(reports) == 2 and told else 0)])
    told = False
    for second in range(61):
        told = second == 60
        assert commands.see(front("make"), NOW + timedelta(seconds=second), 10) == []
    assert reports == []


def test_the_pipe_is_this_users_alone_and_one_tracker_reads_it(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert not finding(environ).ok
    first = Listener(environ)
    path = pipe_path(environ)
    assert finding(environ).ok
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with pytest.raises(Unavailable, match="another tracker"):
        Listener(environ)
    assert path.exists()
    first.close()
    assert not path.exists()
    path.parent.chmod(0o777)
    with pytest.raises(Unavailable, match="alone"):
        Listener(environ)
    path.parent.chmod(0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="alone"):
        Listener(environ)
    assert not (tmp_path / "elsewhere").exists()
