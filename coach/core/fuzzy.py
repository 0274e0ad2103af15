"""Finding by a few letters: how well a word fits a text, and where. Both are expected in lower case (`casefold`)."""

from __future__ import annotations

LEAST_LETTERS = 3
"""Shorter words must stand in the text as they are; their letters alone would be found everywhere."""

WHOLE, SCATTERED = 100.0, 50.0


def score(word: str, text: str) -> float:
    """How well the word fits; 0 where it does not. As it is, at the beginning of a word and early counts most; letters in
    their order count the more the closer they stand."""
    at = text.find(word)
    if at >= 0:
        if not _begins(text, at):
            later = text.find(" " + word, at)
            at, bonus = (later + 1, 40.0) if later >= 0 else (at, 0.0)
        else:
            bonus = 40.0
        return WHOLE + bonus - min(at, 100) / 10
    span = _span(word, text)
    return 0.0 if span is None else max(1.0, SCATTERED - (span[1] - span[0] - len(word)) - min(span[0], 100) / 10)


def places(word: str, text: str) -> list[int]:
    """The characters of the text by which the word was found; none where it was not."""
    at = text.find(word)
    if at >= 0:
        if not _begins(text, at) and (later := text.find(" " + word, at)) >= 0:
            at = later + 1
        return list(range(at, at + len(word)))
    span = _span(word, text)
    if span is None:
        return []
    found, at = [], span[0] - 1
    for letter in word:
        at = text.find(letter, at + 1)
        found.append(at)
    return found


def _begins(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _span(word: str, text: str) -> tuple[int, int] | None:
    """The shortest stretch that holds the letters in order, if they stand close enough together to be meant."""
    if len(word) < LEAST_LETTERS:
        return None
    best: tuple[int, int] | None = None
    start = text.find(word[0])
    while start >= 0:
        at = start
        for letter in word[1:]:
            at = text.find(letter, at + 1)
            if at < 0:
                break
        if at < 0:  # from further right there is even less
            break
        if best is None or at + 1 - start < best[1] - best[0]:
            best = start, at + 1
        start = text.find(word[0], start + 1)
    return best if best and best[1] - best[0] <= 3 * len(word) + 4 else None
