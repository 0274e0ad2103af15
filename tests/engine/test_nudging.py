"""Nudges on a real encrypted store: what is seen, chosen, delivered and done."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Thread

import pytest

from coach.config import NudgeConfig
from coach.core import change
from coach.core.errors import InvalidInput, NotFound
from coach.core.lines import origin
from coach.core.persona import PERSONAS
from coach.core.sentiment import sentiment
from coach.core.when import iso
from coach.engine import categories, focusing, nudging, preferences, tasks, views, voices
from coach.store import changes, leases, nudges
from coach.store.db import connect
from tests.engine.filled import derive, lived


def add(db, config, now, tz, text):
    return tasks.add(db, text, config, now, tz)


@pytest.fixture
def overdue(db, config, now, tz):
    """Three tasks that were due yesterday."""
    earlier = now - timedelta(days=2)
    return [add(db, config, earlier, tz, f"Task {letter} tomorrow 9:00") for letter in "abc"]


class Desk:
    """A channel that takes everything and remembers it."""

    def __init__(self, channel="toast"):
        self.channel, self.got = channel, []

    def __call__(self, nudge):
        self.got.append(nudge)
        return self.channel


def meeting(db, start, end, **values):
    db.execute("INSERT INTO calendar(id, name, kind, location, enabled, created) VALUES('c', 'work', 'ics', '', 1, '')"
               " ON CONFLICT DO NOTHING")
    row = {"calendar": "c", "uid": "u", "start_ms": int(start.timestamp() * 1000), "end_ms": int(end.timestamp() * 1000),
           "all_day": 0, "busy": 1, "title": "secret meeting", **values}
    db.execute(f"INSERT INTO calendar_event({', '.join(row)}) VALUES({', '.join('?' * len(row))})", tuple(row.values()))


def ago(now, minutes):
    return now - timedelta(minutes=minutes)


# The view


def test_a_blank_store_has_nothing_to_say(db, config, now, tz):
    seen = nudging.view(db, config, now, tz)
    assert (seen.open_tasks, seen.category, seen.away, seen.next_meeting, seen.absent_days) == ((), "", False, None, 0)
    assert seen.working_hours  # a Friday, 11:00 in Berlin
    assert nudging.tick(db, config, now, tz, Desk()) is None


def test_tasks_by_due(db, config, now, tz, overdue):
    later = add(db, config, now, tz, "Later today 15:00")
    whole = add(db, config, now, tz, "Whole day today")
    add(db, config, now, tz, "Next week monday")
    finished = add(db, config, now, tz, "Finished")
    tasks.done(db, [finished], ago(now, 5))
    seen = nudging.view(db, config, now, tz)
    assert {t.id for t in seen.overdue} == {t.id for t in overdue}
    assert {t.id for t in seen.due_today} == {later.id, whole.id}
    assert [t.id for t in seen.done_today] == [finished.id]


def test_a_distraction_streak_survives_a_glance_and_ends_with_a_break(db, config, now, tz):
    lived(db, ago(now, 60), 20, "firefox", "News", url="https://news.ycombinator.com/x")
    lived(db, ago(now, 26), 16, "firefox", "News", url="https://news.ycombinator.com/x")
    lived(db, ago(now, 10), 0.5, "nvim", "main.py")
    lived(db, ago(now, 9.5), 9.5, "firefox", "News", url="https://news.ycombinator.com/x")
    derive(db, ago(now, 120), now)
    seen = nudging.view(db, config, now, tz)
    assert seen.distracted_min == pytest.approx(25.5)
    assert seen.since_break_min == pytest.approx(26)
    assert seen.category_min == pytest.approx(9.5)
    assert categories.load(db, config).named(seen.category).level <= 0.25
    assert nudging.tick(db, config, now, tz, Desk()).situation == "distraction_streak"


def test_focus_that_goes_on_and_focus_that_ended(db, config, now, tz):
    lived(db, ago(now, 100), 100, "nvim", "main.py")
    derive(db, ago(now, 120), now)
    on = nudging.view(db, config, now, tz)
    assert (on.flow_min, on.session_min, on.since_break_min) == (pytest.approx(100), 0, pytest.approx(100))
    assert nudging.tick(db, config, now, tz, Desk()).situation == "break_due"
    after = nudging.view(db, config, now + timedelta(minutes=8), tz)
    assert (after.flow_min, after.session_min, after.session_ago_min) == (0, pytest.approx(100), pytest.approx(8))
    assert (after.category, after.since_break_min) == ("", 0)


def test_absence_counts_whole_days_without_a_trace(db, config, now, tz):
    lived(db, now - timedelta(days=6), 30, "nvim", "main.py")
    lived(db, ago(now, 10), 10, "nvim", "main.py")
    derive(db, now - timedelta(days=7), now)
    assert nudging.view(db, config, now, tz).absent_days == 5
    assert nudging.tick(db, config, now, tz, Desk()).situation == "quiet_comeback"


def test_meetings_and_calls_silence(db, config, now, tz, overdue):
    meeting(db, now + timedelta(minutes=8), now + timedelta(minutes=38))
    seen = nudging.view(db, config, now, tz)
    assert not seen.in_meeting
    assert seen.next_meeting == now + timedelta(minutes=8)
    during = now + timedelta(minutes=20)
    assert nudging.view(db, config, during, tz).in_meeting
    assert nudging.tick(db, config, during, tz, Desk()) is None
    assert nudging.silence(db, config, during, tz) == "meeting"


def test_a_whole_day_or_free_entry_is_no_meeting(db, config, now, tz):
    meeting(db, ago(now, 60), now + timedelta(hours=5), all_day=1)
    meeting(db, ago(now, 60), now + timedelta(hours=5), busy=0)
    seen = nudging.view(db, config, now, tz)
    assert not seen.in_meeting
    assert seen.next_meeting is None


def test_a_call_in_front_is_a_meeting(db, config, now, tz, overdue):
    lived(db, ago(now, 10), 10, "zoom", "Zoom Meeting")
    derive(db, ago(now, 20), now)
    assert nudging.view(db, config, now, tz).in_meeting
    assert nudging.tick(db, config, now, tz, Desk()) is None


def test_the_focus_timer_silences(db, config, now, tz, overdue):
    focusing.start(db, now, 50)
    assert nudging.silence(db, config, now, tz) == "focus_session"
    assert nudging.tick(db, config, now, tz, Desk()) is None
    assert nudging.tick(db, config, now + timedelta(minutes=51), tz, Desk()) is not None


def test_nobody_there_hears_nothing(db, config, now, tz, home, overdue):
    lived(db, ago(now, 40), 10, "nvim", "main.py")
    derive(db, ago(now, 60), now)
    lease = leases.take(db, "tracker", home.state, "track", now)
    leases.beat(db, "tracker", now, json.dumps({"probe": "x11", "paused": False}))
    assert nudging.silence(db, config, now, tz) == "away"
    leases.beat(db, "tracker", now, json.dumps({"probe": "x11", "paused": True}))
    assert nudging.silence(db, config, now, tz) is None
    leases.beat(db, "tracker", ago(now, 30), json.dumps({"probe": "x11", "paused": False}))
    assert nudging.silence(db, config, now, tz) is None  # a dead tracker knows nothing
    lease.release(db)


def test_an_accepted_block_that_begins(db, config, now, tz):
    task = add(db, config, now, tz, "Write the chapter ~60m")
    values = {"task_id": task.id, "start": iso(ago(now, 2)), "end": iso(now + timedelta(hours=1)), "status": "proposed",
              "reasons": [], "confidence": 1.0, "created": iso(now)}
    changes.apply(db, [change.create("block", "b1", values)], now=now, label="plan")
    assert nudging.view(db, config, now, tz).block_task is None
    changes.apply(db, [change.update("block", "b1", values, {"status": "accepted"})], now=now, label="accept")
    said = nudging.tick(db, config, now, tz, Desk())
    assert (said.situation, said.task_id) == ("plan_block_now", task.id)


# Choosing and delivering


def test_a_tick_stores_words_and_delivers_once(db, config, now, tz, overdue):
    desk = Desk()
    said = nudging.tick(db, config, now, tz, desk)
    assert (said.situation, said.status, said.channel, said.source) == ("overdue_pile", "shown", "toast", "bank")
    assert origin(nudging.bank()["overdue_pile"]["encouragement"], said.text)
    assert said.sentiment == sentiment(said.text)
    assert [n.id for n in desk.got] == [said.id]
    assert nudging.tick(db, config, now + timedelta(minutes=1), tz, desk) is None
    assert nudging.history(db) == [said]


def test_a_day_of_ticks_keeps_to_the_limits(db, config, now, tz, overdue):
    desk = Desk()
    limited = replace(config, nudge=NudgeConfig(hold_out=0, daily_cap=3, cooldown_min=60, quiet_start="12:00", quiet_end="14:00"))
    for minute in range(0, 600, 7):
        nudging.tick(db, limited, now + timedelta(minutes=minute), tz, desk)
    times = [n.at.astimezone(tz) for n in desk.got]
    assert 1 <= len(times) <= 3
    assert not any(12 <= t.hour < 14 for t in times)
    assert all(b - a >= timedelta(hours=1) for a, b in pairwise(times))


def test_processes_that_tick_at_once_deliver_one(db, config, unlocked, now, tz, overdue):
    desk, together = Desk(), Barrier(6)

    def ticking():
        own = connect(unlocked)
        together.wait()
        nudging.tick(own, config, now, tz, desk)
        own.close()

    threads = [Thread(target=ticking) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(desk.got) == 1
    assert len(nudging.history(db)) == 1


def test_what_was_queued_is_delivered_later_and_dropped_when_stale(db, config, now, tz, overdue):
    waiting = nudging.now_please(db, config, now, tz)
    nudging.keep(db, waiting)
    desk = Desk()
    said = nudging.tick(db, config, now + timedelta(minutes=3), tz, desk)
    assert (said.id, said.status) == (waiting.id, "shown")
    stale = replace(waiting, id="stale", at=now + timedelta(minutes=4))
    nudging.keep(db, stale)
    nudging.tick(db, config, now + timedelta(minutes=30), tz, desk)
    assert nudges.get(db, "stale").status == "expired"
    assert len(desk.got) == 1


def test_a_failed_delivery_is_tried_three_times_more_and_each_failure_written_down(db, config, now, tz, overdue):
    first = nudging.tick(db, config, now, tz, Desk(""))
    assert (first.status, first.tries) == ("queued", 1)
    tried = [nudging.tick(db, config, now + timedelta(minutes=m), tz, Desk("")) for m in range(1, 12)]
    assert [m for m, said in enumerate(tried, 1) if said] == [1, 3, 7]
    assert nudges.get(db, first.id).status == "failed"
    assert [why for _, _, why in nudges.misfires(db, now)] == ["no_channel"] * 4
    assert nudging.tick(db, config, now + timedelta(minutes=16), tz, Desk()).status == "shown"


def test_a_second_try_that_works_is_the_only_one_heard(db, config, now, tz, overdue):
    first, desk = nudging.tick(db, config, now, tz, Desk("")), Desk()
    again = [nudging.tick(db, config, now + timedelta(minutes=m), tz, desk) for m in range(1, 6)]
    assert [n.id for n in desk.got] == [first.id]
    assert (again[0].status, again[0].tries) == ("shown", 2)


def test_what_a_channel_raises_is_a_misfire_and_raised(db, config, now, tz, overdue):
    def broken(nudge):
        raise ConnectionError("no")

    with pytest.raises(ConnectionError):
        nudging.tick(db, config, now, tz, broken)
    assert [why for _, _, why in nudges.misfires(db, now)] == ["error:ConnectionError"]
    assert nudging.tick(db, config, now + timedelta(minutes=1), tz, Desk()).tries == 2


def test_a_waiting_nudge_keeps_quiet_in_a_meeting_and_goes_stale(db, config, now, tz, overdue):
    said = nudging.tick(db, config, now, tz, Desk(""))
    meeting(db, now + timedelta(seconds=30), now + timedelta(minutes=30))
    desk = Desk()
    for m in range(1, 15):
        nudging.tick(db, config, now + timedelta(minutes=m), tz, desk)
    assert desk.got == []
    assert (nudges.get(db, said.id).status, nudges.misfires(db, now)[0][2]) == ("expired", "stale")


def test_a_situation_without_lines_is_not_chosen(db, config, now, tz, overdue, monkeypatch):
    cells = {**nudging.bank(), "overdue_pile": {"neutral": ["{count} late."]}}
    cells.pop("overdue_one", None)
    monkeypatch.setattr(nudging, "bank", lambda: cells)
    assert nudging.now_please(db, config, now, tz, "encouragement") is None
    assert nudging.now_please(db, config, now, tz, "neutral").text == "3 late."


def test_switched_off_means_off_but_a_person_may_ask(db, config, now, tz, overdue):
    off = replace(config, nudge=NudgeConfig(hold_out=0, enabled=False, daily_cap=0))
    assert nudging.tick(db, off, now, tz, Desk()) is None
    assert nudging.silence(db, off, now, tz) == "off"
    assert nudging.now_please(db, off, now, tz).situation == "overdue_pile"


def test_nudges_that_were_asked_for_leave_the_days_cap_to_the_others(db, config, now, tz, overdue):
    one_a_day = replace(config, nudge=NudgeConfig(hold_out=0, daily_cap=1))
    for minutes in (-120, -60):
        asked = nudging.now_please(db, one_a_day, now + timedelta(minutes=minutes), tz)
        nudging.keep(db, asked)
        nudging.hand_over(db, asked, Desk("shell"))
    assert [n.asked for n in nudging.history(db)] == [True, True]
    assert views.today(db, one_a_day, now, tz).nudge_words == "a nudge may come any time, 0 of 1 today"
    assert nudging.silence(db, one_a_day, now, tz) is None
    nudging.keep(db, replace(asked, id="own", at=now - timedelta(hours=1), asked=False))
    assert nudging.silence(db, one_a_day, now, tz) == "daily_cap"
    assert views.today(db, one_a_day, now, tz).nudge_words == "1 nudges today, that is the cap"


def test_asking_twice_hears_of_something_else_first(db, config, now, tz, overdue):
    add(db, config, now, tz, "Quick ~5m")
    first = nudging.now_please(db, config, now, tz)
    nudging.keep(db, first)
    nudging.hand_over(db, first, Desk("shell"))
    assert nudging.now_please(db, config, now, tz).situation == "quick_win"


def test_the_language_models_line_is_used_only_when_it_is_clean(db, config, now, tz, overdue):
    clean = nudging.now_please(db, config, now, tz, tone=lambda situation, mode: "Onwards, gently.")
    assert (clean.source, clean.text) == ("llm", "Onwards, gently.")
    for bad in ("You have 3 tasks", "You are so lazy", "{task}", None):
        said = nudging.now_please(db, config, now, tz, tone=lambda situation, mode, bad=bad: bad)
        assert said.source == "bank"
        assert said.text != bad


def test_the_voice_is_the_persons_before_the_settings(db, config, now, tz):
    assert nudging.voice(db, config) == nudging.Voice("coach", "encouragement", 1)
    assert nudging.voice(db, replace(config, nudge=NudgeConfig(hold_out=0, mode="neutral"))).mode == "neutral"
    voices.use(db, PERSONAS["roast"], now)
    preferences.put(db, {"humour": 3}, now)
    assert nudging.voice(db, config) == nudging.Voice("roast", "roast", 3)
    assert nudging.voice(db, config, "minimalist").mode == "minimalist"


# Buttons


@pytest.fixture
def shown(db, config, now, tz):
    """A nudge about one overdue task, delivered."""
    task = add(db, config, now - timedelta(days=2), tz, "Send the report tomorrow 9:00")
    said = nudging.tick(db, config, now, tz, Desk("desktop"))
    assert said.task_id == task.id
    assert nudging.buttons(said) == {"done": "Done", "snooze": "Snooze", "start": "Start", "not_helpful": "Not helpful"}
    return said


def test_snooze_puts_the_task_off(db, config, now, tz, shown):
    answered = nudging.act(db, shown.id, "snooze", now, config)
    task = tasks.find(db, shown.task_id)
    assert answered.status == "snoozed"
    assert task.snooze_count == 1
    assert task.wait == now + timedelta(minutes=60)
    nudging.act(db, shown.id, "done", now, config)
    assert tasks.find(db, shown.task_id).status == "pending"  # the first answer counts
    tasks.undo(db, now)
    assert tasks.find(db, shown.task_id).snooze_count == 0


def test_snooze_is_right_in_another_zone(db, config, now, tz, shown):
    task = tasks.find(db, shown.task_id)
    tasks.update(db, task, now, time_zone="America/New_York")
    nudging.act(db, shown.id, "snooze", now, config)
    assert tasks.find(db, shown.task_id).wait == now + timedelta(minutes=60)


def test_done_completes_and_start_starts(db, config, now, tz, shown):
    nudging.act(db, shown.id, "done", now, config)
    assert tasks.find(db, shown.task_id).status == "completed"


def test_start_starts(db, config, now, tz, shown):
    nudging.act(db, shown.id, "start", now, config)
    assert tasks.find(db, shown.task_id).started == now


@pytest.mark.parametrize(("action", "status"), [("dismiss", "dismissed"), ("expire", "expired"), ("open", "opened")])
def test_other_endings_leave_the_task_alone(db, config, now, tz, shown, action, status):
    before = tasks.find(db, shown.task_id)
    assert nudging.act(db, shown.id, action, now, config).status == status
    assert tasks.find(db, shown.task_id) == before


def test_a_button_for_a_task_that_is_done_meanwhile(db, config, now, tz, shown):
    tasks.done(db, [tasks.find(db, shown.task_id)], now)
    assert nudging.act(db, shown.id, "done", now, config).status == "done"
    assert nudging.act(db, shown.id, "snooze", now, config).status == "done"


def test_unknown_nudges_and_actions(db, config, now, shown):
    with pytest.raises(NotFound):
        nudging.act(db, "ffffffff", "done", now, config)
    with pytest.raises(InvalidInput):
        nudging.act(db, shown.id, "explode", now, config)
    with pytest.raises(InvalidInput):
        nudging.rate(db, shown.id, 6)
    assert nudging.rate(db, shown.id[:8], 4).rating == nudges.get(db, shown.id).rating == 4
