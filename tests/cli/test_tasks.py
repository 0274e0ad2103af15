from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from coach.cli.main import COMMANDS, front
from coach.cli.main import coach as group
from tests.cli.shell import coach

TASK_KEYS = {
    "title", "notes", "due", "due_all_day", "due_hard", "scheduled", "wait", "until", "remind", "priority", "project", "tags",
    "estimate_min", "recurrence", "depends", "id", "num", "status", "parent", "series_id", "annotations", "category",
    "category_confidence", "time_zone", "created", "modified", "started", "completed", "deleted", "snooze_count",
    "actual_min", "urgency",
}


def test_add_and_list_round_trip() -> None:
    added = coach("add", "Call mum tomorrow 18:00 #home p2 ~15m", "--json").json
    (listed,) = coach("list", "--json").json
    assert set(listed) == TASK_KEYS
    assert {k: listed[k] for k in ("title", "due", "project", "priority", "estimate_min", "num", "status")} == {
        "title": "Call mum", "due": "2026-11-21T17:00:00Z", "project": "home", "priority": 2, "estimate_min": 15, "num": 1,
        "status": "pending",
    }
    assert listed["id"] == added["id"]


def test_done_undo_redo() -> None:
    coach("add", "Buy milk")
    assert coach("done", "1", "--json").json[0]["status"] == "completed"
    assert coach("list", "--json").json == []
    assert "undone: complete task" in coach("undo").out
    assert len(coach("list", "--json").json) == 1
    coach("redo")
    assert coach("list", "--json").json == []
    assert len(coach("list", "status:completed", "--json").json) == 1


def test_a_recurring_task_moves_on() -> None:
    coach("add", "Water plants every mon 7am")
    done = coach("done", "1")
    assert "next Mon 30 Nov 07:00" in done.out
    (task,) = coach("list", "--json").json
    assert (task["num"], task["due"]) == (1, "2026-11-30T06:00:00Z")


def test_snooze_hides_and_counts() -> None:
    coach("add", "Taxes")
    assert coach("snooze", "1", "tomorrow", "9am", "--json").json["snooze_count"] == 1
    assert coach("list", "--json").json == []
    (waiting,) = coach("list", "status:waiting", "--json").json
    assert waiting["wait"] == "2026-11-21T08:00:00Z"
    later = coach("list", "--json", now="2026-11-21T09:00:00Z").json
    assert [t["num"] for t in later] == [1]


def test_edit_sets_and_clears() -> None:
    coach("add", "Report fri p1 #work")
    edited = coach("edit", "1", "due: @office", "--json").json
    assert (edited["title"], edited["due"], edited["priority"], edited["tags"]) == ("Report", None, 1, ["office"])
    assert coach("edit", "1", "Monthly report", "--json").json["title"] == "Monthly report"


def test_start_and_stop_measure() -> None:
    coach("add", "Write")
    coach("start", "1")
    stopped = coach("stop", "1", "--json", now="2026-11-20T10:42:00Z").json
    assert stopped["actual_min"] == 42


@pytest.mark.parametrize(("words", "status", "code"), [
    (["done", "99"], 3, "not_found"),
    (["done", "00000000-0000-0000-0000-000000000000"], 3, "not_found"),
    (["add", " "], 2, "invalid"),
    (["add", "x" * 20_001], 2, "invalid"),
    (["snooze", "1", "whenever it suits"], 2, "invalid"),
    (["lst"], 2, "usage"),
    (["list", "--nope"], 2, "usage"),
    (["undo"], 3, "not_found"),
])
def test_errors_are_json_with_a_code(words: list[str], status: int, code: str) -> None:
    ran = coach(*words, "--json")
    assert (ran.status, ran.error["code"]) == (status, code)
    assert ran.out == ""
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("text", [
    "🎉 Party " * 50, "x" * 10_000, "tab\there\nnewline", "\x1b[31mred\x1b[0m \x07", "עברית مرحبا",
    "#", "p1", "every", "!!!",
])
def test_strange_texts_are_kept_and_never_steer_the_terminal(text: str) -> None:
    added = coach("add", "--", text)
    assert added.status == 0, added.err
    assert "\x1b" not in added.out
    assert "\x07" not in added.out
    listed = coach("list")
    assert "\x1b[31m" not in listed.out
    assert coach("list", "--json").json[0]["title"].strip() != ""


def test_parse_reads_lines_and_names_the_bad_one() -> None:
    lines = json.dumps({"text": "Gym tomorrow 7am", "ref_time": "2026-11-20T09:00:00"}) + "\n"
    ran = coach("parse", "--jsonl", "-", "--tz", "UTC", "--json", stdin=lines)
    assert json.loads(ran.out)["due"] == "2026-11-21T07:00:00Z"
    bad = coach("parse", "--jsonl", "-", "--json", stdin=lines + "not json\n")
    assert bad.status == 2
    assert "line 2" in bad.error["message"]


def test_global_options_may_stand_anywhere() -> None:
    assert front(["list", "--json", "--home", "x", "--", "--json"]) == ["--json", "--home", "x", "list", "--", "--json"]


def test_every_command_has_help() -> None:
    runner = CliRunner()
    for name in COMMANDS:
        shown = runner.invoke(group, [name, "--help"])
        assert shown.exit_code == 0, (name, shown.exception)
        assert len(shown.output.splitlines()) > 3, name


def test_every_command_is_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"coach {name}" not in readme] == []


def test_broken_config_names_file_key_and_nearest(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("[nudge]\ndaily_kap = 3\n")
    ran = coach("list", "--json", home=tmp_path)
    assert ran.status == 2
    assert "config.toml" in ran.error["message"]
    assert ran.error["hint"] == "did you mean nudge.daily_cap?"
    (tmp_path / "config" / "config.toml").write_text("[nudge\n")
    assert coach("list", "--json", home=tmp_path).status == 2
    assert "BAD" in coach("doctor", home=tmp_path).out


def test_a_wrong_key_exits_with_5_and_touches_nothing(tmp_path: Path) -> None:
    coach("add", "Buy milk", home=tmp_path)
    before = (tmp_path / "data" / "coach.db").read_bytes()
    (tmp_path / "config" / "store.key").write_text("ab" * 32)
    ran = coach("list", "--json", home=tmp_path)
    assert (ran.status, ran.error["code"]) == (5, "store_closed")
    assert (tmp_path / "data" / "coach.db").read_bytes() == before


def test_the_app_without_a_terminal_says_so() -> None:
    ran = coach("--json")
    assert (ran.status, ran.error["code"]) == (1, "unavailable")


def test_a_label_means_the_last_time_the_clock_showed_it() -> None:
    early = coach("tag", "0:10-0:40", "Night watch", "--json", now="2026-11-20T00:00:00Z").json  # 01:00 in Berlin
    assert early["start"] == "2026-11-19T23:10:00Z"
    yesterday = coach("tag", "22:00-22:30", "Call", "--json", now="2026-11-20T00:00:00Z").json
    assert yesterday["start"] == "2026-11-19T21:00:00Z"
    assert coach("tag", "9:00-9:00", "Nothing", "--json").error["code"] == "invalid"


def test_undoing_a_rule_in_the_shell_takes_its_labels_back() -> None:
    coach("tag", "8:00-9:00", "Zorgl")
    assert coach("rule", "add", "title", "Zorgl", "Learning", "--json").json["relabelled"] == 1
    assert coach("timeline", "--json").json[0]["category"] == "Learning"
    assert "undone: add rule" in coach("undo").out
    assert coach("timeline", "--json").json[0]["category"] != "Learning"
