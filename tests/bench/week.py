"""How good the days beyond the net's 24 hours are: the usual week alone, and moved by calendar and due dates (a ridge).

    python tests/bench/week.py [--people 16] [--seed 730000]

One JSON line per family and day ahead, on simulated people that nothing was fitted to: root mean squared error of scored hours
and the share of them inside the 80 % band, of forecasts at 07:00 from day SINCE on.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from coach.engine.forecast import WEEK_H, kept_baselines
from coach.engine.pretraining.focus_people import simulated
from coach.ml import forecast as serving
from coach.ml.features import focus as features

DAYS, SINCE, ISSUE_HOUR = 140, 30, 7


def person(seed: int, family: str) -> dict[str, Any]:
    """(issues, 168) of truth, and of both forecasts with their bands."""
    series, kept = simulated(seed, DAYS, family).series, kept_baselines()
    known = features.state(series, kept.prior)
    issues = 24 * np.arange(SINCE, DAYS - 8) + ISSUE_HOUR
    hours = issues[:, None] + np.arange(WEEK_H)
    score = np.where(series.active >= features.LEAST_MIN, series.score, np.nan).ravel()
    moved = [serving.beyond(kept, known, int(at), WEEK_H) for at in issues]
    columns = [np.stack([getattr(f, name) for f in moved]) for name in ("mean", "low", "high", "active")]
    return {
        "score": score[hours], "usual week": serving.usual(kept, known, hours, issues[:, None] // 24),
        "calendar": serving.Forecast(*columns),
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--people", type=int, default=16)
    ask.add_argument("--seed", type=int, default=730_000)
    given = ask.parse_args()
    for family in ("A", "B"):
        people = [person(given.seed + n, family) for n in range(given.people)]
        score = np.concatenate([p["score"] for p in people])
        for day in range(7):
            part = (slice(None), slice(24 * day, 24 * day + 24))
            seen = np.isfinite(score[part])
            line: dict[str, object] = {"bench": "week", "family": family, "people": given.people, "day": day + 1}
            for name in ("usual week", "calendar"):
                mean, low, high = (
                    np.concatenate([getattr(p[name], end) for p in people])[part][seen] for end in ("mean", "low", "high"))
                truth = score[part][seen]
                line[name] = {"rmse": round(float(np.sqrt(np.mean((mean - truth) ** 2))), 4),
                              "inside": round(float(np.mean((low <= truth) & (truth <= high))), 3)}
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
