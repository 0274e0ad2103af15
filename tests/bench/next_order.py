"""Whether the order of what is next learns the person or its own list: simulated people who look at what stands high.

Each choice of a simulated person (`priority_people`) is drawn anew: a task of true utility u (standardised among what is open) at
rank r of the list that the arm shows is taken with a chance like e^(2 u) r^-bias. Each arm learns from its own list's choices:

    none      places are not looked at
    fixed     the exponent that is assumed, 0.5
    learnt    near ties are drawn by lot on some days, and the exponent is learnt from them
    known     the exponent is the person's own bias: what could be won

`accuracy` is the share of pairs of open tasks that the arm's scores put as the true utilities do, over the choices after the
100th, a mean over people with its 95 % interval; `over_fixed` is paired; `look` is the exponent at the end. JSON lines.

    python tests/bench/next_order.py --people 20
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
from math import exp, log
from typing import Any

from coach.config import shipped
from coach.core.exploring import Look, Tie, explored
from coach.core.priority import Base, Option, Taste, learn, option, parts
from coach.engine.pretraining.priority_people import Choice, choices
from coach.engine.prioritising import TABLES, base_of
from coach.ml.scoring import interval, paired

SEEDS = 3_000_000
FROM = 100
KEEN = 2.0
ARMS = ("none", "fixed", "learnt", "known")


def person(told: list[Choice], base: Base, bias: float, arm: str, seed: int) -> dict[str, float]:
    """Accuracy after FROM choices of a person with that bias, and the exponent at the end."""
    dice, taste, right = random.Random(f"{seed} {bias}"), Taste(), []
    moved = 0
    if arm == "known":
        taste.look = Look(bias)
    for number, one in enumerate(told):
        options = [
            option(base, taste, t.id, traits, one.at.timestamp(), weekend=one.weekend, snoozed=t.snooze_count)
            for t, traits in zip(one.opened, one.traits, strict=True)]
        scores = [sum(parts(base, taste, o)) for o in options]
        listed, ties, swaps = _shown(options, scores, arm, seed, one)
        moved += swaps
        ranks = {options[i].id: rank for rank, i in enumerate(listed, 1)}
        keen = _keen(one)
        odds = [exp(keen[i] - bias * log(ranks[o.id])) for i, o in enumerate(options)]
        chosen = dice.choices(range(len(options)), weights=odds)[0]
        if number >= FROM:
            right.append(_concordant(scores, one.utility))
        learn(base, taste, options, chosen, None if arm == "none" else ranks, weekend=one.weekend, ties=ties)
    return {"accuracy": statistics.fmean(right), "look": taste.look.mean, "moved": moved / len(told)}


def _shown(
    options: list[Option], scores: list[float], arm: str, seed: int, one: Choice,
) -> tuple[list[int], dict[str, Tie], int]:
    order = sorted(range(len(options)), key=lambda i: -scores[i])
    if arm != "learnt":
        return order, {}, 0

    def lot(of: str) -> float:
        return random.Random(f"{seed} {one.at.date()} {of}").random()

    drawn, ties = explored([scores[i] for i in order], [False] * len(order), lot("day"), lambda i: lot(options[order[i]].id))
    return [order[i] for i in drawn], {options[order[i]].id: tie for i, tie in ties.items()}, drawn != sorted(drawn)


def _keen(one: Choice) -> list[float]:
    mean, sd = statistics.fmean(one.utility), statistics.pstdev(one.utility) or 1.0
    return [KEEN * (u - mean) / sd for u in one.utility]


def _concordant(scores: list[float], truth: tuple[float, ...]) -> float:
    pairs = [(i, j) for i in range(len(truth)) for j in range(i) if truth[i] != truth[j]]
    return statistics.fmean((scores[i] - scores[j]) * (truth[i] - truth[j]) > 0 for i, j in pairs) if pairs else 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--bias", type=float, nargs="*", default=[0.0, 0.5, 1.0, 1.5])
    asked = parser.parse_args()
    base = base_of(shipped("models", "priority", TABLES).read_bytes())
    told = [list(choices(SEEDS + n, "A")) for n in range(asked.people)]
    told = [one for one in told if len(one) > FROM]
    for bias in asked.bias:
        found = {arm: [person(one, base, bias, arm, n) for n, one in enumerate(told)] for arm in ARMS}
        right = {arm: [p["accuracy"] for p in people] for arm, people in found.items()}
        for arm in ARMS:
            line: dict[str, Any] = {
                "bias": bias, "arm": arm, "people": len(told), "accuracy": str(interval(right[arm])),
                "over_fixed": str(paired(right[arm], right["fixed"])),
                "look": round(statistics.fmean(p["look"] for p in found[arm]), 3),
                "lists_with_a_drawn_order": round(statistics.fmean(p["moved"] for p in found[arm]), 4),
            }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
