"""The exam of completion: unseen simulated people; on each task's first day and every week after it, whether it will be on time
and whether it will be done within a week. Against the person's own share of such questions so far (Laplace) and a logistic
regression on five features. The oracle knows drive and temptation, not the luck of a day nor how full it is, calibrated
afterwards."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.config import shipped
from coach.core.completion import Own, Question, by_day, own_weights, shares
from coach.core.errors import InvalidInput
from coach.engine.pretraining.behaviour import SEEDS, questions, shipped_base
from coach.engine.pretraining.behaviour_people import Person, person, true_hazards

if TYPE_CHECKING:
    import numpy as np

    from coach.ml.serving import Net

RESAMPLES = 500
KINDS = ("on time", "soon")
NAMES = ("model", "served", "base rate", "logistic", "oracle")


def exam(users: int, family: str, seed: int, progress: Callable[[str], None], model: Path | None = None) -> dict[str, Any]:
    """Figures on `users` people of a family from `seed` on, with 95 % intervals by a bootstrap over people. Raises InvalidInput
    for people of the training, ModelMissing without a model."""
    import numpy as np

    from coach.ml import card as cards
    from coach.ml import serving

    if users < 1 or seed < SEEDS:
        raise InvalidInput(f"an exam needs people from seed {SEEDS} on", "--users 50")
    folder = model or shipped("models", "behaviour")
    net, about = serving.load(folder / "model.onnx", inputs=("features",), outputs=("logit",)), cards.read(folder)
    base, rows = shipped_base(), []
    for n, number in enumerate(range(seed, seed + users)):
        if n % 10 == 0:
            progress(f"{n} of {users} people of family {family}")
        one = person(number, family)
        rows.append(_rows(one, questions(one, base, net, about), about))
    result: dict[str, Any] = {"name": "behaviour", "family": family, "users": users, "seed": seed}
    for k, kind in enumerate((*KINDS, "all")):
        chosen = [r if kind == "all" else r[r[:, 0] == k] for r in rows]
        result[kind] = _figures([r for r in chosen if len(r)])
    result["calibration"] = _table(np.concatenate(rows))
    result["ms_of_a_task"] = _latency_ms(one, net, about)
    result["bars"] = _bars(result, family)
    return result


def _rows(one: Person, told: Sequence[tuple[Question, float]], about: dict[str, Any]) -> np.ndarray:
    """(kind, happened, model, served, base rate, logistic, oracle) of each question. Served is the model
    drawn towards the base rate by the answers known by then."""
    import numpy as np

    from coach.ml.baselines.behaviour import logits

    asked, said = [q for q, _ in told], [p for _, p in told]
    shared, found = shares(asked), []
    own: dict[tuple[str, date], Own] = {}
    for q, mine, share in zip(asked, said, shared, strict=True):
        key = q.kind, q.today
        if key not in own:
            own[key] = own_weights(asked, said, shared, *key)
        odds = [log(h / (1 - h)) for h in (min(0.999, max(1e-4, x)) for x in true_hazards(one, q.life, q.today, len(q.rows)))]
        logistic = by_day(logits(about, q.rows), 0.0)[-1]
        found.append((KINDS.index(q.kind), q.happened, mine, own[key].drawn(mine, share), share, logistic, by_day(odds, 0.0)[-1]))
    return np.asarray(found, dtype=np.float64).reshape(-1, 7)


def _figures(rows: Sequence[np.ndarray]) -> dict[str, Any]:
    import numpy as np

    from coach.ml.scoring import auc, brier, ece, interval
    from coach.ml.train.behaviour import platt

    whole = np.concatenate(list(rows))
    a, b = platt(whole[:, 6], whole[:, 1] > 0.5)
    p = np.clip(whole[:, 6], 1e-4, 1 - 1e-4)
    oracle = 1 / (1 + np.exp(-(a + b * np.log(p / (1 - p)))))
    found: dict[str, Any] = {"questions": len(whole), "share_done": round(float(whole[:, 1].mean()), 4)}
    for k, name in enumerate(NAMES):
        said = oracle if name == "oracle" else whole[:, 2 + k]
        found[name] = {
            "brier": round(brier(said, whole[:, 1]), 4), "auc": round(auc(said, whole[:, 1]), 4),
            "ece": round(ece(said, whole[:, 1]), 4),
        }
    found["oracle"]["brier_skill"] = round(1 - found["oracle"]["brier"] / found["base rate"]["brier"], 4)
    for who, own in (("", 2), ("served_", 3)):
        for other, column in (("base rate", 4), ("logistic", 5)):
            found[f"{who}brier_skill_over_{other.replace(' ', '_')}"] = _json(interval(
                rows, lambda r, o=own, c=column: 1 - brier(r[:, o], r[:, 1]) / brier(r[:, c], r[:, 1]), n=RESAMPLES))  # type: ignore[misc]
    for key, column in (("ece", 2), ("served_ece", 3)):
        found[key] = _json(interval(rows, lambda r, c=column: ece(r[:, c], r[:, 1]), n=RESAMPLES))  # type: ignore[misc]
    return found


def _table(rows: np.ndarray) -> list[dict[str, float]]:
    """The reliability table of what is told: of each tenth of chances the mean said, the share that happened, how many."""
    import numpy as np

    which = np.clip((rows[:, 3] * 10).astype(int), 0, 9)
    return [
        {"said": round(float(rows[which == i, 3].mean()), 3), "happened": round(float(rows[which == i, 1].mean()), 3),
         "n": int((which == i).sum())}
        for i in range(10) if (which == i).any()
    ]


def _latency_ms(one: Person, net: Net, about: dict[str, Any]) -> float:
    """Median of the coming month of one task, with a warm model and a history in memory."""
    from coach.core.completion import LONGEST, Lived, ahead
    from coach.engine.pretraining.behaviour_people import TZ
    from coach.ml import behaviour

    times, base, lived = [], shipped_base(), Lived()
    for life in one.lives[-30:]:
        begin = time.perf_counter()
        rows = ahead(life, 40, one.dates[-1], LONGEST, TZ, base, lived)
        behaviour.chances(behaviour.logits(net, rows), 0.0, about)
        times.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(times), 3)


def _json(i: Any) -> dict[str, Any]:
    return {"value": round(i.value, 4), "low": round(i.low, 4), "high": round(i.high, 4), "n": i.n}


def _bars(result: dict[str, Any], family: str) -> dict[str, Any]:
    """On what is told to the person."""
    skill, off = result["all"]["served_brier_skill_over_base_rate"], result["all"]["served_ece"]
    auc = result["all"]["served"]["auc"]
    if family == "placebo":
        return {"ece": {"decides": off["value"], "bar": "<= 0.05", "met": bool(off["value"] <= 0.05)}}
    found = {
        "brier_skill": (skill["low"], skill["low"] >= 0.15, ">= 0.15"), "ece": (off["value"], off["value"] <= 0.05, "<= 0.05"),
        "auc": (auc, auc >= 0.75, ">= 0.75"),
    }
    return {name: {"decides": x, "bar": bar, "met": bool(met)} for name, (x, met, bar) in found.items()}
