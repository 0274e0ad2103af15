"""Simulated people as workflow graphs with the truth beside each place: what the graph's net trains on and is examined on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import shipped
from coach.core import category as categories
from coach.core import unknown
from coach.core.category import host_and_path
from coach.core.titles import app_key
from coach.core.unknown import Index
from coach.engine.categories import shipped_names, shipped_rules
from coach.ml import embed
from coach.ml.features.graph import Context, Graph, Line, build, place_of
from coach.simulation.course import course, lived
from coach.simulation.hours import local_ms
from coach.simulation.life import told

if TYPE_CHECKING:
    from coach.simulation.course import Course

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
"""Simulated people live up to here: the end of a Sunday night."""
TZ = ZoneInfo("Europe/Berlin")
EXAM_SEEDS = 1_000_000
"""Training uses seeds below, exams from here on."""
BROAD = "Browsing"


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """`truth` (N,) is 1 productive, 0 distracting, NaN not known; `unknown` (N,) places that no rule names; `proposed` (N,) a
    lookup's guess, -1 to 1; `mode` (N,) of the places by name; `course` lives it again."""

    graph: Graph
    truth: np.ndarray
    unknown: np.ndarray
    proposed: np.ndarray
    places: tuple[int, ...]
    """Each node's place in the person's repertoire, -1 for none."""
    course: Course


def workflow(seed: int, family: str = "A", days: int = 90, fresh: bool = False) -> Workflow | None:
    """One person; None for a life without events. With `fresh` the invented places are spelled as no name in training is."""
    of = course(days, seed, NOW, TZ, family)
    life = told(of, lived(of))
    if not life.events:
        return None
    invented = {_spelled(p["app"], p["url"]) for p in life.truth["places"] if not p["known"]} if fresh else set()
    line, now_s = _line(life.events, of.people[0].role, seed, invented)
    graph = build(line, now_s)
    number = {name: i for i, name in enumerate(_keys(graph))}
    truth, place_at = np.full(len(graph.names), np.nan), [-1] * len(graph.names)
    unknown_ = np.zeros(len(graph.names), dtype=bool)
    for i, place in enumerate(life.truth["places"]):
        app, url = place["app"], place["url"]
        if fresh and not place["known"]:
            app, url = respelled(app, url, seed)
        key = place_of(Context(app, "", host_and_path(url)[0] if url else "", "", "", 0.5))
        node = number.get((key[0], app_key(key[1]) if key[0] == "app" else key[1]))
        if node is not None:
            truth[node] = float(place["productive"]) if place_at[node] < 0 else max(truth[node], float(place["productive"]))
            place_at[node] = i if place_at[node] < 0 else place_at[node]
            unknown_[node] = not place["known"]
    unknown_ &= ~np.isfinite(graph.levels)
    return Workflow(graph, truth, unknown_, proposals(graph), tuple(place_at), of)


def embedded(graph: Graph, embedder: embed.Embedder, which: np.ndarray) -> np.ndarray:
    """(N, 384): the texts of the nodes in `which`, zeros elsewhere."""
    text = np.zeros((len(graph.names), embed.DIMENSIONS), dtype=np.float32)
    rows = np.flatnonzero(which)
    if len(rows):
        text[rows] = embed.embed(embedder, [graph.texts[i] for i in rows])
    return text


def proposals(graph: Graph) -> np.ndarray:
    """(N,) what the catalogue's words make of each place that no rule names, -1 (distracting) to 1, by confidence."""
    found = np.zeros(len(graph.names))
    for i in np.flatnonzero(graph.places & ~np.isfinite(graph.levels)):
        said = unknown.propose("site" if graph.kinds[i] == "site" else "app", graph.names[i], _index())
        if said:
            found[i] = (2 * categories.category_named(_categories(""), said.category).level - 1) * said.confidence
    return found


def respelled(app: str, url: str, seed: int) -> tuple[str, str]:
    """An invented place under a name from syllables that no training name has; the same for the same place and person."""
    host, _ = host_and_path(url) if url else ("", "")
    old = host.partition(".")[0] if host else app
    rng = np.random.default_rng([seed, *old.casefold().encode()])
    new = "".join(str(part[int(rng.integers(len(part)))]) for part in _SYLLABLES)
    return (app, url.replace(old, new, 1)) if host else (new.capitalize(), url)


_SYLLABLES = (
    ("zwe", "pho", "kny", "thru", "ska", "oid", "ept", "ghi", "bly", "cwm", "dvo", "fjo"),
    ("ba", "ce", "du", "gi", "ho", "ju", "ky", "me", "py", "tu", "wa", "xi"),
    ("rth", "nsk", "lph", "mbo", "ndle", "rque", "ssam", "ttel", "ckur", "zzan"),
)


def _line(
    events: Sequence[tuple[int, int, str, str, str, str]], role: str, seed: int, invented: set[tuple[str, str]],
) -> tuple[Line, float]:
    starts, ends = (np.array([e[i] for e in events], dtype=np.int64) for i in (0, 1))
    first, last = (datetime.fromtimestamp(ms / 1000, TZ).date() for ms in (int(starts[0]), int(ends[-1])))
    dates = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    known: dict[tuple[str, str, str, str], int] = {}
    context = np.array([known.setdefault((e[2], e[3], e[4], e[5]), len(known)) for e in events], dtype=np.int64)
    contexts = tuple(_context(*key, role, seed, invented) for key in known)
    begin = local_ms(starts, dates, TZ) / 1000
    return Line(begin, begin + (ends - starts) / 1000, context, contexts), float(begin[-1] + (ends[-1] - starts[-1]) / 1000)


def _context(
    app: str, title: str, url: str, project: str, role: str, seed: int, invented: set[tuple[str, str]],
) -> Context:
    name = categories.categorise(shipped_rules(), app, title, url, project) or ""
    host = host_and_path(url)[0] if url else ""
    if name == BROAD and host:
        name = ""
    if _spelled(app, url) in invented:
        app, url = respelled(app, url, seed)
        host = host_and_path(url)[0] if url else ""
    return Context(app, title, host, project, name, categories.category_named(_categories(role), name).level)


def _spelled(app: str, url: str) -> tuple[str, str]:
    """What tells an invented place from others: its host, else its app."""
    return ("", host_and_path(url)[0]) if url else (app, "")


def _keys(graph: Graph) -> list[tuple[str, str]]:
    return [(kind, app_key(name) if kind == "app" else name) for kind, name in zip(graph.kinds, graph.names, strict=True)]


@lru_cache(maxsize=16)
def _categories(role: str) -> dict[str, categories.Category]:
    import tomllib

    return categories.categories_of(tomllib.loads(shipped("data", "taxonomy.toml").read_text(encoding="utf-8")), role)


@lru_cache(maxsize=1)
def _index() -> Index:
    return unknown.index(shipped_names())
