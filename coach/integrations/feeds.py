"""Fetching a calendar feed over HTTP. Addresses of feeds hold secrets, so messages name the host only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from coach.core.errors import InvalidInput, Unavailable

TIMEOUT_S = 15.0
"""For each answer of the network, and for the whole."""
MOST_BYTES = 32_000_000
_STEP = 65_536


@dataclass(frozen=True, slots=True)
class Feed:
    """What the server sent, and the tag under which it asks to be asked again."""

    data: bytes
    etag: str = ""


def is_address(text: str) -> bool:
    return text.split(":", 1)[0].lower() in ("http", "https", "webcal", "webcals") and "://" in text


def host_of(address: str) -> str:
    return urlsplit(address).hostname or "the address"


def fetch(address: str, etag: str = "", timeout_s: float = TIMEOUT_S) -> Feed | None:
    """The feed, or None when the server says that it is still what `etag` names. webcal means https.

    Raises InvalidInput for an address that is none, Unavailable when nothing usable comes back in time."""
    import urllib.error
    import urllib.request  # 40 ms
    from http.client import HTTPException

    url, headers = _request(address)
    host = host_of(address)
    request = urllib.request.Request(url, headers={"User-Agent": "coach", "Accept": "text/calendar, */*;q=0.1"})
    if etag:
        request.add_header("If-None-Match", etag)
    for name, value in headers.items():
        request.add_unredirected_header(name, value)  # a password goes to the host it was typed for
    deadline = time.monotonic() + timeout_s
    try:
        with _opener(urllib.request).open(request, timeout=timeout_s) as answer:
            return Feed(_body(answer, host, deadline), answer.headers.get("ETag", ""))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 304:
            return None
        raise Unavailable(f"{host} answered {error.code}", "check the address; private feeds change theirs") from error
    except (OSError, ValueError, HTTPException) as error:  # URLError, time-outs, TLS, broken answers
        raise Unavailable(f"{host} does not answer as a calendar feed does", "check the network and the address") from error


def _request(address: str) -> tuple[str, dict[str, str]]:
    """The address without its password, and the header that carries it."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not is_address(address):
        raise InvalidInput("that is no address of a feed", "for example https://example.org/calendar.ics")
    scheme = "http" if parts.scheme.lower() == "http" else "https"
    name = f"[{host}]" if ":" in host else host
    url = urlunsplit((scheme, f"{name}:{port}" if port else name, parts.path or "/", parts.query, ""))
    if any(c <= " " or c == "\x7f" for c in url):
        raise InvalidInput("that address has a blank in it", "write %20 for a blank")
    if parts.username is None:
        return url, {}
    from base64 import b64encode

    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return url, {"Authorization": f"Basic {b64encode(pair).decode()}"}


def _opener(request: Any) -> Any:
    """HTTP and HTTPS only: no files, no FTP, and no way back from https to http."""

    class Redirects(request.HTTPRedirectHandler):  # type: ignore[misc]
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            wanted = urlsplit(newurl).scheme.lower()
            if wanted not in ("http", "https") or (req.type == "https" and wanted != "https"):
                raise ValueError("a redirect to an unsafe address")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(), request.HTTPHandler(), request.HTTPSHandler(), request.HTTPDefaultErrorHandler(),
        Redirects(), request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _body(answer: Any, host: str, deadline_s: float) -> bytes:
    parts: list[bytes] = []
    size, promised = 0, answer.length
    while True:
        part = answer.read1(_STEP)
        if not part:
            if promised is not None and size < promised:
                raise Unavailable(f"{host} stopped in the middle", "try again later")
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise Unavailable(f"{host} sends more than {MOST_BYTES // 1_000_000} MB", "is it a calendar?")
        if time.monotonic() > deadline_s:
            raise Unavailable(f"{host} takes too long", "try again later")
