"""Real windows under Xvfb and openbox, real panes in tmux, a real terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coach.core.errors import Unavailable
from coach.core.event import Event, Sample
from coach.tracker import combine, loop
from coach.tracker.loop import Health
from coach.tracker.privacy import Privacy, exclusion
from coach.tracker.probe import Probe, choose
from coach.tracker.tmux import TmuxProbe
from coach.tracker.tty import TtyProbe
from coach.tracker.x11 import X11Probe
from tests.tracker.surroundings import Desktop, Tmux, need, stop_process, until

pytestmark = [
    pytest.mark.desktop, pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11, tmux and /proc"),
]


def look(probe: Probe) -> Sample:
    seen = probe.sample(datetime.now(UTC))
    assert seen is not None
    return seen


@dataclass
class Tracker:
    """The loop in its thread, and what it handed on."""

    environ: dict[str, str]
    privacy: Privacy = field(default_factory=Privacy)
    names: tuple[str, ...] = ("x11",)
    beats: list[Event] = field(default_factory=list)
    health: Health = field(default_factory=Health)
    stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Tracker:
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        until(lambda: self.health.samples)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()

    def _run(self) -> None:
        loop.run(
            lambda: choose(self.names, self.environ), self._take, lambda: self.privacy, self.stop, lambda: False,
            1.0, 300.0, on_health=self._hear,
        )

    def _take(self, beats: list[Event], _pulsetime_s: float) -> None:
        self.beats.extend(beats)

    def _hear(self, health: Health) -> None:
        self.health = health

    def seconds(self, of: Callable[[Event], str]) -> dict[str, float]:
        found: dict[str, float] = {}
        for beat in self.beats:
            if beat.source != "afk":
                found[of(beat)] = found.get(of(beat), 0.0) + beat.duration_s
        return found


def test_windows_that_swap_focus_are_timed_exactly(desktop: Desktop, capfd: pytest.CaptureFixture[str]) -> None:
    alpha, beta = desktop.xterm("alpha"), desktop.xterm("beta secret")
    true: dict[str, float] = {"alpha": 0.0, "excluded": 0.0}
    with Tracker(desktop.environ, Privacy((exclusion("title", "secret"),))) as tracker:
        began, front = time.monotonic(), "excluded"
        for window, name in [(alpha, "alpha"), (beta, "excluded")] * 3:
            time.sleep(0.7)
            desktop.focus(window)
            now = time.monotonic()
            true[front], began, front = true[front] + now - began, now, name
        time.sleep(0.7)
        true[front] += time.monotonic() - began
    measured = tracker.seconds(lambda e: e.title or e.app)
    assert measured.keys() == {"alpha", "excluded"}
    # Within the second that is promised: on a busy machine the test itself learns late when a window came to the front.
    assert measured["alpha"] == pytest.approx(true["alpha"], abs=1.0)
    assert measured["excluded"] == pytest.approx(true["excluded"], abs=1.0)
    assert {e.app for e in tracker.beats if e.source == "x11"} == {"xterm", "excluded"}
    assert "secret" not in repr(tracker.beats)
    assert tracker.health.errors == tracker.health.gaps == 0
    assert capfd.readouterr() == ("", "")


def test_stop_is_noticed_at_once(desktop: Desktop, tmux: Tmux) -> None:
    desktop.xterm("steady")
    for names, environ in ((("x11",), desktop.environ), (("tmux",), tmux.environ)):
        tracker = Tracker(environ, names=names)
        with tracker:
            time.sleep(0.2)
            asked = time.monotonic()
            tracker.stop.set()
            tracker.thread.join(5)
            assert time.monotonic() - asked < 0.9  # and not when the next look would be due, a second later


def test_a_title_change_is_seen(desktop: Desktop, tmp_path: Path) -> None:
    go = tmp_path / "go"
    wait = f"while [ ! -e '{go}' ]; do sleep 0.1; done"
    desktop.xterm("before", shell=wait + r"; printf '\033]2;\303\251t\303\251\007'; sleep 600")
    probe = X11Probe(desktop.environ)
    try:
        assert look(probe).title == "before"
        go.touch()
        assert probe.wait(10)
        assert look(probe).title == "été"
        assert probe.wait(0.3) is False
    finally:
        probe.close()


def test_a_spinning_title_is_looked_at_once_a_second(desktop: Desktop, tmp_path: Path) -> None:
    go = tmp_path / "go"
    spin = r"while true; do i=$((i + 1)); printf '\033]2;'$i'\007'; sleep 0.01; done"
    desktop.xterm("spin", shell=f"while [ ! -e '{go}' ]; do sleep 0.1; done; {spin}")
    probe = X11Probe(desktop.environ)
    try:
        look(probe)
        go.touch()
        looks, began_s = 0, time.monotonic()
        while time.monotonic() < began_s + 4:
            if probe.wait(0.25):
                look(probe)
                looks += 1
        assert 2 <= looks <= 1 + time.monotonic() - began_s
    finally:
        probe.close()


def test_windows_that_open_and_close_in_a_burst_break_nothing(
    desktop: Desktop, capfd: pytest.CaptureFixture[str]
) -> None:
    desktop.xterm("steady")
    with Tracker(desktop.environ) as tracker:
        started = tracker.health.last_sample_at
        for number in range(10):
            desktop.run("xterm", "-T", f"burst {number}", "-e", "sh", "-c", "sleep 0.4")
            time.sleep(0.2)
        until(lambda: b"steady" in desktop.out("xdotool", "getactivewindow", "getwindowname"))
        time.sleep(2.2)
    assert started is not None
    last = max(e.end for e in tracker.beats if e.source == "x11")
    covered = sum(tracker.seconds(lambda e: e.title).values())
    # Between two windows nothing may be in front for a moment; no other time is lost.
    assert covered == pytest.approx((last - started).total_seconds(), abs=0.5)
    assert tracker.health.errors == 0
    assert capfd.readouterr() == ("", "")


def test_no_window_in_front_is_nothing_in_front(desktop: Desktop) -> None:
    probe = X11Probe(desktop.environ)
    try:
        assert look(probe).app == ""
        window = desktop.xterm("only")
        until(lambda: look(probe).title == "only")
        desktop.out("xdotool", "windowkill", window)
        until(lambda: probe.wait(0.1) or look(probe).app == "")
        until(lambda: look(probe).app == "")
    finally:
        probe.close()


def test_a_terminal_tells_what_runs_inside_it(desktop: Desktop, repository: Path) -> None:
    desktop.xterm("shell", shell=f"cd '{repository}'; exec sleep 600")
    probe, findings = combine.choose((), desktop.environ)
    assert probe is not None
    assert (probe.name, findings[-1].name) == ("x11 + terminal", "terminal")
    try:
        # The window is there before its shell has gone on to the folder and the program.
        until(lambda: (inside := look(probe).inside) and inside.app == "sleep")
        seen = look(probe)
        assert (seen.app, seen.title, seen.project) == ("xterm", "shell", "röntgen")
        assert seen.inside is not None
        inside = seen.inside
        assert (inside.source, inside.app, inside.title, inside.project) == ("tty", "sleep", "sleep", "röntgen")
    finally:
        probe.close()


def test_tmux_in_a_window_is_looked_through(desktop: Desktop, tmux: Tmux, repository: Path) -> None:
    tmux.do("respawn-pane", "-k", "-t", "work", "-c", str(repository), "cat")
    desktop.xterm("multiplexed", shell=f"TMUX= TMUX_TMPDIR='{tmux.folder}' exec tmux attach -t work")
    probe, _ = combine.choose((), {**desktop.environ, "TMUX_TMPDIR": str(tmux.folder)})
    assert probe is not None
    try:
        wanted = ("tmux", "cat", "röntgen")
        until(lambda: (inside := look(probe).inside) and (inside.source, inside.app, inside.project) == wanted)
    finally:
        probe.close()


def test_the_inside_of_terminals_can_be_left_out(desktop: Desktop, repository: Path) -> None:
    desktop.xterm("shell", shell=f"cd '{repository}'; exec sleep 600")
    probe, _ = combine.choose((), desktop.environ, terminal=False)
    assert probe is not None
    try:
        until(lambda: look(probe).project == "röntgen")
        assert (look(probe).inside, probe.name) == (None, "x11")
    finally:
        probe.close()


def test_idle_time_grows_and_a_key_resets_it(desktop: Desktop) -> None:
    desktop.xterm("idle")
    probe = X11Probe(desktop.environ)
    try:
        time.sleep(1.2)
        assert look(probe).idle_s > 1


        def typed() -> bool:
            desktop.out("xdotool", "key", "a")
            return look(probe).idle_s < 1

        until(typed)
    finally:
        probe.close()


def test_a_killed_server_is_reported_and_tracking_resumes_by_itself(
    desktop: Desktop, capfd: pytest.CaptureFixture[str]
) -> None:
    desktop.xterm("first")
    with Tracker(desktop.environ) as tracker:
        until(lambda: tracker.seconds(lambda e: e.title).get("first"))
        desktop.kill_server()
        until(lambda: tracker.health.probe == "")
        assert not tracker.health.findings[0].ok or tracker.health.errors
        desktop.processes.clear()
        desktop.start_server()
        desktop.start_manager()
        desktop.xterm("second")
        until(lambda: tracker.seconds(lambda e: e.title).get("second"), timeout_s=40)
    assert tracker.health.gaps >= 1
    assert capfd.readouterr() == ("", "")


def test_without_a_window_manager_x11_is_not_chosen() -> None:
    need("Xvfb")
    bare = Desktop()
    try:
        bare.start_server()
        with pytest.raises(Unavailable, match="window manager"):
            X11Probe(bare.environ)
    finally:
        bare.stop()


def test_pywinctl_sees_the_same_window(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own: pywinctl keeps the display that it was imported with."""
    need("xrandr")
    desktop.xterm("fallback")
    code = (
        "import os; from datetime import UTC, datetime; from coach.tracker.probe import choose\n"
        "probe, findings = choose(('pywinctl',), os.environ)\n"
        "seen = probe.sample(datetime.now(UTC)); print(probe.name, seen.app, seen.title); probe.close()"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=desktop.environ, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr) == ("pywinctl xterm fallback\n", "")


def test_a_program_in_a_git_folder_is_recorded_as_program_and_project(tmux: Tmux, repository: Path) -> None:
    need("less")
    notes = repository / "secret notes.txt"
    notes.write_text("hello\n" * 100)
    tmux.do("respawn-pane", "-k", "-t", "work", "-c", str(repository), "less", str(notes))
    until(lambda: tmux.do("list-panes", "-F", "#{pane_current_command}") == "less")
    probe, findings = choose((), tmux.environ)
    assert probe is not None
    assert [f.ok for f in findings] == [False, False, True]
    seen = look(probe)
    assert (seen.source, seen.app, seen.title, seen.project) == ("tmux", "less", "less", "röntgen")
    assert "secret" not in repr(seen)


def test_an_editor_in_tmux(tmux: Tmux, repository: Path) -> None:
    need("vim")
    tmux.do("respawn-pane", "-k", "-t", "work", "-c", str(repository), "vim", "-u", "NONE", "plan.md")
    until(lambda: tmux.do("list-panes", "-F", "#{pane_current_command}") == "vim")
    seen = look(TmuxProbe(tmux.environ))
    assert (seen.app, seen.title, seen.project) == ("vim", "vim", "röntgen")


def test_tmux_is_asked_at_most_every_five_seconds(tmux: Tmux, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = TmuxProbe(tmux.environ)
    forks: list[object] = []
    run = subprocess.run
    monkeypatch.setattr("coach.tracker.tmux.subprocess.run", lambda *a, **k: (forks.append(a), run(*a, **k))[1])
    for _ in range(20):
        look(probe)
    assert not forks
    monkeypatch.setattr("coach.tracker.tmux.ASK_EVERY_S", 0.0)
    look(probe)
    assert len(forks) == 1


def test_tmux_idle_time_is_that_of_the_last_key(tmux: Tmux) -> None:
    time.sleep(2.1)
    assert look(TmuxProbe(tmux.environ)).idle_s >= 1

    def typed() -> bool:
        tmux.type("x")
        return look(TmuxProbe(tmux.environ)).idle_s < 1.1

    until(typed)


def test_tmux_without_a_client_is_not_chosen(tmux: Tmux) -> None:
    tmux.do("detach-client", "-s", "work")
    until(lambda: not tmux.do("list-clients"))
    with pytest.raises(Unavailable, match="attached"):
        TmuxProbe(tmux.environ)


def test_asking_tmux_starts_no_server(tmp_path: Path) -> None:
    need("tmux")
    with pytest.raises(Unavailable):
        TmuxProbe({**os.environ, "TMUX_TMPDIR": str(tmp_path), "TMUX": str(tmp_path / "gone") + ",1,0"})
    assert list(tmp_path.iterdir()) == []


def test_a_plain_terminal_tells_program_and_project(repository: Path) -> None:
    keyboard, slave = pty.openpty()
    code = (
        "import fcntl, os, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "os.execvp('cat', ['cat', '-u', '-'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=slave, stdout=slave, stderr=slave, cwd=repository,
    )
    try:
        # Whoever reads from a terminal moves its time of last input; ours stays newer than any that other tests open meanwhile.
        ahead = time.time() + 3600
        os.utime(os.ttyname(slave), (ahead, ahead))
        until(lambda: choose(("tty",), {})[0])
        probe = TtyProbe()

        def program() -> str | None:
            # Nothing is seen for one look where a terminal closed since the last search: another test's, before ours was found.
            seen = probe.sample(datetime.now(UTC))
            return seen.app if seen else None

        until(lambda: program() == "cat")
        seen = look(probe)
        assert (seen.source, seen.app, seen.title, seen.project) == ("tty", "cat", "cat", "röntgen")
        later = datetime.fromtimestamp(ahead + 30, UTC)
        assert probe.sample(later).idle_s == pytest.approx(30, abs=1)  # type: ignore[union-attr]
    finally:
        stop_process(process)
        os.close(slave)
        os.close(keyboard)
