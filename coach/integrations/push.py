"""Messages to other devices: e-mail (SMTP), ntfy, webhooks and the other services of Apprise, each named by one address.

Apprise tells of failures in its log and by False; this module keeps that log quiet and gives the last complaint back."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from coach.core.errors import InvalidInput

if TYPE_CHECKING:
    from apprise import NotifyBase

EXAMPLES = "mailtos://user:password@smtp.example.org?to=me@example.org, ntfys://topic, jsons://example.org/hook"
HIDDEN = "****"
LOCAL = frozenset({"dbus", "glib", "gnome", "kde", "qt", "macosx", "windows", "syslog"})
"""Services of this machine: its notifications are `integrations.desktop`'s."""
_WAIT = {"cto": "5", "rto": "10"}
"""Seconds to wait for a connection and for an answer, unless the address says otherwise."""


@dataclass(frozen=True, slots=True)
class Service:
    """What an address names: `kind` in Apprise's words ("E-Mail", "ntfy", "JSON"), `shown` without secrets."""

    kind: str
    shown: str


def checked(address: str) -> Service:
    """What the address names. Raises InvalidInput where it names nothing that a message can be sent to."""
    return Service(str(_service(address).service_name), _shown(address))


def send(address: str, title: str, body: str) -> str:
    """Send one message; "" when it was taken, else what the service complained about, without the address or the text.

    Takes as long as the network, at most some 15 s. Raises InvalidInput for an address that cannot be used."""
    import apprise  # 0.1 s, and requests on the first message

    service = _service(address)
    heard = _Heard()
    logger = logging.getLogger("apprise")
    logger.addHandler(heard)
    try:
        taken = service.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
    finally:
        logger.removeHandler(heard)
    return "" if taken else heard.last or "it was not taken"


def _service(address: str) -> NotifyBase:
    import apprise

    _silence()
    if re.match(r"https?://", address):
        raise InvalidInput("a web address alone does not say how to talk to it", f"json(s):// for a webhook; such as {EXAMPLES}")
    options = "&".join(f"{key}={value}" for key, value in _WAIT.items() if f"{key}=" not in address)
    service = apprise.Apprise.instantiate(f"{address}{'&' if '?' in address else '?'}{options}", suppress_exceptions=True)
    scheme = address.partition("://")[0].lower()
    if service is None or scheme in LOCAL:
        raise InvalidInput("that address names no service that messages can be sent to", f"such as {EXAMPLES}")
    return service


def _shown(address: str) -> str:
    """The service and the host, and the addressee of a mail: of a webhook the path, of ntfy the topic is the secret."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    to = next((value for key, value in parse_qsl(parts.query) if key == "to"), "")
    return f"{parts.scheme}://{host if '.' in host or host == 'localhost' else HIDDEN}" + (f" to {to}" if to else "")


def _silence() -> None:
    logger = logging.getLogger("apprise")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


class _Heard(logging.Handler):
    """Keeps the last complaint of a service, cut to its first words."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = re.sub(r"\w+://\S+", "the service", record.getMessage()).splitlines()[0][:120]
