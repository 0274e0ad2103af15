"""The chat: a question in, computed sentences first, then at most one line of tone.

The router finds the intent, rules find period and names, a typed query computes the facts card; the language model sees
none of it but the mood."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import clocktime, tone
from coach.core import facts as fact_cards
from coach.core import period as periods
from coach.core.clocktime import Hours
from coach.core.facts import Fact, FactsCard, fact_json
from coach.core.period import Period
from coach.engine import language
from coach.engine.models import Models, Understood
from coach.engine.queries import about, left, overview
from coach.engine.queries.asked import Asked, Name, calendar, names_in, task_in
from coach.engine.queries.registry import AHEAD, NAMES_TASK, QUERIES, TIME_IN
from coach.store import chat as store
from coach.store.db import Connection, Unlocked, connect

if TYPE_CHECKING:
    from coach.ml.llm import Turn

READ = 400
"""Characters of a question that are searched for names and periods; the rest adds nothing but time."""


@dataclass(frozen=True, slots=True)
class State:
    """What a follow-up may lean on: "and last week?" keeps the intent and the names."""

    intent: str
    period: Period | None = None
    names: tuple[Name, ...] = ()
    task_id: str | None = None
    hours: Hours | None = None
    hours_text: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer, in the order text, facts, tone, done. `source` of a tone line is llm or bank, of `done` how the
    question was understood: router, keywords or follow-up."""

    kind: Literal["text", "fact", "tone", "done"]
    text: str = ""
    fact: Fact | None = None
    source: str = ""
    model: str | None = None
    intent: str | None = None
    abstained: bool = False
    state: State | None = None


def answer(
    db: Connection, question: str, *, config: Config, now: datetime, tz: ZoneInfo, models: Models,
    state: State | None = None, cancelled: threading.Event | None = None, with_tone: bool = True,
) -> Iterator[Piece]:
    """The pieces of an answer. Reads only; see `keep`. The last one, `done`, carries the state for the next question."""
    asked, understood = read(db, question, config=config, now=now, tz=tz, models=models, state=state)
    card = _card(asked, understood, models)
    yield Piece("text", card.text)
    for fact in card.facts:
        yield Piece("fact", fact.text, fact)
    if with_tone and card.mood is not None and not (cancelled and cancelled.is_set()):
        running = asked.period is None or asked.period.end > now
        yield _tone(db, card, question, config=config, models=models, cancelled=cancelled, running=running)
    after = state if understood.intent is None else State(
        understood.intent, asked.period, asked.names, asked.task.id if asked.task else None,
        asked.hours, asked.hours_text,
    )
    yield Piece("done", source=understood.source, intent=understood.intent, abstained=understood.intent is None, state=after)


def to_json(pieces: Iterable[Piece]) -> dict[str, Any]:
    """The answer object of PRODUCT.md 2, and its `source`."""
    found = list(pieces)
    done = next((p for p in found if p.kind == "done"), Piece("done"))
    line = next((p for p in found if p.kind == "tone"), None)
    return {
        "intent": done.intent, "answer": "".join(p.text for p in found if p.kind == "text"),
        "facts": [fact_json(p.fact) for p in found if p.fact is not None],
        "tone": None if line is None else {"text": line.text, "source": line.source, "model": line.model},
        "abstained": done.abstained, "source": done.source,
    }


def keep(db: Connection, question: str, pieces: Sequence[Piece], now: datetime) -> None:
    """Remember an exchange."""
    document = to_json(pieces)
    store.add(db, now, question, document["answer"], document)


def past(db: Connection, limit: int = 40) -> tuple[tuple[str, str], ...]:
    """(side, text) of the newest lines, oldest first; side is me, coach or tone."""
    lines: list[tuple[str, str]] = []
    for row in store.latest(db, limit):
        lines.append(("me" if row["role"] == "user" else "coach", row["text"]))
        if line := (row["data"] or {}).get("tone"):
            lines.append(("tone", line["text"]))
    return tuple(lines)


def conversation(
    unlocked: Unlocked, config: Config, tz: ZoneInfo, models: Models, clock: Callable[[], datetime],
) -> Callable[[str, threading.Event], Iterator[Piece]]:
    """For the chat pane: a function from a question and a stop event to its text and tone pieces, called in any thread.
    It remembers the state for follow-ups and keeps what was said."""
    held: list[State | None] = [None]

    def ask(question: str, stop: threading.Event) -> Iterator[Piece]:
        db = connect(unlocked)
        try:
            now = clock()
            pieces: list[Piece] = []
            for piece in answer(db, question, config=config, now=now, tz=tz, models=models, state=held[0], cancelled=stop):
                pieces.append(piece)
                if piece.kind in ("text", "tone"):
                    yield piece
            held[0] = pieces[-1].state
            keep(db, question, pieces, now)
        finally:
            db.close()

    return ask


def read(
    db: Connection, question: str, *, config: Config, now: datetime, tz: ZoneInfo, models: Models, state: State | None = None,
) -> tuple[Asked, Understood]:
    """The question with its slots filled, and what it asks for."""
    whole = periods.spelt(language.known(db).read(" ".join(question[:READ].split())))
    here = calendar(config, now, tz)
    hours = clocktime.find(whole)
    text = whole if hours is None else " ".join(f"{whole[:hours.start]} {whole[hours.end:]}".split())
    names = names_in(db, text)
    found = periods.find(text, here)
    understood = _follow_up(text, found, names, state, hours is not None) or _by_rule(text, found)
    understood = understood or _understand(text, names, models)
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


_GENERIC: Mapping[str, str] = {"app": "Firefox", "site": "YouTube", "project": "the website"}


def _understand(text: str, names: Sequence[Name], models: Models) -> Understood:
    """What the router makes of the question, or of the question with its names made generic, whichever it is surer of:
    no router has heard of a project called Umbra."""
    generic = text
    for name in names:
        if name.exact and name.kind in _GENERIC:
            generic = re.sub(rf"\b{re.escape(name.shown)}\b", _GENERIC[name.kind], generic, flags=re.IGNORECASE)
    found = models.understand(text)
    if generic == text:
        return found
    return max(found, models.understand(generic), key=lambda u: u.score)


_LEADS = re.compile(r"^(?:and|what about|how about|same for|or|then)\b[\s,]*", re.IGNORECASE)
_FILLERS = frozenset("in on of for the a please".split())
_LED_FILLERS = _FILLERS | frozenset("and what how about same then or is was did i my it that".split())


def _follow_up(
    text: str, found: Sequence[periods.Found], names: Sequence[Name], state: State | None, timed: bool = False
) -> Understood | None:
    """A question that only names another period or another name: "and last week?", "what about Slack?"."""
    if state is None or not (found or names or timed):
        return None
    rest = text
    for one in reversed(found):
        rest = rest[:one.start] + " " + rest[one.end:]
    rest = _LEADS.sub("", rest).lower()
    for name in names:
        rest = rest.replace(name.shown, " ")
    led = _LEADS.match(text) is not None
    left = [w for w in re.findall(r"[\w']+", rest) if w not in (_LED_FILLERS if led else _FILLERS)]
    if left or not (led or ((found or timed) and not names)):
        return None
    intent = state.intent
    if names and intent not in TIME_IN and intent not in ("compare_periods", "tasks_open", "tasks_due"):
        intent = "time_in_app"
    return Understood(intent, (), "follow-up", 1.0)


_UNCOUNTED = re.compile(
    r"\bhow many (?:unread )?(?:e-?mails|mails|messages|texts|posts|lines|words|pages|files|commits"
    r"|bugs|photos|people|steps|calories|kilomet(?:er|re)s|miles|cups|coffees|tabs|keys|pull requests)\b",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instructions?|rules|prompts?)\b|\bsystem prompt\b"
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


def _by_rule(text: str, found: Sequence[periods.Found]) -> Understood | None:
    """What needs no model: a count of things that are never recorded, a task by its number, two periods compared."""
    if _UNCOUNTED.search(text):
        return Understood(None, ("time_in_category", "top_apps"), "rule", 1.0)
    if _FOREIGN.search(text):
        return Understood(None, (), "rule", 1.0)
    if _DESTROY.match(text):
        return Understood("action", ("action",), "rule", 1.0)
    if re.search(r"(?:#|\btask (?:number )?)\d{1,6}\b", text, re.IGNORECASE) and not _WISH.match(text):
        return Understood("task_detail", ("task_detail",), "rule", 1.0)
    if len(found) == 2 and re.search(r"\b(?:than|vs\.?|versus|compar\w*|against|or)\b", text, re.IGNORECASE):
        return Understood("compare_periods", ("compare_periods",), "rule", 1.0)
    return None


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


def _task(asked: Asked, understood: Understood, models: Models, state: State | None) -> Any:
    from coach.store import tasks

    if understood.source == "follow-up" and state is not None and state.task_id:
        return tasks.get(asked.db, state.task_id)
    if understood.intent == "plan_today":  # only a task that is named in so many words
        return task_in(asked.db, asked.question) if re.search(r"\bwhen\b|\bto do\b", asked.question, re.IGNORECASE) else None
    return task_in(asked.db, asked.question, models.similar)


def _card(asked: Asked, understood: Understood, models: Models) -> FactsCard:
    examples = [models.intents[name].example for name in about.EXAMPLES]
    if understood.intent is None:
        near = [n for n in understood.nearest[:2] if n in models.intents and n not in about.NO_QUESTIONS]
        return about.declined(examples, [models.intents[n].example for n in near])
    if understood.intent == "help":
        return about.help_(asked, [i.example for i in models.intents.values() if i.name not in about.NO_QUESTIONS][:12])
    return _whole(asked, understood.intent)


def _whole(asked: Asked, intent: str) -> FactsCard:
    """The answer in the hours asked for, with what it leaves out said after it."""
    period = left.cut(asked, intent)
    if period is None:
        found = QUERIES[intent](asked)
    else:
        timed = replace(asked, period=period)
        found = overview.at_moment(timed, intent) if asked.moment(intent) and period.days == 1 else QUERIES[intent](timed)
    notes = left.notes(asked, intent, period is not None)
    if period is not None and asked.hours is not None:
        hours = clocktime.words(asked.hours, not asked.moment(intent))
        found = fact_cards.card(intent, [*found.facts, Fact("", "hours", hours, "time", hours, period.key)], found.sentences,
                                found.mood)
    return replace(found, sentences=(*found.sentences, *(n for n in notes if not _said(n, found))))


def _said(note: str, card: FactsCard) -> bool:
    """Whether the card itself is about the name that the note would say is unknown."""
    return note.startswith("I have no record of") and any(f.entity and f.entity in note for f in card.facts)


def _tone(
    db: Connection, card: FactsCard, question: str, *, config: Config, models: Models, cancelled: threading.Event | None,
    running: bool = True,
) -> Piece:
    from coach.engine import nudging

    assert card.mood is not None
    voice = nudging.voice(db, config)
    mode = "neutral" if voice.mode == "roast" and voice.humour <= 0 else voice.mode
    said = " ".join(text for side, text in past(db, 4) if side == "tone")
    deadline = time.monotonic() + config.language_model.timeout_s
    model = models.voice()
    if model is not None:
        from coach.ml import llm

        rules = tone.FREE if models.trusted_voice else tone.grammar(models.phrasebook, card.mood, mode)
        line = llm.tone_line(
            model, _turns(card, mode), rules, timeout_s=deadline - time.monotonic(), cancelled=cancelled,
            seed=sum(map(ord, question)) % 100_000,
        )
        if line and line not in said and not tone.objections(line, card.names):
            return Piece("tone", line, source="llm", model=model.name)
    return Piece("tone", tone.pair(models.phrasebook, card.mood, mode, question, said, running=running), source="bank")


_TOPICS: Mapping[str, str] = {
    "good": "things look good", "low": "things look a little low", "late": "some things are late or put off",
    "ahead": "they look at what is ahead", "plain": "they wanted to know how things are",
}


def _turns(card: FactsCard, mode: str) -> list[Turn]:
    """The prompt. No fact, no name and no word of the person's is in it, so nothing can be leaked, bent or injected."""
    assert card.mood is not None
    topic = card.intent.replace("_", " ")
    return [
        ("system", f"You are a coach. Answer in a tone of {mode} with two short sentences that fit together."),
        ("user", f"The person asked about {topic}, and {_TOPICS[card.mood]}."),
    ]
