"""Coach's own API and the status line, beside the shell commands that say the same, on a simulated person's store.

    python tests/bench/own_api.py [--days 60] [--runs 15] [--idle 15] [--flood 3000]

One JSON line per figure:
- line: wall time of `coach status --line tmux` beside `coach next` and the floor `python -c "import click, sqlite3"`;
- request: median and 99th percentile of one route on a kept connection, beside the shell command's median;
- process: memory (MB) and share of a core of `coach track` with the API off, on, and on with a listener, when nothing happens;
- live: from an edit's commit to the message (it looks once a second);
- flood: memory before and after so many requests without a token and as many listeners that vanish.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.api.own_client import Live

ROUTES = {
    "/v1/focus": ["focus", "status", "--json"], "/v1/status": ["status", "--json"],
    "/v1/tasks": ["list", "--limit", "100", "--json"], "/v1/activities": ["timeline", "--json"],
    "/v1/report/day": ["report", "day", "--json"],
    "/v1/report/year": ["report", "year", "--json"],
}


def say(**figures: object) -> None:
    print(json.dumps(figures), flush=True)


class Bench:
    def __init__(self, home: Path) -> None:
        self.environ = {
            **{k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "PYTHONDONTWRITEBYTECODE")},
            "COACH_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            self.port: int = taken.getsockname()[1]

    def coach(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "coach.cli", *words], env=self.environ, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def wall_ms(self, command: list[str], runs: int) -> float:
        took = []
        for _ in range(runs):
            began = time.perf_counter()
            subprocess.run(command, env=self.environ, capture_output=True, check=True, stdin=subprocess.DEVNULL)
            took.append(time.perf_counter() - began)
        return round(statistics.median(took) * 1000, 1)

    def shell_ms(self, words: list[str], runs: int) -> float:
        return self.wall_ms([sys.executable, "-m", "coach.cli", *words], runs)

    @contextmanager
    def tracking(self) -> Iterator[psutil.Process]:
        process = subprocess.Popen(
            [sys.executable, "-m", "coach.cli", "track", "--yes"], env=self.environ, stderr=subprocess.DEVNULL
        )
        try:
            time.sleep(8)  # the jobs' first round is over
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(10)

    def ask(self, connection: http.client.HTTPConnection, path: str, token: str, **headers: str) -> int:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}", **headers})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    @contextmanager
    def listening(self, token: str) -> Iterator[Live]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as opened:
            live = Live(opened)
            live.begin(f"127.0.0.1:{self.port}", [(b"authorization", f"Bearer {token}".encode())])
            yield live


def rest(process: psutil.Process, seconds: float) -> dict[str, float]:
    """Memory and share of a core over a quiet stretch."""
    before = process.cpu_times()
    time.sleep(seconds)
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return {"rss_mb": round(process.memory_info().rss / 1e6, 1), "core_percent": round(used / seconds * 100, 2)}


def main() -> None:
    options = argparse.ArgumentParser()
    for name, default in (("days", 60), ("runs", 15), ("idle", 15), ("flood", 3000)):
        options.add_argument(f"--{name}", type=int, default=default)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.coach("demo", "--days", str(asked.days), "--seed", "1", "--no-app", "--home", folder)
        bench.coach("config", "set", "api.own_port", str(bench.port))
        floor = bench.wall_ms([sys.executable, "-c", "import click, sqlite3"], asked.runs)
        say(bench="line", ms=bench.shell_ms(["status", "--line", "tmux"], asked.runs),
            next_ms=bench.shell_ms(["next"], asked.runs), floor_ms=floor)
        with bench.tracking() as process:
            say(bench="process", api="off", **rest(process, asked.idle))
        bench.coach("config", "set", "api.own_enabled", "true")
        token = bench.coach("serve", "--token")
        with bench.tracking() as process:
            say(bench="process", api="on", **rest(process, asked.idle))
            with bench.listening(token) as live:
                live.next()
                say(bench="process", api="on, one listener", **rest(process, asked.idle))
                waits = []
                for n in range(5):
                    bench.coach("add", f"Edit {n}")
                    began = time.perf_counter()
                    live.of("edit")
                    waits.append(time.perf_counter() - began)
                say(bench="live", after_the_command_ms=round(statistics.median(waits) * 1000), looks_every_ms=1000)
            requests(bench, token, asked.runs)
            flood(bench, token, process, asked.flood)


def requests(bench: Bench, token: str, runs: int) -> None:
    for path, words in ROUTES.items():
        with closing(http.client.HTTPConnection("127.0.0.1", bench.port)) as connection:
            took = []
            for _ in range(15):
                began = time.perf_counter()
                status = bench.ask(connection, path, token)
                took.append(time.perf_counter() - began)
                assert status == 200, (path, status)
        say(bench="request", path=path, median_ms=round(statistics.median(took) * 1000, 2), worst_ms=round(max(took) * 1000, 2),
            n=len(took), shell_ms=bench.shell_ms(words, min(runs, 5)))


def flood(bench: Bench, token: str, process: psutil.Process, number: int) -> None:
    before = process.memory_info().rss
    began = time.perf_counter()
    statuses: dict[int, int] = {}
    with closing(http.client.HTTPConnection("127.0.0.1", bench.port)) as connection:
        for _ in range(number):
            status = bench.ask(connection, "/v1/tasks", "wrong")
            statuses[status] = statuses.get(status, 0) + 1
    elapsed_s = time.perf_counter() - began
    time.sleep(61)  # the minute's requests are free again
    for _ in range(80):
        with bench.listening(token) as live:
            assert not live.refused
    time.sleep(2)
    say(bench="flood", refused=statuses, per_s=round(number / elapsed_s), vanished_listeners=80,
        before_mb=round(before / 1e6, 1), after_mb=round(process.memory_info().rss / 1e6, 1))


if __name__ == "__main__":
    main()
