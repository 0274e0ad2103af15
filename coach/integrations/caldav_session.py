"""The HTTP session under the CalDAV library, with the bounds that it does not set: the size of an answer, the time for it,
where a redirect may lead, and that nobody but the server is asked."""

from __future__ import annotations

import ssl
import time
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from urllib3.util import Retry

from coach.core.errors import Unavailable

_STEP = 65_536
_READS = frozenset({"GET", "PROPFIND", "REPORT", "OPTIONS"})


class Bounded(requests.Session):
    """Follows redirects itself: with the same method, which PROPFIND needs, and to the same origin only, so that credentials
    go nowhere else."""

    def __init__(self, most_bytes: int, most_s: float, redirects: int) -> None:
        super().__init__()
        self._most_s, self._redirects = most_s, redirects
        self._bounds = _Bounds(most_bytes)
        self.mount("https://", self._bounds)
        self.mount("http://", self._bounds)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        self._bounds.deadline_s = time.monotonic() + self._most_s
        host = urlsplit(url).hostname or "the server"
        options |= {"stream": True, "allow_redirects": False, "auth": options.get("auth") or _no_credentials}
        for _ in range(self._redirects + 1):
            answer = super().request(method, url, **options)
            if not answer.is_redirect:
                return answer
            target = urljoin(url, answer.headers["location"])
            if _origin(target) != _origin(url):
                elsewhere = urlsplit(target).hostname or "nowhere"
                raise Unavailable(f"{host} redirects to {elsewhere}", "add the calendar with that address")
            url = target
        raise Unavailable(f"{host} redirects in circles", "check the address")


def credentials(answer: requests.Response, user: str, password: str) -> AuthBase | None:
    """What a refusing answer (401) asks for: Digest (RFC 7616) before Basic (RFC 7617), else None. One that names nothing gets
    Basic, as some providers want it, but over TLS only."""
    asked = answer.headers.get("WWW-Authenticate", "")
    schemes = {part.split()[0] for part in asked.lower().split(",") if part.strip()}
    if "digest" in schemes:
        return HTTPDigestAuth(user, password)
    if "basic" in schemes or (not asked and urlsplit(answer.url).scheme == "https"):
        return HTTPBasicAuth(user.encode(), password.encode())
    return None


class _Bounds(HTTPAdapter):
    """Reads every answer whole, in pieces, those in between (a redirect, a refusal before Digest) too. Trusts the system's
    certificates beside those that requests brings. Requests that only read are repeated after 0.3 and 0.6 s when no connection
    comes about or the server fails (500, 502, 504)."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self.deadline_s = most_bytes, 0.0
        self._trust = ssl.create_default_context()
        again = Retry(
            total=2, connect=2, read=0, redirect=0, status=2, other=0, backoff_factor=0.3, status_forcelist=(500, 502, 504),
            allowed_methods=_READS, raise_on_status=False, respect_retry_after_header=False,
        )
        super().__init__(max_retries=again)

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, **options, ssl_context=self._trust)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, **options, ssl_context=self._trust)

    def send(self, request: requests.PreparedRequest, *rest: Any, **options: Any) -> requests.Response:
        answer = super().send(request, *rest, **options)
        answer._content = self._body(answer)
        answer._content_consumed = True
        return answer

    def _body(self, answer: requests.Response) -> bytes:
        host = urlsplit(answer.url).hostname or "the server"
        parts: list[bytes] = []
        size = 0
        for part in answer.iter_content(_STEP):
            parts.append(part)
            size += len(part)
            if size > self.most_bytes:
                answer.close()
                raise Unavailable(f"{host} sends more than {self.most_bytes // 1_000_000} MB", "is it a calendar?")
            if time.monotonic() > self.deadline_s:
                answer.close()
                raise Unavailable(f"{host} takes too long", "try again later")
        return b"".join(parts)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _no_credentials(request: Any) -> Any:
    """The server says first which kind it wants; without this the session would take some out of a .netrc."""
    return request
