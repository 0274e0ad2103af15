"""How alike two titles are by their words: what similar tasks are found by where no sentence vectors are at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from math import sqrt

_WORD = re.compile(r"[^\W\d_]{2,}")
_STOP = frozenset(
    "the and for with from about into onto over of on in to at by my your our his her their its this that an is are be".split()
)
LEAST_COMMON = 2
FIRST = 2.0
"""Weight of the first word, mostly the verb, against 1 of the others: it tells the kind of work."""


def words_of(title: str) -> tuple[str, ...]:
    """The words that say something, folded, in order, without repeats."""
    return tuple(dict.fromkeys(w for w in _WORD.findall(title.casefold()) if w not in _STOP))


def really_alike(words: Sequence[str], other: Sequence[str]) -> bool:
    """Whether titles of those words are about the same kind of thing: two words in common, or all of them. One word, mostly the
    verb, is not enough: "Write to Samir" tells nothing of "Write report for Anna"."""
    mine, theirs = set(words), set(other)
    return bool(mine) and (len(mine & theirs) >= LEAST_COMMON or mine == theirs)


@dataclass(slots=True)
class Words:
    """An index of titles by their words, which grows."""

    count: int = 0
    postings: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    norms: list[float] = field(default_factory=list)

    def add(self, words: Sequence[str]) -> None:
        weights = _weights(words)
        for word, weight in weights.items():
            self.postings.setdefault(word, []).append((self.count, weight))
        self.norms.append(sqrt(sum(w * w for w in weights.values())) or 1.0)
        self.count += 1

    def nearest(self, words: Sequence[str], most: int, least: float) -> list[tuple[int, float]]:
        """(number, cosine) of at most `most` titles whose cosine is at least `least`, the best and then the newest first."""
        weights = _weights(words)
        norm = sqrt(sum(w * w for w in weights.values())) or 1.0
        dots: dict[int, float] = {}
        for word, weight in weights.items():
            for number, other in self.postings.get(word, ()):
                dots[number] = dots.get(number, 0.0) + weight * other
        floor, norms = least * norm, self.norms
        found = [(dot / norms[n], n) for n, dot in dots.items() if dot >= floor * norms[n]]
        return [(n, scaled / norm) for scaled, n in nlargest(most, found)]


def _weights(words: Sequence[str]) -> Mapping[str, float]:
    return {word: FIRST if i == 0 else 1.0 for i, word in enumerate(words)}
