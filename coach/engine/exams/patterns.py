"""The exam of the pattern detector: unseen simulated people, clean and with 30 % of their stretches spoilt, against the
rules, gradient boosting and nearest days. The oracle of a label is the label: what took place is known.

Noise of 30 %: of each day's stretches a random 30 % are spoilt; half of those are dropped, half moved to the place of another
stretch of the same person (`features.patterns.noisy`)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.config import shipped
from coach.core.errors import InvalidInput
from coach.engine.patterns import LEAST_OCCURRENCES
from coach.engine.pretraining.patterns import SEEDS, PersonDays, lived, person, together
from coach.ml.features.patterns import PATTERNS

if TYPE_CHECKING:
    import numpy as np

    from coach.ml.features.patterns import Days
    from coach.ml.scoring import Interval

TEACHERS = 80
"""Training people that gradient boosting and nearest days learn from."""
NOISE = 0.3
RECALL = 0.7
RESAMPLES = 200
WINDOW_DAYS = 28
COLD_START_DAYS = (0, 3, 7, 14, 30, 90)
COLD_START_PEOPLE = 30


def exam(
    users: int, family: str, seed: int, progress: Callable[[str], None], model: Path | None = None, cache: Path | None = None,
) -> dict[str, Any]:
    """Figures of model and baselines on `users` people of a family ("A", "B", "placebo"), each with its 95 % interval by a
    bootstrap over people. `seed` is that of the first of them; `model` a folder, by default the shipped one.

    Raises InvalidInput for no people or those of the training, ModelMissing without a model."""
    from coach.ml import card, habits

    if users < 1:
        raise InvalidInput(f"an exam of {users} people says nothing", "`--users 50`")
    if seed < SEEDS:
        raise InvalidInput(f"people from seed {seed} may be known from training", f"exams begin at {SEEDS}")
    folder = model or shipped("models", "patterns")
    net, about = habits.load(folder / "model.onnx"), card.read(folder)
    progress(f"living {users} people of family {family}")
    people = lived(range(seed, seed + users), family, progress, cache)
    progress("teaching the baselines")
    taught = _taught(lived(range(TEACHERS), "A", progress, cache))
    claims: dict[str, Callable[[Days], habits.Found]] = {
        "model": lambda days: habits.predict(net, about, days), "rules": lambda days: habits.by_rules(days, about),
        **{name: _as_found(detector) for name, detector in taught.items()},
    }
    result: dict[str, Any] = {
        "name": "patterns", "family": family, "users": users, "seed": seed, "days": sum(len(p.weekend) for p in people),
        "teachers": TEACHERS, "noise": NOISE, "latency_ms": _latency_ms(folder, people[0]),
        "shown_falsely": {}, "shown_rightly": {},
    }
    for share, label in ((0.0, "clean"), (NOISE, "noisy")):
        progress(f"{label} days")
        found = {name: [of(days) for days in _days(people, share, seed)] for name, of in claims.items()}
        result[label] = _figures(people, found) if family != "placebo" else {}
        result["shown_falsely"][label] = {
            name: _interval_json(_shown(people, who, has=False)) for name, who in found.items() if name in ("model", "rules")
        }
        if family != "placebo":
            result["shown_rightly"][label] = {
                name: _interval_json(_shown(people, who, has=True)) for name, who in found.items() if name in ("model", "rules")
            }
    if family != "placebo":
        result["cold_start"] = _cold_start(min(users, COLD_START_PEOPLE), family, seed, progress, claims)
    result["bars"] = _bars(result)
    return result


def summed_up(found: dict[str, Any]) -> dict[str, Any]:
    """What a card keeps of an exam: model and baselines, of each pattern the average precision of the model."""
    kept: dict[str, Any] = {"users": found["users"]}
    for label in ("clean", "noisy"):
        if found[label]:
            kept[label] = {
                name: {k: v for k, v in figures.items() if k != "by_pattern"} for name, figures in found[label].items()
            }
            by_pattern = found[label]["model"]["by_pattern"]
            kept[label]["model"]["ap_by_pattern"] = {name: measures["ap"] for name, measures in by_pattern.items()}
    names = ("shown_falsely", "shown_rightly", "cold_start", "bars", "latency_ms")
    return kept | {name: found[name] for name in names if found.get(name)}


def _cold_start(
    users: int, family: str, seed: int, progress: Callable[[str], None], claims: Mapping[str, Callable[[Days], Any]],
) -> dict[str, Any]:
    """Of the habits that people have (those of their 90 days), the share that would be shown after so many days, and of those
    that they have not; by the rules, and by the model as it serves: by the rules before it has days enough."""
    from coach.ml import habits
    from coach.ml.features.patterns import days_of

    progress(f"{users} people from their first day on")
    people = [person(one, family, COLD_START_DAYS[-1]) for one in range(seed, seed + users)]
    found: dict[str, Any] = {"people": users, "days": {}}
    for count in COLD_START_DAYS:
        known = [last(p, count) for p in people]
        days = [days_of(p.stretches, p.weekend, p.weekday) for p in known]
        served = [claims["rules" if habits.unfit(d) else "model"](d) for d in days]
        has = [_has(p) for p in people]
        found["days"][str(count)] = {
            f"{name} {label}": None if (share := _shown_share(known, of, has, which)) != share else round(share, 4)
            for name, of in (("model", served), ("rules", [claims["rules"](d) for d in days]))
            for label, which in (("rightly", True), ("falsely", False))
        }
    return found


def last(p: PersonDays, count: int) -> PersonDays:
    """The last `count` of a person's days."""
    import numpy as np

    from coach.ml.features.patterns import Stretches

    n = len(p.weekend)
    begin = n - min(count, n)
    kept = p.stretches.day >= begin
    s = p.stretches
    s = Stretches(np.asarray(s.day[kept] - begin), s.start_h[kept], s.length_h[kept], s.slot[kept])
    return PersonDays(p.seed, s, p.weekend[begin:], p.truth[begin:], p.dates[begin:])


def _has(p: PersonDays) -> np.ndarray:
    """(8,) whether the person has each pattern: it took place on some day."""
    import numpy as np

    return np.asarray(np.nan_to_num(p.truth).max(axis=0, initial=0.0) > 0.5)


def _shown_share(people: Sequence[PersonDays], found: Sequence[Any], has: Sequence[np.ndarray], which: bool) -> float:
    import numpy as np

    kept = [row[own == which] for row, own in zip(map(_rows_shown, people, found), has, strict=True)]
    return float(np.mean(np.concatenate(kept))) if sum(map(len, kept)) else float("nan")


def _taught(teachers: Sequence[PersonDays]) -> dict[str, Any]:
    import numpy as np

    from coach.ml.baselines import patterns as baselines
    from coach.ml.train.patterns import clean

    corpus = together(teachers)
    days = clean(corpus, np.arange(len(corpus.weekend)))
    return {"boosting": baselines.boosting(days, corpus.truth, 0), "nearest": baselines.nearest(days, corpus.truth, 0)}


def _as_found(detector: Callable[[Days], Any]) -> Callable[[Days], Any]:
    from coach.ml.habits import Found

    def of(days: Days) -> Found:
        scores = detector(days)
        return Found(scores, scores >= 0.5, {})

    return of


def _days(people: Sequence[PersonDays], share: float, seed: int) -> list[Days]:
    import numpy as np

    from coach.ml.features.patterns import days_of, noisy

    rng = np.random.default_rng((seed, 77))
    return [days_of(noisy(p.stretches, share, rng) if share else p.stretches, p.weekend, p.weekday) for p in people]


def _figures(people: Sequence[PersonDays], found: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """By detector: macro figures with intervals, and every pattern's; and how far the model is ahead of each baseline."""
    import numpy as np

    rows = {
        name: [np.concatenate([p.truth, f.probability, f.claimed], axis=1) for p, f in zip(people, who, strict=True)]
        for name, who in found.items()
    }
    figures: dict[str, Any] = {name: _of_detector(of) for name, of in rows.items()}
    for other in rows:
        if other != "model":
            both = [np.stack([a, b], axis=1) for a, b in zip(rows["model"], rows[other], strict=True)]
            ahead = _interval(both, lambda r: macro(average_precision, r[:, 0]) - macro(average_precision, r[:, 1]))
            figures[other]["model_ahead_by_ap"] = _interval_json(ahead)
    return figures


def _of_detector(rows: Sequence[np.ndarray]) -> dict[str, Any]:
    import numpy as np

    measures: dict[str, Callable[[np.ndarray], float]] = {
        "ap": average_precision, "accuracy": accuracy, "precision_at_recall": precision_at_recall,
        "precision": precision, "recall": recall, "ece": calibration_error,
    }
    whole = np.concatenate(list(rows))
    return {
        **{
            name: _interval_json(_interval(rows, lambda r, m=measures[name]: macro(m, r)))  # type: ignore[misc]
            for name in ("ap", "accuracy", "precision_at_recall")
        },
        **{name: round(macro(measures[name], whole), 4) for name in ("precision", "recall", "ece")},
        "by_pattern": {
            pattern: {name: round(measure(_columns(whole, k)), 4) for name, measure in measures.items()}
            for k, pattern in enumerate(PATTERNS)
        },
    }


def macro(measure: Callable[[np.ndarray], float], rows: np.ndarray) -> float:
    """The mean over patterns of a measure of (truth, probability, claimed) columns; `rows` (n, 24)."""
    import numpy as np

    return float(np.nanmean([measure(_columns(rows, k)) for k in range(len(PATTERNS))]))


def _columns(rows: np.ndarray, k: int) -> np.ndarray:
    """(truth, probability, claimed) of one pattern on the days on which it can be, (m, 3)."""
    import numpy as np

    own = rows[:, [k, len(PATTERNS) + k, 2 * len(PATTERNS) + k]]
    kept: np.ndarray = own[~np.isnan(own[:, 0])]
    return kept


def average_precision(rows: np.ndarray) -> float:
    """Area under the precision-recall steps, ties in one step; NaN without a positive."""
    hits, claims = _cumulative(rows)
    if not len(hits) or not hits[-1]:
        return float("nan")
    gained = hits - _before(hits)
    return float((gained * hits / claims).sum() / hits[-1])


def precision_at_recall(rows: np.ndarray) -> float:
    """The best precision among thresholds with a recall of at least RECALL."""
    hits, claims = _cumulative(rows)
    if not len(hits) or not hits[-1]:
        return float("nan")
    enough = hits >= RECALL * hits[-1]
    return float((hits / claims)[enough].max())


def accuracy(rows: np.ndarray) -> float:
    return float((rows[:, 2] == rows[:, 0]).mean())


def precision(rows: np.ndarray) -> float:
    claimed = rows[:, 2] > 0.5
    return float(rows[claimed, 0].mean()) if claimed.any() else float("nan")


def recall(rows: np.ndarray) -> float:
    there = rows[:, 0] > 0.5
    return float(rows[there, 2].mean()) if there.any() else float("nan")


def calibration_error(rows: np.ndarray) -> float:
    from coach.ml.scoring import ece

    return ece(rows[:, 1], rows[:, 0])


def _cumulative(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(true claims, claims) at each threshold, the surest first."""
    import numpy as np

    order = np.argsort(-rows[:, 1], kind="stable")
    score, truth = rows[order, 1], rows[order, 0]
    last = np.append(score[1:] != score[:-1], True)
    return np.cumsum(truth)[last], (np.arange(len(score)) + 1)[last]


def _before(sums: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.concatenate(([0.0], sums[:-1]))


def _shown(people: Sequence[PersonDays], found: Sequence[Any], *, has: bool) -> Interval:
    """Share of (person, pattern) that the app would show for the last 28 days, of those that the person has or has not."""
    from coach.ml.scoring import interval

    by_person = [
        row[own == has].reshape(-1, 1) for row, own in zip(map(_rows_shown, people, found), map(_has, people), strict=True)
    ]
    return interval([rows for rows in by_person if len(rows)], lambda rows: float(rows.mean()), n=RESAMPLES)


def _rows_shown(p: PersonDays, found: Any) -> np.ndarray:
    """(8,) 1 for each pattern that the app would show for the person's last 28 days."""
    import numpy as np

    from coach.ml.habits import share_interval

    shown = np.zeros(len(PATTERNS))
    for k, name in enumerate(PATTERNS):
        can = ~np.isnan(p.truth[-WINDOW_DAYS:, k])
        claimed = found.claimed[-WINDOW_DAYS:, k][can]
        low = share_interval(int(claimed.sum()), len(claimed))[0]
        shown[k] = claimed.sum() >= LEAST_OCCURRENCES and low > found.base_rates.get(name, 0.0)
    return shown


def _interval(rows: Sequence[np.ndarray], statistic: Callable[[np.ndarray], float]) -> Interval:
    from coach.ml.scoring import interval

    return interval(rows, statistic, n=RESAMPLES)


def _interval_json(i: Interval) -> dict[str, Any]:
    return {"value": round(i.value, 4), "low": round(i.low, 4), "high": round(i.high, 4), "n": i.n}


def _latency_ms(folder: Path, someone: PersonDays) -> dict[str, float]:
    """Of a fresh load with its first day, and the median of one day after that."""
    from coach.ml import card, habits
    from coach.ml.features.patterns import days_of

    days = days_of(someone.stretches, someone.weekend)
    one = days.at(slice(1))
    begin = time.perf_counter()
    net, about = habits.load(folder / "model.onnx"), card.read(folder)
    habits.predict(net, about, one)
    first = time.perf_counter() - begin
    again = []
    for _ in range(100):
        begin = time.perf_counter()
        habits.predict(net, about, one)
        again.append(time.perf_counter() - begin)
    return {"first": round(first * 1000, 2), "single": round(statistics.median(again) * 1000, 3)}


def _bars(result: Mapping[str, Any]) -> dict[str, Any]:
    """Each bar with the end of the interval that decides."""
    false = {"false_patterns": [result["shown_falsely"]["clean"]["model"]["high"], "<= 0.05"]}
    if result["family"] == "placebo":
        found = false
    else:
        clean, noisy = result["clean"], result["noisy"]
        found = {
            "accuracy": [clean["model"]["accuracy"]["low"], ">= 0.90"],
            "precision_at_recall_0.70": [clean["model"]["precision_at_recall"]["low"], ">= 0.85"],
            "ap_over_rules_at_30_percent_noise": [noisy["rules"]["model_ahead_by_ap"]["low"], ">= 0.05"],
        }
    return {name: {"decides": x, "bar": bar, "met": bool(_met(x, bar))} for name, (x, bar) in found.items()}


def _met(x: float, bar: str) -> bool:
    sign, _, limit = bar.partition(" ")
    return x >= float(limit) if sign == ">=" else x <= float(limit)
