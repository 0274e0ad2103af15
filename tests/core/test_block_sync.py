"""The three-way merge of a block and its event: what every pair of changes comes to, whatever the times are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coach.core.block_sync import Times, merge

FIRST = datetime(2026, 11, 20, tzinfo=UTC)
HOURS = [Times(FIRST + timedelta(hours=h), FIRST + timedelta(hours=h + 1)) for h in range(3)]
SIDES = st.sampled_from([None, *HOURS])


def both_after(mine: Times | None, theirs: Times | None, base: Times | None) -> tuple[Times | None, Times | None]:
    """The two sides once the step is done."""
    step = merge(mine, theirs, base).step
    if step in ("create", "push"):
        return mine, mine
    if step == "pull":
        return theirs, theirs
    return (mine, theirs) if step in ("keep", "forget") else (None, None)


@given(mine=SIDES, theirs=SIDES, base=SIDES)
def test_after_one_step_both_sides_agree_and_another_changes_nothing(mine, theirs, base) -> None:
    if base is None and mine is None:
        return  # nothing ever stood there
    a, b = both_after(mine, theirs, base)
    assert a == b
    assert merge(a, b, a) == merge(a, a, a)
    assert not merge(a, b, a).conflict


@given(mine=SIDES, theirs=SIDES, base=SIDES)
def test_a_change_is_never_lost_to_a_side_that_did_not_change(mine, theirs, base) -> None:
    if base is None:
        return
    after, _ = both_after(mine, theirs, base)
    if mine == base:
        assert after == theirs
    elif theirs == base:
        assert after == mine
    else:
        assert after in (mine, theirs)
        assert after is not None or (mine is None and theirs is None), "a change outlives a deletion"
        assert merge(mine, theirs, base).conflict == (mine != theirs)
