"""Notifications of the desktop, with buttons. desktop-notifier sends them (freedesktop's bus, macOS, Windows).

It neither raises nor returns a failure and writes a traceback to its log instead, so this module keeps that log quiet,
asks the bus itself beforehand, and takes the library's "dispatched" call as the proof of delivery.
"""

from __future__ import annotations

import asyncio
import html
import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

SESSION_HINT = "is the desktop session still running?"
SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
TIMEOUT_S = 3.0
LOOK_S = 2.0
"""Seconds between two looks whether a notification is still shown: the library does not tell when one expires."""

T = TypeVar("T")
Ending = Literal["dismiss", "expire"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether notifications can be shown, in words. `markup`: the service reads the body as markup."""

    ok: bool
    detail: str
    hint: str = ""
    markup: bool = False


def available() -> Finding:
    """Asks the session bus who shows notifications. Takes a few milliseconds, at most a few seconds; never raises."""
    _silence()
    if not sys.platform.startswith("linux"):
        return _available_elsewhere()
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return Finding(False, "no session bus: DBUS_SESSION_BUS_ADDRESS is not set",
                       "log in to a desktop, or start Coach inside dbus-run-session")
    found: list[Finding] = []
    # A thread of its own: the caller's may already run an event loop (Textual's does).
    thread = threading.Thread(target=lambda: found.append(asyncio.run(_ask_bus())), daemon=True, name="notify-probe")
    thread.start()
    thread.join(2 * TIMEOUT_S)
    return found[0] if found else Finding(False, "the session bus does not answer", SESSION_HINT)


async def _ask_bus() -> Finding:
    from dbus_fast import DBusError, Message, MessageType  # 40 ms
    from dbus_fast.aio import MessageBus
    from dbus_fast.errors import AuthError, InvalidAddressError

    async def call(bus: MessageBus, to: str, path: str, interface: str, member: str, *body: str) -> list[Any]:
        message = Message(destination=to, path=path, interface=interface, member=member, signature="s" * len(body),
                          body=list(body))
        reply = await bus.call(message)
        return reply.body if reply is not None and reply.message_type is MessageType.METHOD_RETURN else []

    async def ask() -> Finding:
        bus = await MessageBus().connect()
        try:
            me = "org.freedesktop.DBus"
            owned = await call(bus, me, "/org/freedesktop/DBus", me, "NameHasOwner", SERVICE)
            if owned != [True]:
                names = await call(bus, me, "/org/freedesktop/DBus", me, "ListActivatableNames")
                # Started by the bus without a display, dunst and its kin crash, so that is no service.
                screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
                if not (names and SERVICE in names[0] and screen):
                    return Finding(False, "no notification service is on the bus", "start dunst, mako or the like")
            abilities = await call(bus, SERVICE, PATH, SERVICE, "GetCapabilities")
            server = await call(bus, SERVICE, PATH, SERVICE, "GetServerInformation")
            if not server:
                return Finding(False, "the notification service does not answer", "restart dunst, mako or the like")
            known = abilities[0] if abilities else []
            buttons = "with buttons" if "actions" in known else "without buttons"
            return Finding(True, f"{server[0]} {server[2]}, {buttons}", "", "body-markup" in known)
        finally:
            bus.disconnect()

    try:
        return await asyncio.wait_for(ask(), TIMEOUT_S)
    except (OSError, EOFError, TimeoutError, DBusError, AuthError, InvalidAddressError) as error:
        return Finding(False, f"the session bus does not answer ({type(error).__name__})", SESSION_HINT)


def _available_elsewhere() -> Finding:
    from desktop_notifier.main import get_backend_class

    if get_backend_class().__name__.startswith("Dummy"):
        return Finding(False, "this system shows notifications of signed apps only", "a toast and the bell are used")
    return Finding(True, f"the {sys.platform} notification centre")


def _silence() -> None:
    for name in ("desktop_notifier", "dbus_fast"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


class Notifier:
    """A context that shows notifications and hears their buttons, on an event loop in a thread of its own.

    Callbacks run in that thread. Leaving the context takes down what is shown with buttons, which nobody would hear."""

    def __init__(self, app_name: str = "Coach") -> None:
        self._app_name = app_name
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="notify")
        self._library: DesktopNotifier | None = None
        self._markup = False
        self._watched: dict[str, asyncio.Task[None]] = {}

    def __enter__(self) -> Notifier:
        _silence()
        # The bus may close at any time; asyncio would report that on stderr.
        self._loop.set_exception_handler(lambda loop, context: None)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self._run(self._take_down(), None)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        if not self._thread.is_alive():
            self._loop.close()

    def send(
        self, summary: str, body: str, buttons: Mapping[str, str], on_action: Callable[[str], None],
        on_closed: Callable[[Ending], None],
    ) -> bool:
        """Show a notification; whether the service took it. `buttons` are labels by id; `on_action` hears the id, or
        "open" for a click on the notification itself; `on_closed` hears how it went away unanswered. One of the two
        is called, once. The first call of a process takes about 0.1 s, later ones some milliseconds."""
        if self._library is None:
            finding = available()
            if not finding.ok:
                return False
            self._markup = finding.markup
        body = html.escape(body, quote=False) if self._markup else body
        return self._run(self._send(summary, body, buttons, on_action, on_closed), False)

    def _run(self, work: Coroutine[Any, Any, T], otherwise: T) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(TIMEOUT_S)
        except FutureTimeout:
            future.cancel()
            return otherwise

    async def _send(
        self, summary: str, body: str, buttons: Mapping[str, str], on_action: Callable[[str], None],
        on_closed: Callable[[Ending], None],
    ) -> bool:
        from desktop_notifier import Button, DesktopNotifier, Urgency  # 50 ms, and only where a service answers

        if self._library is None:
            self._library = DesktopNotifier(self._app_name, app_icon=None)
        sent: list[bool] = []
        answered: list[str] = []

        def answer(action: str) -> None:
            answered.append(action)
            on_action(action)

        def dismissed() -> None:
            answered.append("dismiss")
            on_closed("dismiss")

        shown = await self._library.send(
            summary, body, Urgency.Normal, on_dispatched=lambda: sent.append(True), on_clicked=lambda: answer("open"),
            on_dismissed=dismissed, buttons=[Button(text, partial(answer, key), key) for key, text in buttons.items()],
        )
        if not sent:
            self._library = None  # a service that died: ask anew, and connect anew, next time
        elif buttons:
            self._watched[shown] = self._loop.create_task(self._watch(shown, answered, on_closed))
        return bool(sent)

    async def _watch(self, shown: str, answered: list[str], on_closed: Callable[[Ending], None]) -> None:
        library = self._library
        while library is not None and shown in await library.get_current_notifications():
            await asyncio.sleep(LOOK_S)
        del self._watched[shown]
        if not answered:
            on_closed("expire")

    async def _take_down(self) -> None:
        for shown, watch in list(self._watched.items()):
            watch.cancel()
            if self._library is not None and shown in await self._library.get_current_notifications():
                await self._library.clear(shown)
