import pytest

from tests.cli.shell import coach


@pytest.fixture(autouse=True)
def _no_desktop(monkeypatch):
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)


@pytest.fixture
def task():
    return coach("add", "Send the report tomorrow 9:00 ~3h", "--json", now="2026-11-15T10:00:00Z").json


def test_nothing_to_say_is_said():
    assert coach("nudge", "--json").json is None
    assert coach("nudge").out.startswith("nothing needs saying")
    assert coach("nudges", "--json").json == []


def test_a_nudge_is_printed_stored_and_rated(task):
    said = coach("nudge", "--mode", "roast", "--json").json
    assert set(said) >= {"id", "at", "situation", "mode", "persona", "source", "text", "task_id", "channel", "status", "action",
                         "outcome_at", "rating"}
    assert (said["situation"], said["mode"], said["source"], said["channel"], said["status"], said["task_id"]) == (
        "overdue_one", "roast", "bank", "shell", "shown", task["id"],
    )
    rated = coach("rate", said["id"][:8], "5", "--json").json
    assert rated == {**said, "rating": 5}
    assert coach("nudges", "--json").json == [rated]
    assert "5/5" in coach("nudges").out


def test_words_are_one_clean_line(task):
    ran = coach("nudge")
    assert ran.status == 0
    assert ran.err == ""
    assert "Send the report" in ran.out
    assert ran.out.count("\n") == 1


def test_a_preview_leaves_nothing_behind(task):
    assert coach("nudge", "--preview").out.strip()
    assert coach("nudge", "--preview", "--json").json["status"] == "queued"
    assert coach("nudges", "--json").json == []


def test_a_hostile_title_stays_text():
    coach("add", "Evil \x1b[31mred\x07 {count} %s <b>bold</b> tomorrow 9:00", now="2026-11-15T10:00:00Z")
    out = coach("nudge").out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "{count}" in out


def test_errors(task):
    assert coach("nudge", "--mode", "shouting").status == 2
    assert coach("rate", "ffffffff", "3", "--json").error["code"] == "not_found"
    assert coach("rate", "ffffffff", "9").status == 2


def test_useful_or_not(task):
    said = coach("nudge", "--json").json
    assert coach("rate", said["id"], "not-helpful", "--json").json == {**said, "useful": False}
    assert coach("rate", said["id"], "useful", "--json").json["useful"] is True
    assert coach("nudges", "--json").json[0]["useful"] is True


def test_what_is_learnt_can_be_asked_and_forgotten():
    assert coach("nudges", "--effects", "--json").json == []
    assert "measured" in coach("nudges", "--effects").out
    assert coach("nudges", "--misfires", "--json").json == []
    assert coach("nudges", "--resume", "quick_win", "--json").error["code"] == "not_found"
    assert coach("nudges", "--forget", "--json").json == {"forgotten": True}
    assert coach("nudges", "--forget", "--effects").status == 2
