"""Whether the plan that is shown still holds, on a real store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from coach.config import parse
from coach.core.calendar import CalendarEvent
from coach.core.errors import InvalidInput
from coach.core.plan import Reason
from coach.engine import block_moves, nudge_plan, outdated, plan_why, planning, replanning, tasks
from coach.engine.outdated import Anew
from coach.engine.replanning import WhatIf
from coach.store import blocks, calendars, changes
from tests.engine.test_planning import add, local, meeting

HOUR = timedelta(hours=1)


def said(db, config, now, tz) -> str:
    return outdated.outdated(db, config, now, tz).words


def anew(db, config, now, tz, give_back=False) -> Anew:
    return outdated.anew(db, config, now, tz, give_back=give_back)


def test_without_a_plan_nothing_is_said(db, config, now, tz) -> None:
    add(db, "Report by today 17:00 ~1h", config, now, tz)
    assert not outdated.outdated(db, config, now, tz)


def test_a_new_event_over_a_proposal_asks_nobody_and_is_gone_once_planned_anew(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    (block,) = planning.replan(db, config, now, tz).plan.blocks
    assert said(db, config, now, tz) == ""
    meeting(db, block.start, block.end, now)
    found = outdated.outdated(db, config, now, tz)
    assert found.words == '"Board" lies over "Report" (Fri 20 Nov 11:00)'
    assert not found.asks
    made = anew(db, config, now, tz)
    assert outdated.keep_unasked(db, made, now)
    assert said(db, config, now, tz) == ""
    assert outdated.moved_words(db, made, tz) == \
        'Planned anew, "Board" lies over "Report" (Fri 20 Nov 11:00): "Report" to Fri 12:00'
    meeting(db, local(16), local(17), now)  # touches nothing
    assert said(db, config, now, tz) == ""


def test_an_accepted_block_under_an_event_stays_until_the_person_asks_and_undo_takes_that_back(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    (block,) = planning.apply(db, planning.replan(db, config, now, tz), now)
    meeting(db, block.start, block.end, now)
    found = outdated.outdated(db, config, now, tz)
    assert (found.asks, [b.id for b in found.in_the_way]) == (True, [block.id])
    made = anew(db, config, now, tz)
    assert outdated.keep_unasked(db, made, now) is None
    outdated.keep(db, made, now)
    assert [b.start for b in blocks.with_status(db, "accepted")] == [block.start]
    outdated.keep(db, anew(db, config, now, tz, give_back=True), now)
    assert blocks.with_status(db, "accepted") == []
    (proposed,) = blocks.with_status(db, "proposed")
    assert proposed.start >= block.end
    assert said(db, config, now, tz) == ""
    assert plan_why.why(db, config, block.id, now, tz).said == \
        "its block, Fri 20 Nov 11:00, was given back when the plan was made anew on Fri 20 Nov 11:00"
    changes.undo(db, now)
    assert [b.id for b in blocks.with_status(db, "accepted")] == [block.id]


def test_undoing_a_plan_made_anew_leaves_no_double_once_the_proposals_are_laid_anew_unasked(db, config, now, tz) -> None:
    task = add(db, "Report ~1h", config, now, tz)
    (block,) = planning.apply(db, planning.replan(db, config, now, tz), now)
    meeting(db, block.start, block.end, now)
    outdated.keep(db, anew(db, config, now, tz, give_back=True), now)
    changes.undo(db, now)
    found = outdated.outdated(db, config, now, tz)
    assert (found.signs[0].kind, found.asks, found.unasked) == ("back", True, True)
    assert outdated.keep_unasked(db, anew(db, config, now, tz), now)
    assert [b.id for b in blocks.of_task(db, task.id) if b.status in ("accepted", "proposed")] == [block.id]
    left = outdated.outdated(db, config, now, tz)
    assert ([s.kind for s in left.signs], left.unasked) == (["event"], False)


def test_undoing_a_what_if_leaves_no_proposal_under_an_accepted_block(db, config, now, tz) -> None:
    for i in range(3):
        add(db, f"Task {i} ~2h", config, now, tz)
    held = planning.apply(db, planning.replan(db, config, now, tz, 1), now)
    change = WhatIf(skip=frozenset({held[0].task_id}))
    replanning.apply(db, replanning.what_if(db, config, now, tz, 1, change), change, now)
    assert said(db, config, now, tz) == ""
    changes.undo(db, now)
    (proposed,) = blocks.with_status(db, "proposed")
    assert proposed.start == held[0].start
    found = outdated.outdated(db, config, now, tz)
    assert "lies over" in found.words
    assert (found.signs[0].kind, found.unasked) == ("back", True)
    assert outdated.keep_unasked(db, anew(db, config, now, tz), now)
    assert all(not planning.overlap(a, b) for a in blocks.with_status(db, "accepted") for b in blocks.with_status(db, "proposed"))


def test_a_refusal_that_is_taken_back_before_a_new_plan_is_no_news(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    (block,) = planning.replan(db, config, now, tz).plan.blocks
    planning.reject(db, [block.id], now)
    changes.undo(db, now)
    assert said(db, config, now, tz) == ""
    planning.reject(db, [block.id], now)
    planning.replan(db, config, now, tz)
    changes.undo(db, now)
    assert said(db, config, now, tz).startswith('"Report" has its block back that the plan was made without (Fri 20 Nov 11:00)')


def test_the_time_of_a_block_that_was_given_back_is_offered_again_once_its_meeting_is_cancelled(db, config, now, tz) -> None:
    add(db, "Report by today 12:00 ~1h", config, now, tz)
    (block,) = planning.apply(db, planning.replan(db, config, now, tz), now)
    meeting(db, block.start, block.end, now)
    outdated.keep(db, anew(db, config, now, tz, give_back=True), now)
    calendars.replace_events(db, "c1", [], calendars.LastRead(now))
    (again,) = planning.replan(db, config, now, tz).plan.blocks
    assert again.start == block.start


@pytest.mark.parametrize(("known", "new", "says"), [
    ((), ("",), 'an event lies over "Report" (Fri 20 Nov 11:00)'),
    (("Anna",), ("Anna", "A"), '"A" lies over "Report" (Fri 20 Nov 11:00)'),
    (("Anna",), ("Anna", ""), 'an event lies over "Report" (Fri 20 Nov 11:00)'),
    (("Anna", "Board"), ("Anna", "Board"), ""),
    (("",), ("",), ""),
])
def test_only_the_events_that_a_block_was_put_over_by_hand_are_no_news(db, config, now, tz, known, new, says) -> None:
    def busy(titles: Sequence[str]) -> None:
        calendars.replace_events(db, "c1", [
            CalendarEvent(str(n), block.end, block.end + HOUR, busy=True, title=title) for n, title in enumerate(titles)
        ], calendars.LastRead(now))

    add(db, "Report ~1h", config, now, tz)
    (block,) = planning.apply(db, planning.replan(db, config, now, tz), now)
    meeting(db, local(18), local(19), now)
    busy(known)
    block_moves.resize(db, config, block.id, 15, now, tz, sure=True)
    busy(new)
    assert said(db, config, now, tz) == says


def test_accepted_blocks_that_went_by_are_offered_and_planned_anew_with_what_is_left(db, config, now, tz) -> None:
    for name in ("One p1", "Two p3"):
        add(db, f"{name} ~1h", config, now, tz)
    first, second = planning.apply(db, planning.replan(db, config, now, tz), now)
    assert said(db, config, first.end - timedelta(minutes=1), tz) == ""
    assert said(db, config, first.end, tz) == '"One" was planned until 12:00 and is still open'
    later = second.end + HOUR
    found = outdated.outdated(db, config, later, tz)
    assert found.words == "2 accepted blocks went by and their tasks are still open"
    assert (found.asks, found.in_the_way) == (True, ())
    made = outdated.keep(db, anew(db, config, later, tz, give_back=True), later)
    assert sorted(made.tasks[b.task_id].title for b in made.plan.blocks) == ["One", "Two"]
    assert all(b.start >= later for b in made.plan.blocks)
    assert said(db, config, later, tz) == ""


def test_a_missed_part_is_a_slip_only_where_nothing_was_done_in_it(db, config, now, tz) -> None:
    task = add(db, "Book ~4h", config, now - HOUR, tz)
    parts = planning.replan(db, config, now, tz).plan.blocks
    assert len(parts) > 1
    over = parts[0].end + timedelta(minutes=1)
    assert "still open" in said(db, config, over, tz)
    tasks.start(db, task, parts[0].start)
    assert said(db, config, over, tz) == ""


def test_a_due_before_the_end_of_an_accepted_block_outlasts_a_new_plan(db, config, now, tz) -> None:
    task = add(db, "Report ~1h", config, now, tz)
    planning.apply(db, planning.replan(db, config, now, tz), now)
    tasks.edit_text(db, task, "due:2026-11-20T11:30", config, now, tz)
    words = '"Report" is due Fri 20 Nov 11:30 now, before its block ends'
    assert said(db, config, now, tz) == words
    planning.replan(db, config, now, tz)
    found = outdated.outdated(db, config, now, tz)
    assert (found.words, len(found.in_the_way)) == (words, 1)


@pytest.mark.parametrize("where", ["app", "calendar"])
def test_a_block_that_was_late_when_it_was_accepted_or_moved_is_no_news(db, config, now, tz, where) -> None:
    add(db, "Overdue ~1h due:2026-11-19", config, now, tz)
    report = add(db, "Report ~1h due:2026-11-20T14:00", config, now, tz)
    made = planning.apply(db, planning.replan(db, config, now, tz), now)
    assert said(db, config, now, tz) == ""
    block = next(b for b in made if b.task_id == report.id)
    if where == "app":
        block_moves.move_days(db, config, block.id, 3, now, tz, sure=True)
    else:
        late = replace(block, start=local(11, day=23), end=local(12, day=23), reasons=(Reason("moved", 0.0, "in Work"),))
        planning.decide(db, {"move": [(block, late)]}, now, "block moved in the calendar")
    planning.replan(db, config, now, tz)
    assert said(db, config, now, tz) == ""


def test_an_early_finish_frees_time_for_who_can_use_it(db, config, now, tz) -> None:
    one, two = (add(db, f"{name} ~1h", config, now, tz) for name in ("One", "Two"))
    made = planning.replan(db, config, now, tz).plan.blocks
    planning.accept(db, [b.id for b in made if b.task_id == one.id], now)
    tasks.done(db, [one], now)
    assert said(db, config, now, tz) == '"One" was finished before its block: 60 min is free'
    planning.replan(db, config, now, tz)
    assert said(db, config, now, tz) == ""
    changes.undo(db, now)
    assert said(db, config, now, tz) == ""  # it is as it was when it was planned
    assert two.id in {b.task_id for b in blocks.with_status(db, "proposed")}


def test_a_gap_that_nothing_can_use_is_not_worth_a_word(db, config, now, tz) -> None:
    one = add(db, "One ~1h", config, now, tz)
    planning.apply(db, planning.replan(db, config, now, tz), now)
    tasks.done(db, [one], now)
    assert said(db, config, now, tz) == ""


@pytest.mark.parametrize(("text", "words"), [
    ("~3h", '"Report" is estimated at 3 h now, 60 min when it was planned'),
    ("due:2026-11-20T11:30", '"Report" is due Fri 20 Nov 11:30 now, before its block ends'),
    ("wait:2026-11-24", '"Report" is put off until end of Mon 23 Nov, after its block'),
])
def test_an_edit_that_the_block_was_not_made_for(db, config, now, tz, text, words) -> None:
    task = add(db, "Report ~1h", config, now, tz)
    planning.replan(db, config, now, tz)
    tasks.edit_text(db, task, text, config, now, tz)
    assert said(db, config, now, tz) == words
    changes.undo(db, now)
    assert said(db, config, now, tz) == ""


@pytest.mark.parametrize("text", ["Better title", "~55m", "due:2026-11-20T16:00", "p1 +tag"])
def test_an_edit_that_leaves_the_blocks_right(db, config, now, tz, text) -> None:
    task = add(db, "Report ~1h due:2026-11-30", config, now, tz)
    planning.replan(db, config, now, tz)
    tasks.edit_text(db, task, text, config, now, tz)
    assert said(db, config, now, tz) == ""


def test_a_deleted_task_and_one_that_came_with_a_due(db, config, now, tz) -> None:
    one = add(db, "One ~1h", config, now, tz)
    add(db, "Two ~1h", config, now, tz)
    planning.replan(db, config, now, tz)
    add(db, "Some day", config, now, tz)
    add(db, "In a month due:2026-12-20", config, now, tz)
    assert said(db, config, now, tz) == ""
    tasks.delete(db, [one], now)
    assert said(db, config, now, tz) == '"One" was deleted: 60 min is free'
    add(db, "Soon due:2026-11-21", config, now, tz)
    assert said(db, config, now, tz) == '"One" was deleted: 60 min is free, and 1 more'
    planning.replan(db, config, now, tz)
    assert said(db, config, now, tz) == ""


def test_a_day_that_began_anew_counts_while_there_is_something_to_lay(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    meeting(db, now, now + timedelta(days=2), now)
    planning.replan(db, config, now, tz)
    assert said(db, config, now + timedelta(hours=14), tz) == ""  # 01:00 is still the same day
    assert said(db, config, now + timedelta(hours=20), tz) == "it was made on Fri 20 Nov"
    planning.apply(db, planning.replan(db, config, now, tz), now)
    assert said(db, config, now + timedelta(hours=20), tz) == ""


def test_an_occurrence_that_is_done_is_neither_missed_nor_open(db, config, now, tz) -> None:
    task = add(db, "Stretch every day 12:00 ~30m", config, now, tz)
    block = next(b for b in planning.replan(db, config, now, tz).plan.blocks if b.task_id == task.id)
    tasks.done(db, [task], block.start)
    assert "Stretch" not in said(db, config, block.end + HOUR, tz)


def test_what_was_moved_meanwhile_is_left_alone(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    (block,) = planning.replan(db, config, now, tz).plan.blocks
    meeting(db, block.start, block.end, now)
    made = anew(db, config, now, tz)
    planning.accept(db, [block.id], now)
    assert outdated.keep_unasked(db, made, now) is None
    assert [b.id for b in blocks.with_status(db, "accepted")] == [block.id]


def test_a_plan_that_was_asked_for_takes_back_nothing_that_was_decided_while_it_was_looked_for(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    (block,) = planning.apply(db, planning.replan(db, config, now, tz), now)
    meeting(db, block.start, block.end, now)
    made = anew(db, config, now, tz, give_back=True)
    there = block_moves.move(db, config, block.id, 120, now, tz, sure=True).block
    with pytest.raises(InvalidInput, match="changed while"):
        outdated.keep(db, made, now)
    assert blocks.of_task(db, block.task_id) == [there]
    assert there.status == "accepted"


def test_the_nudge_speaks_while_the_block_goes_on_and_the_plan_after_it(db, config, now, tz) -> None:
    task = add(db, "Report ~1h", config, now - HOUR, tz)
    (block,) = planning.apply(db, planning.replan(db, config, now, tz), now)
    day = local(0), local(23)
    for minute in (20, 59, 60, 90):
        at = block.start + timedelta(minutes=minute)
        nudged = nudge_plan.blocks(db, *day, at).slipping is not None
        assert (nudged, bool(said(db, config, at, tz))) == (minute < 60, minute >= 60), minute
    tasks.snooze(db, [task], block.start + timedelta(days=1), block.start - timedelta(minutes=1))
    assert nudge_plan.blocks(db, *day, block.start + timedelta(minutes=20)).slipping is None
    assert "put off" in said(db, config, block.start - timedelta(minutes=1), tz)


def test_the_setting_takes_ask_and_auto() -> None:
    assert parse({"plan": {"replan": "ask"}}).plan.replan == "ask"
    with pytest.raises(Exception, match=r"plan\.replan = 'always' is unknown"):
        parse({"plan": {"replan": "always"}})
