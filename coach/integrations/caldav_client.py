"""The CalDAV library's client on a session with bounds: what it sends, and how it reads what comes back (RFC 4918 and 4791).

The library's own exchange is not used: it asks again whatever went wrong, sends a password with letters beyond ASCII in a way
that Digest does not know, expands entities and writes what is no XML to the process's log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from caldav.davclient import DAVClient, DAVResponse
from caldav.elements import dav
from caldav.lib.error import AuthorizationError, ResponseError
from lxml import etree
from requests.auth import AuthBase

from coach.core.errors import Unavailable
from coach.integrations.caldav_session import Bounded, credentials

ANSWERS = (501, 507)
"""States of 5xx that say what the server does not do or has no room for."""


class Refused(AuthorizationError):
    """`status` is 401 for an unknown user or a wrong password, 403 for what this user may not do."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(url)
        self.status = status


class Failed(Unavailable):
    """The server says that it failed (5xx): whatever was asked for, there is no answer."""

    code = "server_failed"


class Client(DAVClient):
    """Every request raises Refused, Failed, or Unavailable where the server asks to wait (429, 503 with Retry-After); other
    states are those of the answer. The password is sent in the way that the server asks for, once it has asked."""

    def __init__(self, address: str, user: str, password: str, timeout_s: float, session: Bounded) -> None:
        super().__init__(address)
        self.session.close()
        self.session = session
        self._user, self._password, self._timeout_s = user, password, timeout_s
        self._auth: AuthBase | None = None

    def request(self, url: Any, method: str = "GET", body: str | bytes = "", headers: Mapping[str, str] | None = None) -> Answer:
        sent = {**self.headers, **(headers or {})}
        if not body:
            del sent["Content-Type"]
        data = body.encode() if isinstance(body, str) else body

        def send() -> requests.Response:
            return self.session.request(method, str(url), data=data, headers=sent, auth=self._auth, timeout=self._timeout_s)

        came = send()
        if came.status_code == 401 and self._auth is None:
            self._auth = credentials(came, self._user, self._password)
            came = send() if self._auth else came
        if came.status_code in (401, 403):
            raise Refused(str(url), came.status_code)
        if came.status_code == 429 or (came.status_code == 503 and "Retry-After" in came.headers):
            raise Unavailable(f"{_host(came)} asks to wait", "the next synchronisation tries again")
        if came.status_code >= 500 and came.status_code not in ANSWERS:
            said = " ".join(part for part in (str(came.status_code), " ".join((came.reason or "").split())[:60]) if part)
            raise Failed(f"{_host(came)} answered {said}", "that is an error of the server: try again later, or ask who runs it")
        return Answer(came)


class Answer(DAVResponse):
    """`tree` is None for what is no XML. Raises lxml's error for what says that it is XML and is not."""

    def __init__(self, came: requests.Response) -> None:
        self.headers, self.status, self.reason = came.headers, came.status_code, came.reason or ""
        self.host = _host(came)
        self._raw = came.content
        self.tree = None
        if came.content:
            try:
                parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
                self.tree = etree.XML(came.content, parser=parser)
            except etree.XMLSyntaxError:
                if came.headers.get("Content-Type", "").startswith(("text/xml", "application/xml")):
                    raise

    def find_objects_and_props(self) -> dict[str, dict[str, Any]]:
        """By path the properties, by their names; a property that the server refuses is left empty. What is no list of answers
        must not pass for an empty one: every event would count as deleted. Raises ResponseError for it, and for an answer whose
        own state is neither success nor 404; Unavailable for a list that was cut off (507)."""
        if self.tree is None or self.tree.tag != dav.MultiStatus.tag:
            raise ResponseError(reason="no multistatus")
        for part in list(self.tree):
            if part.tag != dav.Response.tag:
                self.tree.remove(part)  # a description or a token, which the library would read as an answer
                continue
            status = f"{part.findtext(dav.Status.tag) or 'HTTP/1.1 200'} "
            if " 507 " in status:
                raise Unavailable(f"{self.host} does not list so many events", "split the calendar")
            super().validate_status(status)
        found: dict[str, dict[str, Any]] = super().find_objects_and_props()
        return found

    def validate_status(self, status: str) -> None:
        """The library asks this of each property too, where one refusal would make the rest unreadable."""

    def texts(self) -> list[tuple[str, dict[str, str]]]:
        """Path and properties of all that is there (not 404), with the text of each property or of the address in it."""
        found = self.find_objects_and_props()
        there = [path for path, status in self.statuses.items() if " 404" not in (status or "")]
        return [(path, {name: _text(prop) for name, prop in found[path].items()}) for path in there]


def _text(prop: Any) -> str:
    return str(prop.findtext(dav.Href.tag) or prop.text or "")


def _host(came: requests.Response) -> str:
    return urlsplit(came.url).hostname or "the server"
