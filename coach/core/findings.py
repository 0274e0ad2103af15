"""What the models found, as plain records that a screen, the shell and a test read alike. Numbers come with who said them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

By = Literal["model", "baseline", "nothing"]


@dataclass(frozen=True, slots=True)
class Source:
    """Who says it: version `number` of the model `kind` (0 is the shipped one) or its baseline, and why that one serves.

    `days` of history stand behind it; with `missing_days` above 0 there are too few of them and nothing is said."""

    kind: str
    by: By
    number: int
    why: str
    days: int
    missing_days: int = 0


@dataclass(frozen=True, slots=True)
class ExpectedHour:
    """Focus expected in the hour from `start` on if it is worked, with its 80 % band; `active` is the probability that it is."""

    start: datetime
    value: float
    low: float
    high: float
    active: float = 1.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """Expected focus of the hours after `issued`, earliest first: 24 or 168 of them, none where nothing is said."""

    source: Source
    issued: datetime
    hours: tuple[ExpectedHour, ...]


@dataclass(frozen=True, slots=True)
class DayPattern:
    """A pattern of days: on `seen` of `days` of them; `frequency` with its 95 % interval (`low`, `high`). `effect` is the
    mean focus of days with it minus that of days without, None where it cannot be said; `examples` are days to look at."""

    name: str
    title: str
    about: str
    seen: int
    days: int
    frequency: float
    low: float
    high: float
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    examples: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class DayPatterns:
    """Patterns that are shown, the clearest first; `looked_for` says how many were looked for."""

    source: Source
    patterns: tuple[DayPattern, ...]
    looked_for: int


@dataclass(frozen=True, slots=True)
class PlaceNode:
    """An app, site or project: `share` of the time, 0 to 1; `productive` the probability that it is; `known` when a rule,
    the catalogue or the person said so rather than the model."""

    name: str
    what: Literal["app", "site", "project"]
    share: float
    minutes: float
    productive: float
    known: bool


@dataclass(frozen=True, slots=True)
class PlaceEdge:
    """`n` changes from one node to another (indices), and what they do to the focus of the half hour after them: the matched
    difference to staying, shrunken, with its 95 % interval; None where it cannot be said."""

    source: int
    target: int
    n: int
    effect: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceGraph:
    """Nodes by time, most first; edges by n, most first."""

    source: Source
    nodes: tuple[PlaceNode, ...]
    edges: tuple[PlaceEdge, ...]


@dataclass(frozen=True, slots=True)
class DayMinutes:
    """Minutes a day in one category, as it is and as it would be."""

    category: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Supposed:
    """What a changed day would do: `gain` in a day's mean focus with its 80 % interval, `similar` real days like it."""

    source: Source
    gain: float
    low: float
    high: float
    similar: int
    generated: int
    minutes: tuple[DayMinutes, ...]
    missed_min: float
    """How far the generated days are from the goal on average, minutes a day."""
