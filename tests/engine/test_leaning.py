"""What decisions on blocks teach the plan: gathered from the store, said in the profile and in the reasons, and forgotten."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from coach.core import leaning as core
from coach.core.change import create
from coach.core.errors import InvalidInput
from coach.core.plan import Block
from coach.core.when import iso
from coach.engine import block_moves, everything, leaning, plan_why, planning, productivity, tasks
from coach.store import blocks, changes, erase, plan_signals, whole
from tests.engine.test_planning import add, local

MOVED = "you moved Writing into the morning 6 times"
OUT = "you moved Writing out of the afternoon 6 of 6 times"


def offered(db, config, now, tz, text: str, start) -> Block:
    """An hour's block that Coach proposes for a new task at that time."""
    task = add(db, f"{text} ~1h", config, now, tz)
    block = Block(f"b{task.num:04d}-{text}", task.id, start, start + timedelta(hours=1))
    blocks.replace_proposals(db, [block], [], now)
    return block


def taught(db, config, now, tz, moves: int = 6, day: int = 21) -> None:
    """Writing is moved from the afternoon into the morning, in steps; Admin is kept wherever it is offered."""
    for n in range(moves):
        at = now + timedelta(minutes=n)
        page = offered(db, config, at, tz, f"Page {n} #Writing", local(15, day=day + n))
        block_moves.move(db, config, page.id, -15, at, tz)
        block_moves.move(db, config, page.id, -285, at, tz)
        for hour in (12, 13, 15):
            planning.accept(db, [offered(db, config, at, tz, f"Bill {n} {hour} #Admin", local(hour, day=day + n)).id], at)


def test_moves_become_a_preference_that_the_profile_the_plan_and_the_reasons_say(db, config, now, tz) -> None:
    taught(db, config, now, tz)
    found = productivity.known(db, config, now + timedelta(hours=1), tz)
    assert [one.words for one in found.leanings] == [MOVED, OUT]
    assert any(line.startswith(OUT) for line in found.lines())
    productivity.keep(db, found)
    assert productivity.last(db) == found
    assert json.loads(json.dumps(found.document()))["leanings"][0]["kind"] == "Writing"
    add(db, "Chapter ~1h #Writing", config, now, tz)
    for task, _ in tasks.open_by_urgency(db, config, now):
        if task.title != "Chapter":
            tasks.done(db, [task], now)
    (block,) = planning.replan(db, config, local(8, day=30), tz, 1).plan.blocks
    assert [r.text for r in plan_why.why(db, config, block.id, now, tz).blocks[0].reasons if r.kind == "leaning"] == [
        f"{MOVED}: {found.leanings[0].focus:+.2f} focus here"]


def test_a_decision_teaches_at_once_and_no_longer_when_it_is_undone(db, config, now, tz) -> None:
    productivity.remember(db, config, now, tz)
    taught(db, config, now, tz)
    later = now + timedelta(hours=1)
    assert productivity.known(db, config, later, tz).leanings
    assert len(plan_signals.since(db, now)) == len(plan_signals.since(db, now, standing=True))
    for _ in range(24 + 30):  # each task was an action, each decision another
        changes.undo(db, later)
    assert plan_signals.since(db, now, standing=True) == []
    assert productivity.known(db, config, later, tz).leanings == ()


def test_it_is_solved_again_only_where_there_is_something_new(db, config, now, tz, monkeypatch) -> None:
    taught(db, config, now, tz)
    later = now + timedelta(hours=1)
    read, solved = [], []
    monkeypatch.setattr(leaning, "_decided", lambda *given, of=leaning._decided: read.append(1) or of(*given))
    monkeypatch.setattr(core, "learnt", lambda *given, of=core.learnt: solved.append(1) or of(*given))

    def asked(at) -> tuple[bool, int, int]:
        read.clear()
        solved.clear()
        return productivity.remember(db, config, at, tz).leanings != (), len(read), len(solved)

    assert asked(later) == (True, 1, 1)
    assert asked(later + timedelta(minutes=20)) == (True, 0, 0)
    add(db, "Buy a lamp", config, later, tz)
    assert asked(later + timedelta(hours=1)) == (True, 1, 0)  # something was edited, yet nothing that teaches
    bill = next(t for t, _ in tasks.open_by_urgency(db, config, later) if t.project == "Admin")
    tasks.update(db, bill, later, category="Errands")
    assert asked(later + timedelta(hours=1)) == (True, 1, 1)
    planning.reject(db, [offered(db, config, later, tz, "Page #Writing", local(10, day=28)).id], later)
    assert asked(later + timedelta(hours=1)) == (True, 1, 1)
    changes.undo(db, later)
    assert asked(later + timedelta(hours=1)) == (True, 1, 1)
    assert asked(later + timedelta(days=1)) == (True, 1, 1)
    assert asked(later + timedelta(days=1)) == (True, 0, 0)


def test_accepted_blocks_that_go_by_are_looked_at_though_nothing_was_written(db, config, now, tz) -> None:
    block = offered(db, config, now, tz, "Page #Writing", local(15))
    planning.accept(db, [block.id], now)
    stamp = plan_signals.stamp(db, block.start)
    assert stamp == plan_signals.stamp(db, now)
    assert stamp != plan_signals.stamp(db, block.end)


def test_nudges_refusals_of_all_and_everything_accepted_teach_nothing(db, config, now, tz) -> None:
    for n in range(8):
        page = offered(db, config, now, tz, f"Page {n} #Writing", local(14, day=21 + n))
        block_moves.move(db, config, page.id, -30, now, tz)
        planning.accept(db, [offered(db, config, now, tz, f"Bill {n} #Admin", local(10, day=21 + n)).id], now)
    assert leaning.learned(db, config, now, tz).leanings == ()


def test_where_the_work_was_done_is_held_against_where_it_was_planned(db, config, now, tz) -> None:
    for n in range(20):
        kind, worked = ("Writing", 10) if n % 2 else ("Admin", 15)
        block = offered(db, config, now, tz, f"Task {n} #{kind}", local(15) - timedelta(days=n + 1))
        db.execute("UPDATE block SET status = 'accepted' WHERE id = ?", (block.id,))
        start = local(worked) - timedelta(days=n + 1)
        session = {"task_id": block.task_id, "start": iso(start), "planned_end": None, "end": iso(start + timedelta(minutes=50)),
                   "label": ""}
        changes.apply(db, [create("focus_session", f"s{n}", session)], now=now, label="focus")
    found = leaning.learned(db, config, now, tz).leanings
    assert {(one.kind, one.part, one.focus > 0) for one in found} >= {("Writing", 1, True)}
    assert "you worked on Writing in the morning 10 times when it was planned elsewhere" in {one.words for one in found}
    assert not [one for one in found if one.kind == "Admin"]


@pytest.mark.parametrize(("name", "value"), [
    ("kind", "liked"), ("at", "yesterday"), ("offered", "2026-11-20T10:00:00"), ("minutes", -5.0), ("minutes", None)])
def test_a_decision_in_a_file_that_coach_did_not_write_is_refused(name: str, value: object) -> None:
    row = {"at": "2026-11-20T10:00:00Z", "kind": "move", "block_id": "b", "task_id": "t", "offered": "2026-11-20T10:00:00Z",
           "start": "2026-11-20T10:00:00Z", "minutes": 30.0}
    whole.check("plan_signal", row, "line 1")
    with pytest.raises(InvalidInput, match="not what Coach writes"):
        whole.check("plan_signal", {**row, name: value}, "line 1")


def test_it_is_forgotten_when_asked_and_with_its_tasks_and_goes_out_with_everything(db, config, now, tz) -> None:
    taught(db, config, now, tz)
    later = now + timedelta(hours=1)
    assert sum('"plan_signal"' in line for line in everything.pieces(db, now)) == len(plan_signals.since(db, now))
    productivity.remember(db, config, later, tz)
    assert leaning.forget(db, later) == 30
    assert productivity.known(db, config, later, tz).leanings == ()
    for task, _ in tasks.open_by_urgency(db, config, later):
        tasks.delete(db, [task], later)
    erase.purge_deleted(db, later)
    taught(db, config, later, tz)
    assert productivity.remember(db, config, later + timedelta(hours=1), tz).leanings
    for task, _ in tasks.open_by_urgency(db, config, later):
        tasks.delete(db, [task], later)
    erase.purge_deleted(db, later)
    assert plan_signals.since(db, now) == []
    assert productivity.last(db) is None
