"""Idle time from a Wayland compositor: ext-idle-notify-v1, or KDE's older protocol, which sway up to 1.8 has.

The compositor says when there has been no input for a second, and when there is some again; nothing else is asked for.
Messages are words of 32 bits (wayland.freedesktop.org/docs/html, "Wire Format"). The library pywayland has wheels for
one kind of machine only and would need a compiler on all others, for the five requests that are made here.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from coach.core.errors import Unavailable
from coach.tracker.streams import ANSWER_TIMEOUT_S, connect

NOTICED_AFTER_S = 1.0
"""So long without input before the compositor says so; it said nothing since: there was input a moment ago."""
_DISPLAY, _REGISTRY, _LISTED, _SEAT, _NOTIFIER, _NOTIFICATION = 1, 2, 3, 4, 5, 6
_HEAD = struct.Struct("=II")
_EXT, _KDE = "ext_idle_notifier_v1", "org_kde_kwin_idle"


class WaylandIdle:
    """Raises Unavailable without a compositor, and with one that does not tell about input (GNOME's)."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._end = connect(_path(environ), "the Wayland compositor")
        self._unread = b""
        self._idle_at: float | None = None
        try:
            self._begin()
        except OSError as error:
            self.close()
            raise _gone() from error
        except BaseException:
            self.close()
            raise

    def idle_s(self) -> float:
        """Seconds since the last key, pointer or touch; 0.0 in the first second after one."""
        try:
            while True:
                self._read(self._end.recv(4096))
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            raise _gone() from error
        return time.monotonic() - self._idle_at if self._idle_at is not None else 0.0

    def close(self) -> None:
        self._end.close()

    def _begin(self) -> None:
        self._send(_DISPLAY, 1, _REGISTRY)  # wl_display.get_registry
        self._send(_DISPLAY, 0, _LISTED)  # wl_display.sync: answered after the list of globals
        found: dict[str, tuple[int, int]] = {}
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        listed = False
        while not listed:
            if time.monotonic() > deadline:
                raise _gone()
            for sender, event, body in self._messages(self._end.recv(65_536)):
                if sender == _REGISTRY and event == 0:
                    number, interface, version = _global(body)
                    found.setdefault(interface, (number, version))
                listed = listed or sender == _LISTED
        self.name = "ext-idle-notify" if _EXT in found else "kde-idle"
        interface = _EXT if _EXT in found else _KDE
        if interface not in found or "wl_seat" not in found:
            raise Unavailable("the Wayland compositor does not tell about input", "GNOME's own interface is tried next")
        version = min(found[interface][1], 2)
        self._bind(found["wl_seat"][0], "wl_seat", 1, _SEAT)
        self._bind(found[interface][0], interface, version if interface == _EXT else 1, _NOTIFIER)
        after_ms = int(NOTICED_AFTER_S * 1000)
        if interface == _EXT:
            # The second version can leave out what inhibits the screen saver: a film is no input.
            self._send(_NOTIFIER, 2 if version >= 2 else 1, _NOTIFICATION, after_ms, _SEAT)
        else:
            self._send(_NOTIFIER, 0, _NOTIFICATION, _SEAT, after_ms)
        self._end.setblocking(False)

    def _bind(self, number: int, interface: str, version: int, new_id: int) -> None:
        text = interface.encode() + b"\0"
        body = struct.pack("=II", number, len(text)) + text + b"\0" * (-len(text) % 4)
        self._write(_REGISTRY, 0, body + struct.pack("=II", version, new_id))

    def _send(self, target: int, request: int, *words: int) -> None:
        self._write(target, request, struct.pack(f"={len(words)}I", *words))

    def _write(self, target: int, request: int, body: bytes) -> None:
        self._end.sendall(_HEAD.pack(target, (_HEAD.size + len(body)) << 16 | request) + body)

    def _read(self, received: bytes) -> None:
        for sender, event, _ in self._messages(received):
            if sender == _NOTIFICATION:
                self._idle_at = time.monotonic() - NOTICED_AFTER_S if event == 0 else None
            elif sender == _DISPLAY and event == 0:  # an error is the compositor's last word
                raise _gone()

    def _messages(self, received: bytes) -> Iterator[tuple[int, int, bytes]]:
        """(object, event, arguments) of each whole message; the rest is kept."""
        if not received:
            raise _gone()
        self._unread += received
        while len(self._unread) >= _HEAD.size:
            sender, word = _HEAD.unpack_from(self._unread)
            size = word >> 16
            if size < _HEAD.size:
                raise _gone()
            if len(self._unread) < size:
                return
            body, self._unread = self._unread[_HEAD.size : size], self._unread[size:]
            yield sender, word & 0xFFFF, body


def _global(body: bytes) -> tuple[int, str, int]:
    """wl_registry.global: a number, the interface's name, its version."""
    number, length = struct.unpack_from("=II", body)
    (version,) = struct.unpack_from("=I", body, 8 + length + -length % 4)
    return number, body[8 : 8 + length].rstrip(b"\0").decode("ascii", "replace"), version


def _path(environ: Mapping[str, str]) -> Path:
    name = environ.get("WAYLAND_DISPLAY", "")
    if not name:
        raise Unavailable("no Wayland session (WAYLAND_DISPLAY is not set)", "X11 and terminals tell idle time themselves")
    return Path(environ.get("XDG_RUNTIME_DIR") or "/nonexistent") / name  # an absolute name stays as it is


def _gone() -> Unavailable:
    return Unavailable("the Wayland compositor went away", "tracking resumes when it is back")
