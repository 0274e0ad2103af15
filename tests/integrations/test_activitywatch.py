from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from coach.core.errors import CoachError, InvalidInput, Unavailable
from coach.integrations import activitywatch

EXPORT = {"buckets": {"w": {"type": "currentwindow", "client": "c", "hostname": "h", "events": [
    {"timestamp": "2026-11-18T09:00:00+00:00", "duration": 5, "data": {"app": "code"}}]}}}


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server: HTTPServer = self.server  # type: ignore[assignment]
        server.seen.append((self.path, self.headers.get("Authorization")))  # type: ignore[attr-defined]
        status, body, length = server.answer  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    made = HTTPServer(("127.0.0.1", 0), _Server)
    body = json.dumps(EXPORT).encode()
    made.seen, made.answer = [], (200, body, len(body))  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def address(server: HTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_a_running_server_is_read_with_the_key_that_its_clients_use(
    server: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(activitywatch.sys, "platform", "linux")
    source = activitywatch.server(address(server))
    batches = list(activitywatch.read(source))
    assert [(d.id, first, len(events)) for d, first, events in batches] == [("w", 1, 1)]
    folder = tmp_path / "activitywatch" / "aw-server-rust"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[auth]\napi_key = "secret"\n')
    list(activitywatch.read(source))
    assert server.seen == [("/api/0/export", None), ("/api/0/export", "Bearer secret")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("answer", "words"), [
    ((500, b"secret", 6), "answered 500"), ((401, b"", 0), "asks for a key"), ((302, b"", 0), "answered 302"),
    ((404, b"", 0), "no ActivityWatch server"), ((200, b'{"buckets": {', 500), "stopped in the middle"),
    ((200, b"<html>secret", 12), "a { was expected"), ((200, b'{"buckets": {', 13), "ends in the middle"),
])
def test_a_server_that_fails_is_named_without_its_words(server: HTTPServer, answer: tuple[int, bytes, int], words: str) -> None:
    server.answer = answer  # type: ignore[attr-defined]
    with pytest.raises(CoachError, match=words) as failed:
        list(activitywatch.read(activitywatch.server(address(server))))
    assert f"127.0.0.1:{server.server_port}" in failed.value.message
    assert "secret" not in failed.value.message + failed.value.hint


def test_only_this_machine_is_asked() -> None:
    for other in ("http://example.org:5600", "http://10.0.0.1:5600", "http://[::2]:5600", "http://", "http://[::1"):
        with pytest.raises(InvalidInput):
            activitywatch.server(other)
    with pytest.raises(Unavailable, match="does not answer"):
        list(activitywatch.read(activitywatch.server("http://localhost:9")))
