"""What nobody foresaw, at the command line: one line, a status, none of the person's words, the files as they were."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coach.cli.main import main
from coach.config import Home
from coach.engine import tasks
from coach.store.db import Unlocked, connect, integrity
from tests.cli.shell import coach

SECRET = "planted-secret-title"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def key_error(*args: object) -> None:
    raise KeyError(SECRET)


def chained(*args: object) -> None:
    try:
        key_error()
    except KeyError as error:
        raise ValueError(f"no {SECRET}") from error


def endless(*args: object) -> None:
    endless(*args)


@pytest.mark.parametrize(("defect", "kind"), [(key_error, "KeyError"), (chained, "ValueError"), (endless, "RecursionError")])
def test_a_defect_is_named_by_kind_and_place(
    defect: Callable[..., None], kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tasks, "add", defect)
    status, out, err = run(capsys, "add", SECRET)
    assert (status, out) == (1, "")
    assert err.startswith(f"coach: internal error: {kind} at cli/tasks.py:")
    assert SECRET not in err
    assert "Traceback" not in err
    status, out, err = run(capsys, "add", SECRET, "--json")
    assert json.loads(err)["error"]["message"].startswith(f"internal error: {kind} at ")
    assert SECRET not in err


def test_everything_about_a_defect_on_request(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(tasks, "add", key_error)
    monkeypatch.setenv("COACH_DEBUG", "1")
    status, _, err = run(capsys, "add", "x")
    assert status == 1
    assert err.startswith("Traceback")
    assert f"KeyError: '{SECRET}'" in err
    assert "coach: internal error: KeyError at cli/tasks.py:" in err


def test_a_wrong_query_is_a_defect_and_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tasks, "add", lambda db, *_: db.execute(f'SELECT "{SECRET}" FROM nowhere WHERE [{SECRET}]'))
    status, _, err = run(capsys, "add", "x")
    assert status == 1
    assert err.startswith("coach: internal error: OperationalError at cli/tasks.py:")
    assert SECRET not in err


def test_a_store_that_another_process_writes_to_is_busy(unlocked: Unlocked, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = connect(unlocked)
    writer.execute("BEGIN IMMEDIATE")
    try:
        impatient = (
            "from coach.store import db; from coach.cli.main import main\n"
            "db.BUSY_TIMEOUT_MS = 50; main(['add', 'x', '--json'])"
        )
        done = subprocess.run([sys.executable, "-c", impatient], capture_output=True, text=True, timeout=30, check=False)
    finally:
        writer.execute("ROLLBACK")
        writer.close()
    assert done.returncode == 4
    assert json.loads(done.stderr)["error"]["code"] == "busy"


def test_a_page_that_is_damaged_while_in_use(unlocked: Unlocked, home: Home) -> None:
    assert coach("add", "Sound so far").status == 0
    with home.store_file.open("r+b") as file:
        for page in range(1, home.store_file.stat().st_size // 4096):
            file.seek(page * 4096 + 100)
            file.write(b"\0" * 64)
    damaged = home.store_file.read_bytes()
    failed = coach("list", "--json")
    assert (failed.status, failed.error["code"]) == (5, "store_closed")
    assert "damaged" in failed.error["message"]
    assert home.store_file.read_bytes() == damaged


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2,500 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2500k", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no right to mount a file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(small_disk: Path, now: object) -> None:
    home, added = small_disk / "home", 0
    while (ran := coach("add", f"Task {added} {'x' * 15_000}", "--json", home=home)).status == 0:
        added += 1
        assert added < 100
    assert (ran.status, ran.error["code"]) == (5, "store_closed")
    assert "disk is full" in ran.error["message"]
    assert added > 3
    assert len(coach("list", "--json", home=home).json) == added
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    assert coach("add", "There is room again", home=home).status == 0
    assert len(coach("list", "--json", home=home).json) == added + 1
    assert coach("undo", home=home).status == 0


def test_no_room_to_make_a_store(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=40k", small_disk], check=True)
    ran = coach("add", "First", "--json", home=small_disk / "home")
    assert (ran.status, ran.error["code"]) == (5, "store_closed")
    assert "disk is full" in ran.error["message"]
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    assert coach("add", "First", "--json", home=small_disk / "home").json["num"] == 1


def test_a_file_that_may_not_grow(unlocked: Unlocked, home: Home) -> None:
    assert coach("add", "Before").status == 0
    size = home.store_file.stat().st_size
    words = [sys.executable, "-m", "coach.cli", "add", "x" * 19_000, "--json"]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=30, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
    )
    assert done.returncode == 5
    assert json.loads(done.stderr)["error"]["code"] == "store_closed"
    assert home.store_file.stat().st_size == size
    assert [t["title"] for t in coach("list", "--json").json] == ["Before"]
    db = connect(unlocked)
    assert integrity(db) == []
    db.close()


def test_output_that_nobody_takes(unlocked: Unlocked) -> None:
    coach("add", "Something to print")
    words = [sys.executable, "-m", "coach.cli", "list"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, "coach: No space left on device\n")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_bytes_that_are_no_text_and_a_terminal_without_unicode(unlocked: Unlocked) -> None:
    words = [sys.executable, "-m", "coach.cli", "add", b"caf\xe9 \xf0\x9f\x8d\xb0 tomorrow"]
    env = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "1"}
    done = subprocess.run(words, env=env, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"added 1  caf? ? \xb7 ")
    assert coach("list", "--json").json[0]["title"] == "caf\ufffd \N{SHORTCAKE}"


def test_a_backup_that_is_not_there_is_not_asked_about(unlocked: Unlocked) -> None:
    done = coach("restore", "nosuch.db", "--json")
    assert (done.status, done.error["code"]) == (3, "not_found")


@pytest.mark.parametrize(("setting", "word"), [
    ('time_zone = "Mars/Base"', "Mars/Base"), ('work_days = ["mon", "blursday"]', "blursday"), ('week_start = "noon"', "noon"),
])
def test_doctor_finds_settings_that_no_command_can_use(home: Home, setting: str, word: str) -> None:
    home.config_file.parent.mkdir(parents=True, exist_ok=True)
    home.config_file.write_text(f"[time]\n{setting}\n", encoding="utf-8")
    assert word in coach("list").err
    done = coach("doctor")
    assert done.status == 1
    assert done.out.startswith("BAD   config")
    assert word in done.out


def test_joined_emoji_stay_joined_and_nothing_steers_the_terminal(unlocked: Unlocked) -> None:
    done = coach("add", "\U0001f468\u200d\U0001f469\u200d\U0001f467 dinner \x9b2J\u202e")
    assert "\U0001f468\u200d\U0001f469\u200d\U0001f467 dinner" in done.out
    assert "\x9b" not in done.out
    assert "\u202e" not in done.out
