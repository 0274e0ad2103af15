"""Which part of the day a person gives to which kind of work, learnt from what they did with planned blocks. Pure.

A block that was offered in part p of the day is kept there, moved to part q, or refused; an accepted one is later worked on where
it was planned, or elsewhere. Each is a choice among what could have been (multinomial logit, McFadden 1974):

    kept   STAY + u(p)      moved to q   log share(q) + u(q) - NEAR (|q - p| - 1)      refused   REFUSE
    worked on as planned   HOLD + u(p)      elsewhere   log share(q) + u(q) - NEAR (|q - p| - 1) + LATER [q > p]

`share` is the part's share of working time: who moves blocks about without a preference lands where there is room and near by.
What the person does in general (STAY, REFUSE, HOLD, NEAR, and LATER for days that slip) is fitted beside it, so that only what
differs between parts of the day, and between kinds of work, is called a preference. u = what holds for all work + what holds for
this kind, both Gaussian around 0 (a hierarchical prior); the posterior is Laplace's. With nothing told all of u is 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt, tanh
from typing import Literal, TypeAlias

PARTS: tuple[tuple[str, int, int], ...] = (
    ("the early morning", 5, 9), ("the morning", 9, 12), ("midday", 12, 14), ("the afternoon", 14, 17), ("the evening", 17, 22),
    ("the night", 22, 29),
)
"""Name, first and last hour of each part of the day by the wall clock; the night goes on after midnight."""
CAP = 0.1
"""The most that a preference makes of an hour, in units of the focus score: about what the best hour of a usual day is over the
mean."""
PRIOR = {"stay": (1.5, 1.0), "refuse": (-1.0, 1.0), "hold": (0.5, 1.0), "near": (0.7, 0.3), "later": (0.3, 0.7)}
"""Mean and standard deviation of what a person does in general, in log odds."""
ALL_SD, KIND_SD = 0.7, 1.0
"""Spread of what holds for all work, and of what differs for a kind, in log odds."""
SURE = 2.8
"""Standard deviations that a preference is away from 0 before it counts: its 99.5 % interval leaves 0 out. There are many kinds
of work and parts of the day, and at 95 % one in twenty of them would look like a preference by chance."""
STRONG = 1.0
"""Log odds over the mean of the day below which a preference is too weak to plan by, however sure it is."""
LEAST = 3
"""Times that somebody must have moved a kind of work out of a part of the day, or into it, before anything is made of it."""
HALF_LIFE_D = 60.0
"""Days after which what was done says half as much."""
DONE_WEIGHT = 0.5
"""Where work was done says less than what was decided: days have their own will."""
STEPS = 12

Source: TypeAlias = Literal["decided", "done"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A block of work of `kind` ("" without one) that was offered in part `offered`, and where it came to stand: a part, or None
    where it was refused. `weight` is 1 for a decision of today."""

    kind: str
    offered: int
    became: int | None
    weight: float = 1.0
    source: Source = "decided"


@dataclass(frozen=True, slots=True)
class Leaning:
    """What a part of the day is worth for a kind of work ("" is all work without a leaning of its own), in units of the focus
    score, with its 99.5 % interval, on `n` blocks; `words` say what it was learnt from."""

    kind: str
    part: int
    focus: float
    low: float
    high: float
    n: int
    words: str


def part_of(hour: int) -> int:
    """The part of the day that an hour (0 to 23) by the wall clock lies in."""
    return next(i for i, (_, first, last) in enumerate(PARTS) if first <= hour < last or first <= hour + 24 < last)


def faded(age_days: float) -> float:
    """The weight of what was done so long ago."""
    return float(0.5 ** (max(0.0, age_days) / HALF_LIFE_D))


def learnt(seen: Iterable[Seen], share: Sequence[float]) -> tuple[Leaning, ...]:
    """The preferences that are sure; `share` is the part of working time in each part of the day. Nothing where too little was
    moved, refused or done elsewhere."""
    rows = list(seen)
    gone = {kind: _gone(rows, kind) for kind in {s.kind for s in rows if s.kind}}
    kinds = sorted(kind for kind, n in gone.items() if n >= LEAST)
    general = sum(n > 0 for n in gone.values()) > 1
    if not kinds and not general:
        return ()
    fit = _fit(rows, kinds, share)
    of_all = {p: one for p in fit.parts if general and (one := _leaning(fit, rows, "", p)) is not None}
    own = [one for kind in kinds for p in fit.parts if (one := _leaning(fit, rows, kind, p) or _as_all(fit, of_all, kind, p))]
    return (*of_all.values(), *own)


def focus_by_hour(leanings: Iterable[Leaning], kind: str | None) -> tuple[float, ...]:
    """(24,) what each hour of the day adds to focus for that kind of work; empty where nothing is known of it."""
    chosen = of_kind(leanings, kind)
    if not chosen:
        return ()
    by_part = {one.part: one.focus for one in chosen}
    return tuple(by_part.get(part_of(hour), 0.0) for hour in range(24))


def of_kind(leanings: Iterable[Leaning], kind: str | None) -> list[Leaning]:
    """Those that hold for a kind of work: its own, or else those of all work."""
    known = list(leanings)
    own = [one for one in known if kind and one.kind == kind]
    return [one for one in own or known if one.focus and (own or not one.kind)]


def lines(leanings: Iterable[Leaning]) -> list[str]:
    """For people, the strongest first."""
    strongest = sorted((one for one in leanings if one.focus), key=lambda one: -abs(one.focus))
    return [f"{one.words}: counts as {one.focus:+.2f} focus there ({one.low:+.2f} to {one.high:+.2f}, n = {one.n})"
            for one in strongest]


def _gone(rows: Iterable[Seen], kind: str) -> int:
    """Blocks of a kind that did not stay where they were offered."""
    return sum(s.became != s.offered for s in rows if s.kind == kind)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Posterior of all parameters; `at` numbers them: names of PRIOR, ("", part) for all work, (kind, part)."""

    parts: tuple[int, ...]
    share: Sequence[float]
    at: Mapping[object, int]
    mean: list[float]
    cov: list[list[float]]

    def effect(self, kind: str, part: int) -> tuple[float, float]:
        """(mean, standard deviation) of u(part) over its mean over working time."""
        weights: dict[int, float] = {}
        for p in self.parts:
            weight = (1.0 if p == part else 0.0) - self.share[p]
            for name in ("", kind):
                if (i := self.at.get((name, p))) is not None:
                    weights[i] = weight
        variance = sum(a * b * self.cov[i][j] for i, a in weights.items() for j, b in weights.items())
        return sum(a * self.mean[i] for i, a in weights.items()), sqrt(max(0.0, variance))


Term: TypeAlias = tuple[list[tuple[int, float]], float]
"""An option: (number of a parameter, its factor) each, and what is added."""


def _fit(rows: Sequence[Seen], kinds: Sequence[str], share: Sequence[float]) -> _Fit:
    used = {p for s in rows for p in (s.offered, s.became) if p is not None}
    parts = tuple(p for p in range(len(PARTS)) if share[p] > 0 or p in used)
    room = [max(share[p], 0.02) if p in parts else 0.0 for p in range(len(PARTS))]
    names: list[object] = [*PRIOR, *(("", p) for p in parts), *((k, p) for k in kinds for p in parts)]
    at = {name: i for i, name in enumerate(names)}
    centre = [PRIOR[n][0] if isinstance(n, str) else 0.0 for n in names]
    sds = [PRIOR[n][1] if isinstance(n, str) else KIND_SD if isinstance(n, tuple) and n[0] else ALL_SD for n in names]
    sums: dict[tuple[str, int, int | None, Source], float] = {}
    for s in rows:
        key = (s.kind if s.kind in kinds else "", s.offered, s.became, s.source)
        sums[key] = sums.get(key, 0.0) + s.weight
    told = [(_options(key, at, parts, room), weight) for key, weight in sums.items()]
    mean = list(centre)
    precision: list[list[float]] = []
    for _ in range(STEPS):
        gradient, precision = _curve(told, mean, centre, sds)
        step = _solve(precision, gradient)
        longest = max(map(abs, step))
        mean = [m + x * min(1.0, 2.0 / longest) if longest else m for m, x in zip(mean, step, strict=True)]
        if longest < 1e-3:
            break
    return _Fit(parts, share, at, mean, _inverse(precision))


def _options(
    key: tuple[str, int, int | None, Source], at: Mapping[object, int], parts: Sequence[int], room: Sequence[float],
) -> tuple[list[Term], int]:
    """What could have become of a block, and the number of what did."""
    kind, offered, became, source = key
    options: list[Term] = []
    chosen = -1
    for part in parts:
        terms = [(at["", part], 1.0)] + ([(at[kind, part], 1.0)] if kind else [])
        if part == offered:
            terms.append((at["stay" if source == "decided" else "hold"], 1.0))
            plain = 0.0
        else:
            terms.append((at["near"], 1.0 - abs(part - offered)))
            plain = log(room[part])
            if source == "done" and part > offered:
                terms.append((at["later"], 1.0))
        if part == became:
            chosen = len(options)
        options.append((terms, plain))
    if source == "decided":
        options.append(([(at["refuse"], 1.0)], 0.0))
        chosen = len(options) - 1 if became is None else chosen
    return options, chosen


def _curve(
    told: Sequence[tuple[tuple[list[Term], int], float]], mean: Sequence[float], centre: Sequence[float], sds: Sequence[float],
) -> tuple[list[float], list[list[float]]]:
    """Gradient and negative curvature of the log posterior."""
    size = len(mean)
    gradient = [(c - m) / sd**2 for m, c, sd in zip(mean, centre, sds, strict=True)]
    precision = [[1.0 / sds[i] ** 2 if i == j else 0.0 for j in range(size)] for i in range(size)]
    for (options, chosen), weight in told:
        scores = [plain + sum(mean[i] * x for i, x in terms) for terms, plain in options]
        top = max(scores)
        odds = [exp(s - top) for s in scores]
        total = sum(odds)
        expected: dict[int, float] = {}
        for (terms, _), o in zip(options, odds, strict=True):
            for i, x in terms:
                expected[i] = expected.get(i, 0.0) + x * o / total
        for i, x in options[chosen][0]:
            gradient[i] += weight * x
        for i, x in expected.items():
            gradient[i] -= weight * x
            for j, y in expected.items():
                precision[i][j] -= weight * x * y
        for (terms, _), o in zip(options, odds, strict=True):
            for i, x in terms:
                for j, y in terms:
                    precision[i][j] += weight * o / total * x * y
    return gradient, precision


def _solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """x of a positive definite system, by elimination."""
    rows = [[*row, b] for row, b in zip(matrix, right, strict=True)]
    size = len(rows)
    for i in range(size):
        pivot = rows[i]
        for row in rows[i + 1:]:
            if row[i]:
                factor = row[i] / pivot[i]
                for j in range(i, size + 1):
                    row[j] -= factor * pivot[j]
    found = [0.0] * size
    for i in range(size - 1, -1, -1):
        found[i] = (rows[i][size] - sum(rows[i][j] * found[j] for j in range(i + 1, size))) / rows[i][i]
    return found


def _inverse(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """Of a positive definite matrix, by Gauss and Jordan."""
    size = len(matrix)
    rows = [[*row, *(1.0 if i == j else 0.0 for j in range(size))] for i, row in enumerate(matrix)]
    for i in range(size):
        scale = 1.0 / rows[i][i]
        rows[i] = [x * scale for x in rows[i]]
        pivot = rows[i]
        for k in range(size):
            if k != i and rows[k][i]:
                factor = rows[k][i]
                rows[k] = [x - factor * y for x, y in zip(rows[k], pivot, strict=True)]
    return [row[size:] for row in rows]


def _leaning(fit: _Fit, rows: Sequence[Seen], kind: str, part: int) -> Leaning | None:
    """What is sure of a part of the day, and said by enough blocks that left it or came to it."""
    mean, sd = fit.effect(kind, part)
    if abs(mean) <= max(STRONG, SURE * sd):
        return None
    own = [s for s in rows if not kind or s.kind == kind]
    words = _words(own, kind or "work", part, liked=mean > 0)
    if words is None:
        return None
    low, high = (CAP * tanh(mean + side * SURE * sd) for side in (-1, 1))
    return Leaning(kind, part, CAP * tanh(mean), low, high, len(own), words)


def _as_all(fit: _Fit, of_all: Mapping[int, Leaning], kind: str, part: int) -> Leaning | None:
    """What holds for all work, for a kind that says too little of itself; nothing of it where the kind says otherwise."""
    general = of_all.get(part)
    if general is None:
        return None
    mean, sd = fit.effect(kind, part)
    return replace(general, kind=kind, focus=general.focus if mean * general.focus > 0 and abs(mean) > sd else 0.0)


def _words(rows: Sequence[Seen], what: str, part: int, *, liked: bool) -> str | None:
    """None where fewer than LEAST blocks did what is to be said."""
    name = PARTS[part][0]
    decided, done = ([s for s in rows if s.source == source] for source in ("decided", "done"))
    if liked:
        came = sum(s.became == part != s.offered for s in decided)
        if came >= LEAST:
            return f"you moved {what} into {name} {came} times"
        worked = sum(s.became == part != s.offered for s in done)
        return f"you worked on {what} in {name} {worked} times when it was planned elsewhere" if worked >= LEAST else None
    offered = [s for s in decided if s.offered == part]
    moved, refused = sum(s.became not in (part, None) for s in offered), sum(s.became is None for s in offered)
    if moved + refused >= LEAST:
        verb = "moved" if not refused else "moved or refused" if moved else "refused"
        way = f"{verb} {what} out of {name}" if moved and not refused else f"{verb} {what} in {name}"
        return f"you {way} {moved + refused} of {len(offered)} times"
    planned = [s for s in done if s.offered == part]
    elsewhere = sum(s.became != part for s in planned)
    if elsewhere >= LEAST:
        return f"you worked on {what} at another time {elsewhere} of the {len(planned)} times it was planned in {name}"
    return None
