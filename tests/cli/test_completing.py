"""What TAB offers, asked as the shells ask."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import coach


@pytest.fixture
def _tasks() -> None:
    for text in ("Call mum @phone #home p1", "Write report #work.writing @desk", "Read #work"):
        assert coach("add", text).status == 0
    coach("filter", "save", "deep", "+desk")
    coach("template", "save", "weekly", "2")


def offered(*words: str) -> list[str]:
    """The words after `coach`, the last one being typed; what bash would be given."""
    ran = coach(_COACH_COMPLETE="bash_complete", COMP_WORDS=" ".join(("coach", *words)), COMP_CWORD=str(len(words)))
    assert ran.err == ""
    return [line.split(",", 1)[1] for line in ran.out.splitlines() if line]


@pytest.mark.usefixtures("_tasks")
@pytest.mark.parametrize(("words", "expected"), [
    (["done", ""], ["1", "2", "3"]),
    (["show", "2"], ["2"]),
    (["delete", "1,"], ["1,2", "1,3"]),
    (["list", "+"], ["+desk", "+phone"]),
    (["list", "#wo"], ["#work", "#work.writing"]),
    (["list", "project:h"], ["project:home"]),
    (["list", "project", ":", "wor"], ["work", "work.writing"]),  # as bash splits project:wor
    (["list", "status:c"], ["status:completed"]),
    (["list", "@de"], ["@desk", "@deep"]),
    (["list", "@", "de"], ["desk", "deep"]),
    (["list", "due."], ["due.before:", "due.after:"]),
    (["add", "Buy", "milk", "#h"], ["#home"]),
    (["add", "Buy", "@p"], ["@phone"]),
    (["filter", "remove", ""], ["deep"]),
    (["template", "use", "w"], ["weekly"]),
    (["temp"], ["template"]),
])
def test_words_are_offered(words: list[str], expected: list[str]) -> None:
    assert offered(*words) == expected


def test_without_a_store_nothing_is_made_or_asked(tmp_path: Path) -> None:
    assert offered("done", "") == []
    assert offered("list", "stat") == ["status:"]
    assert not (tmp_path / "home" / "data").exists()


def test_names_of_commands_load_no_command() -> None:
    code = (
        "import os, sys\n"
        "os.environ.update(_COACH_COMPLETE='bash_complete', COMP_WORDS='coach a', COMP_CWORD='1')\n"
        "from coach.cli.main import main\n"
        "try:\n    main([])\nexcept SystemExit: pass\n"
        "print([n for n in sys.modules if n.startswith('coach.cli.') and n not in ('coach.cli.main', 'coach.cli.common')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "plain,add" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
