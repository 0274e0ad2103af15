"""sway, i3 and Hyprland: against stubs of their sockets, and sway itself without a screen where it is installed."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coach.core.errors import Unavailable
from coach.tracker import combine
from coach.tracker.hyprland import HyprlandProbe
from coach.tracker.i3 import I3Probe
from coach.tracker.probe import Probe, choose
from coach.tracker.wayland import WaylandIdle
from tests.tracker.surroundings import need, stop_process, until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="compositors of Linux")

HEAD = struct.Struct("=6sII")


def look(probe: Probe) -> tuple[str, str]:
    seen = probe.sample(datetime.now(UTC))
    assert seen is not None
    return seen.app, seen.title


class Stub:
    """A Unix socket that answers each connection in a thread of its own."""

    def __init__(self, path: Path, serve: Callable[[socket.socket], None]) -> None:
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        self.serve = serve
        self.ends: list[socket.socket] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                end, _ = self.listener.accept()
            except OSError:
                return
            self.ends.append(end)
            threading.Thread(target=self._serve, args=(end,), daemon=True).start()

    def _serve(self, end: socket.socket) -> None:
        with suppress(OSError):
            self.serve(end)

    def close(self) -> None:
        # A thread that waits in accept keeps the socket until it is shut down.
        for end in (self.listener, *self.ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class I3Stub(Stub):
    """i3-ipc(7): answers subscriptions and trees; `tell` sends an event."""

    def __init__(self, path: Path) -> None:
        self.focused: dict[str, Any] | None = None
        self.listeners: list[socket.socket] = []
        self.trees = 0
        super().__init__(path, self._answer)

    def _answer(self, end: socket.socket) -> None:
        while head := end.recv(HEAD.size, socket.MSG_WAITALL):
            _, length, kind = HEAD.unpack(head)
            end.recv(length, socket.MSG_WAITALL) if length else b""
            if kind == 2:
                self.listeners.append(end)
                self.send(end, kind, {"success": True})
            else:
                self.trees += 1
                leaves = [{"type": "con", "nodes": [], **self.focused, "focused": True}] if self.focused else []
                space = {"type": "workspace", "focused": not leaves, "nodes": leaves, "floating_nodes": []}
                self.send(end, kind, {"type": "root", "nodes": [{"type": "output", "nodes": [space]}]})

    def send(self, end: socket.socket, kind: int, body: object) -> None:
        data = json.dumps(body).encode()
        message = HEAD.pack(b"i3-ipc", len(data), kind) + data
        for at in range(0, len(message), 7):  # in pieces, as a socket may deliver it
            end.sendall(message[at : at + 7])

    def tell(self, change: str, kind: int = 3) -> None:
        for end in self.listeners:
            self.send(end, 0x8000_0000 | kind, {"change": change, "container": {}})


@pytest.fixture
def i3(tmp_path: Path) -> Iterator[I3Stub]:
    stub = I3Stub(tmp_path / "ipc")
    yield stub
    stub.close()


def test_sway_and_i3_tell_what_has_the_focus(i3: I3Stub, tmp_path: Path) -> None:
    probe = I3Probe({"SWAYSOCK": str(tmp_path / "ipc")})
    try:
        assert look(probe) == ("", "")
        i3.focused = {"app_id": "Foot", "name": "röntgen", "pid": 77}
        i3.tell("focus")
        assert probe.wait(5)
        assert (look(probe), probe.pid) == (("foot", "röntgen"), 77)
        i3.focused = {"app_id": None, "window": 5, "window_properties": {"class": "Firefox"}, "name": "News", "pid": 78}
        i3.tell("focus")
        assert probe.wait(5)
        assert (look(probe), probe.pid) == (("firefox", "News"), 78)
        i3.focused = None
        i3.tell("focus", kind=0)
        assert probe.wait(5)
        assert (look(probe), probe.pid) == (("", ""), 0)
    finally:
        probe.close()


def test_a_spinning_title_asks_once_a_second(i3: I3Stub, tmp_path: Path) -> None:
    i3.focused = {"app_id": "foot", "name": "|", "pid": 1}
    probe = I3Probe({"I3SOCK": str(tmp_path / "ipc")}, "i3")
    try:
        look(probe)
        before, began = i3.trees, time.monotonic()
        while time.monotonic() - began < 1.5:
            i3.tell("title")
            probe.wait(0.02)
        assert i3.trees - before <= 1 + time.monotonic() - began
    finally:
        probe.close()


def test_wake_ends_a_wait(i3: I3Stub, tmp_path: Path) -> None:
    probe = I3Probe({"SWAYSOCK": str(tmp_path / "ipc")})
    look(probe)
    began = time.monotonic()
    threading.Timer(0.1, probe.wake).start()
    assert not probe.wait(20)
    assert time.monotonic() - began < 5
    probe.close()


def test_a_compositor_that_ends_or_talks_nonsense_is_unavailable(i3: I3Stub, tmp_path: Path) -> None:
    probe = I3Probe({"SWAYSOCK": str(tmp_path / "ipc")})
    i3.listeners[0].sendall(b"not the protocol at all")
    with pytest.raises(Unavailable, match="protocol"):
        probe.wait(5)
    probe.close()
    other = I3Probe({"SWAYSOCK": str(tmp_path / "ipc")})
    i3.close()
    with pytest.raises(Unavailable, match="went away"):
        other.wait(5)
    other.close()
    _, findings = choose(("sway",), {"SWAYSOCK": str(tmp_path / "ipc")})
    assert (findings[0].ok, findings[0].may_return) == (False, True)
    _, findings = choose(("sway",), {})
    assert (findings[0].ok, findings[0].may_return) == (False, False)


def test_hyprland_tells_what_has_the_focus(tmp_path: Path) -> None:
    folder = tmp_path / "hypr" / "abc"
    folder.mkdir(parents=True)
    window: dict[str, Any] = {}
    told = Stub(folder / ".socket2.sock", lambda end: time.sleep(30))

    def answer(end: socket.socket) -> None:
        assert end.recv(100) == b"j/activewindow"
        end.sendall(json.dumps(window).encode())
        end.close()

    asked = Stub(folder / ".socket.sock", answer)
    probe = HyprlandProbe({"XDG_RUNTIME_DIR": str(tmp_path), "HYPRLAND_INSTANCE_SIGNATURE": "abc"})
    try:
        assert look(probe) == ("", "")
        window.update({"class": "kitty", "title": "plan, part >> 2", "pid": 12})
        until(lambda: told.ends)  # connected is not yet accepted
        told.ends[0].sendall(b"activewindow>>kitty,plan, part >> 2\nactivewindowv2>>6")
        assert probe.wait(5)
        assert (look(probe), probe.pid) == (("kitty", "plan, part >> 2"), 12)
        window["title"] = "other"
        told.ends[0].sendall(b"4a0\nwindowtitlev2>>64a0,other\n")
        until(lambda: look(probe) == ("kitty", "other"), 5)
        window.clear()
        told.ends[0].sendall(b"closewindow>>64a0\n")
        assert probe.wait(5)
        assert look(probe) == ("", "")
        told.close()
        with pytest.raises(Unavailable):
            probe.wait(5)
    finally:
        probe.close()
        asked.close()


@contextmanager
def sway(folder: Path) -> Iterator[dict[str, str]]:
    """sway without a screen; it refuses to run as root, so root lends it to nobody."""
    need("sway", "swaymsg", "foot", "setpriv")
    folder.chmod(0o700)
    inside = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "WLR_BACKENDS": "headless",
        "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman", "SWAYSOCK": str(folder / "ipc"), "LC_ALL": "C.UTF-8",
    }
    (folder / "config").write_text("output HEADLESS-1 mode 800x600\n")
    as_nobody: list[str] = []
    if os.getuid() == 0:
        os.chown(folder, 65534, 65534)
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    command = [*as_nobody, "sway", "-c", str(folder / "config")]
    server = subprocess.Popen(command, env=inside, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: (folder / "ipc").exists() and (folder / "wayland-1").exists(), 10)
        yield {**inside, "WAYLAND_DISPLAY": "wayland-1"}
    finally:
        stop_process(server)


@pytest.mark.desktop
def test_sway_itself() -> None:
    import tempfile

    with tempfile.TemporaryDirectory(dir="/tmp") as name, sway(Path(name)) as environ:

        def foot(title: str) -> subprocess.Popen[bytes]:
            command = ["foot", "-T", title, "cat"]
            return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        probe, findings = combine.choose((), environ)
        assert probe is not None
        terminals = []
        try:
            assert [(f.name, f.ok) for f in findings] == [("sway", True), ("idle", True), ("terminal", True)]
            assert probe.name in ("sway + ext-idle-notify idle + terminal", "sway + kde-idle idle + terminal")
            terminals = [foot("first röntgen")]
            until(lambda: look(probe) == ("foot", "first röntgen"))
            until(lambda: (seen := probe.sample(datetime.now(UTC))) and seen.inside and seen.inside.app == "cat")
            terminals.append(foot("second"))
            until(lambda: look(probe) == ("foot", "second"))
            swaymsg = ["swaymsg", "-q", "-s", environ["SWAYSOCK"]]
            subprocess.run([*swaymsg, "focus left"], env=environ, check=True)
            assert probe.wait(5)
            assert look(probe) == ("foot", "first röntgen")
            until(lambda: (seen := probe.sample(datetime.now(UTC))) and seen.idle_s > 1)
            subprocess.run([*swaymsg, "seat seat0 cursor move 10 10"], env=environ, check=True)
            until(lambda: (seen := probe.sample(datetime.now(UTC))) and seen.idle_s == 0)
            subprocess.run([*swaymsg, "workspace 5"], env=environ, check=True)
            until(lambda: look(probe) == ("", ""))
        finally:
            probe.close()
            for terminal in terminals:
                stop_process(terminal)


class WaylandStub(Stub):
    """A compositor that has a seat and one idle protocol; `tell` sends idled (0) or resumed (1)."""

    def __init__(self, path: Path, interface: str, version: int) -> None:
        self.interface, self.version = interface, version
        self.requests: list[tuple[int, int, bytes]] = []
        super().__init__(path, self._answer)

    def _answer(self, end: socket.socket) -> None:
        while head := end.recv(8, socket.MSG_WAITALL):
            target, word = struct.unpack("=II", head)
            size = (word >> 16) - 8
            body = end.recv(size, socket.MSG_WAITALL) if size else b""
            self.requests.append((target, word & 0xFFFF, body))
            if (target, word & 0xFFFF) == (1, 0):
                for number, (name, version) in enumerate((("wl_seat", 7), (self.interface, self.version)), 10):
                    text = name.encode() + b"\0"
                    text += b"\0" * (-len(text) % 4)
                    listed = struct.pack("=II", number, len(name) + 1) + text + struct.pack("=I", version)
                    self.send(end, 2, 0, listed)
                self.send(end, 3, 0, struct.pack("=I", 1))

    def send(self, end: socket.socket, sender: int, event: int, body: bytes = b"") -> None:
        message = struct.pack("=II", sender, (8 + len(body)) << 16 | event) + body
        end.sendall(message[:5])
        end.sendall(message[5:])

    def tell(self, event: int) -> None:
        self.send(self.ends[0], 6, event)


@pytest.mark.parametrize(("interface", "version", "request_"), [
    ("ext_idle_notifier_v1", 1, (5, 1, struct.pack("=III", 6, 1000, 4))),
    ("ext_idle_notifier_v1", 2, (5, 2, struct.pack("=III", 6, 1000, 4))),
    ("org_kde_kwin_idle", 1, (5, 0, struct.pack("=III", 6, 4, 1000))),
])
def test_idle_time_of_a_compositor(tmp_path: Path, interface: str, version: int, request_: tuple[int, int, bytes]) -> None:
    stub = WaylandStub(tmp_path / "wayland-7", interface, version)
    idle = WaylandIdle({"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)})
    try:
        until(lambda: request_ in stub.requests, 5)
        assert idle.idle_s() == 0.0
        stub.tell(0)
        until(lambda: idle.idle_s() >= 1.0, 5)
        stub.tell(1)
        until(lambda: idle.idle_s() == 0.0, 5)
        stub.close()
        with pytest.raises(Unavailable):
            until(lambda: idle.idle_s() < 0, 5)
    finally:
        idle.close()


def test_a_compositor_without_idle_time_says_so(tmp_path: Path) -> None:
    stub = WaylandStub(tmp_path / "wayland-7", "wl_output", 1)
    with pytest.raises(Unavailable, match="input"):
        WaylandIdle({"WAYLAND_DISPLAY": str(tmp_path / "wayland-7")})
    stub.close()
