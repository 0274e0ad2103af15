# ruff: noqa: F722, F821  (dbus-fast reads signatures from annotations)
"""A private session bus and a notification service that presses buttons, for the desktop's tests."""

import asyncio
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from coach.integrations.desktop import available

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:dir={folder}</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""


@contextmanager
def session_bus(folder: Path) -> Iterator[str]:
    """A bus on which nothing can be started by itself; yields its address."""
    config = folder / "session.conf"
    config.write_text(CONFIG.format(folder=folder))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    try:
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.wait(5)
        daemon.stdout.close()


@contextmanager
def screen() -> Iterator[str]:
    """A virtual X screen; yields its name."""
    read, write = os.pipe()
    # A server that looked for a free number itself would take the lowest, which that of another test has just left and wants
    # back.
    number = random.randrange(1000, 50_000)
    server = subprocess.Popen(
        ["Xvfb", f":{number}", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"], pass_fds=[write],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as said:
            yield f":{said.readline().strip()}"
    finally:
        server.terminate()
        server.wait(5)


class Service(ServiceInterface):
    """Shows nothing. `answer` is the id of a button to press, "close:N" to close for reason N, or "" to do nothing."""

    def __init__(self, answer: str, abilities: Sequence[str]) -> None:
        super().__init__("org.freedesktop.Notifications")
        self.answer, self.abilities = answer, list(abilities)
        self.seen: list[tuple[str, str, list[str]]] = []
        self.closed: list[int] = []

    @dbus_method()
    def Notify(
        self, app: "s", replaces: "u", icon: "s", summary: "s", body: "s", actions: "as", hints: "a{sv}", expire: "i",
    ) -> "u":
        self.seen.append((summary, body, actions))
        number = len(self.seen)
        if self.answer:
            asyncio.get_running_loop().call_later(0.1, self.react, number)
        return number

    def react(self, number: int) -> None:
        if self.answer.startswith("close:"):
            self.NotificationClosed(number, int(self.answer[6:]))
        else:
            self.ActionInvoked(number, self.answer)
            self.NotificationClosed(number, 2)

    @dbus_method()
    def CloseNotification(self, number: "u"):
        self.closed.append(number)
        self.NotificationClosed(number, 3)

    @dbus_method()
    def GetCapabilities(self) -> "as":
        return self.abilities

    @dbus_method()
    def GetServerInformation(self) -> "ssss":
        return ["stub", "tests", "1.0", "1.2"]

    @dbus_signal()
    def NotificationClosed(self, number, reason) -> "uu":
        return [number, reason]

    @dbus_signal()
    def ActionInvoked(self, number, key) -> "us":
        return [number, key]


@contextmanager
def service(
    address: str, answer: str = "", abilities: Sequence[str] = ("actions", "body", "body-markup"),
) -> Iterator[Service]:
    """A notification service on that bus, in a thread of its own."""
    made: list[Service] = []
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        bus = await MessageBus(address).connect()
        made.append(Service(answer, abilities))
        bus.export("/org/freedesktop/Notifications", made[0])
        await bus.request_name("org.freedesktop.Notifications")
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.02)
        bus.disconnect()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(5), "the stub did not get on the bus"
    try:
        yield made[0]
    finally:
        stop.set()
        thread.join(5)


class Dunst:
    """Real dunst, told what to do as a person would do with the mouse."""

    def __init__(self, folder: Path) -> None:
        self._pick = folder / "pick"

    def press(self, label: str) -> None:
        """Press the button with that label on the notification that is shown, through dunst's own menu."""
        self._pick.write_text(f"#{label} ")
        self.control("context")

    def control(self, *words: str) -> None:
        """`dunstctl WORDS`, once something is shown."""
        deadline = time.monotonic() + 15
        while _dunstctl("count", "displayed").strip() == "0" and time.monotonic() < deadline:
            time.sleep(0.05)
        _dunstctl(*words)


def _dunstctl(*words: str) -> str:
    return subprocess.run(["dunstctl", *words], check=True, timeout=10, capture_output=True, text=True).stdout


@contextmanager
def dunst(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dunst]:
    """Dunst on a virtual screen and the session bus of the environment; its menu is answered by a script."""
    menu = folder / "menu"
    menu.write_text(f'#!/bin/sh\ngrep -m1 -F "$(cat {folder}/pick)"\n')
    menu.chmod(0o755)
    (folder / "dunstrc").write_text(f'[global]\n    dmenu = "{menu}"\n[urgency_normal]\n    timeout = 30\n')
    with screen() as name:
        monkeypatch.setenv("DISPLAY", name)
        command = ["dunst", "-config", str(folder / "dunstrc")]
        daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 10
            while not available().ok and time.monotonic() < deadline:
                time.sleep(0.1)
            yield Dunst(folder)
        finally:
            daemon.terminate()
            daemon.wait(5)
