"""The line of tone under an answer: an opening and a close from `data/tone.toml`, and what no line may say. Pure.

A line never carries a fact, so anything that could be one is refused: digits, number words, names from the answer."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from coach.core.decency import claims
from coach.core.lines import MODES, faults

Mood = Literal["good", "low", "late", "ahead", "plain"]
MOODS: tuple[Mood, ...] = ("good", "low", "late", "ahead", "plain")

Phrasebook: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]
"""Mood -> mode -> "open" or "close" -> sentences."""


def pair(book: Phrasebook, mood: Mood, mode: str, seed: str, said: str = "", *, running: bool = True) -> str:
    """An opening and a close that belong together, the same for the same seed, and neither of them in `said`, the lines
    shown before. `running` is False when the answer is about a time that is over: then nothing speaks of going on."""
    chosen = random.Random(seed)
    cell = book[mood][mode]

    def one(part: str) -> str:
        fitting = [s for s in cell[part] if running or not _RUNNING.search(s)] or list(cell[part])
        return chosen.choice([s for s in fitting if s not in said] or fitting)

    return f"{one('open')} {one('close')}"


_RUNNING = re.compile(r"\b(?:day is over|as you go|soon|so far|carry on|today|now)\b", re.IGNORECASE)


def grammar(book: Phrasebook, mood: Mood, mode: str) -> str:
    """A GBNF grammar whose sentences are exactly the pairs of a cell."""
    cell = book[mood][mode]
    return f'root ::= open " " close\nopen ::= {_choices(cell["open"])}\nclose ::= {_choices(cell["close"])}\n'


def objections(line: str, names: Iterable[str] = ()) -> list[str]:
    """Why a line may not be shown; empty when it may. `names` are the entities of the answer."""
    found = faults(line, fills=()) + claims(line)
    if len(line.split()) > 24:
        found.append("too long")
    low = line.lower()
    found += [f"a name from the answer: {n}" for n in names if len(n) > 2 and re.search(rf"\b{re.escape(n.lower())}\b", low)]
    return found


def lint(book: Mapping[str, Any]) -> list[str]:
    """Everything wrong with a phrasebook: missing cells, and sentences that no line may say."""
    found = []
    for mood in MOODS:
        for mode in MODES:
            cell = book.get(mood, {}).get(mode, {})
            for part in ("open", "close"):
                sentences = cell.get(part, ())
                if len(sentences) < 4:
                    found.append(f"{mood}.{mode}.{part}: {len(sentences)} sentences; at least 4")
                found += [f"{mood}.{mode}.{part}: {s!r}: {why}" for s in sentences for why in objections(s)]
    return found


def _choices(sentences: Sequence[str]) -> str:
    return " | ".join('"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"' for s in sentences)
