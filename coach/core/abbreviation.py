"""Which short form may stand for which words: letters in order, initials, numeronyms, and pairs that a text itself explains."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST_SHORT = 8
MOST_WORDS = 5
_TOKEN = re.compile(r"[^\s,;()\[\]\"“”]+")
_EDGES = ".:!?…'’"
_PAIR = re.compile(r"\(([^()]{1,60})\)")
_NUMERONYM = re.compile(r"([^\W\d_])(\d{1,2})([^\W\d_])")
_ENDINGS = frozenset(("s", "es", "d", "ed", "ing", "er", "ers", "ly", "y", "n", "e", "r", "'s", "’s"))
_SUFFIXES = ("'s", "’s")


def words_of(text: str) -> list[tuple[int, int]]:
    """Offsets of a text's words, without the punctuation at their edges and a possessive's ending."""
    found = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        while end > start and text[end - 1] in _EDGES:
            end -= 1
        while start < end and text[start] in _EDGES:
            start += 1
        if text[start:end].lower().endswith(_SUFFIXES):
            end -= 2
        if start < end:
            found.append((start, end))
    return found


def may_be_short(word: str) -> bool:
    """Whether a word looks like a short form: short, begins with a letter, is no number."""
    return 0 < len(word) <= LONGEST_SHORT and word[0].isalpha() and not any(c in "#@:=<>\\" for c in word)


def abbreviates(short: str, long: str) -> bool:
    """Whether `short` may stand for `long`: its letters occur in `long` in their order, the first one first; of several words
    each begins with one of its letters ("PR" pull request); k8s counts the letters that are left out. Shorter, never the same."""
    short, long = short.casefold(), long.casefold()
    if not may_be_short(short) or len(short) >= len(long) or short[0] != long[:1] or _is_form_of(short, long):
        return False
    words = long.split()
    if not words or len(words) > MOST_WORDS:
        return False
    numeronym = _NUMERONYM.fullmatch(short)
    if numeronym and len(words) == 1:
        return len(long) == 2 + int(numeronym[2]) and long[-1] == numeronym[3]
    letters = "".join(c for c in short if c.isalnum())
    if len(words) == 1:
        return _in_order(letters, long)
    return _heads(letters, words)


def pairs_in(text: str) -> Iterator[tuple[str, str]]:
    """(short, long) of every "long form (SF)" and "SF (long form)" in a text. The algorithm is Schwartz and Hearst's (2003, "A
    simple algorithm for identifying abbreviation definitions in biomedical text"): the shortest run of words before the bracket
    in which the short form's characters are found from right to left, the first of them at the beginning of a word."""
    for match in _PAIR.finditer(text):
        inside, before = match[1].strip(), text[: match.start()].rstrip()
        ends = words_of(before)
        if not ends:
            continue
        if _is_short_form(inside) and (long := _long_form(inside, before, ends)):
            yield inside, long
            continue
        word = before[slice(*ends[-1])]
        if _is_short_form(word) and len(inside) > len(word) and abbreviates(word, inside):
            yield word, inside


def _is_form_of(word: str, longer: str) -> bool:
    """Whether the longer is the same word with an ending: plural, tense, comparison."""
    return longer.startswith(word) and longer[len(word) :] in _ENDINGS


def _is_short_form(text: str) -> bool:
    """Two to ten characters, at most two words, a letter among them, a letter or digit first."""
    return 2 <= len(text) <= 10 and len(text.split()) <= 2 and text[0].isalnum() and any(c.isalpha() for c in text)


def _long_form(short: str, before: str, ends: list[tuple[int, int]]) -> str:
    most = min(len(short) + 5, 2 * len(short))
    start = ends[max(0, len(ends) - most)][0]
    window = before[start : ends[-1][1]]
    at = len(window) - 1
    for place in range(len(short) - 1, -1, -1):
        wanted = short[place].casefold()
        if not wanted.isalnum():
            continue
        while at >= 0 and (
            window[at].casefold() != wanted or (place == 0 and at > 0 and window[at - 1].isalnum())
        ):
            at -= 1
        if at < 0:
            return ""
        at -= 1
    found = window[max(0, window.rfind(" ", 0, at + 1) + 1) :]
    return found if len(found) > len(short) and short.casefold() not in found.casefold().split() else ""


def _in_order(letters: str, word: str) -> bool:
    at = -1
    for letter in letters:
        at = word.find(letter, at + 1)
        if at < 0:
            return False
    return bool(letters)


def _heads(letters: str, words: list[str]) -> bool:
    """Whether the letters split into one prefix-led run for each word: "PR", "qtrep" for quarterly report."""
    if not words:
        return not letters
    if not letters or letters[0] != words[0][0]:
        return False
    return any(
        _in_order(letters[:n], words[0]) and _heads(letters[n:], words[1:]) for n in range(1, len(letters) - len(words) + 2)
    )
