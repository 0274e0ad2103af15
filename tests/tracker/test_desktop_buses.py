"""GNOME, KDE and logind: against a bus daemon of our own on which a stub speaks as they do."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coach.core.errors import Unavailable
from coach.tracker import combine
from coach.tracker.gnome import GnomeProbe, MutterIdle
from coach.tracker.idle import LogindIdle, open_idle
from coach.tracker.kwin import KwinProbe
from coach.tracker.probe import Probe, choose
from tests.tracker.surroundings import need, stop_process, until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="buses of Linux desktops")

Answer = tuple[str, list[Any]] | None
FOCUSED, EXTENDED = "org.gnome.shell.extensions.FocusedWindow", "org.gnome.Shell.Extensions.WindowsExt"
CALLS = "org.gnome.Shell.Extensions.Windows"


def look(probe: Probe) -> tuple[str, str]:
    seen = probe.sample(datetime.now(UTC))
    assert seen is not None
    return seen.app, seen.title


class Desktop:
    """Names on a private bus. `answers` maps interface and member to what a call of it brings; None is an error."""

    def __init__(self, folder: Path) -> None:
        self.daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address", f"--address=unix:dir={folder}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        assert self.daemon.stdout is not None
        self.address = self.daemon.stdout.readline().decode().strip()
        self.answers: dict[tuple[str, str], Callable[[list[Any]], Answer]] = {}
        self.interfaces: list[str] = []
        self.asked: list[tuple[str, str, str, list[Any]]] = []
        self.loop = asyncio.new_event_loop()
        self.stopped = asyncio.Event()
        ready = threading.Event()
        self.thread = threading.Thread(target=lambda: self.loop.run_until_complete(self._serve(ready)))
        self.thread.start()
        assert ready.wait(10)

    def environ(self, desktop: str) -> dict[str, str]:
        return {
            "DBUS_SESSION_BUS_ADDRESS": self.address, "DBUS_SYSTEM_BUS_ADDRESS": self.address,
            "XDG_CURRENT_DESKTOP": desktop,
        }

    async def _serve(self, ready: threading.Event) -> None:
        from dbus_fast.aio import MessageBus

        self.bus = await MessageBus(bus_address=self.address).connect()
        self.bus.add_message_handler(self._handle)
        for name in ("org.gnome.Shell", "org.gnome.Mutter.IdleMonitor", "org.kde.KWin", "org.freedesktop.login1"):
            await self.bus.request_name(name)
        ready.set()
        await self.stopped.wait()
        self.bus.disconnect()

    def _handle(self, message: Any) -> Any:
        from dbus_fast import Message, MessageType

        if message.message_type is not MessageType.METHOD_CALL or message.interface == "org.freedesktop.DBus":
            return None
        self.asked.append((message.path, message.interface, message.member, message.body))
        if message.member == "Introspect":
            known = "".join(f'<interface name="{name}"/>' for name in self.interfaces)
            return Message.new_method_return(message, "s", [f"<node>{known}</node>"])
        answer = self.answers.get((message.interface, message.member), lambda _: None)(message.body)
        if answer is None:
            return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "no")
        return Message.new_method_return(message, *answer)

    def call(self, name: str, path: str, interface: str, member: str, *words: str) -> None:
        from dbus_fast import Message

        message = Message(name, path, interface, member, signature="s" * len(words), body=list(words))
        asyncio.run_coroutine_threadsafe(self.bus.call(message), self.loop).result(5)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopped.set)
        self.thread.join(5)
        self.loop.close()
        stop_process(self.daemon)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Desktop]:
    need("dbus-daemon")
    desktop = Desktop(tmp_path)
    yield desktop
    desktop.stop()


def says(*windows: dict[str, Any] | None) -> Callable[[list[Any]], Answer]:
    """Focused Window D-Bus: each window in turn, the last one for good."""
    left = list(windows)

    def answer(_: list[Any]) -> Answer:
        window = left.pop(0) if len(left) > 1 else left[0]
        return ("s", [json.dumps(window)]) if window is not None else None

    return answer


def test_gnomes_extension_and_mutter_together(bus: Desktop) -> None:
    bus.interfaces = [FOCUSED]
    window = {"title": "röntgen", "wm_class": "Org.gnome.Nautilus", "pid": 41}
    bus.answers[FOCUSED, "Get"] = says(window, None, window)
    bus.answers["org.gnome.Mutter.IdleMonitor", "GetIdletime"] = lambda _: ("t", [61_500])
    probe, findings = combine.choose((), bus.environ("ubuntu:GNOME"))
    assert probe is not None
    try:
        assert probe.name == "gnome + mutter idle + terminal"
        assert [(f.name, f.ok) for f in findings] == [("gnome", True), ("idle", True), ("terminal", True)]
        seen = probe.sample(datetime.now(UTC))
        assert seen is not None
        assert (seen.app, seen.title, seen.idle_s) == ("org.gnome.nautilus", "röntgen", 61.5)
        assert look(probe) == ("", "")  # nothing has the focus
        assert look(probe) == ("org.gnome.nautilus", "röntgen")
    finally:
        probe.close()


def test_the_other_two_extensions_of_gnome(bus: Desktop) -> None:
    bus.interfaces = [EXTENDED]
    for member, signature, value in (("FocusClass", "s", "Code"), ("FocusTitle", "s", "plan.md"), ("FocusPID", "s", "42")):
        bus.answers[EXTENDED, member] = lambda _, answer=(signature, [value]): answer  # type: ignore[misc]
    probe = GnomeProbe(bus.environ("GNOME"))
    assert (look(probe), probe.pid) == (("code", "plan.md"), 42)
    probe.close()
    bus.interfaces = [CALLS]
    listed = [{"id": 7, "wm_class": "a", "pid": 1, "focus": False}, {"id": 8, "wm_class": "Firefox", "pid": 43, "focus": True}]
    bus.answers[CALLS, "List"] = lambda _: ("s", [json.dumps(listed)])
    bus.answers[CALLS, "GetTitle"] = lambda body: ("s", [f"window {body[0]}"])
    probe = GnomeProbe(bus.environ("GNOME"))
    assert (look(probe), probe.pid) == (("firefox", "window 8"), 43)
    probe.close()


def test_gnome_without_an_extension_names_one(bus: Desktop) -> None:
    _, findings = choose(("gnome",), bus.environ("GNOME"))
    assert (findings[0].ok, findings[0].may_return) == (False, True)
    assert "extensions.gnome.org" in findings[0].hint
    with pytest.raises(Unavailable, match="Mutter"):
        MutterIdle(bus.environ("GNOME"))


def kwin(bus: Desktop, run_at: str) -> None:
    """KWin as far as the probe knows it: a script that runs reports the window in front at once."""
    scripting = "org.kde.kwin.Scripting"
    bus.answers[scripting, "unloadScript"] = lambda _: ("b", [True])
    bus.answers[scripting, "loadScript"] = lambda body: ("i", [3]) if Path(body[0]).read_text() else None

    def run(_: list[Any]) -> Answer:
        if bus.asked[-1][0] != run_at:
            return None
        bus.loop.call_soon(lambda: asyncio.ensure_future(tell(bus, "Firefox", "News", "9")))
        return "", []

    bus.answers["org.kde.kwin.Script", "run"] = run


async def tell(bus: Desktop, *words: str) -> None:
    from dbus_fast import Message

    await bus.bus.call(Message(
        "org.coach.Tracker", "/org/coach/Tracker", "org.coach.Tracker", "Front", signature="sss", body=list(words),
    ))


@pytest.mark.parametrize("run_at", ["/Scripting/Script3", "/3"])
def test_kwins_script_reports_windows(bus: Desktop, run_at: str) -> None:
    kwin(bus, run_at)
    probe = KwinProbe(bus.environ("KDE"))
    assert (look(probe), probe.pid) == (("firefox", "News"), 9)
    asyncio.run_coroutine_threadsafe(tell(bus, "konsole", "röntgen", "10"), bus.loop)
    assert probe.wait(5)
    assert (look(probe), probe.pid) == (("konsole", "röntgen"), 10)
    asyncio.run_coroutine_threadsafe(tell(bus, "", "", "0"), bus.loop)
    until(lambda: look(probe) == ("", ""), 5)
    probe.wait(0)
    began, waker = time.monotonic(), threading.Timer(0.1, probe.wake)
    waker.start()
    probe.wait(20)
    assert 0.05 < time.monotonic() - began < 5
    waker.join()
    with pytest.raises(Unavailable, match="another"):
        KwinProbe(bus.environ("KDE"))
    probe.close()
    assert bus.asked[-1][2:] == ("unloadScript", ["coach-tracker"])


def test_a_bus_that_dies_is_unavailable(bus: Desktop) -> None:
    kwin(bus, "/3")
    probe = KwinProbe(bus.environ("KDE"))
    stop_process(bus.daemon)
    with pytest.raises(Unavailable):
        until(lambda: probe.wait(0.05), 5)
    probe.close()
    probe.wake()  # the thread that ends the tracking may come late


def test_logind_is_asked_where_nobody_else_tells_of_input(bus: Desktop) -> None:
    from dbus_fast import Variant

    since_us = int((time.monotonic() - 90) * 1e6)
    values = {"IdleHint": Variant("b", True), "IdleSinceHintMonotonic": Variant("t", since_us)}
    bus.answers["org.freedesktop.DBus.Properties", "Get"] = lambda body: ("v", [values[body[1]]])
    idle = open_idle(bus.environ("sway"))
    assert isinstance(idle, LogindIdle)
    assert idle.idle_s() == pytest.approx(90, abs=2)
    asked = len(bus.asked)
    idle.idle_s()
    assert len(bus.asked) == asked
    idle.close()


def test_without_any_source_of_input_the_reasons_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="WAYLAND_DISPLAY"):
        open_idle({"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/none"})
