"""`coach track` for 30 s while two windows swap focus: what it recorded against when they were in front. Then ten windows
that open and close within two seconds, and an X server that is killed and comes back.

python tests/bench/windows.py [SECONDS]   needs Xvfb, openbox, xterm, xdotool; prints one JSON line per stretch and a sum.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.tracker.surroundings import Desktop, stop_process, until


def coach(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "coach.cli", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def main(length_s: float) -> None:
    os.environ["COACH_HOME"] = tempfile.mkdtemp(prefix="coach-windows-")
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    coach("privacy", "exclude", "title", "planted-secret", "--redact")
    desktop = Desktop()
    desktop.start_server()
    desktop.start_manager()
    try:
        names = {desktop.xterm("One window"): "One window", desktop.xterm("planted-secret plans"): "excluded"}
        command = [sys.executable, "-m", "coach.cli", "track", "--yes"]
        tracker = subprocess.Popen(command, env=desktop.environ, stderr=subprocess.DEVNULL)
        until(lambda: json.loads(coach("log", "--json")))
        turns: list[tuple[str, float]] = []
        begun = time.time()
        while time.time() - begun < length_s:
            for window, title in names.items():
                desktop.focus(window)
                turns.append((title, time.time()))
                time.sleep(length_s / 8)
        tracker.send_signal(signal.SIGTERM)
        tracker.wait(15)
        ends = [at for _, at in turns[1:]] + [time.time()]
    finally:
        desktop.stop()
    seen = [e for e in json.loads(coach("log", "--json")) if e["source"] == "x11"][-len(turns) :]
    worst = 0.0
    for (title, start), end, event in zip(turns, ends, seen, strict=True):
        off = abs(event["duration_s"] - (end - start))
        worst = max(worst, off)
        print(json.dumps({"app": event["app"], "title": event["title"], "right": event["title"] == title,
                          "duration_s": event["duration_s"], "in_front_s": round(end - start, 3), "off_s": round(off, 3)}))
    leaked = any(b"planted-secret" in p.read_bytes() for p in Path(os.environ["COACH_HOME"]).rglob("*") if p.is_file())
    print(json.dumps({"worst_off_s": round(worst, 3), "limit_s": 1.0, "excluded_title_on_disk": leaked}))


def seen_since(at: float) -> list[dict[str, Any]]:
    """The windows' events that end after an instant, cut at it."""
    found = [e for e in json.loads(coach("log", "--json")) if e["source"] == "x11"]
    spans = [(datetime.fromisoformat(e["start"]).timestamp(), datetime.fromisoformat(e["end"]).timestamp(), e) for e in found]
    return [{**e, "start": max(a, at), "end": b} for a, b, e in spans if b > at]


def burst_and_crash() -> None:
    os.environ["COACH_HOME"] = tempfile.mkdtemp(prefix="coach-burst-")
    desktop = Desktop()
    desktop.start_server()
    desktop.start_manager()
    command = [sys.executable, "-m", "coach.cli", "track", "--yes"]
    tracker = subprocess.Popen(command, env=desktop.environ, stderr=subprocess.PIPE)
    try:
        desktop.xterm("steady")
        until(lambda: json.loads(coach("log", "--json")))
        time.sleep(3)
        began = time.time()
        for number in range(10):
            window = desktop.run("xterm", "-T", f"short {number}", "-e", "sleep", "60")
            time.sleep(0.15)
            window.kill()
            window.wait()
            time.sleep(0.05)
        lasted = time.time() - began
        time.sleep(4)
        seen = [e for e in seen_since(began) if e["start"] < began + lasted + 1]
        covered = sum(min(e["end"], began + lasted + 1) - e["start"] for e in seen)
        print(json.dumps({
            "bench": "ten_windows_in_2_s", "took_s": round(lasted, 2), "recorded_s": round(covered, 3),
            "lost_s": round(lasted + 1 - covered, 3), "windows": len({e["title"] for e in seen}) - 1,
            "runs": tracker.poll() is None,
        }))
        killed = time.time()
        desktop.kill_server()
        time.sleep(4)
        desktop.start_server()
        desktop.start_manager()
        desktop.xterm("back again")
        back = time.time()
        until(lambda: any(e["title"] == "back again" for e in json.loads(coach("log", "--json"))), 60)
        first = min(e["start"] for e in seen_since(killed + 1))
        last = max(e["end"] for e in seen_since(began) if e["start"] < killed)
        print(json.dumps({
            "bench": "server_killed_and_back", "recorded_until_s_before_the_kill": round(killed - last, 2),
            "resumed_after_s": round(first - back, 2), "gap_s": round(first - last, 2), "runs": tracker.poll() is None,
            "gaps": json.loads(coach("status", "--json"))["gaps"],
        }))
        tracker.send_signal(signal.SIGTERM)
        _, words = tracker.communicate(timeout=15)
        print(json.dumps({"traceback": b"Traceback" in words, "exit": tracker.returncode}))
    finally:
        stop_process(tracker)
        desktop.stop()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0)
    burst_and_crash()
