"""Calendars on a CalDAV server (RFC 4791), through the `caldav` library: found, listed by ETag, fetched and written.

Nothing is written over what somebody else changed: a new event is sent with If-None-Match, a changed or deleted one with
If-Match. Passwords and the paths of events stay out of messages, which name the host only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from coach.core.errors import CoachError, InvalidInput, Unavailable
from coach.integrations.source import without_fraction

TIMEOUT_S = 15.0
"""For each answer of the network."""
MOST_S = 60.0
"""For one answer and its redirects and repetitions."""
MOST_BYTES = 32_000_000
"""Of one answer."""
AT_ONCE = 100
"""Events fetched with one request."""
_REDIRECTS = 5
ADDRESS = "for example https://example.org/dav/, as the server's help or settings say it"


class Changed(CoachError):
    """What is to be written was changed, made or deleted by somebody else (412), or is not there any more."""

    code = "changed"


class WrongPassword(Unavailable):
    """The server does not accept the user name with this password (401)."""

    code = "wrong_password"


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """`address` is where the search for calendars begins, or a calendar's own address."""

    address: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Found:
    """A calendar of an account. `events` is whether it takes events; some hold tasks only."""

    address: str
    name: str
    events: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """An event with its exceptions as the server keeps it, and the tag of that version."""

    etag: str
    data: str


def checked_address(text: str) -> tuple[str, str]:
    """The address of an account, and the user name that stands in it. Raises InvalidInput: for a password in it, which
    every process list and shell history would show, and for http to another machine, which would send it readable."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host or any(c <= " " or c == "\x7f" for c in text):
        raise InvalidInput("that is no address of a CalDAV server", ADDRESS)
    if "://" not in text and not port and "." not in host and not _is_this_machine(host):
        raise InvalidInput(f"{host!r} is a word and no address of a CalDAV server", ADDRESS)
    if parts.password is not None:
        raise InvalidInput("a password does not belong into an address", "it is asked for; --password-file names a file with it")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise InvalidInput("over http the password could be read on its way", "use the server's https address")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}{f':{port}' if port else ''}{parts.path or '/'}", unquote(parts.username or "")


def origin(address: str) -> str:
    """Scheme, host and port: what a password is kept for."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def host_of(address: str) -> str:
    return urlsplit(address).hostname or "the server"


class Server:
    """A connection for one account. Every method raises Unavailable when the server does not answer as one should."""

    def __init__(self, account: Account) -> None:
        from coach.integrations.caldav_client import Client  # with its HTTP client and lxml 400 ms and 27 MB
        from coach.integrations.caldav_session import Bounded

        self.host = host_of(account.address)
        self.has_written = False
        self._account = account
        session = Bounded(MOST_BYTES, MOST_S, _REDIRECTS)
        self._client: Any = Client(account.address, account.user, account.password, TIMEOUT_S, session)

    def close(self) -> None:
        self._client.close()

    def calendars(self) -> list[Found]:
        """The calendars of the account, from the address on: the server's principal and its home set, else what
        /.well-known/caldav points to (RFC 6764)."""
        from coach.integrations.caldav_client import Failed

        failed: Failed | None = None
        for address in (self._account.address, urljoin(self._account.address, "/.well-known/caldav")):
            try:
                if found := self._calendars_at(address):
                    return found
            except Failed as error:
                failed = failed or error
        raise failed or Unavailable(f"no calendars were found on {self.host}", "check the address; the provider's help names it")

    def tag(self, address: str) -> str:
        """Differs when anything in the calendar has changed: its CTag, else its sync token; empty where a server has
        neither. Raises Unavailable when there is no such calendar."""
        with self._talking("the calendar"):
            answer = self._client.propfind(address, _TAGS)
            self._check(answer, (207,))
            _, props = answer.texts()[0]
        return props.get(_CTAG) or props.get("{DAV:}sync-token") or ""

    def listing(self, address: str, start: datetime, end: datetime) -> dict[str, str]:
        """The path of each object that has an event in [start, end), and its ETag."""
        query = _QUERY.format(start=without_fraction(start), end=without_fraction(end))
        return {_path(path): props.get(_ETAG, "") for path, props in self._report(address, query) if not path.endswith("/")}

    def fetch(self, address: str, paths: Sequence[str]) -> dict[str, Item]:
        """The objects of these paths; what is not there any more is left out."""
        found: dict[str, Item] = {}
        for first in range(0, len(paths), AT_ONCE):
            query = _MULTIGET.format("".join(f"<d:href>{_escaped(p)}</d:href>" for p in paths[first : first + AT_ONCE]))
            for path, props in self._report(address, query):
                if data := props.get(_DATA):
                    found[_path(path)] = Item(props.get(_ETAG, ""), data)
        return found

    def is_gone(self, address: str, path: str) -> bool:
        """Whether the server says in so many words that there is no such object (404, 410)."""
        with self._talking("the event"):
            answer = self._client.propfind(urljoin(address, path), _ASK_ETAG)
            if answer.status in (404, 410):
                return True
            self._check(answer, (200, 207))
        return False

    def create(self, address: str, path: str, data: str) -> str:
        """Put a new object there; its ETag, empty where the server names none. Raises Changed when one is there already."""
        return self._put(address, path, data, {"If-None-Match": "*"})

    def replace(self, address: str, path: str, data: str, etag: str) -> str:
        """Put this in the place of the version `etag`. Raises Changed when that is not the present one."""
        try:
            return self._put(address, path, data, {"If-Match": etag})
        except Missing as error:
            raise Changed(f"it was deleted on {self.host}") from error

    def delete(self, address: str, path: str, etag: str) -> None:
        """Delete the version `etag`; fine when the object is gone already. Raises Changed when another version is there."""
        self.has_written = True
        with self._talking("the event"):
            answer = self._client.request(urljoin(address, path), "DELETE", headers={"If-Match": etag})
            self._check(answer, (200, 202, 204, 404, 410))

    def _put(self, address: str, path: str, data: str, condition: Mapping[str, str]) -> str:
        self.has_written = True
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        with self._talking("the event"):
            answer = self._client.put(urljoin(address, path), data, headers)
            self._check(answer, (200, 201, 204))
        return str(answer.headers.get("ETag") or "")

    def _report(self, address: str, query: str) -> list[tuple[str, dict[str, str]]]:
        with self._talking("the calendar"):
            answer = self._client.report(address, query, depth=1)
            self._check(answer, (207,))
            found: list[tuple[str, dict[str, str]]] = answer.texts()
        return found

    def _calendars_at(self, address: str) -> list[Found]:
        from caldav.collection import CalendarSet, Principal
        from caldav.lib.error import DAVError

        from coach.integrations.caldav_client import Refused

        with self._talking("the account"):
            try:
                principal = Principal(client=self._client, url=self._principal_of(address))
                listed = principal.calendars() or CalendarSet(self._client, principal.url).calendars()
                return [_found(c) for c in listed]
            except Refused:
                raise
            except (DAVError, ValueError, LookupError):
                return []

    def _principal_of(self, address: str) -> str:
        answer = self._client.propfind(address, _ASK_PRINCIPAL)
        found = answer.texts() if answer.status == 207 else []
        return urljoin(address, found[0][1].get(_PRINCIPAL, "")) if found else address

    def _check(self, answer: Any, right: Iterable[int]) -> None:
        if answer.status in right:
            return
        if answer.status in (404, 410):
            raise Missing(f"it is not on {self.host} any more", "`coach calendar remove` takes it off the list")
        if answer.status in (409, 412):
            raise Changed(f"it was changed on {self.host}")
        if answer.status == 507:
            raise Unavailable(f"{self.host} has no room left", "delete something there")
        raise Unavailable(f"{self.host} answered {answer.status}", "try again later")

    @contextmanager
    def _talking(self, what: str) -> Iterator[None]:
        """The library's errors, and those of what it stands on, as words for a person."""
        from caldav.lib import error as errors
        from lxml.etree import LxmlError
        from requests.exceptions import RequestException, SSLError

        from coach.integrations.caldav_client import Refused

        try:
            yield
        except CoachError:
            raise
        except Refused as error:
            if error.status == 403:
                raise Unavailable(f"{self.host} does not allow this user {what}", "ask for the right to it") from error
            words = f"{self.host} does not accept the user name and the password"
            raise WrongPassword(words, "`coach calendar password NAME` sets that of a calendar that is there already") from error
        except SSLError as error:
            raise Unavailable(f"the certificate of {self.host} cannot be trusted", "check the address and the clock") from error
        except RequestException as error:
            raise Unavailable(f"{self.host} does not answer", "check the network and the address") from error
        except (errors.DAVError, LxmlError, OSError, ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
            raise Unavailable(f"{self.host} does not answer as a CalDAV server does", "check the address") from error


class Missing(Unavailable):
    """The calendar is not there (404)."""

    code = "calendar_missing"


_CTAG = "{http://calendarserver.org/ns/}getctag"
_ETAG = "{DAV:}getetag"
_PRINCIPAL = "{DAV:}current-user-principal"
_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"
_ASK = (
    '<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:" xmlns:s="http://calendarserver.org/ns/"><d:prop>{}</d:prop>'
    "</d:propfind>"
)
_TAGS = _ASK.format("<s:getctag/><d:sync-token/>")
_ASK_ETAG = _ASK.format("<d:getetag/>")
_ASK_PRINCIPAL = _ASK.format("<d:current-user-principal/>")
_QUERY = (
    '<?xml version="1.0" encoding="utf-8"?><c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>'
    '<d:getetag/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT"><c:time-range start="{start}"'
    ' end="{end}"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>'
)
_MULTIGET = (
    '<?xml version="1.0" encoding="utf-8"?><c:calendar-multiget xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>'
    "<d:getetag/><c:calendar-data/></d:prop>{}</c:calendar-multiget>"
)


def _found(calendar: Any) -> Found:
    from caldav.elements.cdav import SupportedCalendarComponentSet

    kinds = calendar.get_properties([SupportedCalendarComponentSet()], parse_props=False) or {}
    kept = kinds.get(SupportedCalendarComponentSet.tag)
    takes = kept is None or len(kept) == 0 or any(kind.get("name") == "VEVENT" for kind in kept)  # optional: RFC 4791, 5.2.3
    return Found(str(calendar.url), str(calendar.name or calendar.id or "calendar"), takes)


def _path(href: str) -> str:
    """An object's path, written in one way: servers quote some characters or not as they please."""
    return quote(unquote(urlsplit(href).path), safe="/@:!$&'()*+,;=~")


def path_of(address: str, name: str) -> str:
    """The path of a new object of a calendar."""
    return _path(urljoin(address if address.endswith("/") else f"{address}/", quote(name)))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_this_machine(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")

