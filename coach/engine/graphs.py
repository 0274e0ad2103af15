"""A person's workflow graph: their apps, sites and projects, how likely each is productive and who says so, what follows what,
and what a move does to the half hour after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import Config
from coach.core import unknown
from coach.core.category import Category, host_and_path, match
from coach.core.errors import CoachError, ModelMissing
from coach.core.titles import app_key
from coach.core.when import to_ms
from coach.engine import categories
from coach.engine.categories import Rules
from coach.engine.columns import columns, distinct
from coach.engine.graph_view import LEAST_DAYS, Edge, GraphView, Node, Source
from coach.engine.unknown import BROAD
from coach.ml.features.edges import Impacts, impacts
from coach.ml.features.graph import HALF_LIFE_DAYS, Context, Graph, Line, build, inputs, place_of
from coach.store import lived
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.engine.models import Models
    from coach.ml.embed import Embedder
    from coach.ml.serving import Net

WEEKS = 12
LEAST_PLACES = 3
EMBEDDED = 100
"""At most so many unknown places, the most used, have their names and titles read: 5 ms each."""
SHOWN_EDGES = 300
DAY_S = 86_400


class Served(NamedTuple):
    """A net ready to be asked, with its card, and which of its two voices serves; `reason` why it is not the model."""

    net: Net | None
    card: Mapping[str, Any]
    by: Literal["model", "baseline"] = "baseline"
    reason: str = ""


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo, models: Models, served: Served | None = None) -> GraphView:
    """The graph of the last WEEKS. `served` is who to ask, by default whoever has earned it."""
    start = now - timedelta(weeks=WEEKS)
    rules = categories.load(db, config)
    line, by_hand = history(db, rules, start, now)
    served = served or serving_now(db, now, models)
    if not len(line.start_s):
        return GraphView(start, now, 0, (), (), "catalogue", f"nothing was tracked in the last {WEEKS} weeks")
    now_s = max(float(line.end_s[-1]), to_ms(now) / 1000 + _offset_s(now, tz))
    graph = build(line, now_s)
    days = len(np.unique(line.start_s // DAY_S))
    labels, serves, reason = labelled(graph, days, rules.named, served, models.embedder)
    sources = _sources(graph, line, rules, by_hand)
    nodes = _nodes(graph, labels, sources, serves)
    found = impacts(graph.visits, labels)
    since_days = (now_s - float(line.start_s[0])) / DAY_S
    return GraphView(start, now, days, nodes, _edges(graph, found, since_days), serves, reason)


def history(db: Connection, rules: Rules, start: datetime, end: datetime) -> tuple[Line, np.ndarray]:
    """The timeline as the graph takes it, on the clock as lived, and for each of its contexts whether a person named its
    category, by hand or by a rule of their own."""
    rows = columns(db, start, end)
    pairs, place = distinct(rows.context * len(rows.names) + rows.said)
    said = lived.said(db, np.unique(pairs // len(rows.names)).tolist())
    found = [(pair // len(rows.names), rows.names[pair % len(rows.names)]) for pair in pairs.tolist()]
    contexts, own = [], []
    for context, by_hand in found:
        one = said[context]
        contexts.append(context_of(one.app, one.title, one.url, one.project, by_hand or one.category, rules.named))
        rule = match(rules.categoriser, one.app, one.title, one.url, one.project) if one.category else None
        own.append(by_hand is not None or (rule is not None and rule.user))
    shift_s = rows.offset_min * 60.0
    line = Line(rows.start_ms / 1000 + shift_s, rows.end_ms / 1000 + shift_s, place, tuple(contexts))
    return line, np.array(own, dtype=bool)


def context_of(
    app: str, title: str, url: str, project: str, category: str | None, named: Callable[[str | None], Category],
) -> Context:
    """A window as the graph takes it: a page of which no more is known than that it is one counts as not named."""
    host = host_and_path(url)[0] if url else ""
    name = "" if not category or (category == BROAD and host) else category
    return Context(app, title, host, project, name, named(name).level)


def labelled(
    graph: Graph, days: int, named: Callable[[str | None], Category], served: Served, embedder: Callable[[], Embedder | None],
) -> tuple[np.ndarray, str, str]:
    """(N,) levels or probabilities, who serves where no rule speaks, and why it is not the model."""
    proposed = proposals(graph, named)
    reason = _too_little(graph, days)
    labels = None
    if served.net is None:
        reason = reason or served.reason
    elif not reason:
        try:
            labels = _asked(graph, proposed, served, embedder)
        except CoachError as error:
            reason = error.message
    if labels is None:
        from coach.ml.baselines.graph import looked_up

        labels, serves = looked_up(proposed, float(served.card.get("share", 0.5))), "catalogue"
    else:
        serves, reason = served.by, served.reason
    labels = np.where(np.isfinite(graph.levels), graph.levels, labels)
    return _of_projects(graph, labels), serves, reason


def serving_now(db: Connection, now: datetime, models: Models) -> Served:
    """The version that has earned it; else the regression inside the net that ships, with the reason."""
    from coach.engine.learning import serve

    chosen = serve.served(db, "graph", now, models.shelf)
    if chosen.model is not None:
        return Served(chosen.model.net, chosen.model.card, "model")
    shipped = shipped_net(models)
    if shipped.net is None:
        return shipped
    return shipped._replace(reason=f"A regression on each place's own features serves: {chosen.why}")


def shipped_net(models: Models) -> Served:
    """The net in models/graph, its regression serving."""
    from coach.ml import card, workflow

    folder = models.folder / "graph"
    try:
        if not folder.is_dir():
            raise ModelMissing("the workflow graph's net is not installed", "reinstall Coach; until then the catalogue serves")
        return Served(workflow.load(folder / "model.onnx"), card.read(folder))
    except CoachError as error:
        return Served(None, {}, reason=error.message)


def embedded(graph: Graph, embedder: Embedder, which: np.ndarray, most: int = EMBEDDED) -> np.ndarray:
    """(N, 384): the texts of the nodes in `which`, at most the `most` most used; zeros elsewhere."""
    from coach.ml import embed

    text = np.zeros((len(graph.names), embed.DIMENSIONS), dtype=np.float32)
    rows = np.flatnonzero(which)[:most]
    if len(rows):
        text[rows] = embed.embed(embedder, [graph.texts[i] for i in rows])
    return text


def proposals(graph: Graph, named: Callable[[str | None], Category]) -> np.ndarray:
    """(N,) what the catalogue's words make of each place that no rule names, -1 (distracting) to 1, by confidence."""
    found = np.zeros(len(graph.names))
    for i in np.flatnonzero(graph.places & ~np.isfinite(graph.levels)):
        said = unknown.propose("site" if graph.kinds[i] == "site" else "app", graph.names[i], _index())
        if said:
            found[i] = (2 * named(said.category).level - 1) * said.confidence
    return found


def keys(graph: Graph) -> list[tuple[str, str]]:
    """(kind, name) of each node, in the spelling by which places are told apart."""
    return [(kind, app_key(name) if kind == "app" else name) for kind, name in zip(graph.kinds, graph.names, strict=True)]


def _asked(graph: Graph, proposed: np.ndarray, served: Served, embedder: Callable[[], Embedder | None]) -> np.ndarray | None:
    from coach.ml import workflow

    loaded = embedder()
    if loaded is None or served.net is None:
        raise ModelMissing("the embedder that reads names and titles is missing", "reinstall Coach")
    text = embedded(graph, loaded, graph.places & ~np.isfinite(graph.levels))
    said = workflow.predict(served.net, inputs(graph, text, proposed=proposed))
    return said.productive if served.by == "model" else said.by_features


def _too_little(graph: Graph, days: int) -> str:
    places = int(graph.places.sum())
    if places < LEAST_PLACES:
        return f"{places} place{'' if places == 1 else 's'} so far: the catalogue speaks alone until there are {LEAST_PLACES}"
    if days < LEAST_DAYS:
        return f"{days} day{'' if days == 1 else 's'} of history: the catalogue speaks alone until there are {LEAST_DAYS}"
    return ""


def _of_projects(graph: Graph, labels: np.ndarray) -> np.ndarray:
    """A project is as productive as the places where its time goes."""
    found = labels.copy()
    project = np.array([kind == "project" for kind in graph.kinds], dtype=bool)
    total = graph.shared.sum(axis=1)
    here = project & (total > 0)
    found[here] = (graph.shared @ np.where(graph.places, labels, 0.0))[here] / total[here]
    return found


def _sources(graph: Graph, line: Line, rules: Rules, own: np.ndarray) -> list[bool]:
    """(N,) whether most of a place's time was named by the person."""
    spent = np.bincount(line.context, weights=line.end_s - line.start_s, minlength=len(line.contexts))
    total: dict[tuple[str, str], float] = defaultdict(float)
    theirs: dict[tuple[str, str], float] = defaultdict(float)
    for context, s, mine in zip(line.contexts, spent.tolist(), own.tolist(), strict=True):
        kind, name = place_of(context)
        key = (kind, app_key(name) if kind == "app" else name)
        total[key] += s
        theirs[key] += s if mine else 0.0
    return [theirs[key] * 2 > total[key] for key in keys(graph)]


def _nodes(graph: Graph, labels: np.ndarray, own: Sequence[bool], serves: str) -> tuple[Node, ...]:
    whole = float(graph.use_s[[kind != "project" for kind in graph.kinds]].sum()) or 1.0
    found = []
    for i, (name, kind) in enumerate(zip(graph.names, graph.kinds, strict=True)):
        source: Source = "your rule" if own[i] else "catalogue"
        if kind == "project":
            source = "places"
        elif not np.isfinite(graph.levels[i]):
            source = "model" if serves == "model" else "baseline"
        found.append(Node(name, kind, float(graph.use_s[i]) / whole, float(labels[i]), source))
    return tuple(found)


def _edges(graph: Graph, found: Impacts, since_days: float) -> tuple[Edge, ...]:
    """The commonest moves; counts halve with age, and so do the weeks they are divided by."""
    weeks = max(HALF_LIFE_DAYS / np.log(2) * (1 - 2 ** (-since_days / HALF_LIFE_DAYS)), 1.0) / 7
    known = {(int(a), int(b)): i for i, (a, b) in enumerate(zip(found.start, found.end, strict=True))}
    starts, ends = np.nonzero(graph.moves)
    order = np.argsort(-graph.moves[starts, ends], kind="stable")[:SHOWN_EDGES]
    edges = []
    for a, b in zip(starts[order].tolist(), ends[order].tolist(), strict=True):
        i = known.get((a, b))
        figures = (None, None, None, 0) if i is None else (
            float(found.effect[i]), float(found.low[i]), float(found.high[i]), int(found.n[i]))
        edges.append(Edge(a, b, float(graph.moves[a, b]) / weeks, *figures))
    return tuple(edges)


def _offset_s(now: datetime, tz: ZoneInfo) -> float:
    offset = now.astimezone(tz).utcoffset()
    return offset.total_seconds() if offset else 0.0


@lru_cache(maxsize=1)
def _index() -> unknown.Index:
    return unknown.index(categories.shipped_names())
