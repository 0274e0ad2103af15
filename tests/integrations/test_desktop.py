"""Real buses: a private dbus-daemon each, with a stub that presses buttons, or real dunst on a virtual screen."""

import os
import queue
import shutil
import subprocess
import sys
import time

import pytest

from coach.integrations.desktop import Finding, Notifier, available
from tests.integrations import bus

PROGRAMS = {"dbus-daemon", "dunst", "dunstctl", "Xvfb"}
MISSING = sorted(p for p in PROGRAMS if shutil.which(p) is None)

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(
        bool(MISSING) and os.environ.get("COACH_REQUIRE_DESKTOP") != "1", reason=f"not installed: {', '.join(MISSING)}"
    ),
]

BUTTONS = {"snooze": "Snooze", "done": "Done"}


@pytest.fixture
def address(tmp_path, monkeypatch):
    with bus.session_bus(tmp_path) as name:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", name)
        monkeypatch.delenv("DISPLAY", raising=False)
        yield name


class Heard:
    """What the callbacks said, in order."""

    def __init__(self):
        self.words = queue.Queue()

    def send(self, notifier, body="Do <this> & that", buttons=BUTTONS):
        return notifier.send(
            "Coach", body, buttons, lambda action: self.words.put(("action", action)),
            lambda ending: self.words.put(("closed", ending)),
        )

    def next(self, timeout=6):
        return self.words.get(timeout=timeout)


def test_a_pressed_button_arrives_once(address):
    heard = Heard()
    with bus.service(address, "snooze") as service, Notifier() as notifier:
        assert heard.send(notifier)
        assert heard.next() == ("action", "snooze")
        time.sleep(2.5)  # longer than the look for expiry
        assert heard.words.empty()
    summary, body, actions = service.seen[0]
    assert (summary, body) == ("Coach", "Do &lt;this&gt; &amp; that")
    assert actions == ["default", "", "snooze", "Snooze", "done", "Done"]


def test_a_service_without_markup_gets_the_plain_body(address):
    with bus.service(address, "done", ["actions", "body"]) as service, Notifier() as notifier:
        assert Heard().send(notifier)
    assert service.seen[0][1] == "Do <this> & that"


@pytest.mark.parametrize(("reason", "ending"), [(2, "dismiss"), (1, "expire")])
def test_closed_by_the_person_or_by_time(address, reason, ending):
    heard = Heard()
    with bus.service(address, f"close:{reason}"), Notifier() as notifier:
        assert heard.send(notifier)
        assert heard.next() == ("closed", ending)


def test_a_click_on_the_notification_opens(address):
    heard = Heard()
    with bus.service(address, "default"), Notifier() as notifier:
        assert heard.send(notifier)
        assert heard.next() == ("action", "open")


def test_leaving_takes_down_what_has_buttons(address):
    with bus.service(address) as service:
        with Notifier() as notifier:
            assert Heard().send(notifier)
            assert Heard().send(notifier, buttons={})
        assert service.closed == [1]


def test_a_service_that_dies_is_noticed_and_its_successor_used(address):
    heard = Heard()
    with Notifier() as notifier:
        with bus.service(address, "done"):
            assert heard.send(notifier)
            assert heard.next() == ("action", "done")
        assert not heard.send(notifier)
        with bus.service(address, "snooze"):
            assert heard.send(notifier)
            assert heard.next() == ("action", "snooze")


def test_findings(address, monkeypatch):
    assert available() == Finding(
        False, "no notification service is on the bus", "start dunst, mako or the like"
    )
    with bus.service(address, "", ["body"]):
        assert available() == Finding(True, "stub 1.0, without buttons")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert not available().ok
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "nonsense")
    assert not available().ok
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    assert available().detail == "no session bus: DBUS_SESSION_BUS_ADDRESS is not set"


SCRIPT = """
from coach.integrations.desktop import Notifier, available
with Notifier() as n:
    print(available().ok, n.send("Coach", "secret words", {"done": "Done"}, print, print))
"""


def ran(environ):
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout, done.stderr, done.returncode


@pytest.mark.parametrize("bus_address", ["", "unix:path=/nonexistent/bus", "nonsense"])
def test_without_a_bus_not_a_word_on_stderr(bus_address):
    environ = {k: v for k, v in os.environ.items() if k != "DBUS_SESSION_BUS_ADDRESS"}
    if bus_address:
        environ["DBUS_SESSION_BUS_ADDRESS"] = bus_address
    assert ran(environ) == ("False False\n", "", 0)


def test_with_a_bus_and_no_service_not_a_word_on_stderr(address):
    assert ran(dict(os.environ)) == ("False False\n", "", 0)


@pytest.fixture
def dunst(address, tmp_path, monkeypatch):
    with bus.dunst(tmp_path, monkeypatch) as service:
        yield service


@pytest.mark.parametrize("label", ["Snooze", "Done"])
def test_real_dunst_presses_each_button(dunst, label):
    assert available().detail.startswith("dunst ")
    heard = Heard()
    with Notifier() as notifier:
        assert heard.send(notifier, "Send the report")
        dunst.press(label)
        assert heard.next() == ("action", label.lower())


def test_real_dunst_tells_a_click_and_a_dismissal_apart(dunst):
    heard = Heard()
    with Notifier() as notifier:
        assert heard.send(notifier)
        dunst.control("action", "0")
        assert heard.next() == ("action", "open")
        assert heard.send(notifier)
        dunst.control("close")
        assert heard.next() == ("closed", "dismiss")
