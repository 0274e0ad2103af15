from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from coach.core.plan import Unplaced
from coach.core.plan_diff import difference, difference_json
from tests.core.test_plan import at


def test_blocks_that_stay_move_come_and_go_are_told_apart() -> None:
    stays, goes, old = at(9, 60, "stays"), at(10, 60, "goes"), at(11, 60, "moves")
    new, comes = replace(old, start=old.start + timedelta(hours=2), end=old.end + timedelta(hours=2)), at(15, 30, "comes")
    found = difference([stays, goes, old], [new, stays, comes], ([Unplaced("comes", "", "")], [Unplaced("goes", "full", "room")]))
    assert (found.kept, found.moved, found.added, found.removed) == ((stays,), ((old, new),), (comes,), (goes,))
    assert ([u.task_id for u in found.lost], found.found) == (["goes"], ("comes",))
    assert found.moved_share == 2 / 3
    assert not found.empty
    tree = difference_json(found)
    assert tree["moved"][0]["from"]["start"] == "2026-11-23T11:00:00Z"
    assert tree["moved"][0]["to"]["start"] == "2026-11-23T13:00:00Z"


def test_parts_of_a_task_are_matched_with_those_that_did_not_move_first() -> None:
    first, second, other = at(9, 60), at(11, 60), at(14, 60)
    found = difference([first, second], [second, other])
    assert (found.kept, found.moved) == ((second,), ((first, other),))


def test_the_same_plan_is_no_difference() -> None:
    assert difference([at(9, 60)], [at(9, 60)]).empty
    assert difference([], []).moved_share == 0.0
