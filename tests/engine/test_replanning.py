from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from coach.config import parse
from coach.core.errors import InvalidInput, NotFound
from coach.engine import block_moves, plan_horizon, plan_instance, plan_why, planning, productivity, replanning, tasks
from coach.engine.plan_effects import effects
from coach.engine.planning_hours import category_hours
from coach.engine.productivity import Productivity
from coach.engine.replanning import WhatIf
from coach.store import blocks, changes, erase, plan_signals
from tests.engine.test_planning import add, local, meeting


def test_a_what_if_shows_the_difference_and_changes_nothing(db, config, now, tz) -> None:
    first, second, third = (add(db, f"Task {i} ~2h", config, now, tz) for i in (1, 2, 3))
    shown = planning.replan(db, config, now, tz, 1)
    assert len(shown.unplaced) == 1  # six hours hold two of two hours each and the breaks between them
    (left,) = shown.unplaced
    skipped = next(t for t in (first, second, third) if t.id != left.task_id)
    made = replanning.what_if(db, config, now, tz, 1, WhatIf(skip=frozenset({skipped.id})))
    assert [b.task_id for b in made.change.removed] == [skipped.id]
    assert made.change.found == (left.task_id,)
    assert blocks.with_status(db, "proposed") == list(shown.plan.blocks)
    assert planning.titles(db, made.change)[skipped.id] == skipped.title


def test_a_task_left_out_by_a_what_if_gives_back_its_accepted_block(db, config, now, tz) -> None:
    first, second, third = (add(db, f"Task {i} ~2h", config, now, tz) for i in (1, 2, 3))
    planning.apply(db, planning.replan(db, config, now, tz, 1), now)
    held = blocks.with_status(db, "accepted")
    assert len(held) == 2
    skipped = next(t for t in (first, second, third) if t.id == held[0].task_id)
    change = WhatIf(skip=frozenset({skipped.id}))
    made = replanning.what_if(db, config, now, tz, 1, change)
    assert [b.start for b in made.plan.blocks] == [held[0].start]
    planning.apply(db, replanning.apply(db, made, change, now), now)
    assert skipped.id not in {b.task_id for b in blocks.with_status(db, "accepted")}
    assert len(blocks.with_status(db, "accepted")) == 2


def test_a_what_if_that_is_applied_is_one_action(db, config, now, tz) -> None:
    for i in range(4):
        add(db, f"Task {i} ~1h", config, now, tz)
    first, second, third, _ = planning.apply(db, planning.replan(db, config, now, tz, 2), now)
    before = {b.id: (b.status, b.start) for b in blocks.with_status(db, "accepted")}
    change = WhatIf(skip=frozenset({first.task_id}), move={second.id: 1440})
    made = replanning.what_if(db, config, now, tz, 2, change)
    replanning.apply(db, made, change, now, accept=True)
    assert blocks.find(db, second.id).start == second.start + timedelta(days=1)
    assert blocks.find(db, first.id).status == "rejected"
    changes.undo(db, now)
    assert {b.id: (b.status, b.start) for b in blocks.with_status(db, "accepted")} == before
    assert blocks.find(db, third.id).status == "accepted"


def test_a_task_left_out_says_nothing_of_the_time_it_stood_at(db, config, now, tz) -> None:
    for i in range(3):
        add(db, f"Task {i} ~1h #Writing", config, now, tz)
    _, first, second = planning.apply(db, planning.replan(db, config, now, tz, 2), now)
    later = now + timedelta(minutes=5)
    told, works = plan_signals.since(db, now), productivity.known(db, config, later, tz)
    change = WhatIf(skip=frozenset({first.task_id, second.task_id}))
    replanning.apply(db, replanning.what_if(db, config, later, tz, 2, change), change, later)
    assert {blocks.find(db, b.id).status for b in (first, second)} == {"rejected"}
    assert "was left out by a what-if on" in plan_why.why(db, config, first.id, later, tz).said
    assert not any(one.not_at for one in plan_instance.given(db, config, later, tz, 2).instance.tasks)
    assert plan_signals.since(db, now) == told
    after = productivity.known(db, config, later, tz)
    assert (after.taken, after.decided, after.leanings) == (works.taken, works.decided, works.leanings) == (1.0, 3, ())
    changes.undo(db, later)
    assert {blocks.find(db, b.id).status for b in (first, second)} == {"accepted"}
    assert plan_signals.since(db, now, standing=True) == told


def test_a_what_if_moves_nothing_that_need_not_move(db, config, now, tz) -> None:
    for i in range(5):
        add(db, f"Task {i} ~{45 + 15 * (i % 3)}m p{1 + i % 4} tomorrow", config, now, tz)
    shown = planning.replan(db, config, now, tz, 3)
    last = shown.plan.blocks[-1]
    free = replanning.what_if(db, config, now, tz, 3, WhatIf(move={last.id: 60}))
    assert [b.task_id for b, _ in free.change.moved] == [last.task_id]
    hit = shown.plan.blocks[1]
    pushed = replanning.what_if(db, config, now, tz, 3, WhatIf(move={shown.plan.blocks[0].id: 60}))
    there = next(b for b in pushed.kept if b.task_id == shown.plan.blocks[0].task_id)
    must = {b.task_id for b in shown.plan.blocks if b.start < there.end and there.start < b.end}
    assert hit.task_id in must
    assert {b.task_id for b, _ in pushed.change.moved} <= must | {shown.plan.blocks[0].task_id}


def test_a_shortened_task_makes_room(db, config, now, tz) -> None:
    one, two = (add(db, f"Task {i} ~{h}h", config, now, tz) for i, h in ((1, 5), (2, 2)))
    shown = planning.replan(db, config, now, tz, 1)
    assert len(shown.unplaced) == 1
    made = replanning.what_if(db, config, now, tz, 1, WhatIf(minutes={one.id: 60}))
    assert made.unplaced == ()
    assert sum(b.minutes for b in made.plan.blocks if b.task_id == one.id) == 60
    with pytest.raises(InvalidInput, match="0 minutes"):
        replanning.what_if(db, config, now, tz, 1, WhatIf(minutes={two.id: 0}))


def test_a_moved_block_counts_as_accepted_and_the_rest_goes_around_it(db, config, now, tz) -> None:
    for i in (1, 2):
        add(db, f"Task {i} ~1h", config, now, tz)
    first, second = planning.replan(db, config, now, tz, 1).plan.blocks
    step = int((second.start - first.start).total_seconds() // 60)
    change = WhatIf(move={first.id: step})
    made = replanning.what_if(db, config, now, tz, 1, change)
    assert [(b.start, b.status) for b in made.kept] == [(second.start, "accepted")]
    assert blocks.find(db, first.id).start == first.start
    replanning.apply(db, made, change, now)
    assert blocks.find(db, first.id).status == "accepted"
    assert [b.task_id for b in blocks.with_status(db, "proposed")] == [second.task_id]
    with pytest.raises(InvalidInput, match="before now"):
        replanning.what_if(db, config, now, tz, 1, WhatIf(move={first.id: -600}))
    with pytest.raises(InvalidInput, match="by 7 min"):
        replanning.what_if(db, config, now, tz, 1, WhatIf(move={first.id: 7}))
    with pytest.raises(NotFound):
        replanning.what_if(db, config, now, tz, 1, WhatIf(move={"ffffffff": 15}))


def test_a_what_if_says_which_limits_it_breaks_and_what_the_days_then_hold(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    meeting(db, local(14), local(15), now)
    (block,) = planning.replan(db, config, now, tz, 1).plan.blocks
    change = WhatIf(move={block.id: int((local(14, 30) - block.start).total_seconds() // 60)})
    made = replanning.what_if(db, config, now, tz, 1, change)
    found = effects(db, config, made)
    assert [(b.start, [r.text for r in broken]) for b, broken in found.breaks] == [(local(14, 30), ['over "Board"'])]
    assert [(d.day, d.planned_min, d.free_min) for d in found.loads] == [(local(12).date(), 60, 300)]
    replanning.apply(db, made, change, now)
    (kept,) = blocks.with_status(db, "accepted")
    assert [r.text for r in kept.reasons][:2] == ["you moved it here", 'it stands over "Board"']
    assert "estimate" in {r.kind for r in kept.reasons}


def test_a_what_if_reaches_as_far_as_the_plan_that_is_shown(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    add(db, "Taxes ~1h wait:2026-11-27", config, now, tz)
    short, long = planning.replan(db, config, now, tz, 9).plan.blocks
    assert long.start > now + timedelta(days=config.plan.days)
    made = replanning.what_if(db, config, now, tz, None, WhatIf(move={short.id: 15}))
    assert [b.id for b in made.plan.blocks] == [long.id]
    assert made.change.removed == ()
    assert made.instance.days == plan_horizon.shown_days(db, config, now, tz) == 9
    planning.replan(db, config, now, tz, 1)
    assert (plan_horizon.shown_days(db, config, now, tz), plan_horizon.days_ahead(db, config, now, tz)) == (1, config.plan.days)


def test_a_new_meeting_moves_what_it_touches_and_little_else(db, config, now, tz) -> None:
    for i in range(8):
        add(db, f"Task {i} ~45m", config, now, tz)
    shown = planning.replan(db, config, now, tz, 4)
    hit = shown.plan.blocks[2]
    meeting(db, hit.start, hit.end, now)
    again = planning.replan(db, config, now, tz, 4)
    assert again.change.moved_share <= 0.25 + 1 / 8
    assert any(r.kind == "stability" for b in again.plan.blocks for r in b.reasons)


def test_a_plan_that_slipped_or_is_of_another_day_is_held_loosely(db, config, now, tz) -> None:
    task, other = (add(db, f"{name} ~1h", config, now, tz) for name in ("Report", "Letter"))
    shown = planning.replan(db, config, now, tz).plan.blocks
    first = next(b for b in shown if b.task_id == task.id)

    def firmness(at):
        return planning.propose(db, config, at, tz, quick=True).instance.firmness

    meeting(db, first.start, first.end, now)
    assert firmness(now) == 1.0
    assert firmness(shown[0].end + timedelta(minutes=1)) == plan_instance.LOOSE
    assert firmness(now + timedelta(days=1)) == plan_instance.LOOSE
    tasks.done(db, [other], now)
    assert firmness(now) == plan_instance.LOOSE


def test_decisions_are_kept_as_signals_that_undo_leaves(db, config, now, tz) -> None:
    for i in range(3):
        add(db, f"Task {i} ~1h", config, now, tz)
    first, second, third = planning.replan(db, config, now, tz).plan.blocks
    planning.accept(db, [first.id], now)
    planning.reject(db, [second.id], now)
    moved = block_moves.move(db, config, third.id, 120, now, tz).block
    changes.undo(db, now)
    found = plan_signals.since(db, now - timedelta(days=1))
    assert [(s.kind, s.task_id) for s in found] == [
        ("accept", first.task_id), ("reject", second.task_id), ("move", third.task_id)]
    assert (found[2].offered, found[2].start) == (third.start, moved.start)
    assert plan_signals.since(db, now + timedelta(minutes=1)) == []
    tasks.delete(db, [tasks.find(db, first.task_id)], now)
    erase.purge_deleted(db, now)
    assert len(plan_signals.since(db, now - timedelta(days=1))) == 2
    works = productivity.learned(db, config, now, tz)
    assert (works.decided, works.taken) == (2, 0.0)


def test_a_cancelled_plan_is_not_kept(db, config, now, tz) -> None:
    add(db, "Report ~1h", config, now, tz)
    shown = planning.replan(db, config, now, tz)
    add(db, "Call ~1h", config, now, tz)
    assert planning.replan(db, config, now, tz, cancelled=lambda: True).cancelled
    assert blocks.with_status(db, "proposed") == list(shown.plan.blocks)


def test_categories_have_hours_of_their_own(db, config, now, tz) -> None:
    settings = parse({"plan": {"hours": ["Office 15:00-16:00"]}})
    add(db, "Expenses #office ~30m", settings, now, tz)
    block = planning.propose(db, settings, now, tz).plan.blocks[0]
    assert (block.start, block.minutes) == (local(15), 30)
    assert category_hours(["Writing mon-tue,fri 09:00-12:00"]) == {"writing": dict.fromkeys((0, 1, 4), ((540, 720),))}
    for wrong in ("Office", "Office xyz 15:00-16:00", "Office 25:00-26:00"):
        with pytest.raises(InvalidInput, match="hours"):
            category_hours([wrong])


def test_how_a_person_works_shapes_the_plan(db, config, now, tz, monkeypatch) -> None:
    works = Productivity(now.date(), focus_min=30, long_focus_min=50, stretches=40, switch_min=22.0, switches=30,
                         day_min=300.0, days=20)
    assert productivity.longest_block_min(works, 120) == 60
    assert productivity.longest_block_min(replace(works, long_focus_min=10), 120) == 45
    assert productivity.longest_block_min(replace(works, long_focus_min=None), 120) == 120
    assert productivity.between_blocks_min(works, 10) == 22
    assert productivity.tires_after_min(works, 0) == 300
    assert productivity.tires_after_min(works, 240) == 240
    monkeypatch.setattr(productivity, "known", lambda *_: works)
    add(db, "Report ~2h", config, now, tz)
    given = plan_instance.given(db, config, now, tz, 2)
    assert (given.instance.break_min, given.instance.tire_after_min) == (22, 300)
    made = planning.propose(db, config, now, tz)
    assert [b.minutes for b in made.plan.blocks] == [60, 60]
    assert made.plan.blocks[1].start - made.plan.blocks[0].end >= timedelta(minutes=22)


def test_the_profile_says_what_it_waits_for_and_is_kept_for_the_day(db, config, now, tz) -> None:
    found = productivity.remember(db, config, now, tz)
    assert productivity.known(db, config, now, tz) == found
    assert (found.peaks, found.focus_min, found.switch_min) == ((), None, None)
    assert all("not before" in line or "none was" in line for line in found.lines())
