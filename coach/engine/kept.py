"""Views that read weeks of the timeline, kept as of a moment: shown at once, and made anew behind what is shown."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.contrast import Contrast
from coach.core.interruption import Cost
from coach.core.when import iso, parse_iso
from coach.engine import discoveries, forecast, interruptions, patterns, whatif
from coach.engine.discoveries import Discovered, Discoveries
from coach.engine.forecast import DayAhead, ForecastView, HourAhead
from coach.engine.graph_view import Edge, GraphView, Node
from coach.engine.interruptions import InterruptionsView
from coach.engine.patterns import Effect, FoundPattern, PatternsView
from coach.engine.watch import edits
from coach.engine.whatif import GroupMinutes
from coach.store import kept_days, kept_views
from coach.store.db import Connection, DatabaseError
from coach.store.models import switches

if TYPE_CHECKING:
    from coach.engine.models import Models

V = TypeVar("V")

SLOT_S = 900
"""What was found in weeks of tracked time does not change within a quarter of an hour of it."""
OLD_S = 86_400
"""A view of an earlier day is made anew before anybody asks for it."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[V]):
    """A view that is kept by that name; `form` rises with every change of what `pack` writes and `unpack` reads: JSON values.
    `days` says whether it reads the stretches of whole days, which are kept in columns."""

    name: str
    form: int
    pack: Callable[[V], Any]
    unpack: Callable[[Any], V]
    days: bool = True


@dataclass(frozen=True, slots=True)
class AsOf(Generic[V]):
    """`stamp` differs from the present one where the view may be another by now."""

    view: V
    at: datetime
    stamp: str


@dataclass(frozen=True, slots=True)
class Habits:
    """All that the page of patterns shows."""

    patterns: PatternsView
    discoveries: Discoveries


@dataclass(frozen=True, slots=True)
class Usual:
    """The mean minutes of each group over so many tracked days."""

    groups: tuple[GroupMinutes, ...]
    days: int


def stamp(db: Connection, config: Config, now: datetime) -> str:
    """What such a view is made from, in short: every edit, the settings, which models serve, and the time."""
    return f"{edits(db)} {zlib.crc32(repr(config).encode()):08x} {switches(db)} {int(now.timestamp() // SLOT_S)}"


def find(db: Connection, kind: Kind[V]) -> AsOf[V] | None:
    """The view as it was made last; None where none is kept."""
    kept = kept_views.find(db, kind.name, kind.form)
    return AsOf(kind.unpack(json.loads(kept.data)), kept.at, kept.stamp) if kept else None


def make(db: Connection, kind: Kind[V], config: Config, now: datetime, build: Callable[[], V]) -> AsOf[V]:
    """The view as it is now, kept for the next time where the disk lets it."""
    since, before = kept_views.forgotten(db), stamp(db, config, now)
    if kind.days:
        with suppress(DatabaseError):  # a full or busy disk: the days are read as they lie there
            kept_days.fill(db)
    view = build()
    with suppress(DatabaseError):  # a full or busy disk: it is shown, and made again the next time
        data = json.dumps(kind.pack(view), separators=(",", ":"))
        kept_views.keep(db, kind.name, kind.form, kept_views.Kept(before, now, data), since)
    return AsOf(view, now, before)


def habits(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Habits:
    return Habits(patterns.view(db, config, now, tz), discoveries.view(db, config, now, tz))


def usual(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Usual:
    days = whatif.history(db, config, now, tz)
    return Usual(whatif.groups(days), len(days))


def renew_old(db: Connection, config: Config, now: datetime, tz: ZoneInfo, models: Models) -> list[str]:
    """Make anew what is missing or a day old, so that nobody waits for it; returns the names."""
    from coach.engine import graphs

    made = []
    makers: tuple[tuple[Kind[Any], Callable[[], Any]], ...] = (
        (HABITS, lambda: habits(db, config, now, tz)),
        (GRAPH, lambda: graphs.view(db, config, now, tz, models)),
        (INTERRUPTIONS, lambda: interruptions.recent(db, now, config)),
        (FORECAST, lambda: forecast.forecast(db, config, now, tz, models.shelf)),
        (USUAL, lambda: usual(db, config, now, tz)),
    )
    for kind, build in makers:
        kept = kept_views.find(db, kind.name, kind.form)
        if kept is None or abs((now - kept.at).total_seconds()) >= OLD_S:
            make(db, kind, config, now, build)
            made.append(kind.name)
    return made


def _graph(view: GraphView) -> Any:
    return {
        "start": iso(view.start), "end": iso(view.end), "days": view.days, "serves": view.serves, "reason": view.reason,
        "nodes": [astuple(n) for n in view.nodes], "edges": [astuple(e) for e in view.edges],
    }


def _graph_back(data: Any) -> GraphView:
    return GraphView(
        parse_iso(data["start"]), parse_iso(data["end"]), data["days"], tuple(Node(*n) for n in data["nodes"]),
        tuple(Edge(*e) for e in data["edges"]), data["serves"], data["reason"],
    )


def _habits(view: Habits) -> Any:
    found, out = view.patterns, view.discoveries
    return {
        "patterns": [iso(found.today), found.days, found.looked_for, found.who, found.reason],
        "found": [
            [*astuple(p)[:-2], astuple(p.effect) if p.effect else None, [iso(day) for day in p.days]] for p in found.found
        ],
        "discoveries": [out.tried, out.days, out.missing_days], "out": [astuple(d) for d in out.found],
    }


def _habits_back(data: Any) -> Habits:
    today, *counts = data["patterns"]
    found = tuple(_pattern_back(*row) for row in data["found"])
    out = tuple(Discovered(kind, text, figures, Contrast(*contrast)) for kind, text, figures, contrast in data["out"])
    days, looked_for, who, reason = counts
    return Habits(
        PatternsView(date.fromisoformat(today), days, found, looked_for, who, reason), Discoveries(out, *data["discoveries"]))


def _pattern_back(*row: Any) -> FoundPattern:
    *counts, effect, days = row
    values: list[Any] = [*counts, Effect(*effect) if effect else None, tuple(date.fromisoformat(day) for day in days)]
    return FoundPattern(*values)


def _interruptions(view: InterruptionsView) -> Any:
    return [iso(view.start), iso(view.end), [astuple(c) for c in view.costs], view.n, view.resumed, view.version]


def _interruptions_back(data: Any) -> InterruptionsView:
    start, end, costs, *counts = data
    return InterruptionsView(parse_iso(start), parse_iso(end), tuple(Cost(*c) for c in costs), *counts)


def _forecast(view: ForecastView) -> Any:
    return {
        "made": iso(view.made), "by": [view.serves, view.number, view.days, view.why],
        "hours": [[h.start.isoformat(), h.mean, h.low, h.high, h.active] for h in view.hours],
        "week": [[d.day.isoformat(), d.mean, d.low, d.high, d.active_h, d.by] for d in view.week],
    }


def _forecast_back(data: Any) -> ForecastView:
    hours = tuple(HourAhead(datetime.fromisoformat(start), *band) for start, *band in data["hours"])
    week = tuple(DayAhead(date.fromisoformat(day), *band) for day, *band in data["week"])
    return ForecastView(parse_iso(data["made"]), hours, week, *data["by"])


def _usual(view: Usual) -> Any:
    return [[astuple(group) for group in view.groups], view.days]


def _usual_back(data: Any) -> Usual:
    groups, days = data
    return Usual(tuple(GroupMinutes(*group) for group in groups), days)


GRAPH: Kind[GraphView] = Kind("graph", 1, _graph, _graph_back)
HABITS: Kind[Habits] = Kind("habits", 1, _habits, _habits_back)
INTERRUPTIONS: Kind[InterruptionsView] = Kind("interruptions", 1, _interruptions, _interruptions_back)
FORECAST: Kind[ForecastView] = Kind("forecast", 1, _forecast, _forecast_back, days=False)
USUAL: Kind[Usual] = Kind("usual", 1, _usual, _usual_back, days=False)
