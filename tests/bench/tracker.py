"""What the tracker costs: switch latency, CPU over 30 s and memory, beside a 1 Hz pywinctl poller in the same run.

    python tests/bench/tracker.py [SECONDS]

Needs Xvfb, openbox, xterm, xdotool, xprop, xrandr and tmux; each is started privately.
"""

from __future__ import annotations

import json
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil

from coach.core.event import Event
from coach.tracker import loop
from coach.tracker.privacy import Privacy
from coach.tracker.probe import choose
from tests.tracker.surroundings import Desktop, Tmux, stop_process, until

TRACKER = """
import os, sys, threading
from coach.tracker import loop
from coach.tracker.privacy import Privacy
from coach.tracker.probe import choose
rules = Privacy()
loop.run(lambda: choose((sys.argv[1],), os.environ), lambda beats, pulse: None, lambda: rules, threading.Event(),
         lambda: False, 1.0, 300.0)
"""
PEER = """
import time, psutil, pywinctl
while True:
    window = pywinctl.getActiveWindow()
    if window is not None:
        window.title, psutil.Process(window.getPID()).name()
    time.sleep(1)
"""
FLOOR = "import time\nwhile True: time.sleep(0.25)"


def cost(code: str, *args: str, environ: dict[str, str], seconds: float, also: int = 0) -> dict[str, float]:
    """CPU (children included, and that of the process `also`) in percent of a core, and resident memory in MiB."""
    child = subprocess.Popen([sys.executable, "-c", code, *args], env={**environ, "PYTHONPATH": str(Path.cwd())})
    try:
        time.sleep(3)
        watched = [psutil.Process(child.pid)] + ([psutil.Process(also)] if also else [])
        before, began = sum(spent_s(p) for p in watched), time.monotonic()
        time.sleep(seconds)
        spent = sum(spent_s(p) for p in watched) - before
        return {
            "cpu_percent": round(100 * spent / (time.monotonic() - began), 3),
            "rss_mib": round(watched[0].memory_info().rss / 2**20, 1),
        }
    finally:
        stop_process(child)


def spent_s(process: psutil.Process) -> float:
    """Seconds on a core: its own in nanoseconds (/proc/PID/schedstat), its ended children's in ticks of 10 ms."""
    own = int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9
    times = process.cpu_times()
    return own + times.children_user + times.children_system


def switching(desktop: Desktop, windows: list[str], every_s: float, stop: threading.Event) -> None:
    while not stop.wait(every_s):
        windows.reverse()
        desktop.focus(windows[0])


def latencies(desktop: Desktop, windows: list[str], rounds: int = 60) -> list[float]:
    """Milliseconds from the request to activate a window until the time that its heartbeat begins."""
    from Xlib import X, display
    from Xlib.protocol import event

    beats: list[Event] = []
    stop = threading.Event()
    rules = Privacy()
    tracker = threading.Thread(target=loop.run, args=(
        lambda: choose(("x11",), desktop.environ), lambda b, _: beats.extend(b), lambda: rules, stop, lambda: False,
        1.0, 300.0,
    ))
    tracker.start()
    asker = display.Display(desktop.environ["DISPLAY"])
    root, found = asker.screen().root, []
    atom = asker.intern_atom("_NET_ACTIVE_WINDOW")
    time.sleep(1)
    for number in range(rounds):
        window = asker.create_resource_object("window", int(windows[number % 2]))
        message = event.ClientMessage(window=window, client_type=atom, data=(32, [2, X.CurrentTime, 0, 0, 0]))
        asked = time.time()
        root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        asker.flush()
        time.sleep(1.1)
        begun = [b.start.timestamp() for b in beats if b.source == "x11" and b.start == b.end]
        later = [at for at in begun if at >= asked]
        if later:
            found.append((min(later) - asked) * 1000)
    stop.set()
    tracker.join()
    asker.close()
    return found


def show(**row: object) -> None:
    print(json.dumps(row), flush=True)


def x11(seconds: float) -> None:
    desktop = Desktop()
    try:
        desktop.start_server()
        desktop.start_manager()
        windows = [desktop.xterm("beta"), desktop.xterm("alpha")]
        found = sorted(latencies(desktop, windows))
        show(bench="switch_latency_ms", n=len(found), median=round(statistics.median(found), 1),
             p95=round(found[int(len(found) * 0.95)], 1), worst=round(found[-1], 1))
        show(bench="floor_sleep", **cost(FLOOR, environ=desktop.environ, seconds=seconds))
        show(bench="x11_idle", **cost(TRACKER, "x11", environ=desktop.environ, seconds=seconds))
        show(bench="pywinctl_poll_1hz", **cost(PEER, environ=desktop.environ, seconds=seconds))
        stop = threading.Event()
        switcher = threading.Thread(target=switching, args=(desktop, windows, 5.0, stop))
        switcher.start()
        show(bench="x11_switch_every_5s", **cost(TRACKER, "x11", environ=desktop.environ, seconds=seconds))
        stop.set()
        switcher.join()
    finally:
        desktop.stop()


def tmux(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Tmux(Path(folder))
        server.do("-f", "/dev/null", "new-session", "-d", "-s", "work", "-x", "80", "-y", "24", "sh")
        server.keyboard, slave = pty.openpty()
        client = subprocess.Popen(
            ["tmux", "attach", "-t", "work"], env=server.environ,
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )
        threading.Thread(target=lambda: [os.read(server.keyboard, 65536) for _ in range(10_000)], daemon=True).start()
        try:
            until(lambda: server.do("list-clients"))
            pid = int(server.do("display-message", "-p", "#{pid}"))
            show(bench="tmux_idle", **cost(TRACKER, "tmux", environ=server.environ, seconds=seconds, also=pid))
            show(bench="tty_idle", **cost(TRACKER, "tty", environ=server.environ, seconds=seconds))
        finally:
            server.do("kill-server")
            stop_process(client)


if __name__ == "__main__":
    duration_s = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    x11(duration_s)
    tmux(duration_s)
    os._exit(0)  # a thread still reads the terminal
