"""The verdict on a candidate: judged by the child on days it has not seen, promoted here, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from coach.core import promotion
from coach.core.errors import Unavailable
from coach.engine.learning import registry
from coach.engine.learning.kinds import Learner, Model
from coach.store import models
from coach.store.db import Connection


def examine(functions: Learner, data: Any, candidate: Model, active: Model, days: Sequence[date]) -> dict[str, Any]:
    """The losses of candidate, active version and baseline on `days`, and of both versions on the frozen set. In the child."""

    def replayed(model: Model | None) -> dict[str, float]:
        return {day.isoformat(): float(loss) for day, loss in functions.replay(data, model, days).items()}

    return {
        "candidate_losses": replayed(candidate), "active_losses": replayed(active),
        "baseline_losses": replayed(None), "regression": dict(functions.regression(candidate)),
        "regression_before": dict(functions.regression(active)),
    }


def skill(judged: Mapping[str, Any]) -> float:
    """Over the baseline, on the days that judged it."""
    return promotion.compare(_by_day(judged["candidate_losses"]), _by_day(judged["baseline_losses"])).skill


def settle(db: Connection, name: str, now: datetime, mode: str) -> list[tuple[int, str, str]]:
    """A verdict for each candidate: (number, status, why). Also for those that a process left behind that was killed between
    training and verdict."""
    return [
        (candidate.number, *_verdict(db, candidate, now, mode))
        for candidate in models.candidates(db) if candidate.kind == name
    ]


def _verdict(db: Connection, candidate: models.Version, now: datetime, mode: str) -> tuple[str, str]:
    name, number, judged = candidate.kind, candidate.number, candidate.card.get("judged", {})
    current = registry.active(db, name).number
    try:
        registry.load(db, name, number)
        if not judged or judged.get("active") != current:
            raise Unavailable("the active version changed while it was trained")
    except Unavailable as error:
        models.judge(db, name, number, "rejected")
        return "rejected", error.message
    found = promotion.compare(_by_day(judged["candidate_losses"]), _by_day(judged["active_losses"]))
    passed = promotion.gate(found, judged["regression"], judged["regression_before"])
    if passed.yes:
        models.promote(db, name, number, now, passed.why)
        return "kept", passed.why
    harmful = promotion.worst_case(judged["regression"], judged["regression_before"])[1] > promotion.WORST_CASE
    if harmful or found.gain <= 0:
        models.judge(db, name, number, "rejected")
        return "rejected", passed.why
    models.begin_trial(db, name, number, mode, _seed(name, number), now)
    return "trial", passed.why


def _seed(name: str, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{name} {number}".encode()).digest()[:4], "little")


def _by_day(losses: Mapping[str, float]) -> dict[date, float]:
    return {date.fromisoformat(day): loss for day, loss in losses.items()}
