"""What a probe is, and which one serves: the compositor's own, X11 by events, pywinctl, tmux, the plain terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coach.core.errors import Unavailable
from coach.core.event import Sample

NAMES = ("sway", "hyprland", "kwin", "gnome", "x11", "i3", "pywinctl", "tmux", "tty")
"""Every probe, best first."""
WINDOWS = frozenset(NAMES) - {"tmux", "tty"}
"""Those that see windows."""
_MARKS = {
    "sway": "SWAYSOCK", "hyprland": "HYPRLAND_INSTANCE_SIGNATURE", "i3": "I3SOCK", "kwin": "XDG_CURRENT_DESKTOP=kde",
    "gnome": "XDG_CURRENT_DESKTOP=gnome",
}
"""Probes that nobody misses where their desktop does not run."""


class Probe(Protocol):
    """One way to see what is in front. Each method may raise Unavailable when the source has gone for good."""

    name: str
    polls: bool
    """Whether it has to be asked again and again; False where the source reports changes by itself."""

    def sample(self, now: datetime) -> Sample | None:
        """What is in front. An empty `app` means nothing is; None means that it cannot be told just now.

        `at` is the time of the look, which a probe with a costly look may repeat for a few seconds."""
        ...

    def wait(self, timeout_s: float) -> bool:
        """Blocks for at most `timeout_s`, less when something changed; True if it did."""
        ...

    def wake(self) -> None:
        """Called from another thread: makes `wait` return at once."""
        ...

    def close(self) -> None: ...


class WindowProbe(Probe, Protocol):
    """A probe of windows. `pid` is the process in front, 0 where it is not known."""

    has_idle: bool
    """Whether its samples tell idle time."""

    @property
    def pid(self) -> int: ...


class Polling:
    """The waiting of a probe that has to ask, and holds nothing open."""

    polls = True

    def __init__(self) -> None:
        self._woken = threading.Event()

    def wait(self, timeout_s: float) -> bool:
        self._woken.wait(timeout_s)
        return False

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one probe works on this machine; `detail` and `hint` are for `coach doctor`."""

    name: str
    ok: bool
    detail: str
    hint: str = ""
    may_return: bool = True
    """Whether a new try can succeed without a new environment."""


ProbeSource = Callable[[], tuple[Probe | None, list[Finding]]]
"""Opens the best probe there is at the moment, and tells why not a better one."""


def choose(names: Sequence[str], environ: Mapping[str, str]) -> tuple[Probe | None, list[Finding]]:
    """The first probe that opens, with a finding for it and for each one tried before it.

    `names` in order of preference; empty means all of them."""
    findings: list[Finding] = []
    for name in names or NAMES:
        is_here = _is_here(name, environ)
        if name in _MARKS and not is_here and not names:
            continue
        try:
            probe = _open(name, environ)
        except Unavailable as error:
            findings.append(Finding(name, False, error.message, error.hint, is_here))
        else:
            findings.append(Finding(name, True, _DETAILS[name]))
            return probe, findings
    return None, findings


def is_wayland(environ: Mapping[str, str]) -> bool:
    """Whether X11, if it is there at all, sees only some of the windows."""
    return bool(environ.get("WAYLAND_DISPLAY")) or environ.get("XDG_SESSION_TYPE") == "wayland"


def _is_here(name: str, environ: Mapping[str, str]) -> bool:
    """Whether the environment, which does not change, lets a probe work at all."""
    if name in ("x11", "pywinctl") and sys.platform.startswith("linux"):
        return bool(environ.get("DISPLAY")) and not is_wayland(environ)
    variable, _, value = _MARKS.get(name, "").partition("=")
    return not variable or (value in environ.get(variable, "").lower() if value else bool(environ.get(variable)))


_DETAILS = {
    "sway": "window changes arrive as events",
    "hyprland": "window changes arrive as events",
    "kwin": "a script in KWin reports window changes",
    "gnome": "an extension of the shell is asked for the window",
    "i3": "window changes arrive as events",
    "x11": "window changes arrive as events",
    "pywinctl": "the active window is asked for",
    "tmux": "the active pane is asked for every 5 s",
    "tty": "the foreground program of the terminal used last",
}


def _open(name: str, environ: Mapping[str, str]) -> Probe:
    # Each probe is imported only when it is tried: Xlib, pywinctl and D-Bus take 40, 100 and 150 ms.
    if name in ("sway", "i3"):
        from coach.tracker.i3 import I3Probe

        return I3Probe(environ, name)
    if name == "hyprland":
        from coach.tracker.hyprland import HyprlandProbe

        return HyprlandProbe(environ)
    if name == "kwin":
        from coach.tracker.kwin import KwinProbe

        return KwinProbe(environ)
    if name == "gnome":
        from coach.tracker.gnome import GnomeProbe

        return GnomeProbe(environ)
    if name == "x11":
        from coach.tracker.x11 import X11Probe

        return X11Probe(environ)
    if name == "pywinctl":
        from coach.tracker.windows import WindowsProbe

        return WindowsProbe(environ)
    if name == "tmux":
        from coach.tracker.tmux import TmuxProbe

        return TmuxProbe(environ)
    if name == "tty":
        from coach.tracker.tty import TtyProbe

        return TtyProbe()
    raise Unavailable(f"no probe is called {name!r}", f"tracking.probes takes {', '.join(NAMES)}")
