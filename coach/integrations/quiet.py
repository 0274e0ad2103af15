"""Whether the desktop was told not to disturb: Dunst's pause, Plasma's inhibition, GNOME's banners, macOS is not asked."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from typing import Any

SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
TIMEOUT_S = 1.0
_PROPERTIES = (("org.dunstproject.cmd0", "paused"), (SERVICE, "Inhibited"))
"""(interface, property) that says so: Dunst's and Plasma's."""


def do_not_disturb() -> bool:
    """False also where nothing tells. Takes a few milliseconds, at most a few seconds; never raises."""
    if not sys.platform.startswith("linux") or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return False
    found: list[bool] = []
    # A thread of its own: the caller's may already run an event loop.
    thread = threading.Thread(target=lambda: found.append(asyncio.run(_asked())), daemon=True, name="notify-quiet")
    thread.start()
    thread.join(2 * TIMEOUT_S)
    return (found or [False])[0] or _gnome()


async def _asked() -> bool:
    from dbus_fast import DBusError
    from dbus_fast.aio import MessageBus
    from dbus_fast.errors import AuthError, InvalidAddressError

    async def ask() -> bool:
        bus = await MessageBus().connect()
        try:
            return any([await _property(bus, interface, name) for interface, name in _PROPERTIES])
        finally:
            bus.disconnect()

    try:
        return await asyncio.wait_for(ask(), TIMEOUT_S)
    except (OSError, EOFError, TimeoutError, DBusError, AuthError, InvalidAddressError):
        return False  # without a bus nobody can be disturbed by it, and the channels say so themselves


async def _property(bus: Any, interface: str, name: str) -> bool:
    from dbus_fast import Message, MessageFlag, MessageType

    message = Message(destination=SERVICE, path=PATH, interface="org.freedesktop.DBus.Properties", member="Get", signature="ss",
                      body=[interface, name], flags=MessageFlag.NO_AUTOSTART)
    reply = await bus.call(message)
    if reply is None or reply.message_type is not MessageType.METHOD_RETURN or not reply.body:
        return False
    return reply.body[0].value is True


def _gnome() -> bool:
    """GNOME keeps it in its settings, of which the bus tells nothing."""
    tool = shutil.which("gsettings")
    if tool is None or "GNOME" not in os.environ.get("XDG_CURRENT_DESKTOP", "").upper():
        return False
    words = [tool, "get", "org.gnome.desktop.notifications", "show-banners"]
    try:
        ran = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.stdout.strip() == "false"
