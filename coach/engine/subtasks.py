"""Subtasks: the word `parent:3` in a text, no circles, and nothing closed above something open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from coach.core.errors import InvalidInput
from coach.core.task import Draft, Span, Task
from coach.store import tasks
from coach.store.db import Connection

_PARENT = re.compile(r"(?<!\S)parent:([0-9A-Za-z-]+)(?!\S)")


def with_parent(draft: Draft, text: str, ignore: frozenset[tuple[int, int]]) -> Draft:
    """The draft with the task that `parent:3` in its text names, and its title without that word."""
    for found in _PARENT.finditer(text):
        taken = any(s.start < found.end() and found.start() < s.end for s in draft.spans)
        if found.span() in ignore or taken or found.group() not in draft.title.split():
            continue
        title = " ".join(word for word in draft.title.split(" ") if word != found.group())
        spans = sorted((*draft.spans, Span(*found.span(), "parent")), key=lambda s: s.start)
        return replace(draft, title=title, parent=found.group(1), spans=tuple(spans))
    return draft


def check(db: Connection, task: Task, parent_id: str) -> None:
    """Raises InvalidInput when the task would come to stand below itself."""
    above: str | None = parent_id
    seen: set[str] = set()
    while above is not None and above not in seen:
        seen.add(above)
        if above == task.id:
            raise InvalidInput(f"task {task.num} cannot be a subtask of itself", "name another parent")
        found = tasks.get(db, above)
        above = found.parent if found else None


def family(db: Connection, chosen: Sequence[Task], verb: str, *, children: bool) -> list[Task]:
    """The chosen tasks, subtasks before their parents. Open subtasks come along with `children`; else InvalidInput."""
    wanted = {t.id: t for t in chosen}
    ordered: dict[str, Task] = {}
    seen: set[str] = set()

    def take(task: Task) -> None:
        if task.id in seen:
            return
        seen.add(task.id)
        below = tasks.children(db, task.id)
        left = [t for t in below if t.id not in wanted]
        if left and not children:
            count = "an open subtask" if len(left) == 1 else f"{len(left)} open subtasks"
            first = ", ".join(str(t.num) for t in left[:5])
            raise InvalidInput(
                f"task {task.num} has {count}: {first}", f"`coach {verb} {task.num} --children` takes them along"
            )
        for child in below:
            take(child)
        ordered[task.id] = task

    for task in chosen:
        take(task)
    return list(ordered.values())
