"""Which port a server can have, and who has it otherwise."""

from __future__ import annotations

import json
import os
import socket

from coach.core.errors import Busy

HOST = "127.0.0.1"


def taken_by(port: int) -> str:
    """Who answers on a port of this machine: "ActivityWatch", "another program", or nobody, ""."""
    import http.client  # only when a server starts

    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/api/0/info")
        told_of_itself = json.loads(connection.getresponse().read(10_000))
        if not isinstance(told_of_itself, dict) or "testing" not in told_of_itself:
            return "another program"
        return "another Coach" if "(Coach)" in str(told_of_itself.get("version")) else "ActivityWatch"
    except ConnectionRefusedError:
        return ""
    except (OSError, http.client.HTTPException, ValueError):
        return "another program"
    finally:
        connection.close()


def free_port(wanted: int) -> int:
    """The wanted port where nobody has it, else the next free one (0: any). Raises Busy after twenty."""
    for port in range(wanted, wanted + 20):
        if not port:
            return 0
        with socket.socket() as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        if not taken_by(port):  # one that listens on every address does not stop us from binding to this one everywhere
            return port
    raise Busy(f"ports {wanted} to {wanted + 19} are all taken", "set api.port to a free one")
