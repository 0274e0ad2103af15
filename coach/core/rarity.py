"""Words that tell one task from another: which ones a text has, and how rare each is among the open tasks (TF-IDF)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")
_STEM = 7
"""Longer words are cut to so many letters: "presentation", "presentations" and "presenting" are one."""

STOP = frozenset(
    # English, German, French, Spanish, Italian function words.
    "the and for with from into about this that your you our are was were not but all any new old how what when why who to of in "
    "on at by an or as is it be do der die das und für mit von vom zum zur ein eine einen den dem des auf aus bei nach über ist "
    "nicht les des une pour avec dans sur par est aux del los las una con por para che per nel della sul "
    # What tasks begin with: it says how, not about what.
    "make get set add fix update check review write read prepare finish start call email mail send reply ask buy pay book plan "
    "discuss find look clean work schreiben lesen prüfen machen anrufen kaufen "
    # What titles of windows carry everywhere.
    "page tab home inbox untitled main readme document window file files app web online "
    "google docs sheets slides drive gmail outlook office microsoft libreoffice writer calc impress notion slack teams zoom jira "
    "confluence figma stack overflow wikipedia youtube mozilla firefox chrome chromium safari edge visual studio code pdf doc "
    "docx odt ods xlsx pptx html com org net http https www view edit draft copy final version".split()
)


@dataclass(frozen=True, slots=True)
class Rarity:
    """`weights` of stems, 0 to 1: 1 is a word that one task alone has."""

    weights: Mapping[str, float]

    def sum(self, stems: Iterable[str]) -> float:
        return sum(self.weights.get(stem, 1.0) for stem in stems)


def stems(text: str, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Stem -> the word as it was written, in the order of the text; short and common words, and those `without`, left out."""
    found: dict[str, str] = {}
    for word in _WORD.findall(_CAMEL.sub(" ", text)):
        folded = word.casefold()
        stem = stem_of(folded)
        if len(folded) > 2 and folded not in STOP and stem not in without:
            found.setdefault(stem, word)
    return found


def stem_of(folded: str) -> str:
    if len(folded) > 4 and folded.endswith("s") and not folded.endswith("ss"):
        folded = folded[:-1]
    return folded[:_STEM]


def rarity(texts: Sequence[Iterable[str]]) -> Rarity:
    """Inverse document frequencies over the stems of texts, scaled so that a stem of one text only weighs 1."""
    counts = Counter(stem for one in texts for stem in set(one))
    most = log(len(texts) + 1)
    return Rarity({stem: log((len(texts) + 1) / n) / most for stem, n in counts.items()} if texts else {})
