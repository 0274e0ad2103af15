"""A real Radicale on loopback with one user, and a second client of it, for the tests of CalDAV."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "me", "sesame & ünlock"
_MAKE = """<?xml version="1.0"?><c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>
<d:displayname>{}</d:displayname><c:supported-calendar-component-set><c:comp name="{}"/></c:supported-calendar-component-set>
</d:prop></d:set></c:mkcalendar>"""


@dataclass(frozen=True)
class Radicale:
    """The server, and what another program would do there."""

    port: int
    folder: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def calendar(self, name: str, component: str = "VEVENT") -> str:
        """A new calendar; its address."""
        path = f"/{USER}/{name.lower()}/"
        assert self.ask("MKCALENDAR", path, _MAKE.format(name, component))[0] == 201
        return f"http://127.0.0.1:{self.port}{path}"

    def items(self, calendar: str) -> dict[str, str]:
        """What the calendar holds, by path, read from Radicale's own folder: no request can hide anything."""
        path = calendar.split(str(self.port), 1)[1]
        folder = self.folder / "collection-root" / path.strip("/")
        return {f"{path}{f.name}": f.read_text("utf-8") for f in sorted(folder.glob("*.ics"))}

    def put(self, path: str, data: str) -> None:
        status = self.ask("PUT", path, data.replace("\n", "\r\n").replace("\r\r", "\r"))[0]
        assert status in (201, 204), status

    def delete(self, path: str) -> None:
        assert self.ask("DELETE", path)[0] in (200, 204)

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(link):
            pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            headers = {"Authorization": f"Basic {pair}", "Content-Type": "text/calendar; charset=utf-8"}
            link.request(method, path, body.encode(), headers)
            answer = link.getresponse()
            return answer.status, answer.read().decode()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Radicale]:
    """Radicale while the block runs; about a second until it answers."""
    port = free_port()
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n", "utf-8")
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {folder / 'users'}\n"
        f"htpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {folder}\n[logging]\nlevel = error\n", "utf-8",
    )
    command = [sys.executable, "-m", "radicale", "--config", str(folder / "config")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield Radicale(port, folder)
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("Radicale did not start")
