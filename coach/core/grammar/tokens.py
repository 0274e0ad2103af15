"""A typed text as words with their offsets: what the grammar's rules read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

_TOKEN = re.compile(r"\d+|[½¼¾⅓⅔]|[^\W\d_]+(?:['’][^\W\d_]+)?|\S")
_PAD = 16
_OPENERS = frozenset("([{|\"'“‘«,;—–")
_CLOSERS = frozenset(".,;:!?|)]}\"'”’»…—–")

BARRIER = "\0"
"""The word that stands for a piece already claimed: no rule reads across it."""


class Source:
    """Lower-cased words, their start and end offsets, and what the rules must know: wall time `now` and `day_first`.

    The list of words is padded, so a rule may look a few words ahead without asking for the length."""

    __slots__ = ("anchored", "day_first", "ends", "n", "now", "starts", "text", "words")

    def __init__(self, text: str, now: datetime, day_first: bool, claimed: Iterable[tuple[int, int]] = ()) -> None:
        self.text, self.now, self.day_first = text, now, day_first
        # Set while a day is read that another is reckoned from: "2 days after 2 days after ..." goes one deep.
        self.anchored = False
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        blocked = sorted(claimed)
        at = 0
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            while at < len(blocked) and blocked[at][1] <= start:
                at += 1
            inside = at < len(blocked) and blocked[at][0] < end
            self.words.append(BARRIER if inside else match.group().lower())
            self.starts.append(start)
            self.ends.append(end)
        self.n = len(self.words)
        self.words += [""] * _PAD
        self.starts += [len(text)] * _PAD
        self.ends += [len(text)] * _PAD

    def glued(self, i: int) -> bool:
        """Whether token i touches the one before it."""
        return 0 < i < self.n and self.starts[i] == self.ends[i - 1]

    def number(self, i: int, digits: int = 4) -> int | None:
        """The value of token i when it is a number of at most so many digits."""
        word = self.words[i]
        return int(word) if word.isdecimal() and len(word) <= digits else None

    def opens(self, i: int) -> bool:
        """Whether an expression may begin at token i."""
        if i == 0 or self.starts[i] > self.ends[i - 1]:
            return True
        before = self.words[i - 1]
        return before in _OPENERS or (before == ":" and i > 1 and self.words[i - 2].isalpha())

    def closes(self, j: int) -> bool:
        """Whether an expression may end before token j."""
        if j >= self.n or self.starts[j] > self.ends[j - 1]:
            return True
        word = self.words[j]
        if word not in _CLOSERS:
            return False
        return word in ")]}\"'”’»" or not self.glued(j + 1) or not self.words[j + 1].isalnum()

    def claim(self, i: int, j: int) -> None:
        """Takes the tokens i to j - 1 out of reach of further rules."""
        self.words[i:j] = [BARRIER] * (j - i)

    def span(self, i: int, j: int) -> tuple[int, int]:
        """Offsets of the tokens i to j - 1."""
        return self.starts[i], self.ends[j - 1]
