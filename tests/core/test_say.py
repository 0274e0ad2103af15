"""Numbers as words, facts cards, and what a line of tone may not say."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coach.config import shipped
from coach.core import say, tone
from coach.core.facts import Fact, card, fact_json, untraceable
from coach.core.lines import MODES
from coach.core.words import duration

BOOK = tomllib.loads(shipped("data", "tone.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("s", "words"), [
    (0, "0 min"), (20, "< 1 min"), (30, "< 1 min"), (31, "1 min"), (60, "1 min"), (90, "2 min"), (150, "2 min"), (151, "3 min"),
    (3599, "1 h"), (9600, "2 h 40 min"), (10_800, "3 h"), (7500, "2 h 05 min"),
])
def test_durations(s: float, words: str) -> None:
    assert duration(s) == words


@given(st.integers(0, 10_000_000))
@example(30)
def test_a_duration_can_be_read_back_to_the_minute(s: int) -> None:
    words = duration(s).split()
    if words[0] == "<":
        assert 0 < s <= 30
        return
    minutes = sum(int(n) * (60 if unit == "h" else 1) for n, unit in zip(words[::2], words[1::2], strict=True))
    assert abs(minutes * 60 - s) <= 30


def test_counts_shares_and_lists() -> None:
    assert [say.count(n, "task") for n in (0, 1, 2)] == ["no tasks", "1 task", "2 tasks"]
    assert say.count(3, "switch", "switches") == "3 switches"
    assert [say.share(x) for x in (0, 0.001, 0.123, 1)] == ["0 %", "< 1 %", "12 %", "100 %"]
    assert say.listing([]) == ""
    assert say.listing(["a", "b", "c"]) == "a, b and c"


def test_days_are_near_words_or_dates() -> None:
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert say.day(now, UTC, now) == "today"
    assert say.day(datetime(2026, 11, 16, tzinfo=UTC), UTC, now) == "Mon 16 Nov"
    assert say.day(datetime(2025, 11, 16, tzinfo=UTC), UTC, now) == "Sun 16 Nov 2025"


def test_a_title_cannot_leave_its_line_or_steer_the_terminal() -> None:
    said = say.quoted("a\x1b[31m\nb" + "x" * 200)
    assert said.startswith("“a [31m b")
    assert said.isprintable()
    assert len(said) <= 62


def test_facts_are_numbered_and_lists_stand_on_lines() -> None:
    facts = [Fact("a", "time", 60, "s", "1 min"), Fact("b", "time", 0, "s", "0 min")]
    found = card("x", facts, ["All:", "• a: 1 min", "", "End."])
    assert [f.id for f in found.facts] == ["f1", "f2"]
    assert found.text == "All:\n• a: 1 min\nEnd."
    assert found.names == ("a", "b")
    assert fact_json(found.facts[0]) == {
        "id": "f1", "entity": "a", "metric": "time", "period": "", "value": 60, "unit": "s", "text": "1 min",
    }


def test_a_number_without_a_fact_is_found() -> None:
    fact = Fact("task 7", "time", 60, "s", "1 h 05 min", "2026-11-20")
    assert untraceable(card("x", [fact], ["task 7 took 1 h 05 min"])) == []
    assert untraceable(card("x", [fact], ["It took 3 h."])) == ["3"]
    assert untraceable(card("x", [fact], ["In the last 9 days 1 h."]), "in the last 9 days") == []


def test_the_shipped_phrasebook_is_clean() -> None:
    assert tone.lint(BOOK) == []


def test_the_linter_finds_what_is_wrong() -> None:
    bad = {**BOOK, "good": {**BOOK["good"], "roast": {"open": ["Three cheers."] * 4, "close": ["Go."]}}}
    assert len(tone.lint(bad)) == 5


@pytest.mark.parametrize("mood", tone.MOODS)
@pytest.mark.parametrize("mode", MODES)
def test_a_pair_is_in_its_own_grammar(mood: tone.Mood, mode: str) -> None:
    line = tone.pair(BOOK, mood, mode, "any question")
    assert line == tone.pair(BOOK, mood, mode, "any question")
    assert tone.objections(line) == []
    rules = tone.grammar(BOOK, mood, mode)
    cell = BOOK[mood][mode]
    assert any(line == f"{a} {b}" for a in cell["open"] for b in cell["close"])
    assert all(f'"{s}"' in rules for part in cell.values() for s in part)


@pytest.mark.parametrize("line", [
    "You did 5 tasks.", "Three tasks left.", "Twice as good.", "You are so slow.", "You're a failure.", "Firefox again.",
    "Lose some weight.", "Ninety percent done.", "Line\nbreak.", "word " * 30 + ".",
])
def test_lines_that_may_not_be_shown(line: str) -> None:
    assert tone.objections(line, ["Firefox"])


def test_a_grammar_escapes_what_would_end_a_literal() -> None:
    book = {"good": {"roast": {"open": ['Say "hi".'], "close": ["A\\B."]}}}
    assert r'"Say \"hi\"."' in tone.grammar(book, "good", "roast")
    assert r'"A\\B."' in tone.grammar(book, "good", "roast")


@pytest.mark.parametrize("mood", tone.MOODS)
@pytest.mark.parametrize("mode", MODES)
def test_a_line_never_follows_itself_and_the_past_is_over(mood: tone.Mood, mode: str) -> None:
    said = ""
    for _ in range(6):
        line = tone.pair(BOOK, mood, mode, "the same question", said)
        cell = BOOK[mood][mode]
        assert not any(s in said and s in line for part in cell.values() for s in part)
        said = line
    for seed in range(30):
        assert "day is over" not in tone.pair(BOOK, mood, mode, str(seed), running=False)


def test_a_bar_is_as_long_as_its_value() -> None:
    assert say.bar(2, 4, 4) == "██"
    assert say.bar(4, 4, 4) == "████"
    assert say.bar(0.001, 4, 4) == "▏"
    assert (say.bar(0, 4), say.bar(0, 0)) == ("", "")
