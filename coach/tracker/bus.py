"""Questions to the session bus (or the system's), asked from a thread that has no event loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.core.errors import Unavailable

if TYPE_CHECKING:
    from dbus_fast.message import Message

ANSWER_TIMEOUT_S = 2.0
_SYSTEM = "unix:path=/var/run/dbus/system_bus_socket"


class Refused(Unavailable):
    """The bus answered with an error: there is no such program, object or method, or it has nothing to say."""


class Bus:
    """A connection whose event loop runs only inside these calls. Raises Unavailable without a bus."""

    def __init__(self, environ: Mapping[str, str], system: bool = False) -> None:
        from dbus_fast.aio import MessageBus  # 150 ms and 15 MB, and only on desktops that speak through a bus

        self._loop = asyncio.new_event_loop()
        self._woken = asyncio.Event()
        address = environ.get("DBUS_SYSTEM_BUS_ADDRESS", _SYSTEM) if system else _session(environ)
        try:
            self._bus = self._run(self._connected(MessageBus, address))
        except BaseException:
            self._loop.close()
            raise

    def ask(self, target: tuple[str, str, str], member: str, signature: str = "", *body: Any) -> list[Any]:
        """The answer of a method; `target` is name, path and interface. Raises Refused, and Unavailable without a bus."""
        from dbus_fast import Message, MessageType

        name, path, interface = target
        question = Message(name, path, interface, member, signature=signature, body=list(body))
        answer = self._run(self._bus.call(question))
        if answer is None or answer.message_type is MessageType.ERROR:
            raise Refused(f"{name} does not answer {member}", "is this desktop's interface another one?")
        return list(answer.body)

    def hear(self, name: str, told: Callable[[Message], bool]) -> None:
        """Takes a name on the bus; `told` sees each message that arrives, and is true for one that ends a wait."""
        from dbus_fast import Message, MessageType, RequestNameReply

        def handle(message: Message) -> Message | bool | None:
            if message.message_type is not MessageType.METHOD_CALL or not told(message):
                return None
            self._woken.set()
            return Message.new_method_return(message)

        self._bus.add_message_handler(handle)
        if self._run(self._bus.request_name(name)) is not RequestNameReply.PRIMARY_OWNER:
            raise Unavailable(f"another process is called {name} on the bus", "is another tracker running?")

    def wait(self, timeout_s: float) -> bool:
        """Blocks for that long, less when `told` was; True if it was."""
        was_told: bool = self._run(self._told(timeout_s), timeout_s + ANSWER_TIMEOUT_S)
        if not self._bus.connected:
            raise _gone()
        return was_told

    def wake(self) -> None:
        """From another thread: ends the wait."""
        with suppress(RuntimeError):  # closed meanwhile: nobody waits
            self._loop.call_soon_threadsafe(self._woken.set)

    def close(self) -> None:
        self._bus.disconnect()
        # What the library left to run sees the end of its connection.
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _connected(self, bus: Any, address: str) -> Any:
        return await bus(bus_address=address).connect()

    async def _told(self, timeout_s: float) -> bool:
        await asyncio.sleep(0)  # one turn of the loop reads what has arrived already
        if timeout_s > 0 and not self._woken.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), timeout_s)
        was_told = self._woken.is_set()
        self._woken.clear()
        return was_told

    def _run(self, waiting: Any, timeout_s: float = ANSWER_TIMEOUT_S) -> Any:
        from dbus_fast.errors import DBusError, InvalidAddressError

        try:
            return self._loop.run_until_complete(asyncio.wait_for(waiting, timeout_s))
        except (OSError, EOFError, TimeoutError, DBusError, InvalidAddressError) as error:
            raise _gone() from error


def _session(environ: Mapping[str, str]) -> str:
    """The address of the user's bus: as told, else where systemd puts it."""
    address = environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    socket = Path(environ.get("XDG_RUNTIME_DIR") or "/nonexistent") / "bus"
    if not address and not socket.is_socket():
        raise Unavailable("no session bus (DBUS_SESSION_BUS_ADDRESS is not set)", "start Coach from within the desktop")
    return address or f"unix:path={socket}"


def _gone() -> Unavailable:
    return Unavailable("the session bus does not answer", "tracking resumes when it does")
