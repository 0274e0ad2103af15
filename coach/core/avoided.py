"""What a person avoids: the score of weeks, its trend, and what may be said of it beyond chance. Pure; times are seconds of the
epoch.

Each task counts once in the score of weeks: in the week in which it ended, or two weeks after it could have been begun if it is
open then. So neither what was noted yesterday nor what has lain for a year weighs more than the rest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean

from coach.core.avoidance import DAY_S, LAST_SHARE, VERSION, Story, pressing_s, strengths, usual, value
from coach.core.burstiness import burstiness
from coach.core.discovery import at_least, benjamini_hochberg, two_sided
from coach.core.stats import median

COUNTS_DAYS = 14.0
FREE_DAYS = 10.0
"""A due so far away does not press: a task counts in full from there on, and without one. What is due sooner counts by the square
of its share of that time, for a near due makes those begin who put off (Steel and König 2006), and so hides it."""
LEAST_N = 5.0
"""Weight of tasks that a week needs for a score."""
LEVEL_WEEKS = 26
LEAST_WEEKS = 4
"""Weeks with a score that are needed to speak of a level; LEAST_TREND for a trend."""
LEAST_TREND = 10
RATE = 0.0005
"""Each of the four kinds of claims may be chance in so many people with nothing to find."""
LEAST_DATED, LAST_MARGIN = 20, 0.1
LEAST_CLUSTER, CLUSTER_ABOVE, CLUSTER_SCORE = 15, 15.0, 48.0
"""Long tasks end later whoever has them, and so score somewhat higher: a category counts as put off only well above that."""
TREND_POINTS, TREND_SCORE = 10.0, 35.0
SNOOZED_SHARE, LEAST_SNOOZED, EXACT_N = 0.2, 30, 500


@dataclass(frozen=True, slots=True)
class Counted:
    """A task at the time at which it counts: its score then and its weight."""

    story: Story
    at_s: float
    score: float
    weight: float


@dataclass(frozen=True, slots=True)
class Week:
    """A week from `start_s`. `score` is None where the tasks that count weigh less than LEAST_N. `n` tasks counted; `snoozes`
    were made; of `due` tasks that were done and had one, `on_time` were in time; `latency_days` is the median from when a task
    could have been begun to its end."""

    start_s: float
    score: float | None
    n: int
    snoozes: int
    done: int
    due: int
    on_time: int
    latency_days: float | None
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that may be told. `kind` is deadline, snoozes, cluster or trend; `p` the chance of seeing it where nothing is."""

    kind: str
    text: str
    source: str
    n: int
    p: float


@dataclass(frozen=True, slots=True)
class Level:
    """The mean score of the last weeks with one, of `weeks`; None with fewer than LEAST_WEEKS. `snoozes_a_week` per open task and
    `bursts` of the times at which tasks were done, by Kim and Jo; the latter is shown, not scored: among simulated people it does
    not rise with avoidance."""

    score: float | None
    weeks: int
    bursts: float | None
    snoozes_a_task: float | None


def counted(stories: Sequence[Story], now_s: float) -> list[Counted]:
    """The tasks that count by now, each measured against what was usual by now."""
    own = usual(stories, now_s)
    found = []
    for one in stories:
        at_s = one.open_s + COUNTS_DAYS * DAY_S
        at_s = at_s if one.ended_s is None else min(at_s, one.ended_s)
        if at_s <= now_s and at_s > one.open_s:
            found.append(Counted(one, at_s, value(strengths(one, at_s, own)), weight(one, at_s)))
    return found


def weight(one: Story, at_s: float) -> float:
    """How much a task counts, 0 to 1, by how little its due pressed by then."""
    due_s = pressing_s(one, at_s)
    if due_s is None:
        return 1.0
    return min(1.0, max(0.0, due_s - one.open_s) / DAY_S / FREE_DAYS) ** 2


def weeks_of(found: Iterable[Counted], stories: Iterable[Story], edges_s: Sequence[float]) -> list[Week]:
    """The weeks between consecutive edges, of the tasks that count in each and of all."""
    n = len(edges_s) - 1
    sums, weights, counts = [0.0] * n, [0.0] * n, [0] * n
    snoozes, due, on_time = [0] * n, [0] * n, [0] * n
    waits: list[list[float]] = [[] for _ in range(n)]

    def place(at_s: float) -> int | None:
        k = bisect_right(edges_s, at_s) - 1
        return k if 0 <= k < n else None

    for one in found:
        if (k := place(one.at_s)) is not None:
            sums[k] += one.weight * one.score
            weights[k] += one.weight
            counts[k] += 1
    for story in stories:
        for at_s in story.snoozes_s:
            if (k := place(at_s)) is not None:
                snoozes[k] += 1
        if story.done and story.ended_s is not None and (k := place(story.ended_s)) is not None:
            waits[k].append(max(0.0, story.ended_s - story.open_s) / DAY_S)
            if story.due_s is not None:
                due[k] += 1
                on_time[k] += story.ended_s <= story.due_s
    return [
        Week(
            edges_s[k], sums[k] / weights[k] if weights[k] >= LEAST_N else None, counts[k], snoozes[k], len(waits[k]), due[k],
            on_time[k], median(waits[k]) if waits[k] else None,
        ) for k in range(n)
    ]


def level(weeks: Sequence[Week], stories: Sequence[Story]) -> Level:
    """Over the last LEVEL_WEEKS of them."""
    last = weeks[-LEVEL_WEEKS:]
    known = [one.score for one in last if one.score is not None]
    since = last[0].start_s if last else 0.0
    ends = [one.ended_s for one in stories if one.done and one.ended_s is not None and one.ended_s >= since]
    alive = [one for one in stories if one.ended_s is None or one.ended_s >= since]
    snoozes = sum(s >= since for one in alive for s in one.snoozes_s)
    return Level(
        fmean(known) if len(known) >= LEAST_WEEKS else None, len(known), burstiness(ends), snoozes / len(alive) if alive else None
    )


def claims(weeks: Sequence[Week], found: Sequence[Counted]) -> list[Claim]:
    """What goes beyond chance, the surest first; nothing where there is nothing to find."""
    told = [*_deadline(found), *_snoozes(found), *_clusters(found), *_trend(weeks)]
    return sorted(told, key=lambda one: one.p)


def _deadline(found: Sequence[Counted]) -> Iterable[Claim]:
    """Whether the further off a due is, the longer its task waits: to who does not look at dues, one has nothing to do with the
    other, however full the days are. By rank correlation, where the last fifth of the time also holds more than its share."""
    dated = [
        (due_s - one.story.open_s, one.story.begun_s - one.story.open_s) for one in found
        if (due_s := pressing_s(one.story, one.at_s)) is not None and one.story.begun_s is not None
    ]
    n = len(dated)
    if n < LEAST_DATED:
        return
    last = sum(wait >= (1 - LAST_SHARE) * window for window, wait in dated)
    windows, waits = [window for window, _ in dated], [wait for _, wait in dated]
    rho = rank_correlation(windows, waits)
    p = two_sided(rho, 1 / sqrt(n - 1))
    if p < RATE and rho > 0 and last / n >= LAST_SHARE + LAST_MARGIN:
        text = f"the further off a due, the longer its task waits (rank correlation {rho:.2f}, n = {n})"
        text += f"; {last} of them were begun only in the last fifth of their time"
        yield Claim("deadline", text, "tasks: created, started, completed, due", n, p)


def _snoozes(found: Sequence[Counted]) -> Iterable[Claim]:
    """Whether more than a fifth of the tasks that nothing pressed were put off."""
    free = [one for one in found if one.weight >= 0.5]
    n, off = len(free), sum(any(s <= one.at_s for s in one.story.snoozes_s) for one in free)
    if n >= LEAST_SNOOZED and (p := _as_many(off, n, SNOOZED_SHARE)) < RATE:
        text = f"{off} of {n} tasks that nothing pressed were put off within two weeks"
        yield Claim("snoozes", text, "change log: snoozes", n, p)


def _as_many(count: int, n: int, rate: float) -> float:
    """The chance of so many or more: exactly, and by the normal law where the numbers grow too large for that."""
    if n <= EXACT_N:
        return at_least(count, n, rate)
    above = count - 0.5 - n * rate
    return two_sided(above, sqrt(n * rate * (1 - rate))) / 2 if above > 0 else 1.0


def _clusters(found: Sequence[Counted]) -> Iterable[Claim]:
    """Categories whose tasks score higher than the others': Welch's test on each, those that pass Benjamini and Hochberg's rule
    and differ by CLUSTER_ABOVE points."""
    groups: dict[str, list[float]] = {}
    for one in found:
        if one.story.group:
            groups.setdefault(one.story.group, []).append(one.score)
    asked = [name for name, scores in groups.items() if len(scores) >= LEAST_CLUSTER]
    every = [score for scores in groups.values() for score in scores]
    told = []
    for name in sorted(asked):
        mine, rest = groups[name], _without(groups, name)
        if len(rest) >= LEAST_CLUSTER:
            gap = fmean(mine) - fmean(rest)
            p = two_sided(gap, sqrt(_variance(mine) / len(mine) + _variance(rest) / len(rest)))
            told.append((name, gap, fmean(mine), len(mine), p))
    passed = benjamini_hochberg([p for *_, p in told], RATE)
    for (name, gap, mean, n, p), good in zip(told, passed, strict=True):
        if good and gap >= CLUSTER_ABOVE and mean >= CLUSTER_SCORE:
            text = f"tasks of {name} score {mean:.0f}, {gap:.0f} more than the others (n = {n} of {len(every)})"
            yield Claim("cluster", text, "scores of the tasks of half a year, by category", n, p)


def _trend(weeks: Sequence[Week]) -> Iterable[Claim]:
    """Whether the weeks' score rises or falls: Mann's (1945) and Kendall's test, its variance widened for weeks that resemble the
    one before (a first-order form of Hamed and Rao 1998), by TREND_POINTS at least, to or from TREND_SCORE."""
    known = [one.score for one in weeks[-LEVEL_WEEKS:] if one.score is not None]
    n = len(known)
    if n < LEAST_TREND:
        return
    slope = median([(b - a) / (j - i) for i, a in enumerate(known) for j, b in enumerate(known) if j > i])
    change = slope * (n - 1)
    rest = [x - slope * i for i, x in enumerate(known)]
    middle = fmean(rest)
    spread = sum((x - middle) ** 2 for x in rest)
    alike = sum((a - middle) * (b - middle) for a, b in pairwise(rest)) / spread if spread else 0.0
    alike = min(0.9, max(0.0, alike))
    s = sum((b > a) - (b < a) for i, a in enumerate(known) for b in known[i + 1:])
    p = two_sided(s, sqrt(n * (n - 1) * (2 * n + 5) / 18 * (1 + alike) / (1 - alike)))
    ends = max(fmean(known[:n // 3]), fmean(known[-(n // 3):]))
    if p < RATE and abs(change) >= TREND_POINTS and ends >= TREND_SCORE:
        way = "risen" if change > 0 else "fallen"
        yield Claim("trend", f"the weekly score has {way} by {abs(change):.0f} points over {n} weeks", "weekly scores", n, p)


def rank_correlation(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Spearman's, ties by their mean rank; 0 where one of them does not vary."""
    a, b = _ranks(xs), _ranks(ys)
    middle = (len(a) - 1) / 2
    above = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    below = sqrt(sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b))
    return above / below if below else 0.0


def _ranks(xs: Sequence[float]) -> list[float]:
    ordered = sorted(xs)
    return [(bisect_left(ordered, x) + bisect_right(ordered, x) - 1) / 2 for x in xs]


def _without(groups: Mapping[str, Sequence[float]], name: str) -> list[float]:
    return [score for other, scores in groups.items() if other != name for score in scores]


def _variance(scores: Sequence[float]) -> float:
    mean = fmean(scores)
    return sum((x - mean) ** 2 for x in scores) / max(1, len(scores) - 1)
