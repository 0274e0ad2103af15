"""From source events, which overlap, to the timeline: one state at a time.

At each instant the highest layer wins: manual entries, then a browser tab, editor or terminal seen inside its own
window, then the window, then a terminal or editor on its own. Time away (no input) cuts, except under a context whose
idle policy says that watching or talking is not being away. A meeting of the calendar fills what nobody else claims.
What a person calls a break is no state, whatever was seen. Corrections then say otherwise about category or project, and
change nothing else about when.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from coach.core.apps import BROWSERS, EDITORS, TERMINALS
from coach.core.unexplained import BREAK

Kind = Literal["manual", "window", "tab", "editor", "terminal", "meeting"]

CUT_MS = 12 * 3_600_000
"""Rows end at UTC noon and midnight at the latest, so that a query knows how far back a row can reach."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Milliseconds [start, end) of one context, as one bucket saw it."""

    start_ms: int
    end_ms: int
    kind: Kind
    context: int
    bucket: int
    said_ms: int = 0
    """When a manual entry was made: of two, the one said later counts."""
    category: str | None = None
    """What a manual entry says it was, whatever the rules would."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says about [start, end): of one app where it names one; None leaves category or project as it is."""

    start_ms: int
    end_ms: int
    said_ms: int
    app: str | None = None
    category: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A row of the timeline; `category` and `project` are what a person said, None what the rules and the source say."""

    start_ms: int
    end_ms: int
    context: int
    bucket: int
    category: str | None = None
    project: str | None = None


def inside(kind: Kind, app: str) -> bool:
    """Whether a detail of that kind can live inside a window of that application."""
    name = app.lower()
    if kind == "tab":
        return name in BROWSERS
    if kind == "editor":
        return name in EDITORS or name in TERMINALS
    return kind == "terminal" and name in TERMINALS


def derive(
    stretches: Sequence[Stretch],
    away: Sequence[tuple[int, int]],
    app_of: Callable[[int], str],
    watches: Callable[[int], bool] = lambda context: False,
    within: tuple[int, int] | None = None,
) -> list[Stretch]:
    """The timeline of these stretches: sorted, without overlap, neighbours of one context joined, cut to `within`.

    Stretches come whole, those of one bucket and start in the order in which they arrived: of two in one layer the later
    start wins, then the later bucket, then the later arrival. `app_of(context)` names the application;
    `watches(context)` is true where no input does not mean away.
    O(n log n) and a state at an instant depends only on the stretches that cover it."""
    edges = _edges(stretches, away, within)
    starting = sorted((s for s in stretches if s.end_ms > s.start_ms), key=lambda s: s.start_ms)
    absent = sorted(a for a in away if a[1] > a[0])
    line: list[Stretch] = []
    active: list[Stretch] = []
    gone: list[tuple[int, int]] = []
    next_start = next_away = 0
    for left, right in itertools.pairwise(edges):
        while next_start < len(starting) and starting[next_start].start_ms <= left:
            active.append(starting[next_start])
            next_start += 1
        while next_away < len(absent) and absent[next_away][0] <= left:
            gone.append(absent[next_away])
            next_away += 1
        active = [s for s in active if s.end_ms > left]
        gone = [a for a in gone if a[1] > left]
        best = _top(active, app_of) if active else None
        if best is not None and gone and best.kind != "manual" and not watches(best.context):
            best = _latest(s for s in active if s.kind == "meeting")
        if best is None or best.category == BREAK:
            continue
        last = line[-1] if line else None
        if last and last.end_ms == left and left % CUT_MS and _same(last, best):
            line.pop()
            left = last.start_ms
        if (left, right) != (best.start_ms, best.end_ms):  # most are whole, and stay what they are
            best = Stretch(left, right, best.kind, best.context, best.bucket, best.said_ms, best.category)
        line.append(best)
    return line


def corrected(line: Sequence[Stretch], corrections: Sequence[Correction], app_of: Callable[[int], str]) -> list[State]:
    """The timeline as its person says it was: rows cut where a correction begins or ends, if that changes what they are.

    Of several the one said last counts, for category and project apart; a manual entry's own category is said with it."""
    if not corrections:
        return [State(r.start_ms, r.end_ms, r.context, r.bucket, r.category) for r in line]
    found: list[State] = []
    for row in line:
        app = app_of(row.context)
        about = sorted(
            (c for c in corrections if c.start_ms < row.end_ms and c.end_ms > row.start_ms and c.app in (None, app)),
            key=lambda c: (c.said_ms, c.start_ms, c.end_ms, c.category or "", c.project or ""),
        )
        if not about:
            found.append(State(row.start_ms, row.end_ms, row.context, row.bucket, row.category))
            continue
        inner = {t for c in about for t in (c.start_ms, c.end_ms) if row.start_ms < t < row.end_ms}
        first = len(found)
        for left, right in itertools.pairwise(sorted({row.start_ms, row.end_ms} | inner)):
            category, project = _said(row, [c for c in about if c.start_ms <= left and c.end_ms >= right])
            if len(found) > first and (found[-1].category, found[-1].project) == (category, project):
                found[-1] = replace(found[-1], end_ms=right)
            else:
                found.append(State(left, right, row.context, row.bucket, category, project))
    return [state for state in found if state.category != BREAK]


def offsets(start_ms: int, end_ms: int, offset_at: Callable[[int], int]) -> Iterator[tuple[int, int, int]]:
    """[start, end) cut where the clocks change: (start_ms, end_ms, offset in minutes). Zones change on whole minutes, and
    not twice within the twelve hours that a row can be long."""
    first, last = offset_at(start_ms), offset_at(end_ms - 1)
    if first != last:
        low, high = start_ms // 60_000, end_ms // 60_000 + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset_at(middle * 60_000) == first else (low, middle)
        if start_ms < high * 60_000 < end_ms:
            yield start_ms, high * 60_000, first
            start_ms = high * 60_000
    yield start_ms, end_ms, last


def _said(row: Stretch, about: Sequence[Correction]) -> tuple[str | None, str | None]:
    category, category_ms, project = row.category, row.said_ms, None
    for c in about:
        if c.category is not None and (category is None or c.said_ms >= category_ms):
            category, category_ms = c.category, c.said_ms
        if c.project is not None and c.said_ms >= row.said_ms:
            project = c.project
    return category, project


def _same(a: Stretch, b: Stretch) -> bool:
    return (a.context, a.bucket, a.said_ms, a.category) == (b.context, b.bucket, b.said_ms, b.category)


def _latest(found: Iterator[Stretch]) -> Stretch | None:
    best: Stretch | None = None
    for stretch in found:
        if best is None or _order(stretch) >= _order(best):
            best = stretch
    return best


def _order(stretch: Stretch) -> tuple[int, int, int]:
    return stretch.said_ms, stretch.start_ms, stretch.bucket


def _edges(
    stretches: Sequence[Stretch], away: Sequence[tuple[int, int]], within: tuple[int, int] | None
) -> list[int]:
    edges = {t for s in stretches for t in (s.start_ms, s.end_ms)} | {t for a in away for t in a}
    if within:
        edges = {min(max(t, within[0]), within[1]) for t in edges}
    if edges:
        low, high = min(edges), max(edges)
        edges.update(range((low // CUT_MS + 1) * CUT_MS, high, CUT_MS))
    return sorted(edges)


def _top(active: Sequence[Stretch], app_of: Callable[[int], str]) -> Stretch | None:
    if len(active) == 1:
        only = active[0]
        return None if only.kind == "tab" else only
    newest: dict[Kind, Stretch] = {}
    for stretch in active:  # of two in one layer the later start is the present one
        held = newest.get(stretch.kind)
        if held is None or _order(stretch) >= _order(held):
            newest[stretch.kind] = stretch
    if "manual" in newest:
        return newest["manual"]
    window = newest.get("window")
    if window is not None:
        details: tuple[Kind, ...] = ("tab", "editor", "terminal")
        for kind in details:
            if kind in newest and inside(kind, app_of(window.context)):
                return newest[kind]
        return window
    return newest.get("editor") or newest.get("terminal") or newest.get("meeting")
