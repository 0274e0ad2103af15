"""A person's workflow graph: apps, sites and projects as nodes, what follows what as edges, and the arrays a net reads.

A node's own level is in none of its features but the two that say so: hiding a known level and asking for it again is
how the net learns what an unknown place is. Hours are those of the clock as lived.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach.core.titles import app_key, is_browser, page_title, title_parts, web_app_host

Floats: TypeAlias = NDArray[Any]
Ints: TypeAlias = NDArray[Any]

MOST_NODES = 1000
"""The last of them is "other" where there are more places."""
HALF_LIFE_DAYS = 30.0
VISIT_GAP_S = 60.0
"""A pause in one place up to which it is one visit."""
FOLLOWS_S = 300.0
"""After a longer pause the next place follows on nothing."""
NEAR_S = 900.0
LEAST_EDGE = 2.0
"""Decayed transitions below which an edge is dropped."""
TITLES = 3
OTHER = "other"
_AT_ONCE = 1024
"""Visits whose neighbourhood is summed at once: running sums of a thousand visits by place fit the cache."""
KINDS = ("app", "site", "project", OTHER)


class Context(NamedTuple):
    """What a stretch was about. `category` is empty where no rule names it; `level` then means nothing."""

    app: str
    title: str
    host: str
    project: str
    category: str
    level: float


class Stretch(NamedTuple):
    """One row: seconds of the local clock as lived, and its context's fields."""

    start_s: float
    end_s: float
    app: str
    title: str
    host: str
    project: str
    category: str
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Stretches in order as columns of shape (n,): `context` points into `contexts`."""

    start_s: Floats
    end_s: Floats
    context: Ints
    contexts: tuple[Context, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Unbroken time in one place, shape (v,): a node of the graph each."""

    start_s: Floats
    end_s: Floats
    node: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """N nodes, the most used first. `texts` are what an embedder reads; `levels` (N,) NaN where no rule names the place.

    `moves` (N, N) are decayed transitions, `after` and `before` (N, N) decayed seconds in another place within a quarter of
    an hour of a visit, `shared` (N, N) decayed seconds of a place in a project (both ways), `behaviour` (N, len(BEHAVIOUR)).
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    texts: tuple[str, ...]
    use_s: Floats
    levels: Floats
    behaviour: Floats
    moves: Floats
    after: Floats
    before: Floats
    shared: Floats
    visits: Visits

    @property
    def places(self) -> np.ndarray:
        """(N,) True for apps and sites."""
        return np.array([kind in ("app", "site") for kind in self.kinds], dtype=bool)


BEHAVIOUR = (
    "log_share", "log_dwell", "log_long_dwell", "visits_a_day", "days", "morning", "midday", "afternoon", "night", "weekend",
    "from_away", "to_away", "bounce", "log_titles", "in_project", "switches_after", "switches_before",
)
CONTEXTUAL = (
    "level_after", "level_before", "level_next", "level_last", "level_near", "known_near", "focus_near", "waste_near",
)
OWN = ("own_level", "known", "proposed", "has_text", "is_app", "is_site", "is_project")
FEATURES = BEHAVIOUR + CONTEXTUAL + OWN


def line_of(stretches: Iterable[Stretch]) -> Line:
    """Rows as columns. Rows without length or with a NaN time are left out."""
    known: dict[Context, int] = {}
    rows = [(s.start_s, s.end_s, known.setdefault(Context(*s[2:]), len(known))) for s in stretches if s.end_s > s.start_s]
    start, end, context = np.array(rows, dtype=float).reshape(-1, 3).T
    return Line(start, end, context.astype(np.int64), tuple(known))


def place_of(context: Context) -> tuple[str, str]:
    """(kind, name) of the node: the site of a page, else the app. A browser without addresses tells sites by titles."""
    host = context.host or web_app_host(context.app)
    if host:
        return "site", host.split(":", 1)[0].removeprefix("www.").lower()
    if is_browser(context.app):
        parts = title_parts(context.title)
        return ("site", parts[1]) if len(parts) > 1 else ("app", context.app)
    return "app", context.app


def build(line: Line, now_s: float) -> Graph:
    """The graph of a line, pruned to MOST_NODES by use that halves every HALF_LIFE_DAYS before `now_s`."""
    weight = (line.end_s - line.start_s) * _decay(line.end_s, now_s)
    spent = np.bincount(line.context, weights=weight, minlength=len(line.contexts))
    nodes = _nodes(line.contexts, spent)
    place, project = nodes.place, nodes.project
    visits = visits_of(line, place)
    n = len(nodes.names)
    decay = _decay(visits.end_s, now_s)
    follow = _follows(visits)
    pair = visits.node[:-1][follow] * n + visits.node[1:][follow]
    moves = np.bincount(pair, weights=decay[:-1][follow], minlength=n * n).reshape(n, n).astype(float)
    moves[moves < LEAST_EDGE] = 0.0
    after, switches_after = _near(visits, decay, n, forward=True)
    before, switches_before = _near(visits, decay, n, forward=False)
    shared = np.zeros((n, n))
    inside = (project >= 0) & (place >= 0)
    np.add.at(shared, (place[inside], project[inside]), spent[inside])
    shared += shared.T
    behaviour = _behaviour(line, visits, nodes, weight, follow, now_s, switches_after, switches_before)
    return Graph(
        nodes.names, nodes.kinds, nodes.texts, nodes.use_s, _levels(line.contexts, spent, place, n), behaviour, moves, after,
        before, shared, visits,
    )


def visits_of(line: Line, place: Ints) -> Visits:
    """Neighbouring rows in one place joined; `place` is each context's node, below 0 for none."""
    node = place[line.context] if len(line.context) else np.zeros(0, dtype=np.int64)
    seen = node >= 0
    start, end, node = line.start_s[seen], line.end_s[seen], node[seen]
    if not len(node):
        return Visits(start, end, node)
    new = np.ones(len(node), dtype=bool)
    new[1:] = (node[1:] != node[:-1]) | (start[1:] - end[:-1] > VISIT_GAP_S)
    first = np.flatnonzero(new)
    return Visits(start[first], end[np.append(first[1:] - 1, len(node) - 1)], node[first])


def inputs(
    graph: Graph, text: np.ndarray, levels: Floats | None = None, proposed: Floats | None = None,
) -> dict[str, np.ndarray]:
    """What the net reads, float32: `text` (1, N, 384) as given (rows of zeros where nothing was embedded or a rule names the
    place), `features` (1, N, F), and `moves`, `near` (1, N, N), a walk along
    moves either way and one to what is near in time, whose rows sum to 1.

    `levels` replaces the graph's (hide some to ask for them); `proposed` (N,) is -1 to 1, a lookup's guess. What is not a
    number becomes 0."""
    levels = graph.levels if levels is None else levels
    n = len(levels)
    known = np.isfinite(levels)
    level = np.where(known, levels, 0.0)
    near = graph.after + graph.before
    linked = _rows(near) + _rows(graph.shared)
    seen = np.where(known[:, None], 0.0, text)
    contextual = np.stack([
        _mean_level(graph.after, level, known), _mean_level(graph.before, level, known),
        _mean_level(graph.moves, level, known), _mean_level(graph.moves.T, level, known), _mean_level(near, level, known),
        _rows(near) @ known, _rows(near) @ (known & (level >= 0.75)), _rows(near) @ (known & (level <= 0.25)),
    ], axis=1) if n else np.zeros((0, len(CONTEXTUAL)))
    own = np.stack([
        np.where(known, 2 * level - 1, 0.0), known, np.where(known, 0.0, 0.0 if proposed is None else proposed),
        np.abs(seen).sum(axis=1) > 0, *(np.array([k == kind for k in graph.kinds]) for kind in KINDS[:3]),
    ], axis=1) if n else np.zeros((0, len(OWN)))
    features = np.nan_to_num(np.concatenate([graph.behaviour, contextual, own], axis=1), nan=0.0, posinf=0.0, neginf=0.0)
    arrays = {
        "text": np.nan_to_num(seen), "features": features, "moves": _walk(graph.moves + graph.moves.T),
        "near": _walk(linked),
    }
    return {name: array.astype(np.float32)[None] for name, array in arrays.items()}


class _Nodes(NamedTuple):
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    texts: tuple[str, ...]
    use_s: Floats
    place: Ints
    """Each context's place, -1 for none."""
    project: Ints


def _nodes(contexts: Sequence[Context], spent: Floats) -> _Nodes:
    use: dict[tuple[str, str], float] = defaultdict(float)
    spelled: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    titles: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    keys: list[tuple[tuple[str, str], tuple[str, str] | None]] = []
    for context, s in zip(contexts, spent.tolist(), strict=True):
        kind, name = place_of(context)
        key = (kind, app_key(name) if kind == "app" else name)
        project = ("project", context.project) if context.project else None
        keys.append((key, project))
        use[key] += s
        spelled[key][name] += s
        titles[key][page_title(context.title)] += s
        if project:
            use[project] += s
            spelled[project][context.project] += s
    kept = sorted(use, key=lambda k: (-use[k], k))
    if len(kept) > MOST_NODES:
        kept = kept[:MOST_NODES - 1]
    number = {key: i for i, key in enumerate(kept)}
    other = len(kept) if len(use) > len(kept) else -1
    names = [max(sorted(spelled[k]), key=lambda name: spelled[k][name]) for k in kept]
    texts = [_text(name, titles[k]) for name, k in zip(names, kept, strict=True)]
    used = [use[k] for k in kept]
    if other >= 0:
        names, texts = [*names, OTHER], [*texts, ""]
        used.append(sum(s for key, s in use.items() if key not in number and key[0] != "project"))
    return _Nodes(
        tuple(names), (*(k[0] for k in kept), *([OTHER] if other >= 0 else [])), tuple(texts), np.array(used, dtype=float),
        np.array([number.get(key, other) for key, _ in keys], dtype=np.int64),
        np.array([number.get(project, -1) if project else -1 for _, project in keys], dtype=np.int64),
    )


def _text(name: str, titles: dict[str, float]) -> str:
    """A place in words: its name, and the titles most seen there."""
    most = sorted((t for t in titles if t), key=lambda t: (-titles[t], t))[:TITLES]
    return f"{name}: " + "; ".join(t[:60] for t in most) if most else name


def _levels(contexts: Sequence[Context], spent: Floats, place: Ints, n: int) -> Floats:
    """Mean level of each node by time; NaN unless rules name at least half of it. Projects have none."""
    named = np.array([bool(c.category) and np.isfinite(c.level) for c in contexts], dtype=bool)
    level = np.array([c.level if ok else 0.0 for c, ok in zip(contexts, named, strict=True)], dtype=float)
    here = place >= 0
    total = np.bincount(place[here], weights=spent[here], minlength=n)
    known = np.bincount(place[here], weights=(spent * named)[here], minlength=n)
    summed = np.bincount(place[here], weights=(spent * level)[here], minlength=n)
    levels = np.full(n, np.nan)
    np.divide(summed, known, out=levels, where=(known > 0) & (known >= total / 2))
    return levels


def _decay(at_s: Floats, now_s: float) -> Floats:
    decay: Floats = np.exp2(-np.maximum(0.0, now_s - at_s) / 86_400 / HALF_LIFE_DAYS)
    return decay


def _follows(visits: Visits) -> np.ndarray:
    """(v - 1,) whether the next visit follows on this one."""
    follow: np.ndarray = (visits.start_s[1:] - visits.end_s[:-1] <= FOLLOWS_S) & (visits.node[1:] != visits.node[:-1])
    return follow


def _near(visits: Visits, decay: Floats, n: int, forward: bool) -> tuple[Floats, Floats]:
    """Decayed seconds (N, N) of other places within NEAR_S after (before) visits, and visits begun a minute then (N,).

    A clock that is set back cuts the line: nothing is near across that moment."""
    start, end, node = visits.start_s, visits.end_s, visits.node
    if not forward:  # what is near before is what is near after with time running backwards
        start, end, node, decay = -end[::-1], -start[::-1], node[::-1], decay[::-1]
    total, switches = np.zeros((n, n)), np.zeros(n)
    cuts = np.flatnonzero(start[1:] < start[:-1]) + 1
    for first, stop in itertools.pairwise([0, *cuts.tolist(), len(node)]):
        s, e, here, weight = start[first:stop], end[first:stop], node[first:stop], decay[first:stop]
        until = np.searchsorted(s, e + NEAR_S, side="left")
        switches += np.bincount(here, weights=until - np.arange(1, len(s) + 1), minlength=n)
        for low in range(0, len(s), _AT_ONCE):
            _add_near(total, s, e, here, weight, until, low)
    np.fill_diagonal(total, 0.0)
    return total, switches / (NEAR_S / 60)


def _add_near(total: Floats, start: Floats, end: Floats, node: Ints, decay: Floats, until: Ints, low: int) -> None:
    """The part of the visits from `low` on, _AT_ONCE of them: running sums of the seconds in each place, read at both ends
    of each visit's NEAR_S. `until` is the first visit that begins after them."""
    high = min(low + _AT_ONCE, len(start))
    reach = int(until[low:high].max())
    places, local = np.unique(node[low:reach], return_inverse=True)
    spent = np.zeros((reach - low + 1, len(places)))
    spent[np.arange(1, len(spent)), local] = end[low:reach] - start[low:reach]
    np.cumsum(spent, axis=0, out=spent)
    last = until[low:high] - 1 - low
    seconds = spent[last + 1] - spent[1:high - low + 1]
    own = np.arange(high - low)
    over = np.where(last > own, np.maximum(0.0, end[low + last] - end[low:high] - NEAR_S), 0.0)
    seconds[own, local[last]] -= over
    seconds *= decay[low:high, None]
    order = np.argsort(local[:high - low], kind="stable")
    groups, first = np.unique(local[:high - low][order], return_index=True)
    total[np.ix_(places[groups], places)] += np.add.reduceat(seconds[order], first, axis=0)


def _behaviour(
    line: Line, visits: Visits, nodes: _Nodes, weight: Floats, follow: np.ndarray, now_s: float, switches_after: Floats,
    switches_before: Floats,
) -> Floats:
    """(N, len(BEHAVIOUR)); a project has shares only."""
    n = len(nodes.names)
    place = nodes.place[line.context] if len(line.context) else np.zeros(0, dtype=np.int64)
    project = nodes.project[line.context] if len(line.context) else np.zeros(0, dtype=np.int64)
    both = np.concatenate([place, project])
    w, start = np.tile(weight, 2)[both >= 0], np.tile(line.start_s, 2)[both >= 0]
    node = both[both >= 0]

    def share(of: np.ndarray) -> Floats:
        return _ratio(np.bincount(node, weights=w * of, minlength=n), nodes.use_s)

    hour, day = start // 3600 % 24, start // 86_400
    lengths = visits.end_s - visits.start_s
    count = np.bincount(visits.node, minlength=n).astype(float)
    dwell = _ratio(np.bincount(visits.node, weights=lengths, minlength=n), count)
    long = np.sqrt(_ratio(np.bincount(visits.node, weights=lengths**2, minlength=n), count))
    days = _days(node, day, n)
    all_days = max(1, int(_days(np.zeros(len(line.start_s), dtype=np.int64), line.start_s // 86_400, 1)[0]))
    begins, ends = np.ones(len(visits.node)), np.ones(len(visits.node))
    begins[1:][follow], ends[:-1][follow] = 0.0, 0.0
    bounced = np.zeros(len(visits.node))
    if len(bounced) > 2:
        bounced[1:-1] = (visits.node[2:] == visits.node[:-2]) & follow[1:] & follow[:-1]
    seen = np.bincount(nodes.place[nodes.place >= 0], minlength=n)
    in_project = np.bincount(place[(place >= 0) & (project >= 0)], weights=weight[(place >= 0) & (project >= 0)], minlength=n)

    def rate(of: Floats) -> Floats:
        return _ratio(np.bincount(visits.node, weights=of, minlength=n), count)

    weekend = ((day + 3) % 7 >= 5).astype(float)  # day 0 of the epoch was a Thursday
    return np.stack([
        np.log(nodes.use_s / max(float(weight.sum()), 1e-9) + 1e-5), np.log1p(dwell), np.log1p(long),
        np.log1p(_ratio(count, days)), days / all_days, share((hour >= 6) & (hour < 11)), share((hour >= 11) & (hour < 14)),
        share((hour >= 14) & (hour < 18)), share((hour < 6) | (hour >= 20)), share(weekend), rate(begins), rate(ends),
        rate(bounced), np.log1p(seen), _ratio(in_project, nodes.use_s), _ratio(switches_after, count),
        _ratio(switches_before, count),
    ], axis=1)


def _days(node: Ints, day: Floats, n: int) -> Floats:
    """(n,) on how many days each node was there: a table of what was there when, as sorting a million pairs takes long."""
    if not len(node):
        return np.zeros(n)
    number = (day - day.min()).astype(np.int64)
    there = np.zeros((n, int(number.max()) + 1), dtype=bool)
    there[node, number] = True
    days: Floats = there.sum(axis=1).astype(float)
    return days


def _ratio(a: Floats, b: Floats) -> Floats:
    return np.divide(a, b, out=np.zeros(len(b)), where=b > 0)


def _rows(matrix: Floats) -> Floats:
    """Rows that sum to 1, or to 0 where there is nothing."""
    total = matrix.sum(axis=1, keepdims=True)
    walk: Floats = np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0)
    return walk


def _walk(matrix: Floats) -> Floats:
    """One step of a walk that stays where it is one time in ten, and always where no way leads on."""
    step: Floats = 0.9 * _rows(matrix)
    np.fill_diagonal(step, step.diagonal() + 1.0 - step.sum(axis=1))
    return step


def _mean_level(matrix: Floats, level: Floats, known: np.ndarray) -> Floats:
    """Mean level, -1 to 1, of the known among the neighbours; 0 where none is known."""
    total = matrix @ known.astype(float)
    summed = matrix @ np.where(known, 2 * level - 1, 0.0)
    mean: Floats = np.divide(summed, total, out=np.zeros(len(level)), where=total > 0)
    return mean
