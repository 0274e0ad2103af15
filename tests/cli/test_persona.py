import pytest

from tests.cli.shell import coach

PACK = """
name = "pirate"
about = "salt, wind and deadlines"
mode = "roast"
humour = 3

[lines.overdue_one]
roast = ["Arr, “{task}” has missed the tide."]

[lines.late_night]
roast = ["The watch is long, the rum is elsewhere."]
"""


@pytest.fixture
def home(coach_home):
    folder = coach_home / "config" / "personas"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def coach_home(monkeypatch):
    from coach.config import find_home

    return find_home().config.parent


@pytest.fixture
def task():
    return coach("add", "Send the report tomorrow 9:00 ~3h", "--json", now="2026-11-15T10:00:00Z").json


def current():
    return [p["name"] for p in coach("persona", "list", "--json").json if p["current"]]


def test_those_that_ship(task):
    assert current() == ["coach"]
    assert coach("persona", "use", "chill", "--json").json["mode"] == "minimalist"
    assert coach("nudge", "--json").json["mode"] == "minimalist"
    assert current() == ["chill"]
    said = coach("persona", "preview", "roast", "--humour", "3", "--json").json
    assert len({s["situation"] for s in said}) == len(said) >= 38
    coach("undo")
    assert current() == ["coach"]
    assert coach("persona", "use", "nobody", "--json").error["code"] == "invalid"


def test_a_pack_is_heard_and_the_rest_is_inherited(home, task):
    file = home / "pirate.toml"
    file.write_text(PACK, encoding="utf-8")
    assert coach("persona", "lint", str(file)).out == "clean\n"
    said = {s["situation"]: s["text"] for s in coach("persona", "preview", str(file), "--json").json}
    assert said["overdue_one"] == "Arr, “Send the report” has missed the tide."
    assert len(said) >= 38
    assert coach("persona", "use", "pirate", "--json").json["mode"] == "roast"
    assert coach("nudge", "--json").json["text"] == "Arr, “Send the report” has missed the tide."
    file.unlink()
    assert current() == ["pirate"]
    assert coach("nudge", "--json").json["persona"] == "pirate"
    coach("undo")
    assert current() == ["coach"]


def test_a_broken_pack_is_a_word(home, task):
    bad = home / "bad.toml"
    bad.write_text(PACK.replace("missed the tide", "reached 9 o'clock, you lazy dog"), encoding="utf-8")
    ran = coach("persona", "lint", str(bad))
    assert ran.status == 1
    assert all(word in ran.out for word in (str(bad), "overdue_one.roast", "a digit", "about worth"))
    assert coach("persona", "use", "bad", "--json").error["code"] == "invalid"
    (listed,) = [p for p in coach("persona", "list", "--json").json if p["name"] == "bad"]
    assert listed["mode"] is None
    assert "overdue_one.roast" in listed["faults"][0]
    bad.write_text("not toml = = ")
    assert coach("persona", "lint", str(bad)).status == 2
    bad.write_bytes(b"\xff\xfe\x00")
    assert "broken" in coach("persona", "list").out
    assert coach("persona", "preview", str(home / "missing.toml")).status == 2
    assert coach("nudge").status == 0


def test_the_shipped_lines_are_clean():
    assert coach("persona", "lint", "--json").json == {"faults": []}
