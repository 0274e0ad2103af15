"""Reports in the shell: words, JSON, Markdown and CSV of the same numbers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from coach.cli.common import Shell
from coach.cli.report import heatmap, insights, report, score
from coach.store import rollups
from coach.store.db import Connection
from tests.cli.shell import coach
from tests.engine.filled import NOW, at, derive, fortnight, lived


@pytest.fixture
def shell(db: Connection, monkeypatch: pytest.MonkeyPatch):
    """Runs a command in this process on the test's own store."""
    monkeypatch.setenv("COACH_NOW", "2026-11-19T14:20:00Z")

    def run(command, *words: str, as_json: bool = False) -> str:
        done = CliRunner().invoke(command, list(words), obj=Shell(None, as_json, "never", ""), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_the_shell_prints_the_same_numbers_in_every_form(db: Connection, shell) -> None:
    fortnight(db)
    plain = json.loads(shell(report, "week", as_json=True))
    assert plain["active_s"] == (3 * 230 + 250) * 60
    assert plain["before"] == {
        "first": "2026-11-09", "last": "2026-11-12", "active_s": 55200.0, "focus_s": 36000.0,
        "score": plain["before"]["score"], "n_hours": 20, "n_days": 4, "tasks_completed": 0,
    }
    rows = list(csv.DictReader(io.StringIO(shell(report, "week", "--csv"))))
    assert sum(float(r["duration_s"]) for r in rows if r["kind"] == "app") == plain["active_s"]
    assert "| nvim | 10 h 20 min | 10 h | +3 % | 13 |" in shell(report, "week", "--md")
    assert "nvim" in shell(report, "week")


def test_an_app_cannot_write_a_formula_into_a_spreadsheet(db: Connection, shell) -> None:
    lived(db, at(NOW.date(), 9), 30, '=HYPERLINK("http://x")')
    derive(db, at(NOW.date(), 0), NOW)
    rows = list(csv.DictReader(io.StringIO(shell(report, "day", "--csv"))))
    assert next(r["name"] for r in rows if r["kind"] == "app") == '\'=HYPERLINK("http://x")'


def test_an_escape_sequence_in_a_name_does_not_reach_the_terminal(db: Connection, shell) -> None:
    lived(db, at(NOW.date(), 9), 30, "evil\x1b[2J|x")
    derive(db, at(NOW.date(), 0), NOW)
    assert "\x1b" not in shell(report, "day") + shell(report, "day", "--md")
    assert "evil [2J\\|x" in shell(report, "day", "--md")


def test_heatmaps_score_and_insights(db: Connection, shell) -> None:
    fortnight(db)
    assert len([c for c in shell(heatmap, "year") if c in "░▒▓█"]) >= 10
    week = json.loads(shell(heatmap, "week", as_json=True))
    assert week["hour_of_week"][3][9]["n"] == 2
    day = json.loads(shell(score, "--date", "yesterday", as_json=True))
    assert (day["n_hours"], day["active_s"], day["formula"]) == (5, 13800.0, 1)
    assert "n = " in shell(insights)


def test_without_data_each_says_so(db: Connection, shell) -> None:
    for command in (report, heatmap, score, insights):
        assert "nothing was tracked" in shell(command)


def test_a_wrong_date_is_a_usage_error() -> None:
    ran = coach("report", "day", "--date", "nonsense", "--json")
    assert (ran.status, ran.error["code"]) == (2, "invalid")


def test_the_command_line_reaches_it(tmp_path: Path) -> None:
    ran = coach("report", "month", "--json", home=tmp_path / "other")
    assert ran.json["first"] == "2026-11-01"
    assert ran.json["categories"] == []


def test_a_level_set_in_the_shell_leaves_no_hour_without_a_score(db: Connection, shell) -> None:
    fortnight(db)
    before = json.loads(shell(report, "week", as_json=True))
    assert before["n_hours"] > 10
    rollups.forget_scores(db)
    after = json.loads(shell(report, "week", as_json=True))
    assert (after["score"], after["n_hours"]) == (before["score"], before["n_hours"])
    rollups.forget_scores(db)
    assert json.loads(shell(insights, as_json=True))["report"]["n_hours"] == before["n_hours"]
