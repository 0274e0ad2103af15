"""How long things take a person: similar finished tasks, the medians of kinds, and where their own estimates go wrong.

Reference-class forecasting (Buehler, Griffin and Ross 1994). The person's estimate stands unless the evidence excludes it: the
interval of a median ratio is that of order statistics (sign test), which the many tasks that took exactly what was thought hold
at 1, so that luck alone corrects nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import comb, exp, log

from coach.core import stats
from coach.core.likeness import Words, really_alike, words_of
from coach.core.task import Draft, Task

NEIGHBOURS = 9
LIKE = 0.5
"""Least cosine of a task that counts as similar."""
SIMILAR = "similar tasks"
LEAST_RATIOS = 5
"""Fewer ratios exclude nothing."""
LEVEL = 0.8
SHRINK, KIND_SHRINK, NEAR_SHRINK, SAME_SHRINK = 3.0, 30.0, 2.0, 4.0
"""So many own tasks weigh as much as people in general, so many of a kind, of similar ones and of the same title as all that is
wider. By the error on simulated people without an estimate (0.5 to 30 were tried); there a title does not make a length, so that
SAME_SHRINK is the least that costs nothing."""
CENTER = 2
"""Number of the rule that makes the center. A forest tells what lies over one of them only."""
SAME, EVERY = "tasks of this very title", "all your tasks"
GENERAL, PACE = "people in general", "people in general at your pace"
MOST_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Past:
    """A finished task: its words, its kinds ("category:Writing", "project:atlas", "tag:mail"), what was thought and what it
    took; `base_log` is the logarithm of minutes that people in general need for it."""

    title: str
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    estimate_min: int | None
    actual_min: float
    at: datetime
    base_log: float | None = None

    @property
    def log_ratio(self) -> float | None:
        return log(self.actual_min / self.estimate_min) if self.estimate_min else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a length is asked for."""

    title: str
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    estimate_min: int | None = None
    priority: int | None = None


@dataclass(slots=True)
class Known:
    """A person's finished tasks, added earliest first."""

    done: list[Past] = field(default_factory=list)
    words: Words = field(default_factory=Words)
    by_kind: dict[str, list[int]] = field(default_factory=dict)
    logs: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    by_title: dict[str, list[int]] = field(default_factory=dict)
    paces: list[float] = field(default_factory=list)
    """Logarithms of what tasks took over what people in general need."""

    def add(self, past: Past) -> None:
        number = len(self.done)
        self.done.append(past)
        self.words.add(past.words)
        self.logs.append(log(past.actual_min))
        if past.base_log is not None:
            self.paces.append(self.logs[-1] - past.base_log)
        self.by_title.setdefault(folded(past.title), []).append(number)
        for kind in past.kinds:
            self.by_kind.setdefault(kind, []).append(number)
        if past.log_ratio is not None:
            self.ratios.append(past.log_ratio)


Alike = Callable[[Asked], Sequence[tuple[int, float]]]
"""(number of a finished task, similarity), the best first."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What a center without an estimate stands on: `n` tasks with their median, and the share that they have in it."""

    what: str
    n: int
    log_min: float
    share: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the history says of one task; logarithms of minutes and of ratios, None where there is nothing.

    `near` are similar tasks (number, similarity); `alike` tells those that are really alike. `center` is the middle that the
    ranges lie around, `correction` the factor by which the person's estimate is moved and `corrected_by` the ratios behind it.
    `stands` is what a center without an estimate is made of, most of it first."""

    near: tuple[tuple[int, float], ...]
    near_log: float | None
    near_spread: float
    kind: str
    kind_log: float | None
    kind_n: int
    own_log: float | None
    own_n: int
    near_ratio: float | None
    near_ratio_n: int
    own_ratio: float | None
    own_ratio_n: int
    correction: float
    corrected_by: str
    corrected_n: int
    center: float
    alike: frozenset[int] = frozenset()
    stands: tuple[Stand, ...] = ()


def past(
    title: str, kinds: tuple[str, ...], estimate_min: int | None, actual_min: float, at: datetime,
    base_log: float | None = None,
) -> Past:
    """A finished task as evidence; an estimate of zero is none, and no task takes more than ten days."""
    estimate = estimate_min if estimate_min and estimate_min > 0 else None
    return Past(title, words_of(title), kinds, estimate, min(max(actual_min, 1.0), 10.0 * MOST_MIN), at, base_log)


def folded(title: str) -> str:
    """A title as it is compared with others: without case and surplus space."""
    return " ".join(title.casefold().split())


def asked_of(task: Task | Draft) -> Asked:
    """What a task or a draft asks; `category` is known of a task only."""
    estimate = task.estimate_min if task.estimate_min and task.estimate_min > 0 else None
    category = task.category if isinstance(task, Task) else None
    return Asked(task.title, words_of(task.title), kinds_of(task.project, task.tags, category), estimate, task.priority)


def kinds_of(project: str | None, tags: Sequence[str], category: str | None) -> tuple[str, ...]:
    """The narrowest last: project, labels, category."""
    return (
        *((f"project:{project}",) if project else ()), *(f"tag:{tag}" for tag in tags),
        *((f"category:{category}",) if category else ()),
    )


def evidence(
    known: Known, asked: Asked, base_log: float, alike: Alike | None = None, same: frozenset[int] = frozenset()
) -> Evidence:
    """What `known` says of `asked`; `base_log` is the logarithm of minutes that people in general need. Tasks that only begin
    with the same word count too, for the verb tells much of a length: without them the error grows by 3 % on simulated people.
    `same` are known to mean the same."""
    # More than the nine nearest: what excludes 1 needs many.
    wide = alike(asked) if alike else known.words.nearest(asked.words, 4 * NEIGHBOURS, LIKE)
    close = frozenset(n for n, _ in wide if n in same or really_alike(asked.words, known.done[n].words))
    near = tuple(wide[:NEIGHBOURS])
    near_logs = [known.logs[n] for n, _ in near]
    near_log = _median(near_logs)
    kind, members = _kind(known, asked)
    kind_log = _median([known.logs[n] for n in members])
    own_log = _median(known.logs)
    near_ratios = [r for n, _ in near if (r := known.done[n].log_ratio) is not None]
    wide_ratios = [r for n, _ in wide if (r := known.done[n].log_ratio) is not None]
    kind_ratios = [r for n in members if (r := known.done[n].log_ratio) is not None]
    own = known.by_title.get(folded(asked.title), [])
    stands: tuple[Stand, ...] = ()
    shift, by, n = 0.0, "", 0
    if asked.estimate_min:
        like = near_words(asked, len(wide), len(close))
        levels = ((like, wide_ratios), (kind, kind_ratios), (EVERY, known.ratios))
        shift, by, n = correction([(name, ratios) for name, ratios in levels if name])
        center = log(asked.estimate_min) + shift
    else:
        center, stands = _blend(base_log, (
            (PACE, [base_log + pace for pace in known.paces], SHRINK), (kind, [known.logs[i] for i in members], KIND_SHRINK),
            (near_words(asked, len(near), sum(i in close for i, _ in near)), near_logs, NEAR_SHRINK),
            (SAME, [known.logs[i] for i in own], SAME_SHRINK),
        ))
    return Evidence(
        near, near_log, _spread(near_logs), kind, kind_log, len(members), own_log, len(known.logs), _median(near_ratios),
        len(near_ratios), _median(known.ratios), len(known.ratios), shift, by, n, center, close, stands,
    )


def near_words(asked: Asked, near: int, alike: int) -> str:
    """What `near` tasks are, `alike` of which are really alike and the others only begin with the same word."""
    if alike == near:
        return SIMILAR
    begin = f"that begin with “{asked.words[0]}”"
    return f"tasks like it or {begin}" if alike else f"tasks {begin}"


def correction(levels: Sequence[tuple[str, Sequence[float]]]) -> tuple[float, str, int]:
    """(log factor, whose ratios, how many) of the narrowest level with enough ratios; no factor where their interval holds
    1 (the log 0), whatever wider levels say."""
    for name, ratios in levels:
        if len(ratios) < LEAST_RATIOS:
            continue
        low, high = median_interval(ratios)
        if low <= 0.0 <= high:
            return 0.0, "", 0
        middle = stats.median(ratios)
        return middle * len(ratios) / (len(ratios) + 1.0), name, len(ratios)
    return 0.0, "", 0


def median_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float]:
    """Order statistics that hold the median with at least that probability (David and Nagaraja 2003, 7.1); the extremes where
    there are too few."""
    ordered, n = sorted(values), len(values)
    if not n:
        return float("-inf"), float("inf")
    tail, cut, below = (1 - level) / 2, 0, 0.0
    for k in range(n // 2):
        below += comb(n, k) / 2.0**n
        if below > tail:
            break
        cut = k + 1
    if cut == 0:
        return float("-inf"), float("inf")
    return ordered[cut - 1], ordered[n - cut]


def minutes(log_min: float) -> float:
    """At least one, at most ten days of it."""
    return exp(min(max(log_min, 0.0), log(10.0 * MOST_MIN)))


def _kind(known: Known, asked: Asked) -> tuple[str, list[int]]:
    """The narrowest kind that has enough tasks, else that with the most."""
    best: tuple[str, list[int]] = ("", [])
    for kind in reversed(asked.kinds):
        members = known.by_kind.get(kind, [])
        if len(members) >= LEAST_RATIOS:
            return kind, members
        if len(members) > len(best[1]):
            best = kind, members
    return best


def _blend(base: float, levels: Sequence[tuple[str, Sequence[float], float]]) -> tuple[float, tuple[Stand, ...]]:
    """Each narrower level's median drawn towards the wider one by so many tasks; (name, logarithms, how many) each, from the
    widest on. With what it then stands on."""
    center, stands = base, [Stand(GENERAL, 0, base, 1.0)]
    for name, logs, shrink in levels:
        middle = _median(logs)
        if middle is not None:
            share = len(logs) / (shrink + len(logs))
            center = center * (1 - share) + middle * share
            stands = [replace(one, share=one.share * (1 - share)) for one in stands]
            stands.append(Stand(name, len(logs), middle, share))
    return center, tuple(sorted(stands, key=lambda one: -one.share))


def _median(values: Sequence[float]) -> float | None:
    return stats.median(values) if values else None


def _spread(logs: Sequence[float]) -> float:
    if len(logs) < 2:
        return 0.0
    ordered = sorted(logs)
    return ordered[(3 * len(ordered)) // 4] - ordered[len(ordered) // 4]
