from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, parse
from coach.core.calendar import Calendar, CalendarEvent
from coach.core.change import create
from coach.core.errors import InvalidInput, NotFound
from coach.core.plan import Block, feasible
from coach.core.task import Task
from coach.engine import block_moves, estimating, plan_why, planning, profile, tasks
from coach.store import blocks, calendars, changes, rollups
from coach.store.db import Connection

# The fixture's now is Friday 2026-11-20, 11:00 in Berlin; work ends at 17:00.


def add(db: Connection, text: str, config: Config, now: datetime, tz: ZoneInfo) -> Task:
    return tasks.add(db, text, config, now, tz)


def meeting(db: Connection, start: datetime, end: datetime, now: datetime, busy: bool = True) -> None:
    calendar = Calendar("c1", "Work", "file", "/nowhere.ics", now)
    if not calendars.every(db):
        changes.apply(db, [create("calendar", "c1", calendars.values(calendar))], now=now, label="add calendar")
    calendars.replace_events(db, "c1", [CalendarEvent("u", start, end, busy=busy, title="Board")],
                             calendars.LastRead(now))


def local(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def today(db: Connection) -> list[Block]:
    return planning.blocks_between(db, local(0), local(0, day=21))


def test_why_takes_the_number_of_a_task_and_tells_of_one_without_a_place(db, config, now, tz) -> None:
    short, long = add(db, "Report ~1h p1", config, now, tz), add(db, "Book by today ~9h", config, now, tz)
    fresh = plan_why.why(db, config, str(short.num), now, tz)
    assert (fresh.blocks, fresh.unplaced) == ((), None)
    assert "coach plan" in fresh.said
    made = planning.replan(db, config, now, tz, 1)
    (block,) = made.plan.blocks
    assert plan_why.why(db, config, str(short.num), now, tz).blocks == (block,)
    assert plan_why.why(db, config, block.id[:8], now, tz).task.id == short.id
    left = plan_why.why(db, config, str(long.num), now, tz)
    assert (left.blocks, left.unplaced.task_id, left.said) == ((), long.id, "")
    with pytest.raises(NotFound):
        plan_why.why(db, config, "999", now, tz)


def test_lengths_that_people_in_general_need_reach_the_plan(db, config, now, tz) -> None:
    add(db, "Write the essay", config, now, tz)
    (block,) = planning.replan(db, config, now, tz).plan.blocks
    (reason,) = [r for r in block.reasons if r.kind == "estimate"]
    assert reason.value == estimating.estimate(db, "Write the essay", config, now, tz).planned_min
    assert "people in general" in reason.text
    assert block.confidence is None


def test_open_tasks_are_placed_around_meetings_with_reasons(db, config, now, tz) -> None:
    soon = add(db, "Report by today 17:00 ~2h p1", config, now, tz)
    add(db, "Xyzzy", config, now, tz)
    meeting(db, local(11), local(14), now)
    made = planning.replan(db, config, now, tz)
    assert feasible(made.instance, made.plan.blocks) == []
    assert (made.blocks[0].start, made.blocks[0].task_id) == (local(14), soon.id)
    assert {"due", "priority", "gap"} <= {r.kind for r in made.blocks[0].reasons}
    other = next(b for b in made.blocks if b.task_id != soon.id)
    assert ("estimate", 30) in [(r.kind, r.value) for r in other.reasons]
    assert other.start >= made.blocks[0].end + timedelta(minutes=10)


def test_free_events_are_not_busy_and_a_whole_week_away_leaves_no_room(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    meeting(db, local(0), local(0, day=27), now, busy=False)
    assert planning.propose(db, config, now, tz).plan.blocks
    meeting(db, local(0), local(0, day=27), now)
    made = planning.propose(db, config, now, tz)
    assert made.plan.blocks == ()
    assert made.unplaced[0].reason == "no working time is free in the days planned"


def test_accepting_is_remembered_and_the_rest_is_planned_around_it(db, config, now, tz) -> None:
    first, second = (add(db, f"Task {i} ~1h", config, now, tz) for i in (1, 2))
    made = planning.replan(db, config, now, tz)
    chosen = made.plan.blocks[0]
    planning.accept(db, [chosen.id[:8]], now)
    again = planning.replan(db, config, now, tz)
    assert [b.status for b in again.blocks if b.id == chosen.id] == ["accepted"]
    assert {b.task_id for b in again.plan.blocks} == {first.id, second.id} - {chosen.task_id}
    assert len(again.blocks) == 2


def test_a_refused_time_is_not_offered_again_until_undone(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    block = planning.replan(db, config, now, tz).plan.blocks[0]
    planning.reject(db, [block.id], now)
    assert planning.propose(db, config, now, tz).plan.blocks[0].start != block.start
    changes.undo(db, now)
    assert plan_why.find(db, block.id).status == "proposed"
    assert planning.propose(db, config, now, tz).plan.blocks[0].start == block.start


def test_applying_a_plan_is_one_undo_step(db, config, now, tz) -> None:
    for i in range(3):
        add(db, f"Task {i} ~45m", config, now, tz)
    planning.apply(db, planning.replan(db, config, now, tz), now)
    assert [b.status for b in today(db)] == ["accepted"] * 3
    assert changes.undo(db, now).label == "accept 3 blocks"
    assert [b.status for b in today(db)] == ["proposed"] * 3


def test_a_moved_block_is_accepted_and_may_be_replaced_where_it_was(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    block = planning.replan(db, config, now, tz).plan.blocks[0]
    moved = block_moves.move(db, config, block.id, 120, now, tz).block
    assert (moved.start - block.start, moved.status) == (timedelta(hours=2), "accepted")
    second = add(db, "Call ~1h", config, now, tz)
    planning.replan(db, config, now, tz)
    planning.reject(db, [moved.id], now)
    again = planning.replan(db, config, now, tz)
    assert {b.task_id for b in again.plan.blocks} == {block.task_id, second.id}
    assert len({b.id for b in again.blocks} | {moved.id}) == 3
    with pytest.raises(InvalidInput, match="before now"):
        block_moves.move(db, config, again.plan.blocks[0].id, -600, now, tz)


def test_a_completed_task_makes_its_blocks_done_and_reopening_takes_that_back(db, config, now, tz) -> None:
    task = add(db, "Report ~1h", config, now, tz)
    planning.apply(db, planning.replan(db, config, now, tz), now)
    tasks.done(db, [task], now)
    assert [b.status for b in today(db)] == ["done"]
    assert planning.propose(db, config, now, tz).blocks == ()
    changes.undo(db, now)
    assert [b.status for b in today(db)] == ["accepted"]


def test_a_done_occurrence_of_a_series_makes_that_days_block_done(db, config, now, tz) -> None:
    task = add(db, "Stretch every day 15:00 ~30m", config, now, tz)
    planning.apply(db, planning.replan(db, config, now, tz), now)
    tasks.done(db, [task], now)
    assert [b.status for b in today(db)] == ["done"]


def test_waiting_and_blocked_tasks_are_held_back_and_named(db, config, now, tz) -> None:
    first = add(db, "Draft ~1h", config, now, tz)
    second = add(db, f"Send depends:{first.num} ~15m", config, now, tz)
    later = add(db, "Later ~15m wait:2026-11-24", config, now, tz)
    add(db, "Next year ~15m wait:2027-11-24", config, now, tz)
    made = planning.replan(db, config, now, tz, 7)
    assert next(b for b in made.blocks if b.task_id == later.id).start >= local(9, day=24)
    assert [(u.task_id, u.reason) for u in made.unplaced] == [(second.id, f"it waits for task {first.num}")]
    assert [(u.task_id, u.would_fit_if) for u in blocks.unplaced(db)] == [(second.id, f"task {first.num} is done")]


def test_what_was_measured_is_taken_off_the_estimate(db, config, now, tz) -> None:
    task = add(db, "Report ~2h", config, now, tz)
    tasks.update(db, task, now, actual_min=75)
    assert sum(b.minutes for b in planning.propose(db, config, now, tz).blocks) == 45
    tasks.update(db, tasks.find(db, task.id), now, actual_min=500)
    assert sum(b.minutes for b in planning.propose(db, config, now, tz).blocks) == 45  # three tenths of two hours, in quarters


def test_the_focus_profile_needs_a_fortnight_and_finds_the_good_hour(db, now, tz) -> None:
    today = now.astimezone(tz).date()
    for back in range(1, 29):
        if back == 14:
            assert profile.focus_profile(db, today) is None
        day = (today - timedelta(days=back)).isoformat()
        for hour in range(9, 17):
            rollups.set_focus(db, day, hour, 1, 0.9 if hour == 10 else 0.4, 3_600_000)
    found = profile.focus_profile(db, today)
    assert found is not None
    assert len(found) == 168
    assert max(range(24), key=lambda h: found[h]) == 10
    assert 0.4 < found[10] < 0.9


def test_the_plan_uses_the_profile_and_says_so(db, config, now, tz) -> None:
    for back in range(1, 22):
        for hour in range(9, 17):
            day = (now.date() - timedelta(days=back)).isoformat()
            rollups.set_focus(db, day, hour, 1, 0.9 if hour == 15 else 0.3, 3_600_000)
    add(db, "Think ~1h p1", config, now, tz)
    block = planning.propose(db, config, now, tz, 1).plan.blocks[0]
    assert block.start == local(15)
    assert "focus" in {r.kind for r in block.reasons}


def test_night_work_and_unknown_blocks(db, now, tz) -> None:
    night = parse({"time": {"work_start": "22:00", "work_end": "02:00", "work_days": ["fri"]}})
    assert planning.work_hours(night.time) == {4: ((1320, 1560),)}
    with pytest.raises(NotFound):
        planning.accept(db, ["nothing-like-it"], now)
    with pytest.raises(InvalidInput):
        planning.propose(db, night, now, tz, 0)
