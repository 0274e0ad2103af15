"""From a pressed button to the changed store: the scheduler and `coach nudge`, on a real bus."""

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest

from coach.engine import jobs, nudging, tasks
from coach.engine.runtime import Runtime
from tests.cli.shell import coach
from tests.engine.test_jobs import eventually
from tests.integrations import bus

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(
        shutil.which("dbus-daemon") is None and os.environ.get("COACH_REQUIRE_DESKTOP") != "1",
        reason="dbus-daemon is not installed",
    ),
]


@pytest.fixture
def address(tmp_path, monkeypatch, now):
    monkeypatch.setenv("COACH_NOW", now.isoformat())
    with bus.session_bus(tmp_path) as name:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", name)
        yield name


@pytest.fixture
def task(db, config, now, tz):
    return tasks.add(db, "Send the report tomorrow 9:00", config, now - timedelta(days=2), tz)


@pytest.mark.parametrize(("button", "status"), [
    ("snooze", "snoozed"), ("done", "done"), ("start", "started"), ("not_helpful", "dismissed"), ("close:2", "dismissed"),
    ("close:1", "expired"),
])
def test_a_scheduled_nudge_hears_its_buttons(monkeypatch, address, db, config, home, tz, unlocked, task, button, status):
    monkeypatch.setattr(jobs, "NUDGE_S", 0.2)
    monkeypatch.setattr(jobs, "FIRST_S", {**dict.fromkeys(jobs.FIRST_S, 60), "nudge": 0.1})
    with bus.service(address, button) as service:
        started = jobs.start(Runtime(config, home, tz, unlocked))
        try:
            assert eventually(lambda: [n for n in nudging.history(db) if n.status == status])
        finally:
            jobs.stop(started)
    assert len(service.seen) == 1
    labels = ["done", "Done", "snooze", "Snooze", "start", "Start", "not_helpful", "Not helpful"]
    assert service.seen[0][2] == ["default", "", *labels]
    after = tasks.find(db, task.id)
    assert (after.snooze_count, after.status, after.started is not None) == {
        "snoozed": (1, "pending", False), "done": (0, "completed", False), "started": (0, "pending", True),
        "dismissed": (0, "pending", False), "expired": (0, "pending", False),
    }[status]
    assert nudging.history(db)[0].useful is (False if button == "not_helpful" else None)


@pytest.mark.parametrize(("button", "outcome"), [("snooze", "snoozed"), ("done", "done")])
def test_coach_nudge_waits_for_its_button(address, db, task, button, outcome):
    with bus.service(address, button):
        ran = coach("nudge", "--json")
    assert (ran.json["status"], ran.json["action"], ran.json["channel"]) == ("acted_on", outcome, "desktop")
    after = tasks.find(db, task.id)
    assert (after.snooze_count, after.status) == ((1, "pending") if outcome == "snoozed" else (0, "completed"))


@pytest.mark.skipif(
    shutil.which("dunst") is None and os.environ.get("COACH_REQUIRE_DESKTOP") != "1", reason="dunst is not installed"
)
@pytest.mark.parametrize("label", ["Snooze", "Done", "Start", "Not helpful"])
def test_a_button_pressed_in_real_dunst_does_what_it_says(address, tmp_path, monkeypatch, db, task, label):
    with bus.dunst(tmp_path, monkeypatch) as service:
        running = subprocess.Popen(
            [sys.executable, "-m", "coach.cli", "nudge", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        service.press(label)
        out, err = running.communicate(timeout=30)
    assert b"Traceback" not in err
    after = tasks.find(db, task.id)
    assert (json.loads(out)["action"], after.snooze_count, after.status, after.started is not None) == {
        "Snooze": ("snoozed", 1, "pending", False), "Done": ("done", 0, "completed", False),
        "Start": ("started", 0, "pending", True), "Not helpful": (None, 0, "pending", False),
    }[label]


def test_coach_nudge_need_not_wait(address, db, task):
    with bus.service(address) as service:
        ran = coach("nudge", "--wait", "0")
    assert ran.status == 0
    assert ran.out.strip() == nudging.history(db)[0].text
    assert service.seen[0][2] == ["default", ""]
    assert service.closed == []


def test_an_interrupted_wait_takes_the_notification_down(address, db, task):
    with bus.service(address) as service:
        running = subprocess.Popen([sys.executable, "-m", "coach.cli", "nudge"], stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        assert eventually(lambda: service.seen)
        eventually(lambda: [n for n in nudging.history(db) if n.status == "shown"])
        running.send_signal(2)
        _, err = running.communicate(timeout=20)
        assert running.returncode == 130
        assert b"Traceback" not in err
        assert service.closed == [1]
