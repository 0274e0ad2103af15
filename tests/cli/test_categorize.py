"""`coach categorize` from the shell."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.cli.shell import coach

KEYS = {"category", "confidence", "decision", "alternatives", "n", "serving"}


def test_a_title_and_the_persons_word_on_a_task() -> None:
    found = coach("categorize", "Buy groceries at the supermarket", "--json").json
    assert set(found) == KEYS | {"similar"}
    assert found["category"] == "Errands"
    assert [len(found["alternatives"]), found["n"], found["serving"]] == [3, 0, "model"]
    coach("add", "Mend the puppet")
    assert coach("categorize", "--task", "1", "--as", "Theatre: puppets and props").out.startswith("1 is Theatre (a new category")
    assert coach("categorize", "--task", "1", "--as", "theatre", "--json").json["category"] == "Theatre"
    assert coach("show", "1", "--json").json["category"] == "Theatre"
    assert coach("categorize", "--list", "--json").json[-1] == {"name": "Theatre", "own": True}
    line = coach("models", "feedback", "categoriser").out.splitlines()[-1]
    assert json.loads(line)["chosen"] == "Theatre"
    assert coach("categorize").status == 2
    assert coach("categorize", " ").status == 2
    assert coach("categorize", "x", "--reject").status == 2
    assert coach("categorize", "x", "--each").status == 2


def test_a_task_is_filled_in_where_that_is_said_and_shown() -> None:
    coach("add", "Buy groceries at the supermarket")
    coach("add", "Sort the thing out")
    coach("add", "Call mum")
    assert "(certain enough to fill in)" in coach("categorize", "Buy groceries at the supermarket").out
    assert coach("list", "--json").json[0]["category"] is None
    assert "(filled in)" in coach("categorize", "--task", "1").out
    assert coach("show", "1", "--json").json["category"] == "Errands"
    assert "  category Errands, 9" in coach("show", "1").out
    assert coach("categorize", "--task", "2").out == "it says too little to tell\n"
    assert coach("show", "2", "--json").json["category"] is None
    assert "(a suggestion)" in coach("categorize", "--task", "3").out
    assert "  category Communication? " in coach("show", "3").out
    over = coach("add", "Buy groceries at the supermarket", "--json").json["id"]
    coach("done", over)
    assert "(not filled in, the task is completed)" in coach("categorize", "--task", over).out
    coach("categorize", "--task", "1", "--as", "Admin")
    assert coach("show", "1").out.count("category Admin\n") == 1
    assert coach("categorize", "--task", "1").out.startswith("Admin, by you; of the title: ")


def test_lines_in_lines_out() -> None:
    lines = [{"text": "Call mum"}, {"text": ""}, {"text": "Thursday", "notes": "dentist"}, {"text": "日本語 🙂"},
             {"text": "🎉🎉"}]
    ran = subprocess.run([sys.executable, "-m", "coach.cli", "categorize", "--jsonl", "-"], text=True, capture_output=True,
                         input="\n".join(json.dumps(line) for line in lines), check=False)
    assert ran.returncode == 0, ran.stderr
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [set(one) for one in found] == [KEYS] * 5
    assert found[0]["category"] == "Communication"
    assert [found[1]["decision"], found[4]["decision"]] == ["abstain", "abstain"]
    broken = subprocess.run([sys.executable, "-m", "coach.cli", "categorize", "--jsonl", "-"], text=True, capture_output=True,
                            input="not json\n", check=False)
    assert broken.returncode == 2
    assert "line 1" in broken.stderr
    calls = [{"text": f"call {name}"} for name in ("Ada", "Ben", "Cleo", "Dev", "Eve", "Finn", "Gus", "Hal", "Ida", "Jo")]
    listed = subprocess.run([sys.executable, "-m", "coach.cli", "categorize", "--jsonl", "-"], text=True,
                            capture_output=True, input="\n".join(json.dumps(line) for line in calls), check=False)
    assert [json.loads(line)["category"] for line in listed.stdout.splitlines()] == ["Communication"] * 10
