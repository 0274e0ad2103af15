from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coach.api import aside, serving
from coach.api.http import CONNECTIONS
from coach.config import ApiConfig, Config, Home
from coach.core.errors import Busy
from coach.engine import receiving, tokens, tracking
from coach.engine.runtime import Runtime
from coach.store import events
from coach.store.db import Connection, Unlocked

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TIMESTAMP = (NOW - timedelta(minutes=5)).isoformat()
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_NOW", NOW.isoformat())


@contextmanager
def served(home: Home, unlocked: Unlocked, config: Config | None = None) -> Iterator[Ask]:
    """A server on a free port, and a way to ask it: (status, JSON) of a request with a body of JSON, text or bytes."""
    runtime = Runtime(config or Config(), home, ZoneInfo("Europe/Berlin"), unlocked)
    with serving.serving(runtime, 0) as port:
        yield lambda *words, **more: ask(port, *words, **more)


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        text = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        connection.request(method, f"/api/0{path}", text, {k.replace("_", "-"): v for k, v in headers.items()})
        reply = connection.getresponse()
        said = reply.read()
        return reply.status, json.loads(said) if said else dict(reply.getheaders()) if method == "OPTIONS" else None
    finally:
        connection.close()


@pytest.fixture
def api(home: Home, unlocked: Unlocked) -> Iterator[Ask]:
    with served(home, unlocked) as asked:
        assert asked("POST", "/buckets/w", {"client": "c", "type": "currentwindow", "hostname": "!local"})[0] == 200
        yield asked


def beat(minutes: float = -5, duration: float = 0, **data: Any) -> dict[str, Any]:
    return {"timestamp": (NOW + timedelta(minutes=minutes)).isoformat(), "duration": duration, "data": data}


def test_buckets_are_made_once_described_changed_and_deleted_with_force(api: Ask) -> None:
    assert api("POST", "/buckets/w", {"client": "c", "type": "t", "hostname": "h"}) == (304, None)
    told = api("GET", "/buckets/w")[1]
    assert (told["id"], told["type"], told["hostname"]) == ("w", "currentwindow", socket.gethostname())
    assert told["data"]["device_id"]
    assert told["created"] == "2026-11-20T10:00:00+00:00"
    assert api("PUT", "/buckets/w", {"client": "d", "type": "currentwindow", "hostname": "h", "data": {"a": 1}}) == (200, {})
    assert api("GET", "/buckets/w")[1]["data"] == {"a": 1}
    api("POST", "/buckets/w/events", [beat(app="a")])
    assert api("GET", "/buckets/")[1]["w"]["last_updated"] == "2026-11-20T09:55:00+00:00"
    assert api("DELETE", "/buckets/w")[0] == 401
    assert api("DELETE", "/buckets/w?force=1") == (200, {})
    assert api("GET", "/buckets/w")[0] == 404
    assert api("POST", "/buckets/w", {"client": "c", "type": "currentwindow", "hostname": "h"}) == (200, {})
    assert api("GET", "/buckets/w/events") == (200, [])


def test_events_come_back_newest_first_cut_to_the_range_and_counted(api: Ask) -> None:
    for n in range(5):
        api("POST", "/buckets/w/events", beat(-10 + n, 60, app="a", title=str(n)))
    assert [e["data"]["title"] for e in api("GET", "/buckets/w/events?limit=2")[1]] == ["4", "3"]
    found = api("GET", "/buckets/w/events?start=2026-11-20T09:52:30Z&end=2026-11-20T09:53:30%2B00:00")[1]
    assert [(e["timestamp"], e["duration"]) for e in found] == [
        ("2026-11-20T09:53:00+00:00", 30.001), ("2026-11-20T09:52:30+00:00", 30.0)
    ]
    assert api("GET", "/buckets/w/events/count")[1] == 5
    assert api("GET", "/buckets/w/events/count?start=2026-11-20T09:53:30Z")[1] == 2
    one = api("GET", "/buckets/w/events?limit=1")[1][0]
    assert api("GET", f"/buckets/w/events/{one['id']}") == (200, one)
    assert api("POST", "/buckets/w/events", {**one, "data": {"app": "b", "title": ""}})[1]["id"] == one["id"]
    assert api("GET", "/buckets/w/events?limit=1")[1][0]["data"] == {"app": "b", "title": ""}
    assert api("DELETE", f"/buckets/w/events/{one['id']}") == (200, {"success": 1})
    assert api("DELETE", f"/buckets/w/events/{one['id']}") == (200, {"success": 0})
    assert api("GET", f"/buckets/w/events/{one['id']}") == (404, None)


def test_what_is_exported_can_be_imported_where_it_is_missing(api: Ask) -> None:
    api("POST", "/buckets/w/events", [beat(-n, 1.5, app="a", title=f"t{n}", more=[n]) for n in range(2500)])
    whole = api("GET", "/export")[1]
    assert len(whole["buckets"]["w"]["events"]) == 2500
    assert "id" not in whole["buckets"]["w"]["events"][0]
    assert api("GET", "/buckets/w/export")[1] == whole
    status, told = api("POST", "/import", whole)
    assert status == 400
    assert "already" in told["message"]
    api("DELETE", "/buckets/w?force=1")
    assert api("POST", "/import", whole) == (200, None)
    assert api("GET", "/export")[1] == whole


def test_settings_are_kept_by_key(api: Ask) -> None:
    assert api("POST", "/settings/classes", [{"name": ["Work"]}]) == (200, [{"name": ["Work"]}])
    assert api("GET", "/settings/classes") == (200, [{"name": ["Work"]}])
    assert api("GET", "/settings") == (200, {"classes": [{"name": ["Work"]}]})
    api("POST", "/settings/classes", b"null")
    assert api("GET", "/settings/classes") == (200, None)


def test_queries_are_declined_with_a_word_about_what_answers_instead(api: Ask) -> None:
    status, told = api("POST", "/query/", {"query": ["RETURN=1;"], "timeperiods": []})
    assert status == 501
    assert "coach report" in told["message"]


BAD: list[tuple[str, str, Any, int]] = [
    ("POST", "/buckets/w/heartbeat", beat(app="a"), 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=x", beat(app="a"), 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=nan", beat(app="a"), 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1e300", beat(app="a"), 400),
    ("POST", "/buckets/none/heartbeat?pulsetime=1", beat(app="a"), 404),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", b"{", 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", b"", 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", b'{"timestamp": "\xff"}', 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", b"[" * 100_000, 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", b'{"timestamp":"2026-11-20T09:00:00Z","duration":NaN,"data":{}}', 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", [beat(app="a")], 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", {"data": {}}, 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", {"timestamp": "yesterday"}, 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", {"timestamp": 7}, 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", {"timestamp": TIMESTAMP, "data": []}, 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", {"timestamp": TIMESTAMP, "start": 1}, 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", {"timestamp": TIMESTAMP, "data": {"x": "y" * 20_000}}, 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", {"timestamp": "0001-01-01T00:00:00+05:00"}, 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", {"timestamp": "9999-12-31T23:59:59Z"}, 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", beat(duration=-1, app="a"), 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", beat(duration=1e12, app="a"), 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", beat(60 * 24 * 40, app="a"), 400),
    ("POST", "/buckets/w/heartbeat?pulsetime=1", b'{"timestamp":"' + b"x" * 10_000_000 + b'"}', 413),
    ("POST", "/buckets/w/events", [beat(app="a"), beat(duration=-1, app="a")], 400),
    ("POST", "/buckets/w/events", 7, 400),
    ("GET", "/buckets/w/events?limit=many", None, 400),
    ("GET", "/buckets/w/events?start=never", None, 400),
    ("GET", "/buckets/w/events/x", None, 404),
    ("POST", "/buckets/x", {"client": "c", "type": "t"}, 400),
    ("POST", "/buckets/x", [], 400),
    ("POST", "/buckets/" + "x" * 300, {"client": "c", "type": "t", "hostname": "h"}, 400),
    ("POST", "/import", {"buckets": {"x": {"events": "none"}}}, 400),
    ("POST", "/import", [], 400),
    ("GET", "/nothing", None, 404),
    ("DELETE", "/info", None, 404),
]


def test_bad_input_gets_a_status_and_leaves_nothing(api: Ask) -> None:
    for number, (method, path, body, status) in enumerate(BAD):
        got, told = api(method, path, body)
        assert (number, got) == (number, status)
        assert told["message"]
    assert api("GET", "/buckets/w/events") == (200, [])
    assert list(api("GET", "/buckets/")[1]) == ["w"]


def test_a_title_of_ten_megabytes_is_cut_and_odd_characters_do_no_harm(api: Ask) -> None:
    assert api("POST", "/buckets/w/events", [beat(app="a", title="x" * 10_000_000)])[0] == 200
    sent = b'{"timestamp":"2026-11-20T09:00:00Z","data":{"app":"a\\u0000\\u202e","title":"b","odd":"\\ud800"}}'
    assert api("POST", "/buckets/w/heartbeat?pulsetime=1", sent)[0] == 200
    found = api("GET", "/buckets/w/events")[1]
    assert [len(found[0]["data"]["title"]), found[1]["data"]] == [500, {"app": "a", "title": "b", "odd": "\ud800"}]


def test_other_hosts_and_pages_of_other_origins_are_turned_away_extensions_are_not(api: Ask) -> None:
    assert api("GET", "/info", Host="evil.example:5600")[0] == 400
    assert api("GET", "/info", Host="localhost:5600")[0] == 200
    strangers = ("https://evil.example", "null", "http://localhost.evil.example", "http://localhost:1", "chrome-extension://abc",
                 "https://moz-extension://evil.example")
    for origin in strangers:
        assert api("POST", "/buckets/w/heartbeat?pulsetime=1", beat(app="a"), Origin=origin)[0] == 403
        assert api("OPTIONS", "/buckets/w", Origin=origin)[0] == 403
    assert api("GET", "/buckets/w/events")[1] == []
    assert api("GET", "/info", Origin="moz-extension://5b8c")[0] == 200
    assert api("GET", "/info", Origin="chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi")[0] == 200
    status, headers = api("OPTIONS", "/buckets/w", Origin="moz-extension://5b8c", Access_Control_Request_Headers="content-type")
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "moz-extension://5b8c"
    assert headers["Access-Control-Allow-Headers"] == "content-type"


def test_the_settings_let_further_origins_in(home: Home, unlocked: Unlocked) -> None:
    with served(home, unlocked, Config(api=ApiConfig(origins=("chrome-extension://abc/",)))) as api:
        assert api("GET", "/info", Origin="chrome-extension://abc")[0] == 200
        assert api("GET", "/info", Origin="chrome-extension://abcd")[0] == 403


def test_with_require_token_only_info_is_open(home: Home, unlocked: Unlocked, db: Connection) -> None:
    with served(home, unlocked, replace(Config(), api=ApiConfig(require_token=True))) as api:
        assert api("GET", "/info")[0] == 200
        assert api("GET", "/buckets/")[0] == 401
        assert api("GET", "/buckets/", Authorization="Bearer wrong")[0] == 401
        assert api("GET", "/buckets/", Authorization=f"Bearer {tokens.token(db)}") == (200, {})


def test_coachs_own_buckets_are_neither_shown_nor_taken(api: Ask, db: Connection) -> None:
    events.bucket(db, "x11", "currentwindow", NOW)
    assert "x11" not in api("GET", "/buckets/")[1]
    assert api("GET", "/buckets/x11/events")[0] == 404
    assert api("POST", "/buckets/x11", {"client": "c", "type": "currentwindow", "hostname": "h"})[0] == 400


def test_exclusions_hold_before_anything_is_stored(api: Ask, db: Connection) -> None:
    tracking.exclude(db, "app", "keepassxc", "drop", NOW)
    tracking.exclude(db, "title", "divorce", "redact", NOW)
    api("POST", "/buckets/aw-watcher-web-firefox_pc", {"client": "c", "type": "web.tab.current", "hostname": "h"})
    api("POST", "/buckets/aw-watcher-vim_pc", {"client": "c", "type": "app.editor.activity", "hostname": "h"})
    api("POST", "/buckets/notes", {"client": "c", "type": "custom", "hostname": "h"})

    def kept(name: str, **data: Any) -> Any:
        return api("POST", f"/buckets/{name}/heartbeat?pulsetime=1", beat(**data))[1]["data"]

    web = "aw-watcher-web-firefox_pc"
    assert kept("w", app="KeePassXC", title="vault.kdbx") == {"app": "excluded", "title": ""}
    assert kept("w", app="evince", title="divorce.pdf") == {"app": "evince", "title": "excluded"}
    assert kept(web, url="https://u:p@x.org/a?q=secret#f", title="A") == {"url": "https://x.org/a", "title": "A"}
    assert kept(web, url="https://x.org/b", title="B", incognito=True) == {"url": "", "title": "", "incognito": True}
    assert kept(web, url="https://x.org/b", title="my divorce", audible=True) == {"url": "excluded", "title": "excluded"}
    assert kept("aw-watcher-vim_pc", file="/h/divorce/a.txt", project="/h/divorce", language="x") == {"file": "excluded"}
    assert kept("notes", text="about my divorce", n=1) == {}
    words = " ".join(str(tuple(r)) for table in ("event", "context") for r in db.execute(f"SELECT * FROM {table}"))
    assert not [secret for secret in ("divorce", "vault", "secret", "KeePass", "x.org/b") if secret in words]


def test_while_paused_heartbeats_are_answered_and_forgotten(api: Ask, db: Connection) -> None:
    def send(minutes: float) -> Any:
        return api("POST", "/buckets/w/heartbeat?pulsetime=600", beat(minutes, app="a", title="t"))[1]

    send(-9)
    tracking.pause(db, NOW)
    assert send(-6)["id"] is None
    tracking.resume(db)
    send(-3)
    send(-2)
    assert [e["duration"] for e in api("GET", "/buckets/w/events")[1]] == [60, 0]


def test_a_consent_that_was_taken_back_silences_watchers_too(api: Ask, db: Connection) -> None:
    tracking.set_consent(db, False, NOW)
    api("POST", "/buckets/w/heartbeat?pulsetime=1", beat(app="a"))
    assert api("GET", "/buckets/w/events")[1] == []


def test_a_taken_port_is_left_alone_and_the_next_one_is_named(home: Home, unlocked: Unlocked, db: Connection) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        wanted = other.getsockname()[1]
        runtime = Runtime(replace(Config(), api=ApiConfig(port=wanted)), home, ZoneInfo("UTC"), unlocked)
        with serving.serving(runtime) as port:
            told = receiving.served(db, home)
            assert told is not None
            assert wanted < port == told.port
            assert told.taken_by == "another program"
            with pytest.raises(Busy), serving.serving(runtime):
                pass
    assert receiving.served(db, home) is None


def test_a_process_takes_over_when_the_one_that_served_ends(
    home: Home, unlocked: Unlocked, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "RETRY_S", 0.05)
    runtime = Runtime(replace(Config(), api=ApiConfig(port=0)), home, ZoneInfo("UTC"), unlocked)

    def answering(port: int | None = None) -> int:
        """The port that answers and is announced, another one than `port`."""
        for _ in range(200):
            told = receiving.served(db, home)
            if told and told.port != port and ask(told.port, "GET", "/info")[0] == 200:
                return told.port
            time.sleep(0.05)
        raise AssertionError("nobody serves")

    with ExitStack() as turn:
        first = turn.enter_context(serving.serving(runtime))
        with aside.aside("watchers", lambda: serving.serving(runtime)):
            assert answering() == first
            turn.close()
            assert answering(first) != first
    assert receiving.served(db, home) is None


def test_a_flood_of_connections_is_told_to_come_back(home: Home, unlocked: Unlocked) -> None:
    runtime = Runtime(Config(), home, ZoneInfo("UTC"), unlocked)
    with serving.serving(runtime, 0) as port:
        held = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(CONNECTIONS + 1)]
        try:
            assert b" 503 " in held[-1].recv(100)
        finally:
            for one in held:
                one.close()


def test_requests_are_told_apart_however_their_bytes_arrive(home: Home, unlocked: Unlocked) -> None:
    runtime = Runtime(Config(), home, ZoneInfo("Europe/Berlin"), unlocked)
    with serving.serving(runtime, 0) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        info = f"GET /api/0/info HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        none = info.replace(b"/info", b"/none")
        replies = line.makefile("rb")
        for piece in (info + none + info[:20], info[20:] + none[:-1], none[-1:]):
            line.sendall(piece)
            time.sleep(0.05)
        assert [_status(replies) for _ in range(4)] == [200, 404, 200, 404]
        line.sendall(info.replace(b"Host: 127", b"Host: evil.example\r\nX: 127"))
        assert _status(replies) == 400
        assert replies.read() == b""


@pytest.mark.parametrize(("head", "status"), [
    (b"GET /api/0/info\r\n\r\n", 400), (b"GET /api/0/info HTTP/1.1\nHost: localhost\n\n", 400),
    (b"GET /api/0/info HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n", 400),
    (b"GET /api/0/info HTTP/1.1\r\nHost: localhost\r\nA: b\nContent-Length: 2\r\n\r\n", 400),
    (b"GET /api/0/info HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 9000 + b"\r\n\r\n", 431),
    (b"GET /api/0/info HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n", 431),
    (b"BREW /api/0/info HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
    (b"POST /api/0/import HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
])
def test_a_head_that_is_none_is_refused_and_the_connection_closed(
    home: Home, unlocked: Unlocked, head: bytes, status: int
) -> None:
    runtime = Runtime(Config(), home, ZoneInfo("Europe/Berlin"), unlocked)
    with serving.serving(runtime, 0) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head)
        replies = line.makefile("rb")
        assert _status(replies) == status
        assert replies.read() == b""


def _status(replies: Any) -> int:
    """The status of the next reply, whose body is read too."""
    status, length = int(replies.readline().split()[1]), 0
    while (text := replies.readline().strip()):
        name, _, value = text.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    replies.read(length)
    return status
