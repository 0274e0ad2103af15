"""What an answer in the chat stands on: facts computed from the store, and the sentences that say them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coach.core.tone import Mood


@dataclass(frozen=True, slots=True)
class Fact:
    """One number or name with its origin: whose it is (`entity`), of what (`metric`), over which `period` (ISO days, see
    `Period.key`). `text` is the value as the sentences write it. Units: s, min, count, share, score, time, text."""

    entity: str
    metric: str
    value: float | int | str | None
    unit: str
    text: str
    period: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class FactsCard:
    """The whole of an answer. Every number in `sentences` is a fact's. `mood` says which way the numbers point, None where
    a line of tone has no place."""

    intent: str
    facts: tuple[Fact, ...] = ()
    sentences: tuple[str, ...] = ()
    mood: Mood | None = None

    @property
    def text(self) -> str:
        """The sentences; items of a list stand on lines of their own."""
        words = ""
        for sentence in self.sentences:
            gap = "" if not words else "\n" if sentence.startswith("• ") or words.rsplit("\n", 1)[-1].startswith("• ") else " "
            words += gap + sentence
        return words

    @property
    def names(self) -> tuple[str, ...]:
        """What the facts are about, for the filter of the tone line."""
        return tuple(dict.fromkeys(f.entity for f in self.facts if f.entity))


def card(intent: str, facts: Iterable[Fact], sentences: Sequence[str], mood: Mood | None = None) -> FactsCard:
    """The facts numbered f1, f2, … in the order in which they are given."""
    numbered = tuple(replace(f, id=f"f{n}") for n, f in enumerate(facts, start=1))
    return FactsCard(intent, numbered, tuple(s for s in sentences if s), mood)


def fact_json(fact: Fact) -> dict[str, Any]:
    """The fact object of PRODUCT.md 2."""
    return {
        "id": fact.id, "entity": fact.entity, "metric": fact.metric, "period": fact.period, "value": fact.value,
        "unit": fact.unit, "text": fact.text,
    }


def untraceable(found: FactsCard, named: str = "") -> list[str]:
    """Numbers in the sentences that stand in no fact; an answer with one of them is a defect. `named` is what the
    question itself named, such as "in the last 7 days"."""
    words = " ".join(f"{f.text} {f.entity}" for f in found.facts) + f" {named}"
    known = set(re.findall(r"\d+", words))
    return [n for n in re.findall(r"\d+", found.text) if n not in known]
