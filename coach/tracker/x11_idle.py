"""Time since the last input as X tells it, several times a minute for as long as a session lasts.

The question is eight bytes and its answer 32, on a connection of its own: through the library, which makes objects of every
field, it would cost as much as all the rest of a look.
"""

from __future__ import annotations

import struct
from typing import Any

EXTENSION = "MIT-SCREEN-SAVER"
_QUERY_INFO = 1
_ERROR, _REPLY = 0, 1
_PACKET = 32
_IDLE_AT = 16  # bytes into the reply (ScreenSaverQueryInfo of the MIT-SCREEN-SAVER extension, saver.xml of xcb-proto)


class Idle:
    """`connection` is an Xlib display that nobody else uses; it ends with this."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._socket = connection.display.socket
        opcode = connection.query_extension(EXTENSION).major_opcode
        root = connection.screen().root.id
        self._question = struct.pack("=BBHI", opcode, _QUERY_INFO, 2, root)

    def idle_s(self) -> float:
        """Raises OSError when the server has gone or does not answer."""
        self._socket.sendall(self._question)
        while True:
            packet = b""
            while len(packet) < _PACKET:
                piece = self._socket.recv(_PACKET - len(packet))
                if not piece:
                    raise ConnectionResetError("the X server has closed the connection")
                packet += piece
            if packet[0] == _REPLY:
                return float(struct.unpack_from("=I", packet, _IDLE_AT)[0]) / 1000
            if packet[0] == _ERROR:
                raise ConnectionAbortedError("the X server does not tell the time without input")
            # Another keyboard layout is told to every client, whether it asks or not.

    def close(self) -> None:
        self._connection.close()
