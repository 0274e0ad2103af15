"""The line that a real tmux shows, and the sequence for terminals."""

import os
import subprocess
import time
from contextlib import suppress

import pytest

from coach.integrations import terminal
from tests.tracker.surroundings import need


@pytest.fixture
def tmux(tmp_path):
    """A tmux server of its own with one attached client, and the environment of a process in its first pane."""
    need("tmux")
    socket = str(tmp_path / "socket")

    def run(*words):
        command = ["tmux", "-S", socket, "-f", "/dev/null", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    run("new-session", "-d", "-s", "one", "-x", "80", "-y", "24", "cat")
    environ = {**os.environ, "TMUX": f"{socket},1,0", "TMUX_PANE": run("display-message", "-p", "#{pane_id}").strip()}
    yield run, environ, socket
    with suppress(subprocess.CalledProcessError):
        run("kill-server")


def test_without_a_client_nobody_sees_it(tmux):
    _, environ, _ = tmux
    assert terminal.tmux_message("hello", environ) is False
    assert terminal.tmux_shows_us(environ) is False


def test_a_client_sees_the_line_and_runs_nothing_that_stands_in_it(tmux, tmp_path):
    run, environ, socket = tmux
    # A client needs a terminal: another tmux is one.
    outer = ["tmux", "-S", f"{socket}-outer", "-f", "/dev/null"]
    env = {k: v for k, v in os.environ.items() if k != "TMUX"}
    subprocess.run([*outer, "new-session", "-d", "-x", "220", "-y", "30", f"tmux -S {socket} attach"], check=True, env=env)
    try:
        wait(lambda: run("list-clients"))
        assert wait(lambda: terminal.tmux_shows_us(environ))
        touched = tmp_path / "touched"
        assert terminal.tmux_message(f"Pay #(touch {touched}) 100 %H #{{pane_id}} \x1b]0;x\x07 now", environ)
        shown = wait(lambda: subprocess.run([*outer, "capture-pane", "-p"], capture_output=True, text=True, check=True,
                                            env=env).stdout, "Pay")
        assert f"Pay #(touch {touched}) 100 %H #{{pane_id}}" in shown.replace("\n", "")
        time.sleep(0.1)
        assert not touched.exists()
    finally:
        subprocess.run([*outer, "kill-server"], check=False, env=env)


def test_no_tmux_no_word(tmp_path):
    assert terminal.tmux_message("hello", {**os.environ, "TMUX": f"{tmp_path}/none,1,0"}) is False


def test_osc9_carries_one_clean_line():
    assert terminal.osc9("one\ntwo\x1b]0;evil\x07") == "\x1b]9;one two ]0;evil\x1b\\"


def wait(look, part="", seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found and (not part or part in found):
            return found
        time.sleep(0.02)
    raise AssertionError(f"not seen: {part or look}")
