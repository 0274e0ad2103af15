"""How the workflow graph learns from one person: the levels that their rules and the catalogue give are hidden in turn and
asked for, each day from what was recorded before it. The loss is the Brier score of "productive"."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import Config, shipped
from coach.core.errors import CoachError
from coach.core.titles import app_key
from coach.engine import categories, graphs
from coach.engine.learning.kinds import Forecast, Model, Progress, Rung, Trained
from coach.ml import embed, workflow
from coach.ml.baselines.graph import spread
from coach.ml.features.graph import Graph, Line, build, place_of
from coach.ml.features.graph import inputs as arrays_of
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.ml.serving import Net
    from coach.ml.train.graph import Example

WEEKS = 26
FOLDS = 3
"""Levels are hidden a third at a time."""
CUTS = 8
"""Weekly states of the graph that a fine-tuning learns from."""
CASES = range(950_000, 950_004)
CASE_DAYS = 30
MOST_FORECASTS = 100
GOOD, BAD = 0.75, 0.25
"""Levels from which on a place is productive, up to which it is distracting; what lies between is not asked for."""
DAY_S = 86_400


@dataclass(slots=True, eq=False)
class History:
    """A person's line with the dates that it has rows on (`days`; the first has nothing before it and is left out), and
    where each day begins in it."""

    line: Line
    days: tuple[date, ...]
    begin_s: Mapping[date, float]
    digest: str
    embedder: embed.Embedder | None
    shipped: Net | None
    """Holds the regression that is the baseline."""
    read: dict[str, np.ndarray] = field(default_factory=dict)
    """Vectors of texts that were read already."""


def dataset(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> History:
    """The last WEEKS."""
    rules = categories.load(db, config)
    line, _ = graphs.history(db, rules, now - timedelta(weeks=WEEKS), now)
    return history(line, rules.day_start_min, _embedder(), _shipped())


def history(line: Line, day_start_min: int, embedder: embed.Embedder | None, net: Net | None) -> History:
    number = np.unique((line.start_s - day_start_min * 60) // DAY_S).astype(int).tolist()
    begin_s = {date(1970, 1, 1) + timedelta(days=n): n * DAY_S + day_start_min * 60.0 for n in number}
    made = hashlib.sha256()
    for array in (line.start_s, line.end_s, line.context):
        made.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
    made.update(repr(line.contexts).encode("utf-8", "surrogatepass"))
    return History(line, tuple(begin_s)[1:], begin_s, made.hexdigest(), embedder, net)


def replay(data: History, model: Model | None, days: Sequence[date]) -> dict[date, float]:
    """Mean Brier score of the places of each day whose level is known, hidden a third at a time; without a model, of
    the regression on each place's own features (of label propagation where nothing ships)."""
    found = {}
    for day in days:
        losses = list(_losses(data, model, day)) if day in data.begin_s else []
        if losses:
            found[day] = float(np.mean(losses))
    return found


def tune(data: History, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
    """`base` adapted to the person's weekly graphs before `until`."""
    from coach.ml.train import graph as training  # torch: in the training child only

    progress(0.0, "building the graphs")
    learning = [e for e in _examples(data, until) if np.isfinite(e.truth).sum() >= graphs.LEAST_PLACES]
    progress(0.3, f"learning from {len(learning)} weeks")
    weights = base.weights or shipped("models", "graph", "weights.safetensors").read_bytes()
    net = training.adapt(training.restore(weights), learning, rung, seed)
    progress(0.9, "exporting")
    onnx, kept = training.packed(net)
    return Trained(onnx, kept, {**base.card, "serves": "model", "weeks": len(learning), "notes": ""})


def regression(model: Model) -> dict[str, float]:
    """Brier score on the unknown places of four simulated people."""
    from coach.engine.exams.workflows import workflow as simulated

    embedder = _embedder()
    found = {}
    for seed in CASES:
        one = simulated(seed, "A", CASE_DAYS, fresh=True)
        if one is None or embedder is None:
            continue
        levels = np.where(one.unknown, np.nan, one.graph.levels)
        text = graphs.embedded(one.graph, embedder, one.graph.places & ~np.isfinite(levels))
        said = np.asarray(workflow.predict(model.net, arrays_of(one.graph, text, levels, one.proposed)).productive, dtype=float)
        asked = one.unknown & np.isfinite(one.truth)
        found[str(seed)] = float(np.mean((said[asked] - one.truth[asked]) ** 2))
    return found


def inputs(data: History) -> dict[str, np.ndarray]:
    """By day: places seen, the share of time that no rule names, and moves an hour."""
    columns: dict[str, list[float]] = {"places": [], "unnamed": [], "moves": []}
    named = np.array([bool(c.category) for c in data.line.contexts], dtype=bool)
    length = data.line.end_s - data.line.start_s
    for day in data.days:
        rows = _rows_of(data, day)
        active_s = max(float(length[rows].sum()), 1.0)
        columns["places"].append(len({place_of(data.line.contexts[i]) for i in np.unique(data.line.context[rows])}))
        columns["unnamed"].append(float(length[rows][~named[data.line.context[rows]]].sum()) / active_s)
        columns["moves"].append(float((np.diff(data.line.context[rows]) != 0).sum()) / (active_s / 3600))
    return {name: np.array(values, dtype=float) for name, values in columns.items()}


def forecast(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> list[Forecast]:
    """How likely each place that no rule names is productive: to be seen when a rule comes to name it."""
    rules = categories.load(db, config)
    line, _ = graphs.history(db, rules, now - timedelta(weeks=graphs.WEEKS), now)
    if not len(line.start_s):
        return []
    graph = build(line, float(line.end_s[-1]))
    data = History(line, (), {}, "", _embedder(), _shipped())
    said = _probabilities(data, model, graph, graph.levels, graphs.proposals(graph, rules.named))
    asked = np.flatnonzero(graph.places & ~np.isfinite(graph.levels))[:MOST_FORECASTS]
    named = graphs.keys(graph)
    return [Forecast("/".join(named[i]), float(said[i])) for i in asked]


def outcomes(db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]) -> dict[str, float]:
    """1 or 0 for the places that a rule has come to name; NaN for one that it calls neutral, or that is gone."""
    rules = categories.load(db, config)
    line, _ = graphs.history(db, rules, now - timedelta(weeks=graphs.WEEKS), now)
    graph = build(line, float(line.end_s[-1])) if len(line.start_s) else None
    level = dict(zip(("/".join(k) for k in graphs.keys(graph)), graph.levels.tolist(), strict=True)) if graph else {}
    found = {}
    for key in keys:
        if key not in level:
            found[key] = float("nan")
        elif np.isfinite(level[key]):
            found[key] = float(_truth(np.array([level[key]]))[0])
    return found


def _losses(data: History, model: Model | None, day: date) -> Iterator[float]:
    """Of each place of `day` with a known level that was seen before."""
    graph = _before(data, day)
    if graph is None:
        return
    today = {(k, app_key(n) if k == "app" else n) for k, n in (
        place_of(data.line.contexts[i]) for i in np.unique(data.line.context[_rows_of(data, day)]))}
    named = graphs.keys(graph)
    truth = np.where(graph.places, _truth(graph.levels), np.nan)
    fold = np.array([int.from_bytes(hashlib.blake2b("/".join(k).encode("utf-8", "surrogatepass"), digest_size=2).digest()) % FOLDS
                     for k in named])
    here = np.array([k in today for k in named], dtype=bool) & np.isfinite(truth)
    for one in range(FOLDS):
        hidden = np.isfinite(truth) & (fold == one)
        if (hidden & here).any():
            said = _probabilities(data, model, graph, np.where(hidden, np.nan, graph.levels), np.zeros(len(truth)))
            yield from ((said - truth)[hidden & here] ** 2).tolist()


def _probabilities(data: History, model: Model | None, graph: Graph, levels: np.ndarray, proposed: np.ndarray) -> np.ndarray:
    net = model.net if model else data.shipped
    arrays = arrays_of(graph, _text(data, graph, graph.places & ~np.isfinite(levels)), levels, proposed)
    if net is None:
        return np.clip(0.5 + spread(arrays["near"][0].astype(float), levels) / 2, 0.02, 0.98)
    said = workflow.predict(net, arrays)
    return np.asarray(said.productive if model else said.by_features, dtype=float)


def _text(data: History, graph: Graph, which: np.ndarray) -> np.ndarray:
    """As `graphs.embedded`, reading each text once for all days."""
    text = np.zeros((len(graph.names), embed.DIMENSIONS), dtype=np.float32)
    if data.embedder is None:
        return text
    for i in np.flatnonzero(which)[:graphs.EMBEDDED].tolist():
        words = graph.texts[i]
        if words not in data.read:
            data.read[words] = embed.embed(data.embedder, [words])[0]
        text[i] = data.read[words]
    return text


def _examples(data: History, until: date) -> Iterator[Example]:
    from coach.ml.train.graph import Example

    cuts = [d for d in data.days if d <= until][::-7][:CUTS]
    for day in cuts:
        graph = _before(data, day)
        if graph is not None:
            nothing = np.zeros(len(graph.names))
            truth = np.where(graph.places, _truth(graph.levels), np.nan)
            yield Example(graph, _text(data, graph, graph.places), truth, nothing.astype(bool), nothing)


def _before(data: History, day: date) -> Graph | None:
    """The graph of what was recorded before that day; None for nothing."""
    kept = data.line.end_s <= data.begin_s[day]
    if not kept.any():
        return None
    used, context = np.unique(data.line.context[kept], return_inverse=True)
    contexts = tuple(data.line.contexts[i] for i in used.tolist())
    return build(Line(data.line.start_s[kept], data.line.end_s[kept], context, contexts), data.begin_s[day])


def _rows_of(data: History, day: date) -> slice:
    begin = data.begin_s[day]
    return slice(int(np.searchsorted(data.line.start_s, begin)), int(np.searchsorted(data.line.start_s, begin + DAY_S)))


def _truth(levels: np.ndarray) -> np.ndarray:
    known = np.nan_to_num(levels, nan=0.5)
    return np.where(known >= GOOD, 1.0, np.where(known <= BAD, 0.0, np.nan))


def _embedder() -> embed.Embedder | None:
    try:
        return embed.load(shipped("models", "embedder"))
    except CoachError:  # without it the names are not read; the features still speak
        return None


def _shipped() -> Net | None:
    try:
        return workflow.load(shipped("models", "graph", "model.onnx"))
    except CoachError:  # label propagation is the baseline then
        return None
