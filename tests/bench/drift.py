"""How soon a shift of a person's rhythm is noticed, and how often one is that was not: the alarms of coach/core/drift.py on
simulated people that no threshold was chosen on.

    python tests/bench/drift.py [--people 30] [--seed 720000] [--hours 1.5]

Half of the people come to be later by so many hours and half earlier, on day DAY; the same people live YEAR days without any
change. One JSON line per alarm: `rhythm` looks at when working days begin; `loss` at the daily loss of the model that ships.
`found_share` is the share of shifts found within LIMIT_DAYS, `median_days` and `p90_days` how many days it took (null: not in the
days that were lived), `false_a_year` the alarms of a year without change, each followed by learning what is usual anew.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from coach.config import shipped
from coach.core import drift
from coach.engine.learning import focus as learning
from coach.engine.learning.kinds import Model
from coach.engine.pretraining.focus_people import simulated
from coach.ml import card
from coach.ml import forecast as ml
from coach.simulation.course import Shift

DAY, AFTER, YEAR = 110, 40, 400
LIMIT_DAYS = 10
LIMIT_FALSE = 1.0
MONDAY = date(2026, 1, 5)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--people", type=int, default=30)
    ask.add_argument("--seed", type=int, default=720_000)
    ask.add_argument("--hours", type=float, default=1.5)
    given = ask.parse_args()
    folder = shipped("models", "focus")
    model = Model(0, ml.load(folder / "model.onnx"), card.read(folder))
    late: dict[str, list[int | None]] = {"rhythm": [], "loss": []}
    false = {"rhythm": 0, "loss": 0}
    for n in range(given.people):
        seed, hours = given.seed + n, given.hours if n % 2 else -given.hours
        changed = learnt(seed, DAY + AFTER, Shift(DAY, hours))
        still = learnt(seed, YEAR, Shift(YEAR, 0.0))
        day = changed.first + timedelta(days=DAY)
        for name, found in (("rhythm", rhythms(starts(changed))), ("loss", losses(changed, model))):
            after = [alarm for alarm in found if alarm >= day]
            late[name].append((after[0] - day).days + 1 if after else None)
        false["rhythm"] += len(rhythms(starts(still)))
        false["loss"] += len(losses(still, model))
    for name, took in late.items():
        report(name, took, false[name] / (given.people * YEAR / 365), given.hours)


def learnt(seed: int, days: int, shift: Shift) -> learning.History:
    one = simulated(seed, days, "A", shift=shift).series
    return learning.history(MONDAY + timedelta(days=one.weekday), one)


def starts(data: learning.History) -> dict[date, float]:
    found = {data.first + timedelta(days=i): drift.day_start(row.tolist()) for i, row in enumerate(data.series.active)}
    return {day: start for day, start in found.items() if start is not None}


def rhythms(of: Mapping[date, float]) -> list[date]:
    """Every alarm on the days as they came."""
    days, found = sorted(of), []
    for n in range(1, len(days) + 1):
        alarm = drift.rhythm_drift({day: of[day] for day in days[:n]})
        if alarm and alarm[0] not in found:
            found.append(alarm[0])
    return found


def losses(data: learning.History, model: Model) -> list[date]:
    """Every alarm over the model's loss at 07:00, with what is usual learnt anew after each."""
    known = dict(learning.replay(data, model, data.days))
    found = []
    while alarm := drift.loss_drift(known):
        found.append(alarm)
        known = {day: loss for day, loss in known.items() if day > alarm}
    return found


def report(name: str, took: Sequence[int | None], false_a_year: float, hours: float) -> None:
    ended = sorted(AFTER + 1 if days is None else days for days in took)
    median, p90 = statistics.median(ended), ended[int(len(ended) * 0.9)]
    print(json.dumps({
        "bench": "drift", "alarm": name, "people": len(took), "shift_h": hours,
        "found_share": round(float(np.mean([days <= LIMIT_DAYS for days in ended])), 3),
        "median_days": None if median > AFTER else median, "p90_days": None if p90 > AFTER else p90, "limit_days": LIMIT_DAYS,
        "false_a_year": round(false_a_year, 2), "limit_false_a_year": LIMIT_FALSE,
    }), flush=True)


if __name__ == "__main__":
    main()
