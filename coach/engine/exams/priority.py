"""The exam of what is done next: unseen simulated people, each choice told from the choices before it, against earliest due date,
Eisenhower, weighted shortest job first and urgency. The oracle knows what drives the person, not the luck of the day.

Pairwise accuracy: share of the open tasks that stand below the chosen one, ties by half, a mean over choices."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.config import UrgencyConfig, shipped
from coach.core.errors import InvalidInput
from coach.core.priority import Base, Option, Taste, learn, option, score
from coach.engine.pretraining.priority import SEEDS
from coach.engine.pretraining.priority_people import Choice, choices
from coach.engine.prioritising import TABLES, base_of

if TYPE_CHECKING:
    import numpy as np

CURVE = (0, 1, 10, 30, 100)
"""Choices from which a part of the learning curve begins."""
RESAMPLES = 1000
MANY = 200


def exam(users: int, family: str, seed: int, progress: Callable[[str], None], model: Path | None = None) -> dict[str, Any]:
    """Figures on `users` people of a family from `seed` on, with 95 % intervals by a bootstrap over people. Raises InvalidInput
    for people of the training, ModelMissing without a model."""
    from coach.ml.scoring import interval

    if users < 1 or seed < SEEDS:
        raise InvalidInput(f"an exam needs people from seed {SEEDS} on", "--users 50")
    base = base_of(((model or shipped("models", "priority")) / TABLES).read_bytes())
    people = []
    for n, number in enumerate(range(seed, seed + users)):
        if n % 10 == 0:
            progress(f"{n} of {users} people of family {family}")
        people.append(_judged(list(choices(number, family)), base))
    names = _names()
    after = [p[CURVE[-1]:] for p in people if len(p) > CURVE[-1]]
    figures = {
        name: _json(interval([float(p[:, k].mean()) for p in after])) for k, name in enumerate(names)
    }
    best = max(names[2:-1], key=lambda name: figures[name]["value"])
    ahead = _json(interval([float((p[:, 0] - p[:, names.index(best)]).mean()) for p in after]))
    at_zero = _json(interval([float((p[:, 1] - p[:, names.index(best)]).mean()) for p in after]))
    curve = {
        f"from {low}": _json(interval([float(p[low:high, 0].mean()) for p in people if len(p) > low]))
        for low, high in zip(CURVE, (*CURVE[1:], None), strict=True)
    }
    return {
        "name": "priority", "family": family, "users": users, "seed": seed, "choices": sum(len(p) for p in people),
        "judged_people": len(after), "pairwise_accuracy_after_100": figures, "best_heuristic": best, "ahead_of_best": ahead,
        "untaught_over_best": at_zero, "curve": curve, "ms_of_200": (ms := _latency_ms(base, seed)),
        "bars": _bars(figures, ahead, at_zero, ms, family),
    }


def _names() -> list[str]:
    from coach.ml.baselines.priority import heuristics

    return ["model", "model at 0 choices", *heuristics(UrgencyConfig()), "oracle"]


def _judged(told: Sequence[Choice], base: Base) -> np.ndarray:
    """(choices, names): the accuracy of each order at each choice."""
    import numpy as np

    from coach.ml.baselines.priority import heuristics

    taste, untaught, rows = Taste(), Taste(), []
    by_name = heuristics(UrgencyConfig())
    for one in told:
        options = options_of(base, taste, one)
        scores = {name: [of(task, one.at) for task in one.opened] for name, of in by_name.items()}
        urgent = scores["urgency"]
        mine = [score(base, taste, o, u) for o, u in zip(options, urgent, strict=True)]
        first = [score(base, untaught, o, u) for o, u in zip(options, urgent, strict=True)]
        rows.append([above(s, one.chosen) for s in (mine, first, *scores.values(), one.utility)])
        learn(base, taste, options, one.chosen, weekend=one.weekend)
    return np.asarray(rows, dtype=np.float64).reshape(-1, 3 + len(by_name))


def options_of(base: Base, taste: Taste, one: Choice) -> list[Option]:
    """All that was open, as the model sees it."""
    now_s = one.at.timestamp()
    return [
        option(base, taste, task.id, traits, now_s, weekend=one.weekend, snoozed=task.snooze_count)
        for task, traits in zip(one.opened, one.traits, strict=True)
    ]


def above(scores: Sequence[float], chosen: int) -> float:
    """Share of the others that the chosen one stands above."""
    mine = scores[chosen]
    others = [s for i, s in enumerate(scores) if i != chosen]
    return sum(1.0 if mine > s else 0.5 if mine == s else 0.0 for s in others) / len(others)


def _latency_ms(base: Base, seed: int) -> float:
    """Median of ordering 200 tasks of a person whose taste is known."""
    taste, some = Taste(), []
    for one in choices(seed, "A"):
        some = options_of(base, taste, one)
        learn(base, taste, some, one.chosen, weekend=one.weekend)
    many = [(some[i % len(some)]) for i in range(MANY)]
    times = []
    for _ in range(20):
        begin = time.perf_counter()
        seen = (option(base, taste, o.id, o.traits, 1.79e9, weekend=False) for o in many)
        sorted(seen, key=lambda o: score(base, taste, o, 0.0))
        times.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(times), 3)


def _json(i: Any) -> dict[str, Any]:
    return {"value": round(i.value, 4), "low": round(i.low, 4), "high": round(i.high, 4), "n": i.n}


def _bars(
    figures: dict[str, Any], ahead: dict[str, Any], at_zero: dict[str, Any], ms: float, family: str
) -> dict[str, Any]:
    if family == "placebo":
        return {}
    urgency = figures["urgency"]["value"]
    found = {
        "pairwise_accuracy": (figures["model"]["low"], figures["model"]["low"] >= 0.8, ">= 0.80"),
        "over_best_heuristic": (ahead["low"], ahead["low"] >= 0.05, ">= 0.05"),
        "at_0_not_below_urgency": (figures["model at 0 choices"]["value"] - urgency,
                                   figures["model at 0 choices"]["value"] >= urgency, ">= 0"),
        "at_0_equal_to_best": (at_zero["low"], at_zero["low"] <= 0.0 <= at_zero["high"], "0 in its interval"),
        "ms_of_200": (ms, ms < 20, "< 20"),
    }
    return {name: {"decides": round(x, 4), "bar": bar, "met": bool(met)} for name, (x, met, bar) in found.items()}
