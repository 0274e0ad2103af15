"""A terminal that flips between programs makes no noise, and loses no program that stays."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from coach.tracker.programs import title_of
from coach.tracker.settle import HOLD_S, SETTLE_S, Settle


def test_the_first_state_counts_at_once_and_a_lasting_one_soon() -> None:
    settle: Settle[str] = Settle()
    seen = [settle.see("bash" if t < 5 else "vim", t) for t in range(12)]
    assert seen[0] == "bash"
    assert seen.index("vim") == 5 + SETTLE_S


def test_a_pane_that_flips_every_second_is_one_state() -> None:
    settle: Settle[str] = Settle()
    assert {settle.see("make" if t % 2 else "bash", float(t)) for t in range(600)} == {"bash"}


def test_a_loop_of_short_commands_takes_over_from_what_was_there_before() -> None:
    settle: Settle[str] = Settle()
    for t in range(60):
        settle.see("vim", float(t))
    after = [settle.see(("make", "sleep", "make", "bash")[t % 4], float(t)) for t in range(60, 180)]
    assert after[-1] == "make"
    assert after.index("make") <= HOLD_S + 1
    assert sum(a != b for a, b in pairwise(after)) == 1


@example([("a", 1.0), ("b", 5.0), ("b", 2.7), ("c", 4.608414547905168), ("c", 3.0), ("c", 1.0)])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.1, 20)), min_size=1, max_size=60))
def test_changes_are_as_rare_as_promised_and_always_to_something_seen(looks: list[tuple[str, float]]) -> None:
    settle: Settle[str] = Settle()
    now, changed_at, last = 0.0, 0.0, ""
    for state, step in looks:
        now += step
        counts = settle.see(state, now)
        if last and counts != last:
            assert now - changed_at >= SETTLE_S - 1e-6 or step >= SETTLE_S
            changed_at = now
        changed_at = changed_at if last else now
        last = counts
        assert counts in {s for s, _ in looks}


def test_waiting_for_a_worker_is_a_state_of_its_own() -> None:
    assert title_of("cargo", 2) == "cargo"
    assert title_of("cargo", 45) == "waiting for cargo"
    assert title_of("vim", 4500) == "vim"
