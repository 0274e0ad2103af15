"""Servers from the shell, in real processes; the line about now; and what nobody pays for who has none of it on."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.shell import coach
from tests.cli.test_imports import loaded

SERVERS = ("fastapi", "starlette", "uvicorn", "pydantic", "wsproto", "prometheus_client", "opentelemetry")


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
    return port


def status_of(port: int, path: str = "/docs", token: str = "") -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        return connection.getresponse().status


def up(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            status_of(port)
            return
        except OSError:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < deadline, "it did not come up"
            time.sleep(0.05)


@pytest.mark.parametrize(("words", "number"), [
    (["serve", "--only", "own"], signal.SIGTERM), (["track", "--yes"], signal.SIGHUP),
])
def test_it_serves_until_it_is_told_to_end(words: list[str], number: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    coach("config", "set", "api.own_port", str(port))
    coach("config", "set", "api.own_enabled", "true")
    token = coach("serve", "--token").out.strip()
    assert coach("serve", "--token", "--json").json == {"token": token}
    environ = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "DBUS_SESSION_BUS_ADDRESS")}
    process = subprocess.Popen([sys.executable, "-m", "coach.cli", *words], env=environ, stderr=subprocess.PIPE)
    try:
        up(port, process)
        assert (status_of(port, "/v1/status"), status_of(port, "/v1/status", token)) == (401, 200)
        taken = coach("serve", "--only", "own", "--json")
        assert (taken.status, taken.error["code"]) == (4, "busy")
        process.send_signal(number)
        assert process.wait(15) == 0
    finally:
        process.kill()
        said = process.communicate()[1].decode()
    assert "Traceback" not in said
    with pytest.raises(OSError):
        status_of(port)
    log = (tmp_path / "home" / "state" / "coach.log").read_text()
    assert f"own API on port {port}" in log
    assert token not in log


def test_a_new_token_replaces_the_old_one() -> None:
    old = coach("serve", "--token").out
    assert coach("serve", "--new-token").out != old
    assert coach("serve", "--token").out != old


def test_who_has_it_switched_off_loads_none_of_it() -> None:
    code = (
        "import threading\nfrom coach.config import Config, find_home\nfrom coach.cli.serve import enabled\n"
        "from coach.engine import opening, runtime, clock\nfrom coach.store.opening import Access\n"
        "config, home = Config(), find_home()\nassert enabled(config) == []\n"
        "with runtime.running(config, home, opening.unlock(home, Access(use_keyring=False), clock.now()), holder='track',"
        " track=False, beside=enabled(config)) as live:\n"
        "    while not live.has_jobs: live.stop.wait(0.01)\n"
    )
    assert loaded(code, SERVERS) == []


def test_switching_it_on_costs_nothing_before_the_jobs_begin() -> None:
    code = (
        "from coach.config import ApiConfig, Config\nfrom coach.cli.serve import enabled\n"
        "assert enabled(Config(api=ApiConfig(own_enabled=True)))"
    )
    assert loaded(code, SERVERS) == []


def test_a_port_that_is_none_is_refused() -> None:
    assert coach("config", "set", "api.own_port", "70000").status == 2


def test_the_line_tells_tracker_focus_and_task() -> None:
    assert coach("status", "--line", "plain").status == 5  # no store is made for a status bar
    coach("add", "Write the report")
    assert coach("status", "--line", "plain").out == "0m today, not tracked\n"
    coach("start", "1")
    assert coach("status", "--line", "prompt").out == "○0m Write the report\n"
    coach("stop", "1")
    coach("focus", "start", "1", "--for", "25m")
    later = {"now": "2026-11-20T10:05:00Z"}
    tmux = coach("status", "--line", "tmux", **later).out
    assert tmux == "#[fg=default]○#[default] 0m #[fg=yellow]20m#[default] Write the report\n"
    bar = json.loads(coach("status", "--line", "waybar", **later).out)
    assert (bar["class"], bar["text"]) == (["no-consent", "focus"], "○ 0m 20m Write the report")
    assert "report" not in coach("status", "--line", "plain", "--width", "0", **later).out
    assert coach("status", "--line", "plain", "--json", **later).json == {
        "state": "no consent", "work": "Write the report", "left_s": 1200.0, "today_s": 0.0}


def test_the_line_is_as_light_as_a_list() -> None:
    coach("add", "Write")
    heavy = ("torch", "textual", "sqlite_utils", "numpy", "rich", "keyring", "apscheduler", "psutil", "coach.tracker", "tomllib")
    assert loaded("from coach.cli.main import main; main(['status', '--line', 'tmux'])", heavy) == []
