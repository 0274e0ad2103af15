"""What the task commands say beside their data: on stderr, so that stdout can be piped; and what they refuse to do."""

from __future__ import annotations

import pytest

from tests.cli.shell import coach


def test_stdout_holds_data_only() -> None:
    for text in ("One p1", "Two p2", "Three p3"):
        coach("add", text)
    ran = coach("list", "--limit", "2")
    assert [line.split()[-1] for line in ran.out.splitlines()] == ["task", "One", "Two"]
    assert ran.err == "2 of 3; --limit 0 shows all\n"


@pytest.mark.parametrize(("words", "said"), [
    (("list",), "no tasks yet; add one"), (("list", "/nomatch/"), "nothing fits /nomatch/"),
    (("list", "+a", "project:b"), "nothing fits +a project:b"), (("projects",), "no open task has a project"),
    (("tags",), "no open task has a label"), (("next",), "nothing is waiting"), (("filter", "list"), "no saved filters"),
    (("template", "list"), "no templates"), (("done", "+a", "--yes"), "nothing fits +a"),
    (("edit", "+a", "--", "p1"), "nothing fits +a"),
])
def test_nothing_there_is_said_and_is_no_data(words: tuple[str, ...], said: str) -> None:
    ran = coach(*words)
    assert (ran.status, ran.out.strip()) == (0, "")
    assert said in ran.err
    under_json = coach("--json", *words)
    assert (under_json.json, under_json.err) in (([], ""), (None, ""))


def test_a_mistyped_name_in_a_filter_is_put_right() -> None:
    coach("add", "Sweep @kitchen #home")
    coach("filter", "save", "chores", "p1")
    for typed, meant in (("@kichen", "@kitchen"), ("+kichen", "+kitchen"), ("#hoem", "#home"), ("project:hoem", "project:home"),
                         ("@chore", "@chores")):
        assert f"nothing fits {typed}; did you mean {meant}?" in coach("list", typed).err
    assert "did you mean" not in coach("list", "@chores").err


def test_a_tasks_history_tells_an_edit_from_its_undo() -> None:
    for words in (("add", "Sweep"), ("edit", "1", "p1"), ("undo",), ("redo",)):
        assert coach(*words).status == 0
    told = [line.split(maxsplit=2)[2] for line in coach("show", "1").out.splitlines()[-4:]]
    assert told == ["add task (user)", "edit task (user)", "undo edit task (user)", "redo edit task (user)"]


def test_a_list_whose_tasks_all_wait_says_so() -> None:
    coach("add", "Old wait:2026-12-24")
    assert "one task waits for a later day: coach list status:waiting" in coach("list").err


@pytest.mark.parametrize(("words", "named"), [
    (("list", "due.before:"), "due.before:"), (("list", "+home", "project.has:"), "project.has:"),
    (("list", "due.before:", "fri"), "due.before:"), (("edit", "1", ""), "nothing to change"),
    (("edit", "1", "  "), "nothing to change"), (("annotate", "1", ""), "no note"), (("annotate", "1", " \t "), "no note"),
    (("start", "2"), "task 2 is completed"), (("stop", "1"), "task 1 is not started"),
])
def test_what_means_nothing_is_refused_and_changes_nothing(words: tuple[str, ...], named: str) -> None:
    coach("add", "Call mum")
    coach("add", "Done before")
    coach("done", "2")
    before = coach("list", "status:all", "--json").json
    ran = coach(*words, "--json")
    assert (ran.status, ran.error["code"]) == (2, "invalid")
    assert named in ran.error["message"]
    assert ran.error["hint"]
    assert coach("list", "status:all", "--json").json == before


def test_an_empty_attribute_still_means_none() -> None:
    coach("add", "Call mum tomorrow")
    coach("add", "Read")
    assert [t["num"] for t in coach("list", "due:", "--json").json] == [2]
    assert [t["num"] for t in coach("list", "due.not:", "--json").json] == [1]


def test_starting_twice_does_not_lose_the_minutes() -> None:
    coach("add", "Write")
    assert coach("start", "1", now="2026-11-20T10:00:00Z").status == 0
    assert coach("start", "1", now="2026-11-20T10:20:00Z").status == 2
    assert coach("done", "1", "--json", now="2026-11-20T10:30:00Z").json[0]["actual_min"] == 30
    coach("undo")
    assert coach("show", "1", "--json").json["started"] == "2026-11-20T10:00:00Z"


def test_undo_and_redo_name_the_task() -> None:
    coach("add", "Call mum tomorrow")
    coach("add", "Water plants every 3 days")
    coach("done", "1")
    assert coach("undo").out == "undone: complete task · 1  Call mum\n"
    assert coach("redo").out == "redone: complete task · 1  Call mum\n"
    coach("done", "2")
    assert coach("undo").out == "undone: complete task · 2  Water plants\n"
    coach("edit", "1,2", "p1")
    assert coach("undo").out == "undone: edit 2 tasks · 1  Call mum, 2  Water plants\n"
    undone = coach("undo", "2", "--json").json
    assert [one["tasks"] for one in undone] == [[{"num": 1, "title": "Call mum"}], [{"num": 2, "title": "Water plants"}]]
    coach("add", "A p1")
    coach("delete", "1-3", "--yes")
    for n in range(5):
        coach("add", f"Task {n}")
    coach("edit", "5-8", "p1")
    assert coach("undo").out == "undone: edit 4 tasks\n"


def test_a_focus_session_and_its_task_are_one_step() -> None:
    coach("add", "Write")
    assert coach("focus", "start", "1", "--for", "25m").status == 0
    busy = coach("focus", "start")
    assert (busy.status, busy.err.splitlines()[0]) == (4, "coach: a focus session is on, with 25 min left")
    coach("focus", "stop", now="2026-11-20T10:20:00Z")
    stopped = coach("show", "1", "--json").json
    assert (stopped["started"], stopped["actual_min"]) == (None, 20)
    assert coach("undo", now="2026-11-20T10:20:00Z").out == "undone: stop focus · 1  Write\n"
    on = coach("show", "1", "--json").json
    assert (on["started"], on["actual_min"]) == ("2026-11-20T10:00:00Z", None)
    assert coach("focus", "status", "--json", now="2026-11-20T10:20:00Z").json["left_s"] == 300
    coach("undo", now="2026-11-20T10:20:00Z")
    assert coach("show", "1", "--json").json["started"] is None
    assert coach("focus", "status", "--json", now="2026-11-20T10:20:00Z").json is None


@pytest.mark.parametrize("words", [
    ("add", "Two p1 due:2026-11-22"), ("edit", "1", "p2"), ("annotate", "1", "rang"), ("snooze", "1", "tomorrow"), ("done", "1"),
])
def test_json_tells_the_urgency_that_the_list_tells(words: tuple[str, ...]) -> None:
    coach("add", "One p1 #home due:2026-11-21")
    found = coach(*words, "--json").json
    found = found[0] if isinstance(found, list) else found
    assert found["urgency"] is not None
    listed = {t["num"]: t["urgency"] for t in coach("list", "status:all", "--json").json}
    assert listed[found["num"]] == pytest.approx(found["urgency"], abs=0.001)


def test_what_hid_a_task_once_is_not_told() -> None:
    coach("add", "Old wait:2026-11-21")
    assert "hidden until Sat 21 Nov" in coach("show", "1").out
    assert "hidden" not in coach("show", "1", now="2026-11-22T10:00:00Z").out
    assert "not hidden, past" not in coach("show", "1", now="2026-11-22T10:00:00Z").out


def test_pictures_are_names() -> None:
    made = coach("add", "Clean #🏠 @❤️ +🐈", "--json").json
    assert (made["project"], made["tags"], made["title"]) == ("🏠", ["❤️", "🐈"], "Clean")
    for word in ("#🏠", "+🐈", "@❤️", "project:🏠"):
        assert [t["num"] for t in coach("list", word, "--json").json] == [1]
    assert coach("list", "-🐈", "--json").json == []
    assert coach("parse", "Buy #1 and #- and +3", "--json").json["project"] is None


def test_a_session_whose_time_ran_out_counts_its_own_minutes_only() -> None:
    coach("add", "Write")
    coach("focus", "start", "1", "--for", "25m", now="2026-11-20T10:00:00Z")
    coach("focus", "start", "1", "--for", "30m", now="2026-11-20T12:00:00Z")
    again = coach("show", "1", "--json").json
    assert (again["started"], again["actual_min"]) == ("2026-11-20T12:00:00Z", 25)
    assert coach("done", "1", "--json", now="2026-11-21T09:00:00Z").json[0]["actual_min"] == 55
