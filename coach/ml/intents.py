"""What the chat can be asked: the intents of data/intents.toml, their phrases, and the phrases to decline."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import prod
from pathlib import Path
from typing import Any

from coach.core import period

_BRACES = re.compile(r"\{(\w+)\}")
_PERIODS = ("period", "future")
_CALENDAR = period.Calendar(datetime(2026, 1, 15, 12, tzinfo=UTC), UTC)
"""Any present will do: a period is masked, never computed, when phrases are read."""


@dataclass(frozen=True, slots=True)
class Intent:
    """`example` is shown when Coach does not know an answer; `phrases` may hold {app}, {period} and the like."""

    name: str
    description: str
    example: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """One training text. Texts of one `group` were made from one template and must not be split over train and test.
    `intent` is None for what must be declined."""

    text: str
    intent: str | None
    group: int


def load(file: Path) -> dict[str, Intent]:
    """The intents by name, in the file's order."""
    tree = _toml(file)
    return {
        name: Intent(name, entry["description"], entry["example"], tuple(entry["phrases"]))
        for name, entry in tree.items() if name != "fill"
    }


def phrases(intents_file: Path, declined_file: Path, each: int = 4, seed: int = 0) -> list[Phrase]:
    """Every phrase with its braces filled, at most `each` texts per template, the same for the same seed."""
    rng = random.Random(seed)
    asked, declined = _toml(intents_file), _toml(declined_file)
    templates: list[tuple[str, str | None, Any]] = [
        (t, name, asked["fill"]) for name, entry in asked.items() if name != "fill" for t in entry["phrases"]
    ]
    templates += [(t, None, declined["fill"]) for texts in declined["phrases"].values() for t in texts]
    return [
        Phrase(text, name, group)
        for group, (template, name, fill) in enumerate(templates)
        for text in _filled(template, fill, each, rng)
    ]


_AROUND = (
    r"please|pls|kindly|just|quick(?:ly)?|honestly|damn(?:ed)?|bloody|hell|the hell|on earth|actually|basically|really|like|hey"
    r"|coach|well|hm+|um+|so|ok(?:ay)?|alright|now then|come on|for god'?s sake|dude|man|be honest|no stories|no excuses|or what"
    r"|or not"
)
_BEFORE = re.compile(
    rf"^(?:(?:{_AROUND}|(?:can|could|would|will) you (?:please |maybe )?(?:tell|show|give|say to|let)(?: me)?(?: know)?"
    r"|(?:tell|show) me(?! (?:a|my|the|about|more|your)\b)|i (?:want|need|would like|'d like|wanna) to know|do you know"
    r"|let me know|i wonder|and|but)\b[\s,:]*)+", re.IGNORECASE)
_AFTER = re.compile(rf"(?:[\s,]+(?:{_AROUND}))+[\s?!.]*$", re.IGNORECASE)
_INSIDE = re.compile(
    r"\b(?:the hell|on earth|the heck|the devil|bloody|damn(?:ed)?|fucking|goddamn|wretched|stupid)\s+", re.IGNORECASE)


def plain(question: str) -> str:
    """A question as the router reads it: its period masked, so that no date carries meaning, and without the words around it
    that carry none either."""
    text = period.masked(question, period.find(question, _CALENDAR))
    bare = _AFTER.sub("", _BEFORE.sub("", _INSIDE.sub("", text))).strip()
    return bare if len(bare.split()) >= 2 or text == bare else text


def words(intents_file: Path, declined_file: Path) -> Counter[str]:
    """How often each word stands in the phrases, what their braces are filled from, and the words of time."""
    asked, declined = _toml(intents_file), _toml(declined_file)
    texts = [t for name, entry in asked.items() if name != "fill" for t in (*entry["phrases"], entry["example"])]
    texts += [t for some in declined["phrases"].values() for t in some]
    texts += [t for fill in (asked["fill"], declined["fill"]) for some in fill.values() for t in some]
    texts += [*period.WEEKDAYS, *period.MONTHS, *period.NUMBERS, "today yesterday tomorrow tonight week weeks month months"]
    return Counter(w for t in texts for w in re.findall(r"[a-z]+", _BRACES.sub(" ", t).lower()))


def _filled(template: str, fill: Mapping[str, Sequence[str]], each: int, rng: random.Random) -> Iterator[str]:
    names = _BRACES.findall(template)
    most = min(each, prod(len(fill[n]) for n in names if n not in _PERIODS))
    texts: set[str] = set()
    while len(texts) < most:
        texts.add(plain(_BRACES.sub(lambda m: "today" if m[1] in _PERIODS else rng.choice(fill[m[1]]), template)))
    yield from sorted(texts)


def _toml(file: Path) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(file.read_text(encoding="utf-8"))
