"""Subtasks: the word `parent:3` in a text, no circles, and nothing closed above something open."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from coach.core.errors import InvalidInput
from coach.core.task import Draft, Span, Task
from coach.store import tasks
from coach.store.db import Connection

_PARENT = re.compile(r"(?<!\S)parent:([0-9A-Za-z-]+)(?!\S)")
_MASK = "\ue000"
"""A letter for private use: the grammar makes nothing of it, so that `parent:3 tomorrow` is not three o'clock."""


def read(text: str, ignore: frozenset[tuple[int, int]], parse: Callable[[str], Draft]) -> Draft:
    """What `parse` reads in a text, with the task that `parent:3` names; the title is without that word."""
    found = next((m for m in _PARENT.finditer(text) if m.span() not in ignore), None)
    if found is None:
        return parse(text)
    mask = _MASK * len(found.group())
    draft = parse(text[: found.start()] + mask + text[found.end() :])
    if mask not in draft.title.split():  # inside the notes, or a part of something else
        return parse(text)
    title = " ".join(word for word in draft.title.split(" ") if word != mask)
    spans = sorted((*draft.spans, Span(*found.span(), "parent")), key=lambda s: s.start)
    return replace(draft, title=title, parent=found.group(1), spans=tuple(spans))


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
