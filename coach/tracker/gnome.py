"""GNOME under Wayland: which window has the focus only an extension of the shell may tell, over the session bus.

Asked are the three that people have: Focused Window D-Bus, Window Calls Extended and Window Calls.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from coach.core.errors import Unavailable
from coach.core.event import Sample
from coach.tracker.bus import Bus, Refused
from coach.tracker.streams import Front

_SHELL = "org.gnome.Shell"
_FOCUSED = (_SHELL, "/org/gnome/shell/extensions/FocusedWindow", "org.gnome.shell.extensions.FocusedWindow")
_EXTENDED = (_SHELL, "/org/gnome/Shell/Extensions/WindowsExt", "org.gnome.Shell.Extensions.WindowsExt")
_CALLS = (_SHELL, "/org/gnome/Shell/Extensions/Windows", "org.gnome.Shell.Extensions.Windows")
_INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_MUTTER = ("org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor")

_HINT = "install the GNOME extension Focused Window D-Bus (extensions.gnome.org/extension/5592)"


class GnomeProbe:
    """Raises Unavailable outside GNOME and where none of the extensions is enabled."""

    name = "gnome"
    polls = True
    has_idle = False

    def __init__(self, environ: Mapping[str, str]) -> None:
        if "gnome" not in environ.get("XDG_CURRENT_DESKTOP", "").lower():
            raise Unavailable("no GNOME session (XDG_CURRENT_DESKTOP)", "other desktops have probes of their own")
        self.pid = 0
        self._woken = threading.Event()
        self._bus = Bus(environ)
        try:
            self._read = self._extension()
        except BaseException:
            self._bus.close()
            raise

    def sample(self, now: datetime) -> Sample | None:
        front = self._read()
        self.pid = front.pid if front else 0
        return Sample(now, self.name, front.app, front.title) if front else Sample(now, self.name)

    def wait(self, timeout_s: float) -> bool:
        self._woken.wait(timeout_s)
        return False

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        self._bus.close()

    def _extension(self) -> Callable[[], Front | None]:
        """The way to ask the first extension that is there."""
        ways = ((_FOCUSED, self._focused), (_EXTENDED, self._extended), (_CALLS, self._calls))
        for target, way in ways:
            try:
                (description,) = self._bus.ask((target[0], target[1], _INTROSPECTABLE), "Introspect")
            except Refused:
                continue
            if target[2] in description:
                return way
        raise Unavailable("GNOME under Wayland tells about windows through an extension only", _HINT)

    def _focused(self) -> Front | None:
        try:
            (text,) = self._bus.ask(_FOCUSED, "Get")
        except Refused:
            return None  # its answer when nothing has the focus
        return _front(_object(text))

    def _extended(self) -> Front | None:
        window: dict[str, Any] = {}
        for member, key in (("FocusClass", "wm_class"), ("FocusTitle", "title"), ("FocusPID", "pid")):
            try:
                (window[key],) = self._bus.ask(_EXTENDED, member)
            except Refused:
                return None
        return _front(window)

    def _calls(self) -> Front | None:
        (text,) = self._bus.ask(_CALLS, "List")
        try:
            windows = json.loads(text)
        except ValueError:
            return None
        window = next((w for w in windows if isinstance(w, dict) and w.get("focus")), None)
        if window is None:
            return None
        try:
            (title,) = self._bus.ask(_CALLS, "GetTitle", "u", int(window.get("id") or 0))
        except Refused:
            title = ""  # closed between the two questions
        return _front({**window, "title": title})


class MutterIdle:
    """Mutter's own idle monitor, X11 or Wayland. Raises Unavailable elsewhere."""

    name = "mutter"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._bus = Bus(environ)
        try:
            self.idle_s()
        except BaseException:
            self._bus.close()
            raise

    def idle_s(self) -> float:
        (idle_ms,) = self._bus.ask(_MUTTER, "GetIdletime")
        return float(idle_ms) / 1000

    def close(self) -> None:
        self._bus.close()


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _front(window: Mapping[str, Any]) -> Front | None:
    app = window.get("wm_class") or window.get("wm_class_instance")
    title, pid = str(window.get("title") or ""), str(window.get("pid") or 0)
    if not app and not title:
        return None
    return Front(str(app or "unknown").lower(), title, int(pid) if pid.isdigit() else 0)
