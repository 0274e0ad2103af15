"""The shell as people meet it: colours, narrow terminals, pipes, completion in a real shell, wrong words."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coach.cli.common import wants_color
from tests.cli.shell import coach


@pytest.mark.parametrize(("asked", "environ", "expected"), [
    ("auto", {}, None), ("auto", {"NO_COLOR": "1"}, False), ("auto", {"NO_COLOR": ""}, None),
    ("auto", {"FORCE_COLOR": "1"}, True), ("auto", {"FORCE_COLOR": "0"}, None),
    ("auto", {"CLICOLOR_FORCE": "1"}, True), ("auto", {"CLICOLOR": "0"}, False),
    ("auto", {"CLICOLOR": "1"}, None), ("auto", {"TERM": "dumb"}, False), ("auto", {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False), ("always", {"NO_COLOR": "1", "TERM": "dumb"}, True),
    ("never", {"FORCE_COLOR": "1"}, False),
])
def test_who_decides_about_colours(asked: str, environ: dict[str, str], expected: bool | None) -> None:
    assert wants_color(asked, environ) is expected


def test_a_list_is_coloured_where_it_may_be() -> None:
    coach("add", "Send invoice due:2026-11-12 p1")
    plain = coach("list").out
    assert "\x1b" not in plain
    assert "\x1b[31m" in coach("list", "--color", "always").out  # overdue
    assert "\x1b" in coach("list", FORCE_COLOR="1").out
    assert "\x1b" not in coach("list", "--json", "--color", "always").out
    assert "\x1b" not in in_terminal("list", NO_COLOR="1")
    assert "\x1b" not in in_terminal("list", TERM="dumb")
    assert "\x1b[31m" in in_terminal("list", TERM="xterm")


def in_terminal(*words: str, **environ: str) -> str:
    """What a command prints on a terminal."""
    main, side = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR")}
    env |= {"COACH_NOW": "2026-11-20T10:00:00Z", "COLUMNS": "80", **environ}
    subprocess.run([sys.executable, "-m", "coach.cli", *words], env=env, stdout=side, stderr=subprocess.DEVNULL, check=True)
    os.close(side)
    shown = os.read(main, 100_000).decode()
    os.close(main)
    return shown


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_tables_fit_and_the_title_keeps_the_room(columns: int) -> None:
    coach("add", "Write the quarterly report for the board #work.reports p1 tomorrow 18:00 @office")
    coach("add", "Milk today")
    lines = coach("list", COLUMNS=str(columns)).out.splitlines()
    assert max(len(line) for line in lines) <= columns
    assert "Write the quar" in lines[1] or columns == 20 or (columns == 40 and "Write the" in lines[1])
    for words in (("projects",), ("tags",)):
        assert max(len(line) for line in coach(*words, COLUMNS=str(columns)).out.splitlines()) <= columns


def test_nothing_is_cut_in_a_pipe() -> None:
    title = "word " * 60 + "end"
    coach("add", title)
    assert coach("list").out.splitlines()[1].endswith("word end")


@pytest.mark.parametrize("words", [
    ("list",), ("projects",), ("show", "1"), ("filter", "list"), ("parse", "Call mum tomorrow"), ("focus", "status"),
])
def test_json_may_stand_before_and_after(words: tuple[str, ...]) -> None:
    coach("add", "Call mum #home @phone")
    before, after = coach("--json", *words), coach(*words, "--json")
    assert before.json == after.json
    assert before.err == after.err == ""


@pytest.mark.parametrize(("words", "near"), [
    (("lst",), "coach list"), (("filter", "sav"), "save"), (("list", "satus:done"), "status:"),
    (("list", "due.befor:fri"), "due.before:"), (("list", "--limt", "3"), "--limit"),
])
def test_a_slip_of_the_fingers_is_answered_with_the_word(words: tuple[str, ...], near: str) -> None:
    ran = coach(*words)
    assert ran.status == 2
    assert near in ran.err


@pytest.mark.parametrize(("words", "named"), [
    (("edit", "1", "due:2026-02-30"), "due:2026-02-30"), (("edit", "1", "p1 wait:2026-13-01"), "wait:2026-13-01"),
    (("edit", "1", "priority:Z"), "priority:Z"), (("list", "due.before:2026-02-30"), "2026-02-30"),
    (("list", "a", "or"), "'or'"), (("list", "/(/"), "/(/"), (("edit", "1", "depends:1"), "1 -> 1"),
    (("edit", "1", "parent:1"), "task 1"), (("snooze", "1", "2026-02-30"), "2026-02-30"),
])
def test_what_cannot_be_is_refused_by_name_and_nothing_is_written(words: tuple[str, ...], named: str) -> None:
    coach("add", "Call mum #home")
    before = coach("show", "1", "--json").json
    ran = coach(*words, "--json")
    assert ran.status == 2
    assert named in ran.error["message"]
    assert coach("show", "1", "--json").json == before


def test_an_attribute_that_stays_text_is_mentioned() -> None:
    ran = coach("add", "Pay due:2026-02-30")
    assert ran.status == 0
    assert "due:2026-02-30 could not be read and stays text" in ran.err
    assert "could not be read" not in coach("add", "+batch due:mon").err  # marks alone, all of them read
    assert coach("add", "Note: call https://x.org at due:fri").err == ""
    assert coach("add", "due:fri").err == ""


def test_one_argument_may_be_a_whole_filter() -> None:
    coach("add", "One #home p1")
    coach("add", "Two @shop p1")
    coach("add", "Three @shop")
    assert [t["num"] for t in coach("list", "(project:home or +shop) and p1", "--json").json] == [1, 2]
    coach("filter", "save", "urgent", "(project:home or +shop) and p1")
    assert [t["num"] for t in coach("list", "@urgent", "--json").json] == [1, 2]


@pytest.mark.parametrize(("shell", "typed", "offered"), [
    ("bash", "coach list project:h", "home"), ("bash", "coach done ", "2"), ("zsh", "coach list +ph", "+phone"),
    ("fish", "coach done ", "2\tMilk"), ("fish", "coach add Buy @ph", "@phone"), ("fish", "coach focus start 1", "1\tCall mum"),
])
def test_a_real_shell_offers_what_there_is(tmp_path: Path, shell: str, typed: str, offered: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} here")
    coach("add", "Call mum\nand dad #home @phone")
    coach("add", "Milk")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "coach").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m coach.cli "$@"\n')
    (bin_folder / "coach").chmod(0o755)
    script = tmp_path / "completion"
    script.write_text(coach("completion", shell).out)
    words = typed.split(" ")
    if shell == "bash":  # which splits words at colons
        words = [part for word in words for part in (word.partition(":") if ":" in word else (word,))]
        asked = (
            f'source "{script}"; COMP_WORDS=({" ".join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1};'
            ' _coach_completion coach; printf "%s\\n" "${COMPREPLY[@]}"'
        )
    elif shell == "zsh":
        asked = (
            f'compdef() {{ }}; compadd() {{ print -rl -- $completions }}; _describe() {{ print -rl -- "${{(@P)3}}" }}; '
            f'source "{script}"; words=({typed}); CURRENT={len(words)}; _coach_completion'
        )
    else:
        asked = f'source "{script}"; complete -C "{typed}"'
    env = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run([program, "-c", asked], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert any(line.startswith(offered) for line in ran.stdout.splitlines()), (ran.stdout, ran.stderr)


@pytest.mark.parametrize(("typed", "meant"), [("lst", "list"), ("ad", "add"), ("snoze", "snooze"), ("nope", "")])
def test_a_command_is_suggested_only_where_it_is_near(typed: str, meant: str) -> None:
    ran = coach(typed, "--json")
    assert ran.status == 2
    assert (f"did you mean `coach {meant}`?" if meant else "`coach --help` lists the commands") in ran.error["message"]
