"""`coach config`: the keys of the app are settings like others."""

from __future__ import annotations

from coach.config import Home
from tests.cli.shell import coach


def test_a_key_is_set_and_read_by_the_id_of_its_action(home: Home) -> None:
    done = coach("config", "set", "keys.task.done", "f3")
    assert (done.status, done.out.strip()) == (0, 'keys.task.done = "f3"'), done.err
    assert done.err == ""
    assert coach("config", "get", "keys.task.done").out.strip() == "f3"
    assert coach("config", "get", "keys").out.strip() == 'keys.task.done = "f3"'
    unset = coach("config", "get", "keys.task.add", "--json")
    assert (unset.status, unset.error["code"]) == (2, "invalid")


def test_a_key_of_no_action_or_of_another_is_refused_before_anything_is_written(home: Home) -> None:
    unknown = coach("config", "set", "keys.task.dne", "f3", "--json")
    assert unknown.status == 2
    assert "did you mean 'task.done'?" in unknown.error["message"]
    taken = coach("config", "set", "keys.task.done", "z", "--json")
    assert taken.status == 2
    assert "both want z" in taken.error["message"]
    assert not home.config_file.exists()


def test_a_key_that_a_screen_has_for_itself_is_set_and_said() -> None:
    done = coach("config", "set", "keys.task.done", "x")
    assert done.status == 0
    assert "x means something else in places: reject (Plan)" in done.err
