"""The app on a pseudo-terminal: its start beside a bare Textual hello-world in the same run, its idle, its memory.

    python tests/bench/app.py [--runs 7] [--idle 30] [--tasks 200] [--size 120x40] [--only starts|keys|memory]

One JSON line per program (median seconds from exec to the first painted content, MB resident a second later, percent
of a core while idle), one with the ratio, two for the keyboard (milliseconds from a key to the first byte of its answer in
the first seconds, while the app prepares its other screens, and at rest), and one per model: MB resident before and after
a question in the chat, with the embedder alone and with the language model. Content is a task's title: the store has been
opened and read by then.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self): yield Static("PaintedContent")
Hello().run()
"""
MARK = b"PaintedContent"
QUESTION = "what should I do next?"
MODELS = {"embedder": "libonnxruntime", "language model": ".gguf"}
"""What is mapped into a process that has loaded it."""
STRETCHES = {"in the first seconds": (0.3, 4.5), "at rest": (6.0, 9.0)}
"""Seconds after the first paint."""


def fill(folder: Path, count: int) -> dict[str, str]:
    """A home with that many tasks; the first one is the mark, and it is late, so it is listed first."""
    from coach.config import Config, home_at
    from coach.engine import opening, preferences, tasks
    from coach.store.db import connect, transaction

    key_file = folder / "key"
    home, now, tz = home_at(folder / "home"), datetime.now(UTC), ZoneInfo("Europe/Berlin")
    db = connect(opening.unlock(home, opening.access(Config(), str(key_file)), now))
    with transaction(db):
        preferences.put(db, {"onboarded": True, "tracking_consent": True}, now)
        tasks.add(db, "PaintedContent p1 due:2020-01-01", Config(), now, tz)
        for n in range(count - 1):
            text = f"Task {n} due:2030-{1 + n % 12:02d}-{1 + n % 28:02d} #p{n % 7} ~{15 + n % 90}m"
            tasks.add(db, text, Config(), now, tz)
    db.close()
    return {"COACH_HOME": str(folder / "home"), "COACH_KEY_FILE": str(key_file), "TZ": "Europe/Berlin"}


def start(command: list[str], env: dict[str, str], size: tuple[int, int]) -> tuple[int, int]:
    """Process and terminal."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ.update(env, TERM="xterm-256color", COLORTERM="truecolor")
        os.execvp(command[0], command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    return pid, fd


def end(pid: int, fd: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(fd)


def once(command: list[str], env: dict[str, str], size: tuple[int, int], idle_s: float) -> dict[str, float]:
    started = time.monotonic()
    pid, fd = start(command, env, size)
    try:
        wait_for(fd, MARK)
        found = {"paint_s": time.monotonic() - started}
        read_for(fd, 1.0)
        found["rss_mb"] = rss_mb(pid)
        if idle_s:
            read_for(fd, 3.0)  # tracker and jobs start after the first paint
            cpu, count = cpu_s(pid), read_for(fd, idle_s)
            found |= {"idle_cpu_percent": (cpu_s(pid) - cpu) / idle_s * 100, "idle_bytes": count}
            found["rss_idle_mb"] = rss_mb(pid)
        return found
    finally:
        end(pid, fd)


def wait_for(fd: int, text: bytes) -> None:
    seen, deadline = b"", time.monotonic() + 30
    while text not in seen:
        if time.monotonic() > deadline:
            raise SystemExit(f"no content after 30 s; the last of the output: {seen[-400:]!r}")
        if select.select([fd], [], [], 0.05)[0]:
            seen = (seen + read(fd, seen))[-200_000:]


def read(fd: int, seen: bytes) -> bytes:
    try:
        return os.read(fd, 65536)
    except OSError:  # how Linux says that the program has gone
        raise SystemExit(f"the program ended: {seen[-800:].decode(errors='replace')}") from None


def asked(command: list[str], env: dict[str, str], size: tuple[int, int], mapped: str) -> dict[str, float]:
    """Memory before and after a question in the chat, once what it loads is there; seconds until its answer is painted."""
    pid, fd = start(command, env, size)
    try:
        wait_for(fd, MARK)
        read_for(fd, 4.0)  # tracker and jobs have started
        found = {"rss_before_mb": rss_mb(pid)}
        os.write(fd, b"5")
        read_for(fd, 2.0)
        os.write(fd, QUESTION.encode())
        read_for(fd, 0.5)
        began = time.monotonic()
        os.write(fd, b"\r")
        wait_for(fd, MARK)
        found["answer_s"] = time.monotonic() - began
        while mapped not in Path(f"/proc/{pid}/maps").read_text():
            read_for(fd, 0.2)
            if time.monotonic() - began > 60:
                raise SystemExit(f"{mapped} was not loaded within 60 s")
        read_for(fd, 5.0)
        return found | {"rss_after_mb": rss_mb(pid)}
    finally:
        end(pid, fd)


def read_for(fd: int, seconds: float) -> int:
    """Bytes written within that time."""
    end, count = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        if select.select([fd], [], [], left)[0]:
            count += len(os.read(fd, 65536))
    return count


def rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def cpu_s(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--runs", type=int, default=7)
    ask.add_argument("--idle", type=float, default=30.0)
    ask.add_argument("--tasks", type=int, default=200)
    ask.add_argument("--size", default="120x40")
    ask.add_argument("--only", choices=("starts", "keys", "memory"), default="")
    given = ask.parse_args()
    size = tuple(int(part) for part in given.size.split("x"))
    if given.only in ("", "starts"):
        starts(size, given.tasks, given.runs, given.idle)
    if given.only in ("", "keys"):
        first_keys(size, given.tasks, given.runs)
    if given.only in ("", "memory"):
        memory(size, given.tasks)


def starts(size: tuple[int, int], count: int, runs: int, idle_s: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = fill(Path(folder), count)
        coach = str(Path(sys.executable).parent / "coach")
        cases = {"textual hello-world": ([sys.executable, "-c", HELLO], {}), "coach": ([coach], env)}
        found: dict[str, list[dict[str, float]]] = {name: [] for name in cases}
        for n in range(runs + 1):  # the first round warms the caches; the programs take turns
            for name, (command, extra) in cases.items():
                result = once(command, extra, size, idle_s if n == 1 else 0)  # type: ignore[arg-type]
                if n:
                    found[name].append(result)
    for name, results in found.items():
        keys = dict.fromkeys(key for result in results for key in result)
        middle = {key: round(statistics.median(r[key] for r in results if key in r), 3) for key in keys}
        best = round(min(r["paint_s"] for r in results), 3)
        print(json.dumps({"name": name, "runs": runs, **middle, "paint_least_s": best, "load": os.getloadavg()[0]}))
    hello, app = (statistics.median(r["paint_s"] for r in found[name]) for name in cases)
    print(json.dumps({"name": "ratio to hello-world", "value": round(app / hello, 2), "limit": 2.5}))


def first_keys(size: tuple[int, int], count: int, runs: int) -> None:
    """Up and down in the list of Today from the first paint on, as fast as a held key."""
    coach = str(Path(sys.executable).parent / "coach")
    found: dict[str, list[float]] = {name: [] for name in STRETCHES}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            pid, fd = start([coach], fill(Path(folder), count), size)
            try:
                wait_for(fd, MARK)
                painted, n = time.monotonic(), 0
                while (since := time.monotonic() - painted) < max(last for _, last in STRETCHES.values()):
                    began, n = time.monotonic(), n + 1
                    os.write(fd, b"jk"[n % 2:n % 2 + 1])
                    if select.select([fd], [], [], 1.0)[0]:
                        took = (time.monotonic() - began) * 1000
                        for name, (first, last) in STRETCHES.items():
                            found[name] += [took] if first <= since < last else []
                    read_for(fd, 0.033)
            finally:
                end(pid, fd)
    for name, times in found.items():
        times.sort()
        print(json.dumps({
            "name": f"keys {name}", "n": len(times), "p50_ms": round(statistics.median(times), 1),
            "p95_ms": round(times[int(len(times) * 0.95)], 1), "worst_ms": round(times[-1], 1),
        }))


def memory(size: tuple[int, int], count: int) -> None:
    """One process per model: the language model comes with the embedder, which finds out what is asked."""
    coach = str(Path(sys.executable).parent / "coach")
    for name, mapped in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            env = fill(Path(folder), count)
            settings = Path(env["COACH_HOME"], "config", "config.toml")
            settings.parent.mkdir(exist_ok=True)
            settings.write_text(f"[language_model]\nenabled = {str(name == 'language model').lower()}\n", encoding="utf-8")
            found = asked([coach], env, size, mapped)
        print(json.dumps({"name": f"coach with the {name}", **{k: round(v, 2) for k, v in found.items()}}))


if __name__ == "__main__":
    main()
