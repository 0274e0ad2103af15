"""What a question asks for: the intent by follow-up, rule or router, and its slots by rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import blunt, clocktime, tongue
from coach.core import period as periods
from coach.core.clocktime import Hours
from coach.core.period import Period
from coach.core.task import Task
from coach.engine import language
from coach.engine.models import Models, Understood
from coach.engine.queries.asked import (
    HINTED,
    NAMED,
    Asked,
    Name,
    calendar,
    named_task,
    names_in,
    own_words,
    stored_names,
    task_in,
    without_task,
)
from coach.engine.queries.kinds import TOPICS, WHYS
from coach.engine.queries.registry import AHEAD, NAMES_TASK, ONLY_NAMED, TIME_IN
from coach.store import tasks
from coach.store.db import Connection

READ = 400
"""Characters of a question that are read; the rest adds nothing but time."""
ORIGIN = "why"
"""What a bare "why?" asks where the last answer has no reasons of its own."""
OF_PROJECT = frozenset({
    "compare_periods", "tasks_open", "tasks_due", "tasks_overdue", "oldest_tasks", "quick_tasks", "longest_task", "in_progress",
    "project_progress", "trend", "tasks_by_tag", "tasks_by_priority",
})
"""Answers that a name narrows down; of all others "and in Slack?" asks for the time there."""


@dataclass(frozen=True, slots=True)
class State:
    """What a follow-up may lean on: "and last week?" keeps the intent and the names, "the second" picks one of `choices`, the
    intents that were offered for `question`. `asked` are the words that led here, `origin` what those could lean on; `subject` is
    what a "why?" asked about: "and last week?" is about that, not about its reasons."""

    intent: str
    period: Period | None = None
    names: tuple[Name, ...] = ()
    task_id: str | None = None
    hours: Hours | None = None
    hours_text: str = ""
    choices: tuple[str, ...] = ()
    question: str = ""
    asked: str = field(default="", compare=False)
    origin: State | None = field(default=None, compare=False)
    subject: State | None = field(default=None, compare=False)


def leaning_on(question: str, state: State | None) -> State | None:
    """What a question may lean on: asked again word for word, what it could lean on the first time."""
    if state is not None and state.asked and question.casefold().split() == state.asked.casefold().split():
        return state.origin
    return state


def read(
    db: Connection, question: str, *, config: Config, now: datetime, tz: ZoneInfo, models: Models, state: State | None = None,
) -> tuple[Asked, Understood]:
    """The question with its slots filled, and what it asks for."""
    picked = _picked(question, state)
    if picked is not None and state is not None:
        question, state = state.question, None
    whole = periods.spelt(language.known(db).read(" ".join(question[:READ].split())))
    stored = stored_names(db)
    whole = models.spelling.text(whole, own_words(db, stored) | language.common() | blunt.WORDS)
    here = calendar(config, now, tz)
    hours = clocktime.find(whole)
    text = whole if hours is None else " ".join(f"{whole[:hours.start]} {whole[hours.end:]}".split())
    names = names_in(db, text, stored)
    found = periods.find(text, here)
    if state is not None and state.subject is not None and (found or names or hours):
        state = state.subject
    understood = _chosen(picked) or _follow_up(db, text, found, names, state, hours is not None)
    plain = blunt.plain(text)
    understood = understood or _by_rule(plain, found) or _understand(db, plain, names, models, state)
    if understood.intent in _TO_COME and found and found[0].period.start > now:
        understood = replace(understood, intent=_TO_COME[understood.intent])
    if understood.intent in AHEAD:
        found = periods.find(text, here, ahead=True)
    if understood.intent in TIME_IN or understood.intent == "time_total":
        understood = replace(understood, intent=_time_intent(understood.intent, names))
    asked = Asked(
        db, config, now, tz, whole if understood.intent in NAMES_TASK else text, here, found[0].period if found else None,
        found[1].period if len(found) > 1 else None, names, hours=hours,
        hours_text=whole[hours.start:hours.end] if hours else "",
    )
    if understood.source == "follow-up" and state is not None:
        asked = replace(asked, period=asked.period or state.period, names=names or state.names, hours=hours or (
            None if found else state.hours), hours_text=asked.hours_text or state.hours_text)
    if understood.intent in NAMES_TASK:
        asked = replace(asked, task=_task(asked, understood, models, state))
    return asked, understood


# Choices that were offered

_ORDINALS: Mapping[str, int] = {
    "1": 0, "one": 0, "first": 0, "1st": 0, "former": 0, "2": 1, "two": 1, "second": 1, "2nd": 1, "latter": 1,
    "3": 2, "three": 2, "third": 2, "3rd": 2, "last": -1,
}
_PICK = re.compile(
    r"^(?:(?:i\s+(?:mean|meant|want)|let'?s\s+(?:take|do)|take|pick|yes|ok(?:ay)?|and|so|then|please|number|no\.?|option|answer|show)[\s,]+)*"
    r"(?:me\s+)?(?:the\s+)?(?:number\s+|option\s+|#)?(\w+)(?:\s+(?:one|question|option|choice))?(?:\s*,?\s*please)?\s*[.!?)]*$",
    re.IGNORECASE,
)
_YES = re.compile(r"^(?:yes|yeah|yep|exactly|right|that one|that'?s it|correct|yes please)[.!]?$", re.IGNORECASE)


def _picked(question: str, state: State | None) -> str | None:
    """The offered intent that the words pick: "the second", "2", "yes" where there was one."""
    if state is None or not state.choices:
        return None
    text = " ".join(question[:READ].split())
    if _YES.match(text) and len(state.choices) == 1:
        return state.choices[0]
    match = _PICK.match(text)
    place = _ORDINALS.get(match[1].lower()) if match else None
    return state.choices[place] if place is not None and place < len(state.choices) else None


def _chosen(intent: str | None) -> Understood | None:
    return None if intent is None else Understood(intent, (), "choice", 1.0)


# By the router

_GENERIC: Mapping[str, str] = {"app": "Firefox", "site": "YouTube", "project": "the website"}


NEARLY = 0.05
"""The question as it is written wins over one that was made of it and scores no more than this above it."""


def _understand(db: Connection, text: str, names: Sequence[Name], models: Models, state: State | None) -> Understood:
    """What the router makes of the question, or of the question with its names made generic or with what "it" means, whichever
    it is surer of: no router has heard of a project called Umbra, or of a task about a flaky build."""
    if tongue.foreign(text):
        return Understood(None, (), "language", 1.0)
    generic = text
    for name in names:
        if name.exact and name.kind in _GENERIC:
            generic = re.sub(rf"\b{re.escape(name.shown)}\b", _GENERIC[name.kind], generic, flags=re.IGNORECASE)
    made = dict.fromkeys([generic, without_task(db, text), _in_context(text, state), *_sentences(text)])
    said = models.understand(text)
    best = max((models.understand(v) for v in made if v and v != text), key=lambda u: u.score, default=said)
    return best if best.score > said.score + NEARLY else said


_REPEATED = re.compile(r"\b(.{10,}?\w)(?:\W+\1\b)+", re.IGNORECASE)


def _sentences(text: str) -> list[str]:
    """The sentences of a text of several, each once: one of them may be the question, the others its story."""
    once = _REPEATED.sub(r"\1", text)
    found = dict.fromkeys(part.strip() for part in re.split(r"(?<=[.?!;:])\s+", once) if len(part.split()) > 2)
    return [part for part in found if part != text]


_PRONOUN = re.compile(r"\b(?:it|that|this|those|these|them|they)\b", re.IGNORECASE)


def _in_context(text: str, state: State | None) -> str:
    """The question with its first pronoun, or its end, filled by what the last answer was about; "" where there is none."""
    topic = TOPICS.get(state.intent, "") if state is not None else ""
    if not topic:
        return ""
    if _PRONOUN.search(text):
        return _PRONOUN.sub(topic, text, count=1)
    return f"{text.rstrip(' ?.!')} of {topic}" if _LEADS.match(text) else ""


# Follow-ups

_LEADS = re.compile(
    r"^(?:and|what about|how about|(?:the )?same(?: thing| question)?(?:,? but)?(?: for)?|or|then|now|only|just|but)\b[\s,]*",
    re.IGNORECASE)
_FILLERS = frozenset("in on of for the a please".split())
_LED_FILLERS = _FILLERS | frozenset(
    "and what how about same then or is was did i my it that do with task one only just but".split())
_WHY = re.compile(
    r"^(?:(?:and|but|ok|so|hm+)[\s,]+)*(?:why|how come|why is that|why so|why not|what makes you (?:say|think) (?:so|that)"
    r"|how do you know(?: that)?|says who|based on what|where does that come from)[\s?!.]*$", re.IGNORECASE,
)


def _follow_up(
    db: Connection, text: str, found: Sequence[periods.Found], names: Sequence[Name], state: State | None, timed: bool = False,
) -> Understood | None:
    """A question that only names another period or another name, or asks why: "and last week?", "what about Slack?"."""
    if state is None or not state.intent:
        return None
    if _WHY.match(text):
        return Understood(WHYS.get(state.intent, ORIGIN), (), "follow-up", 1.0)
    led = _LEADS.match(text) is not None
    if led and state.intent in NAMES_TASK and not found and not timed and _is_task(db, _LEADS.sub("", text)):
        return Understood(state.intent, (), "follow-up", 1.0)
    if not (found or names or timed):
        return None
    rest = text
    for one in reversed(found):
        rest = rest[:one.start] + " " + rest[one.end:]
    rest = _LEADS.sub("", rest).lower()
    for name in names:
        rest = rest.replace(name.shown, " ")
    left = [w for w in re.findall(r"[\w']+", rest) if w not in (_LED_FILLERS if led else _FILLERS)]
    if left or not (led or ((found or timed) and not names) or re.match(r"(?:in|on)\b", text, re.IGNORECASE)):
        return None
    intent = state.intent
    if names and intent not in TIME_IN and intent not in OF_PROJECT:
        intent = "time_in_app"
    return Understood(intent, (), "follow-up", 1.0)


def is_why(text: str) -> bool:
    """Whether the words ask for nothing but the reasons of the answer before."""
    return _WHY.match(text) is not None


def _is_task(db: Connection, words: str) -> bool:
    """Whether the words name a task and say nothing else."""
    task = named_task(db, words, HINTED)
    if task is None:
        return False
    title = {w.lower() for w in re.findall(r"[\w']+", task.title)} | _LED_FILLERS
    return all(w in title for w in re.findall(r"[\w']+", words.lower()))


# By rule

_UNCOUNTED = re.compile(
    r"\bhow many (?:unread |new |of my )?(?:e-?mails|mails|messages|texts|posts|lines|words|pages|files|commits"
    r"|bugs|photos|people|steps|calories|kilomet(?:er|re)s|miles|cups|coffees|tabs|keys|keystrokes|clicks|pull requests)\b",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instructions?|rules|prompts?|facts?|the above|everything)\b"
    r"|\bsystem prompt\b"
    r"|\b(?:say|answer|print|reply|respond|output) (?:only |just |with |exactly )*[\"'“]?\d+\s?(?:%|percent|hours)"
    r"|\b(?:you are|act as|pretend (?:to be|you))\b.{0,40}\b(?:now|unrestricted|pirate|lawyer|doctor|assistant|developer mode)\b"
    r"|\bhow (?:much|many) (?:money|cash|dollars|euros|pounds|steps|calories)\b|\bhow much did I (?:earn|pay|eat|drink)\b"
    r"|\b(?:did|do|was|have|could) I (?:\w+ )?(?:sleep|slept|asleep|in bed)\b"
    r"|^(?:please )?(?:write|tell|sing|draw|compose) (?:me )?an? (?:\w+ )?(?:poem|song|story|joke|essay|picture|haiku)\b"
    r"|^(?:please )?book (?:me )?an? (?:\w+ )?(?:flight|hotel|table|room|taxi|train|trip)\b",
    re.IGNORECASE,
)
"""What no router may take for a question about time: its words come too near."""
_DESTROY = re.compile(
    r"(?:please |can you |could you )?(?:delete|remove|clear|erase|wipe|complete|mark|snooze|cancel|archive|rename|reschedule)\b"
    r".*\b(?:tasks?|todos?|list|everything|reminders?|meetings?|projects?|it)\b", re.IGNORECASE,
)
_WISH = re.compile(
    r"(?:please )?(?:add|move|snooze|delete|remove|complete|finish|mark|start|stop|rename|edit|postpone|schedule|put|set)\b",
    re.IGNORECASE,
)
_KEYS = re.compile(r"\b(?:(?:which|what|by which) key|hot ?key|short ?cut|key (?:to|for))\b", re.IGNORECASE)
_FOCUSED = re.compile(
    r"how (?:focus(?:s)?ed|productive|concentrated) (?:was|am|were|have) I\b"
    r"(?!.*\b(?:than|compared|average|usually|tasks?|done)\b)", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:#|\btask (?:number )?)\d{1,6}\b", re.IGNORECASE)


def _by_rule(text: str, found: Sequence[periods.Found]) -> Understood | None:
    """What needs no model: a count of things that are never recorded, a task by its number, two periods compared."""
    if _UNCOUNTED.search(text):
        return Understood(None, (), "rule", 1.0)
    if _FOREIGN.search(text):
        return Understood(None, (), "rule", 1.0)
    if _DESTROY.match(text):
        return Understood("action", ("action",), "rule", 1.0)
    if _KEYS.search(text):
        return Understood("how_to", ("how_to",), "rule", 1.0)
    if _NUMBERED.search(text) and not _WISH.match(text):
        return _about_numbered(text)
    if len(found) == 2 and re.search(r"\b(?:than|vs\.?|versus|compar\w*|against|or)\b", text, re.IGNORECASE):
        return Understood("compare_periods", ("compare_periods",), "rule", 1.0)
    if _FOCUSED.match(text):  # with a name in it, it would be taken for the time there
        return Understood("focus_score", ("focus_score",), "rule", 1.0)
    return None


_OF_NUMBERED = (
    ("why_task", re.compile(r"\bwhy\b(?!.*\b(?:plan|sched|block))", re.IGNORECASE)),
    ("why_block", re.compile(r"\bwhy\b", re.IGNORECASE)),
    ("task_chance", re.compile(r"\b(?:will|chance|likely|odds|probab\w+|manage|in time)\b", re.IGNORECASE)),
    ("best_time", re.compile(r"\b(?:best|good|ideal) (?:time|hour|moment)|\bwhen should\b", re.IGNORECASE)),
    ("avoidance_score", re.compile(r"\bavoid", re.IGNORECASE)),
    ("task_time", re.compile(r"\b(?:time|hours|minutes) (?:spent|logged|went|put|did)|\bhow long (?:did|have)\b|\bmuch time\b",
                             re.IGNORECASE)),
)


def _about_numbered(text: str) -> Understood:
    """What is asked of a task that is named by its number."""
    intent = next((name for name, words in _OF_NUMBERED if words.search(text)), "task_detail")
    return Understood(intent, (intent,), "rule", 1.0)


_TO_COME: Mapping[str | None, str] = {
    "day_summary": "plan_today", "focus_score": "focus_forecast", "productive_day": "focus_forecast", "time_total": "free_time",
}
"""What a question about the past means of a time that is still to come."""


# Slots

def _time_intent(intent: str | None, names: Sequence[Name]) -> str | None:
    """Which kind of thing a question about time names: an exact name decides over the router's guess."""
    kinds: Mapping[str, str] = {
        "app": "time_in_app", "site": "time_in_app", "category": "time_in_category", "project": "time_in_project",
    }
    exact = [n for n in names if n.exact]
    if intent == "time_total":
        return next((kinds[n.kind] for n in exact if n.kind in ("app", "site", "project")), intent)
    if not exact or any(kinds[n.kind] == intent for n in exact):
        return intent
    return kinds[exact[0].kind]


def _task(asked: Asked, understood: Understood, models: Models, state: State | None) -> Task | None:
    if understood.source == "follow-up" and state is not None:
        said = named_task(asked.db, asked.question, NAMED if asked.period or asked.names else HINTED)
        return said or (tasks.get(asked.db, state.task_id) if state.task_id else None)
    if understood.intent == "plan_today":  # only a task that is named in so many words
        return task_in(asked.db, asked.question) if re.search(r"\bwhen\b|\bto do\b", asked.question, re.IGNORECASE) else None
    if understood.intent in ONLY_NAMED:
        return named_task(asked.db, asked.question)
    return task_in(asked.db, asked.question, models.similar)
