"""The exam of the avoidance score: unseen simulated people, each judged by what they did with half a year of tasks, against the
latent impulsiveness that makes them put off: `Person.impulsive`, Gamma of temporal motivation theory (Steel and König 2006), per
day of delay. Against the snooze rate and the share of overdue tasks alone. Placebo people put nothing off for a reason: whoever
of them is told anything is a false alarm.

The formula was chosen on people with seeds below a million."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from coach.core import avoided
from coach.core.avoidance import DAY_S, VERSION, Story, score, usual
from coach.core.avoided import LEVEL_WEEKS
from coach.core.errors import InvalidInput
from coach.core.when import end_of

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
TZ = ZoneInfo("Europe/Berlin")
DAYS = 180
RESAMPLES = 2000
LEAST_PEOPLE = 5
NAMES = ("score", "snooze rate", "overdue share")
BARS = {"A": 0.7, "B": 0.5}
MOST_TOLD = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A person: the latent, what the score and the baselines say (None with too few tasks), and the kinds of claims made."""

    impulsive: float
    score: float | None
    snooze_rate: float
    overdue: float
    claims: tuple[str, ...]


def exam(users: int, family: str, seed: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """Figures on `users` people of a family from `seed` on, with 95 % intervals by a bootstrap over people. Raises InvalidInput
    for fewer people than can be ranked."""
    if users < LEAST_PEOPLE:
        raise InvalidInput(f"ranks need {LEAST_PEOPLE} people or more", "--users 50")
    people, took = [], []
    for n, number in enumerate(range(seed, seed + users)):
        if n % 10 == 0:
            progress(f"{n} of {users} people of family {family}")
        told = stories(number, family)
        begin = time.perf_counter()
        people.append(judged(*told))
        took.append((time.perf_counter() - begin) * 1000)
    told_n = sum(bool(one.claims) for one in people)
    result: dict[str, Any] = {
        "name": "avoidance", "family": family, "users": users, "seed": seed, "formula": VERSION, "days": DAYS,
        "latent": "Person.impulsive (Gamma of temporal motivation theory, per day)",
        "without_a_score": sum(one.score is None for one in people), "mean_score": _mean([one.score for one in people]),
        "spearman": _correlations(people), "told": told_n, "told_share": round(told_n / users, 4),
        "told_by_kind": dict(Counter(kind for one in people for kind in one.claims).most_common()),
        "ms_a_person": round(sorted(took)[len(took) // 2], 2),
    }
    result["bars"] = _bars(result, family)
    return result


def stories(seed: int, family: str) -> tuple[float, list[Story]]:
    """(impulsiveness, stories of the tasks without a rule) of a person: what creation, due, snoozes and end tell; none of the
    work between them is seen."""
    from coach.simulation.task_life import task_life

    life = task_life(DAYS, seed, NOW, TZ, family)
    last, snoozes = {}, dict[str, list[float]]()
    for step in life.steps:
        if step.series is None and step.task.recurrence is None:
            last[step.task.id] = step.task
            if step.action == "snooze":
                snoozes.setdefault(step.task.id, []).append(step.at.timestamp())
    found = []
    for task in last.values():
        end = task.completed or task.deleted
        found.append(Story(
            task.id, task.created.timestamp(), None if task.due is None else end_of(task.due, TZ).timestamp(),
            None if task.completed is None else task.completed.timestamp(), None if end is None else end.timestamp(),
            task.status == "completed", tuple(snoozes.get(task.id, ())), group=str(life.truth[task.id]["category"]),
        ))
    return life.person.impulsive, found


def judged(impulsive: float, told: Sequence[Story]) -> Judged:
    """A person by the stories of their tasks, as of NOW."""
    now_s = NOW.timestamp()
    found = avoided.counted(told, now_s)
    weeks = avoided.weeks_of(found, told, [now_s - 7 * DAY_S * n for n in range(LEVEL_WEEKS, -1, -1)])
    own = usual(told, now_s)
    claims = [one.kind for one in avoided.claims(weeks, found)]
    if any(score(one, now_s, own).avoided for one in told if one.ended_s is None):
        claims.append("avoided task")
    over = [one for one in told if one.due_s is not None and one.due_s <= now_s]
    overdue = [one for one in over if not one.done or (one.ended_s or 0.0) > (one.due_s or 0.0)]
    return Judged(
        impulsive, avoided.level(weeks, told).score, sum(len(one.snoozes_s) for one in told) / max(1, len(told)),
        len(overdue) / max(1, len(over)), tuple(claims),
    )


def _correlations(people: Sequence[Judged]) -> dict[str, Any]:
    """Spearman's of each with the latent, over those with a score."""
    import numpy as np

    from coach.ml.scoring import interval, spearman

    rows = [[[one.impulsive, one.score, one.snooze_rate, one.overdue]] for one in people if one.score is not None]
    found = {}
    for k, name in enumerate(NAMES, start=1):
        i = interval([np.asarray(row) for row in rows], lambda r, k=k: spearman(r[:, 0], r[:, k]), n=RESAMPLES)  # type: ignore[misc]
        found[name] = {"value": _short(i.value), "low": _short(i.low), "high": _short(i.high), "n": i.n}
    return found


def _bars(result: dict[str, Any], family: str) -> dict[str, Any]:
    if family == "placebo":
        share = result["told_share"]
        return {"told_share": {"decides": share, "bar": f"<= {MOST_TOLD}", "met": bool(share <= MOST_TOLD)}}
    mine = result["spearman"]["score"]
    bar = BARS[family]
    return {
        "spearman": {"decides": mine["value"], "bar": f">= {bar}", "met": bool((mine["value"] or 0.0) >= bar)},
        "spearman_low_end": {"decides": mine["low"], "bar": f">= {bar}", "met": bool((mine["low"] or 0.0) >= bar)},
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [x for x in values if x is not None]
    return round(fmean(known), 2) if known else None


def _short(x: float) -> float | None:
    """JSON has no NaN: where one side never changes there is no correlation."""
    return None if x != x else round(x, 4)
