"""`coach ask` in a process of its own, on a simulated person's store."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coach.cli.main import main
from coach.engine import chat
from tests.cli.shell import coach

NOW = "2026-11-20T14:00:00Z"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    coach("demo", "--home", str(folder), "--no-app", "--days", "40", "--seed", "5", now=NOW)
    coach("--home", str(folder), "config", "set", "language_model.enabled", "false", now=NOW)
    return folder


def test_the_answer_object_has_the_contracts_keys(demo: Path) -> None:
    found = coach("ask", "how long was I in Firefox yesterday?", "--json", home=demo, now=NOW).json
    assert {"intent", "answer", "facts", "tone", "abstained"} <= set(found)
    assert found["intent"] == "time_in_app"
    assert set(found["facts"][0]) == {"id", "entity", "metric", "period", "value", "unit", "text"}
    assert found["facts"][0]["period"] == "2026-11-19"
    assert found["facts"][0]["text"] in found["answer"]


def test_the_number_equals_the_timelines_own_for_every_app_used_much(demo: Path) -> None:
    rows = coach("timeline", "--date", "2026-11-19", "--json", home=demo, now=NOW).json
    used: dict[str, float] = {}
    for row in rows:
        used[row["app"]] = used.get(row["app"], 0.0) + row["duration_s"]
    for app in sorted(used, key=lambda name: -used[name])[:3]:
        found = coach("ask", f"how long was I in {app} yesterday?", "--json", home=demo, now=NOW).json
        assert found["facts"][0]["entity"] == app
        assert found["facts"][0]["value"] == pytest.approx(used[app], abs=0.01)


def test_words_come_in_plain_text_with_the_tone_last(demo: Path) -> None:
    done = coach("ask", "how", "was", "my", "week?", home=demo, now=NOW)
    assert done.status == 0
    assert done.out.startswith("This week: ")
    assert done.err == ""
    assert len(done.out.strip().splitlines()) == 2
    assert len(coach("ask", "--no-tone", "how was my week?", home=demo, now=NOW).out.strip().splitlines()) == 1


@pytest.mark.parametrize("question", [
    "what's the weather in Paris", "who wrote Hamlet", "what is two plus two", "should I buy bitcoin", "recipe for lasagne",
])
def test_five_questions_out_of_scope_are_declined(demo: Path, question: str) -> None:
    found = coach("ask", question, "--json", home=demo, now=NOW).json
    assert found["abstained"] is True
    assert found["facts"] == []


def test_nothing_asked_is_a_usage_error(demo: Path) -> None:
    assert coach("ask", home=demo, now=NOW).status == 2
    assert coach("ask", "  ", home=demo, now=NOW).status == 2


def test_ctrl_c_ends_an_answer_between_its_pieces(
    demo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = []

    def slow(*_: object, cancelled: Any, **__: object) -> Iterator[chat.Piece]:
        yield chat.Piece("text", "Computed.")
        os.kill(os.getpid(), signal.SIGINT)
        heard.append(cancelled.is_set())  # nothing was raised in here, where a model's callback would lose it
        yield chat.Piece("tone", "Never said.")

    monkeypatch.setattr(chat, "answer", slow)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(demo), "ask", "how was my week?"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.strip(), heard) == (130, "Computed.\n", "", [True])
    assert signal.getsignal(signal.SIGINT) is before


def test_a_question_follows_up_on_the_one_before_in_the_same_terminal(demo: Path) -> None:
    coach("ask", "how many focus sessions did I have yesterday?", "--no-tone", home=demo, now=NOW)
    found = coach("ask", "and last week?", "--json", "--no-tone", home=demo, now="2026-11-20T14:10:00Z").json
    assert (found["intent"], found["source"]) == ("focus_sessions", "follow-up")
    assert "last week" in found["answer"]
    late = coach("ask", "and last week?", "--json", "--no-tone", home=demo, now="2026-11-20T14:40:00Z").json
    assert late["source"] != "follow-up"


def test_a_wish_is_shown_and_done_only_when_told_to(tmp_path: Path) -> None:
    coach("add", "Write the quarterly report friday 15:00", home=tmp_path, now=NOW)
    shown = coach("ask", "move the report to tomorrow morning", home=tmp_path, now=NOW)
    assert "Move #1 “Write the quarterly report”" in shown.out
    assert "→" in shown.out
    assert shown.err == "nothing was changed; --yes does it\n"
    assert coach("show", "1", "--json", home=tmp_path, now=NOW).json["due"].startswith("2026-11-27")
    done = coach("ask", "--yes", "move the report to tomorrow morning", "--json", home=tmp_path, now=NOW).json
    assert done["done"] == "Moved #1 “Write the quarterly report”."
    assert done["proposal"]["lines"]
    assert coach("show", "1", "--json", home=tmp_path, now=NOW).json["due"].startswith("2026-11-21")
    coach("undo", home=tmp_path, now=NOW)
    assert coach("show", "1", "--json", home=tmp_path, now=NOW).json["due"].startswith("2026-11-27")


def test_what_was_said_is_exported_as_markdown_that_titles_cannot_break(tmp_path: Path) -> None:
    coach("add", "<script>alert(1)</script> *now*", home=tmp_path, now=NOW)
    coach("ask", "--no-tone", "which tasks are open?", home=tmp_path, now=NOW)
    text = coach("export", "chat", home=tmp_path, now=NOW).out
    assert "which tasks are open?" in text
    assert "<script>" not in text
    assert "export" in coach("audit", home=tmp_path, now=NOW).out


def test_the_last_answer_is_rated(tmp_path: Path) -> None:
    assert coach("rate", "answer", "4", home=tmp_path, now=NOW).status == 3
    coach("ask", "--no-tone", "which tasks are open?", home=tmp_path, now=NOW)
    rated = coach("rate", "answer", "4", "--json", home=tmp_path, now=NOW).json
    assert rated["rating"] == 4
    assert coach("rate", rated["id"][:8], "1", "--json", home=tmp_path, now=NOW).json["id"] == rated["id"]
