"""How the chance of completion learns from one person: trees boosted on their own task-days beside the shipped ones. The loss
of a day is the mean Brier score of "done within a week" over the tasks asked about on it; the baseline is the person's own
pace."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import Config, shipped
from coach.core.completion import SOON_DAYS, Life, Lived, Question, Row, ahead, asked_on, by_day, own_effect, walk
from coach.engine import predicting
from coach.engine.learning.kinds import Forecast, Model, Progress, Rung, Trained
from coach.ml import behaviour
from coach.store import tasks as stored
from coach.store.db import Connection

CASES = range(950_000, 950_003)
CASE_DAYS = 100
WITHIN_DAYS = SOON_DAYS
HALF = 1000
"""So many tasks done have as much say as all simulated people."""
LEAST_DONE, OWN_TREES = 40, 40
MOST_SAID = 20


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """`rows` are the task-days, `asked` the questions whose answer is known."""

    days: tuple[date, ...]
    rows: tuple[Row, ...]
    asked: tuple[Question, ...]
    digest: str


def dataset(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> History:
    """The last months of the tasks in the store."""
    known = predicting.remember(db, config, now, tz, predicting.shipped_base())
    return _history(known.rows, known.asked)


def history(every: Sequence[Life], first: date, last: date, tz: ZoneInfo) -> History:
    """Of tasks from `first` to `last`."""
    base, lived = predicting.shipped_base(), Lived()
    rows: list[Row] = []
    asked: list[Question] = []
    for n, some in enumerate(walk(every, first, last - timedelta(days=1), tz, base, lived)):
        rows += some
        asked += asked_on(some, len(some), first + timedelta(days=n), last, tz, base, lived)
    return _history(rows, asked)


def _history(rows: Sequence[Row], asked: Sequence[Question]) -> History:
    soon = tuple(q for q in asked if q.kind == "soon")
    sha = hashlib.sha256()
    for row in rows:
        sha.update(f"{row.day} {row.done} {row.x}".encode())
    return History(tuple(sorted({q.today for q in soon})), tuple(rows), soon, sha.hexdigest())


def tune(data: History, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
    """The shipped trees with some of the person's own task-days before `until` beside them, whose say grows with the tasks
    done."""
    from coach.ml.train import behaviour as training  # scikit-learn and onnx: in the training child only
    from coach.ml.train.trees import joined

    onnx = shipped("models", "behaviour", "model.onnx").read_bytes()
    own = [row for row in data.rows if row.day < until]
    done = np.array([row.done for row in own], dtype=bool)
    progress(0.2, f"learning from {len(own)} days of tasks")
    if done.sum() >= LEAST_DONE and not done.all():
        table = np.asarray([row.x for row in own], dtype=np.float32)
        mine = training.boost(table, done, np.array([row.weight for row in own]), seed, OWN_TREES)
        onnx = joined(onnx, mine, float(done.sum() / (done.sum() + HALF)))
    return Trained(onnx, b"", {**base.card, "own_rows": len(own)})


def replay(data: History, model: Model | None, days: Sequence[date]) -> dict[date, float]:
    """Mean Brier score of each day's questions, with the person's own pace as of the day before the first."""
    wanted = set(days)
    if not wanted:
        return {}
    effect = _effect([r for r in data.rows if r.day < min(wanted)], model)
    losses: dict[date, list[float]] = {}
    chosen = [a for a in data.asked if a.today in wanted]
    for one, said in zip(chosen, _said(chosen, model, effect), strict=True):
        losses.setdefault(one.today, []).append((said - one.happened) ** 2)
    return {day: float(np.mean(some)) for day, some in losses.items()}


def regression(model: Model) -> dict[str, float]:
    """Mean Brier score on three simulated people."""
    from coach.engine.pretraining.behaviour_people import TZ, person

    found = {}
    for seed in CASES:
        one = person(seed, "A", CASE_DAYS)
        data = history(one.lives, one.dates[0], one.dates[-1], TZ)
        found[str(seed)] = float(np.mean(list(replay(data, model, data.days[len(data.days) // 2:]).values())))
    return found


def inputs(data: History) -> dict[str, np.ndarray]:
    """By day with questions: open tasks, tasks done, mean age."""
    by: dict[date, list[Row]] = {day: [] for day in data.days}
    for row in data.rows:
        if row.day in by:
            by[row.day].append(row)
    return {
        "open": np.array([float(len(rows)) for rows in by.values()]),
        "done": np.array([float(sum(r.done for r in rows)) for rows in by.values()]),
        "age": np.array([float(np.mean([(r.day - r.life.created).days for r in rows])) for rows in by.values()]),
    }


def forecast(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> list[Forecast]:
    """The chance of open tasks to be done within a week: those due first."""
    opened = sorted(stored.open_tasks(db), key=lambda t: (t.due is None, str(t.due), t.num))
    chosen = [t for t in opened if t.recurrence is None][:MOST_SAID]
    if not chosen:
        return []
    base = predicting.shipped_base()
    known = predicting.remember(db, config, now, tz, base)
    beside = max(0, len(known.open) - 1)
    of = [predicting.life_of(db, task, tz) for task in chosen]
    coming = [ahead(life, beside, known.today, WITHIN_DAYS + 1, tz, base, known.lived) for life in of]
    until = known.today + timedelta(days=WITHIN_DAYS)
    asked = [
        Question("soon", life, known.today, until, tuple(rows), known.lived.pace, False)
        for life, rows in zip(of, coming, strict=True)
    ]
    said = _said(asked, model, _effect(known.recent, model))
    return [Forecast(f"{known.today.isoformat()}/{t.id}", p) for t, p in zip(chosen, said, strict=True)]


def outcomes(db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]) -> Mapping[str, float]:
    """1 for what was done within the week, 0 once it is over; NaN for what is gone."""
    today, found = now.astimezone(tz).date(), {}
    for key in keys:
        day, _, task_id = key.partition("/")
        until = date.fromisoformat(day) + timedelta(days=WITHIN_DAYS)
        task = stored.get(db, task_id)
        if task is None:
            found[key] = float("nan")
        elif task.completed is not None and task.status == "completed" and task.completed.astimezone(tz).date() <= until:
            found[key] = 1.0
        elif until < today:
            found[key] = 0.0
    return found


def _said(asked: Sequence[Question], model: Model | None, effect: float) -> list[float]:
    """Chance of each question; without a model from the pace alone."""
    if model is None:
        return [by_day([a.pace] * len(a.rows), 0.0)[-1] for a in asked]
    logits = behaviour.logits(model.net, [row for a in asked for row in a.rows])
    found, at = [], 0
    for one in asked:
        found.append(behaviour.chances(logits[at:at + len(one.rows)], effect, model.card)[-1])
        at += len(one.rows)
    return found


def _effect(rows: Sequence[Row], model: Model | None) -> float:
    if model is None or not rows:
        return 0.0
    thin = rows[:: max(1, len(rows) // predicting.EFFECT_ROWS)]
    return own_effect(behaviour.logits(model.net, [r.x for r in thin]), [r.done for r in thin], [r.weight for r in thin])[0]
