"""Reports in the shell: words, JSON, Markdown and CSV of the same numbers."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from coach.cli.common import Shell
from coach.cli.report import heatmap, insights, report, score
from coach.core.words import duration
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
    assert "whole hours, before" in shell(report, "week")
    assert "whole" not in shell(report, "week", "--date", "2026-11-12")


def test_an_app_cannot_write_a_formula_into_a_spreadsheet(db: Connection, shell) -> None:
    lived(db, at(NOW.date(), 9), 30, '=HYPERLINK("http://x")')
    derive(db, at(NOW.date(), 0), NOW)
    rows = list(csv.DictReader(io.StringIO(shell(report, "day", "--csv"))))
    assert next(r["name"] for r in rows if r["kind"] == "app") == '\'=HYPERLINK("http://x")'


def test_an_escape_sequence_in_a_name_does_not_reach_the_terminal(db: Connection, shell) -> None:
    lived(db, at(NOW.date(), 9), 30, "evil\x1b[2J|x")
    derive(db, at(NOW.date(), 0), NOW)
    assert "\x1b" not in shell(report, "day") + shell(report, "day", "--md")
    assert "evil \\[2J\\|x" in shell(report, "day", "--md")


class Reading(HTMLParser):
    """Tags, addresses and text of a page, and which tags were left open."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [v or "" for k, v in attrs if k in ("href", "src", "srcset", "action", "data")]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("period", ["day", "week", "month", "year"])
def test_the_page_stands_alone_and_says_the_same(db: Connection, shell, period: str) -> None:
    fortnight(db)
    lived(db, at(NOW.date(), 16), 30, "<script>alert(1)</script>", "x")
    derive(db, at(NOW.date(), 0), at(NOW.date(), 18))
    text = shell(report, period, "--html")
    page = Reading()
    page.feed(text)
    assert (page.open, page.addresses) == ([], [])
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert "://" not in text
    assert "url(" not in text
    plain = json.loads(shell(report, period, as_json=True))
    assert duration(plain["active_s"]) in page.words
    assert all(a["name"] in page.words for a in plain["apps"])


def test_a_report_ends_at_the_clock_and_compares_with_as_much(db: Connection, shell, monkeypatch: pytest.MonkeyPatch) -> None:
    fortnight(db)
    monkeypatch.setenv("COACH_NOW", "2026-11-19T09:30:00Z")  # 10:30 in Berlin
    found = json.loads(shell(report, "day", as_json=True))
    assert found["until"] == "2026-11-19T09:30:00Z"
    assert (found["active_s"], found["before"]["active_s"]) == (90 * 60, 90 * 60)
    assert {a["name"]: (a["duration_s"] / 60, a["visits"]) for a in found["apps"]} == {"nvim": (80, 2), "slack": (10, 1)}
    assert found["n_hours"] == found["before"]["n_hours"] == 1
    assert found["note"] == "1 tracked day against 1: too few to tell a change from chance"
    past = json.loads(shell(report, "day", "--date", "yesterday", as_json=True))
    assert (past["until"], past["active_s"]) == (None, 230 * 60)


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_the_words_fit_the_terminal(db: Connection, shell, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    fortnight(db)
    lived(db, at(NOW.date(), 16), 30, "an application whose name is longer than most", "x")
    derive(db, at(NOW.date(), 0), at(NOW.date(), 18))
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("COACH_NOW", "2026-11-19T18:00:00Z")
    tables = shell(report, "week").split("Categories", 1)[1].splitlines()
    assert any("an applic" in line for line in tables)
    assert max(len(line) for line in tables) <= columns


def test_hours_of_the_day_are_those_of_the_days(db: Connection, shell) -> None:
    fortnight(db)
    found = json.loads(shell(report, "week", as_json=True))
    assert sum(h["duration_s"] for h in found["hours"]) == found["active_s"]
    assert sum(h["duration_s"] for h in found["hours"] if h["hour"] == 13) == 4 * 1800


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


def test_the_forecast_says_who_serves_and_on_what(db: Connection, shell) -> None:
    fortnight(db)
    told = json.loads(shell(insights, "forecast", as_json=True))
    words = shell(insights, "forecast")
    assert len(told["hours"]) == 24
    assert len(told["week"]) == 7
    assert all(0 <= h["low"] <= h["focus"] <= h["high"] <= 1 for h in told["hours"])
    assert f"serving: {told['serves']}, from {told['days']} days of history" in words
    shown = [h for h in told["hours"] if h["active"] >= 0.2]
    assert shown
    assert all(f"{h['focus']:.2f}" in words for h in shown)
