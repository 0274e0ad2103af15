"""What the pane beside the list says about one task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.task import Task
from coach.engine import category_words, details, estimating
from coach.engine.task_text import rule_words
from coach.engine.task_view import TaskRow, facts, full_words
from coach.store.db import Connection

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """`facts` are (label, words); an empty label goes on with the one above."""

    title: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def shown(db: Connection, task_id: str, config: Config, now: datetime, tz: ZoneInfo) -> Shown:
    """Facts, what hangs on the task and on what it hangs, then notes. Raises NotFound."""
    found = details.of(db, task_id, config, now, tz)
    task = found.task
    repeats = rule_words(task.recurrence) if task.recurrence else ""
    pairs = [
        (label, repeats if label == "repeats" else words) for label, words in facts(TaskRow(task, found.urgency, "", ""), now, tz)
        if label not in ("depends on", "category")
    ]
    if category := category_words.shown(db, task):
        before = next((n for n, (label, _) in enumerate(pairs) if label in ("snoozed", "urgency")), len(pairs))
        pairs.insert(before, ("category", category))
    if task.status == "pending" and (takes := estimating.own_range(db, task)):
        after = next((n + 1 for n, (label, _) in enumerate(pairs) if label == "estimate"), len(pairs))
        pairs.insert(after, ("takes", takes))
    if task.status != "pending":
        pairs = [pair for pair in pairs if pair[0] != "urgency"]
    pairs += _named("part of", [found.parent] if found.parent else [])
    pairs += _named("subtasks", found.children)
    pairs += _named("after", [t for t in found.depends if t.status == "pending"])
    pairs += _named("before", found.blocks)
    if found.habit and found.habit.rate is not None:
        pairs.append(("kept", f"{found.habit.kept} of {found.habit.expected} times, {found.habit.streak} in a row"))
    for label, moment in (("completed", task.completed), ("deleted", task.deleted)):
        if moment is not None:
            pairs.append((label, full_words(moment, tz, now)))
    notes = ([task.notes] if task.notes else []) + [f"{full_words(a.at, tz, now)}  {a.text}" for a in task.annotations]
    return Shown(task.title, tuple(pairs), tuple(notes))


def _named(label: str, others: Sequence[Task]) -> list[tuple[str, str]]:
    lines = [f"{t.num}  {' '.join(t.title.split())}" for t in others[:_MOST_NAMED]]
    if len(others) > _MOST_NAMED:
        lines.append(f"and {len(others) - _MOST_NAMED} more")
    return [("" if n else label, words) for n, words in enumerate(lines)]
