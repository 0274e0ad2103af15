"""What is done next among what is open: an additive model of choice, learnt from choices, whose sum is its own explanation.

The score of a task is a sum over features of weight times table value. The tables are the base, boosted on simulated people
(`ml/train/priority.py`); the weights are the person's, Gaussian around 1, updated by each choice among what was open
(conditional logit, McFadden 1974; Laplace update). A choice from a shown list is divided by the propensity of its rank
(Joachims, Swaminathan and Schnabel 2017), so that what stands on top is not liked for standing there; how much a place does is
learnt where near ties stand in an order that was drawn (`core/exploring.py`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log, sqrt
from typing import Any

from coach.core import exploring
from coach.core.exploring import Look, Tie
from coach.core.likeness import words_of
from coach.core.task import Task
from coach.core.when import end_of, zone

FEATURES = (
    "due", "priority", "estimate", "age", "snoozed", "started", "words", "own_words", "project", "tags", "day",
)
WORDS: Mapping[str, str] = {
    "due": "its due", "priority": "its priority", "estimate": "its length", "age": "its age",
    "snoozed": "how often it was put off", "started": "it is started",
    "words": "what kind of task it is", "own_words": "how you take such tasks",
    "project": "how you take its project", "tags": "how you take its labels", "day": "what you do on such a day",
    "urgency": "its urgency",
}
"""What each part of a score is, for people."""

NONE = -99.0
"""Stands for a due, a priority or an estimate that is not there."""
PRIOR_SD = 0.35
SHRINK = 1.5
"""So many expected choices of a word, project or label count as much as knowing nothing."""
TRUSTED = 10
"""Choices after which the learnt order stands alone; before, urgency has the rest of the say."""
URGENCY_SCALE = 0.12
"""Log odds of being done next, per point of urgency."""
MOST_GROUPS = 3000
MOST_OPEN = 60
"""Open tasks beside the chosen one that a choice is learnt from."""


@dataclass(frozen=True, slots=True)
class Base:
    """`edges` and `values` by feature: the value of the first step whose edge lies above. `words` is how readily people take
    tasks with a word, in log of chosen over expected."""

    edges: Mapping[str, Sequence[float]]
    values: Mapping[str, Sequence[float]]
    words: Mapping[str, float]

    def value(self, name: str, x: float) -> float:
        return self.values[name][bisect_right(self.edges[name], x)]


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a task does not move with time."""

    words: tuple[str, ...]
    project: str
    tags: tuple[str, ...]
    priority: float
    estimate_min: float
    due_s: float | None
    created_s: float


@dataclass(frozen=True, slots=True)
class Option:
    """An open task as the model sees it at a moment: `x` in the order of FEATURES."""

    id: str
    traits: Traits
    x: tuple[float, ...]


@dataclass(slots=True)
class Taste:
    """What is learnt of a person. `chosen` and `expected` are by word ("w:mail"), project ("p:atlas") and label ("t:call"),
    and by project on days of work ("d:atlas:0") and at weekends ("d:atlas:1"); `n` counts choices."""

    mean: list[float] = field(default_factory=lambda: [1.0] * len(FEATURES))
    cov: list[list[float]] = field(default_factory=lambda: [
        [PRIOR_SD**2 if i == j else 0.0 for j in range(len(FEATURES))] for i in range(len(FEATURES))
    ])
    chosen: dict[str, float] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=dict)
    n: int = 0
    look: Look = field(default_factory=Look)

    def document(self) -> dict[str, Any]:
        return {
            "mean": self.mean, "cov": self.cov, "n": self.n, "look": [self.look.mean, self.look.precision],
            "groups": {g: [self.chosen.get(g, 0.0), round(e, 4)] for g, e in self.expected.items()},
        }


def taste_of(plain: Mapping[str, Any]) -> Taste:
    """The inverse of `document`; a taste that knows nothing where it does not fit this model."""
    try:
        mean, cov = [float(x) for x in plain["mean"]], [[float(x) for x in line] for line in plain["cov"]]
        groups = {str(g): (float(c), float(e)) for g, (c, e) in plain["groups"].items()}
        n = int(plain["n"])
        look = Look(*(float(x) for x in plain.get("look", ())))
    except (KeyError, TypeError, ValueError):
        return Taste()
    if len(mean) != len(FEATURES) or len(cov) != len(FEATURES) or any(len(line) != len(FEATURES) for line in cov):
        return Taste()
    return Taste(mean, cov, {g: c for g, (c, _) in groups.items() if c}, {g: e for g, (_, e) in groups.items()}, n, look)


def traits_of(task: Task) -> Traits:
    due_s = None if task.due is None else end_of(task.due, zone(task.time_zone)).timestamp()
    created_s = task.created.timestamp()
    return traits(task.title, task.project, task.tags, task.priority, task.estimate_min, due_s, created_s)


def traits(
    title: str, project: str | None, tags: tuple[str, ...], priority: int | None, estimate_min: int | None, due_s: float | None,
    created_s: float,
) -> Traits:
    """The traits of a task that is told by its fields."""
    estimate = float(estimate_min) if estimate_min else NONE
    return Traits(words_of(title), project or "", tags, float(priority or 4), estimate, due_s, created_s)


def option(
    base: Base, taste: Taste, id: str, of: Traits, now_s: float, *, weekend: bool, snoozed: int = 0, started: bool = False
) -> Option:
    """An open task at that moment."""
    due_d = NONE if of.due_s is None else max(-30.0, min(60.0, (of.due_s - now_s) / 86_400))
    own = [_affinity(taste, f"w:{w}") for w in of.words]
    general = [base.words.get(w, 0.0) for w in of.words]
    return Option(id, of, (
        due_d, of.priority, of.estimate_min, max(0.0, (now_s - of.created_s) / 86_400), float(snoozed), float(started),
        _strongest(general), _strongest(own), _affinity(taste, f"p:{of.project}"),
        _strongest([_affinity(taste, f"t:{t}") for t in of.tags]), _affinity(taste, f"d:{of.project}:{int(weekend)}"),
    ))


def parts(base: Base, taste: Taste, of: Option) -> list[float]:
    """Weight times table value, in the order of FEATURES."""
    return [w * base.value(name, x) for name, x, w in zip(FEATURES, of.x, taste.mean, strict=True)]


def trust(taste: Taste) -> float:
    """The say of the learnt order: 0 before the first choice, 1 from TRUSTED choices on."""
    return min(1.0, taste.n / TRUSTED)


def score(base: Base, taste: Taste, of: Option, urgency: float) -> float:
    """Log odds of being done next, up to what all options share."""
    say = trust(taste)
    learnt = sum(parts(base, taste, of)) if say else 0.0
    return say * learnt + (1 - say) * URGENCY_SCALE * urgency


def reasons(
    base: Base, taste: Taste, of: Option, urgency: float, others: Sequence[tuple[Option, float]]
) -> list[tuple[str, float]]:
    """(part, by how much it lifts the task over the mean of `others`), the strongest first; they sum up to the difference of the
    scores, for the model is a sum."""
    say = trust(taste)
    own = [say * x for x in parts(base, taste, of)]
    mean = [0.0] * len(FEATURES)
    for other, _ in others:
        for j, x in enumerate(parts(base, taste, other)):
            mean[j] += say * x / len(others)
    found = [(name, a - b) for name, a, b in zip(FEATURES, own, mean, strict=True)]
    if say < 1 and others:
        usual = sum(u for _, u in others) / len(others)
        found.append(("urgency", (1 - say) * URGENCY_SCALE * (urgency - usual)))
    return sorted(((name, x) for name, x in found if abs(x) > 1e-9), key=lambda pair: -abs(pair[1]))


def learn(base: Base, taste: Taste, options: Sequence[Option], chosen: int, ranks: Mapping[str, int] | None = None, *,
          weekend: bool, ties: Mapping[str, Tie] | None = None) -> None:
    """One choice among `options`; `ranks` are the places, from 1, at which they were shown, `ties` near ties among these whose
    order might have been drawn. Changes `taste`."""
    if len(options) < 2:
        return
    places = looked_at(base, taste, options, chosen, ranks or {}, ties or {})
    if taste.n >= 1:
        keep = _some(len(options), chosen)
        values = [[base.value(name, x) for name, x in zip(FEATURES, options[i].x, strict=True)] for i in keep]
        update(taste, values, keep.index(chosen), [places[i] for i in keep])
    count(taste, [one.traits for one in options], chosen, weekend, places)
    taste.n += 1


def looked_at(
    base: Base, taste: Taste, options: Sequence[Option], chosen: int, ranks: Mapping[str, int], ties: Mapping[str, Tie],
) -> list[int | None]:
    """At which place each option was looked at, as `learn` has it: where the chosen one was shown, what was not came after all
    that was. What the choice says of places is learnt: changes `look` of `taste`."""
    mine = options[chosen]
    if mine.id not in ranks:
        return [None] * len(options)
    if (tie := ties.get(mine.id)) is not None:
        group = [o for o in options if ties.get(o.id) == tie]
        if len(group) == tie.size:
            scores = [sum(parts(base, taste, one)) for one in group]
            taste.look = exploring.looked(taste.look, scores, tie, [ranks[one.id] for one in group], group.index(mine))
    last = max(ranks.values()) + 1
    return [ranks.get(one.id, last) for one in options]


def update(taste: Taste, values: Sequence[Sequence[float]], at: int, ranks: Sequence[int | None]) -> None:
    """A Newton step of the conditional logit with the Gaussian so far as its prior, by one rank-1 update for each option.
    `values` are those of the tables, a row for each option, `at` the chosen one. Changes the weights of `taste`."""
    looked = [-taste.look.mean * log(rank) if rank else 0.0 for rank in ranks]
    scores = [sum(w * v for w, v in zip(taste.mean, line, strict=True)) + p for line, p in zip(values, looked, strict=True)]
    top = max(scores)
    odds = [exp(s - top) for s in scores]
    total = sum(odds)
    chance = [o / total for o in odds]
    size = len(FEATURES)
    expected = [sum(p * line[j] for p, line in zip(chance, values, strict=True)) for j in range(size)]
    gradient = [values[at][j] - expected[j] for j in range(size)]
    for p, line in zip(chance, values, strict=True):
        if p > 1e-3:
            _shrink(taste.cov, [sqrt(p) * (line[j] - expected[j]) for j in range(size)])
    steps = [sum(c * g for c, g in zip(line, gradient, strict=True)) for line in taste.cov]
    taste.mean = [m + step for m, step in zip(taste.mean, steps, strict=True)]


def _shrink(cov: list[list[float]], d: Sequence[float]) -> None:
    """(cov^-1 + d d')^-1 by Sherman and Morrison."""
    moved = [sum(c * x for c, x in zip(line, d, strict=True)) for line in cov]
    scale = 1.0 + sum(x * m for x, m in zip(d, moved, strict=True))
    for i, a in enumerate(moved):
        line = cov[i]
        for j, b in enumerate(moved):
            line[j] -= a * b / scale


def count(
    taste: Taste, options: Sequence[Traits], chosen: int, weekend: bool, places: Sequence[int | None] | None = None,
) -> None:
    """What was chosen and what could be expected, were every open task as likely that was looked at. Changes `taste`."""
    looks = [place ** -taste.look.mean if place else 1.0 for place in places or [None] * len(options)]
    total = sum(looks)
    for i, one in enumerate(options):
        for group in groups(one, weekend):
            taste.expected[group] = taste.expected.get(group, 0.0) + looks[i] / total
            if i == chosen:
                taste.chosen[group] = taste.chosen.get(group, 0.0) + 1.0
    if len(taste.expected) > MOST_GROUPS:
        for group in sorted(taste.expected, key=taste.expected.__getitem__)[: MOST_GROUPS // 4]:
            del taste.expected[group]
            taste.chosen.pop(group, None)


def groups(of: Traits, weekend: bool) -> list[str]:
    """What a choice of this task says something about."""
    return [
        *(f"w:{w}" for w in of.words), f"p:{of.project}", *(f"t:{t}" for t in of.tags), f"d:{of.project}:{int(weekend)}",
    ]


def _affinity(taste: Taste, group: str) -> float:
    """Log of chosen over expected, drawn to 0 by SHRINK."""
    expected = taste.expected.get(group, 0.0)
    return log((taste.chosen.get(group, 0.0) + SHRINK) / (expected + SHRINK)) if expected else 0.0


def _strongest(values: Sequence[float]) -> float:
    """Their sum; names that are everywhere add nearly nothing to it."""
    return max(-4.0, min(4.0, sum(values)))


def _some(n: int, chosen: int) -> list[int]:
    """Evenly spread numbers with the chosen one among them."""
    if n <= MOST_OPEN:
        return list(range(n))
    step = n / MOST_OPEN
    return sorted({chosen, *(int(i * step) for i in range(MOST_OPEN))})
