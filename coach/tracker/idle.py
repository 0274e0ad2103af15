"""Seconds since the last key or pointer movement, for window probes that do not know it themselves."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from coach.core.errors import Unavailable

LOGIND_EVERY_S = 5.0


class IdleSource(Protocol):
    """One way to learn of input. Each method may raise Unavailable when the source has gone for good."""

    name: str

    def idle_s(self) -> float: ...

    def close(self) -> None: ...


def open_idle(environ: Mapping[str, str]) -> IdleSource:
    """The best source there is here. Raises Unavailable with the reasons when there is none."""
    ways: tuple[Callable[[Mapping[str, str]], IdleSource], ...] = (_wayland, _mutter, LogindIdle)
    if sys.platform in ("win32", "darwin"):
        ways = (NativeIdle,)
    reasons: list[str] = []
    for way in ways:
        try:
            return way(environ)
        except Unavailable as error:
            reasons.append(error.message)
    raise Unavailable("; ".join(reasons), "without one nobody counts as idle here; `coach pause` before you leave")


def _wayland(environ: Mapping[str, str]) -> IdleSource:
    from coach.tracker.wayland import WaylandIdle

    return WaylandIdle(environ)


def _mutter(environ: Mapping[str, str]) -> IdleSource:
    if "gnome" not in environ.get("XDG_CURRENT_DESKTOP", "").lower():
        raise Unavailable("not GNOME", "its idle monitor is asked there")
    from coach.tracker.gnome import MutterIdle

    return MutterIdle(environ)


class LogindIdle:
    """The session's IdleHint (org.freedesktop.login1), which the desktop has to set. Raises Unavailable without logind."""

    name = "logind"

    def __init__(self, environ: Mapping[str, str]) -> None:
        from coach.tracker.bus import Bus

        self._bus = Bus(environ, system=True)
        self._asked_at = float("-inf")
        self._idle_at: float | None = None
        try:
            self.idle_s()
        except BaseException:
            self._bus.close()
            raise

    def idle_s(self) -> float:
        now_s = time.monotonic()
        if now_s - self._asked_at >= LOGIND_EVERY_S:
            self._asked_at = now_s
            is_idle, since_us = self._property("IdleHint"), self._property("IdleSinceHintMonotonic")
            # The hint's clock is CLOCK_MONOTONIC, as this one is.
            self._idle_at = since_us / 1e6 if is_idle else None
        return max(0.0, now_s - self._idle_at) if self._idle_at is not None else 0.0

    def close(self) -> None:
        self._bus.close()

    def _property(self, name: str) -> float:
        target = ("org.freedesktop.login1", "/org/freedesktop/login1/session/auto", "org.freedesktop.DBus.Properties")
        (answer,) = self._bus.ask(target, "Get", "ss", "org.freedesktop.login1.Session", name)
        return float(answer.value)


class NativeIdle:
    """macOS and Windows, from the system itself. Raises Unavailable elsewhere."""

    name = "system"

    def __init__(self, environ: Mapping[str, str]) -> None:
        if sys.platform not in ("win32", "darwin"):
            raise Unavailable("no system-wide idle time", "the desktop's own is asked")

    def idle_s(self) -> float:
        return native_idle_s()

    def close(self) -> None:
        """Nothing is held."""


def native_idle_s() -> float:
    """0.0 where the platform has no cheap answer."""
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "darwin":
        return _macos()
    return 0.0


def _windows() -> float:
    """GetLastInputInfo and GetTickCount, both in milliseconds that wrap after 49.7 days."""
    import ctypes  # only here: 10 ms

    class LastInputInfo(ctypes.Structure):
        _fields_ = (("cbSize", ctypes.c_uint), ("dwTime", ctypes.c_uint))

    info = LastInputInfo(cbSize=ctypes.sizeof(LastInputInfo))
    windll = ctypes.windll  # type: ignore[attr-defined,unused-ignore]
    if not windll.user32.GetLastInputInfo(ctypes.byref(info)):
        return 0.0
    return float((windll.kernel32.GetTickCount() - info.dwTime) & 0xFFFFFFFF) / 1000


def _macos() -> float:
    """CGEventSourceSecondsSinceLastEventType(kCGEventSourceStateHIDSystemState, kCGAnyInputEventType)."""
    import ctypes  # only here: 10 ms

    graphics = ctypes.CDLL("/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics")
    ask = graphics.CGEventSourceSecondsSinceLastEventType
    ask.restype, ask.argtypes = ctypes.c_double, (ctypes.c_int32, ctypes.c_uint32)
    return max(0.0, float(ask(1, 0xFFFFFFFF)))
