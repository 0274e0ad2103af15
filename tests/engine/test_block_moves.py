"""Blocks that are moved and resized by hand: what makes room, which limits break, what is still true of the reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from coach.core.errors import InvalidInput
from coach.core.plan import Block, Reason, Unplaced
from coach.core.plan_limits import KINDS
from coach.core.task import Task
from coach.engine import block_moves, plan_why, planning, tasks
from coach.store import blocks, changes
from coach.store.db import Connection
from tests.engine.test_planning import add, local, meeting

# Now is Friday 2026-11-20, 11:00 in Berlin; work is from 9 to 17.


def stand(
    db: Connection, now: datetime, placed: dict[str, tuple[Task, datetime, datetime]], unplaced: tuple[Unplaced, ...] = (),
) -> None:
    """Those blocks are the plan that is shown, up to Monday."""
    found = [Block(name, task.id, start, end) for name, (task, start, end) in placed.items()]
    blocks.replace_proposals(db, found, unplaced, now, local(0, day=23).date() + timedelta(days=1))


def spans(db: Connection, status: str = "proposed") -> dict[str, tuple[datetime, datetime]]:
    return {b.id: (b.start, b.end) for b in blocks.with_status(db, status)}


def test_what_a_move_displaces_gets_another_place_in_the_same_action(db, config, now, tz) -> None:
    call, test, other = (add(db, text, config, now, tz) for text in ("Call ~45m", "Tests ~1h p2", "Read"))
    stand(db, now, {"call": (call, local(12), local(12, 45)), "test": (test, local(13), local(14)),
                    "read": (other, local(14, 15), local(15))})
    before = spans(db)
    found = block_moves.move(db, config, "call", 30, now, tz)
    assert (found.block.start, found.block.status) == (local(12, 30), "accepted")
    (title, there), = found.elsewhere
    assert (title, found.lost) == ("Tests", ())
    after = spans(db)
    assert after["read"] == before["read"]
    assert after["test"] == (there.start, there.end) != before["test"]
    assert there.end - there.start == timedelta(hours=1)
    taken = [(found.block.start, found.block.end), after["read"]]
    assert all(end + timedelta(minutes=10) <= there.start or there.end + timedelta(minutes=10) <= start for start, end in taken)
    assert there.reasons[0].text == 'made room for "Call", which you put at its time'
    assert changes.undo(db, now).label == "move block"
    assert (spans(db), spans(db, "accepted")) == (before, {})


def test_a_due_is_kept_where_a_displaced_block_can_keep_it(db, config, now, tz) -> None:
    call, test = add(db, "Call ~1h", config, now, tz), add(db, "Tests ~1h p2 due:2026-11-20T14:00", config, now, tz)
    stand(db, now, {"call": (call, local(15), local(16)), "test": (test, local(13), local(14))})
    (_, there), = block_moves.move(db, config, "call", -120, now, tz).elsewhere
    assert there.end <= local(14)


def test_what_has_no_other_place_is_listed_with_what_took_it(db, config, now, tz) -> None:
    call, test = add(db, "Call ~1h", config, now, tz), add(db, "Tests by 2026-11-20T13:00 ~1h", config, now, tz)
    stand(db, now, {"call": (call, local(14), local(15)), "test": (test, local(12), local(13))})
    meeting(db, local(11), local(12), now)
    found = block_moves.move(db, config, "call", -120, now, tz)
    (title, left), = found.lost
    assert (title, left.reason) == ("Tests", '"Call" took its place')
    assert left in blocks.unplaced(db)
    assert left.would_fit_if
    assert planning.blocks_between(db, local(0), local(0, day=21)) == [found.block]
    told = plan_why.why(db, config, str(test.num), now, tz)
    assert (told.blocks, told.unplaced) == ((), left)
    assert told.said == 'its block, Fri 20 Nov 12:00, is out of the plan since Fri 20 Nov 11:00: "Call" took its place'
    assert "out of the plan" in plan_why.why(db, config, "test", now, tz).said
    changes.undo(db, now)
    assert blocks.unplaced(db) == []
    assert spans(db)["test"] == (local(12), local(13))
    block_moves.move(db, config, "call", -120, now, tz)
    again = block_moves.move(db, config, "call", 75, now, tz)
    assert [(title, b.start, b.status) for title, b in again.elsewhere] == [("Tests", local(12), "proposed")]
    assert (blocks.unplaced(db), spans(db)["test"]) == ([], (local(12), local(13)))
    changes.undo(db, now)
    assert [u.task_id for u in blocks.unplaced(db)] == [test.id]
    planning.replan(db, config, now, tz, 1)
    assert blocks.with_status(db, blocks.DISPLACED) == []


def test_what_counts_most_gets_its_place_first(db, config, now, tz) -> None:
    call, much, little = (add(db, text, config, now, tz) for text in (
        "Call ~15m", "Essay by 2026-11-20T17:00 ~1h p1", "Read by 2026-11-20T17:00 ~30m"))
    stand(db, now, {"call": (call, local(16, 45), local(17)), "read": (little, local(12, 15), local(12, 45)),
                    "much": (much, local(11), local(12))})
    meeting(db, local(12, 45), local(16, 45), now)
    assert [title for title, _ in block_moves.move(db, config, "call", -345, now, tz).lost] == ["Essay"]
    found = block_moves.move(db, config, "call", 75, now, tz)
    assert ([(title, b.start) for title, b in found.elsewhere], [title for title, _ in found.lost]) == (
        [("Essay", local(11))], ["Read"])


def test_a_long_block_that_makes_room_is_cut_where_it_fits_in_no_other_way(db, config, now, tz) -> None:
    call, long = add(db, "Call ~1h", config, now, tz), add(db, "Essay by 2026-11-20T17:00 ~2h", config, now, tz)
    stand(db, now, {"call": (call, local(16), local(17)), "long": (long, local(13), local(15))})
    meeting(db, local(11), local(12, 45), now)
    found = block_moves.move(db, config, "call", -180, now, tz)
    assert [(b.start, b.minutes) for _, b in found.elsewhere] == [(local(14, 15), 120)]
    changes.undo(db, now)
    again = block_moves.move(db, config, "call", -120, now, tz)
    assert sum(b.minutes for _, b in again.elsewhere) == 120
    assert len(again.elsewhere) == 2
    changes.undo(db, now)
    assert set(spans(db)) == {"call", "long"}


def test_a_step_goes_on_past_events_and_accepted_blocks(db, config, now, tz) -> None:
    call, test = add(db, "Call ~30m", config, now, tz), add(db, "Tests ~1h", config, now, tz)
    stand(db, now, {"call": (call, local(12), local(12, 30)), "test": (test, local(13), local(14))})
    meeting(db, local(14), local(14, 50), now)
    planning.accept(db, ["test"], now)
    assert block_moves.move(db, config, "call", 15, now, tz).block.start == local(12, 15)
    assert block_moves.move(db, config, "call", 15, now, tz).block.start == local(12, 30)
    assert block_moves.move(db, config, "call", 15, now, tz).block.start == local(15)
    assert block_moves.move(db, config, "call", -15, now, tz).block.start == local(12, 30)
    with pytest.raises(InvalidInput, match="before now"):
        block_moves.move(db, config, "call", -120, now, tz)
    with pytest.raises(InvalidInput, match='taken by "Tests"'):
        block_moves.resize(db, config, "call", 45, now, tz)


def test_another_day_takes_the_nearest_free_time(db, config, now, tz) -> None:
    call, test = add(db, "Call ~1h", config, now, tz), add(db, "Tests ~1h", config, now, tz)
    stand(db, now, {"call": (call, local(12), local(13)), "test": (test, local(12, day=23), local(13, day=23))})
    planning.accept(db, ["test"], now)
    found = block_moves.move_days(db, config, "call", 3, now, tz, sure=False)
    assert (found.asks, found.block.start) == (False, local(13, day=23))


@pytest.mark.parametrize(("text", "act", "words"), [
    ("Call ~1h by 2026-11-20T15:00", lambda *a, **k: block_moves.move(*a[:3], 60, *a[3:], **k),
     "after its hard deadline Fri 20 Nov 15:00"),
    ("Call ~1h", lambda *a, **k: block_moves.move(*a[:3], 180, *a[3:], **k), "outside working hours"),
    ("Call ~1h", lambda *a, **k: block_moves.move_days(*a[:3], 1, *a[3:], **k), "on a day without work"),
    ("Call ~1h", lambda *a, **k: block_moves.resize(*a[:3], 30, *a[3:], **k), 'over "Board"'),
])
def test_a_broken_limit_is_asked_about_once_and_told_of(db, config, now, tz, text, act, words) -> None:
    call = add(db, text, config, now, tz)
    stand(db, now, {"call": (call, local(14), local(15))})
    meeting(db, local(15, 15), local(15, 45), now)
    asked = act(db, config, "call", now, tz, sure=False)
    assert (asked.asks, [r.text for r in asked.breaks]) == (True, [words])
    assert spans(db) == {"call": (local(14), local(15))}
    sure = act(db, config, "call", now, tz, sure=True)
    assert (sure.asks, [r.text for r in sure.breaks]) == (False, [words])
    told = plan_why.why(db, config, "call", now, tz)
    assert [r.text for r in told.breaks["call"]] == [words]
    assert [r.text for r in told.blocks[0].reasons if r.kind in KINDS] == [f"it stands {words}"]
    again = block_moves.resize(db, config, "call", -15, now, tz, sure=False)
    assert not again.asks


def test_reasons_that_are_still_true_stay_and_the_others_go(db, config, now, tz) -> None:
    add(db, "Call ~1h p2 due:2026-11-20T16:30", config, now, tz)
    made = planning.replan(db, config, now, tz, 1)
    (old,) = made.plan.blocks
    stays = Reason("part", 1, "part 1 of 2, 2 h in all")
    gone = Reason("stability", 0, "stays where the plan had it")
    blocks.replace_proposals(db, [replace(old, reasons=(*old.reasons, stays, gone))], [], now)
    found = block_moves.move(db, config, old.id, 60, now, tz).block
    by_kind = {r.kind: r for r in found.reasons}
    assert found.reasons[0].text == "you moved it here"
    slack = int((local(16, 30) - found.end).total_seconds() // 60)
    assert by_kind["due"].value == slack
    assert by_kind["estimate"] == next(r for r in old.reasons if r.kind == "estimate")
    assert by_kind["priority"].value == 2
    assert by_kind["part"] == stays
    assert {"stability", "gap"}.isdisjoint(by_kind)
    longer = block_moves.resize(db, config, old.id, 15, now, tz).block
    assert [r.kind for r in longer.reasons][:2] == ["resized", "moved"]


def test_how_sure_a_length_is_goes_with_the_length_of_all_blocks_of_the_task(db, config, now, tz) -> None:
    for n in range(14):
        done = add(db, f"Essay {n} ~60m", config, now, tz)
        tasks.update(db, done, now, actual_min=40 + 8 * n)
        tasks.done(db, [tasks.find(db, done.id)], now)
    essay = add(db, "Essay on rivers ~3h", config, now, tz)
    planning.replan(db, config, now, tz, 2)
    own = blocks.of_task(db, essay.id)
    assert len(own) > 1
    long = max(own, key=lambda b: b.minutes).id
    (before,) = {b.confidence for b in own}
    assert before is not None
    assert before >= 0.5
    block_moves.resize(db, config, long, 60, now, tz)
    (longer,) = {b.confidence for b in blocks.of_task(db, essay.id)}
    assert longer > before
    changes.undo(db, now)
    assert {b.confidence for b in blocks.of_task(db, essay.id)} == {before}
    block_moves.resize(db, config, long, -30, now, tz)
    (shorter,) = {b.confidence for b in blocks.of_task(db, essay.id)}
    assert shorter < before
    text = next(r.text for r in blocks.of_task(db, essay.id)[0].reasons if r.kind == "estimate")
    assert f"{shorter * 100:.0f} % sure" in text


def test_a_rejected_block_says_so_and_when(db, config, now, tz) -> None:
    call = add(db, "Call ~1h", config, now, tz)
    (block,) = planning.replan(db, config, now, tz, 1).plan.blocks
    planning.reject(db, [block.id], now + timedelta(minutes=5))
    words = "you rejected its block, Fri 20 Nov 11:00, on Fri 20 Nov 11:05; it is not offered at that time again"
    for ref in (str(call.num), block.id):
        assert plan_why.why(db, config, ref, now, tz).said == words


def test_a_task_that_is_put_off_says_until_when(db, config, now, tz) -> None:
    late = add(db, "Taxes ~1h wait:2026-12-24", config, now, tz)
    planning.replan(db, config, now, tz, 1)
    assert plan_why.why(db, config, str(late.num), now, tz).said == (
        "it is put off until Thu 24 Dec, after the days of the plan")


def test_undo_after_a_new_plan_takes_back_what_is_still_there(db, config, now, tz) -> None:
    call, test = add(db, "Call ~1h", config, now, tz), add(db, "Tests by 2026-11-20T13:00 ~1h", config, now, tz)
    stand(db, now, {"call": (call, local(14), local(15)), "test": (test, local(12), local(13))})
    meeting(db, local(11), local(12), now)
    assert block_moves.move(db, config, "call", -120, now, tz).lost
    planning.replan(db, config, now, tz, 1)
    undone = changes.undo(db, now)
    assert ("block", "call") in undone.records
    assert blocks.find(db, "call").status == "proposed"
    assert blocks.with_status(db, blocks.DISPLACED) == []
    assert [b.task_id for b in planning.replan(db, config, now, tz, 1).plan.blocks] == [test.id, call.id]
