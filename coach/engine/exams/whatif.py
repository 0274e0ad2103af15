"""The exam of the what-if: are its days like real ones of unseen people, do they meet their goals, and is the promised gain the
one that the simulator's intervention brings?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coach.config import shipped
from coach.engine.exams import whatif_days
from coach.engine.exams.whatif_days import Compared
from coach.engine.pretraining import whatif_people
from coach.engine.pretraining.whatif_people import CASES, Simulated, Truth
from coach.ml import card as cards
from coach.ml import scoring
from coach.ml import whatif as serving
from coach.ml.features.whatif import Array, Days
from coach.ml.serving import Net

EXAM_SEEDS = 1_000_000
KNOWN, AHEAD = 90, 40
"""Days of history, and days after it on which days and interventions are judged."""
COLD_START_DAYS = (0, 3, 7, 14, 30, 60, 90)
COLD_START_PEOPLE = 20
FELT = 0.01
"""A true gain from which on its sign must be right."""
BARS = {
    "frechet_over_floor": 3.0, "frechet": 50.0, "two_sample_auc": 0.70, "goal_error_min": 10.0, "sign_right": 0.90,
    "gain_mae": 0.03, "coverage": 0.75, "tstr_over_trtr": 0.9,
}

Progress = Callable[[str], None]
Answer = Callable[[Days, Truth], serving.Whatif | None]


@dataclass(frozen=True, slots=True)
class Gains:
    """One person, a row for each case: `rows` (c, 5) are promised, low, high, true gain and the goal error in minutes."""

    rows: Array


def exam(
    users: int, family: str = "A", seed: int = EXAM_SEEDS, progress: Progress = lambda _: None, folder: Path | None = None,
) -> dict[str, Any]:
    """Figures of the shipped net (or the one in `folder`), of own days resampled, and of "nothing changes", on `users` people
    from `seed` on, with 95 % intervals over people. The oracle of a gain is the intervention itself."""
    folder = folder or shipped("models", "whatif")
    card, net = cards.read(folder), serving.load(folder)
    known = serving.known(card)
    lives: list[Simulated] = []
    for life in whatif_people.people(range(seed, seed + users), KNOWN + AHEAD, family, AHEAD, list(CASES)):
        lives.append(life)
        if len(lives) % 10 == 0:
            progress(f"{len(lives)} of {users} people lived")
    progress("comparing days")
    by_net, by_own = whatif_days.compared(lives, net, known, card["calibration"]["map"])
    progress("asking what if")
    asked = {"net": _by_net(net, known), "resampling": _by_own(known), "nothing changes": _nothing}
    gains = {name: [_gains(life, answer) for life in lives] for name, answer in asked.items()}
    return {
        "name": "whatif", "family": family, "users": len(lives), "seed": seed, "version": card.get("version"),
        "serves": card.get("serves"), "days": {"net": _days(by_net), "resampling": _days(by_own)},
        "gain": {name: _gain_figures(found) for name, found in gains.items()},
        "net_minus_resampling_mae": _three(scoring.paired(
            [_mae(g.rows) for g in gains["net"]], [_mae(g.rows) for g in gains["resampling"]])),
        "true_gain": _three(scoring.interval([g.rows[:, 3] for g in gains["net"]])),
        "oracle": {"gain_mae": 0.0, "note": "the intervention itself, with the same luck"},
        "latency_ms": _latency(net, known, lives[0]), "cold_start": _cold_start(lives[:COLD_START_PEOPLE], net, known),
        "bars": BARS,
    }


def summed_up(found: dict[str, Any]) -> dict[str, Any]:
    """What a card keeps of an exam: net and own days on every bar, who is examined, and whether the net's promise is better."""
    kept = {
        name: {**found["days"][name], **{k: v for k, v in found["gain"][name].items() if k != "goal_error_min"}}
        for name in ("net", "resampling")
    }
    return {
        "model": kept["net"],
        "baselines": {"resampling": kept["resampling"], "nothing changes": found["gain"]["nothing changes"]},
        "oracle": found["oracle"], "net_minus_resampling_mae": found["net_minus_resampling_mae"], "true_gain": found["true_gain"],
        "cold_start": found["cold_start"], "users": found["users"], "seed": found["seed"],
    }


def serves(found: Sequence[dict[str, Any]]) -> str:
    """"model" where the net's promise beats own days' for sure and its days pass for real ones, in every family examined."""
    better = all(f["net_minus_resampling_mae"]["high"] < 0 for f in found)
    real = all(f["days"]["net"]["two_sample_auc"]["high"] <= BARS["two_sample_auc"] for f in found)
    return "model" if better and real else "baseline"


def _by_net(net: Net, known: serving.Known) -> Answer:
    return lambda own, truth: serving.with_net(net, own, known, truth.change_min)


def _by_own(known: serving.Known) -> Answer:
    return lambda own, truth: serving.with_own_days(own, known, truth.change_min) if len(own) else None


def _nothing(own: Days, truth: Truth) -> None:
    return None


def _gains(life: Simulated, answer: Answer, days: int = KNOWN) -> Gains:
    own = life.days[:life.known]
    own = own[max(0, len(own) - days):] if days else own[:0]
    rows = []
    for truth in life.truths:
        found = answer(own, truth)
        said = (found.gain, found.low, found.high, found.goal_error_min) if found else (0.0, 0.0, 0.0, 0.0)
        rows.append((*said[:3], truth.gain, said[3]))
    return Gains(np.array(rows, dtype=np.float64).reshape(-1, 5))


def _gain_figures(gains: Sequence[Gains]) -> dict[str, Any]:
    rows = [g.rows for g in gains if len(g.rows)]
    felt = [np.sign(r[:, 0]) == np.sign(r[:, 3]) for g in rows if len(r := g[np.abs(g[:, 3]) >= FELT])]
    return {
        "gain_mae": _three(scoring.interval(rows, _mae)), "sign_right": _three(scoring.interval([f.astype(float) for f in felt])),
        "coverage": _three(scoring.interval(rows, lambda r: scoring.coverage(r[:, 1], r[:, 2], r[:, 3]))),
        "bias": _three(scoring.interval(rows, lambda r: float(np.mean(r[:, 0] - r[:, 3])))),
        "goal_error_min": _three(scoring.interval(rows, lambda r: float(r[:, 4].mean()))),
        "by_case": {
            name: {"gain_mae": round(_mae(part), 4), "promised": round(float(part[:, 0].mean()), 4),
                   "true": round(float(part[:, 3].mean()), 4)}
            for i, name in enumerate(CASES) if len(part := np.stack([r[i] for r in rows]))
        },
    }


def _mae(rows: Array) -> float:
    return float(np.abs(rows[:, 0] - rows[:, 3]).mean())


def _days(found: Compared) -> dict[str, Any]:
    """How near the made days are to the real ones of the same people."""
    pairs = found.pairs
    return {
        "frechet": _three(scoring.interval(pairs, whatif_days.distance, n=200)),
        "floor": _three(scoring.interval(pairs, whatif_days.floor, n=200)),
        "frechet_over_floor": _three(scoring.interval(pairs, lambda r: whatif_days.distance(r) / whatif_days.floor(r), n=200)),
        "two_sample_auc": _three(scoring.interval(whatif_days.told_apart(pairs), _auc, n=200)),
        "two_sample_auc_logistic": _three(scoring.interval(whatif_days.told_apart(pairs, boosted=False), _auc, n=200)),
        "goal_error_min": _three(scoring.interval(found.missed_min)),
        "tstr_over_trtr": round(whatif_days.useful(pairs), 3),
    }


def _auc(rows: Array) -> float:
    return scoring.auc(rows[:, 0], rows[:, 1])


def _latency(net: Net, known: serving.Known, life: Simulated) -> dict[str, float]:
    """Milliseconds: one day from the net, 210 days, and the whole answer with both sets of days."""
    from coach.ml import serving as interface

    given = {name: np.zeros((serving.DAYS, *(n or 0 for n in net.shapes[name][1:]))) for name in net.inputs}
    response = serving.personal(life.days, known)
    runs: dict[str, Callable[[], Any]] = {
        "one_day": lambda: interface.run(net, **{name: rows[:1] for name, rows in given.items()}),
        "net": lambda: interface.run(net, **given),
        "answer": lambda: serving.with_net(net, life.days, known, life.truths[0].change_min, response),
    }
    found = {}
    for name, run in runs.items():
        run()
        taken = []
        for _ in range(15):
            began = time.perf_counter()
            run()
            taken.append((time.perf_counter() - began) * 1000)
        found[name] = round(sorted(taken)[len(taken) // 2], 2)
    return found


def _cold_start(lives: Sequence[Simulated], net: Net, known: serving.Known) -> dict[str, dict[str, float]]:
    """Mean absolute error of the gain by days of history; without any there are no own days."""
    answers = {"net": _by_net(net, known), "resampling": _by_own(known)}
    return {
        str(days): {
            name: round(float(np.mean([_mae(_gains(life, answer, days).rows) for life in lives])), 4)
            for name, answer in answers.items() if days or name == "net"
        }
        for days in COLD_START_DAYS
    }


def _three(x: scoring.Interval) -> dict[str, float]:
    return {"value": round(x.value, 4), "low": round(x.low, 4), "high": round(x.high, 4), "n": x.n}
