"""The readings of a text that was disguised to get past a filter: look-alike letters, hidden characters, digits for letters,
words spaced out, broken up, stretched or starred. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Look-alikes of Latin letters in Cyrillic, Greek and Armenian (after Unicode UTS #39, confusables.txt), in lower case.
_ALIKE = str.maketrans(
    "авгдезикмнорстухцьѕіїјһԁԛԝѵүғҝӏαβγδεζηικλμνοπρστυχωϲϳոսհցօզք",
    "abrdezukmhopctyxubsiijhdqwvyfklabydezniklmvonpotuxwcjnuhgoqp",
) | str.maketrans({"ı": "i", "ß": "ss", "ƒ": "f", "ɡ": "g", "ɑ": "a", "ʋ": "v", "æ": "ae", "œ": "oe"})
_ALIKE |= str.maketrans("’‘ʼ", "'''")
_NAMED = re.compile(
    r"(?:NEGATIVE (?:SQUARED|CIRCLED) )?(?:REGIONAL INDICATOR SYMBOL|LATIN(?: SMALL| CAPITAL)?) LETTER "
    r"(?:SMALL CAPITAL |TURNED )?([A-Z])(?: WITH .*)?"
)
_LEET = tuple(str.maketrans("0345789@$!|+1", f"oeastbgas{i}{i}t{i}") for i in "il")
_WORDS = re.compile(r"[^\W_]+(?:[^\w\s]+[^\W_]+)+")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\s._\-*·•|/,~]{1,3}){2,}[^\W_](?![^\W_])")
_STARRED = re.compile(r"[a-z]+[*#%_?]+[a-z]+")


def folded(text: str) -> str:
    """The text in plain lower-case letters where it only looks different: marks, styles, look-alikes, hidden characters."""
    shown = (c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in ("Cf", "Mn", "Me", "Co"))
    letters = "".join(map(_letter, shown))
    return re.sub(r"\s+", " ", letters.casefold().translate(_ALIKE))


def readings(text: str) -> tuple[str, ...]:
    """Every way in which a text may be meant, the plain one first."""
    plain = folded(text)
    found = {plain: None}
    for leet in _LEET:
        found[" ".join(word.translate(leet) if re.search("[a-z]", word) else word for word in plain.split(" "))] = None
    for reading in tuple(found):
        joined = _SPACED.sub(lambda run: re.sub(r"[\W_]", "", run[0]), reading)
        found[joined] = None
        found[_WORDS.sub(lambda word: re.sub(r"[\W_]", "", word[0]), joined.replace("_", ""))] = None
    for reading in tuple(found):
        found[re.sub(r"([^\W\d_])\1{2,}", r"\1", reading)] = None
        found[re.sub(r"([^\W\d_])\1{2,}", r"\1\1", reading)] = None
        found[re.sub(r"([^\W\d_])\1+", r"\1", reading)] = None
    return tuple(found)


def starred(text: str) -> tuple[re.Pattern[str], ...]:
    """Words with letters starred out, as patterns that the whole of a word may match: `st*pid`."""
    return tuple(re.compile(re.sub(r"[*#%_?]", "[a-z]", word)) for word in _STARRED.findall(folded(text)))


def mixed(text: str) -> str | None:
    """A word of two scripts, which no language writes; None where there is none."""
    for word in re.findall(r"[^\W\d_]{2,}", unicodedata.normalize("NFKC", text)):
        scripts = {_script(c) for c in word}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"}) > 1:
            return str(word)
    return None


@lru_cache(maxsize=4096)
def _letter(char: str) -> str:
    if char.isascii():
        return char
    named = _NAMED.fullmatch(unicodedata.name(char, ""))
    return named[1] if named else char


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]
