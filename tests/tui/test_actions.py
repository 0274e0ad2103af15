"""The action registry: one table that bindings, footer, help, palette and keymap read."""

from __future__ import annotations

from importlib import import_module

from coach.tui.actions import ACTIONS, SCOPES, SCREENS, bindings, checked_keymap, in_scope, keys_of, shadowed, shown
from coach.tui.app import CoachApp
from coach.tui.help import help_rows
from coach.tui.widgets.labelled import laid_out
from coach.tui.widgets.quickadd import GrammarInput


def test_ids_are_unique_and_every_scope_is_known() -> None:
    assert len({a.id for a in ACTIONS}) == len(ACTIONS)
    assert {a.scope for a in ACTIONS} <= SCOPES.keys()


def test_no_two_actions_of_a_scope_share_a_key() -> None:
    assert checked_keymap({}) == ({}, [])


def test_every_action_of_the_app_and_of_quick_add_has_its_method() -> None:
    for action in in_scope("app"):
        name = "go" if action.id.startswith("screen.") else action.method
        assert hasattr(CoachApp, f"action_{name}"), action.id
    for action in in_scope("quickadd"):
        assert hasattr(GrammarInput, f"action_{action.method}"), action.id


def test_every_action_of_a_screen_has_its_method() -> None:
    for screen in SCREENS:
        cls = getattr(import_module(f"coach.tui.screens.{screen.name}"), screen.cls)
        for action in (*in_scope(screen.name), *in_scope("move")):
            assert hasattr(cls, f"action_{action.method}"), action.id


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    for binding in bindings(*SCOPES):
        assert binding.id  # type: ignore[union-attr]
        assert binding.tooltip  # type: ignore[union-attr]


def test_a_keymap_with_a_wrong_id_names_the_nearest() -> None:
    good, problems = checked_keymap({"task.dne": "x", "undo": "ctrl+z"})
    assert good == {"undo": "ctrl+z"}
    assert problems == ["keys: there is no action 'task.dne'; did you mean 'task.done'?"]


def test_a_keymap_that_gives_one_key_to_two_actions_says_so() -> None:
    _, problems = checked_keymap({"task.done": "z"})
    assert problems == ["keys: task.done and task.snooze both want z"]


def test_no_screen_takes_a_key_of_everywhere_for_itself() -> None:
    assert [said for a in in_scope("app") if (said := shadowed(a.id, {}))] == []
    assert "down (Moving)" in shadowed("task.add", {"task.add": "j"})


def test_keys_read_as_people_write_them() -> None:
    assert shown("question_mark") == "?"
    assert shown("ctrl+p") == "ctrl+p"
    undo = next(a for a in ACTIONS if a.id == "undo")
    assert keys_of(undo, {"undo": "ctrl+z"}) == "ctrl+z"


def test_help_shows_the_keys_in_force_and_every_id() -> None:
    for columns, width in ((True, 100), (False, 68)):
        text = laid_out(help_rows("tasks", {"task.done": "x"}, columns=columns), width).plain
        for action in ACTIONS:
            assert action.id in text
        line = next(line for line in text.splitlines() if line.startswith("  x "))
        assert "Complete" in line
        assert max(map(len, text.splitlines()[:-1])) <= width
        assert text.index("Tasks") < text.index("Everywhere")


def test_what_is_too_long_in_help_goes_on_below_itself() -> None:
    rows = laid_out(help_rows("tasks", {}, columns=False), 68).plain.splitlines()
    at = next(n for n, row in enumerate(rows) if row.startswith("  space "))
    assert rows[at + 1].startswith(" " * 17)
    assert rows[at + 1].strip().startswith("ones again")
