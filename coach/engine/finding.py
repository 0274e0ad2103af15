"""Finding a task by a few of its letters: quick enough to follow every key among ten thousand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import fuzzy
from coach.core.errors import CoachError
from coach.core.filter import ATTRIBUTE, NUMBER_LIST, UUID, is_tag
from coach.core.filter_words import split_words
from coach.engine import filters, language
from coach.engine import lines as kept
from coach.engine.lines import Listing
from coach.engine.searching import text_of
from coach.store import search
from coach.store.db import Connection
from coach.store.task_lines import Line

_LONGEST = 200
"""Characters of a title in which letters are looked for."""
_MOST_IN_NOTES = 100
_JOINTS = frozenset(("or", "xor", "not", "!", "(", ")"))


def told_apart(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(words that are looked for by their letters, conditions). Where conditions are joined, all words belong to them."""
    if any(word.lower() in _JOINTS for word in split_words(list(words))):
        return (), tuple(words)
    letters = tuple(word for word in words if not _is_condition(word) and word.lower() != "and")
    return letters, tuple(word for word in words if _is_condition(word))


def readable(
    db: Connection, conditions: Sequence[str], config: Config, now: datetime, tz: ZoneInfo
) -> tuple[str, ...]:
    """Those of the conditions that can be read, while another is being typed; none where they are joined."""
    if any(word.lower() in _JOINTS for word in split_words(list(conditions))):
        return ()
    return tuple(word for word in conditions if _can_be_read(db, word, config, now, tz))


def _can_be_read(db: Connection, word: str, config: Config, now: datetime, tz: ZoneInfo) -> bool:
    try:
        filters.asked(db, (word,), config, now, tz)
    except CoachError:
        return False
    return True


def _is_condition(word: str) -> bool:
    if len(word) > 1 and (word[0] in "@#/" or (word[0] in "+-" and is_tag("+" + word[1:]))):
        return True
    if ATTRIBUTE.fullmatch(word) and "://" not in word:
        return True
    if NUMBER_LIST.fullmatch(word):
        return not word.isdecimal()  # one number may as well be part of a title
    return bool(UUID.fullmatch(word) and any(c.isdigit() for c in word))


def found(
    db: Connection, listing: Listing, lines: Sequence[Line], letters: Sequence[str], config: Config, now: datetime
) -> tuple[list[Line], list[float]]:
    """The lines that all the letters fit, the best first, equally good ones by urgency, then those in whose notes the
    words occur; and the urgencies of them all."""
    wanted = tuple(word.casefold() for word in letters)
    scores = _scores(listing, lines, wanted)
    for way in language.ways(db, wanted):
        for n, score in _scores(listing, lines, [word.casefold() for word in way]).items():
            scores.setdefault(n, score)
    nums = set(search.containing(db, wanted, _MOST_IN_NOTES) or ())
    near = {n: line for n, line in enumerate(lines) if line.num in nums and n not in scores} if nums else {}
    whole = kept.whole(db, listing, near.values())
    for n, line in near.items():
        if line.id in whole and all(word in text_of(whole[line.id]).casefold() for word in wanted):
            scores[n] = 0.0
    fits = [lines[n] for n in scores]
    urgencies = kept.urgencies_of(fits, config.urgency, now)
    keys = [
        (-score, -urgency, line.num) for score, urgency, line in zip(scores.values(), urgencies, fits, strict=True)
    ]
    order = sorted(range(len(fits)), key=keys.__getitem__)
    return [fits[n] for n in order], [urgencies[n] for n in order]


def best(listing: Listing, letters: Sequence[str], limit: int) -> list[tuple[float, Line]]:
    """(score, line) of the open tasks that fit the letters best."""
    lines = listing.lines
    scored = [(score, lines[n]) for n, score in _scores(listing, lines, [word.casefold() for word in letters]).items()]
    return sorted(scored, key=lambda pair: (-pair[0], -pair[1].num))[:limit]


def _scores(listing: Listing, lines: Sequence[Line], wanted: Sequence[str]) -> dict[int, float]:
    """The sum over the words, looked for in title, project and labels, of the lines that all of them fit, by place."""
    texts = _texts(listing, lines)
    scores = dict.fromkeys(range(len(lines)), 0.0)
    for word in wanted:
        mask, short = _mask(word), len(word) < fuzzy.LEAST_LETTERS
        number = int(word) if word.isdecimal() else -1
        found: dict[int, float] = {}
        for n, before in scores.items():
            _, text, letters = texts[n]
            if lines[n].num == number:
                found[n] = before + 3 * fuzzy.WHOLE
            elif letters & mask == mask and (not short or word in text) and (score := fuzzy.score(word, text)):
                found[n] = before + score
        scores = found
    return scores


def prepare(listing: Listing) -> None:
    """Make ready what letters are looked for in, before the first of them is typed."""
    _texts(listing, listing.lines)


def _texts(listing: Listing, lines: Sequence[Line]) -> list[tuple[str, str, int]]:
    """(modified, text, its letters as bits) of each line."""
    known = listing.texts
    for line in lines:
        if line.id not in known or known[line.id][0] != line.modified:
            labels = "" if line.tags == "[]" else line.tags
            text = f"{line.title[:_LONGEST]}\n{line.project or ''} {labels}".casefold()
            known[line.id] = line.modified, text, _mask(text)
    return [known[line.id] for line in lines]


def _mask(text: str) -> int:
    """A bit for each letter, some of which share one: a text that lacks one of a word's bits lacks a letter."""
    bits = 0
    for letter in set(text):
        bits |= 1 << (ord(letter) & 63)
    return bits
