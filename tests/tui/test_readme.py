"""README's table of keys is the app's."""

from __future__ import annotations

from pathlib import Path

from coach.tui.actions import ACTIONS

README = Path(__file__).parents[2] / "README.md"


def test_every_action_is_in_the_readme_with_its_keys() -> None:
    text = README.read_text(encoding="utf-8")
    missing = [
        action.id for action in ACTIONS
        if f"| {' '.join(f'`{key}`' for key in action.keys.split(','))} | `{action.id}` |" not in text
    ]
    assert missing == []


def test_the_readme_names_no_action_that_is_gone() -> None:
    known = {action.id for action in ACTIONS}
    table = README.read_text(encoding="utf-8").split("## Every key", 1)[1].split("\n## ", 1)[0]
    named = {line.split("|")[2].strip(" `") for line in table.splitlines() if line.startswith("| `")}
    assert named - known == set()
