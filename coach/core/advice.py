"""What to try with a task that is likely to be late: a fixed catalogue, chosen by Thompson's rule (1933) on what helped this
person.

Each action has a Beta distribution over "accepted, then done in time"; one draw from each, and the greatest wins: what has
helped is advised more often, and what was never tried keeps its chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

PRIOR = (2.0, 2.0)
"""Helped and failed, before anything is known of the person."""
SPLIT_MIN, TIMEBOX_MIN, TWO_MINUTE_DAYS, DROP_DAYS = 60, 30, 3, 21
UNLIKELY = 0.7
"""Advice is given below this chance of being on time, or of being done within the coming month."""
DROP_CHANCE = 0.5

ACTIONS: Mapping[str, str] = {
    "split": "split it: two pieces of {half} min, the first with a date of its own",
    "timebox": "timebox it: {box} min on the clock, then stop wherever you are",
    "good hour": "move it to a good hour: {hour}",
    "two minutes": "begin with two minutes: open it and do the first step, no more",
    "drop": "drop it: delete it, or give it a date that you mean",
}
"""The catalogue, in words."""
SHORT: Mapping[str, str] = {
    "split": "split a big task, the first piece with a date of its own", "timebox": "put a task on the clock and stop at its end",
    "good hour": "move a task to an hour of good focus", "two minutes": "begin with two minutes and no more",
    "drop": "drop what you do not mean to do",
}
"""The same of no task in particular."""


@dataclass(frozen=True, slots=True)
class Case:
    """A task that advice is wanted for. `good_hour` is when the person focuses best, in words, empty where nobody knows."""

    minutes: int | None
    age_days: int
    snoozed: int
    has_due: bool
    due_today: bool
    chance: float
    good_hour: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One action in words, with how often it helped this person: `helped` of `tried` times."""

    action: str
    text: str
    helped: int
    tried: int

    def words(self) -> str:
        known = f"it helped you {self.helped} of {self.tried} times" if self.tried else "not tried with you yet"
        return f"usually helps: {self.text} ({known})"


def fitting(case: Case) -> list[str]:
    """The actions that make sense for it."""
    if case.chance >= UNLIKELY:
        return []
    long = case.minutes or 0
    tests = {
        "split": long >= SPLIT_MIN, "timebox": long >= TIMEBOX_MIN or case.minutes is None,
        "good hour": bool(case.good_hour) and not case.due_today,
        "two minutes": case.age_days >= TWO_MINUTE_DAYS or case.snoozed > 0,
        "drop": not case.has_due and case.age_days >= DROP_DAYS and case.chance < DROP_CHANCE,
    }
    return [action for action in ACTIONS if tests[action]]


def choose(case: Case, results: Sequence[tuple[str, bool]], seed: str) -> Advice | None:
    """The advice for a case, given what came of the earlier ones (action, helped); the same seed, the same advice. None where
    none is needed."""
    able = fitting(case)
    return drawn(able, case, results, seed) if able else None


def drawn(able: Sequence[str], case: Case, results: Sequence[tuple[str, bool]], seed: str) -> Advice:
    """One of the actions, by Thompson's rule."""
    luck = Random(seed)
    tally = {action: (sum(h for a, h in results if a == action), sum(a == action for a, _ in results)) for action in able}
    chances = {a: luck.betavariate(PRIOR[0] + helped, PRIOR[1] + n - helped) for a, (helped, n) in tally.items()}
    best = max(able, key=chances.__getitem__)
    minutes = case.minutes or 30
    text = ACTIONS[best].format(half=max(5, round(minutes / 2)), box=min(25, minutes), hour=case.good_hour)
    return Advice(best, text, *tally[best])
