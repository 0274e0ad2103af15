"""What the Tasks screen lists: the tasks that a filter line names, sorted and in groups."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, overload
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change, hand_order
from coach.core.errors import InvalidInput
from coach.core.when import parse_wall, zone
from coach.engine import finding, lines, preferences
from coach.engine.lines import Listing
from coach.engine.task_view import GROUPS, due_words
from coach.store import changes
from coach.store.db import Connection
from coach.store.task_lines import Line

GROUPINGS: Mapping[str, str] = {
    "due": "by due", "project": "by project", "priority": "by priority", "urgency": "by urgency",
}
"""Ways to group the list, in the order in which a key goes through them."""

_LOOK = "tasks_look"
_PRIORITIES = {1: "Priority 1", 2: "Priority 2", 3: "Priority 3", 4: "No priority"}
_RANK = {name: place for place, name in enumerate(GROUPS)}


@dataclass(frozen=True, slots=True)
class Look:
    """How the list is grouped (a key of GROUPINGS), and whether it stands in the order that was made by hand."""

    by: str = "due"
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One task in a list. `state` is a key of `task_view.GROUPS`; `depth` counts the tasks above it in the same group."""

    line: Line
    state: str
    urgency: float
    depth: int
    now: datetime
    tz: ZoneInfo

    @property
    def id(self) -> str:
        return self.line.id

    @property
    def title(self) -> str:
        return self.line.title

    @property
    def project(self) -> str | None:
        return self.line.project

    @property
    def labels(self) -> Sequence[str]:
        return () if self.line.tags == "[]" else json.loads(self.line.tags)

    @property
    def priority(self) -> int | None:
        return self.line.priority

    @property
    def estimate_min(self) -> int | None:
        return self.line.estimate_min

    @property
    def is_started(self) -> bool:
        return bool(self.line.started)

    @property
    def repeats(self) -> bool:
        return bool(self.line.repeats)

    @property
    def due(self) -> str:
        """Such as "Fri 18:00" or "3 d late"; empty without a due."""
        if self.line.due is None:
            return ""
        return due_words(parse_wall(self.line.due, zone(self.line.time_zone)), self.now, self.tz)

    @property
    def place(self) -> float:
        """Where it stands in the order made by hand."""
        return _place(self.line)


@dataclass(frozen=True, slots=True)
class Rows(Sequence[Row]):
    """The rows of a group, each made when it is looked at. `depths` may be empty: then none lies below another."""

    lines: Sequence[Line]
    states: Sequence[str]
    urgencies: Sequence[float]
    depths: Sequence[int]
    now: datetime
    tz: ZoneInfo

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, at: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(at, slice):
            return tuple(self[n] for n in range(*at.indices(len(self))))
        depth = self.depths[at] if self.depths else 0
        return Row(self.lines[at], self.states[at], self.urgencies[at], depth, self.now, self.tz)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading; `ids` are those of their tasks."""

    name: str
    title: str
    rows: Rows
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class TasksView:
    """`words` is the filter line, `letters` those of its words that were looked for by their letters. `problem` says what
    is wrong with the filter; then only the conditions that can be read are met. `hidden` counts the tasks that wait for a
    later day."""

    groups: tuple[Group, ...]
    shown: int
    late: int = 0
    hidden: int = 0
    words: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    problem: str = ""
    look: Look = Look()


def tasks_view(
    db: Connection, listing: Listing, words: Sequence[str], look: Look, config: Config, now: datetime, tz: ZoneInfo
) -> TasksView:
    """The tasks that the words name: the best first where letters were given, else in the groups of `look`."""
    problem, (letters, conditions) = "", finding.told_apart(words)
    try:
        chosen = lines.meeting(db, listing, conditions, config, now, tz)
    except InvalidInput as error:
        problem = f"{error.message}: {error.hint}" if error.hint else error.message
        chosen = lines.meeting(db, listing, finding.readable(db, conditions, config, now, tz), config, now, tz)
    if letters:
        chosen, urgencies = finding.found(db, listing, chosen, letters, config, now)
    else:
        urgencies = lines.urgencies_of(chosen, config.urgency, now)
    states = lines.states_of(chosen, config, now, tz)

    def group(name: str, title: str, numbers: Sequence[int], depths: Sequence[int]) -> Group:
        here = [chosen[n] for n in numbers]
        rows = Rows(here, [states[n] for n in numbers], [urgencies[n] for n in numbers], depths, now, tz)
        return Group(name, title, rows, [line.id for line in here])

    if letters:
        groups = [group("found", "Best matches", range(len(chosen)), ())] if chosen else []
    else:
        groups = [
            group(name, title, *_below_parents(chosen, numbers))
            for name, title, numbers in _grouped(chosen, states, urgencies, look)
        ]
    hidden = 0 if words else len(listing.lines) - len(chosen)
    return TasksView(
        tuple(groups), len(chosen), states.count("overdue"), hidden, tuple(words), letters, problem, look
    )


def remembered(db: Connection) -> Look:
    """How the list was looked at last."""
    kept = preferences.get(db, _LOOK)
    if not isinstance(kept, dict) or kept.get("by") not in GROUPINGS:
        return Look()
    return Look(kept["by"], kept.get("by_hand") is True)


def remember(db: Connection, look: Look, now: datetime) -> None:
    """Keep how the list is looked at; no step to undo."""
    old = preferences.get(db, _LOOK)
    new = {"by": look.by, "by_hand": look.by_hand}
    edit = (
        change.create("preference", _LOOK, {"value": new}) if old is None
        else change.update("preference", _LOOK, {"value": old}, {"value": new})
    )
    changes.apply(db, [edit], now=now, label="look at tasks", actor="coach")


def by_urgency(listing: Listing, config: Config, now: datetime) -> list[Line]:
    """The open tasks that are not hidden, most urgent first."""
    chosen = lines.visible(listing, now)
    urgencies = lines.urgencies_of(chosen, config.urgency, now)
    keys = [(-urgency, line.created_ms, line.num) for line, urgency in zip(chosen, urgencies, strict=True)]
    return [chosen[n] for n in sorted(range(len(chosen)), key=keys.__getitem__)]


def _place(line: Line) -> float:
    return hand_order.place(line.order, line.created_ms, line.num)


def _grouped(
    chosen: Sequence[Line], states: Sequence[str], urgencies: Sequence[float], look: Look
) -> list[tuple[str, str, list[int]]]:
    """(name, heading, places in `chosen`) of each group, all in order."""
    keys: list[Any]
    if look.by_hand:
        keys = [_place(line) for line in chosen]
    elif look.by == "due":
        keys = [(line.due_utc or 0, -urgency, line.created_ms) for line, urgency in zip(chosen, urgencies, strict=True)]
    else:
        keys = [(-urgency, line.created_ms, line.num) for line, urgency in zip(chosen, urgencies, strict=True)]
    name_of = _naming(chosen, states, look)
    members: dict[tuple[Any, str, str], list[int]] = {}
    for n in sorted(range(len(chosen)), key=keys.__getitem__):
        members.setdefault(name_of(n), []).append(n)
    return [(name, title, members[rank, name, title]) for rank, name, title in sorted(members)]


def _naming(chosen: Sequence[Line], states: Sequence[str], look: Look) -> Callable[[int], tuple[Any, str, str]]:
    """How the group of each is sorted, its name and its heading."""
    if look.by == "urgency":
        heading = 0, "all", "In your own order" if look.by_hand else "Most urgent first"
        return lambda n: heading
    with_parent = _with_parents(chosen, [
        state == "none" if look.by == "due" else not (line.project if look.by == "project" else line.priority)
        for line, state in zip(chosen, states, strict=True)
    ])
    if look.by == "project":
        def project(n: int) -> tuple[Any, str, str]:
            name = chosen[with_parent(n)].project or ""
            return (not name, name.casefold()), name, name or "No project"

        return project
    if look.by == "priority":
        def priority(n: int) -> tuple[Any, str, str]:
            level = chosen[with_parent(n)].priority or 4
            return level, f"p{level}", _PRIORITIES[level]

        return priority

    def due(n: int) -> tuple[Any, str, str]:
        state = states[with_parent(n)]
        return _RANK[state], state, GROUPS[state]

    return due


def _with_parents(chosen: Sequence[Line], bare: Sequence[bool]) -> Callable[[int], int]:
    """Whose group a task stands in: its own, or where it says nothing itself (`bare`) that of the task above it."""
    if not any(line.parent for line in chosen):
        return lambda n: n
    here = {line.id: n for n, line in enumerate(chosen)}

    def of(n: int) -> int:
        seen = {n}
        at = n
        while bare[at] and (above := here.get(chosen[at].parent or "")) is not None and above not in seen:
            seen.add(above)
            at = above
        return at

    return of


def _below_parents(chosen: Sequence[Line], order: list[int]) -> tuple[list[int], list[int]]:
    """(places, depths): each task after the one above it where both are in the group; otherwise the order stays."""
    if not any(chosen[n].parent for n in order):
        return order, []
    here = {chosen[n].id: n for n in order}
    below: dict[int | None, list[int]] = {}
    for n in order:
        below.setdefault(here.get(chosen[n].parent or ""), []).append(n)
    depths: dict[int, int] = {}
    # Circles, which only foreign data can have, hang below no root and come last.
    for start in (*below.get(None, ()), *order):
        todo = [(start, 0)]
        while todo:
            n, depth = todo.pop()
            if n not in depths:
                depths[n] = depth
                todo += [(child, depth + 1) for child in reversed(below.get(n, ()))]
    return list(depths), list(depths.values())
