"""The lines of Setup."""

from coach.engine.setup import Entry
from coach.tui.screens.setup import _prompt


def test_a_label_never_runs_into_its_value() -> None:
    assert _prompt(Entry("llm", "A label that is far too long for it", "yes", "", "toggle", True)).plain.endswith(" yes")
    assert _prompt(Entry("llm", "Use language model", "yes", "", "toggle", True)).plain == "◉ Use language model    yes"
