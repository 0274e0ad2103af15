"""macOS and Windows by stand-ins for what their systems and pywinctl answer."""

from __future__ import annotations

import ctypes
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from coach.core.errors import Unavailable
from coach.tracker import idle
from coach.tracker.idle import NativeIdle, native_idle_s, open_idle
from coach.tracker.windows import WindowsProbe

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


class Windows:
    """user32 and kernel32: the last input was at `last_ms` of a clock of 32 bits that now shows `ticks_ms`."""

    def __init__(self, last_ms: int, ticks_ms: int, works: bool = True) -> None:
        self.user32 = SimpleNamespace(GetLastInputInfo=self._last)
        self.kernel32 = SimpleNamespace(GetTickCount=lambda: ctypes.c_int(ticks_ms).value)
        self.last_ms, self.works = last_ms, works

    def _last(self, info: Any) -> int:
        assert info._obj.cbSize == 8
        info._obj.dwTime = self.last_ms
        return int(self.works)


@pytest.mark.parametrize(("last_ms", "ticks_ms", "works", "idle_s"), [
    (1_000, 61_500, True, 60.5),
    (2**32 - 2_000, 3_000, True, 5.0),  # the clock began anew after 49.7 days
    (2**31 + 1_000, 2**31 + 4_000, True, 3.0),  # a tick count that ctypes reads as negative
    (1_000, 61_500, False, 0.0),
])
def test_idle_time_of_windows(monkeypatch: pytest.MonkeyPatch, last_ms: int, ticks_ms: int, works: bool, idle_s: float) -> None:
    monkeypatch.setattr(idle.sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", Windows(last_ms, ticks_ms, works), raising=False)
    assert native_idle_s() == pytest.approx(idle_s)


def test_idle_time_of_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    class Seconds:
        restype = argtypes = None

        def __call__(self, state: int, kind: int) -> float:
            asked.append((state, kind))
            return 42.5

    monkeypatch.setattr(idle.sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda path: SimpleNamespace(CGEventSourceSecondsSinceLastEventType=Seconds()))
    source = open_idle({})
    assert isinstance(source, NativeIdle)
    assert (source.name, source.idle_s(), asked) == ("system", 42.5, [(1, 0xFFFFFFFF)])


def test_elsewhere_there_is_no_system_wide_idle_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle.sys, "platform", "linux")
    assert native_idle_s() == 0.0
    with pytest.raises(Unavailable):
        NativeIdle({})


class Window:
    def __init__(self, title: str, app: str, pid: int) -> None:
        self.title, self._app, self._pid = title, app, pid

    def getAppName(self) -> str:
        return self._app

    def getPID(self) -> int:
        assert sys.platform != "darwin", "the question forks there"
        return self._pid


@pytest.mark.parametrize(("platform", "pid", "app"), [("darwin", 0, "Safari"), ("win32", 4, "firefox.exe")])
def test_pywinctls_window(monkeypatch: pytest.MonkeyPatch, platform: str, pid: int, app: str) -> None:
    import psutil

    window: list[Window | None] = [Window("News", app, pid)]
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr("coach.tracker.windows.native_idle_s", lambda: 7.0)
    monkeypatch.setitem(sys.modules, "pywinctl", SimpleNamespace(getActiveWindow=lambda: window[0]))
    monkeypatch.setattr(psutil, "Process", lambda number: SimpleNamespace(name=lambda: app))
    probe = WindowsProbe({})
    seen = probe.sample(NOW)
    assert seen is not None
    assert (seen.app, seen.title, seen.idle_s, probe.pid) == (app.lower().removesuffix(".exe"), "News", 7.0, pid)
    window[0] = None
    seen = probe.sample(NOW)
    assert seen is not None
    assert (seen.app, seen.idle_s) == ("", 7.0)


def test_what_pywinctl_throws_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise RuntimeError("a words of AppKit's")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setitem(sys.modules, "pywinctl", SimpleNamespace(getActiveWindow=fails))
    probe = WindowsProbe({})
    with pytest.raises(Unavailable, match="cannot be asked"):
        probe.sample(NOW)
