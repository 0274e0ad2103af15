"""What the tracker costs: switch latency, CPU over 30 s and memory, beside a 1 Hz pywinctl poller in the same run; the whole
of `coach track` with its store and jobs; and what the shells' hook adds to a prompt.

    python tests/bench/tracker.py [SECONDS] [probe|track|prompt …]

`track` for 300 s is the issue's figure. `reference_ms` is the processor time of a fixed sum, before and after: on a machine that
is shared it grows, and all other times with it.

Needs Xvfb, openbox, xterm, xdotool, xprop, xrandr and tmux; each is started privately.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
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
        switcher = threading.Thread(target=switching, args=(desktop, windows, 5.0, stop), daemon=True)
        switcher.start()
        show(bench="x11_switch_every_5s", **cost(TRACKER, "x11", environ=desktop.environ, seconds=seconds))
        stop.set()
        switcher.join()
    finally:
        desktop.stop()


def reference_ms() -> float:
    """Processor time of a fixed piece of work."""
    began = time.thread_time()
    sum(number * number for number in range(1_000_000))
    return round((time.thread_time() - began) * 1000, 1)


def coach_track(environ: dict[str, str], seconds: float, also: int = 0) -> dict[str, float]:
    """Cost of `coach track` on a store that is there already, from 20 s after its start on. Modules that are loaded later come
    from their bytecode, as where Coach is installed."""
    with tempfile.TemporaryDirectory(prefix="coach-track-") as home:
        compiled = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        inside = {**compiled, "COACH_HOME": home, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
                  "XDG_RUNTIME_DIR": home}
        coach = [sys.executable, "-m", "coach.cli"]
        subprocess.run([*coach, "add", "something"], env=inside, capture_output=True, check=True)
        child = subprocess.Popen([*coach, "track", "--yes"], env=inside, stderr=subprocess.DEVNULL)
        try:
            time.sleep(20)
            watched = [psutil.Process(child.pid)] + ([psutil.Process(also)] if also else [])
            reference, before, began = reference_ms(), [task_s(p) for p in watched], time.monotonic()
            time.sleep(seconds)
            lived = time.monotonic() - began
            spent = [task_s(p) - b for p, b in zip(watched, before, strict=True)]
            return {
                "cpu_percent": round(100 * spent[0] / lived, 4), "with_server_percent": round(100 * sum(spent) / lived, 4),
                "rss_mib": round(watched[0].memory_info().rss / 2**20, 1), "seconds": round(lived),
                "reference_ms": max(reference, reference_ms()), "threads": watched[0].num_threads(),
            }
        finally:
            stop_process(child)


def task_s(process: psutil.Process) -> float:
    """Seconds on a core of all threads, and of ended children."""
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    own = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    times = process.cpu_times()
    return own + times.children_user + times.children_system


def track(seconds: float) -> None:
    desktop = Desktop()
    try:
        desktop.start_server()
        desktop.start_manager()
        windows = [desktop.xterm("beta"), desktop.xterm("alpha")]
        stop = threading.Event()
        switcher = threading.Thread(target=switching, args=(desktop, windows, 5.0, stop), daemon=True)
        switcher.start()
        show(bench="coach_track_x11_switch_every_5s", **coach_track(desktop.environ, seconds))
        stop.set()
        switcher.join()
    finally:
        desktop.stop()
    with session() as (server, pid):
        show(bench="coach_track_tmux", **coach_track(server.environ, seconds, also=pid))


def prompt(rounds: int = 2000) -> None:
    """Microseconds that the hook adds between two prompts: its begin and its end after a command, the end with a report."""
    from coach.engine.shellhook import script

    for shell, options in (("bash", ["--norc", "--noprofile"]), ("zsh", ["-f"]), ("fish", ["--no-config"])):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "coach").mkdir(mode=0o700)
            os.mkfifo(Path(folder) / "coach" / "shell", 0o600)
            hook = script(shell).replace("-z ${COMP_LINE-}", "1")
            done = subprocess.run(
                [shell, *options, "-i", "-c", hook + PROMPTS[shell].replace("ROUNDS", str(rounds))],
                env={**os.environ, "XDG_RUNTIME_DIR": folder, "TERM": "dumb", "HOME": folder}, text=True, capture_output=True,
                stdin=subprocess.DEVNULL, check=False,
            )
            figures = [float(word) for word in done.stdout.split()]
            per_round = [round(figure * 1e6 / rounds, 1) for figure in figures]
            show(bench="shell_hook_us", shell=shell, **dict(zip(("short_command", "with_report"), per_round, strict=True)))


PROMPTS = {
    "bash": """
trap - DEBUG; PROMPT_COMMAND=
time_it() { local began=$EPOCHREALTIME i; for ((i = 0; i < ROUNDS; i++)); do "$1"; done
    awk "BEGIN { print $EPOCHREALTIME - $began }"; }
short() { __coach_ready=1; BASH_COMMAND= __coach_command=make; __coach_now; __coach_began=$__coach_ms; __coach_precmd; }
long() { __coach_command=make; __coach_now; __coach_began=$((__coach_ms - 5000)); __coach_precmd; }
time_it short; time_it long
""",
    "zsh": """
time_it() { local began=$EPOCHREALTIME i; for ((i = 0; i < ROUNDS; i++)); do $1; done; print $((EPOCHREALTIME - began)) }
short() { __coach_preexec make make make; __coach_precmd }
long() { __coach_preexec make make make; __coach_began=$((__coach_began - 5000)); __coach_precmd }
time_it short; time_it long
""",
    "fish": """
function time_it
    set -l began (date +%s.%N)
    for i in (seq ROUNDS); set CMD_DURATION $argv[1]; __coach_postexec make; end
    math (date +%s.%N) - $began
end
time_it 20; time_it 5000
""",
}


@contextlib.contextmanager
def session() -> Iterator[tuple[Tmux, int]]:
    """A tmux server of our own with a client, and its process."""
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
            yield server, int(server.do("display-message", "-p", "#{pid}"))
        finally:
            server.do("kill-server")
            stop_process(client)


def tmux(seconds: float) -> None:
    with session() as (server, pid):
        show(bench="tmux_idle", **cost(TRACKER, "tmux", environ=server.environ, seconds=seconds, also=pid))
        show(bench="tty_idle", **cost(TRACKER, "tty", environ=server.environ, seconds=seconds))


if __name__ == "__main__":
    duration_s = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    wanted = sys.argv[2:] or ["probe", "track", "prompt"]
    if "probe" in wanted:
        x11(duration_s)
        tmux(duration_s)
    if "track" in wanted:
        track(duration_s)
    if "prompt" in wanted:
        prompt()
    os._exit(0)  # a thread still reads the terminal
