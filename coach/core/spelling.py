"""Slips of the keyboard put right against the words that questions are made of. Pure.

A word is taken for the cheapest known one by the optimal string alignment distance (Damerau 1964), where letters that changed
places cost least, then doubled and missing ones, then wrong ones; among equally cheap ones the more frequent."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

SWAP, DOUBLE, GAP, WRONG = 0.8, 0.7, 1.0, 1.25
SHORT, LONG = 3, 6
"""Shorter words are left alone; from LONG letters on two slips are put right, below it one."""
_WORD = re.compile(r"(?<![\w@#.'’-])[A-Za-z]+(?![\w@#'’-]|\.\w)")


class Spelling:
    """Known words with their counts; corrections are remembered."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = {w: n for w, n in counts.items() if w.isalpha()}
        self._by_first: dict[str, list[str]] = {}
        for word in self.counts:
            self._by_first.setdefault(word[0], []).append(word)
        self.right = lru_cache(maxsize=4096)(self._right)

    def text(self, text: str, kept: Collection[str] = frozenset()) -> str:
        """The text with unknown words put right; words in `kept` (lower case), names inside a sentence and capitals are left."""
        def corrected(match: re.Match[str]) -> str:
            word = match[0]
            low = word.lower()
            named = word[0].isupper() and (match.start() > 0 or (len(word) > 1 and word[1].isupper()))
            return word if named or low in kept else self.right(low) if low == word else self.right(low).capitalize()

        return _WORD.sub(corrected, text)

    def _right(self, word: str) -> str:
        if len(word) < SHORT or word in self.counts:
            return word
        most = 2 * GAP if len(word) >= LONG else GAP
        found: tuple[float, int, str] | None = None
        for other in self._near(word):
            cost = distance(word, other, most)
            if cost <= most and (found is None or (cost, -self.counts[other], other) < found):
                found = (cost, -self.counts[other], other)
        return found[2] if found else word

    def _near(self, word: str) -> Iterable[str]:
        firsts = dict.fromkeys(word[:2])
        return (w for first in firsts for w in self._by_first.get(first, ()) if abs(len(w) - len(word)) <= 2 and len(w) >= SHORT)


def distance(a: str, b: str, most: float) -> float:
    """The weighted distance of two words; anything above `most` once it is certain to exceed it."""
    before: list[float] = []
    row = [GAP * j for j in range(len(b) + 1)]
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [GAP * i]
        for j, y in enumerate(b, 1):
            twice_a, twice_b = i > 1 and x == a[i - 2], j > 1 and y == b[j - 2]
            cost = min(
                before[j] + (DOUBLE if twice_a else GAP), row[j - 1] + (DOUBLE if twice_b else GAP),
                before[j - 1] + (0.0 if x == y else WRONG),
            )
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2] and x != y:
                cost = min(cost, older[j - 2] + SWAP)
            row.append(cost)
        if min(row) > most and (not before or min(before) > most):
            return most + GAP
    return row[-1]
