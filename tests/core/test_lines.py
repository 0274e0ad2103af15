import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.cli.main import COMMANDS
from coach.core.errors import InvalidInput
from coach.core.lines import MODES, allowed, faults, fill, line, lint, origin, template, unread_faults
from coach.core.persona import PERSONAS, mode_of
from coach.core.situations import SITUATIONS
from coach.engine.voices import bank, lint_shipped

BANK = bank()
VALUES = {"task": "Send the report", "goal": "News", "minutes": "25 minutes", "count": "4"}
CELLS = [(s.name, mode) for s in SITUATIONS for mode in MODES]


def test_the_shipped_bank_is_clean_and_large():
    assert lint_shipped() == []
    assert lint(BANK, least=10) == []
    assert sum(len(lines) for cell in BANK.values() for lines in cell.values()) >= 1500


@pytest.mark.parametrize("text", [
    "", " x", "You have 3 tasks.", "Line\nbreak", "Do {task} with {money}", "x" * 141, "Half a {brace", "{", "Odd }{",
    "You are so lazy", "This will make you rich", "Even your doctor agrees: depressing", "Move your fat list",
    "{task.__class__}", "{0}", "You're always late",
])
def test_the_linter_finds_it(text):
    assert faults(text)


@pytest.mark.parametrize(("text", "fault"), [
    ("“{task}” waits for {task}.", "{task} twice"), ("“{task} waits.", "a quotation mark without its pair"),
    ("”{task}“ waits.", "a quotation mark without its pair"), ("Grown every day since yesterday.", "a claim: Grown every day"),
    ("Ten tasks wait.", "a number word: Ten"),
])
def test_a_line_that_nobody_read_is_held_to_more(text, fault):
    assert faults(text) == []
    assert fault in unread_faults(text)


def test_a_plain_line_passes_unread():
    assert unread_faults("“{task}” waits, and so does “the other one”.", ["task"]) == []
    assert unread_faults("“{task}” waits.", []) == ["unknown placeholder {task}"]


def test_the_linter_names_what_a_situation_cannot_fill():
    assert faults("{task} is waiting", ["minutes"]) == ["unknown placeholder {task}"]


def test_the_linter_reads_the_whole_bank():
    thin = {**BANK, "late_night": {**BANK["late_night"], "roast": ["Late."]}, "full_moon": {}}
    found = lint(thin)
    assert any("full_moon" in f for f in found)
    assert any("late_night.roast: 1 lines" in f for f in found)
    twice = {**BANK, "late_night": {**BANK["late_night"], "neutral": ["Same."] * 4}}
    assert any("stands there twice" in f for f in lint(twice))
    borrowed = {**BANK, "late_night": {**BANK["late_night"], "neutral": BANK["momentum"]["neutral"]}}
    assert any("is also in" in f for f in lint(borrowed))


@pytest.mark.parametrize(("situation", "mode"), CELLS)
def test_every_line_of_a_cell_is_heard_before_one_repeats(situation, mode):
    said = []
    lines = allowed(BANK[situation], mode, 3)
    for turn in range(len(lines) * 2):
        said.insert(0, line(BANK, situation, mode, said, 3, f"seed{turn}", VALUES))
    assert len(set(said[len(lines):])) == len(set(said[:len(lines)])) == len(lines)


@pytest.mark.parametrize("humour", [1, 3])
@pytest.mark.parametrize("mode", MODES)
def test_a_situation_that_recurs_is_told_in_new_words_for_long(mode, humour):
    said = []
    for turn in range(20):
        said.insert(0, line(BANK, "distraction_streak", mode, said, humour, f"seed{turn}", VALUES))
    assert len(set(said)) == 20


def test_the_commands_that_lines_name_exist():
    said = [text for cell in BANK.values() for lines in cell.values() for text in lines]
    named = {word for text in said for word in re.findall("`coach ([a-z]+)", text)}
    assert named
    assert named <= set(COMMANDS)


@given(seed=st.text(), humour=st.integers(-1, 5), cell=st.sampled_from(CELLS))
def test_the_same_input_gives_the_same_line(seed, humour, cell):
    said = line(BANK, *cell, [], humour, seed, VALUES)
    assert said == line(BANK, *cell, [], humour, seed, VALUES)
    assert "{" not in said


def test_humour_decides_how_bold_a_roast_gets():
    cell = BANK["overdue_pile"]
    assert allowed(cell, "roast", 0) == cell["neutral"]
    assert allowed(cell, "roast", 1) == cell["roast"][:6]
    assert allowed(cell, "roast", 3) == cell["roast"]
    assert allowed(cell, "encouragement", 0) == cell["encouragement"]


def test_other_peoples_lines_do_not_count_as_said():
    assert template(BANK, "late_night", "neutral", ["Overdue: 3."], 1, "a") in BANK["late_night"]["neutral"]


@given(st.text(min_size=1), st.text(min_size=1))
def test_braces_in_a_title_stay(title, count):
    assert fill("“{task}”: {count}", {"task": title, "count": count}) == f"“{title}”: {count}"
    assert origin(["Other.", "“{task}”: {count}"], f"“{title}”: {count}") == "“{task}”: {count}"


def test_modes_and_personas():
    assert {mode_of(p) for p in PERSONAS.values()} == set(MODES)
    assert mode_of(PERSONAS["chill"], "roast") == "roast"
    with pytest.raises(InvalidInput):
        mode_of(PERSONAS["coach"], "shouting")
