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
from coach.engine.pretraining.whatif_people import CASES, Simulated
from coach.ml import response as responses
from coach.ml import whatif as serving
from coach.ml.features import daymap
from coach.ml.features import whatif as features
from coach.ml.features.whatif import Array, Days
from coach.ml.response import Response

Progress = Callable[[str], None]

DAYS = 100
CALIBRATING = 40
"""So many further training people whose interventions set the width of the interval."""
AHEAD = 40
DRAWS = 4
STRENGTHS = (5.0, 20.0, 60.0, 200.0, 600.0)
VERSION = "1.0.0"
EXAMINED = 30
OWN_DAYS_FROM = 14
"""Where the net has not won, own days serve from here on; with fewer there is too little to draw from."""
NOTES = (
    "Below own_days_from tracked days the net serves even where the exam says baseline. A gain is read from one and the same "
    "day changed, not from other days that meet the goal; its interval is as wide as simulated interventions on training people "
    "made it. For real people that width is an assumption, and so is what fewer messages bring beyond the hours they leave: that "
    "too is from interventions on simulated people of family A (calibration.beyond)."
)


def pretrain(
    target: Path, people: int, seed: int, device: str, progress: Progress, cache: Path | None = None,
) -> dict[str, Any]:
    """Write model.onnx, weights.safetensors and card.json to `target`; returns the card."""
    from coach.ml.train import export  # torch: 2 s
    from coach.ml.train import whatif as training

    days = training_days(people, seed, progress, cache)
    typical = typical_day(days)
    schedule = training.Schedule()
    examples = training.pool(days, typical, DRAWS, seed)
    made_from = digest(days, repr((schedule, seed, DRAWS)))
    kept = cache / f"whatif-{made_from[:16]}.safetensors" if cache else None
    if kept is not None and kept.is_file():
        pair = training.from_bytes(kept.read_bytes())
    else:
        pair = training.pretrain(examples, schedule, seed, device, lambda share, words: progress(f"{share:.0%} {words}"))
        if kept is not None:
            kept.write_bytes(training.to_bytes(pair)[1])
    sharp, chance, distance = training.calibrate(pair, training.pool(days[-60:], typical, 1, seed + 1))
    progress(f"sharp {sharp}, chance {chance}: {distance:.2f} from real training days")
    onnx, weights = training.to_bytes(pair)
    progress("fitting the response and its interval")
    calibration = calibrated(onnx, days, typical, seed, progress)
    card = {
        "name": "whatif", "version": VERSION, "what": "conditional WGAN-GP over days, monotone response of focus",
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


def calibrated(onnx: bytes, days: Sequence[Days], typical: Array, seed: int, progress: Progress) -> dict[str, Any]:
    """What the card holds for everyone: see `coach.ml.whatif.Known`; and the scale of the map of days."""
    everyone = responses.fit(_joined(days[:200]))
    strength = min(STRENGTHS, key=lambda s: _held_out(days[-60:], everyone, s))
    pace = responses.pace(_joined(days[:200]))
    known = serving.Known(typical, everyone, pace, strength, 1.0, 1.0, np.zeros(len(features.GROUPS)))
    seeds = range(seed + 500_000, seed + 500_000 + CALIBRATING)
    lives = list(whatif_people.people(seeds, DAYS, "A", AHEAD, list(CASES), progress=progress))
    net = serving.load(onnx)
    known = replace(known, beyond=_beyond(lives, known))
    scale = daymap.scale(daymap.figures(*_rounded(_joined(days))))
    return {
        "typical": typical.round(6).tolist(), "response": everyone.json(), "strength": strength,
        "pace": pace.round(5).tolist(),
        "beyond": known.beyond.tolist(),
        "widen": _widening(lives, known, lambda d, change, r: serving.with_net(net, d, known, change, r)),
        "widen_own": _widening(lives, known, lambda d, change, r: serving.with_own_days(d, known, change, r)),
        "map": {"version": daymap.VERSION, "mean": scale.mean.round(5).tolist(), "sd": scale.sd.round(5).tolist()},
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
) -> float:
    """The factor by which 80 % of the true gains lie inside the interval (split conformal: Lei et al. 2018)."""
    ratios = []
    for life in lives:
        own = life.days[:life.known]
        response = serving.personal(own, known)
        for truth in life.truths:
            found = answer(own, truth.change_min, response)
            ratios.append(abs(truth.gain - found.gain) / max(found.high - found.gain, 1e-9))
    return round(float(np.quantile(ratios, 0.8)), 3)


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
