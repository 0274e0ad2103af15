"""Weight: what a shell command may not import. Each case runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.shell import coach

HEAVY = ("torch", "textual", "onnxruntime", "llama_cpp", "sklearn", "dateparser", "fastapi")
NOT_FOR_TASKS = (*HEAVY, "sqlite_utils", "numpy", "rich", "keyring", "apscheduler", "desktop_notifier", "psutil", "tomllib")


def loaded(code: str, names: tuple[str, ...]) -> list[str]:
    """Which of the names stand in sys.modules after `code` has run."""
    probe = f"import sys\ntry:\n    exec({code!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n" \
            f"print('LOADED', [n for n in {names!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: list[str] = eval(done.stdout.rsplit("LOADED ", 1)[1])
    return found


def test_importing_the_command_line_is_light() -> None:
    assert loaded("import coach.cli.main", HEAVY) == []


@pytest.mark.parametrize("words", [
    ["add", "Call mum tomorrow 18:00 #home p2 ~15m"], ["add", "Buy milk"], ["list"], ["list", "--json"], ["done", "1"],
    ["next"], ["undo"],
])
def test_task_verbs_leave_the_heavy_libraries_out(words: list[str]) -> None:
    assert coach("add", "First").status == 0  # makes the store: migrations may use sqlite-utils
    code = f"from coach.cli.main import main; main({words!r})"
    assert loaded(code, NOT_FOR_TASKS) == []


def test_the_app_starts_without_models_and_numbers() -> None:
    unwanted = (*(h for h in HEAVY if h != "textual"), "numpy", "sqlite_utils", "keyring", "apscheduler")
    assert loaded("import coach.tui.app", unwanted) == []
