"""The shell's words and JSON about lengths, the next task, chances and modes."""

from __future__ import annotations

import json

import pytest

from coach.cli import texts
from coach.cli.categorize import _pieces
from coach.core.errors import InvalidInput
from tests.cli.shell import coach

LONG, BELLS, NO_UTF8 = "x y " * 2500, "\x07\x1b \n", "caf\udcff"


def test_an_estimate_says_what_it_stands_on() -> None:
    found = coach("estimate", "Write the report #work ~1h", "--json").json
    assert {"title", "low", "median", "high", "n", "basis", "estimate_min", "planned_min", "by", "why", "similar"} <= found.keys()
    assert (found["title"], found["estimate_min"], found["median"], found["planned_min"]) == ("Write the report", 60, 60, 60)
    assert found["low"] < 60 < found["high"]
    words = coach("estimate", "Write", "the", "report").out
    assert "stands on people in general (" in words
    assert "no task of yours has been measured yet" in words
    assert "min (percentile 50)" in words
    assert "the plan takes 30 min (plan.default_estimate_min" in coach("estimate", "Zrbl", "fnord").out
    assert coach("estimate").status == 2


def test_the_percentile_of_the_settings_is_what_the_plan_takes() -> None:
    assert coach("config", "set", "plan.percentile", "80").status == 0
    planned_min = coach("estimate", "Write the report ~1h", "--json").json["planned_min"]
    assert planned_min > 60
    coach("add", "Write the report ~1h")
    (block,) = coach("plan", "--json").json["blocks"]
    assert [r["value"] for r in block["reasons"] if r["kind"] == "estimate"] == [planned_min]


def test_next_says_why() -> None:
    assert coach("next", "--json").json is None
    coach("add", "Plain")
    coach("add", "Urgent p1")
    found = coach("next", "--json").json
    assert (found["title"], found["next"]["by"], found["next"]["n"], found["next"]["among"]) == ("Urgent", "urgency", 0, 2)
    assert "urgency" in found["next"]["reason"]
    assert "no choice of yours is known yet" in coach("next", "--why").out
    for n in range(3):
        coach("add", f"Sweep {n}")
    for n in (3, 4):
        assert coach("done", str(n)).status == 0
    found = coach("next", "--json").json
    assert (found["next"]["by"], found["next"]["n"]) == ("model", 2)
    assert all({"part", "text", "value"} <= part.keys() for part in found["next"]["why"])


def test_a_chance_and_its_advice() -> None:
    coach("add", "Tax return ~3h fri")
    found = coach("predict", "1", "--json").json
    assert {"on_time", "within_7_days", "completion", "procrastination_risk", "base_rate", "n", "advice", "by"} <= found.keys()
    assert len(found["completion"]) == 30
    assert "on time: " in coach("predict", "1").out
    if found["advice"]:
        assert coach("predict", "1", "--accept", "--json").json == {"action": found["advice"]["action"], "status": "accepted"}
    coach("done", "1")
    assert coach("predict", "1").status == 2
    assert coach("predict", "9", "--json").error["code"] == "not_found"


def test_no_modes_yet() -> None:
    assert coach("insights", "modes", "--json").json["profiling"] is False
    assert coach("insights", "modes").out.startswith("Profiling is off")
    assert "which kinds of weeks you have" in coach("insights", "avoidance", "--allow").err
    found = coach("insights", "modes", "--json").json
    assert (found["stable"], found["modes"], found["weeks"]) == (False, [], 0)
    assert coach("insights", "modes").out.startswith("no stable modes yet: 0 weeks")


@pytest.mark.parametrize("command", ["estimate", "categorize"])
def test_a_text_without_a_word_is_a_usage_error_and_any_other_is_read(command: str) -> None:
    said = coach(command, BELLS)
    assert (said.status, said.out) == (2, "")
    assert "in that text" in said.err
    assert "for example" in said.err
    said = coach(command, f"{LONG}{BELLS}{NO_UTF8}")
    assert (said.status, said.err) == (0, "")
    assert "\x07" not in said.out
    assert "\x1b" not in said.out


def test_words_come_whole_and_with_something_in_them() -> None:
    assert texts.given(["Call", NO_UTF8], "task", "") == "Call caf\ufffd"
    for nothing in ((), ("",), (" ", "\t"), (BELLS,)):
        with pytest.raises(InvalidInput, match="no task in that text"):
            texts.given(nothing, "task", "")
    with pytest.raises(InvalidInput, match="20,001 characters"):
        texts.given(["x" * 20_001], "task", "")


def test_lines_that_are_no_titles_are_named_and_odd_ones_are_read() -> None:
    for line in ('{"text": 5}', '{"text": null}', '{"no": 1}', "[]", "words", '{"text": "a", "notes": 3}'):
        with pytest.raises(InvalidInput, match="line 2 is no title"):
            list(_pieces(["", line]))
    odd = coach("categorize", "--jsonl", "-", stdin='{"text": ""}\n\n{"text": "\\ud800 \\u0007"}\n')
    assert [json.loads(line)["decision"] for line in odd.out.splitlines()] == ["abstain", "abstain"]


def test_a_chance_of_what_is_no_open_task_is_refused_in_few_words() -> None:
    coach("add", "Call mum")
    coach("done", "1")
    for ref in ("999", LONG, NO_UTF8):
        said = coach("predict", ref)
        assert (said.status, said.out) == (3, "")
        assert said.err.startswith("coach: there is no task ")
        assert len(said.err) < 200
    assert coach("--json", "predict", "").error["code"] == "not_found"
    said = coach("predict", "1")
    assert (said.status, said.out) == (2, "")
    assert "task 1 is completed" in said.err
    coach("delete", "1")
    assert "task 1 is deleted" in coach("predict", "1").err
