"""Channels to other devices from the shell."""

from tests.cli.shell import coach
from tests.engine.hooks import listening


def test_a_channel_is_added_tried_listed_and_removed(monkeypatch):
    with listening() as web:
        monkeypatch.setenv("COACH_CHANNEL", web.address())
        added = coach("channel", "add", "--reminders", "--away", "--name", "phone", "--json").json
        assert (added["name"], added["kinds"], added["when"], added["titles"]) == ("phone", "reminders", "away", False)
        assert coach("channel", "test", "phone").out.startswith("phone took it, in ")
        web.answers = [500]
        refused = coach("channel", "test", "phone")
        assert (refused.status, refused.out) == (1, "")
        assert "500" in refused.err
    assert "reminders, when nothing here shows it" in coach("channel", "list").out
    assert coach("channel", "remove", "phone").out == "removed phone\n"
    assert coach("channel", "list", "--json").json == []


def test_without_an_address_nothing_is_added():
    ran = coach("channel", "add")
    assert ran.status == 2
    assert "COACH_CHANNEL" in ran.err


def test_privacy_says_that_a_channel_opens_a_socket(monkeypatch):
    assert "no socket is opened, but" in coach("privacy", "--json").json["network"]
    monkeypatch.setenv("COACH_CHANNEL", "ntfy://a-topic")
    coach("channel", "add", "--json")
    assert coach("privacy", "--json").json["network"].startswith("1 channel to other devices")
