"""`coach track` for 30 s while two windows swap focus: what it recorded against when they were in front.

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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.tracker.surroundings import Desktop, until


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


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0)
