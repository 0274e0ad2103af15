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
from coach.core.category import host_and_path
from coach.core.titles import app_key
from coach.engine.categories import shipped_rules
from coach.engine.graphs import context_of, keys, proposals
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


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """`truth` (N,) is 1 productive, 0 distracting, NaN not known; `unknown` (N,) places that no rule names; `proposed` (N,) a
    lookup's guess, -1 to 1; `mode` (N,) of the places by name; `course` lives it again."""

    graph: Graph
    truth: np.ndarray
    unknown: np.ndarray
    proposed: np.ndarray
    places: tuple[int, ...]
    """Each node's first place in the person's repertoire, -1 for none."""
    shared: tuple[tuple[int, ...], ...]
    """All places of the repertoire that are this node."""
    course: Course


def workflow(seed: int, family: str = "A", days: int = 90, fresh: bool = False) -> Workflow | None:
    """One person; None for a life without events. With `fresh` the invented places are spelled as no name in training is."""
    of = course(days, seed, NOW, TZ, family)
    life = told(of, lived(of))
    if not life.events:
        return None
    invented = {_spelled(p["app"], p["url"]) for p in life.truth["places"] if not p["known"]} if fresh else set()
    role = of.people[0].role
    line, now_s = _line(life.events, role, seed, invented)
    graph = build(line, now_s)
    number = {name: i for i, name in enumerate(keys(graph))}
    truth, place_at = np.full(len(graph.names), np.nan), [-1] * len(graph.names)
    shared: list[list[int]] = [[] for _ in graph.names]
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
            shared[node].append(i)
    unknown_ &= ~np.isfinite(graph.levels)
    proposed = proposals(graph, lambda said: categories.category_named(_categories(role), said))
    return Workflow(graph, truth, unknown_, proposed, tuple(place_at), tuple(map(tuple, shared)), of)


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
    name = categories.categorise(shipped_rules(), app, title, url, project)
    if _spelled(app, url) in invented:
        app, url = respelled(app, url, seed)
    return context_of(app, title, url, project, name, lambda said: categories.category_named(_categories(role), said))


def _spelled(app: str, url: str) -> tuple[str, str]:
    """What tells an invented place from others: its host, else its app."""
    return ("", host_and_path(url)[0]) if url else (app, "")


@lru_cache(maxsize=16)
def _categories(role: str) -> dict[str, categories.Category]:
    import tomllib

    return categories.categories_of(tomllib.loads(shipped("data", "taxonomy.toml").read_text(encoding="utf-8")), role)
