"""A person's words are in the encrypted store and nowhere else: not in a file, a log, a child's arguments or environment.

The real program runs with every file, child and connection watched; then the bytes are searched for what was planted.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import home_at
from coach.engine import chat_past, opening
from coach.simulation.life import simulate
from coach.store.db import connect
from coach.store.opening import Access
from tests.bench.crash import App
from tests.engine.watched import Watched, watched
from tests.tracker.surroundings import Desktop, desktop

__all__ = ["desktop"]

TASK, WINDOW, NOTE, QUESTION = (f"planted-{name}-mu7ation" for name in ("task", "window", "note", "question"))
SOON_S = 20.0


@pytest.fixture
def run(tmp_path: Path) -> Watched:
    folder = tmp_path / "watched"
    folder.mkdir()
    return watched(folder)


def until(true: Callable[[], object], drain: Callable[[float], None] = time.sleep) -> None:
    deadline = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        drain(0.05)


def tracked(run: Watched, title: str) -> bool:
    return any(e["title"] == title for e in json.loads(run.coach("log", "--json")))


def kept_questions(run: Watched) -> str:
    """What the chat remembers."""
    with closing(connect(opening.unlock(home_at(run.home), Access(), datetime.now(UTC)))) as db:
        return " ".join(text for _, text in chat_past.past(db))


def test_the_search_finds_what_is_not_hidden(run: Watched) -> None:
    (run.folder / "tmp" / "core").write_bytes(b"\0\0" + TASK.encode() + b"\0")
    (run.folder / "user" / "wide").write_bytes(WINDOW.encode("utf-16-le"))
    code = f"import subprocess; subprocess.run(['true', '{NOTE}']); open('{run.folder}/hook/other', 'w').write('{NOTE}')"
    subprocess.run([sys.executable, "-c", code], env=run.environ, check=True)
    child = f"import subprocess; subprocess.run(['sleep', '0.3'], env={{'LINE': '{TASK}'}})"
    with subprocess.Popen([sys.executable, "-c", child], env=run.environ) as process, run.watching(process.pid):
        process.wait()
    leaks = run.leaks(TASK, WINDOW, NOTE)
    assert [leak.split(" in ")[0] for leak in leaks] == [TASK, TASK, TASK, WINDOW, NOTE, NOTE]


def test_the_shell(run: Watched) -> None:
    run.environ["COACH_NOW"] = "2026-11-20T10:00:00Z"
    run.coach("add", f"{TASK} due:2026-11-18 p1 ~15m // {NOTE}")
    assert TASK in run.coach("parse", "--jsonl", "-", stdin=json.dumps({"text": TASK}))
    assert TASK in run.coach("list")
    assert NOTE in run.coach("show", "1", "--json")
    run.coach("annotate", "1", NOTE)
    run.coach("privacy", "exclude", "title", WINDOW)
    assert TASK in run.coach("nudge", "--wait", "0", "--json")
    assert TASK in run.coach("nudges", "--json")
    run.coach("done", "1")
    run.coach("undo")
    run.coach("ask", f"when is {QUESTION} due?")
    run.coach("report", "day")
    run.coach("backup")
    run.coach("doctor", "--deep", "--json")
    run.coach("delete", "1")
    run.coach("purge", "--yes")
    assert len(run.files()) >= 4  # store, backup, their store.toml, the key
    assert run.leaks(TASK, WINDOW, NOTE, QUESTION) == []
    assert run.connected() == []


def test_an_error_in_the_shell(run: Watched) -> None:
    run.coach("add", TASK)
    broken = (
        "from coach.core import quickadd\n"
        f"def parse(text, *rest, **more): secret = '{NOTE}'; raise ValueError(text + secret)\n"
        "quickadd.parse = parse\n"
        "from coach.cli.main import main; main()"
    )
    words = [sys.executable, "-c", broken, "add", TASK]
    done = subprocess.run(words, env=run.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "internal error: ValueError" in done.stderr
    assert TASK not in done.stderr
    assert NOTE not in done.stderr
    assert run.leaks(TASK, NOTE) == []


@pytest.mark.desktop
def test_tracker_and_app(run: Watched, desktop: Desktop) -> None:
    run.environ["DISPLAY"] = desktop.environ["DISPLAY"]
    desktop.xterm(WINDOW)
    words = [sys.executable, "-m", "coach.cli", "track", "--yes"]
    tracker = subprocess.Popen(words, env=run.environ, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with run.watching(tracker.pid):
        until(lambda: tracked(run, WINDOW))
        app = start_app(run)
        with run.watching(app.pid):
            assert app.add(TASK, time.monotonic() + SOON_S)
            for keys in ("2", "3", "4", "6", "1", "?", "\x1b", " ", "5", f"when is {QUESTION} due?", "\r"):
                app.press(keys)
                app.drain(0.4)
            until(lambda: QUESTION in kept_questions(run), app.drain)
            assert run.leaks(TASK, WINDOW, QUESTION) == []  # with its -wal and -shm while it is open
            app.kill()
        tracker.send_signal(signal.SIGTERM)
        _, complaints = tracker.communicate(timeout=20)
    assert TASK.encode() not in complaints
    assert WINDOW.encode() not in complaints
    assert {p.name for p in run.files()} >= {"coach.db", "store.toml", "store.key"}
    assert run.leaks(TASK, WINDOW, QUESTION) == []
    assert run.connected() == []


@pytest.mark.desktop
def test_a_tracker_that_meets_errors_logs_their_kind(run: Watched, desktop: Desktop) -> None:
    run.environ["DISPLAY"] = desktop.environ["DISPLAY"]
    desktop.xterm(WINDOW)
    broken = (
        "from coach.engine import activity, jobs\n"
        "def fail(*args, **more): words = repr(args); raise KeyError(words)\n"
        "activity.record = jobs.start = fail\n"
        "import sys; sys.argv[1:] = ['track', '--yes']\n"
        "from coach.cli.main import main; main()"
    )
    log = run.home / "state" / "coach.log"
    expected = ("heartbeats wait: KeyError", "thread coach-jobs ended: KeyError")
    with subprocess.Popen([sys.executable, "-c", broken], env=run.environ, stderr=subprocess.PIPE) as tracker:
        until(lambda: log.exists() and all(words in log.read_text() for words in expected))
        tracker.send_signal(signal.SIGTERM)
        _, complaints = tracker.communicate(timeout=20)
    assert b"Traceback" not in complaints
    assert WINDOW.encode() not in complaints
    assert run.leaks(WINDOW) == []


def test_a_crash_of_the_app(run: Watched) -> None:
    run.coach("add", f"{TASK} today p1")
    broken = (
        "from coach.tui import task_actions\n"
        f"def complete(app): secret = '{NOTE}'; raise RuntimeError('about {TASK}' + secret)\n"
        "task_actions.complete = complete\n"
        "import sys; sys.argv[1:] = []\n"
        "from coach.cli.main import main; main()"
    )
    app = start_app(run, "-c", broken)
    assert app.wait_for(TASK.encode(), time.monotonic() + SOON_S)
    app.press(" ")
    assert app.wait_for(b"Coach had to stop", time.monotonic() + SOON_S)
    last_words = app.rest()
    assert b"RuntimeError" in last_words
    assert TASK.encode() not in last_words
    assert NOTE.encode() not in last_words
    assert run.leaks(TASK, NOTE) == []


def test_a_demo_that_stays(run: Watched) -> None:
    now = "2026-11-20T14:00:00Z"
    run.coach("demo", "--no-app", "--days", "20", COACH_NOW=now)
    titles = {t["title"] for t in json.loads(run.coach("list", "status:completed", "--json", COACH_NOW=now))}
    windows = {e["title"] for e in json.loads(run.coach("log", "--date", "2026-11-19", "--json", COACH_NOW=now))}
    planted = [t for t in titles | windows if len(t) > 9]
    assert len(planted) > 20
    assert run.leaks(*planted) == []
    assert run.connected() == []


def test_a_demo_that_leaves_nothing(run: Watched) -> None:
    now = datetime(2026, 11, 20, 14, tzinfo=UTC)
    life = simulate(20, 7, now, ZoneInfo("Europe/Berlin"), role="developer")
    planted = {t for t in {step.task.title for step in life.steps} | {event[3] for event in life.events} if len(t) > 9}
    assert len(planted) > 20
    app = App({**run.environ, "COACH_NOW": now.isoformat()}, "-m", "coach.cli", "demo", "--days", "20")
    with run.watching(app.pid):
        assert app.wait_for(b"Today", time.monotonic() + SOON_S)
        until(lambda: list((run.folder / "tmp").rglob("coach.db")), app.drain)
        app.drain(2)
        assert run.leaks(*planted) == []
        app.press("\x11")
        app.rest()
    assert list((run.folder / "tmp").iterdir()) == []
    assert not list(run.home.rglob("*"))
    assert run.leaks(*planted) == []


def start_app(run: Watched, *words: str) -> App:
    """The app, past its first questions."""
    run.coach("add", "An ordinary task")
    answered = (
        "from datetime import UTC, datetime; from coach.config import find_home; from coach.engine import opening, preferences\n"
        "now = datetime.now(UTC); db = opening.connect(opening.unlock(find_home(), opening.Access(), now))\n"
        "preferences.put(db, {'onboarded': True, 'tracking_consent': True}, now, 'agree'); db.close()"
    )
    subprocess.run([sys.executable, "-c", answered], env=run.environ, check=True)
    app = App(run.environ, *words)
    assert app.wait_for(b"An ordinary task", time.monotonic() + SOON_S)
    return app
