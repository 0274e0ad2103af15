"""How much a task is being avoided, 0 to 100, and what says so. Pure; times are seconds of the epoch.

The score is the weighted mean of those of eight signs that can be known of the task (`SIGNS`), each 0 to 1. Seven are measured
against the task's own time, so that a person who avoids everything scores high; "rhythm" against the person's own usual, as a
percentile (MODELS.md 1.9); "displacement" wants tracked time. What is unknown, such as a deadline for a task without a due, is
left out, not counted as good. What presses is the earliest due that the task had (`pressing_s`): a due that is moved later or
taken away takes nothing off the score, and is itself a sign. The weights were chosen on simulated people of family A with seeds
below a million; what lies near them does about as well."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

VERSION = 2
"""Of the formula; every stored score carries it."""

DAY_S = 86_400.0
SIGNS: tuple[tuple[str, float], ...] = (
    ("start delay", 4.0), ("snoozes", 3.0), ("late", 1.0), ("deadline", 0.5), ("edits", 1.0), ("inactive", 2.0),
    ("displacement", 1.5), ("rhythm", 1.0),
)
"""Each sign with its weight."""

WAIT_HALF_DAYS = 7.0
"""A task without a due is half way to "never begun" after so many days."""
LATE_HALF_DAYS, INACTIVE_HALF_DAYS = 3.0, 14.0
EDIT_LEAVES = 0.7
"""Each edit without progress leaves so much of what speaks against avoidance; each snooze half."""
LAST_SHARE = 0.2
"""The last part of a task's time: work that falls there was put off (MODELS.md 1.9)."""
LEAST_WINDOW_S = 3600.0
LEAST_OWN = 20
"""Finished tasks of the person, below which there is no usual to compare with."""
HIGH, CLEAR, LEAST_ACTS = 70, 0.8, 4
"""A task is called avoided from this score on, if it also waits longer than this share of the person's own tasks and was put off
or edited without progress so many times: a task that merely was not reached is not called so. Among many tasks one was put off
three times by chance: of 400 simulated people with nothing to find, 4 had such a task, 1 had one of four times."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of a task. It could have been begun from `open_s` on: its creation, or the time until which it was hidden at
    first. `due_s` is the end of its due. `begun_s` is the first work on it that is known of, its end if it was done without
    any. `snoozes_s` are also the times at which a due was moved to a later day or taken away. `edits_s` are changes that
    were no progress: titles, notes, projects, but not dues. `work` are (time, minutes) of work on it; `opened` are (time,
    distracted minutes, tracked minutes) of the half hours after it was started. `group` is its category. `dues_s` are (since
    when, due or None) of all dues that it had, the present one last; empty where it never was changed."""

    id: str
    open_s: float
    due_s: float | None = None
    begun_s: float | None = None
    ended_s: float | None = None
    done: bool = False
    snoozes_s: tuple[float, ...] = ()
    edits_s: tuple[float, ...] = ()
    work: tuple[tuple[float, float], ...] = ()
    opened: tuple[tuple[float, float, float], ...] = ()
    group: str = ""
    dues_s: tuple[tuple[float, float | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Usual:
    """The person's own waits in days, from when a task could have been begun until it was, in order: of finished tasks with a due
    and of those without."""

    dated: tuple[float, ...] = ()
    undated: tuple[float, ...] = ()

    def percentile(self, wait_days: float, *, dated: bool) -> float | None:
        """Share of the own waits below this one, ties by half; None with fewer than LEAST_OWN."""
        own = self.dated if dated else self.undated
        if len(own) < LEAST_OWN:
            return None
        return (bisect_left(own, wait_days) + bisect_right(own, wait_days)) / 2 / len(own)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sign: its numbers in words, where they come from, how strong it is (0 to 1) and how many of the score's points are
    its own."""

    sign: str
    text: str
    source: str
    strength: float
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """`value` 0 to 100 as of a time; `percentile` of its wait among the person's own, None where too few are known. `unknown` are
    the signs that nothing is known of; `acts` how often it was put off or edited without progress."""

    value: float
    percentile: float | None
    acts: int
    evidence: tuple[Evidence, ...]
    unknown: tuple[str, ...]
    version: int = VERSION

    @property
    def avoided(self) -> bool:
        """Whether to call the task avoided."""
        return self.value >= HIGH and (self.percentile or 0.0) >= CLEAR and self.acts >= LEAST_ACTS


def pressing_s(one: Story, at_s: float) -> float | None:
    """The earliest due that it had by then; None where it had none."""
    if not one.dues_s:
        return one.due_s
    return min((due_s for since_s, due_s in one.dues_s if since_s <= at_s and due_s is not None), default=None)


def usual(stories: Iterable[Story], before_s: float) -> Usual:
    """From the tasks that were done before a time."""
    dated, undated = list[float](), list[float]()
    for one in stories:
        if one.done and one.ended_s is not None and one.ended_s <= before_s:
            (undated if pressing_s(one, before_s) is None else dated).append(_wait_s(one, before_s) / DAY_S)
    return Usual(tuple(sorted(dated)), tuple(sorted(undated)))


def strengths(one: Story, at_s: float, own: Usual) -> tuple[float | None, ...]:
    """Each sign in the order of SIGNS, 0 to 1, as of a time or of the task's end, if that was before; None where unknown."""
    end_s = at_s if one.ended_s is None else min(at_s, one.ended_s)
    wait_s, due_s = _wait_s(one, end_s), pressing_s(one, end_s)
    begun = one.begun_s is not None and one.begun_s <= end_s
    return (
        _delay(one, wait_s, due_s), 1 - 0.5 ** _until(one.snoozes_s, end_s), _late(due_s, end_s),
        _deadline(one, end_s, due_s, begun=begun), 1 - EDIT_LEAVES ** _idle_edits(one, end_s),
        1 - 0.5 ** (_inactive_s(one, end_s) / DAY_S / INACTIVE_HALF_DAYS),
        _displaced(one, end_s), own.percentile(wait_s / DAY_S, dated=due_s is not None),
    )


def value(found: Sequence[float | None]) -> float:
    """The score, 0 to 100, from the strengths."""
    above = below = 0.0
    for strength, (_, weight) in zip(found, SIGNS, strict=True):
        if strength is not None:
            above += weight * strength
            below += weight
    return 100 * above / below


def score(one: Story, at_s: float, own: Usual) -> Score:
    """The score of a task with its evidence, the strongest first. The task must have been open before that time."""
    found = strengths(one, at_s, own)
    end_s = at_s if one.ended_s is None else min(at_s, one.ended_s)
    whole = sum(weight for strength, (_, weight) in zip(found, SIGNS, strict=True) if strength is not None)
    lines = [
        Evidence(name, *_said(one, name, end_s, own), strength, 100 * weight * strength / whole)
        for strength, (name, weight) in zip(found, SIGNS, strict=True) if strength is not None
    ]
    unknown = tuple(name for strength, (name, _) in zip(found, SIGNS, strict=True) if strength is None)
    wait = own.percentile(_wait_s(one, end_s) / DAY_S, dated=pressing_s(one, end_s) is not None)
    acts = _until(one.snoozes_s, end_s) + _idle_edits(one, end_s)
    return Score(value(found), wait, acts, tuple(sorted(lines, key=lambda line: -line.points)), unknown)


def _wait_s(one: Story, end_s: float) -> float:
    """From when the task could have been begun until it was, or until now."""
    until = end_s if one.begun_s is None else min(one.begun_s, end_s)
    return max(0.0, until - one.open_s)


def _window_s(one: Story, due_s: float) -> float:
    return max(LEAST_WINDOW_S, due_s - one.open_s)


def _delay(one: Story, wait_s: float, due_s: float | None) -> float:
    """(start - created) / (due - created), at most 1; without a due the wait on a scale that halves every week."""
    if due_s is None:
        return float(1 - 0.5 ** (wait_s / DAY_S / WAIT_HALF_DAYS))
    return min(1.0, wait_s / _window_s(one, due_s))


def _late(due_s: float | None, end_s: float) -> float | None:
    if due_s is None:
        return None
    return float(1 - 0.5 ** (max(0.0, end_s - due_s) / DAY_S / LATE_HALF_DAYS))


def _deadline(one: Story, end_s: float, due_s: float | None, *, begun: bool) -> float | None:
    """Share of the work that fell into the last fifth of the task's time, or after it; where no minutes are known, whether it was
    begun only there. None without a due, and before that fifth."""
    if due_s is None:
        return None
    last_s = one.open_s + (1 - LAST_SHARE) * _window_s(one, due_s)
    known = [(s, minutes) for s, minutes in one.work if s <= end_s]
    if whole := sum(minutes for _, minutes in known):
        return sum(minutes for s, minutes in known if s >= last_s) / whole
    if begun:
        return float((one.begun_s or 0.0) >= last_s)
    return 1.0 if end_s >= last_s else None


def _inactive_s(one: Story, end_s: float) -> float:
    """The longest time without anything done about the task; a snooze is nothing done."""
    marks = [one.open_s, *(s for s in (*one.edits_s, *(w[0] for w in one.work)) if one.open_s < s < end_s), end_s]
    if one.begun_s is not None and one.open_s < one.begun_s < end_s:
        marks.append(one.begun_s)
    marks.sort()
    return max((b - a for a, b in pairwise(marks)), default=0.0)


def _displaced(one: Story, end_s: float) -> float | None:
    known = [(lost, whole) for s, lost, whole in one.opened if s <= end_s and whole > 0]
    return sum(lost for lost, _ in known) / sum(whole for _, whole in known) if known else None


def _idle_edits(one: Story, end_s: float) -> int:
    """Edits before it was begun."""
    until = end_s if one.begun_s is None else min(end_s, one.begun_s)
    return sum(s <= until for s in one.edits_s)


def _until(times: Sequence[float], end_s: float) -> int:
    return sum(1 for s in times if s <= end_s) if times else 0


def _said(one: Story, sign: str, end_s: float, own: Usual) -> tuple[str, str]:
    """The numbers of a sign in words, and where they come from."""
    wait_s, due_s = _wait_s(one, end_s), pressing_s(one, end_s)
    first = "its first due" if due_s != one.due_s else "its due"
    begun = one.begun_s is not None and one.begun_s <= end_s
    waited = f"{'begun' if begun else 'not begun'} after {_days(wait_s)}"
    if sign == "start delay":
        if due_s is None:
            return f"{waited}; no due", "task: created, started"
        if due_s != one.due_s:
            return f"{waited}; first due {_days(_window_s(one, due_s))} after it could be begun", "change log: dues"
        return f"{waited}; due {_days(_window_s(one, due_s))} after it could be begun", "task: created, started, due"
    if sign == "snoozes":
        snoozes = _until(one.snoozes_s, end_s)
        return f"put off {_times(snoozes)}" if snoozes else "never put off", "change log: snoozes, dues moved later"
    if sign == "late":
        late_s = max(0.0, end_s - (due_s or 0.0))
        return (f"{_days(late_s)} past {first}" if late_s else "not late"), "task: due, completed"
    if sign == "deadline":
        known = [(s, minutes) for s, minutes in one.work if s <= end_s]
        if known:
            share = _deadline(one, end_s, due_s, begun=begun) or 0.0
            total = sum(minutes for _, minutes in known)
            return f"{share:.0%} of {total:.0f} min of work in the last fifth of its time", "tracked time accepted for it"
        when = ("only in" if _deadline(one, end_s, due_s, begun=True) else "before") if begun else "by"
        return f"{'begun' if begun else 'not begun'} {when} the last fifth of its time", "task: started, completed, due"
    if sign == "edits":
        idle = _idle_edits(one, end_s)
        said = f"edited {_times(idle)} before it was begun" if idle else "never edited"
        return said, "change log: title, notes, project"
    if sign == "inactive":
        return f"nothing done about it for {_days(_inactive_s(one, end_s))} in a row", "change log, tracked time"
    if sign == "displacement":
        halves = [(lost, whole) for s, lost, whole in one.opened if s <= end_s and whole > 0]
        lost, whole = sum(x for x, _ in halves), sum(x for _, x in halves)
        return f"{lost:.0f} of {whole:.0f} min after starting it went to distractions", "tracked time, categories"
    waits = own.dated if due_s is not None else own.undated
    kind = "with" if due_s is not None else "without"
    share = own.percentile(wait_s / DAY_S, dated=due_s is not None) or 0.0
    return f"waits longer than {share:.0%} of your {len(waits)} finished tasks {kind} a due", "your finished tasks"


def _days(seconds: float) -> str:
    days = seconds / DAY_S
    if days < 1:
        return f"{seconds / 3600:.0f} h"
    return f"{days:.0f} {'day' if round(days) == 1 else 'days'}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
