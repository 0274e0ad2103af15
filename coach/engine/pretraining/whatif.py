"""Base weights of the what-if, from simulated people of family A: `coach lab pretrain whatif`.

Training people have seeds below 1,000,000. Their days, and the trained weights, may be kept in a cache outside the repository,
each under the digest of what it was made from, so that only what changed is made anew."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from coach.core import focus
from coach.engine.pretraining import whatif_people
from coach.engine.pretraining.whatif_people import CASES, Simulated, Truth
from coach.ml import response as responses
from coach.ml import scoring
from coach.ml import whatif as serving
from coach.ml.features import daymap, reference
from coach.ml.features import whatif as features
from coach.ml.features.whatif import Array, Days
from coach.ml.response import Response
from coach.ml.serving import Net

Progress = Callable[[str], None]

DAYS = 130
HELD_OUT = 50
"""So many further training people say which generator that training passes is kept, by their days, and how wide the interval must
be, by interventions."""
AHEAD = 40
STOCKED = reference.RECENT
"""Days of each kind, workday and weekend, that stand in for a person's own: each of another training person."""
SURE = 0.75
"""The chance that the interval is wide enough for 80 % of gains, over draws of calibrating people."""
DRAWS = 4
STRENGTHS = (5.0, 20.0, 60.0, 200.0, 600.0)
VERSION = "2.0.0"
EXAMINED = 50
OWN_DAYS_FROM = 14
"""Where the net has not won, own days serve from here on; with fewer there is too little to draw from."""
NOTES = (
    "The net edits one of the person's last 28 tracked days, or of those given (calibration.stock) where there are fewer "
    "than five of the kind. Below own_days_from tracked days it serves even where the exam says baseline. A gain is read "
    "from one and the same day changed, not from other days that meet the goal; its interval is as wide as simulated "
    "interventions on training people made it where its group was asked for, and where no intervention was about the group "
    "as wide as all of them made it. For real people that width is an assumption, and so is what fewer messages bring "
    "beyond the hours they leave: that too is from interventions on simulated people of family A (calibration.beyond)."
)


def pretrain(
    target: Path, people: int, seed: int, device: str, progress: Progress, cache: Path | None = None,
) -> dict[str, Any]:
    """Write model.onnx, weights.safetensors and card.json to `target`; returns the card."""
    from coach.ml.train import export  # torch: 2 s
    from coach.ml.train import whatif as training

    days = training_days(people, seed, progress, cache)
    progress("fitting the response")
    calibration = calibrated(days, seed)
    lives = held_out(seed, progress)
    schedule = training.Schedule()
    examples = training.pool(days, serving.known({"calibration": calibration}).typical, DRAWS, seed)
    made_from = digest(days, repr((schedule, seed, DRAWS)))
    kept = cache / f"whatif-{made_from[:16]}.safetensors" if cache else None
    if kept is not None and kept.is_file():
        pair = training.from_bytes(kept.read_bytes())
    else:
        pair = training.pretrain(
            examples, schedule, seed, device, lambda share, words: progress(f"{share:.0%} {words}"), judge(lives, calibration))
        if kept is not None:
            kept.write_bytes(training.to_bytes(pair)[1])
    onnx, weights = training.to_bytes(pair)
    progress("fitting the interval")
    calibration |= widths(serving.load(onnx), calibration, lives)
    card = {
        "name": "whatif", "version": VERSION,
        "what": "conditional WGAN-GP that edits a day of the person's own, monotone response of focus",
        "formula_version": focus.FORMULA, "seed": seed, "device": device,
        "data": {
            "family": "A", "people": people, "days": DAYS, "seeds": f"{seed} to {seed + people - 1}", "sha256": digest(days),
        },
        "schedule": asdict(schedule), "calibration": calibration, "own_days_from": OWN_DAYS_FROM,
        "made_by": f"coach lab pretrain whatif --people {people} --seed {seed} --device {device}",
    }
    export.save(target, onnx, weights, card)
    return examined(target, card, progress)


def examined(folder: Path, card: dict[str, Any], progress: Progress, users: int = EXAMINED) -> dict[str, Any]:
    """The card with what the exam says of the model in `folder` on unseen people of A and B, and who serves by it."""
    from coach.engine.exams import whatif as exams
    from coach.ml import card as cards

    found = {family: exams.exam(users, family, progress=progress, folder=folder) for family in ("A", "B")}
    judged = {
        **card, "serves": exams.serves(list(found.values())), "notes": NOTES,
        "metrics": {family: exams.summed_up(one) for family, one in found.items()}, "bars": exams.BARS,
    }
    cards.write(folder, judged)
    return judged


def training_days(people: int, seed: int, progress: Progress, cache: Path | None = None) -> list[Days]:
    """The days of `people` people from `seed` on, from the cache where they are there."""
    file = cache / f"whatif-days-{people}-{seed}-{DAYS}.npz" if cache else None
    if file is not None and file.is_file():
        return unpacked(file.read_bytes())
    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 16)
    lives = whatif_people.people(range(seed, seed + people), DAYS, "A", workers=workers, progress=progress)
    days = [life.days for life in lives]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(packed(days))
    return days


def packed(people: Sequence[Days]) -> bytes:
    """The days as .npz; minutes and visits in half precision, which keeps them to 2 s."""
    stream = io.BytesIO()
    every = _joined(people)
    np.savez_compressed(
        stream, lengths=np.array([len(d) for d in people]), weekday=every.weekday, minutes=every.minutes.astype(np.float16),
        visits=every.visits.astype(np.float16), score=every.score.astype(np.float16),
    )
    return stream.getvalue()


def unpacked(content: bytes) -> list[Days]:
    """What `packed` made."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        ends = np.cumsum(stored["lengths"])
        minutes, visits, score = (stored[name].astype(np.float64) for name in ("minutes", "visits", "score"))
        weekday = stored["weekday"].astype(np.int64)
    every = Days(minutes, visits, score, weekday)
    return [every[end - length:end] for end, length in zip(ends, np.diff(ends, prepend=0), strict=True)]


def digest(people: Sequence[Days], more: str = "") -> str:
    """SHA-256 of all days, to a tenth of a minute, and of `more`."""
    made = hashlib.sha256(more.encode())
    for days in people:
        made.update(np.rint(days.minutes * 10).astype(np.int16).tobytes())
        made.update(days.weekday.astype(np.int8).tobytes())
    return made.hexdigest()


def typical_day(people: Sequence[Days]) -> Array:
    """(71,) mean ingredients of a day, each person counting the same."""
    found: Array = np.mean([features.ingredients(d).mean(axis=0) for d in people if len(d)], axis=0)
    return found


def calibrated(days: Sequence[Days], seed: int) -> dict[str, Any]:
    """What the card holds for everyone before there is a net: see `coach.ml.whatif.Known`; and the scale of the map of days."""
    everyone = responses.fit(_joined(days[:200]))
    scale = daymap.scale(daymap.figures(*_rounded(_joined(days))))
    return {
        "typical": typical_day(days).round(6).tolist(), "response": everyone.json(),
        "strength": min(STRENGTHS, key=lambda s: _held_out(days[-60:], everyone, s)),
        "pace": responses.pace(_joined(days[:200])).round(5).tolist(),
        "widen": [1.0] * len(features.GROUPS), "widen_own": [1.0] * len(features.GROUPS),
        "stock": reference.packed(stock(days, seed)),
        "map": {"version": daymap.VERSION, "mean": scale.mean.round(5).tolist(), "sd": scale.sd.round(5).tolist()},
    }


def stock(people: Sequence[Days], seed: int) -> Days:
    """STOCKED workdays and as many of the weekend, one of each of so many people."""
    rng = np.random.default_rng(seed)
    found = []
    for workday in (True, False):
        having = [of for days in people if len(of := days[(days.weekday < 5) == workday])]
        some = rng.permutation(len(having))[:STOCKED]
        found += [having[i][rng.integers(0, len(having[i]), 1)] for i in some]
    return _joined(found)


def held_out(seed: int, progress: Progress) -> list[Simulated]:
    """HELD_OUT training people with the true gains of interventions."""
    seeds = range(seed + 600_000, seed + 600_000 + HELD_OUT)
    return list(whatif_people.people(seeds, DAYS, "A", AHEAD, list(CASES), progress=progress))


def judge(lives: Sequence[Simulated], calibration: dict[str, Any]) -> Callable[[Net], float]:
    """How far a net's days are from real ones of people held out: the mean of the exam's figures, each over its bar."""
    from coach.engine.exams import whatif as exams
    from coach.engine.exams import whatif_days

    known = serving.known({"calibration": calibration})

    def judged(net: Net) -> float:
        made, _ = whatif_days.compared(lives, net, known, calibration["map"])
        rows, told = np.vstack(made.pairs), np.vstack(whatif_days.told_apart(made.pairs))
        figures = {
            "frechet_over_floor": whatif_days.distance(rows) / whatif_days.floor(rows),
            "two_sample_auc": scoring.auc(told[:, 0], told[:, 1]),
            "goal_error_min": float(np.concatenate(made.missed_min).mean()),
        }
        return float(np.mean([value / exams.BARS[name] for name, value in figures.items()]))

    return judged


def widths(net: Net, calibration: dict[str, Any], lives: Sequence[Simulated]) -> dict[str, Any]:
    """What interventions on people held out say: `beyond`, `widen` and `widen_own` of `coach.ml.whatif.Known`."""
    known = serving.known({"calibration": calibration})
    known = replace(known, beyond=_beyond(lives, known))
    return {
        "beyond": known.beyond.tolist(),
        "widen": _widening(lives, known, lambda d, change, r: serving.with_net(net, d, known, change, r)),
        "widen_own": _widening(lives, known, lambda d, change, r: serving.with_own_days(d, known, change, r)),
    }


def _beyond(lives: Sequence[Simulated], known: serving.Known) -> Array:
    """(8,) `Known.beyond` by least squares through zero of what the response misses of the true gains, on the change in minutes;
    one slope for the groups that are asked together. Own days tell both sides: no net takes part."""
    missed: dict[tuple[int, ...], list[tuple[float, float]]] = {}
    for life in lives:
        own = life.days[:life.known]
        response = serving.personal(own, known)
        for truth in life.truths:
            found = serving.with_own_days(own, known, truth.change_min, response)
            groups = tuple(np.flatnonzero(np.isfinite(truth.change_min)).tolist())
            missed.setdefault(groups, []).append((float(found.reachable_min.sum()), truth.gain - found.gain))
    beyond = np.zeros(len(features.GROUPS))
    for groups, rows in missed.items():
        minutes, gain = np.array(rows).T
        beyond[list(groups)] = round(min(0.0, float(minutes @ gain / max(minutes @ minutes, 1e-9))), 7)
    return beyond


def _widening(
    lives: Sequence[Simulated], known: serving.Known, answer: Callable[[Days, Array, Response], serving.Whatif],
) -> list[float]:
    """(8,) `Known.widen`: of what each true gain would need, the 80 % quantile (split conformal: Lei et al. 2018), by the groups
    that are asked together (Mondrian: Vovk et al. 2005)."""
    ratios: dict[tuple[int, ...], list[tuple[int, float]]] = {}
    for person, life in enumerate(lives):
        for truth, said in _answers(life, known, answer):
            groups = tuple(np.flatnonzero(np.isfinite(truth.change_min)).tolist())
            ratios.setdefault(groups, []).append((person, abs(truth.gain - said.gain) / max(said.high - said.gain, 1e-9)))
    widen = np.full(len(features.GROUPS), _surely(np.array([row for rows in ratios.values() for row in rows])))
    for groups, rows in ratios.items():
        widen[list(groups)] = _surely(np.array(rows))
    return [round(float(w), 3) for w in widen]


def _surely(rows: Array) -> float:
    """What is with a chance of SURE at least the 80 % quantile of the second column (n, 2), by a bootstrap over the people of the
    first: of few people's cases the quantile itself is too small half of the time (training-conditional: Vovk 2012)."""
    of = [rows[rows[:, 0] == person, 1] for person in np.unique(rows[:, 0])]
    rng = np.random.default_rng(0)
    drawn = [np.quantile(np.concatenate([of[i] for i in rng.integers(0, len(of), len(of))]), 0.8) for _ in range(1000)]
    return float(np.quantile(drawn, SURE))


def _answers(
    life: Simulated, known: serving.Known, answer: Callable[[Days, Array, Response], serving.Whatif],
) -> list[tuple[Truth, serving.Whatif]]:
    own = life.days[:life.known]
    response = serving.personal(own, known)
    return [(truth, answer(own, truth.change_min, response)) for truth in life.truths]


def _held_out(people: Sequence[Days], everyone: Response, strength: float) -> float:
    """Mean squared error of later days' focus by a response from the 30 days before them."""
    errors = []
    for days in people:
        own = responses.fit(days[:30], everyone, strength)
        later = days[30:]
        truth = features.day_focus(later.score, later.minutes.sum(axis=2))
        errors.append(np.nanmean((responses.focus_of(own, later.minutes, later.visits) - truth) ** 2))
    return float(np.nanmean(errors))


def _joined(people: Sequence[Days]) -> Days:
    return Days(*(np.concatenate([getattr(d, name) for d in people]) for name in ("minutes", "visits", "score", "weekday")))


def _rounded(days: Days) -> tuple[Array, Array]:
    return features.whole_minutes(days.minutes), np.rint(days.visits)
