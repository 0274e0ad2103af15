"""What every task that passes a filter must have, as far as an index can tell: so that a store need not read them all.

Only a conjunction narrows; a filter with `or`, `not` or parentheses does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coach.core.filter import ATTRIBUTE, NUMBER_LIST, UUID, field_name, is_literal, is_tag, numbers
from coach.core.filter_words import split_words
from coach.core.virtual_tags import VIRTUAL_TAGS

_JOINTS = frozenset(("or", "xor", "not", "!", "(", ")"))


@dataclass(frozen=True, slots=True)
class Narrow:
    """`texts` occur in title, notes or annotations whatever their case; a project covers those below it; `nums` None is any."""

    texts: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    nums: frozenset[int] | None = None


def narrow(words: Sequence[str]) -> Narrow:
    """What the words of a filter that can be read narrow it to."""
    split = split_words(list(words))
    if any(word.lower() in _JOINTS for word in split):
        return Narrow()
    texts: list[str] = []
    projects: list[str] = []
    tags: list[str] = []
    nums: frozenset[int] | None = None
    for word in split:
        field, value = _attribute(word)
        if is_tag(word):
            tags += [word[1:]] if word[1:] not in VIRTUAL_TAGS else []
        elif word[0] == "@" and len(word) > 1:
            tags.append(word[1:])
        elif word[0] == "#" and len(word) > 1:
            projects.append(word[1:])
        elif word[0] == "/":
            texts += [word[1:-1]] if is_literal(word[1:-1]) else []
        elif field == "project":
            projects.append(value)
        elif field:
            continue
        elif NUMBER_LIST.fullmatch(word):
            nums = frozenset(numbers(word)) & nums if nums is not None else frozenset(numbers(word))
        elif word[0] not in "+-" and word.lower() != "and" and not UUID.fullmatch(word):
            texts.append(word)
    return Narrow(tuple(texts), tuple(projects), tuple(tags), nums)


def names_status(words: Sequence[str]) -> bool:
    """Whether the filter itself says which status it is about; if not, it is about pending tasks."""
    fields = ("status", "completed", "deleted", "ended")
    tags = ("COMPLETED", "DELETED", "WAITING", "PENDING")
    split = split_words(list(words))
    return any(_attribute(word)[0] in fields or (word[0] in "+-" and word[1:] in tags) for word in split)


def needs_dependencies(words: Sequence[str]) -> bool:
    """Whether the filter asks which tasks are blocked or blocking."""
    return any("BLOCK" in word or "READY" in word for word in words)


def _attribute(word: str) -> tuple[str, str]:
    """(field, value) of `name:value`; the value only where it stands for itself. ("", "") for another word."""
    found = ATTRIBUTE.fullmatch(word)
    if not found or "://" in word:
        return "", ""
    field = field_name(found.group(1).lower()) or "?"
    value = found.group(3).strip("\"'")
    plain = (found.group(2) or "is").lower() in ("is", "equals") and value
    return (field, value) if plain or field != "project" else ("?", "")
