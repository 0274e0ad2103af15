"""How long a task will take: the person's own estimate with its calibrated range, or what similar tasks, their kind and people in
general say, with what it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import exp, log
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import cold_start, stats
from coach.core.duration import (
    GENERAL,
    NEIGHBOURS,
    Asked,
    Evidence,
    Known,
    Stand,
    asked_of,
    evidence,
    folded,
    kinds_of,
    minutes,
    past,
)
from coach.core.errors import CoachError
from coach.core.task import Draft, Task
from coach.core.when import parse_iso
from coach.engine import preferences
from coach.store import finished
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.engine.learning.kinds import Model
    from coach.engine.models import Models
    from coach.ml.serving import Shelf

HISTORY = 1500
"""Finished tasks that are looked at, the newest."""
WINDOW = 60
"""Last ranges that widen or narrow the next one."""
LOOKED_AT = 500
"""Of them, where a pane only says what similar ones took."""
LEAST_NEAR = 3
"""Fewer similar tasks by their words are joined by those of the same meaning."""
LEAST_OWN = 10
"""Fewer measured tasks make no range of one's own."""
SAYS = 0.2
"""Share in a length from which on it is said to stand on something."""
TOLD = 1.05
"""A factor of the model's below it and above 1 / TOLD is not worth a word."""

@dataclass(frozen=True, slots=True)
class Spoken:
    """A finished task that is like the asked one, or only begins with the same word."""

    title: str
    estimate_min: int | None
    actual_min: int
    likeness: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """`median_min` with its 80 % range; `planned_min` is what the plan reserves: at the percentile that the person set, or
    `plan.default_estimate_min` where neither they, nor a finished task, nor a word that people in general know says anything, and
    then the length is `assumed`. `basis` says what it stands on most and `n` how many finished tasks that are; `stands` are all
    that say something, and `factor` is what the model makes of their middle. `before_min` is what the person said of a task of
    the same title, which was done `before_n` times. `by` is model or baseline, `why` its reason."""

    title: str
    estimate_min: int | None
    low_min: float
    median_min: float
    high_min: float
    planned_min: int
    percentile: float
    n: int
    basis: str
    corrected: float | None
    corrected_n: int
    by: str
    why: str
    similar: tuple[Spoken, ...]
    assumed: bool = False
    begin: str = ""
    """The word that the similar ones begin with, where none has more in common with it."""
    stands: tuple[Stand, ...] = ()
    factor: float = 1.0
    before_min: int | None = None
    before_n: int = 0

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "title": self.title, "low_min": round(self.low_min), "median_min": round(self.median_min),
            "high_min": round(self.high_min), "low": round(self.low_min), "median": round(self.median_min),
            "high": round(self.high_min), "n": self.n, "basis": self.basis, "estimate_min": self.estimate_min,
            "correction": None if self.corrected is None else round(self.corrected, 3), "correction_n": self.corrected_n,
            "begin_with": self.begin or None, "planned_min": self.planned_min, "percentile": self.percentile, "by": self.by,
            "why": self.why, "said_before_min": self.before_min, "done_before": self.before_n, "factor": round(self.factor, 3),
            "stands_on": [
                {"what": s.what, "n": s.n, "median_min": round(exp(s.log_min)), "share": round(s.share, 3)} for s in self.stands
            ],
            "similar": [
                {"title": s.title, "estimate_min": s.estimate_min, "actual_min": s.actual_min, "likeness": round(s.likeness, 3)}
                for s in self.similar
            ],
        }

    def short(self) -> str:
        """While a task is typed: the range, which holds 4 of 5 cases and is no least and most, with what it stands on, and what
        similar tasks took. Empty where no task of the person's own says anything."""
        like = [like_words(self.similar, self.begin)] if self.similar and not (self.begin and self.stands) else []
        ends = f"{round(self.low_min):,} to {round(self.high_min):,} min in 4 of 5 cases"
        if self.estimate_min:
            return ", ".join(([f"{ends} (n = {self.n:,})"] if self.n else []) + like)
        if self.before_min:
            return ", ".join([f"likely {round(self.median_min):,} min, {ends}, by {self._before()}", *like])
        own = [one for one in self.stands if one.n]
        words = [f"likely {round(self.median_min):,} min, {ends}, by {_stands_words(self.stands)}"] if own else []
        return ", ".join(words + like)

    def lines(self) -> list[str]:
        """For people."""
        said = f"you say {self.estimate_min} min; " if self.estimate_min else ""
        ends = f"{round(self.low_min):,} to {round(self.high_min):,} min"
        found = [f"{said}{round(self.median_min)} min is likely, {ends} in 4 of 5 cases"]
        if self.corrected is not None:
            found.append(f"moved by {self.corrected:.2f}: what {self.corrected_n} of your {self.basis} took over what you said")
        found += [like_words(self.similar, self.begin)] if self.similar else []
        found.append(f"stands on {self._grounds()}")
        if self.stands and not 1 / TOLD < self.factor < TOLD:
            found.append(f"taken {self.factor:.2f} times: so the model has it of tasks without an estimate")
        by_default = "plan.default_estimate_min, until tasks of yours are measured"
        sure = by_default if self.assumed else f"percentile {self.percentile:g}"
        found.append(f"the plan takes {self.planned_min:,} min ({sure}); {self.by}: {self.why}")
        return found

    def _grounds(self) -> str:
        if self.before_min and self.corrected is None:
            return self._before()
        if self.stands:
            nothing = "" if any(one.n for one in self.stands) else ": no task of yours has been measured yet"
            return _stands_words(self.stands) + nothing
        return self.basis + (f" (n = {self.n:,})" if self.n else "")

    def _before(self) -> str:
        done = f", done {self.before_n:,} times" if self.before_n > 1 else ""
        return f"the {self.before_min} min that you gave a task of this title{done}"


def _stands_words(stands: Sequence[Stand]) -> str:
    """"tasks that begin with “buy” (n = 4, median 25 min) and all your tasks (n = 129, median 39 min)": most of it first."""
    said = [one for number, one in enumerate(stands) if number == 0 or one.share >= SAYS]
    words = [f"{s.what} ({f'n = {s.n:,}, ' if s.n else ''}median {round(exp(s.log_min)):,} min)" for s in said]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def like_words(similar: Sequence[Spoken], begin: str = "") -> str:
    """"8 of the last 10 like it took 38 to 70 min": those in the middle 80 %, and how many they are; all where there are few.
    With `begin` they are said to begin with that word."""
    like = f"that begin{'s' if len(similar) == 1 else ''} with “{begin}”" if begin else "like it"
    took = [s.actual_min for s in similar]
    if len(took) == 1:
        return f"the one {like} took {took[0]:,} min"
    low, high = (stats.quantile(took, 0.1), stats.quantile(took, 0.9)) if len(took) >= 5 else (min(took), max(took))
    low, high = round(low), round(high)
    within = sum(low <= t <= high for t in took)
    which = f"{within} of the last {len(took)}" if within < len(took) else f"the last {len(took)}"
    return f"{which} {like} took {low:,} to {high:,} min"


@dataclass(frozen=True, slots=True)
class Memory:
    """A person's finished tasks, and the last of them as they were asked before they were done: (asked, evidence, log
    minutes)."""

    known: Known
    recent: tuple[tuple[Asked, Evidence, float], ...]
    base: dict[str, float]
    middle: float
    places: dict[int, int]
    """Of the tasks' numbers in `known`."""
    role: float = 0.0
    """Log minutes that the person's role adds where no word is known."""


def estimate(
    db: Connection, text: str, config: Config, now: datetime, tz: ZoneInfo, shelf: Shelf | None = None,
    models: Models | None = None,
) -> Estimate:
    """Of a text in quick-add's words. With `models` tasks that mean the same are found too. Raises InvalidInput for one that
    names no task."""
    from coach.core.errors import InvalidInput
    from coach.engine import tasks

    draft = tasks.parse(text, config, now, tz)
    if not draft.title.strip():
        raise InvalidInput("there is no task in that text", 'for example: coach estimate "Write the report ~1h"')
    return of(db, [draft], config, now, shelf, models)[0]


def of(
    db: Connection, tasks: Sequence[Task | Draft], config: Config, now: datetime, shelf: Shelf | None = None,
    models: Models | None = None,
) -> list[Estimate]:
    """Of tasks or drafts; the history is read once. Similar tasks are found by their words, which tell the kind of work better
    than sentence vectors do; by what they mean (`models`) where words find fewer than LEAST_NEAR."""
    from coach.engine.learning.serve import served

    speaks = served(db, "duration", now, shelf)
    memory = remember(db, speaks.model)
    before = _said_before(db, memory, tasks)
    asked = [replace(asked_of(t), estimate_min=b[0]) if b else asked_of(t) for t, b in zip(tasks, before, strict=True)]
    found = [_evidence(db, memory, a, models) for a in asked]
    by, why = ("model" if speaks.model else "baseline"), speaks.why
    try:
        ends = _ends(memory, asked, found, speaks.model)
    except CoachError as error:
        by, why = "baseline", error.message
        ends = _ends(memory, asked, found, None)
    return [
        _again(_said(memory, a, f, e, config, by, why), b) for a, f, e, b in zip(asked, found, ends, before, strict=True)
    ]


def own_range(db: Connection, task: Task) -> str:
    """What finished tasks say of one, in a few words: no model, for the pane beside a list. Empty where there is nothing."""
    memory = remember(db, None, 0, LOOKED_AT)
    asked = asked_of(task)
    found = evidence(memory.known, asked, memory.middle)
    similar = _similar(memory, found)
    words = [like_words(similar, _begin(asked, found))] if similar else []
    ratios = memory.known.ratios
    if asked.estimate_min and len(ratios) >= LEAST_OWN:
        low, high = (minutes(log(asked.estimate_min) + stats.quantile(ratios, q)) for q in (0.1, 0.9))
        words.insert(0, f"{round(low):,} to {round(high):,} min in 4 of 5 cases (n = {len(ratios):,})")
    return "; ".join(words)


def remember(db: Connection, model: Model | None, recent: int = WINDOW, most: int = HISTORY) -> Memory:
    """The history, `most` tasks of it, the last `recent` of them as they were before they were done."""
    base = dict((model.card.get("base") or {}) if model else {})
    memory_words, middle = dict(base.get("words") or {}), float(base.get("middle") or log(30.0))
    rows = finished.measured(db, most)
    known, told = Known(), []
    for number, row in enumerate(rows):
        one = past(row.title, kinds_of(row.project, row.tags, row.category), row.estimate_min, row.actual_min,
                   parse_iso(row.completed))
        if number >= len(rows) - recent:
            asked = Asked(one.title, one.words, one.kinds, one.estimate_min)
            prior = middle + sum(memory_words.get(w, 0.0) for w in one.words)
            told.append((asked, evidence(known, asked, prior), log(one.actual_min)))
        known.add(one)
    role = cold_start.log_minutes(str(preferences.get(db, "role")))
    return Memory(known, tuple(told), memory_words, middle, {row.num: place for place, row in enumerate(rows)}, role)


def _said_before(db: Connection, memory: Memory, tasks: Sequence[Task | Draft]) -> list[tuple[int, int] | None]:
    """(minutes, times done) that the person gave a task of the same title, for those without an estimate of their own and with
    less than LEAST_NEAR measured tasks of that title."""
    known = memory.known.by_title
    wanted = {
        form for t in tasks if not t.estimate_min and len(known.get(folded(t.title), ())) < LEAST_NEAR
        for form in (t.title, folded(t.title))
    }
    found = finished.said(db, wanted) if wanted else {}
    return [found.get(folded(t.title)) if t.title in wanted else None for t in tasks]


def _again(found: Estimate, before: tuple[int, int] | None) -> Estimate:
    """With what the person said of the same title taken for what it is: not said of this task."""
    if before is None:
        return found
    basis = found.basis if found.corrected is not None else "what you said of a task of this title"
    return replace(found, estimate_min=None, before_min=before[0], before_n=before[1], basis=basis)


def base_of(memory: Memory, asked: Asked) -> float:
    """Logarithm of the minutes that people in general need."""
    known = [memory.base[w] for w in asked.words if w in memory.base]
    return memory.middle + (sum(known) if known else memory.role)


def _evidence(db: Connection, memory: Memory, asked: Asked, models: Models | None) -> Evidence:
    found = evidence(memory.known, asked, base_of(memory, asked))
    if models is None or len(found.near) >= LEAST_NEAR or not memory.places:
        return found
    from coach.engine import similar  # the embedder

    meant = similar.similar(db, models, asked.title, 4 * NEIGHBOURS)
    same = {memory.places[one.num]: one.cosine for one in meant if one.num in memory.places}
    near = dict(found.near) | same
    if len(near) == len(found.near):
        return found
    ordered = sorted(near.items(), key=lambda pair: -pair[1])
    return evidence(memory.known, asked, base_of(memory, asked), lambda _: ordered, frozenset(same))


def _ends(
    memory: Memory, asked: Sequence[Asked], found: Sequence[Evidence], model: Model | None
) -> list[tuple[float, float, float]]:
    """(low, middle, high) over each center in log minutes. Raises CoachError where the model fails."""
    import numpy as np  # 60 ms: only where a length is asked for

    from coach.ml import duration
    from coach.ml.features.duration import row

    recent = memory.recent
    if model is None:
        both = duration.plain_bands(len(recent) + len(found))
    else:
        both = duration.bands(model.net, model.card, [
            *(row(a, e, base_of(memory, a)) for a, e, _ in recent),
            *(row(a, e, base_of(memory, a)) for a, e in zip(asked, found, strict=True)),
        ])
    n = len(recent)
    center = np.array([e.center for _, e, _ in recent])
    took = np.array([log_min for _, _, log_min in recent])
    wider = duration.widening(both.low[:n] + center, both.high[:n] + center, took)
    return [
        (float(low) - wider, float(middle), float(high) + wider)
        for low, middle, high in zip(both.low[n:], both.middle[n:], both.high[n:], strict=True)
    ]


def _said(
    memory: Memory, asked: Asked, found: Evidence, ends: tuple[float, float, float], config: Config, by: str, why: str
) -> Estimate:
    from coach.ml import duration

    low, high, median = duration.between(found.center, *ends, asked.estimate_min)
    percentile = config.plan.percentile
    basis, n = _basis(asked, found)
    planned: float = config.plan.default_estimate_min
    assumed = not (found.own_n or asked.estimate_min or any(w in memory.base for w in asked.words))
    if not assumed:
        planned = minutes(duration.at_percentile(log(low), log(median), log(high), percentile))
    return Estimate(
        asked.title, asked.estimate_min, low, median, high, max(1, round(planned)), percentile, n, basis,
        exp(found.correction) if found.corrected_by else None, found.corrected_n, by, why, _similar(memory, found),
        assumed, _begin(asked, found), found.stands, exp(log(median) - found.center) if found.stands else 1.0,
    )


def _basis(asked: Asked, found: Evidence) -> tuple[str, int]:
    if found.corrected_by:
        return found.corrected_by.replace("all your tasks", "tasks"), found.corrected_n
    if asked.estimate_min:
        return "your estimate", found.own_ratio_n
    if found.stands[0].n:
        return found.stands[0].what, found.stands[0].n
    return GENERAL + ("" if found.own_n else ": no task of yours has been measured yet"), 0


def _similar(memory: Memory, found: Evidence) -> tuple[Spoken, ...]:
    """Those that are really alike; where there is none, those that begin alike."""
    done = memory.known.done
    return tuple(
        Spoken(done[i].title, done[i].estimate_min, round(done[i].actual_min), x) for i, x in _alike(found) or found.near)


def _alike(found: Evidence) -> list[tuple[int, float]]:
    return [(i, x) for i, x in found.near if i in found.alike]


def _begin(asked: Asked, found: Evidence) -> str:
    """The word that the near ones begin with, empty where some are really alike."""
    return asked.words[0] if found.near and not _alike(found) else ""
