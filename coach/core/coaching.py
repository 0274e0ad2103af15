"""Words that ask for help rather than for a number: "I feel stuck", "how do I start with the report?". What is needed, what may
be tried, and how Coach says it. Pure.

The catalogue of steps is that of `core/advice.py`; which of them is taken, what helped this person decides there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from coach.core import advice, blunt
from coach.core.advice import Advice, Case

Need = Literal["stuck", "start", "motivation", "putting off", "overwhelmed", "distracted", "break", "tired"]

OPENINGS: Mapping[Need, str] = {
    "stuck": "Being stuck happens; a smaller step is the way out of it.",
    "start": "Starting is the hard part, so the start may be small.",
    "motivation": "No speech: a step that is small enough needs no motivation.",
    "putting off": "You noticed it yourself, and that is where it can turn.",
    "overwhelmed": "That is a lot, and it need not be done at once: you can only hold one thing.",
    "distracted": "Attention wanders; one thing on a clock is a fence around it.",
    "break": "A break is part of the work.",
    "tired": "Then a break first; it is part of the work.",
}
BREAK = "break"
STEPS: Mapping[Need, tuple[str, ...]] = {
    "stuck": ("two minutes", "timebox", "split"),
    "start": ("two minutes", "timebox", "split"),
    "motivation": ("timebox", "two minutes"),
    "putting off": ("two minutes", "timebox", "split", "drop"),
    "overwhelmed": ("timebox", "split", "drop"),
    "distracted": ("timebox", "two minutes"),
    "break": ("timebox",),
    "tired": ("two minutes", "timebox"),
}
"""What may be tried, out of the catalogue; a break is offered where it is due."""
TWO_MIN = 2
LONG_S = 50 * 60.0
"""At it for so long, a break is the step, whatever was asked for."""
KEPT = timedelta(minutes=30)
"""So long "what else?" is about what was said before."""
LAST = 4
"""Turns of a conversation that are remembered."""


@dataclass(frozen=True, slots=True)
class Coached:
    """What a conversation about help stands at: the need, the task, the step said last, those said already, and the last turns as
    (need, step)."""

    need: Need
    task_id: str | None
    action: str
    offered: tuple[str, ...]
    turns: tuple[tuple[str, str], ...]
    at: datetime

    def then(self, need: Need, task_id: str | None, action: str, at: datetime) -> Coached:
        fresh = need != self.need or task_id != self.task_id
        offered = () if fresh else self.offered
        return replace(self, need=need, task_id=task_id, action=action, offered=(*offered, action),
                       turns=(*self.turns, (need, action))[-LAST:], at=at)


# What is asked for

_I = r"(?:(?:but|and|so|hey|coach|hi|ok|ugh|help|well|honestly|sorry)[\s,.!:]*)*"
_VERY = (
    r"(?: (?:so|just|really|totally|completely|very|quite|a bit|kind of|kinda|still|always|constantly|again|feeling|getting"
    r"|too))*"
)
_AM = rf"i(?:'m|m| am| feel| feel like i'm| got| get| keep getting|'ve been| have been){_VERY}"
_NOT_OF_TASKS = (
    r"(?!.*\b(?:focus session|timer|pomodoro|tracking|tracker|the app|coach|ritual|my day|the day|a session|recording"
    r"|backup)\b)"
)


def _pattern(*ways: str) -> re.Pattern[str]:
    return re.compile(rf"^{_I}(?:{'|'.join(ways)})", re.IGNORECASE)


_NEEDS: tuple[tuple[Need, re.Pattern[str]], ...] = (
    ("break", _pattern(
        r"(?:should|shall|can|may|could|must) i (?:maybe |really |just )?(?:take|have|make|get) (?:a |some |another )?"
        r"(?:short |quick |long )?(?:break|rest|pause|breather)\b",
        r"do i (?:need|deserve) (?:a |some )?(?:break|rest|pause)\b", r"(?:is it|isn't it) (?:about )?time for a break\b")),
    ("tired", _pattern(
        r"i (?:really )?need (?:a|some) (?:break|rest|breather)\b",
        rf"{_AM} (?:tired|exhausted|drained|worn out|knackered|done in|beat)(?! of)\b")),
    ("overwhelmed", _pattern(
        rf"{_AM} (?:overwhelm\w*|swamped|drowning|snowed under|buried|overloaded|stress\w*|(?:anxious|nervous"
        rf"|worried) about\b|behind(?: (?:on|with) (?:everything|it all|my work))?[.! ]*$)",
        r"(?:it|this|everything|it all|all (?:of )?this)(?:'s| is)(?: just| all| simply| getting)* too much\b",
        r"(?:(?:this|that|the|these|those|my|all)(?: \w+){0,3}|it|work)(?:'s| is| are) killing me\b",
        r"(?:there(?:'s| is)|i have|i've got)(?: just| simply)* (?:way )?too (?:much|many)(?: work| tasks| things)?(?: to do"
        r"| on my (?:plate|list)| going on| at once|[.! ]*$)", r"i (?:can't|cannot|can not) keep up\b",
        r"i (?:don't|do not) know where to (?:start|begin)\b", r"i(?:'ll| will| won't)(?: never)? (?:make|manage) (?:it|this"
        r"|all this)\b",
        r"(?:why is |why does )?(?:everything|it all|all (?:of )?this|work)(?: is| are|'s| feels?| feel| be)?(?: \w+)?"
        r" (?:so |too |this )?(?:hard|difficult|exhausting|impossible|a mess|going wrong)"
        r"(?: today| lately| right now| for me)?[?.! ]*$")),
    ("putting off", _pattern(
        r"i keep (?:on )?(?:putting|pushing|delaying|avoiding|dodging|procrastinat\w*|postponing|snoozing|not (?:doing"
        r"|starting))\b",
        rf"{_AM} procrastinating\b", rf"{_AM} (?:avoiding|putting off|dodging|dreading)\b",
        r"i (?:can't|cannot|can not) (?:bring|make|get|force) myself\b", r"i (?:really )?(?:don't|do not) (?:want"
        r"|wanna)(?: to)? (?:do|start|work on|face|look at)\b",
        r"i (?:dread|hate doing) ",
        r"i (?:really |just |so )?hate (?:this|that|the|these) (?!(?:\w+ing )?(?:life|world|app\b|coach))")),
    ("distracted", _pattern(
        r"i (?:just )?(?:can't|cannot|can not|am unable to|struggle to) (?:focus|concentrate|stay focused|pay attention)\b",
        rf"{_AM} (?:distracted|unfocused|all over the place|restless)\b", r"i (?:keep|kept) (?:losing focus|drifting"
        r"|wandering|checking)\b",
        r"i(?:'ve| have)? lost (?:my )?focus\b")),
    ("motivation", _pattern(
        r"(?:please |can you |could you )?(?:motivate|encourage|inspire) me\b", r"cheer me (?:up|on)\b",
        r"(?:please |can you |could you )?give me (?:a |some )?(?:little )?(?:pep talk|push|kick|motivation|courage)\b",
        r"i (?:\w+ )?(?:have|need|lack|lost|feel)(?: \w+)? motivation\b", r"i(?:'ve| have) (?:no|lost \w+) motivation\b",
        r"i(?:'m| am| feel)(?: \w+)? (?:unmotivated|not motivated|not in the mood)\b", r"i (?:don't|do not) feel like\b",
        r"i (?:can't|cannot) be bothered\b", r"(?:say|tell me) something (?:kind|nice|encouraging|motivating)\b",
        r"what(?:'s| is) the point(?: (?:of|in) (?:this|that|it all|it|all this|working|trying|bothering))?[?.! ]*$",
        r"(?:u+g+h+|a+r+g+h+|meh|sigh)[.! ]*$")),
    ("start", _pattern(
        rf"how (?:do|can|should|could|would) i (?:ever |even |best )?(?:start|begin|get started|get going|tackle"
        rf"|approach){_NOT_OF_TASKS}\b",
        rf"help me (?:to )?(?:start|begin|get started|get going|get into|tackle){_NOT_OF_TASKS}\b",
        rf"where (?:do|should) i (?:start|begin){_NOT_OF_TASKS}\b", r"i (?:can't|cannot|can not) (?:get started|get going"
        r"|start|begin)\b",
        r"i (?:don't|do not) know how to (?:start|begin|get started)\b", r"get me (?:started|going)\b")),
    ("stuck", _pattern(
        rf"{_AM} stuck\b", rf"{_AM} (?:blocked|lost|at a loss|going (?:nowhere|in circles))\b", r"i (?:don't"
        r"|do not) know (?:what to do|how to (?:go|get) on)\b",
        r"(?:nothing|it)(?:'s| is)? (?:not )?(?:works?|working|moving|getting anywhere)\b(?! (?:on|in|with))",
        r"i(?:'m| am) not getting anywhere\b",
        r"i need (?:some |your )?(?:help|advice) (?:with|on|getting)\b", r"help,? i\b")),
)
_ELSE = re.compile(
    r"(?:ok(?:ay)?|hm+|no|and)?[\s,.]*(?:(?:what|anything|something) else|(?:another|a different|one more|the next) (?:idea"
    r"|step|one|suggestion|way|thing)"
    r"|(?:that|it|this) (?:doesn't|does not|didn't|did not|won't) (?:help|work)\w*|(?:that|this)(?:'s| is) no (?:help|good)"
    r"|no|nope|not (?:that|this)"
    r"|i(?:'ve| have)? (?:already )?tried (?:that|it|this)(?: already)?|and (?:if|when) (?:that|it) (?:doesn't"
    r"|does not) (?:help|work))[\s.!?]*",
    re.IGNORECASE)
_AGREED = re.compile(
    r"(?:yes|yeah|yep|sure|ok(?:ay)?|alright|fine|good|great|let'?s (?:go|do (?:it|that))|do (?:it|that)|i(?:'ll| will) (?:do"
    r"|try) (?:it|that)|sounds good"
    r"|please do)[\s.!]*(?:please|then|thanks)?[\s.!]*", re.IGNORECASE)
_WHY = re.compile(
    r"(?:but )?why(?: that| this| so)?(?: (?:step|one|task))?[\s?.!]*|what makes you (?:say|think) (?:that|so)[\s?.!]*"
    r"|how do you know[\s?.!]*", re.IGNORECASE)
_THANKS = re.compile(r"(?:ok(?:ay)?[\s,]*)?(?:thanks?(?: you)?(?: (?:so|very) much)?|thx"
r"|cheers)(?:[\s,]*coach)?[\s.!]*", re.IGNORECASE)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'"})


def need(text: str) -> Need | None:
    """What kind of help the words ask for; None for questions about figures, wishes and everything else."""
    said = dict.fromkeys((_plain(text), _plain(blunt.plain(text))))  # "I'm so fucking tired"
    return next((name for words in said for name, pattern in _NEEDS if pattern.match(words)), None)


def follow(text: str) -> Literal["else", "agreed", "why", "thanks"] | None:
    """What words mean that lean on the step said last."""
    words = _plain(text)
    if _WHY.fullmatch(words):
        return "why"
    if _THANKS.fullmatch(words):
        return "thanks"
    if _ELSE.fullmatch(words):
        return "else"
    return "agreed" if _AGREED.fullmatch(words) else None


def _plain(text: str) -> str:
    return " ".join(text.translate(_APOSTROPHES).split())


# What is tried

def step(
    need: Need, case: Case, results: Sequence[tuple[str, bool]], offered: Sequence[str], seed: str, since_break_s: float,
) -> Advice | None:
    """The next step to try: a break where one is due, else by what helped (`advice.drawn`) among those that fit the need and
    were not offered yet; None once all were."""
    due = since_break_s >= LONG_S and need in ("break", "overwhelmed", "distracted", "stuck")
    if BREAK not in offered and (due or need == "tired"):
        return Advice(BREAK, "", 0, 0)
    left = [a for a in STEPS[need] if a not in offered]
    able = [a for a in left if a in advice.fitting(case)] or [a for a in left if a in ("timebox", "two minutes")]
    return advice.drawn(able, case, results, seed) if able else None
