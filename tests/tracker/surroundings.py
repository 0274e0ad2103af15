"""Real surroundings for the tracker: an X server with a window manager, and a private tmux server."""

from __future__ import annotations

import contextlib
import os
import pty
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest


def need(*programs: str) -> None:
    """Skips without the programs; fails instead where COACH_REQUIRE_DESKTOP=1 says that they must be there."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing and os.environ.get("COACH_REQUIRE_DESKTOP") == "1":
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def until(true: Callable[[], object], timeout_s: float = 30.0) -> None:
    """Waits until something is so; fails when it is not within the time."""
    deadline = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline:
            pytest.fail("it did not happen in time")
        time.sleep(0.02)


def stop_process(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass
class Desktop:
    """An X server of our own under a free display number, with openbox."""

    number: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        others = ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "TMUX", "XAUTHORITY")
        kept = {k: v for k, v in os.environ.items() if k not in others}
        return {**kept, "DISPLAY": f":{self.number}"}

    def start_server(self) -> None:
        reader, writer = os.pipe()
        # The same number again after a crash. A server that looked for a free one itself would take the lowest, which that of
        # another test has just left and wants back.
        wanted = self.number or str(random.randrange(1000, 50_000))
        server = subprocess.Popen(
            ["Xvfb", f":{wanted}", "-displayfd", str(writer), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
            pass_fds=[writer], stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        self.processes.append(server)
        with os.fdopen(reader, "rb") as pipe:
            self.number = pipe.readline().decode().strip()
        assert self.number, "Xvfb did not start"

    def start_manager(self) -> None:
        manager = self.run("openbox")

        def manages() -> bool:
            nonlocal manager
            if manager.poll() is not None:  # it gives up where the server is still busy with its first client
                manager = self.run("openbox")
            return b"window id" in self.out("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")

        until(manages)

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, env=self.environ, cwd=cwd,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def out(self, *command: str) -> bytes:
        return subprocess.run(command, env=self.environ, capture_output=True, timeout=10, check=False).stdout

    def xterm(self, title: str, shell: str = "sleep 600", cwd: Path | None = None) -> str:
        """Opens a terminal window with that title and returns its window id once it is in front."""
        self.run("xterm", "-T", title, "-e", "sh", "-c", shell, cwd=cwd)
        until(lambda: self.out("xdotool", "search", "--name", f"^{title}$"))
        window = self.out("xdotool", "search", "--name", f"^{title}$").split()[0].decode()
        until(lambda: self.out("xdotool", "getactivewindow").strip().decode() == window)
        return window

    def focus(self, window: str) -> None:
        self.out("xdotool", "windowactivate", "--sync", window)

    def kill_server(self) -> None:
        self.processes[0].kill()
        self.processes[0].wait()

    def stop(self) -> None:
        for process in reversed(self.processes):
            stop_process(process)
        self.processes.clear()


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    need("Xvfb", "openbox", "xterm", "xdotool", "xprop")
    desktop = Desktop()
    try:
        desktop.start_server()
        desktop.start_manager()
        yield desktop
    finally:
        desktop.stop()


@dataclass
class Tmux:
    """A tmux server of our own with one attached client."""

    folder: Path
    keyboard: int = -1

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("TMUX", "DISPLAY", "WAYLAND_DISPLAY")}
        return {**kept, "TMUX_TMPDIR": str(self.folder), "TERM": "xterm", "LC_ALL": "C.UTF-8"}

    def do(self, *command: str) -> str:
        command = ("tmux", *command)
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=10, check=False)
        return done.stdout.strip()

    def type(self, keys: str) -> None:
        os.write(self.keyboard, keys.encode())


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    need("tmux")
    tmux = Tmux(tmp_path)
    tmux.do("-f", "/dev/null", "new-session", "-d", "-s", "work", "-x", "80", "-y", "24", "sh")
    tmux.keyboard, slave = pty.openpty()
    client = subprocess.Popen(
        ["tmux", "attach", "-t", "work"], env=tmux.environ,
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )
    os.close(slave)
    # Somebody has to read what the client draws, or it stops at a full terminal.
    threading.Thread(target=_swallow, args=(tmux.keyboard,), daemon=True).start()
    try:
        until(lambda: tmux.do("list-clients"))
        yield tmux
    finally:
        tmux.do("kill-server")
        stop_process(client)
        os.close(tmux.keyboard)


def _swallow(terminal: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(terminal, 65536):
            pass


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A folder inside a git root called `röntgen`."""
    folder = tmp_path / "röntgen" / "src"
    folder.mkdir(parents=True)
    (tmp_path / "röntgen" / ".git").mkdir()
    return folder


