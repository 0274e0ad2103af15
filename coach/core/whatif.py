"""What if, in plain words: "less social media 1h", "30 min more focus", "no news". Pure: words in, a change of minutes out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from coach.core.errors import InvalidInput
from coach.core.goal import length_in

EXAMPLE = 'for example "less social media 1h", "30 min more focus work", "no news"'
ALL_OF_IT = -24 * 60

_LESS = re.compile(r"\b(?:less|fewer|without|cut|reduce|minus)\b|(?<!\w)[-−](?=\s*\d)", re.IGNORECASE)
_MORE = re.compile(r"\b(?:more|extra|add|plus)\b|(?<!\w)\+(?=\s*\d)", re.IGNORECASE)
_NONE = re.compile(r"\b(?:no|without|quit|drop)\b", re.IGNORECASE)
_DAILY = re.compile(r"(?:\b(?:a|per|each|every)\s+|/\s*)day\b|\b(?:daily|today|tomorrow)\b", re.IGNORECASE)
_WEEKLY = re.compile(r"(?:\b(?:a|per|each|every)\s+|/\s*)week\b|\bweekly\b", re.IGNORECASE)
_FILLERS = frozenset(("what", "if", "i", "did", "do", "had", "have", "spent", "spend", "of", "on", "in", "for", "by", "the", "my",
                      "time", "a", "about", "were", "there", "with", "at", "to"))


@dataclass(frozen=True, slots=True)
class Change:
    """`minutes` a day more (or, below 0, less) of what `words` name, still in the person's words; ALL_OF_IT for none of it."""

    words: str
    minutes: int


def parse(text: str) -> Change:
    """Raises InvalidInput naming what is missing."""
    rest = _DAILY.sub(" ", " ".join(text.replace("?", " ").split()))
    weekly = _WEEKLY.search(rest)
    rest = _WEEKLY.sub(" ", rest)
    less, more = _LESS.search(rest), _MORE.search(rest)
    if less and more:
        raise InvalidInput("more or less? one change at a time", EXAMPLE)
    found = length_in(rest)
    if found is None:
        if not _NONE.search(rest):
            raise InvalidInput("how much? say 30 min or 1h", EXAMPLE)
        return Change(_named(_NONE.sub(" ", rest)), ALL_OF_IT)
    minutes, rest = found
    if not less and not more:
        raise InvalidInput("more or less of it?", EXAMPLE)
    minutes = round(minutes / 7) if weekly else minutes
    if not 1 <= minutes <= 16 * 60:
        raise InvalidInput(f"{minutes} minutes a day cannot be asked", "from one minute to 16 hours")
    return Change(_named(_MORE.sub(" ", _LESS.sub(" ", rest))), -minutes if less else minutes)


def _named(text: str) -> str:
    words = re.sub(r"[-+−](?=\s|$)", " ", text).split()
    while words and words[0].casefold() in _FILLERS:
        words = words[1:]
    while words and words[-1].casefold() in _FILLERS:
        words = words[:-1]
    if not words:
        raise InvalidInput("of what? name a category, an app, a site or focus work", EXAMPLE)
    return " ".join(words)
