"""`coach help TOPIC`: commands, tables and ways."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from coach.cli.main import coach as group
from coach.core.filter import parse_filter
from coach.core.filter_words import line_words
from coach.core.marks import FILTERS
from tests.cli.shell import coach


def helped(*words: str) -> str:
    shown = CliRunner().invoke(group, ["help", *words])
    assert shown.exit_code == 0, shown.exception
    assert max(map(len, shown.output.splitlines())) <= 80
    return shown.output


@pytest.mark.parametrize(("words", "wanted"), [
    (("plan", "why"), "Usage: coach plan why"), (("filters",), "due.before:fri"), (("quick-add",), "a hard deadline"),
    (("add",), "#home @phone p1"), (("exit",), "wrong key"), (("status",), "--line"), (("theme",), "f8"),
    (("put", "a", "task", "off"), "coach snooze"), (("undo",), "ctrl+r"), ((), "coach help TOPIC"),
])
def test_a_command_a_table_and_a_wish_have_help(words: tuple[str, ...], wanted: str) -> None:
    assert wanted in helped(*words)


def test_a_mistyped_topic_names_the_nearest() -> None:
    missed = coach("help", "snoze", "--json")
    assert missed.status == 3
    assert missed.error["hint"] == "did you mean `coach help snooze`?"
    assert coach("help", "filters", "--json").json["topic"] == "filters"


def test_what_help_says_of_filters_can_be_read() -> None:
    """But for @name, which is looked up before the filter is read."""
    now, tz = datetime.fromisoformat("2026-11-20T10:00:00+00:00"), ZoneInfo("UTC")
    for written, _ in FILTERS[:-1]:
        parse_filter(line_words(written.replace("'", "")), now, tz, latest=20)


def test_a_noun_alone_shows_its_help_and_complains_of_nothing() -> None:
    alone = coach("goal")
    assert alone.status == 2
    assert alone.err.startswith("Usage: coach goal")
    assert alone.err.count("Usage:") == 1
