"""The exam of the lengths: unseen simulated people's tasks in the order in which they were finished, each told from those before
it, against the person's own estimate, that times their running ratio, medians of kinds and similar tasks. The oracle knows the
person's law, not the luck of the task.

"text" are people whose lengths go by the kind of work; "plain" the same people by `simulation.todo` alone, where a title says
nothing beyond the estimate; family placebo estimates right."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.config import shipped
from coach.core.errors import InvalidInput
from coach.engine.pretraining.duration import SEEDS
from coach.engine.pretraining.duration_people import PersonCases, person

if TYPE_CHECKING:
    import numpy as np

    from coach.ml.serving import Net

FIRST_JUDGED = 20
"""Tasks that a history begins with before any is judged; the cold ones are counted apart."""
RESAMPLES = 500
WINDOW = 60
"""Last ranges that widen the next one."""


def exam(
    users: int, family: str, seed: int, progress: Callable[[str], None], model: Path | None = None,
) -> dict[str, Any]:
    """Figures on `users` people of a family from `seed` on, with 95 % intervals by a bootstrap over people. Raises InvalidInput
    for people of the training, ModelMissing without a model."""
    from coach.ml import card as cards
    from coach.ml import serving

    if users < 1 or seed < SEEDS:
        raise InvalidInput(f"an exam needs people from seed {SEEDS} on", "--users 50")
    folder = model or shipped("models", "duration")
    net, about = serving.load(folder / "model.onnx", inputs=("features",), outputs=("cdf",)), cards.read(folder)
    result: dict[str, Any] = {"name": "duration", "family": family, "users": users, "seed": seed}
    for world in ("text", "plain") if family != "placebo" else ("placebo",):
        progress(f"{users} people of family {family}, {world}")
        words, middle = about["base"]["words"], about["base"]["middle"]
        people = [person(s, family, words, middle, plain=world == "plain") for s in range(seed, seed + users)]
        result[world] = _figures(people, net, about)
    result["latency_ms"] = _latency_ms(people[0], net, about)
    result["bars"] = _bars(result)
    return result


def _figures(people: Sequence[PersonCases], net: Net, about: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    from coach.ml.baselines.duration import BASELINES
    from coach.ml.scoring import interval

    told = [_told(p, net, about) for p in people]
    figures: dict[str, Any] = {"tasks": sum(len(t) for t in told)}
    names = ("model", *BASELINES, "oracle")
    for part, wanted in (("estimated", 1.0), ("not estimated", 0.0), ("all", None)):
        rows = [t[FIRST_JUDGED:] if wanted is None else t[FIRST_JUDGED:][t[FIRST_JUDGED:, 0] == wanted] for t in told]
        rows = [r for r in rows if len(r)]
        whole = np.concatenate(rows)
        figures[part] = {
            name: {
                "mae_min": _json(interval([np.abs(r[:, 4 + k] - r[:, 1]).mean() for r in rows])),
                "median_log_ratio": round(float(np.median(np.abs(np.log(whole[:, 4 + k] / whole[:, 1])))), 4),
            } for k, name in enumerate(names)
        }
        for name in BASELINES:
            k = names.index(name)
            figures[part][name]["model_over_it"] = _json(interval(rows, lambda r, k=k: _ratio(r, k), n=RESAMPLES))  # type: ignore[misc]
        figures[part]["coverage"] = _json(interval(rows, _held, n=RESAMPLES))
        figures[part]["width_log"] = round(float(np.log(whole[:, 3] / whole[:, 2]).mean()), 4)
    figures["first_tasks_coverage"] = round(_held(np.concatenate([t[:FIRST_JUDGED] for t in told])), 4)
    return figures


def _held(rows: np.ndarray) -> float:
    """Share of actual minutes inside their range."""
    return float(((rows[:, 2] <= rows[:, 1]) & (rows[:, 1] <= rows[:, 3])).mean())


def _ratio(rows: np.ndarray, k: int) -> float:
    import numpy as np

    return float(np.abs(rows[:, 4] - rows[:, 1]).sum() / max(np.abs(rows[:, 4 + k] - rows[:, 1]).sum(), 1e-9))


def _told(one: PersonCases, net: Net, about: dict[str, Any]) -> np.ndarray:
    """Rows of (estimated, actual, low, high, model, each baseline, oracle), one a task, each told from the tasks before it."""
    import numpy as np

    from coach.ml import duration
    from coach.ml.baselines.duration import BASELINES
    from coach.ml.features.duration import row

    bands = duration.bands(net, about, [row(c.asked, c.found, c.base_log) for c in one.cases])
    truth = np.array([log(c.actual_min) for c in one.cases])
    center = np.array([c.found.center for c in one.cases])
    rows = []
    for i, c in enumerate(one.cases):
        past = slice(max(0, i - WINDOW), i)
        wider = duration.widening((center + bands.low)[past], (center + bands.high)[past], truth[past])
        told = duration.between(center[i], bands.low[i] - wider, bands.middle[i], bands.high[i] + wider, c.asked.estimate_min)
        rows.append([
            float(c.asked.estimate_min is not None), c.actual_min, *told[:2], told[2],
            *(of(c.asked, c.found) for of in BASELINES.values()), c.oracle_min,
        ])
    return np.asarray(rows, dtype=np.float64)


def _latency_ms(one: PersonCases, net: Net, about: dict[str, Any]) -> float:
    """The median of one task told from a warm model and a history in memory."""
    import statistics

    from coach.core.duration import evidence
    from coach.ml import duration
    from coach.ml.features.duration import base_log, row

    times = []
    for c in one.cases[-50:]:
        begin = time.perf_counter()
        prior = base_log(c.asked.words, about["base"]["words"], about["base"]["middle"])
        duration.bands(net, about, [row(c.asked, evidence(one.known, c.asked, prior), prior)])
        times.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(times), 3)


def _json(i: Any) -> dict[str, Any]:
    return {"value": round(i.value, 4), "low": round(i.low, 4), "high": round(i.high, 4), "n": i.n}


def _bars(result: dict[str, Any]) -> dict[str, Any]:
    """Each bar with the figure that decides."""
    if result["family"] == "placebo":
        x = result["placebo"]["estimated"]["own estimate"]["model_over_it"]["high"]
        found: dict[str, tuple[float, bool, str]] = {"mae_over_own_estimate": (x, x <= 1.01, "<= 1.01")}
        where = result["placebo"]["all"]
    else:
        x = result["text"]["estimated"]["estimate x running ratio"]["model_over_it"]["high"]
        found = {"mae_over_running_ratio": (x, x <= 0.9, "<= 0.90")}
        where = result["text"]["all"]
    low, high = where["coverage"]["low"], where["coverage"]["high"]
    found["coverage_80"] = (where["coverage"]["value"], low >= 0.76 and high <= 0.84, "0.76 to 0.84")
    return {name: {"decides": x, "bar": bar, "met": bool(met)} for name, (x, met, bar) in found.items()}
