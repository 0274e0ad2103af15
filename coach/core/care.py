"""Words that Coach must not coach: a crisis, and health. It says at once that it is no help there, and who is. Pure.

It knows English, and errs towards taking words for serious ones: a short human answer too many does no harm. No diagnosis, no
number to call: Coach cannot know which one is right where the person is."""

from __future__ import annotations

import re
from typing import Literal

from coach.core import blunt

Matter = Literal["crisis", "doubt", "health"]

ANSWERS: dict[Matter, tuple[str, ...]] = {
    "crisis": (
        "I am glad that you said it, and I am not the one who can help: I only know tasks and time.",
        "Please talk to a person now, somebody you trust or your local emergency number; do not stay alone with it.",
    ),
    "doubt": (
        "If you mean that: I am not the one who can help, please talk to a person now, somebody you trust or your local emergency"
        " number.",
        "If it is the work that is too much, say “I feel overwhelmed”, and I look for one small step with you.",
    ),
    "health": (
        "That is about your health, and there I am no help: I only know tasks and time.",
        "Please ask a doctor, or tell somebody you trust; if it cannot wait, call your local emergency number.",
    ),
}

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'"})
_I_AM = r"(?:i(?:'m| am|m| feel| was)|am i|i(?:'ve| have) been(?: feeling)?|feeling)(?: \w+){0,2}?"
_CRISIS = re.compile(r"\b(?:" + "|".join((
    r"(?:i(?:'m| am| feel)|feeling|been)(?: \w+){0,2} suicidal", r"(?:commit|committing|attempt|think|thinking"
    r"|thought)(?: \w+)? suicide",
    r"suicidal thoughts?", r"i hate (?:myself|(?:my|this)(?: stuff| shit| crap| bad)? life)",
    r"(?:what(?:'s| is) the point|is there (?:any|a) point) (?:of|in) (?:living|life|my life|being alive|going on|existing)",
    r"(?:kill|hurt|harm|cut|hang|shoot|drown|poison)(?:ing)? (?:myself"
    r"|my self)", r"end(?:ing)? (?:my|my own) life",
    r"end(?:ing)? it all", r"take my (?:own )?life", r"self[- ]?harm\w*", r"overdos\w+",
    r"(?:want|wanna|wish|going|like|ready|rather) (?:to )?(?:die|be dead|not exist|disappear forever"
    r"|disappear(?=[\s.!]*$)|stop existing)",
    r"wish i (?:was|were) (?:dead|never born|not here)", r"better off (?:dead|without me)",
    r"(?:don't|do not|dont|no longer|can't|cannot|cant) (?:want to |wanna )?(?:live|be alive|exist|be here)(?: any ?more"
    r"| any longer)?"
    r"(?! (?:in|on|with|at|for|by|today|tomorrow))",
    r"(?:no|any) (?:reason|point) (?:to|in) (?:live|living|be alive|being alive|going on)", r"can't go on(?: like this"
    r"| any ?more| living|(?=[\s.!]*$))",
    r"(?:he|she|they|somebody|someone|my \w+) (?:is |are |keeps? )?(?:hitting|beating|abusing|threatening) me",
    r"hear(?:ing)? voices", r"(?:planning|plan) to (?:hurt|kill) (?:him|her|them|some(?:one|body)|people)",
)) + r")\b", re.IGNORECASE)
_DOUBT = re.compile(
    r"\b(?:kill|shoot|end|finish) me\b(?! off)|\bput me out of my misery\b|\bwant(?:s|ed)? me dead\b|\bi(?:'m| am) done living\b",
    re.IGNORECASE)
"""What some say of a dull meeting and some mean."""
_FIGURE = re.compile(
    r"\b(?:will|would|(?:is |are |was )?(?:going to|gonna)|might|'ll|'d) (?:totally |really |literally )?(?:kill|shoot|end) me"
    r" (?:if|when"
    r"|unless|for|over|because)\b", re.IGNORECASE)
"""Somebody who will be cross; it takes only its own words out of the message, what stands beside it counts."""
_HEALTH = re.compile(r"(?:" + "|".join((
    rf"\b{_I_AM} (?:depress\w+|bipolar|manic|psychotic|anorexic|bulimic|autistic|addicted(?! to[?.! ]*$)|alcoholic"
    rf"|burn(?:ed|t)[- ]?out"
    rf"|anxious(?! about)"
    r"|panicking|dizzy|faint\w*|bleeding|sick(?! of)|ill(?![- ]\w)|feverish|nauseous|having (?:a|an) (?:stroke|heart attack"
    r"|panic attack|seizure))\b",
    r"\b(?:i|do i|i think i|i might|i may|could i) (?:\w+ )?(?:have|having|get|got|suffer from) (?:\w+ )?(?:adhd|ocd|ptsd"
    r"|autism|depression"
    r"|anxiety|insomnia|burn-?out|cancer|a fever|a migraine|migraines|panic attacks?|an eating disorder|an infection|covid"
    r"|flu(?! shot))\b",
    r"\bmy (?:chest|heart|head|back|stomach|neck|eyes|wrists?|arms?) (?:really )?(?:hurts?|aches?|pains?|is racing"
    r"|is pounding|is killing me)\b",
    r"\bchest pains?\b",
    r"\b(?:pain|headache|migraine|chest|stomach|tooth|toothache) (?:is|are) killing me\b",
    r"\b(?:can't|cannot|cant) breathe\b", r"\b(?:can't|cannot|cant) sleep\b",
    r"\bpanic attacks?\b(?=.*\b(?:i|me)\b)",
    r"\b(?:should|can|may|could|must) i (?:\w+ )?(?:take|stop taking|double|skip|mix) (?:\w+ ){0,3}(?:pills?|meds|medication"
    r"|medicine|dose"
    r"|antidepressants?|ritalin|adderall|modafinil|ibuprofen|aspirin|painkillers?|sleeping pills?|supplements?|drugs?)\b",
    r"\bhow (?:much|many) (?:\w+ )?(?:pills?|mg|milligrams?|ibuprofen|aspirin|ritalin|adderall|modafinil|melatonin) (?:should"
    r"|can|may|do) i\b",
    r"\b(?:diagnose me|what(?:'s| is) wrong with my (?:health|body|brain|head))\b",
    r"\b(?:do i need|should i see|should i go to) (?:a |an )?(?:therapist|therapy|doctor|psychiatrist|psychologist|hospital)\b",
    r"\bam i (?:\w+ )?(?:depressed|mentally ill|crazy|ill|sick|burn(?:ed|t)[- ]?out|autistic|an addict)\b",
)) + ")", re.IGNORECASE)


def matter(text: str) -> Matter | None:
    """What the words are about that no coach of tasks may answer; None for everything else."""
    words = " ".join(text.translate(_APOSTROPHES).split())
    said = (words, blunt.plain(words))  # "I want to fucking die"
    if any(map(_CRISIS.search, said)):
        return "crisis"
    if any(_DOUBT.search(_FIGURE.sub(" ", one)) for one in said):
        return "doubt"
    return "health" if any(map(_HEALTH.search, said)) else None
