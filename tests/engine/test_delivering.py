"""Channels to other devices, against a real SMTP server and a real HTTP server on loopback."""

import json
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller

from coach.core.errors import InvalidInput, NotFound, Unavailable
from coach.core.nudge import Nudge
from coach.engine import delivering, tasks
from coach.engine.interchange import export
from coach.store import channels, nudges
from tests.engine.hooks import listening


@pytest.fixture
def web():
    with listening() as server:
        yield server


@pytest.fixture
def said(db, config, now, tz):
    task = tasks.add(db, "Call the tax office", config, now, tz)
    nudge = Nudge("n1", now, "overdue_one", "neutral", "coach", "bank", "Call the tax office is late.", task.id)
    nudges.insert(db, nudge)
    return nudge


def test_a_webhook_gets_the_line_once_and_the_title_stays_here(db, now, web, said):
    channel = delivering.add(db, web.address(), now)
    assert delivering.enqueue(db, said, True, now) == channel.name == "json"
    delivering.enqueue(db, said, True, now)
    sent = delivering.send_due(db, now)
    assert [(d.status, d.tries, d.trouble) for d in sent] == [("sent", 1, "")]
    assert sent[0].latency_ms is not None
    assert delivering.send_due(db, now + timedelta(minutes=30)) == []
    [(path, body)] = web.got
    assert path == "/hook"
    assert json.loads(body)["message"] == "your task is late."


def test_titles_are_sent_where_the_person_says_so(db, now, web, said):
    delivering.add(db, web.address(), now, titles=True)
    delivering.enqueue(db, said, True, now)
    delivering.send_due(db, now)
    assert json.loads(web.got[0][1])["message"] == said.text


def test_ntfy_speaks_its_protocol(db, now, web, said):
    delivering.add(db, f"ntfy://127.0.0.1:{web.server_port}/my-topic", now)
    delivering.enqueue(db, said, False, now)
    assert [d.status for d in delivering.send_due(db, now)] == ["sent"]
    posted = json.loads(web.got[0][1])
    assert (posted["topic"], posted["message"]) == ("my-topic", "your task is late.")


def test_mail_arrives(db, now, said):
    class Box:
        def __init__(self):
            self.got = []

        async def handle_DATA(self, server, session, envelope):
            self.got.append((envelope.rcpt_tos, envelope.content.decode()))
            return "250 taken"

    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        address = f"mailto://127.0.0.1:{port}?mode=insecure&from=coach@example.org&to=me@example.org"
        delivering.add(db, address, now)
        delivering.enqueue(db, said, True, now)
        assert [d.status for d in delivering.send_due(db, now)] == ["sent"]
    finally:
        controller.stop()
    [(to, content)] = box.got
    assert to == ["me@example.org"]
    assert "your task is late." in content
    assert "Subject: Coach" in content


def test_a_failure_is_tried_again_three_times_and_then_recorded(db, now, web, said):
    web.answers = [500] * 9
    delivering.add(db, web.address(), now)
    delivering.enqueue(db, said, True, now)
    found, at = [], now
    for _ in range(6):
        found += [(d.status, d.tries) for d in delivering.send_due(db, at)]
        at += timedelta(minutes=16)
    assert found == [("queued", 1), ("queued", 2), ("queued", 3), ("failed", 4)]
    [standing] = delivering.every(db)
    assert (standing.sent, standing.failed) == (0, 1)
    assert "500" in standing.trouble
    assert "127.0.0.1" not in standing.trouble


def test_a_network_that_comes_back_gets_it_late_but_once(db, now, web, said):
    web.answers = [503]
    delivering.add(db, web.address(), now)
    delivering.enqueue(db, said, True, now)
    delivering.send_due(db, now)
    assert delivering.send_due(db, now + timedelta(seconds=30)) == []
    assert [d.status for d in delivering.send_due(db, now + timedelta(minutes=2))] == ["sent"]
    assert len(web.got) == 2


def test_what_waited_for_an_hour_is_not_said_any_more(db, now, web, said):
    delivering.add(db, web.address(), now)
    delivering.enqueue(db, said, True, now)
    assert delivering.send_due(db, now + timedelta(hours=3)) == []
    assert channels.of_nudge(db, said.id)[0].trouble == "too late"
    assert web.got == []


def test_a_message_whose_sender_died_is_not_sent_twice(db, now, web, said):
    delivering.add(db, web.address(), now)
    delivering.enqueue(db, said, True, now)
    assert channels.claim(db, channels.due(db, now)[0], now)
    assert not any(channels.claim(db, one, now) for one in channels.of_nudge(db, said.id))
    delivering.send_due(db, now + timedelta(minutes=5))
    assert (channels.of_nudge(db, said.id)[0].status, web.got) == ("failed", [])


def test_a_channel_for_when_away_hears_only_what_nothing_here_showed(db, now, web, said):
    delivering.add(db, web.address(), now, when="away")
    assert delivering.enqueue(db, said, True, now) == ""
    assert delivering.enqueue(db, said, False, now) == "json"


def test_a_channel_for_reminders_hears_no_coaching(db, now, web, said):
    delivering.add(db, web.address(), now, kinds="reminders")
    assert delivering.enqueue(db, said, True, now) == ""
    assert delivering.enqueue(db, replace(said, situation="reminder"), True, now) == "json"


def test_the_address_is_shown_without_its_password_and_is_in_no_export(db, config, now, tz):
    channel = delivering.add(db, "mailtos://me:geheim123@smtp.example.org?to=me@example.org", now)
    assert "geheim123" not in channel.shown
    assert "geheim123" not in "".join(export(db, "json", config, now, tz))


def test_names_are_found_and_taken_once(db, now, web):
    delivering.add(db, web.address(), now)
    assert delivering.add(db, web.address("other"), now).name == "json 2"
    with pytest.raises(InvalidInput):
        delivering.add(db, web.address(), now, name="json")
    delivering.remove(db, "json 2")
    with pytest.raises(NotFound):
        delivering.find(db, "json 2")


@pytest.mark.parametrize("address", ["", "nonsense", "https://example.org/x", "gnome://", "syslog://"])
def test_an_address_that_names_no_service_is_refused(db, now, address):
    with pytest.raises(InvalidInput):
        delivering.add(db, address, now)


def test_trying_a_channel_says_what_the_service_said(db, now, web):
    delivering.add(db, web.address(), now)
    assert delivering.try_out(db, "json") > 0
    web.answers = [404]
    with pytest.raises(Unavailable, match="404"):
        delivering.try_out(db, "json")


@pytest.mark.parametrize(("address", "shown"), [
    ("ntfys://my-secret-topic", "ntfys://****"), ("jsons://hooks.example.org/services/T000/B000/secret", "jsons://hooks.example.org"),
    ("mailtos://me:geheim123@smtp.example.org?to=me@example.org", "mailtos://smtp.example.org to me@example.org"),
])
def test_what_is_shown_of_an_address_holds_no_secret(db, now, address, shown):
    assert delivering.add(db, address, now).shown == shown
