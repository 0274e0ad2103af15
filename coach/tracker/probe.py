"""What a probe is, and which one serves: X11 by events, pywinctl, tmux, the plain terminal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coach.core.errors import Unavailable
from coach.core.event import Sample

NAMES = ("x11", "pywinctl", "tmux", "tty")
"""Every probe, best first."""


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


ProbeSource = Callable[[], tuple[Probe | None, list[Finding]]]
"""Opens the best probe there is at the moment, and tells why not a better one."""


def choose(names: Sequence[str], environ: Mapping[str, str]) -> tuple[Probe | None, list[Finding]]:
    """The first probe that opens, with a finding for it and for each one tried before it.

    `names` in order of preference; empty means all of them."""
    findings: list[Finding] = []
    for name in names or NAMES:
        try:
            probe = _open(name, environ)
        except Unavailable as error:
            findings.append(Finding(name, False, error.message, error.hint))
        else:
            findings.append(Finding(name, True, _DETAILS[name]))
            return probe, findings
    return None, findings


_DETAILS = {
    "x11": "window changes arrive as events",
    "pywinctl": "the active window is asked for",
    "tmux": "the active pane is asked for every 5 s",
    "tty": "the foreground program of the terminal used last",
}


def _open(name: str, environ: Mapping[str, str]) -> Probe:
    # Each probe is imported only when it is tried: Xlib and pywinctl take 40 and 100 ms.
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
