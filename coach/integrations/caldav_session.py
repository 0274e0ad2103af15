"""The HTTP session under the CalDAV library, with the bounds that it does not set: the size of an answer, the time for it,
where a redirect may lead, and that nobody but the server is asked."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urljoin, urlsplit

import niquests

from coach.core.errors import Unavailable

_STEP = 65_536
_READS = frozenset({"GET", "PROPFIND", "REPORT", "OPTIONS"})


def session(most_bytes: int, most_s: float, redirects: int) -> niquests.Session:
    """A session that keeps these bounds. Requests that only read are repeated after 0.3 and 0.6 s when no connection comes
    about or the server fails (500, 502, 504)."""
    again = niquests.RetryConfiguration(
        total=2, connect=2, read=0, redirect=0, status=2, other=0, backoff_factor=0.3, status_forcelist=(500, 502, 504),
        allowed_methods=_READS, raise_on_status=False, respect_retry_after_header=False,
    )
    # No revocation check: it would ask the certificate's issuer, who is told by that which server is visited.
    made = Bounded(retries=again, revocation_configuration=None, disable_http3=True)
    made.most_bytes, made.most_s, made.most_redirects = most_bytes, most_s, redirects
    return made


class Bounded(niquests.Session):
    """Reads an answer in pieces, and follows redirects itself: with the same method, which PROPFIND needs, and to the same
    origin only, so that credentials go nowhere else."""

    most_bytes = 0
    most_s = 0.0
    most_redirects = 0

    def request(self, method: str, url: str, **options: Any) -> Any:  # type: ignore[override]
        deadline_s = time.monotonic() + self.most_s
        host = urlsplit(url).hostname or "the server"
        options |= {"stream": True, "allow_redirects": False, "auth": options.get("auth") or _no_credentials}
        for _ in range(self.most_redirects + 1):
            answer = super().request(method, url, **options)
            if not answer.is_redirect and not answer.is_permanent_redirect:
                answer._content = self._body(answer, host, deadline_s)
                answer._content_consumed = True
                return answer
            target = urljoin(url, answer.headers.get("location", ""))
            answer.close()
            if _origin(target) != _origin(url):
                elsewhere = urlsplit(target).hostname or "nowhere"
                raise Unavailable(f"{host} redirects to {elsewhere}", "add the calendar with that address")
            url = target
        raise Unavailable(f"{host} redirects in circles", "check the address")

    def _body(self, answer: Any, host: str, deadline_s: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in answer.iter_content(_STEP):
            parts.append(part)
            size += len(part)
            if size > self.most_bytes:
                answer.close()
                raise Unavailable(f"{host} sends more than {self.most_bytes // 1_000_000} MB", "is it a calendar?")
            if time.monotonic() > deadline_s:
                answer.close()
                raise Unavailable(f"{host} takes too long", "try again later")
        return b"".join(parts)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _no_credentials(request: Any) -> Any:
    """The server says first which kind it wants; without this the session would take some out of a .netrc."""
    return request
