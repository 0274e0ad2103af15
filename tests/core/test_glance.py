"""One line about now, as tmux, waybar and shells read it."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from coach.core.glance import FORMS, Glance, cut, line

BUSY = Glance("on", "Write the report", 1440.0, 11_520.0)
STATES = ("on", "paused", "off", "no consent")
glances = st.builds(
    Glance, st.sampled_from(STATES), st.text(), st.none() | st.floats(0, 30_000), st.floats(0, 90_000)
)


def test_each_form_has_what_matters() -> None:
    assert line(BUSY, "plain") == "Write the report, 24m of focus left, 3h12 today, tracking"
    assert line(BUSY, "tmux") == "#[fg=green]●#[default] 3h12 #[fg=yellow]24m#[default] Write the report"
    assert line(BUSY, "prompt") == "●3h12 24m Write the report"
    bar = json.loads(line(BUSY, "waybar"))
    assert bar == {
        "text": "● 3h12 24m Write the report", "tooltip": "Write the report, 24m of focus left, 3h12 today, tracking",
        "class": ["on", "focus"], "alt": "on",
    }


def test_states_differ_without_colour() -> None:
    for form in FORMS:
        quiet = [line(Glance(state, "", None, 0.0), form) for state in STATES[:3]]
        assert len({re.sub(r"#\[.*?\]", "", text) for text in quiet}) == 3


def test_no_width_means_no_title() -> None:
    for form in FORMS:
        assert "report" not in line(BUSY, form, 0)


@given(glances, st.integers(0, 60))
def test_no_title_can_act(seen: Glance, width: int) -> None:
    tmux = line(seen, "tmux", width)
    assert not re.search(r"(?<!#)(?:##)*#[({]", tmux)  # a command or a format of tmux
    assert not set("%$`\\!") & set(line(seen, "prompt", width))
    bar = json.loads(line(seen, "waybar", width))
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", bar["text"] + bar["tooltip"])
    for form in FORMS:
        assert line(seen, form, width).isprintable()


@given(st.text(), st.integers(0, 30))
def test_a_cut_is_one_short_line(text: str, width: int) -> None:
    found = cut(text, width)
    assert len(found) <= width
    assert found.isprintable()
