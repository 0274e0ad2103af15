"""Words that say no more than yes or no to what was proposed. Pure."""

from __future__ import annotations

import re
from typing import Literal

from coach.core import blunt

Verdict = Literal["yes", "no"]

_LEADING = r"(?:(?:ok(?:ay)?|so|well|um+|hm+|oh|coach|then|just|please|actually)[\s,.!:]+)*"
_TAIL = r"(?:[\s,.!]+(?:please|pls|then|now|already|thanks?(?: you)?|thx|coach|for me))*[\s.!]*"
_YES = (
    r"y|ye?s+|yeah?|yep|yup|ya|aye|ok(?:ay)?|sure(?: thing)?|alright|all right|go(?: ahead| on| for it)?"
    r"|do(?: it| that| so| this)"
    r"|yes,? (?:do (?:it|that|so)|go ahead|please do|sure)|please do|make it so|apply(?: it| that)?|accept(?:ed)?(?: it| that)?"
    r"|confirm(?:ed)?(?: it| that)?|agreed|sounds (?:good|right|fine)|(?:that'?s|that is|looks) (?:right|fine|good|ok(?:ay)?)"
    r"|let'?s (?:do (?:it|that)|go)|i agree|correct|exactly"
)
_NO = (
    r"n|no+|nope|nah|no way|no thanks?(?: you)?|not now|not yet|stop|cancel(?: it| that)?|abort|discard(?: it| that)?"
    r"|never ?mind(?: it| that)?|nvm|forget (?:about )?(?:it|that)|leave (?:it|that)(?: alone| be| as it (?:is|was))?"
    r"|(?:no,? )?(?:do not|don'?t)(?: do)?(?: it| that)?|skip (?:it|that)|drop (?:it|that)|rather not|better not"
)


def _whole(ways: str) -> re.Pattern[str]:
    return re.compile(f"{_LEADING}(?:{ways}){_TAIL}", re.IGNORECASE)


_WAYS: tuple[tuple[Verdict, re.Pattern[str]], ...] = (("yes", _whole(_YES)), ("no", _whole(_NO)))
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'"})


def of(text: str) -> Verdict | None:
    """What the words decide; None where they say anything else as well: "yes, but on friday" is another wish."""
    words = " ".join(text.translate(_APOSTROPHES).split())
    said = dict.fromkeys((words, blunt.plain(words)))
    return next((verdict for one in said for verdict, way in _WAYS if way.fullmatch(one)), None)
