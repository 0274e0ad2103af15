"""Task commands that take filters, and the nouns around tasks."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from tests.cli.shell import coach


@pytest.fixture
def _tasks() -> None:
    for text in ("Paint #home p1 2026-11-27", "Buy paint parent:1 @shop", "Ladder parent:1 depends:2", "Milk @shop"):
        assert coach("add", text).status == 0


@pytest.mark.usefixtures("_tasks")
def test_a_filter_is_done_only_with_yes() -> None:
    refused = coach("done", "+shop", "--json")
    assert (refused.status, refused.error["message"]) == (2, "that filter names 2 tasks: 2, 4")
    assert refused.error["hint"] == "`coach done +shop --yes` does it"
    assert [t["num"] for t in coach("done", "+shop", "--yes", "--json").json] == [2, 4]
    assert "undone: complete 2 tasks" in coach("undo").out


@pytest.mark.usefixtures("_tasks")
def test_labels_that_are_not_wanted_are_no_options() -> None:
    assert [t["num"] for t in coach("list", "-shop", "--json").json] == [1, 3]
    assert [t["num"] for t in coach("list", "-shop", "--limit", "1", "--json").json] == [1]
    assert coach("delete", "-shop", "--yes", "--children", "--json").status == 0
    assert [t["num"] for t in coach("list", "--json").json] == [4]


@pytest.mark.usefixtures("_tasks")
def test_parents_ask_for_their_children() -> None:
    refused = coach("done", "1", "--json")
    assert refused.error["message"] == "task 1 has 2 open subtasks: 2, 3"
    assert [t["num"] for t in coach("done", "1", "--children", "--json").json] == [2, 3, 1]


@pytest.mark.usefixtures("_tasks")
def test_edit_one_several_and_all_of_a_filter() -> None:
    assert coach("edit", "4", "Oat milk p2", "--json").json["title"] == "Oat milk"
    assert [t["priority"] for t in coach("edit", "2,3", "p3", "--json").json] == [3, 3]
    assert {t["num"]: t["tags"] for t in coach("--json", "edit", "+shop", "--", "+soon", "-shop").json} == {
        2: ["soon"], 4: ["soon"],
    }
    assert coach("edit", "2,3", "--json").status == 2
    assert coach("--json", "edit", "project:nowhere", "--", "p1").json == []


@pytest.mark.usefixtures("_tasks")
def test_a_label_that_is_not_there_is_no_title() -> None:
    edited = coach("--json", "edit", "2,3", "--", "-shop", "p2").json
    assert [(t["title"], t["tags"], t["priority"]) for t in edited] == [("Buy paint", [], 2), ("Ladder", [], 2)]
    assert coach("edit", "3", "Ladder", "-big", "--json").json["title"] == "Ladder -big"


@pytest.mark.usefixtures("_tasks")
def test_show_says_that_a_task_is_over() -> None:
    coach("done", "4")
    coach("delete", "3")
    assert coach("show", "4").out.splitlines()[1].startswith("  completed 20")
    deleted = coach("show", "3").out
    assert deleted.splitlines()[1].startswith("  deleted 20")
    assert "urgency" not in deleted


@pytest.mark.usefixtures("_tasks")
def test_subtasks_stand_below_their_parents() -> None:
    lines = coach("list").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["1", "2", "3", "4"]
    assert lines[2].index("Buy paint") == lines[1].index("Paint") + 2
    assert lines[4].index("Milk") == lines[1].index("Paint")


@pytest.mark.usefixtures("_tasks")
def test_show_says_why() -> None:
    shown = coach("show", "3", "--json").json
    assert shown["why"] == {"blocked": -5.0}
    assert shown["urgency"] == -5.0
    assert shown["habit"] is None
    parent = coach("show", "1").out
    assert "subtask 2  Buy paint" in parent
    assert "urgency" in parent
    assert "before 3  Ladder" in coach("show", "2").out


def test_a_habit_is_shown() -> None:
    coach("add", "Gym every day 7am")
    for day in (21, 22, 24):
        assert coach("done", "1", now=f"2026-11-{day}T18:00:00Z").status == 0
    shown = coach("show", "1", "--json", now="2026-11-24T19:00:00Z").json
    assert shown["habit"] == {"kept": 3, "expected": 4, "rate": 0.75, "streak": 1, "longest": 2}
    assert "kept 3 of 4 times (75%), 1 in a row, at best 2" in coach("show", "1", now="2026-11-24T19:00:00Z").out


def test_remind() -> None:
    coach("add", "Call mum tomorrow 18:00")
    assert coach("remind", "1", "30m", "before", "--json").json["remind"] == [{"before_min": 30}]
    assert len(coach("remind", "1", "tomorrow", "9am", "--json").json["remind"]) == 2
    assert coach("remind", "1", "none", "--json").json["remind"] == []
    assert coach("remind", "1", "gibberish", "--json").status == 2


@pytest.mark.usefixtures("_tasks")
def test_saved_filters_and_templates() -> None:
    saved = {"name": "shopping", "words": ["+shop", "-later"]}
    assert coach("filter", "save", "shopping", "+shop", "-later", "--json").json == saved
    assert {t["num"] for t in coach("list", "@shopping", "--json").json} == {2, 4}
    assert coach("filter", "list", "--json").json == [saved]
    assert coach("filter", "remove", "shopping").status == 0
    assert coach("filter", "remove", "shopping", "--json").status == 3
    assert coach("template", "save", "paint job", "1", "--json").json == {"name": "paint job", "tasks": 3}
    assert [t["num"] for t in coach("template", "use", "paint job", "--json").json] == [5, 6, 7]
    assert coach("template", "list", "--json").json == [{"name": "paint job", "title": "Paint", "tasks": 3}]
    assert coach("template", "remove", "paint job").status == 0
    assert coach("template", "list").out == ""
    assert "no templates" in coach("template", "list").err


def test_circles_are_refused_by_number() -> None:
    coach("add", "A")
    coach("add", "B depends:1")
    ran = coach("edit", "1", "depends:2", "--json")
    assert (ran.status, ran.error["code"]) == (2, "invalid")
    assert "1 -> 2 -> 1" in ran.error["message"] or "2 -> 1 -> 2" in ran.error["message"]


def test_what_expires_is_gone_from_the_list() -> None:
    coach("add", "Vote until:2026-11-21")
    assert len(coach("list", "--json").json) == 1
    assert coach("list", "--json", now="2026-11-22T08:00:00Z").json == []
    assert [t["num"] for t in coach("list", "status:deleted", "--json").json] == [1]
    assert coach("edit", "1", "status:pending until:", "--json").json["status"] == "pending"


def test_a_terminal_gets_a_page() -> None:
    for n in range(30):
        assert coach("add", f"Task {n}").status == 0
    assert len(coach("list").out.splitlines()) == 31  # not a terminal
    main, side = pty.openpty()
    env = {**os.environ, "COACH_NOW": "2026-11-20T10:00:00Z", "COLUMNS": "80"}
    ran = subprocess.run([sys.executable, "-m", "coach.cli", "list"], env=env, stdout=side, stderr=subprocess.PIPE, check=True)
    os.close(side)
    shown = os.read(main, 100_000).decode().split("\r\n")
    os.close(main)
    assert len(shown) == 1 + 25 + 1
    assert ran.stderr.decode() == "25 of 30; --limit 0 shows all\n"
    assert coach("list", "--limit", "3", "--json").err == ""
    assert len(coach("list", "--limit", "3", "--json").json) == 3
    assert len(coach("list", "--limit", "0", "--json").json) == 30


def test_wide_titles_fit_the_terminal() -> None:
    coach("add", "買い物に行く" * 30)
    coach("add", "x" * 300)
    coach("add", "Cafe\u0301 🎉 #a-project-with-a-very-long-name-that-takes-the-room p1 tomorrow 18:00")
    for line in coach("list", COLUMNS="60").out.splitlines():
        assert sum(2 if "\u2e80" <= c <= "\uffef" else 1 for c in line) <= 60
