"""Filters as people type them: saved ones by name, numbers of tasks made into ids, and the reading of the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.errors import InvalidInput, NotFound
from coach.core.task import Task
from coach.store import changes, search, tasks
from coach.store.db import Connection

_BY_NUMBER = re.compile(r"(parent|depends|dep)((?:\.\w+)?):(\d+)", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w-]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter that has been read: the test, the numbers among which all that pass are found (None: any), and whether
    it says itself which status it is about (if not, it is about tasks that are pending and not hidden)."""

    accept: Callable[[Task], bool]
    among: set[int] | None
    any_status: bool


def asked(db: Connection, words: Sequence[str], config: Config, now: datetime, tz: ZoneInfo) -> Asked:
    """What a filter means now. Raises InvalidInput that names the word it cannot read."""
    from coach.core.filter import parse_filter  # 3 ms that a list without words does not need
    from coach.core.narrow import names_status, narrow, needs_dependencies

    spelled = expanded(db, words)
    blocked, blocking = tasks.chained(db) if needs_dependencies(spelled) else (set(), set())
    latest = tasks.latest_num(db) if any("LATEST" in word for word in spelled) else 0
    accept = parse_filter(
        spelled, now, tz, day_first=config.time.day_first, blocked=blocked, blocking=blocking, latest=latest
    )
    named = names_status(spelled)
    return Asked(accept, search.narrowed(db, narrow(spelled), only_open=not named), named)


def expanded(db: Connection, words: Sequence[str]) -> list[str]:
    """The words with saved filters (@NAME) spelled out and task numbers made into ids. A label of that name stays a label
    where no filter has it."""
    from coach.core.filter import arguments

    found: list[str] = []
    for word in arguments(words):
        kept = _saved(db, word[1:]) if word.startswith("@") else None
        if kept is not None:
            kept = arguments(kept)
            found += ["(", *kept, ")"] if len(kept) > 1 and len(words) > 1 else kept
        elif by_number := _BY_NUMBER.fullmatch(word):
            name, modifier, num = by_number.groups()
            found.append(f"{name}{modifier}:{tasks.find(db, num).id}")
        else:
            found.append(word)
    return found


_NAMED = re.compile(r"([@+]|#|pro(?:ject)?:)([^\W\d_][\w./-]*)")
"""A label, a project or a saved filter by its name."""


def nearest(db: Connection, words: Sequence[str]) -> str:
    """For a filter that found nothing: the first name in it that no open task and no saved filter has, as it may be meant.
    Empty where every name is known, or nothing is near."""
    from difflib import get_close_matches

    labels, projects = set(search.tag_names(db)), set(search.project_names(db))
    for word in words:
        named = _NAMED.fullmatch(word)
        if named is None or named[2].isupper():
            continue
        sign, name = named.groups()
        known = projects if sign[0] in "#p" else labels | {kept for kept, _ in saved(db)} if sign == "@" else labels
        close = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
        if name not in known and close:
            return f"{sign}{close[0]}"
    return ""


def save(db: Connection, name: str, words: Sequence[str], config: Config, now: datetime, tz: ZoneInfo) -> list[str]:
    """Keep a filter under a name; one of that name is replaced. Raises InvalidInput for words that cannot be read."""
    name = name.removeprefix("@")
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} cannot be the name of a filter", "letters, digits, - and _, a letter first")
    if not words:
        raise InvalidInput("there is nothing to save", f"for example: coach filter save {name} +phone due.before:fri")
    asked(db, [word for word in words if word != f"@{name}"], config, now, tz)
    old, new = _saved(db, name), expanded_names(db, words)
    edit = (
        change.create("saved_filter", name, {"words": new}) if old is None
        else change.update("saved_filter", name, {"words": old}, {"words": new})
    )
    changes.apply(db, [edit], now=now, label="save filter")
    return new


def expanded_names(db: Connection, words: Sequence[str]) -> list[str]:
    """Saved filters inside a new one are spelled out, so that none can hang on itself."""
    found: list[str] = []
    for word in words:
        kept = _saved(db, word[1:]) if word.startswith("@") else None
        found += [word] if kept is None else ["(", *kept, ")"]
    return found


def saved(db: Connection) -> list[tuple[str, list[str]]]:
    """(name, words) of the saved filters, by name."""
    return [(row["id"], row["words"]) for row in changes.read(db, "saved_filter", "1 ORDER BY id")]


def remove(db: Connection, name: str, now: datetime) -> None:
    """Forget a saved filter; undo brings it back. Raises NotFound."""
    name = name.removeprefix("@")
    old = _saved(db, name)
    if old is None:
        raise NotFound(f"there is no filter {name!r}", "`coach filter list` names them")
    changes.apply(db, [change.delete("saved_filter", name, {"words": old})], now=now, label="remove filter")


def _saved(db: Connection, name: str) -> list[str] | None:
    found = changes.read(db, "saved_filter", "id = ?", (name,))
    return list(found[0]["words"]) if found else None
