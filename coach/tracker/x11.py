"""The X11 probe: the server reports window and title changes; nothing is polled and no child process is made."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any

from coach.core.errors import Unavailable
from coach.core.event import Sample
from coach.tracker import procs
from coach.tracker.probe import is_wayland
from coach.tracker.x11_idle import EXTENSION, Idle

DEBOUNCE_S = 0.2
"""Window managers report "no window" between two windows; it counts when it lasts this long."""
TITLE_EVERY_S = 1.0
"""A title that changes all the time (a spinner, a clock) is looked at this often."""
_BURST_S = 0.01
"""A switch is told in several events a millisecond apart; they are read at once."""
_WINDOWS = 256  # windows whose program is remembered
_TEXT_WORDS = 4096  # 32-bit words of a title that are asked for: 16 kB
_PID_OF_CLIENT = 2  # XResClientIdMask: the local process


@dataclass(frozen=True, slots=True)
class _Front:
    """The active window as last read."""

    window: Any
    app: str
    title: str
    pid: int


class X11Probe:
    """Raises Unavailable without a server, without a window manager that names the active window, and under Wayland,
    where X11 sees neither native windows nor the keyboard."""

    name = "x11"
    polls = False
    has_idle = True

    def __init__(self, environ: Mapping[str, str]) -> None:
        display = environ.get("DISPLAY", "")
        if not display:
            raise Unavailable("no X11 display (DISPLAY is not set)", "in a terminal, tmux and tty are used instead")
        if is_wayland(environ):
            raise Unavailable("a Wayland session: X11 does not see its windows", "an Xorg session shows every window")
        self._name = display
        self._idle: Idle | None = None
        self._display = _connect(display)
        self._wakes, self._waker = socket.socketpair()
        self._front: _Front | None = None
        self._known: dict[int, tuple[str, int]] = {}
        self._watched: Any = None
        self._empty_since: float | None = None
        self._title_seen_at = 0.0
        self._title_stale = self._all_read = False
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        from Xlib import X  # 40 ms, and only where there is a display

        with _server():
            self._display.set_error_handler(_ignore)
            self._root = self._display.screen().root
            atom = self._display.intern_atom
            self._active, self._net_name = atom("_NET_ACTIVE_WINDOW"), atom("_NET_WM_NAME")
            self._wm_name, self._net_pid = atom("WM_NAME"), atom("_NET_WM_PID")
            supported = self._root.get_full_property(atom("_NET_SUPPORTED"), X.AnyPropertyType)
            if supported is None or self._active not in supported.value:
                raise Unavailable("no window manager says which window is active", "is one running?")
            if self._display.has_extension(EXTENSION):
                self._idle = Idle(_connect(self._name))
            self._has_pids = bool(self._display.has_extension("X-Resource"))
            self._root.change_attributes(event_mask=X.PropertyChangeMask)
            self._look_at_active()
            self._empty_since = None

    def sample(self, now: datetime) -> Sample | None:
        with _server():
            idle_s = self._idle.idle_s() if self._idle else 0.0
            if not self._all_read or select.select([self._display.fileno()], [], [], 0)[0]:
                self._drain()
            if self._title_stale and self._front:
                self._read_front(self._front.window)
        front = self._front
        if front is None:
            return Sample(at=now, source=self.name, idle_s=idle_s)
        return Sample(now, self.name, front.app, front.title, idle_s=idle_s)

    @property
    def pid(self) -> int:
        return self._front.pid if self._front else 0

    def wait(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        with _server():
            while True:
                if not self._all_read and self._drain():
                    return True
                left_s = min(deadline, self._next_look()) - time.monotonic()
                if left_s <= 0:
                    return self._look_is_due()
                ready, _, _ = select.select([self._display.fileno(), self._wakes], [], [], left_s)
                if self._wakes in ready:
                    self._wakes.recv(1)
                    return False
                if ready:
                    self._all_read = False
                    time.sleep(_BURST_S)

    def wake(self) -> None:
        self._waker.send(b"!")

    def close(self) -> None:
        # The connection is given up, in whatever state the library left it.
        with suppress(Exception):
            self._display.close()
        if self._idle:
            with suppress(Exception):
                self._idle.close()
        self._wakes.close()
        self._waker.close()

    def _drain(self) -> bool:
        """Reads every event that has arrived; True when another window is in front now."""
        from Xlib import X

        switched = False
        while waiting := self._display.pending_events():
            for _ in range(waiting):  # asking the socket again for each of them would cost as much as reading it
                event = self._display.next_event()
                if event.type == X.DestroyNotify:
                    self._known.pop(event.window.id, None)
                if event.type == X.DestroyNotify and event.window == self._watched:
                    # Some window managers go on naming a window that is gone, when it was the last one.
                    self._is_empty()
                if event.type != X.PropertyNotify:
                    continue
                if event.window == self._root and event.atom == self._active:
                    switched = True
                elif event.window == self._watched and event.atom in (self._net_name, self._wm_name):
                    self._title_stale = True
        self._all_read = True
        return switched and self._look_at_active()

    def _next_look(self) -> float:
        """When something becomes worth reporting without another event (monotonic seconds)."""
        looks = [float("inf")]
        if self._empty_since is not None:
            looks.append(self._empty_since + DEBOUNCE_S)
        if self._title_stale:
            looks.append(self._title_seen_at + TITLE_EVERY_S)
        return min(looks)

    def _look_is_due(self) -> bool:
        now = time.monotonic()
        if self._empty_since is not None and now >= self._empty_since + DEBOUNCE_S:
            self._empty_since, self._front = None, None
            return True
        return self._title_stale and now >= self._title_seen_at + TITLE_EVERY_S

    def _look_at_active(self) -> bool:
        """Reads which window is active. None of them starts the debounce; the last one stays in front meanwhile."""
        from Xlib import X

        self._all_read = False  # answers bring events along
        value = self._root.get_full_property(self._active, X.AnyPropertyType)
        window_id = value.value[0] if value is not None and len(value.value) else X.NONE
        if window_id == X.NONE or not self._read_front(self._display.create_resource_object("window", window_id)):
            self._is_empty()
            return False
        self._empty_since = None
        return True

    def _is_empty(self) -> None:
        """Nothing seems to be in front; it counts when that lasts."""
        if self._front is not None and self._empty_since is None:
            self._empty_since = time.monotonic()

    def _read_front(self, window: Any) -> bool:
        """Makes a window the one in front; False when it is already gone."""
        from Xlib import X
        from Xlib.error import XError

        self._all_read = False
        try:
            if window != self._watched:
                window.change_attributes(event_mask=X.PropertyChangeMask | X.StructureNotifyMask)
                if self._watched is not None:
                    # Its end is still told: its number may come back as another window's.
                    self._watched.change_attributes(event_mask=X.StructureNotifyMask)
                self._watched = window
            title = self._text(window, self._net_name) or self._text(window, self._wm_name)
            app, pid = self._known.get(window.id) or self._program(window)
        except XError:
            # The window died between the event and the question; the next event names its successor.
            self._title_stale = False
            return False
        self._front = _Front(window, app, title, pid)
        self._title_seen_at, self._title_stale = time.monotonic(), False
        return True

    def _program(self, window: Any) -> tuple[str, int]:
        """The application and the process behind a window, asked once: neither changes while it lives."""
        wm_class, pid = window.get_wm_class(), self._pid(window)
        process = procs.read(pid) if pid and not wm_class else None
        app = (wm_class[1] or wm_class[0]) if wm_class else (process.name if process else "unknown")
        if len(self._known) >= _WINDOWS:
            self._known.clear()
        if wm_class:  # a window that is still being made has no name yet
            self._known[window.id] = (app.lower(), pid)
        return app.lower(), pid

    def _text(self, window: Any, atom: int) -> str:
        from Xlib import X

        reply = window.get_property(atom, X.AnyPropertyType, 0, _TEXT_WORDS)
        value = reply.value if reply is not None else b""
        if not isinstance(value, bytes):
            return ""
        return value.decode("latin-1" if atom == self._wm_name and not _is_utf8(value) else "utf-8", "replace")

    def _pid(self, window: Any) -> int:
        """The local process behind a window: from the server, which knows the socket's other end, else as it claims."""
        from Xlib import X

        if self._has_pids:
            reply = self._display.res_query_client_ids([{"client": window.id, "mask": _PID_OF_CLIENT}])
            for entry in reply.ids:
                if entry.value:
                    return int(entry.value[0])
        claimed = window.get_full_property(self._net_pid, X.AnyPropertyType)
        return int(claimed.value[0]) if claimed is not None and len(claimed.value) else 0


def _connect(display: str) -> Any:
    from Xlib import display as xdisplay
    from Xlib import error, xauth  # 40 ms, and only where there is a display

    # The library prints a warning about a missing authority file, which would land in the middle of the app.
    xauth.print = _ignore
    # A local server is asked through its socket file only: the library would go on to try TCP port 6000.
    name = f"unix/{display}" if display.startswith(":") else display
    try:
        return xdisplay.Display(name)
    except (error.DisplayError, error.XauthError, error.ConnectionClosedError, OSError) as failure:
        raise Unavailable(f"no answer from the X server {display}", "check DISPLAY and XAUTHORITY") from failure


class _server:  # noqa: N801  read as the statement that it makes of a block
    """Turns the ways in which a dead server shows itself into one clear error."""

    def __enter__(self) -> None:
        """Nothing is opened: a class, because as a generator it would cost more than most looks do."""

    def __exit__(self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None) -> None:
        if failure is None:
            return
        from Xlib import error

        if isinstance(failure, error.ConnectionClosedError | OSError | ValueError):
            # ValueError: select on the file descriptor -1 of a connection that is closed already.
            raise Unavailable("the X server went away", "tracking resumes when it is back") from failure


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _ignore(*_: object) -> None:
    """In place of the library's printing handlers: a window that died has nothing to say."""


