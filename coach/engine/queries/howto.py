"""Answers to "how do I …": the topic of data/howto.toml whose words fit best."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from math import log

from coach.config import shipped
from coach.core.facts import Fact, FactsCard, card
from coach.engine.queries.asked import Asked

LEAST = 1.5
"""Weight of shared words below which no topic is meant."""
_SMALL = frozenset(
    "how do i can to the a an my in is it of for with what which where key command app coach you be does work set".split())


@cache
def topics() -> tuple[tuple[str, frozenset[str], str], ...]:
    """(name, stems, text) of every topic."""
    tree = tomllib.loads(shipped("data", "howto.toml").read_text(encoding="utf-8"))
    return tuple((name, frozenset(_stems(entry["words"])), entry["text"]) for name, entry in tree.items())


@cache
def _rarity() -> dict[str, float]:
    counts = Counter(word for _, words, _ in topics() for word in words)
    return {word: log(1 + len(topics()) / n) for word, n in counts.items()}


def _stems(text: str) -> list[str]:
    words = [w for w in re.findall(r"[a-z0-9+-]+", text.lower()) if w not in _SMALL]
    return [re.sub(r"(?:ing|ed|es|s|e)$", "", w) if len(w) > 4 else w.removesuffix("s") if len(w) > 3 else w for w in words]


def found(question: str) -> tuple[str, str] | None:
    """(name, text) of the topic meant; None where none fits."""
    asked = set(_stems(question))
    scored = [(sum(_rarity()[w] for w in asked & words), -len(words), name, text) for name, words, text in topics()]
    best = max(scored)
    return (best[2], best[3]) if best[0] >= LEAST else None


def how_to(asked: Asked) -> FactsCard:
    topic = found(asked.question)
    if topic is None:
        general = "`?` shows the keys of a screen, `ctrl+p` every command by name, and every command answers `--help`."
        return card("how_to", (), [general])
    return card("how_to", [Fact(topic[0], "how_to", topic[0], "text", topic[1])], [topic[1]])
