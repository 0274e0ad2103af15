"""A proposal: what a wish would change, as a difference, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import say
from coach.core.errors import Busy, InvalidInput
from coach.core.task import Task
from coach.engine import task_text, tasks
from coach.store.db import Connection

Similar: TypeAlias = Callable[[str, Sequence[str]], Sequence[float]]
"""(words, texts) -> cosine of each text to the words; from the embedder, where there is one."""
Do: TypeAlias = Callable[[Connection, datetime], str]
"""Does it, and says in words what was done."""
SHOWN = 5
"""Tasks of a proposal about many that are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that changes: what it is now and what it would be, in words; "" for nothing."""

    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`title` says it in a sentence. `undo` is False for what no undo takes back, and `hint` then says what does."""

    title: str
    lines: tuple[Line, ...]
    do: Do
    undo: bool = True
    hint: str = ""
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class Here:
    """Where a wish is understood: `it` is the task that was spoken of last."""

    db: Connection
    config: Config
    now: datetime
    tz: ZoneInfo
    it: Task | None = None
    similar: Similar | None = None


def text_of(proposal: Proposal) -> str:
    """The proposal as lines of text."""
    return "\n".join([proposal.title, *(line_text(line) for line in proposal.lines)])


def line_text(line: Line) -> str:
    if line.before and line.after:
        return f"  {line.what}: {line.before} → {line.after}"
    return f"  {'+' if line.after else '-'} {line.what}{': ' if line.after or line.before else ''}{line.after or line.before}"


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "title": proposal.title, "undo": proposal.undo, "task_id": proposal.task_id,
        "lines": [{"what": line.what, "before": line.before or None, "after": line.after or None} for line in proposal.lines],
    }


def about(verb: str, chosen: Sequence[Task], do: Do, line: Line) -> Proposal:
    if len(chosen) == 1:
        return Proposal(f"{verb} {names(chosen)}", (line,), do, task_id=chosen[0].id)
    return Proposal(f"{verb} {say.count(len(chosen), 'task')}", _listed(chosen), do)


def difference(here: Here, verb: str, old: Sequence[Task], new: Sequence[Task], do: Do) -> Proposal:
    """What differs between the tasks before and after. Raises InvalidInput where nothing does."""
    pairs = [(a, b) for a, b in zip(old, new, strict=True) if replace(b, modified=a.modified) != a]
    if not pairs:
        raise InvalidInput(f"{names(old)} {'is' if len(old) == 1 else 'are'} like that already")
    if len(pairs) == 1:
        return Proposal(f"{verb} {names(old)}", _changes(here, *pairs[0]), do, task_id=pairs[0][0].id)
    lines = [Line(f"#{a.num} {say.quoted(a.title, 40)}", *_in_words(_changes(here, a, b))) for a, b in pairs[:SHOWN]]
    more = (Line("and", after=f"{len(pairs) - SHOWN} more"),) if len(pairs) > SHOWN else ()
    return Proposal(f"{verb} {say.count(len(pairs), 'task')}", (*lines, *more), do)


def _changes(here: Here, old: Task, new: Task) -> tuple[Line, ...]:
    before = _by_kind(task_text.understood(old, here.now, here.tz))
    after = _by_kind(task_text.understood(new, here.now, here.tz))
    kinds = dict.fromkeys([*before, *after])
    lines = [Line(kind, before.get(kind, ""), after.get(kind, "")) for kind in kinds if before.get(kind) != after.get(kind)]
    return tuple(lines)


def _by_kind(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, words in pairs:
        found[kind] = f"{found[kind]}, {words}" if kind in found else words
    return found


def _in_words(lines: Sequence[Line]) -> tuple[str, str]:
    return ", ".join(x.before for x in lines if x.before), ", ".join(x.after for x in lines if x.after)


def _listed(chosen: Sequence[Task]) -> tuple[Line, ...]:
    more = (Line("and", after=f"{len(chosen) - SHOWN} more"),) if len(chosen) > SHOWN else ()
    return (*(Line(f"#{t.num}", after=say.quoted(t.title)) for t in chosen[:SHOWN]), *more)


def names(chosen: Sequence[Task]) -> str:
    return f"#{chosen[0].num} {say.quoted(chosen[0].title)}" if len(chosen) == 1 else say.count(len(chosen), "task")


def unchanged(db: Connection, chosen: Sequence[Task]) -> list[Task]:
    """The tasks as they are now. Raises Busy where one was edited since it was proposed."""
    found = [tasks.known(db, t.id) for t in chosen]
    for now_is, was in zip(found, chosen, strict=True):
        if now_is is None or now_is.modified != was.modified:
            raise Busy(f"#{was.num} was edited meanwhile", "ask again")
    return [t for t in found if t is not None]
