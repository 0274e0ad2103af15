"""Another language model: a file of one's own, or one from a hub, here a small hub on loopback."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from coach.ml import llm
from tests.cli.shell import coach

COMMIT = "0" * 39 + "1"


@pytest.fixture(scope="module")
def gguf() -> Path:
    """The model that the `voice` extra installs."""
    found = llm.find()
    if found is None:
        pytest.skip("the voice extra is not installed")
    return found


class Hub(ThreadingHTTPServer):
    """One repository with files, as the Hub serves them: a list, a head with ETag and commit, the bytes with ranges."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Repository)
        self.files = files
        self.served: list[str] = []


class _Repository(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/models/me/tiny"):
            listed: object = {"id": "me/tiny", "sha": COMMIT, "siblings": [{"rfilename": name} for name in self.server.files]}
            if "/tree/" in path:
                listed = [{"type": "file", "path": n, "size": len(b), "oid": COMMIT} for n, b in self.server.files.items()]
            self._send(200, json.dumps(listed).encode(), {"Content-Type": "application/json"}, body=body)
            return
        name = path.rpartition("/resolve/main/")[2]
        data = self.server.files.get(name) if path.startswith("/me/tiny/") else None
        if data is None:
            missing = {"X-Error-Code": "EntryNotFound" if path.startswith("/me/tiny/") else "RepoNotFound"}
            self._send(404, b"{}", missing, body=body)
            return
        if body:
            self.server.served.append(name)
        self._send(200, data, {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": COMMIT}, body=body)

    def _send(self, status: int, data: bytes, headers: dict[str, str], *, body: bool) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub({"tiny.gguf": gguf.read_bytes(), "README.md": b"# tiny"})
    threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


def test_a_file_of_ones_own_speaks_and_doctor_knows_when_it_changes(gguf: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(gguf.read_bytes())
    added = coach("models", "add", str(own), "--json").json
    assert (added["path"], added["trusted"], added["architecture"]) == (str(own), False, "llama")
    assert added["sha256"] == hashlib.sha256(own.read_bytes()).hexdigest()
    assert "own.gguf" in coach("doctor").out
    with own.open("ab") as stream:
        stream.write(b"x")
    assert "is another file than the one that was added" in coach("doctor").out
    coach("models", "add", "-")
    assert "own.gguf" not in coach("doctor").out


@pytest.mark.parametrize(("content", "word"), [(b"PK\x03\x04", "is no GGUF file"), (b"GGUF" + bytes(60), "is no language model")],
                         ids=["zip", "nothing"])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes, word: str) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(content)
    ran = coach("models", "add", str(wrong))
    assert ran.status == 2
    assert word in ran.err
    assert coach("config", "get", "language_model.path").out.strip() in ("", '""')


def test_the_only_file_of_a_repository_is_fetched_once(hub: Hub) -> None:
    pulled = coach("models", "pull", "me/tiny", "--json").json
    assert pulled["path"].endswith("models/language/me--tiny/tiny.gguf")
    assert hub.served == ["tiny.gguf"]
    coach("models", "pull", "me/tiny", "tiny.gguf")
    assert hub.served == ["tiny.gguf"]


def test_a_hub_that_has_no_such_file_or_does_not_answer_is_said(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert coach("models", "pull", "me/tiny", "other.gguf").status == 3
    assert coach("models", "pull", "me/none").status == 3
    assert coach("models", "pull", "nonsense").status == 2
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    ran = coach("models", "pull", "me/tiny", "tiny.gguf")
    assert ran.status == 1
    assert "does not answer" in ran.err
    assert "Traceback" not in ran.err
