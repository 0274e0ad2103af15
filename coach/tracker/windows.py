"""The pywinctl probe: macOS and Windows, and X11 where the event-driven probe cannot serve."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coach.core.errors import Unavailable
from coach.core.event import Sample
from coach.tracker.idle import native_idle_s
from coach.tracker.probe import Polling, is_wayland


class WindowsProbe(Polling):
    name = "pywinctl"
    has_idle = not sys.platform.startswith("linux")

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self.pid = 0
        if sys.platform.startswith("linux"):
            _check_linux(environ)
        self._windows = _import()
        if sys.platform.startswith("linux") and self._active() is None:
            raise Unavailable("no active window is reported", "is a window manager running?")

    def sample(self, now: datetime) -> Sample | None:
        window = self._active()
        self.pid = 0
        if window is None:
            return Sample(at=now, source=self.name, idle_s=native_idle_s())
        self.pid = _pid(window)
        return Sample(now, self.name, _app(window, self.pid), window.title or "", idle_s=native_idle_s())

    def _active(self) -> Any:
        try:
            return self._windows.getActiveWindow()
        except Exception as error:
            # The library lets errors of Xlib, AppKit and child processes through as they come.
            raise Unavailable("the active window cannot be asked for", "see `coach doctor`") from error


def _check_linux(environ: Mapping[str, str]) -> None:
    """The conditions under which importing pywinctl is safe: without a display it raises, without xrandr it exits."""
    if not environ.get("DISPLAY"):
        raise Unavailable("no X11 display (DISPLAY is not set)", "in a terminal, tmux and tty are used instead")
    if is_wayland(environ):
        raise Unavailable("a Wayland session: pywinctl does not see its windows", "an Xorg session shows every window")
    if shutil.which("xrandr") is None:
        raise Unavailable("pywinctl needs the program xrandr", "install it, for example the package x11-xserver-utils")


def _import() -> Any:
    try:
        import pywinctl  # 100 ms, and only where no better probe works
    except (Exception, SystemExit) as error:
        # Its import raises whatever the platform throws, and may exit.
        raise Unavailable(f"pywinctl does not load here ({type(error).__name__})", "see `coach doctor`") from error
    return pywinctl


def _pid(window: Any) -> int:
    """0 on macOS, where the question forks, and where the window does not say."""
    return 0 if sys.platform == "darwin" else int(window.getPID() or 0)


def _app(window: Any, pid: int) -> str:
    """The program's name. On Linux `getAppName` forks `ps`, which may write to stderr."""
    if sys.platform == "darwin":
        return str(window.getAppName() or "unknown").lower()
    import psutil  # 20 ms, with this probe only

    try:
        return psutil.Process(pid).name().lower().removesuffix(".exe") if pid else "unknown"
    except (psutil.Error, ValueError):
        return "unknown"
