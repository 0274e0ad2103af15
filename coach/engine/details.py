"""All about one task: what `coach show` prints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.habit import Habit
from coach.core.task import Task, task_json
from coach.core.urgency import terms
from coach.core.when import parse_iso
from coach.engine import category_words, habits, tasks
from coach.engine.measured import Measured, measured
from coach.engine.task_text import understood
from coach.store import tasks as stored
from coach.store.db import Connection


@dataclass(frozen=True, slots=True)
class Details:
    """`why` are the parts of the urgency; `depends` and `children` the tasks themselves, `blocks` the open ones behind it."""

    task: Task
    why: list[tuple[str, float]]
    depends: list[Task]
    blocks: list[Task]
    children: list[Task]
    parent: Task | None
    habit: Habit | None
    history: list[dict[str, Any]]
    measured: Measured | None = None
    category: str = ""
    """In words; with a question mark where Coach only suggests it."""

    @property
    def urgency(self) -> float:
        return sum(value for _, value in self.why)

    def document(self, now: datetime) -> dict[str, Any]:
        return {
            **task_json(self.task, now, round(self.urgency, 4)), "why": {name: round(value, 4) for name, value in self.why},
            "children": [t.id for t in self.children], "blocks": [t.id for t in self.blocks],
            "habit": self.habit.document() if self.habit else None, "history": self.history,
            "minutes_from": self.measured.document() if self.measured else None,
        }

    def words(self, now: datetime, tz: ZoneInfo) -> list[str]:
        task = self.task
        lines = [f"{task.num}  {task.title}"]
        ended = {"completed": task.completed, "deleted": task.deleted}.get(task.status)
        lines += [f"  {task.status} {ended.astimezone(tz):%Y-%m-%d %H:%M}"] if ended else []
        lines += [f"  {words}" for _, words in understood(task, now, tz)]
        lines += [f"  category {self.category}"] if self.category else []
        lines += [f"  {line}" for line in task.notes.splitlines()]
        lines += [f"  {a.at.astimezone(tz):%Y-%m-%d %H:%M}  {a.text}" for a in task.annotations]
        lines += [f"  subtask of {self.parent.num}  {self.parent.title}"] if self.parent else []
        lines += [f"  after {t.num}  {t.title}" for t in self.depends if t.status == "pending"]
        lines += [f"  before {t.num}  {t.title}" for t in self.blocks]
        lines += [f"  subtask {t.num}  {t.title}" for t in self.children]
        if self.habit and self.habit.rate is not None:
            lines.append(
                f"  kept {self.habit.kept} of {self.habit.expected} times ({self.habit.rate:.0%}), "
                f"{self.habit.streak} in a row, at best {self.habit.longest}"
            )
        if self.measured:
            lines.append(f"  {self.measured.words()}")
        if self.why and self.task.status == "pending":
            lines.append(f"  urgency {self.urgency:.2f} = " + " + ".join(f"{name} {value:.2f}" for name, value in self.why))
        for past in self.history:
            did = " ".join(word for word in (past["way"], past["label"]) if word)
            lines.append(f"  {parse_iso(str(past['at'])).astimezone(tz):%Y-%m-%d %H:%M} {did} ({past['actor']})")
        return lines


def of(db: Connection, ref: str, config: Config, now: datetime, tz: ZoneInfo) -> Details:
    """All about the task of a number or id. Raises NotFound."""
    task = stored.find(db, ref)
    shape = stored.shapes(db, [task.num]).get(task.num)
    blocked, blocking = (shape.blocked, shape.blocking) if shape else (False, False)
    before = stored.depending_on(db, [task.id])[task.id]
    return Details(
        task, terms(task, now, config.urgency, blocked=blocked, blocking=blocking),
        [t for t in (stored.get(db, i) for i in task.depends) if t], [t for t in (stored.get(db, i) for i in before) if t],
        stored.children(db, task.id), stored.get(db, task.parent) if task.parent else None,
        habits.of(db, task, now), tasks.history(db, task), measured(db, task), category_words.shown(db, task),
    )
