"""The scheduler for real, its intervals shortened: nudges, roll-ups and backups happen, and errors end one run only."""

import logging
import threading
import time
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from coach.config import CalendarConfig, NudgeConfig
from coach.core.nudge import Nudge
from coach.core.when import to_ms
from coach.engine import activity, calendars, categories, delivering, jobs, nudging, tasks
from coach.engine.runtime import Runtime
from coach.store import opening, timeline
from tests.engine.filled import lived
from tests.engine.hooks import listening


@pytest.fixture(autouse=True)
def _fast(monkeypatch, now):
    monkeypatch.setenv("COACH_NOW", now.isoformat())
    monkeypatch.setattr(jobs, "NUDGE_S", 0.2)
    monkeypatch.setattr(jobs, "ROLL_S", 0.2)
    monkeypatch.setattr(jobs, "REMIND_S", 0.2)
    monkeypatch.setattr(jobs, "FIRST_S", dict.fromkeys(jobs.FIRST_S, 0.1))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)


@pytest.fixture
def runtime(config, home, tz, unlocked):
    return Runtime(config, home, tz, unlocked)


def eventually(holds, timeout_s=8.0):
    deadline = time.monotonic() + timeout_s
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def overdue(db, config, now, tz):
    return tasks.add(db, "Secret report tomorrow 9:00", config, now - timedelta(days=2), tz)


def test_a_nudge_reaches_the_app_and_is_not_repeated(runtime, db, config, now, tz):
    overdue(db, config, now, tz)
    got = []
    runtime.deliver = lambda said: got.append(said) or "toast"
    started = jobs.start(runtime)
    try:
        assert eventually(lambda: got)
        time.sleep(0.7)  # several more ticks
    finally:
        jobs.stop(started)
    assert [n.situation for n in got] == ["overdue_one"]
    assert [(n.status, n.channel) for n in nudging.history(db)] == [("shown", "toast")]
    time.sleep(0.4)
    assert len(got) == 1


def test_without_a_way_to_deliver_nothing_is_chosen(runtime, db, config, now, tz, capfd):
    overdue(db, config, now, tz)
    started = jobs.start(runtime)
    time.sleep(0.8)
    jobs.stop(started)
    assert nudging.history(db) == []
    assert capfd.readouterr().err == ""


def test_rollups_and_backup_happen(runtime, db, config, home, now, tz):
    lived(db, now - timedelta(minutes=90), 30, "nvim", "main.py")
    activity.rebuild(db, to_ms(now - timedelta(hours=2)), to_ms(now), categories.load(db, config), tz)
    assert db.execute("SELECT count(*) FROM timeline WHERE rolled_ms < end_ms").fetchone()[0] == 1
    started = jobs.start(runtime)
    try:
        assert eventually(lambda: not db.execute("SELECT count(*) FROM timeline WHERE rolled_ms < end_ms").fetchone()[0])
        assert eventually(lambda: opening.backups(home))
    finally:
        jobs.stop(started)
    assert timeline.newest(db, now) is not None


def test_an_error_ends_one_run_and_names_only_its_kind(runtime, db, config, now, tz, caplog):
    task = overdue(db, config, now, tz)
    calls = []

    def broken(said):
        calls.append(said)
        raise RuntimeError(said.text)

    runtime.deliver = broken
    runtime.config = replace(config, nudge=NudgeConfig(hold_out=0, cooldown_min=0))
    with caplog.at_level(logging.WARNING):
        started = jobs.start(runtime)
        try:
            assert eventually(lambda: calls)
            assert eventually(lambda: "job nudge failed: RuntimeError" in caplog.text)
        finally:
            jobs.stop(started)
    assert task.title not in caplog.text


def test_a_calendar_that_changed_on_disk_is_read_again(runtime, db, now, tz, tmp_path, monkeypatch):
    from coach.engine import calendars

    monkeypatch.setattr(jobs, "CALENDAR_S", 0.2)
    file = tmp_path / "work.ics"
    event = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:{0}\r\nDTSTAMP:20261101T000000Z\r\n"
        "DTSTART:20261123T090000Z\r\nDTEND:20261123T100000Z\r\nSUMMARY:{0}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    file.write_text(event.format("Standup"))
    calendars.add(db, str(file), now, tz)
    running = jobs.start(runtime)
    try:
        file.write_text(event.format("A longer standup"))
        deadline = time.monotonic() + 10
        titles: list[str] = []
        while titles != ["A longer standup"] and time.monotonic() < deadline:
            time.sleep(0.1)
            titles = [e.title for e in calendars.events_between(db, now, now + timedelta(days=7))]
    finally:
        jobs.stop(running)
    assert titles == ["A longer standup"]


def test_a_done_button_above_open_subtasks_says_what_is_open_and_loses_nothing(runtime, db, config, now, tz, monkeypatch):
    party = tasks.add(db, "Party", config, now, tz)
    tasks.add(db, "Cake parent:1", config, now, tz)
    nudging.keep(db, nudge := Nudge("0000aaaa", now, "overdue_one", "neutral", "neutral", "bank", "Party is late", party.id))
    nudging.hand_over(db, nudge, lambda said: "desktop")
    got, heard = [], []
    runtime.deliver = lambda said: got.append(said) or "toast"
    monkeypatch.setattr(nudging, "desktop_notifier", nullcontext)
    monkeypatch.setattr(nudging, "desktop_delivery", lambda notifier, on_action, fallback: heard.append(on_action))
    with ExitStack() as stack:
        jobs._delivery(runtime, stack)
        heard[0](nudge.id, "done")
    assert [said.text for said in got] == ["task 1 has an open subtask: 2; `coach done 1 --children` takes them along"]
    assert tasks.find(db, "1").status == "pending"
    assert nudging.history(db)[0].status == "shown"



def test_a_silent_server_keeps_neither_the_feed_nor_the_end_of_coach_waiting(runtime, db, now, tz, tmp_path, monkeypatch):
    asked = threading.Event()
    over = threading.Event()
    monkeypatch.setattr(calendars, "servers_due", lambda db, config, now: [None])
    monkeypatch.setattr(calendars, "sync_servers", lambda *words: (asked.set(), over.wait(20)))
    feed = tmp_path / "coach.ics"
    runtime.config = replace(runtime.config, calendar=CalendarConfig(blocks_file=str(feed)))
    started = jobs.start(runtime)
    try:
        assert eventually(lambda: asked.is_set() and feed.exists())
    finally:
        began = time.monotonic()
        jobs.stop(started)
        assert time.monotonic() - began < 5
        over.set()


def test_a_nudge_that_nothing_here_can_show_goes_to_a_channel(runtime, db, config, now, tz, monkeypatch):
    monkeypatch.setattr(jobs, "PUSH_S", 0.2)
    overdue(db, config, now, tz)
    with listening() as web:
        delivering.add(db, web.address(), now)
        started = jobs.start(runtime)
        try:
            assert eventually(lambda: web.got)
        finally:
            jobs.stop(started)
    [said] = nudging.history(db)
    assert (said.channel, said.status) == ("json", "shown")
    assert len(web.got) == 1
    assert "Secret" not in web.got[0][1]
