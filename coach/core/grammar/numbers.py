"""Numbers as people write them: 3, three, twenty-one, 3rd, twenty-first, half a, one and a half, 1/4."""

from __future__ import annotations

from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import CARDINALS, ORDINALS, TENS

_SUFFIXES = frozenset(("st", "nd", "rd", "th"))
_VAGUE = {"couple": 2, "pair": 2, "few": 3}


def small(s: Source, i: int) -> tuple[int, int] | None:
    """A number word below 100: seven, twenty, twenty-one, twenty one."""
    word = s.words[i]
    if word in CARDINALS:
        return CARDINALS[word], i + 1
    if word in TENS:
        j = i + 2 if s.words[i + 1] == "-" else i + 1
        unit = CARDINALS.get(s.words[j], 0)
        if 0 < unit < 10:
            return TENS[word] + unit, j + 1
        return TENS[word], i + 1
    return None


def cardinal(s: Source, i: int) -> tuple[int, int] | None:
    """Digits or words, up to "two thousand and thirty two"."""
    value = s.number(i, 6)
    if value is not None:
        return value, i + 1
    found = small(s, i)
    if not found:
        return None
    total, j = found
    for word, scale in (("thousand", 1000), ("hundred", 100)):
        if s.words[j] != word:
            continue
        total, j = total * scale, j + 1
        k = j + 1 if s.words[j] == "and" else j
        rest = small(s, k)
        if rest and rest[0] < scale:
            total, j = total + rest[0], rest[1]
    return total, j


def ordinal(s: Source, i: int) -> tuple[int, int] | None:
    """3rd, third, twenty-first, twenty first, 3 rd."""
    value = s.number(i, 3)
    if value is not None:
        return (value, i + 2) if s.words[i + 1] in _SUFFIXES and s.glued(i + 1) else None
    word = s.words[i]
    if word in ORDINALS:
        return ORDINALS[word], i + 1
    if word in TENS:
        j = i + 2 if s.words[i + 1] == "-" else i + 1
        unit = ORDINALS.get(s.words[j], 0)
        if 0 < unit < 10:
            return TENS[word] + unit, j + 1
    return None


_VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}


def fraction(s: Source, i: int) -> tuple[float, int] | None:
    """half, a quarter, three quarters, 1/2, 3/4; "half a", "a quarter of an" take their article along."""
    j = i + 1 if s.words[i] in ("a", "an") else i
    if s.words[j] in _VULGAR:
        return _VULGAR[s.words[j]], _article(s, j + 1)
    if s.words[j] == "half":
        return 0.5, _article(s, j + 1)
    if s.words[j] == "quarter":
        return 0.25, _article(s, j + 1)
    count = 0
    if s.words[i] in ("two", "three"):
        count = CARDINALS[s.words[i]]
    k = i + 2 if s.words[i + 1] == "-" else i + 1
    if count and s.words[k] in ("quarters", "quarter"):
        return count / 4, _article(s, k + 1)
    top, bottom = s.number(i, 2), s.number(i + 2, 2)
    written = s.words[i + 1] == "/" and s.glued(i + 1) and s.glued(i + 2)
    if written and top and bottom and (top, bottom) in ((1, 2), (1, 4), (3, 4)):
        return top / bottom, i + 3
    return None


def _article(s: Source, j: int) -> int:
    if s.words[j] == "of":
        j += 1
    return j + 1 if s.words[j] in ("a", "an") else j


def quantity(s: Source, i: int) -> tuple[float, int] | None:
    """How many of a unit: 3, 1.5, a, a couple of, a few, half an, one and a half, one and three quarters of."""
    part = fraction(s, i)
    if part:
        return part
    word = s.words[i]
    if word in ("a", "an"):
        if s.words[i + 1] in _VAGUE:
            j = i + 2
            return _VAGUE[s.words[i + 1]], j + 1 if s.words[j] == "of" else j
        return 1, i + 1
    if word in _VAGUE:
        return _VAGUE[word], i + 2 if s.words[i + 1] == "of" else i + 1
    if word == "." and s.glued(i + 1) and s.words[i + 1].isdecimal() and len(s.words[i + 1]) <= 4:
        return float(f"0.{s.words[i + 1]}"), i + 2
    found = cardinal(s, i)
    if not found:
        return None
    value, j = found
    mixed = fraction(s, j) if s.words[j] in _VULGAR or (s.words[j + 1] == "/" and not s.glued(j)) else None
    if mixed and s.words[i].isdecimal():
        return value + mixed[0], mixed[1]  # 2½, 1 1/2
    if s.words[j] in (".", ",") and s.glued(j) and s.glued(j + 1) and s.words[j + 1].isdecimal() and len(s.words[j + 1]) <= 4:
        return float(f"{value}.{s.words[j + 1]}"), j + 2
    if s.words[j] == "and":
        rest = fraction(s, j + 1)
        if rest:
            return value + rest[0], rest[1]
    return value, j
