"""Seconds since the last key or pointer movement on macOS and Windows, from the system itself."""

from __future__ import annotations

import sys


def native_idle_s() -> float:
    """0.0 where the platform has no cheap answer (X11 and the terminal probes bring their own)."""
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
