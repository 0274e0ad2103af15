"""A thousand requests a second at the watchers' API: how many were answered, how late, and whether memory stays flat.

    python tests/bench/flood.py [SECONDS] [PER_SECOND]

One JSON line. Every second request is a heartbeat with a title that was never seen, the others lengthen one that is there;
one in fifty is nonsense and has to be refused. `rss_mib` is that of `coach serve` at every tenth part of the time.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

PORT = 5767
ROOT = Path(__file__).parents[2]


def ask(line: http.client.HTTPConnection, path: str, body: bytes) -> int:
    line.request("POST", f"/api/0{path}", body, {"Content-Type": "application/json"})
    reply = line.getresponse()
    reply.read()
    return reply.status


def connected() -> http.client.HTTPConnection:
    for _ in range(200):
        line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        try:
            line.connect()
        except OSError:
            time.sleep(0.1)
        else:
            return line
    raise SystemExit("the server does not answer")


def rss_mib(pid: int) -> float:
    return round(int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024, 1)


def flood(pid: int, seconds: float, per_s: float) -> dict[str, object]:
    line, at = connected(), datetime.now(UTC) - timedelta(days=2)
    ask(line, "/buckets/flood", json.dumps({"client": "bench", "type": "currentwindow", "hostname": "pc"}).encode())
    began, took, wrong, memory = time.perf_counter(), [], 0, []
    for number in range(int(seconds * per_s)):
        due = began + number / per_s
        if (left_s := due - time.perf_counter()) > 0:
            time.sleep(left_s)
        at += timedelta(seconds=1)
        title = f"file {number}.py" if number % 2 else "main.py"
        beat = {"timestamp": at.isoformat(), "duration": 0, "data": {"app": "code", "title": title}}
        nonsense = number % 50 == 49
        sent = time.perf_counter()
        status = ask(line, "/buckets/flood/heartbeat?pulsetime=5", b"{" if nonsense else json.dumps(beat).encode())
        took.append(time.perf_counter() - sent)
        wrong += status != (400 if nonsense else 200)
        if number % int(seconds * per_s / 10) == 0:
            memory.append(rss_mib(pid))
    lived, took = time.perf_counter() - began, sorted(took)
    return {"requests": len(took), "per_s": round(len(took) / lived), "unexpected": wrong, "rss_mib": [*memory, rss_mib(pid)],
            "p50_ms": round(took[len(took) // 2] * 1000, 2), "p99_ms": round(took[int(len(took) * 0.99)] * 1000, 2),
            "max_ms": round(took[-1] * 1000, 1)}


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    per_s = float(sys.argv[2]) if len(sys.argv) > 2 else 1000.0
    with tempfile.TemporaryDirectory() as home:
        server = subprocess.Popen(
            [sys.executable, "-m", "coach.cli", "serve", "--only", "watchers", "--port", str(PORT)], cwd=ROOT,
            env={**os.environ, "COACH_HOME": home, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            print(json.dumps({"bench": "flood", **flood(server.pid, seconds, per_s)}), flush=True)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


if __name__ == "__main__":
    main()
