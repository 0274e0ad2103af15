"""The sentiment of a line, -1 to 1, by a small lexicon of the words that lines use. Pure.

Lines are short, vetted and English, so counting is enough: positive minus negative words over their number, a negation within
the three words before turning one round (the rule of VADER, Hutto and Gilbert 2014, without its degrees)."""

from __future__ import annotations

import re

_POSITIVE = frozenset("""
    good nice fine well better best great lovely kind kindly gentle gently calm calmly happy glad easy easier ease
    easily done win wins won finish finished progress steady solid fresh warm welcome enjoy enjoyed pleasant pleased
    satisfaction relief rested rest ready earned beautiful honest friendly free freedom generous gift luxury holiday
    smile proud impressive bonus reached met kept held complete completed bright clean quiet peace light lighter
    relaxed thanks thank favourite delight delighted fun safe rescue rescued applauds celebrate reward worth love
    loves like clear momentum rhythm stride
""".split())
_NEGATIVE = frozenset("""
    late overdue over past missed slipped slipping lost lose losing fail failed failure bad worse worst hard hardest
    difficult stuck wrong trouble problem rush angry awkward embarrassed nervous tired tears regret lonely alone
    ignored untouched avoided avoidance distraction distracting distracted drifting adrift wandering interrupted
    fragmented scattered hectic dizzy thrashing thrash excuse excuses blame judged disappointed hostage emergency
    unpleasant sticky heavy heavier burden overbooked overflow overflows short behind stale dust moss cobwebs
    grudges unmade risk threatened suspense spite siege stubborn overran overrun noise shouting noisy worry dread
    guilt sorry
""".split())
_NEGATIONS = frozenset(
    "no not never none nobody nothing without neither nor cannot can't don't isn't won't doesn't didn't".split()
)
_REACH = 3
"""Words between a negation and what it turns round, at most."""


def sentiment(text: str) -> float:
    """-1 to 1; 0 where nothing speaks for either. Placeholders say nothing."""
    words = re.findall(r"[a-z']+", re.sub(r"\{\w*\}", " ", text.lower().replace("’", "'")))
    total = 0
    count = 0
    for place, word in enumerate(words):
        sign = (word in _POSITIVE) - (word in _NEGATIVE)
        if sign:
            turned = bool(_NEGATIONS.intersection(words[max(0, place - _REACH):place]))
            total += -sign if turned else sign
            count += 1
    return round(total / count, 3) if count else 0.0
