"""What Coach's own API does with those who mean it ill, or do not know better: a clear status, and it goes on."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from coach.api import own, own_guard, own_live
from coach.config import Config, Home
from coach.engine.runtime import Runtime
from coach.store.db import Unlocked
from tests.api.own_client import Client, served


@pytest.fixture
def client(home: Home, unlocked: Unlocked, tz: ZoneInfo, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("COACH_NOW", now.isoformat())
    monkeypatch.setattr(own_live, "POLL_S", 0.1)
    with served(Runtime(Config(), home, tz, unlocked)) as client:
        yield client
        assert client.ask("GET", "/docs", token="").status in (200, 429)  # whatever happened, it answers


def test_without_the_token_nothing_is_told(client: Client) -> None:
    for token in ("", "wrong", client.token[:-1], client.token + "x", "é"):
        got = client.ask("GET", "/v1/tasks", token=token) if token.isascii() else client.ask(
            "GET", "/v1/tasks", token="", Authorization="Bearer \xe9")
        assert (got.status, got.code) == (401, "unauthorized")
        assert got.headers["WWW-Authenticate"] == "Bearer"
    assert client.ask("GET", "/v1/tasks", token="", Authorization=f"Basic {client.token}").status == 401
    assert client.ask("POST", "/v1/undo", token="").status == 401
    assert client.ask("GET", "/metrics", token="").status == 401


def test_pages_from_elsewhere_are_refused_even_with_the_token(client: Client) -> None:
    for origin in ("http://evil.example", "null", "https://127.0.0.1:1", "http://127.0.0.1.evil.example"):
        got = client.ask("GET", "/v1/tasks", Origin=origin)
        assert (got.status, got.code) == (403, "forbidden"), origin
        assert "Access-Control-Allow-Origin" not in got.headers
        with client.live(origin=origin) as live:
            assert live.refused == 403


def test_its_own_page_may_ask(client: Client) -> None:
    assert client.ask("GET", "/v1/tasks", Origin=f"http://127.0.0.1:{client.port}").status == 200


def test_another_host_is_refused(client: Client) -> None:
    for host in ("evil.example", "127.0.0.1:1", "", "127.0.0.1, evil.example"):
        for path in ("/v1/tasks", "/docs"):
            got = client.ask("GET", path, Host=host)
            assert (got.status, got.code) == (400, "invalid"), host


def test_it_is_not_heard_outside_this_machine(client: Client) -> None:
    for opened in (socket.AF_INET, socket.AF_INET6):
        with socket.socket(opened, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1" if opened == socket.AF_INET else "2001:db8::1", 9))
            except OSError:
                continue  # this machine has no other address of that kind
            address = probe.getsockname()[0]
        if address in ("127.0.0.1", "::1"):
            continue
        with pytest.raises(OSError):
            socket.create_connection((address, client.port), timeout=2).close()


def test_too_many_requests_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_guard, "PER_MINUTE", 5)
    assert [client.ask("GET", "/v1/focus").status for _ in range(6)] == [200] * 5 + [429]
    got = client.ask("GET", "/v1/focus")
    assert got.code == "busy"
    assert 50 < int(got.headers["Retry-After"]) <= 60
    with client.live() as live:
        assert live.refused == 429


def test_a_stranger_cannot_use_up_the_persons_requests(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_guard, "PER_MINUTE", 5)
    assert [client.ask("GET", "/v1/focus", token="guess").status for _ in range(7)] == [401] * 5 + [429] * 2
    assert client.ask("GET", "/v1/focus").status == 200


NONSENSE: list[tuple[str, str, bytes | None, int]] = [
    ("POST", "/v1/tasks", b"{", 422), ("POST", "/v1/tasks", b"\xff\xfe", 422), ("POST", "/v1/tasks", b"[]", 422),
    ("POST", "/v1/tasks", b'{"text": 5}', 422), ("POST", "/v1/tasks", b'{"text": "x", "more": 1}', 422),
    ("POST", "/v1/tasks", b'{"text": "   "}', 400), ("POST", "/v1/tasks", b'{"text": "' + b"x" * 21_000 + b'"}', 422),
    ("POST", "/v1/tasks", b"[" * 30_000, 400), ("POST", "/v1/tasks/99/done", b"", 404), ("GET", "/v1/tasks/none", None, 404),
    ("GET", "/v1/tasks?limit=0", None, 422), ("GET", "/v1/tasks?filter=due.before:nonsense", None, 400),
    ("GET", "/v1/activities?start=soon", None, 400), ("GET", "/v1/activities?start=2026-11-20&end=2026-11-19", None, 400),
    ("GET", "/v1/activities?offset=99999999999999999999", None, 422), ("GET", "/v1/activities?app=%00%ff", None, 200),
    ("GET", "/v1/activities?start=0001-01-01&end=9999-12-31T23:59:59-12:00", None, 400),
    ("GET", "/v1/activities?layer=both", None, 422), ("GET", "/v1/report/decade", None, 422),
    ("GET", "/v1/report/day?date=never", None, 400), ("GET", "/v1/report/year?date=0001-01-01", None, 400),
    ("GET", "/v1/report/week?date=9999-12-31", None, 400),
    ("POST", "/v1/rules", b'{"category": "X", "field": "title", "pattern": "(", "kind": "regex"}', 400),
    ("POST", "/v1/rules", b'{"category": "", "field": "title", "pattern": "x"}', 422),
    ("POST", "/v1/corrections", b'{"start": "x", "end": "y"}', 400),
    ("POST", "/v1/focus", b'{"for_min": 0}', 422), ("POST", "/v1/focus", b'{"for_min": 1e999}', 422),
    ("POST", "/v1/focus", b'{"task": "77"}', 404), ("POST", "/v1/undo", b'{"steps": -1}', 422),
    ("POST", "/v1/ask", b'{"text": ""}', 422), ("GET", "/v1/nothing", None, 404), ("PUT", "/v1/tasks", b"{}", 405),
    ("GET", "/../../etc/passwd", None, 404), ("GET", "/v1/live", None, 404), ("GET", "/metrics", None, 404),
]


def test_requests_that_make_no_sense_are_told_so(client: Client) -> None:
    for method, path, body, status in NONSENSE:
        got = client.ask(method, path, body)
        assert got.status == status, (method, path, got.body)
        if status >= 400:
            error = got.json["error"]
            assert set(error) == {"code", "message", "hint"}
            assert "xxx" not in error["message"]
            assert "Traceback" not in got.body.decode()


def test_oversized_bodies_are_cut_off(client: Client) -> None:
    with client.raw(_head(client, "Content-Length: 50000000")) as opened:
        assert opened.recv(65536).startswith(b"HTTP/1.1 413")
    with client.raw(_head(client, "Transfer-Encoding: chunked")) as opened:
        chunk = b"2000\r\n" + b"x" * 0x2000 + b"\r\n"
        answer = b""
        try:
            for _ in range(40):
                opened.sendall(chunk)
            answer = opened.recv(65536)
        except ConnectionError:
            answer = answer or b"HTTP/1.1 413 closed"
        assert answer.startswith(b"HTTP/1.1 413")
    with client.raw(b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000) as opened:
        assert opened.recv(65536).startswith(b"HTTP/1.1 400")


def test_slow_clients_are_let_go(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_guard, "STALL_S", 0.3)
    monkeypatch.setattr(own, "STALL_S", 0.3)
    began = time.monotonic()
    late = _head(client, "Content-Length: 20") + b'{"text"'
    for opened, said in ((client.raw(), b""), (client.raw(b"GET /v1/tasks HT"), b""), (client.raw(late), b"HTTP/1.1 408")):
        with opened:
            opened.settimeout(8)
            heard = b""
            with suppress(ConnectionError):
                while data := opened.recv(4096):
                    heard += data
            assert heard.startswith(said)
            assert bool(heard) == bool(said)
    assert time.monotonic() - began < own_guard.STALL_S + 8
    assert client.get("/v1/tasks") == []  # half a task is none


def test_a_listener_outlasts_the_patience_with_slow_ones(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "STALL_S", 0.2)
    with client.live() as live:
        assert live.next()["type"] == "hello"
        time.sleep(0.5)
        client.ask("POST", "/v1/tasks", {"text": "Write"})
        assert live.next() == {"type": "edit"}


def test_more_connections_than_there_is_room_for(client: Client) -> None:
    idle = [client.raw() for _ in range(own.CONNECTIONS)]
    time.sleep(0.2)
    with client.raw(f"GET /docs HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\n\r\n".encode()) as one_more:
        assert one_more.recv(100).startswith(b"HTTP/1.1 503")
    for opened in idle:
        opened.close()
    time.sleep(0.2)


def test_more_listeners_than_there_are_seats(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_live, "MOST", 1)
    with client.live() as first, client.live() as second:
        assert first.next()["type"] == "hello"
        assert second.next() is None
        assert second.closed == 1013


def test_a_message_that_is_too_long_ends_the_listener(client: Client) -> None:
    from wsproto.events import TextMessage

    with client.live() as live:
        assert live.next()["type"] == "hello"
        live.socket.sendall(live.wire.send(TextMessage("x" * 10_000)))
        assert live.next() is None
        assert live.closed == 1009
    with client.live() as live:
        assert live.next()["type"] == "hello"


def test_one_hundred_at_once_are_answered_or_told_to_wait(client: Client) -> None:
    statuses: list[int] = []

    def some() -> None:
        statuses.extend(client.ask("GET", "/v1/focus").status for _ in range(30))

    threads = [threading.Thread(target=some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses.count(200), statuses.count(429)) == (100, 20)


def test_a_question_that_nobody_waits_for_stops(client: Client) -> None:
    body = json.dumps({"text": "how long did I work this year?"}).encode()
    with client.raw(_head(client, f"Content-Length: {len(body)}", "/v1/ask") + body):
        pass  # gone before the answer
    assert client.ask("POST", "/v1/ask", {"text": "how long did I work today?", "tone": False}).status == 200


def test_a_store_that_is_damaged_meanwhile_is_said(client: Client) -> None:
    path = client.runtime.unlocked.path
    kept = path.with_suffix(".kept")
    path.rename(kept)
    try:
        got = client.ask("GET", "/v1/tasks")
        assert (got.status, got.code) == (503, "store_closed")
    finally:
        kept.rename(path)


def _head(client: Client, length: str, path: str = "/v1/tasks") -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{client.port}", f"Authorization: Bearer {client.token}",
             "Content-Type: application/json", length]
    return "\r\n".join([*lines, "", ""]).encode()
