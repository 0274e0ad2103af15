"""A CalDAV server that answers wrongly, late, elsewhere or not at all: a clear word, and the last good state stays."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, parse
from coach.core import change
from coach.core.calendar import Calendar
from coach.core.errors import InvalidInput, Unavailable
from coach.core.plan import Block
from coach.engine import block_feed, calendar_accounts, calendars, interchange, tasks
from coach.integrations import caldav
from coach.integrations.caldav import Account
from coach.store import blocks, changes
from coach.store import caldav as kept
from coach.store import calendars as store
from coach.store.db import Connection

Answer = tuple[int, dict[str, str], str]
SECRET = "open sesame"
EVENT = "BEGIN:VCALENDAR&#13;\nVERSION:2.0&#13;\nPRODID:x&#13;\nBEGIN:VEVENT&#13;\nUID:a&#13;\nDTSTAMP:20260101T000000Z&#13;\n" \
    "DTSTART:20261120T130000Z&#13;\nDTEND:20261120T140000Z&#13;\nSUMMARY:Board&#13;\nEND:VEVENT&#13;\nEND:VCALENDAR&#13;\n"
XML = {"Content-Type": "text/xml; charset=utf-8"}


def many(*responses: str) -> Answer:
    head = '<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" ' \
        'xmlns:s="http://calendarserver.org/ns/">'
    return 207, XML, f"{head}{''.join(responses)}</d:multistatus>"


def one(href: str, props: str) -> str:
    return f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>{props}</d:prop><d:status>HTTP/1.1 200 OK</d:status>" \
        "</d:propstat></d:response>"


def sound(method: str, body: str, tag: str = "1", event: str = EVENT) -> Answer:
    """A server with one event."""
    if method == "PROPFIND":
        return many(one("/cal/", f"<s:getctag>{tag}</s:getctag>"))
    if "calendar-query" in body:
        return many(one("/cal/a.ics", f"<d:getetag>\"{tag}\"</d:getetag>"))
    if "calendar-multiget" in body:
        return many(one("/cal/a.ics", f"<d:getetag>\"{tag}\"</d:getetag><c:calendar-data>{event}</c:calendar-data>"))
    return 201, {"ETag": '"new"'}, ""


class Scripted:
    """A server on loopback that gives what `answer` (method, body) says; None: nothing, until the test is over."""

    def __init__(self) -> None:
        self.answer: Callable[[str, str], Answer | None] = sound
        self.asked: list[tuple[str, str]] = []
        self.path = ""
        self.over = threading.Event()
        script = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                script.path = self.path
                script.asked.append((self.command, self.headers.get("Authorization") or ""))
                given = script.answer(self.command, body)
                if given is None:
                    script.over.wait(20)
                    return
                status, headers, text = given
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_PROPFIND = do_REPORT = do_PUT = do_DELETE = do_GET = _any

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/cal/"


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    monkeypatch.setattr(caldav, "TIMEOUT_S", 0.3)
    script = Scripted()
    script.thread.start()
    yield script
    script.over.set()
    script.server.shutdown()
    script.server.server_close()


@pytest.fixture
def calendar(scripted: Scripted, db: Connection, now: datetime, tz: ZoneInfo) -> Calendar:
    """A calendar that was read once."""
    made = Calendar("c1", "Work", "caldav", scripted.address, now, user="me")
    changes.apply(db, [change.create("calendar", "c1", store.values(made))], now=now, label="add calendar")
    kept.set_password(db, caldav.origin(scripted.address), "me", SECRET)
    row = calendars.sync(db, now, tz)[0]
    assert (row.events, row.read.failed, row.read.problems) == (1, False, ())
    return made


TROUBLE = {
    "401": ((401, {"WWW-Authenticate": 'Basic realm="x"'}, ""), "does not accept the user name and the password"),
    "403": ((403, {}, ""), "does not allow this user the calendar"),
    "404": ((404, {}, ""), "it is not on 127.0.0.1 any more"),
    "500": ((500, {}, "<html>oops</html>"), "127.0.0.1 answered 500"),
    "503": ((503, {"Retry-After": "3600"}, ""), "127.0.0.1 asks to wait"),
    "507": ((507, {}, ""), "127.0.0.1 has no room left"),
    "nothing": (None, "127.0.0.1 does not answer"),
    "a page": ((200, {"Content-Type": "text/html"}, "<html><body>Sign in</body></html>"), "127.0.0.1 answered 200"),
    "half": ((207, XML, "<d:multistatus xmlns:d='DAV:'><d:respo"), "does not answer as a CalDAV server does"),
    "empty": ((207, XML, ""), "does not answer as a CalDAV server does"),
    "other words": ((207, XML, "<xml/>"), "does not answer as a CalDAV server does"),
    "bomb": ((207, XML, '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'), "127.0.0.1"),
    "elsewhere": ((301, {"Location": "http://other.example/cal/"}, ""), "127.0.0.1 redirects to other.example"),
    "circle": ((302, {"Location": "/cal/"}, ""), "127.0.0.1 redirects in circles"),
    "huge": ((207, XML, " " * 5000), "sends more than 0 MB"),
}


@pytest.mark.parametrize("kind", TROUBLE)
def test_trouble_has_a_word_and_costs_nothing_that_was_there(kind, scripted, calendar, db, now, tz, monkeypatch) -> None:
    answer, words = TROUBLE[kind]
    if kind == "huge":
        monkeypatch.setattr(caldav, "MOST_BYTES", 4096)
    scripted.answer = lambda method, body: answer
    row = calendars.sync(db, now + timedelta(minutes=20), tz)[0]
    assert row.read.failed
    assert words in row.read.problems[0]
    assert SECRET not in str(calendars.row_json(row))
    assert (row.events, row.read.whole) == (1, now)
    scripted.answer = sound
    row = calendars.sync(db, now + timedelta(minutes=40), tz)[0]
    assert (row.events, row.read.failed, row.read.problems) == (1, False, ())


def test_the_password_goes_to_nobody_else_and_is_told_to_nobody(scripted, calendar, db, now, tz) -> None:
    other = Scripted()
    other.thread.start()
    try:
        scripted.answer = lambda method, body: (307, {"Location": other.address}, "")
        assert calendars.sync(db, now, tz)[0].read.failed
        assert other.asked == []
    finally:
        other.server.shutdown()
        other.server.server_close()
    assert SECRET not in "".join(interchange.export(db, "json", Config(), now, tz))
    logged = db.execute("SELECT group_concat(fields) FROM change").fetchone()[0]
    assert SECRET not in logged


def test_an_account_is_found_by_the_well_known_address(scripted) -> None:
    def answer(method: str, body: str) -> Answer:
        if scripted.path == "/.well-known/caldav":
            return 301, {"Location": "/dav/"}, ""
        if scripted.path == "/dav/":
            return many(one("/dav/", "<d:current-user-principal><d:href>/dav/me/</d:href></d:current-user-principal>"))
        if scripted.path == "/dav/me/":
            return many(one("/dav/me/", "<c:calendar-home-set><d:href>/dav/home/</d:href></c:calendar-home-set>"))
        if scripted.path == "/dav/home/":
            kind = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"
            return many(one("/dav/home/", "<d:resourcetype><d:collection/></d:resourcetype>"),
                        one("/dav/home/w%20k/", f"{kind}<d:displayname>Work</d:displayname>"))
        if scripted.path == "/dav/home/w%20k/":
            return many(one("/dav/home/w%20k/", '<c:supported-calendar-component-set><c:comp name="VEVENT"/>'
                            "</c:supported-calendar-component-set>"))
        return 404, {}, ""

    scripted.answer = answer
    account = caldav.Account(scripted.address, "me", SECRET)
    found = calendar_accounts.calendars_of(account)
    assert [(f.name, f.address.partition("/dav/")[2]) for f in found] == [("Work", "home/w%20k/")]
    scripted.answer = lambda method, body: (404, {}, "")
    with pytest.raises(Unavailable, match="no calendars were found"):
        calendar_accounts.calendars_of(account)


def test_only_what_changed_is_fetched_and_an_event_that_cannot_be_read_is_named(scripted, calendar, db, now, tz) -> None:
    scripted.asked.clear()
    assert not calendars.sync(db, now, tz)[0].read.problems
    assert [method for method, _ in scripted.asked if method != "PROPFIND"] == [], "the tag is the same"
    broken = EVENT.replace("DTSTART:20261120T130000Z", "DTSTART:soon")
    scripted.answer = lambda method, body: sound(method, body, "2", broken)
    row = calendars.sync(db, now, tz)[0]
    assert not row.read.failed
    assert row.read.problems == ("event 1, line 4: DTSTART cannot be read",)
    scripted.answer = lambda method, body: sound(method, body, "3")
    assert calendars.sync(db, now, tz)[0].events == 1


@pytest.mark.parametrize("challenge", ['Basic realm="x"', 'Digest realm="x", nonce="n", qop="auth", algorithm=SHA-256'])
def test_the_password_is_sent_as_the_server_asks_and_only_then(challenge, scripted) -> None:
    user, password = "me", "s\u00e9same"

    def answer(method: str, body: str) -> Answer:
        sent = scripted.asked[-1][1]
        if challenge.startswith("Basic"):
            right = sent == "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        else:
            right = digest(sent, method, f"{user}:x:{password}")
        return sound(method, body) if right else (401, {"WWW-Authenticate": challenge}, "")

    scripted.answer = answer
    with closing(caldav.Server(caldav.Account(scripted.address, user, password))) as server:
        assert server.tag(scripted.address) == "1"
        assert len(server.fetch(scripted.address, ["/cal/a.ics"])) == 1
    assert scripted.asked[0][1] == ""
    with closing(caldav.Server(caldav.Account(scripted.address, user, "wrong"))) as server, pytest.raises(caldav.WrongPassword):
        server.tag(scripted.address)


def digest(sent: str, method: str, secret: str) -> bool:
    """Whether it is RFC 7616's response for this secret (user:realm:password)."""
    given = {name: one or two for name, one, two in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', sent)}
    if not given:
        return False

    def sha(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    parts = (sha(secret), given["nonce"], given["nc"], given["cnonce"], given["qop"], sha(f"{method}:{given['uri']}"))
    return given["response"] == sha(":".join(parts))


def test_a_list_that_is_cut_off_or_refused_in_parts_deletes_nothing(scripted, calendar, db, now, tz) -> None:
    for status, words in (("507 Insufficient Storage", "does not list so many events"), ("500 Oops", "does not answer as a")):
        part = f"<d:response><d:href>/cal/</d:href><d:status>HTTP/1.1 {status}</d:status></d:response>"
        scripted.answer = lambda method, body, part=part: many(part) if "query" in body else sound(method, body, "2")
        row = calendars.sync(db, now, tz)[0]
        assert words in row.read.problems[0]
        assert row.events == 1


def test_what_is_no_list_is_not_written_to_the_log_and_entities_are_not_expanded(scripted, calendar, db, now, tz, caplog) -> None:
    scripted.answer = lambda method, body: (207, {"Content-Type": "application/octet-stream"}, "a secret")
    assert calendars.sync(db, now, tz)[0].read.failed
    assert "secret" not in caplog.text
    entity = '<!DOCTYPE x [<!ENTITY a "2026">]>' + many(one("/cal/", "<s:getctag>&a;</s:getctag>"))[2].partition("?>")[2]
    scripted.answer = lambda method, body: (207, XML, entity)
    with closing(caldav.Server(caldav.Account(scripted.address, "me", SECRET))) as server:
        assert "2026" not in server.tag(scripted.address)


def accepted(db: Connection, now: datetime, tz: ZoneInfo) -> Block:
    task = tasks.add(db, "Write, report; soon", Config(), now, tz)
    start = now + timedelta(hours=3)
    block = Block("00000000-1111-2222-3333-444444444444", task.id, start, start + timedelta(hours=1), status="accepted")
    changes.apply(db, [change.create("block", block.id, blocks.values(block, now))], now=now, label="accept block")
    return block


@pytest.mark.parametrize(
    ("status", "words"), [(412, "changed on 127.0.0.1"), (500, "answered 500"), (403, "does not allow"), (None, "not answer")]
)
def test_a_block_that_cannot_be_written_stays_and_waits(status, words, scripted, calendar, db, now, tz) -> None:
    block = accepted(db, now, tz)
    writes = parse({"calendar": {"blocks": "Work"}})

    def refusing(method: str, body: str) -> Answer | None:
        return sound(method, body) if method != "PUT" else None if status is None else (status, {}, "")

    scripted.answer = refusing
    row = calendars.sync(db, now, tz, config=writes)[0]
    assert row.read.failed
    assert words in row.read.problems[0]
    assert row.events == 1
    assert blocks.find(db, block.id) == block
    assert calendars.sync_servers(db, writes, now + timedelta(minutes=5), tz) == 0, "a server in trouble is not asked each minute"
    scripted.answer = sound
    assert calendars.sync_servers(db, writes, now + timedelta(minutes=16), tz) == 1
    assert kept.links(db)[0].base is not None
    assert calendars.rows(db)[0].read.problems == ()


def test_addresses_that_would_give_a_password_away_are_refused(db) -> None:
    for address in ("http://example.org/dav/", "https://me:secret@example.org/", "ftp://x/", "https://", "https://a b/"):
        with pytest.raises(InvalidInput):
            calendar_accounts.account(db, address, "me", lambda _: "x")
    with pytest.raises(InvalidInput, match="user name"):
        calendar_accounts.account(db, "https://example.org/dav/", "", lambda _: "x")
    with pytest.raises(InvalidInput, match="password"):
        calendar_accounts.account(db, "https://me@example.org/dav/", "", lambda _: "")
    found = calendar_accounts.account(db, "me%40x@example.org/dav/", "", lambda _: "x")
    assert (found.address, found.user) == ("https://example.org/dav/", "me@x")


def test_the_feed_file_follows_the_blocks_and_keeps_titles_to_itself(db, now, tz, tmp_path: Path) -> None:
    file = tmp_path / "coach.ics"
    config = parse({"calendar": {"blocks_file": str(file)}})
    assert block_feed.follow(db, config, now)
    block = accepted(db, now, tz)
    assert block_feed.follow(db, config, now)
    first = file.read_text("utf-8")
    assert f"UID:{block.id}" in first
    assert "SUMMARY:Busy" in first
    assert "report" not in first
    assert not block_feed.follow(db, config, now + timedelta(minutes=5)), "the same blocks, the same file"
    titled = parse({"calendar": {"block_titles": "task"}})
    assert "SUMMARY:Write\\, report\\; soon" in "".join(interchange.export(db, "blocks", titled, now, tz))
    calendars.add(db, str(file), now, tz)
    assert calendars.busy(db, now, now + timedelta(days=1)) == [], "what comes back is the block, not a second one"
    with pytest.raises(InvalidInput, match="cannot be written"):
        block_feed.follow(db, parse({"calendar": {"blocks_file": str(tmp_path / "none" / "x.ics")}}), now)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_account_of_a_server_that_fails_is_not_an_empty_one(scripted: Scripted, status: int) -> None:
    scripted.answer = lambda method, body: (status, {}, "<html>oops</html>")
    with pytest.raises(Unavailable, match=f"127.0.0.1 answered {status}") as caught:
        calendar_accounts.calendars_of(Account(scripted.address, "me", SECRET))
    assert "error of the server" in caught.value.hint
    scripted.answer = lambda method, body: (404, {}, "")
    with pytest.raises(Unavailable, match="no calendars were found on"):
        calendar_accounts.calendars_of(Account(scripted.address, "me", SECRET))
