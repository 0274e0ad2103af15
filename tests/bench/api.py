"""ActivityWatch's API: Coach beside aw-server, in one run. The same heartbeats must give the same events, sooner and smaller.

    python tests/bench/api.py AW_PYTHON [--heartbeats 4000] [--raw 1000] [--seconds 4] [--days 0]      one JSON object per line

AW_PYTHON is the Python of an environment made by `pip install aw-server aw-client 'peewee<4' 'flask<2.3'`. The whole measure
is `--heartbeats 20000 --seconds 10 --days 1000`: heartbeats are sent by aw-client itself (`--raw`: more of them as plain
requests, with offsets and fractions that it would round, and each answer compared); the last are the million events whose size
is told, in both. Ports 5666 (aw-server --testing) and 5766 have to be free.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

PEER, OURS = 5666, 5766
BUCKETS = {"aw-watcher-window_pc": "currentwindow", "aw-watcher-afk_pc": "afkstatus", "aw-watcher-vim_pc": "app.editor.activity",
           "aw-watcher-web-firefox_pc": "web.tab.current", "aw-watcher-spotify_pc": "currentlyplaying"}
CLIENTS = "_client"
"""Ends the names of buckets that aw-client fills."""
PULSES = (0, 0.9, 5, 60)
CLIENT = Path(__file__).with_name("awclient.py")


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


class Client:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._http.connect()
        self._http.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        self._http.request(method, f"/api/0{path}", json.dumps(body), {"Content-Type": "application/json"})
        reply = self._http.getresponse()
        text = reply.read()
        return reply.status, json.loads(text) if text else None

    def sure(self, method: str, path: str, body: Any = None) -> Any:
        status, value = self.ask(method, path, body)
        if status != 200:
            raise SystemExit(f"{method} {path}: {status} {value}")
        return value

    def bucket(self, name: str, kind: str) -> None:
        self.sure("POST", f"/buckets/{name}", {"client": "bench", "type": kind, "hostname": "pc"})


class Quick:
    """The least a client can do, so that what is timed is the server: bytes out, bytes in, over a connection that is kept as
    long as the server keeps it. (The standard library's client takes five times as long as Coach's answer.)"""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def beat(self, path: str, body: bytes) -> float:
        """Seconds until the whole reply was there. The reply has to be 200 and an event."""
        head = f"POST /api/0{path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
        request = head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
        began = time.perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), 120)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        reply = b""
        while (end := reply.find(b"\r\n\r\n")) < 0:
            reply += self._more()
        said = reply[:end].lower()
        length = int(said.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        while len(reply) < end + 4 + length:
            reply += self._more()
        took = time.perf_counter() - began
        if b"connection: close" in said or said.startswith(b"http/1.0"):
            self._socket.close()
            self._socket = None
        if reply[9:12] != b"200" or "data" not in json.loads(reply[end + 4 :]):
            raise SystemExit(f"{path}: {reply[:200]!r}")
        return took

    def _more(self) -> bytes:
        if not (self._socket and (got := self._socket.recv(65_536))):
            raise SystemExit("the server has closed the connection")
        return got


@contextmanager
def servers(aw_python: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Both, each with a home of its own; their process ids."""
    plain = {"HOME": str(folder), "XDG_DATA_HOME": f"{folder}/data", "XDG_CONFIG_HOME": f"{folder}/config",
             "XDG_CACHE_HOME": f"{folder}/cache", "PATH": "/usr/bin:/bin"}
    peer = subprocess.Popen(
        [str(Path(aw_python).parent / "aw-server"), "--testing", "--host", "127.0.0.1", "--port", str(PEER)],
        env=plain, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    ours = subprocess.Popen(
        [sys.executable, "-m", "coach.cli", "serve", "--only", "watchers", "--port", str(OURS)],
        env={**plain, "COACH_HOME": f"{folder}/coach", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "TZ": "UTC"},
        cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        for port in (PEER, OURS):
            _until_up(port)
        yield peer.pid, ours.pid
    finally:
        for process in (peer, ours):
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _until_up(port: int) -> None:
    for _ in range(200):
        try:
            Client(port).sure("GET", "/info")
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nobody answers on port {port}")


def heartbeats(number: int, seed: int) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """(bucket, pulsetime, event) at random: gaps, steps back, equal instants, offsets, odd fractions of a second."""
    chance = random.Random(seed)
    clocks = dict.fromkeys(BUCKETS, datetime.now(UTC) - timedelta(days=9))
    for _ in range(number):
        name = chance.choice(list(BUCKETS))
        step = chance.choices((0.0, chance.random(), chance.uniform(1, 4), chance.uniform(5, 400), -chance.uniform(0, 90)),
                              (20, 25, 40, 10, 5))[0]
        clocks[name] += timedelta(seconds=step)
        zone = chance.choice((UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-3))))
        event: dict[str, Any] = {"timestamp": clocks[name].astimezone(zone).isoformat(), "data": _data(chance, BUCKETS[name])}
        if chance.random() < 0.6:
            event["duration"] = chance.choice((0, 1, 2.5, round(chance.uniform(0, 9), 3), chance.uniform(0, 3)))
        yield name, chance.choice(PULSES), event


def _data(chance: random.Random, kind: str) -> dict[str, Any]:
    number = chance.choice((1, 1, 1, 2, 3))
    match kind:
        case "currentwindow":
            return {"app": f"app{number}", "title": chance.choice(("", f"Größe {number}", f"title {number}"))}
        case "afkstatus":
            return {"status": chance.choice(("afk", "not-afk"))}
        case "app.editor.activity":
            return {"file": f"/home/me/coach/file{number}.py", "project": "/home/me/coach", "language": "python"}
        case "web.tab.current":
            return {"url": f"https://example.org/{number}", "title": f"Page {number}", "audible": number == 2, "incognito": False}
    return chance.choice(({}, {"track": number, "artists": ["x", {"y": None}]}, {"uri": f"s:{number}", "volume": 0.5}))


def differential(number: int, aw_python: str, folder: Path) -> None:
    """The same heartbeats to both, sent by aw-client: every event equal, ids aside."""
    lines = "".join(f"{json.dumps([name + CLIENTS, pulse, event])}\n" for name, pulse, event in heartbeats(number, 3))
    senders = []
    for port in (PEER, OURS):
        for name, kind in BUCKETS.items():
            Client(port).bucket(name + CLIENTS, kind)
        senders.append(subprocess.Popen(
            [aw_python, str(CLIENT), "beats", str(port)], env=_plain(folder / f"beats{port}"), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        ))
    feeding = [threading.Thread(target=sender.communicate, args=(lines,)) for sender in senders]
    for thread in feeding:
        thread.start()
    for thread in feeding:
        thread.join()
    say(what="differential", sent_by="aw-client", heartbeats=number, sent=[sender.returncode == 0 for sender in senders],
        **_events_equal(Client(PEER), Client(OURS), [name + CLIENTS for name in BUCKETS]))


def raw(number: int) -> None:
    """The same heartbeats to both as plain requests: every answer and every event equal, ids aside; then ranges and counts."""
    peer, ours = Client(PEER), Client(OURS)
    for name, kind in BUCKETS.items():
        for client in (peer, ours):
            client.bucket(name, kind)
    answers = 0
    for name, pulse, event in heartbeats(number, 1):
        path = f"/buckets/{name}/heartbeat?pulsetime={pulse}"
        theirs, mine = (client.sure("POST", path, event) for client in (peer, ours))
        answers += _bare(theirs) == _bare(mine)
    say(what="differential", sent_by="plain requests", heartbeats=number, answers_equal=answers,
        **_events_equal(peer, ours, list(BUCKETS)))
    edges = [(datetime.now(UTC) - timedelta(days=9) + timedelta(minutes=m)).isoformat().replace("+", "%2B") for m in (7, 171)]
    ranges = 0
    for name in BUCKETS:
        for query in (f"start={edges[0]}", f"end={edges[1]}", f"start={edges[0]}&end={edges[1]}", f"start={edges[0]}&limit=7"):
            theirs, mine = ([_bare(e) for e in c.sure("GET", f"/buckets/{name}/events?{query}")] for c in (peer, ours))
            counts = [c.sure("GET", f"/buckets/{name}/events/count?{query}") for c in (peer, ours)]
            ranges += theirs == mine and counts[0] == counts[1]
    say(what="ranges and counts", asked=4 * len(BUCKETS), equal=ranges)


def _events_equal(peer: Client, ours: Client, buckets: list[str]) -> dict[str, Any]:
    equal, events, extra = 0, 0, 0
    for name in buckets:
        theirs, mine = ([_bare(e) for e in client.sure("GET", f"/buckets/{name}/events")] for client in (peer, ours))
        events += len(theirs)
        extra += abs(len(mine) - len(theirs))
        equal += sum(a == b for a, b in zip(theirs, mine, strict=False))
    return {"events": events, "equal": equal, "more_or_fewer": extra, "same": equal == events > 0 == extra}


def redacted(folder: Path) -> None:
    """Rules on: the same heartbeats again, while an app and a word in titles are excluded."""
    for rule in (("app", "app2"), ("title", "title 3")):
        subprocess.run(
            [sys.executable, "-m", "coach.cli", "privacy", "exclude", *rule], cwd=Path(__file__).parents[2], check=True,
            env={"HOME": str(folder), "COACH_HOME": f"{folder}/coach", "PATH": "/usr/bin:/bin",
                 "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}, stdout=subprocess.DEVNULL,
        )
    client = Client(OURS)
    client.bucket("redacted", "currentwindow")
    sent = 0
    for name, pulse, event in heartbeats(1000, 2):
        if BUCKETS[name] == "currentwindow":
            client.sure("POST", f"/buckets/redacted/heartbeat?pulsetime={pulse}", event)
            sent += 1
    found = [e["data"] for e in client.sure("GET", "/buckets/redacted/events")]
    leaks = [data for data in found if "app2" in data["app"] or "title 3" in data["title"]]
    say(what="with exclusions", heartbeats=sent, events=len(found), excluded=sum("excluded" in d["app"] for d in found),
        leaks=len(leaks))


def _bare(event: dict[str, Any]) -> tuple[Any, ...]:
    at = datetime.fromisoformat(event["timestamp"])
    return at, round(event["duration"] * 1e6), json.dumps(event["data"], sort_keys=True)


def flow(aw_python: str, folder: Path) -> None:
    for name, port in (("aw-server", PEER), ("coach", OURS)):
        done = subprocess.run(
            [aw_python, str(CLIENT), "flow", str(port)], env=_plain(folder / f"flow{port}"), capture_output=True, text=True,
            timeout=120, check=False,
        )
        say(what=f"aw-client's flow against {name}", passed=done.stdout.strip() == "ok", said=done.stderr.strip()[-300:])


def _plain(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": "/usr/bin:/bin"}


def pace(seconds: float, pids: tuple[int, int]) -> None:
    """Heartbeats a second over one kept connection, then lists of a thousand events."""
    rates: dict[str, dict[str, float]] = {"aw-server": {}, "coach": {}}
    for what in ("merged", "new", "merged", "new"):
        for (name, port), pid in zip((("aw-server", PEER), ("coach", OURS)), pids, strict=True):
            took = _beats(port, what, seconds)
            rate = len(took) / sum(took)
            rates[name][what] = max(rate, rates[name].get(what, 0))
            say(what=f"heartbeat, {what}", server=name, per_s=round(rate), p50_ms=_share(took, 0.5), p99_ms=_share(took, 0.99),
                max_ms=round(max(took) * 1000, 2), rss_mib=_rss_mib(pid), load=round(os.getloadavg()[0], 2))
    for name, port in (("aw-server", PEER), ("coach", OURS)) * 2:
        client = Client(port)
        client.ask("POST", "/buckets/bulk", {"client": "bench", "type": "currentwindow", "hostname": "pc"})
        rows = list(windows(30))
        began = time.perf_counter()
        for first in range(0, len(rows), 1000):
            client.sure("POST", "/buckets/bulk/events", rows[first : first + 1000])
        rate = len(rows) / (time.perf_counter() - began)
        rates[name]["bulk"] = max(rate, rates[name].get("bulk", 0))
        say(what="bulk, 1,000 a request", server=name, events_per_s=round(rate))
        time.sleep(3)  # what follows them is not part of the other's measure
    say(what="times as fast", **{kind: round(rates["coach"][kind] / rate, 1) for kind, rate in rates["aw-server"].items()})


def _beats(port: int, what: str, seconds: float) -> list[float]:
    name = f"pace-{what}-{time.time_ns()}"
    Client(port).bucket(name, "currentwindow")
    client = Quick(port)
    at = datetime.now(UTC) - timedelta(days=3)
    took: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        at += timedelta(seconds=1)
        title = f"{name} {len(took)}.py" if what == "new" else "file.py"  # words that nobody has sent before
        event = {"timestamp": at.isoformat(), "duration": 0, "data": {"app": "code", "title": title}}
        took.append(client.beat(f"/buckets/{name}/heartbeat?pulsetime=5", json.dumps(event).encode()))
    return took


def _share(took: list[float], part: float) -> float:
    return round(sorted(took)[int(part * len(took))] * 1000, 3)


def _rss_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1024, 1)


APPS = (
    ("code", 30, ("main.py - coach", "test_db.py - coach", "README.md - site", "api.rs - billing")),
    ("firefox", 30, ("Pull request #{} - GitHub", "Inbox ({}) - Mail", "python - How to {} - Stack Overflow",
                     "YouTube - video {}", "Hacker News")),
    ("gnome-terminal", 14, ("~/coach", "ssh prod-{}", "pytest")), ("slack", 8, ("general", "dm {}")),
    ("zoom", 3, ("Meeting {}",)), ("spotify", 3, ("Track {}",)), ("libreoffice", 4, ("report-{}.odt",)),
    ("evince", 3, ("paper-{}.pdf",)),
    ("discord", 3, ("server {}",)), ("steam", 2, ("Game {}",)),
)


def windows(days: int, per_day: int = 1000) -> Iterator[dict[str, Any]]:
    """Windows between 8:00 and 22:00, touching each other but for 10 ms, of exponential length; the last day is yesterday."""
    chance = random.Random(1)
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    weights = [weight for _, weight, _ in APPS]
    mean_s = 14 * 3600 / per_day
    for back in range(days, 0, -1):
        at = end - timedelta(days=back) + timedelta(hours=8)
        for app, _, titles in chance.choices(APPS, weights, k=per_day):
            length = round(min(chance.expovariate(1 / mean_s), mean_s * 8), 3)
            title = chance.choice(titles).format(chance.randrange(400))
            yield {"timestamp": at.isoformat(), "duration": length, "data": {"app": app, "title": title}}
            at += timedelta(seconds=length + 0.01)


def size(days: int, folder: Path, pids: tuple[int, int]) -> None:
    """Bytes on disk for each event in both; in Coach with encryption, timeline and roll-ups, once the timeline has followed."""
    for name, port, pid, store, files in (("coach", OURS, pids[1], folder / "coach" / "data", "coach.db*"),
                                          ("aw-server", PEER, pids[0], folder / "data", "**/*.db*")):
        client = Client(port)
        client.bucket("million", "currentwindow")
        before = _bytes(store, files)
        batch: list[dict[str, Any]] = []
        sent, began = 0, time.perf_counter()
        for event in windows(days):
            batch.append(event)
            if len(batch) == 1000:
                client.sure("POST", "/buckets/million/events", batch)
                sent, batch = sent + len(batch), []
        loaded_s = time.perf_counter() - began
        quiet, last = 0, -1
        while quiet < 10:
            time.sleep(1)
            now = _bytes(store, files)
            quiet, last = (quiet + 1 if now == last else 0), now
        say(what="size", server=name, events=sent, bytes_per_event=round((last - before) / sent, 1), load_s=round(loaded_s, 1),
            followed_s=round(time.perf_counter() - began - 10, 1), rss_mib=_rss_mib(pid))


def _bytes(folder: Path, files: str) -> int:
    return sum(f.stat().st_size for f in folder.glob(files) if not f.name.endswith("-shm"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("aw_python")
    parser.add_argument("--heartbeats", type=int, default=4000)
    parser.add_argument("--raw", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--days", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, servers(given.aw_python, Path(temporary)) as pids:
        if given.heartbeats:
            differential(given.heartbeats, given.aw_python, Path(temporary))
        if given.raw:
            raw(given.raw)
            redacted(Path(temporary))
        flow(given.aw_python, Path(temporary))
        if given.seconds:
            pace(given.seconds, pids)
        if given.days:
            size(given.days, Path(temporary), pids)


if __name__ == "__main__":
    main()
