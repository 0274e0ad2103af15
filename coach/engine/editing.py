"""What a text changes of a task: `p1 tomorrow +home -later due: Another title`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields

from coach.core.errors import InvalidInput
from coach.core.quickadd import only_marks, unread
from coach.core.task import Draft, Task
from coach.store import tasks
from coach.store.db import Connection


def values(db: Connection, task: Task, text: str, read: Callable[[str], Draft]) -> dict[str, object]:
    """The fields of a task that a text sets; `read` is quick-add."""
    cleared, rest = _clears(text)
    found: dict[str, object] = dict.fromkeys(cleared)
    for name in ("tags", "remind", "depends"):
        if name in found:
            found[name] = ()
    if "notes" in found:
        found["notes"] = ""
    if "status" in found:
        found |= {"status": "pending", "completed": None, "deleted": None}
    dropped = [word[1:] for word in rest.split(" ") if word.startswith("-") and word[1:] in task.tags]
    if dropped:
        rest = " ".join(word for word in rest.split(" ") if not (word.startswith("-") and word[1:] in dropped))
        found["tags"] = tuple(tag for tag in task.tags if tag not in dropped)
    rest = _without_absent_labels(rest, read)
    if not rest.strip():
        return found
    draft = read(rest)
    if (left := unread(f"x {draft.title}")) and not only_marks(draft, rest):
        raise InvalidInput(f"{left[0]!r} cannot be read", "for example due:fri, due:2026-12-24, priority:H; nothing was changed")
    blank = Draft(title="")
    for f in fields(Draft):
        value = getattr(draft, f.name)
        if f.name not in ("spans", "due_all_day", "title", "parent", "tags") and value != getattr(blank, f.name):
            found[f.name] = value
    if draft.tags:
        kept: tuple[str, ...] = found.get("tags", task.tags)  # type: ignore[assignment]
        found["tags"] = tuple(dict.fromkeys((*kept, *draft.tags)))
    if draft.parent:
        found["parent"] = tasks.find(db, draft.parent).id
    if draft.depends:
        found["depends"] = tuple(tasks.find(db, ref).id for ref in draft.depends)
    if draft.title.strip() and not only_marks(draft, rest):
        found["title"] = draft.title
    if draft.recurrence and draft.due is not None:
        found["series_start"] = draft.due
    return found


_ABSENT = re.compile(r"(?<!\S)-[^\W\d_][\w-]*(?!\S)")


def _without_absent_labels(text: str, read: Callable[[str], Draft]) -> str:
    """`-later` for a task that does not have the label, as in a bulk edit: nothing to take away, and no title either. Among
    other words of a title it is one of them."""
    others = _ABSENT.sub("", text)
    return others if not others.strip() or only_marks(read(others), others) else text


def _clears(text: str) -> tuple[list[str], str]:
    """Taskwarrior's `due:` with nothing behind it clears the field: (fields, the other words)."""
    names = {
        "due": "due", "wait": "wait", "scheduled": "scheduled", "until": "until", "project": "project", "pri": "priority",
        "priority": "priority", "recur": "recurrence", "depends": "depends", "tags": "tags", "est": "estimate_min",
        "estimate": "estimate_min", "remind": "remind", "notes": "notes",
        "parent": "parent", "status": "status",
    }
    words = re.sub(r"(?<!\S)status:pending(?!\S)", "status:", text).split(" ")  # the way back for a completed or deleted task
    cleared = [names[w[:-1].lower()] for w in words if w.endswith(":") and w[:-1].lower() in names]
    rest = [w for w in words if not (w.endswith(":") and w[:-1].lower() in names)]
    return cleared, " ".join(rest)
