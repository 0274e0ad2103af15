"""`coach track` as a process of its own, on a real display and in a real tmux, read back through the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import coach
from tests.tracker.surroundings import Desktop, Tmux, desktop, repository, tmux, until

__all__ = ["desktop", "repository", "tmux"]
pytestmark = pytest.mark.desktop


@contextmanager
def tracking(environ: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`coach track` until the block ends; its real clock runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "coach.cli", "track", "--yes"], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        env={**environ, "COACH_HOME": os.environ["COACH_HOME"], "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
    )
    try:
        until(lambda: coach("status", "--json", COACH_NOW="").json["probe"])
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(15)


def recorded(*words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = coach("log", *words, "--json", COACH_NOW="").json
    return found


def on_disk() -> bytes:
    """Every byte under COACH_HOME."""
    return b"".join(p.read_bytes() for p in Path(os.environ["COACH_HOME"]).rglob("*") if p.is_file())


def test_two_windows_swap_focus(desktop: Desktop) -> None:
    coach("privacy", "exclude", "title", "planted-secret", "--redact", COACH_NOW="")
    one = desktop.xterm("One window")
    with tracking(desktop.environ) as process:
        two = desktop.xterm("The planted-secret window")
        swaps: list[tuple[str, float]] = [("excluded", time.time())]
        for window, title in ((one, "One window"), (two, "excluded"), (one, "One window")):
            time.sleep(3)
            desktop.focus(window)
            swaps.append((title, time.time()))
        time.sleep(3)
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        ended = time.time()
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    expected = [(title, end - start) for (title, start), end in zip(swaps, [t for _, t in swaps[1:]] + [ended], strict=True)]
    seen = [(e["title"], e["duration_s"]) for e in recorded() if e["source"] == "x11"][-4:]
    assert [t for t, _ in seen] == [t for t, _ in expected]
    assert all(abs(a - b) < 1.0 for (_, a), (_, b) in zip(seen, expected, strict=True)), (seen, expected)
    assert {(e["source"], e["app"]) for e in recorded()} == {("x11", "xterm"), ("tty", "sh")}
    assert b"planted-secret" not in on_disk()


def test_an_editor_in_a_git_folder_inside_tmux(tmux: Tmux, repository: Path) -> None:
    editor = repository / "bin" / "nano"
    editor.parent.mkdir(exist_ok=True)
    editor.symlink_to("/bin/cat")  # a program of that name, without installing the editor
    tmux.do("send-keys", "-t", "work", f"cd {repository} && bin/nano planted-file", "Enter")
    tmux.do("send-keys", "-t", "work", f"cd {repository} && exec bin/nano", "Enter")
    with tracking(tmux.environ):
        until(lambda: any(e["app"] == "nano" for e in recorded()), timeout_s=20)
    event = next(e for e in recorded() if e["app"] == "nano")
    assert (event["source"], event["project"], event["url"]) == ("tmux", "röntgen", "")
    assert b"planted-file" not in on_disk()


def test_a_command_that_a_shell_waited_for_is_in_the_log_but_not_in_the_timeline(tmux: Tmux, repository: Path) -> None:
    runtime = repository.parent / "rt"
    runtime.mkdir(mode=0o700)
    with tracking({**tmux.environ, "XDG_RUNTIME_DIR": str(runtime)}):
        pipe = runtime / "coach" / "shell"
        until(pipe.is_fifo, timeout_s=20)
        pipe.write_text(f"1\t7\t90000\t/opt/bin/cargo\t{repository}\n")
        until(lambda: any(e["source"] == "shell" for e in recorded()), timeout_s=20)
    assert not pipe.exists()
    event = next(e for e in recorded() if e["source"] == "shell")
    assert (event["app"], event["title"], event["project"]) == ("cargo", "waiting for cargo", "röntgen")
    assert event["duration_s"] == pytest.approx(90)
    assert "shell" not in {e["source"] for e in coach("timeline", "--json", COACH_NOW="").json}


def test_a_second_tracker_exits_with_4_and_pausing_travels(desktop: Desktop) -> None:
    desktop.xterm("Quiet window")
    with tracking(desktop.environ):
        second = coach("track", "--json", COACH_NOW="", DISPLAY=desktop.environ["DISPLAY"])
        assert (second.status, second.error["code"]) == (4, "busy")
        until(lambda: recorded())
        coach("pause", COACH_NOW="")
        until(lambda: coach("status", "--json", COACH_NOW="").json["state"] == "paused")
        time.sleep(2)
        before = recorded()
        desktop.xterm("While paused")
        time.sleep(2)
        assert recorded() == before
        coach("resume", COACH_NOW="")
        until(lambda: recorded()[-1]["title"] == "While paused")


def test_killed_hard_at_most_two_seconds_are_lost(desktop: Desktop) -> None:
    desktop.xterm("Steady window")
    with tracking(desktop.environ) as process:
        until(lambda: recorded())
        time.sleep(4)
        process.kill()
        killed_at = time.time()
        process.wait()
    last = datetime.fromisoformat(recorded()[-1]["end"]).timestamp()
    assert 0 <= killed_at - last < 2.05
    assert coach("doctor", "--deep", "--json", COACH_NOW="").json["ok"]
