"""How long a task will take: the person's own estimate with its calibrated range, or what similar tasks, their kind and people in
general say, with what it stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import exp, log
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import cold_start, stats
from coach.core.duration import GENERAL, NEIGHBOURS, Asked, Evidence, Known, asked_of, evidence, folded, kinds_of, minutes, past
from coach.core.errors import CoachError
from coach.core.length import Estimate as Estimate
from coach.core.length import Spoken, like_words
from coach.core.likeness import words_of
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
    role = cold_start.log_minutes(str(preferences.get(db, "role")))
    rows = finished.measured(db, most)
    known, told = Known(), []
    for number, row in enumerate(rows):
        prior = _general(words_of(row.title), memory_words, middle, role)
        one = past(row.title, kinds_of(row.project, row.tags, row.category), row.estimate_min, row.actual_min,
                   parse_iso(row.completed), prior)
        if number >= len(rows) - recent:
            asked = Asked(one.title, one.words, one.kinds, one.estimate_min)
            told.append((asked, evidence(known, asked, prior), log(one.actual_min)))
        known.add(one)
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
    return _general(asked.words, memory.base, memory.middle, memory.role)


def _general(words: Sequence[str], base: Mapping[str, float], middle: float, role: float) -> float:
    known = [base[w] for w in words if w in base]
    return middle + (sum(known) if known else role)


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
) -> list[tuple[float, float, float, float]]:
    """(low, middle, high) over each center in log minutes, and what of the middle is due to what people in general need. Raises
    CoachError where the model fails."""
    import numpy as np  # 60 ms: only where a length is asked for

    from coach.ml import duration
    from coach.ml.features.duration import BASE, row

    recent = memory.recent
    if model is None:
        both, general = duration.plain_bands(len(recent) + len(found)), np.zeros(len(found))
    else:
        rows = [row(a, e, base_of(memory, a)) for a, e in zip(asked, found, strict=True)]
        both = duration.bands(model.net, model.card, [*(row(a, e, base_of(memory, a)) for a, e, _ in recent), *rows])
        without = [[*one[:BASE], 0.0, *one[BASE + 1 :]] for one in rows]
        general = both.middle[len(recent) :] - duration.bands(model.net, model.card, without).middle
    n = len(recent)
    center = np.array([e.center for _, e, _ in recent])
    took = np.array([log_min for _, _, log_min in recent])
    wider = duration.widening(both.low[:n] + center, both.high[:n] + center, took)
    return [
        (float(low) - wider, float(middle), float(high) + wider, float(of_all))
        for low, middle, high, of_all in zip(both.low[n:], both.middle[n:], both.high[n:], general, strict=True)
    ]


def _said(
    memory: Memory, asked: Asked, found: Evidence, ends: tuple[float, float, float, float], config: Config, by: str, why: str
) -> Estimate:
    from coach.ml import duration

    around, general = ends[:3], ends[3]
    low, high, median = duration.between(found.center, *around, asked.estimate_min)
    percentile = config.plan.percentile
    basis, n = _basis(asked, found)
    planned: float = config.plan.default_estimate_min
    assumed = not (found.own_n or asked.estimate_min or any(w in memory.base for w in asked.words))
    if not assumed:
        planned = minutes(duration.at_percentile(log(low), log(median), log(high), percentile))
    return Estimate(
        asked.title, asked.estimate_min, low, median, high, max(1, round(planned)), percentile, n, basis,
        exp(found.correction) if found.corrected_by else None, found.corrected_n, by, why, _similar(memory, found),
        assumed, _begin(asked, found), found.stands,
        exp(log(median) - found.center - general) if found.stands else 1.0, exp(general) if found.stands else 1.0,
        exp(base_of(memory, asked)),
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
