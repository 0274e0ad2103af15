"""The focus forecast on real people of whom only commit times are known: git histories.

Nothing there is a focus score. What stands for it is how much was committed in an hour, 1 - 0.5 ** commits, over hours with
a commit; the probability of an active hour is judged on all hours. The year with the most days of commits is taken of each."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from coach.core.errors import InvalidInput
from coach.engine.exams.focus import Served, interval_json, root
from coach.ml import forecast, scoring
from coach.ml.baselines import focus as baselines
from coach.ml.features import focus as features
from coach.ml.features.focus import Floats, Series

DAYS = 300
SINCE_DAY = 60
ISSUE_HOUR = 12


def exam(file: Path, progress: Callable[[str], None], folder: Path | None = None, days: int = DAYS) -> dict[str, Any]:
    """Model and baselines on every author of `file` (gzipped CSV: author, author_time_utc, author_tz_min), and which of
    model and profile serves. Raises InvalidInput for another file, ModelMissing."""
    served = Served.shipped(folder)
    errors: list[Floats] = []
    briers: list[Floats] = []
    names: list[str] = []
    people = authors(file)
    for done, commits in enumerate(people, start=1):
        series = series_of(commits, days)
        issues = 24 * np.arange(SINCE_DAY, series.days - 1) + ISSUE_HOUR
        known = features.state(series, served.kept.prior)
        future, profile = features.future(known, issues), features.slot_profile(known, issues)
        score, active = features.targets(series, issues)
        ahead = forecast.predict(served.net, known, issues, served.calibration)
        said = {"model": ahead.mean, "profile": profile, "ridge": baselines.ridge(served.kept, future),
                "seasonal naive": baselines.seasonal_naive(series, issues, profile)}
        if served.kept.trees is not None:
            said["trees"] = baselines.boosted(served.kept.trees, future)
        names, seen = list(said), np.isfinite(score)
        errors.append(np.stack([(x - score)[seen] ** 2 for x in said.values()], axis=-1))
        usual = future[..., features.FUTURE.index("p_active")]
        briers.append(np.stack([((x - active) ** 2).ravel() for x in (ahead.active, usual)], axis=-1))
        progress(f"{done} of {len(people)} people examined")
    at, base = names.index("model"), names.index("profile")
    apart = scoring.interval(errors, lambda e: root(e[:, at]) - root(e[:, base]))
    activity = scoring.interval(briers, lambda e: float(e[:, 0].mean() - e[:, 1].mean()))
    return {
        "name": "focus", "data": file.name, "people": len(people), "hours": sum(len(e) for e in errors),
        "rmse": {n: interval_json(scoring.interval([e[:, i] for e in errors], root)) for i, n in enumerate(names)},
        "model minus profile": interval_json(apart), "serves": "model" if apart.high < 0 else "profile",
        "brier of active hours": {n: round(float(np.concatenate(briers)[:, i].mean()), 5)
                                  for i, n in enumerate(("model", "profile"))},
        "activity: model minus profile": interval_json(activity), "activity serves": "model" if activity.high < 0 else "profile",
        "share of people better than profile": round(float(np.mean([root(e[:, at]) < root(e[:, base]) for e in errors])), 3),
    }


def authors(file: Path) -> list[list[datetime]]:
    """Local commit times of each author with commits on 30 days or more, in order."""
    found: dict[str, list[datetime]] = {}
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                at = datetime.fromtimestamp(int(row["author_time_utc"]), UTC) + timedelta(minutes=int(row["author_tz_min"]))
                found.setdefault(row["author"], []).append(at.replace(tzinfo=None))
    except (OSError, KeyError, ValueError, EOFError) as error:
        columns = "a gzipped CSV with author, author_time_utc, author_tz_min"
        raise InvalidInput(f"{file} has no commit times", columns) from error
    return [sorted(times) for times in found.values() if len({t.date() for t in times}) >= 30]


def series_of(times: list[datetime], days: int = DAYS) -> Series:
    """The `days` days with the most days of commits."""
    first = _densest(sorted({t.date() for t in times}), days)
    counts = np.zeros((days, 24))
    for t in times:
        if 0 <= (day := (t.date() - first).days) < days:
            counts[day, t.hour] += 1
    nothing = np.zeros((days + 2, 24))
    active = np.where(counts > 0, 60.0, 0.0)
    return Series(
        first.weekday(), np.where(counts > 0, 1 - 0.5**counts, np.nan), active, np.where(counts > 0, 1.0, 0.0), counts, nothing,
        nothing,
    )


def _densest(dates: list[date], days: int) -> date:
    inside = np.array([d.toordinal() for d in dates])
    number = np.searchsorted(inside, inside + days) - np.arange(len(inside))
    return dates[int(number.argmax())]
