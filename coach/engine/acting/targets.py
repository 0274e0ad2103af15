"""Which tasks the words of a wish mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from coach.core import say, wish
from coach.core.errors import CoachError, InvalidInput, NotFound
from coach.core.task import Task
from coach.engine import language, tasks
from coach.engine.acting.proposal import Here
from coach.store import tasks as store

CLEAR = 0.6
"""Share of the words that a title must hold to be meant."""
CLOSE = 0.1
"""Titles whose shares differ by less are not told apart."""
TYPO = 0.8
"""Likeness of two words that are one with a slip of the finger."""
MEANT = 0.6
"""Cosine from which a title is meant by other words."""
MOST_MEANT = 200
NEAR = 3

_PRONOUNS = frozenset({"it", "that", "this", "that one", "this one", "them", "the same"})
_EMPTY = frozenset("a an the my to of for and on in at with by about task todo one please".split())


class Several(InvalidInput):
    """Several tasks fit the words as well as each other."""


def some(here: Here, target: str) -> list[Task]:
    """The task, or the tasks that the words name by what they have in common. Raises NotFound, InvalidInput."""
    asked = wish.conditions(target) if wish.is_many(target) else None
    if asked is None:
        return _together(here, target) or [one(here, target)]
    found = [t for t, _ in tasks.select(here.db, asked or ("status:pending",), here.config, here.now, here.tz)]
    if not found:
        raise NotFound(f"there are no tasks like {target!r}")
    return found


def one(here: Here, target: str, *, closed: bool = False) -> Task:
    """The open task that the words mean (or, `closed`, the closed one): "it", its number, or words of its title.

    Raises NotFound with the nearest ones, Several where more than one fits or is named."""
    if target.lower() in _PRONOUNS:
        if here.it is None:
            raise InvalidInput(f"I don't know what {target!r} is", "name the task")
        return _open(tasks.known(here.db, here.it.id) or here.it, closed)
    if not closed and (named := _together(here, target)):
        raise Several(f"that names {say.count(len(named), 'task')}: {_named(named)}", "say one after the other")
    return _one(here, target, closed=closed)


def _together(here: Here, target: str) -> list[Task]:
    """The tasks that "the report and the invoice" names; none where the words are the name of one, or some part fits no task.
    Raises InvalidInput where a part is a wish of its own: half of what was said would be done."""
    parts = [part for part in re.split(r"\s*(?:,|;|\b(?:and|then)\b)\s*", target, flags=re.IGNORECASE) if part]
    if len(parts) < 2:
        return []
    wanted = set(_words(target))
    if any(wanted <= set(_words(t.title)) for t in store.every(here.db) if t.status == "pending"):
        return []
    if (second := next((part for part in parts[1:] if wish.read(part) is not None), None)) is not None:
        raise InvalidInput("those are two wishes, and I take one at a time", f"say {say.quoted(second)} after it")
    if many := next((part for part in parts if wish.is_many(part) and wish.conditions(part) is not None), None):
        raise InvalidInput(f"{say.quoted(many)} and single tasks are two wishes", "say one after the other")
    by_words = replace(here, similar=None)
    try:
        found = {t.id: t for t in (_one(by_words, part) for part in parts)}
    except CoachError:
        return []
    return list(found.values()) if len(found) > 1 else []


def _one(here: Here, target: str, *, closed: bool = False) -> Task:
    if numbered := re.fullmatch(r"(?:#|task |number )*(\d{1,6})", target.strip(), re.IGNORECASE):
        return _open(tasks.find(here.db, numbered[1]), closed)
    known = [t for t in store.every(here.db) if t.status in (("completed", "deleted") if closed else ("pending",))]
    known.sort(key=lambda t: -t.num)
    read = language.known(here.db).read
    wanted = _words(read(target))
    scored = sorted(((_share(wanted, _words(read(t.title)), target, t.title), t) for t in known), key=lambda s: -s[0])
    if scored and scored[0][0] >= CLEAR:
        rivals = [t for share, t in scored if scored[0][0] - share < CLOSE]
        if len(rivals) == 1:
            return rivals[0]
        raise Several(f"{say.count(len(rivals), 'task')} could be meant: {_named(rivals)}", "name it by its number, such as "
                      f"#{rivals[0].num}")
    meant = _by_meaning(here, target, known)
    if meant is not None:
        return meant
    near = [t for share, t in scored[:NEAR] if share > 0]
    hint = f"near it: {_named(near)}" if near else "`coach list` shows them"
    raise NotFound(f"there is no open task {say.quoted(target)}", hint)


def _open(task: Task, closed: bool) -> Task:
    if (task.status in ("completed", "deleted")) != closed:
        raise InvalidInput(f"#{task.num} {say.quoted(task.title)} is {task.status}")
    return task


def _by_meaning(here: Here, target: str, known: Sequence[Task]) -> Task | None:
    if here.similar is None or not known:
        return None
    looked = known[:MOST_MEANT]
    cosines = here.similar(target, [t.title for t in looked])
    if not len(cosines):
        return None
    best = max(range(len(looked)), key=lambda i: cosines[i])
    return looked[best] if cosines[best] >= MEANT else None


def _words(text: str) -> list[str]:
    found = re.findall(r"\w+", text.lower())
    return [w for w in found if w not in _EMPTY] or found


def _share(wanted: Sequence[str], title: Sequence[str], target: str, whole: str) -> float:
    """How much of what is wanted the title has, 0 to 1, and a little more where it is the title."""
    if not wanted:
        return 0.0
    here = sum(max((_likeness(w, t) for t in title), default=0.0) for w in wanted) / len(wanted)
    exact = 0.5 if target.strip().lower() == whole.strip().lower() else 0.0
    return here + exact + 0.05 * here * len(wanted) / max(len(title), 1)


def _likeness(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if len(a) >= 4 and (b.startswith(a) or (a.startswith(b) and len(b) >= 4)):
        return 0.95
    ratio = SequenceMatcher(None, a, b).ratio() if len(a) >= 4 and abs(len(a) - len(b)) <= 2 else 0.0
    return ratio if ratio >= TYPO else 0.0


def _named(found: Sequence[Task]) -> str:
    return say.listing([f"#{t.num} {say.quoted(t.title, 40)}" for t in found[:NEAR]])
