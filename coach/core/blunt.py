"""Blunt and hurried English as the plain words that it stands for: "what the hell did I do all day", "gimme 25 min, pls". Pure.

Swearing carries no more than its mood: as an adverb it is left out, as a noun it is "stuff", as an adjective "bad"."""

from __future__ import annotations

import re
from collections.abc import Iterable


def _rules(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rf"(?<![\w'])(?:{form})(?![\w'])", re.IGNORECASE), words) for form, words in pairs)


_SWEARING = _rules((
    (r"for (?:fuck|christ|god|heaven)'?s sake|ffs|(?:god ?)?dammit|no (?:bs|bullshit)", " "),
    (r"(?:the|da) (?:fuck|hell|heck|devil)|on earth|tf", " "),
    (r"(?:did|do|does|have|has|get|got|was|were) (.+?) fuck all", r"did \1 anything"),
    (r"(?:fuck(?:ing?)?|dick(?:ing)?|arse|arsing|ass?ing) (?:around|about)", "messing around"),
    (r"(?:fuck|screw)(?:ed)? up", "get wrong"),
    (r"fucked|screwed", "in trouble"),
    (r"wt[fh]", "what"),
    (r"(?:god ?)?(?:damn(?:ed)?|fuckin[g']?|effing|freaking|frigging|bloody|blasted)|fuck(?= (?!you\b)\w)", " "),
    (r"(?:do|did) i suck", "am I bad"),
    (r"sucks", "is bad"),
    (r"suck", "be bad"),
    (r"shitty|crappy|bullshit", "bad"),
    (r"(this|that|the|much|what|any|of|my|all|which|some) (?:shit|crap)", r"\1 stuff"),
    (r"^(?:shit|crap)(?= (?:i|we|that|due)\b)", "stuff"),
    (r"shit|crap", "bad"),
))
_SHORT = _rules((
    (r"what'?s(?! up\b)", "what is"), (r"where'?s", "where is"), (r"who'?s", "who is"), (r"how'?s", "how is"),
    (r"when'?s", "when is"), (r"what'?d", "what did"), (r"where'?d", "where did"), (r"when'?d", "when did"),
    (r"how'?d", "how did"), (r"why'?d", "why did"), (r"i'?m gonna", "I will"), (r"gonna", "going to"),
    (r"i'?ve gotta|i gotta|gotta", "I have to"), (r"wanna", "want to"), (r"lemme", "let me"), (r"gimme", "give me"),
    (r"im(?= \w)", "I'm"), (r"ive", "I have"), (r"dunno", "do not know"), (r"dont", "don't"), (r"doesnt", "doesn't"),
    (r"didnt", "didn't"), (r"wont", "won't"), (r"cant", "can't"), (r"havent", "haven't"), (r"isnt", "isn't"),
    (r"arent", "aren't"), (r"wasnt", "wasn't"), (r"shouldnt", "shouldn't"), (r"pls|plz|plse", "please"),
    (r"thx|tnx|ty", "thanks"), (r"u(?= )", "you"), (r"ur", "your"), (r"rn", "right now"), (r"tmrw|tmr|tmw|2moro", "tomorrow"),
    (r"ystrday|yday", "yesterday"), (r"cuz|coz", "because"), (r"til", "till"), (r"hrs", "hours"), (r"stfu|shh+", "shut up"),
    (r"kinda", "kind of"), (r"abt", "about"),
))
_MOOD = re.compile(
    r"^(?:(?:ok(?:ay)?|so|well|hey|yo|right|ugh+|argh+|come on|oh|dude|listen|look)[\s,.!:;-]+)+(?=\w+\s+\w)"
    r"|[\s,.;:!]+(?:honestly|seriously|be (?:honest|brutal)|no lies|don'?t lie|hit me|come on|or what(?:ever)?|dude|really)"
    r"(?=[\s?.!]*$)"
    r"|^(?:honestly|seriously|be (?:honest|brutal)|don'?t lie|tell me straight|for real)[\s,.:;!]+",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"\b([a-z]{3,})(?:[\s,.]+\1\b)+", re.IGNORECASE)
"""A word said again and again: "slack slack slack, how much"."""
WORDS = frozenset({
    "arent", "bloody", "brutal", "cant", "crap", "dammit", "damn", "didnt", "doesnt", "dont", "dunno", "ffs", "fuck",
    "fucked", "fucking", "gimme", "gonna", "gotta", "havent", "hell", "honest", "honestly", "howd", "hows", "hrs", "isnt",
    "kinda", "lemme", "lie", "plz", "screwed", "seriously", "shit", "stfu", "suck", "sucks", "thx", "til", "tmrw", "wanna",
    "wasnt", "whats", "whend", "whens", "whered", "wheres", "whos", "wont", "wtf",
})
"""Words that are in no dictionary of questions, and no slips of the keyboard either."""


def plain(text: str) -> str:
    """The text in plain words; the text itself where nothing is left. What it names, such as a title, is for the text itself."""
    found = _AGAIN.sub(r"\1", text)
    for pattern, words in (*_SWEARING, *_SHORT):
        found = pattern.sub(words, found)
    return _tidy(_MOOD.sub("", found)) or text


def _tidy(text: str) -> str:
    """Without what leaving words out left behind."""
    return re.sub(r"\s+([?!.,;:])", r"\1", " ".join(text.split())).lstrip(",.;:! ")
