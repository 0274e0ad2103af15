from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from coach.core.errors import Unavailable
from coach.tracker import machine, procs
from coach.tracker.idle import native_idle_s
from coach.tracker.probe import choose
from coach.tracker.x11 import X11Probe

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")


@linux
def test_every_probe_that_does_not_work_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(procs, "every", lambda: iter(()))
    probe, findings = choose((), {"TMUX_TMPDIR": str(tmp_path)})
    assert probe is None
    assert [(f.name, f.ok) for f in findings] == [("x11", False), ("pywinctl", False), ("tmux", False), ("tty", False)]
    assert all(f.detail and f.hint for f in findings)


def test_only_the_named_probes_are_tried() -> None:
    probe, findings = choose(("x11", "telepathy"), {})
    assert probe is None
    assert [f.name for f in findings] == ["x11", "telepathy"]
    assert "x11, i3, pywinctl, tmux, tty" in findings[1].hint


@linux
@pytest.mark.parametrize(("environ", "words"), [
    ({}, "DISPLAY is not set"),
    ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "Wayland"),
    ({"DISPLAY": ":5731"}, "no answer"),
    ({"DISPLAY": "nonsense"}, "no answer"),
])
def test_without_a_display_x11_says_so_and_prints_nothing(
    environ: dict[str, str], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Unavailable, match=words):
        X11Probe(environ)
    assert capfd.readouterr() == ("", "")


@linux
@pytest.mark.parametrize("environ", [{}, {"DISPLAY": ":5731"}, {"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}])
def test_pywinctl_refuses_without_a_display(environ: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    _, findings = choose(("pywinctl",), environ)
    assert not findings[0].ok
    assert capfd.readouterr() == ("", "")


@linux
def test_this_process_as_proc_tells_it() -> None:
    me = procs.read(os.getpid())
    assert me is not None
    assert (me.parent, me.group, me.session) == (os.getppid(), os.getpgid(0), os.getsid(0))
    assert procs.cwd(me.pid) == str(Path.cwd())
    assert procs.owner(me.pid) == os.getuid()
    assert me.pid in {p.pid for p in procs.every()}
    assert procs.read(2**22 + 1) is None
    assert procs.cwd(2**22 + 1) == ""


@linux
def test_what_a_process_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["sleep", "30"]) as started:
        try:
            assert started.pid in {p.pid for p in procs.children(os.getpid())}
            plain = Path.read_bytes

            def none_kept(path: Path) -> bytes:
                if path.name == "children":
                    raise FileNotFoundError
                return plain(path)

            monkeypatch.setattr(Path, "read_bytes", none_kept)
            assert started.pid in {p.pid for p in procs.children(os.getpid())}
        finally:
            started.kill()
    assert list(procs.children(2**22 + 1)) == []


@pytest.mark.parametrize(("text", "name"), [
    ("-bash", "bash"), ("tmux: client", "tmux"), ("/usr/bin/vim secret.txt", "vim"), ("Xorg", "xorg"), ("", ""),
    (" - ", ""),
])
def test_a_program_name_has_no_arguments(text: str, name: str) -> None:
    assert procs.program_name(text) == name


@pytest.mark.parametrize(("number", "path"), [
    (34816, "/dev/pts/0"), (34823, "/dev/pts/7"), (35072, "/dev/pts/256"), (1025, "/dev/tty1"), (1280, ""),
])
def test_terminals_by_number(number: int, path: str) -> None:
    assert procs.terminal_path(number) == path


def test_the_machine_tells_how_busy_it_is() -> None:
    assert machine.load_per_core() >= 0
    assert machine.on_battery() in (True, False)
    assert machine.free_memory_mb() > 1
    assert 5 < machine.own_memory_mb() < 4000
    assert native_idle_s() >= 0


def test_choosing_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    choose((), {})
    assert threading.active_count() == before
