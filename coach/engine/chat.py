"""The chat: a question in, computed sentences first, then at most one line of tone.

The router finds the intent, rules find period and names, a typed query computes the facts card; a small language model sees
none of it but the mood, a trusted one the sentences without their values (`engine/voicing.py`)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import clocktime
from coach.core import facts as fact_cards
from coach.core.facts import Fact, FactsCard, fact_json
from coach.engine import voicing
from coach.engine.models import Models, Understood
from coach.engine.queries import about, left, overview, why
from coach.engine.queries.asked import Asked
from coach.engine.queries.kinds import KINDS
from coach.engine.queries.registry import QUERIES
from coach.engine.understanding import ORIGIN, READ, is_why, leaning_on
from coach.engine.understanding import State as State
from coach.engine.understanding import read as read
from coach.store import chat as store
from coach.store.db import Connection


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
    state = leaning_on(question, state)
    asked, understood = read(db, question, config=config, now=now, tz=tz, models=models, state=state)
    card = _cut(_card(asked, understood, models, state), question)
    yield Piece("text", card.text)
    for fact in card.facts:
        yield Piece("fact", fact.text, fact)
    if with_tone and card.mood is not None and any(f.value for f in card.facts) and not (cancelled and cancelled.is_set()):
        running = asked.period is None or asked.period.end > now
        said = voicing.line(db, card, question, config=config, models=models, cancelled=cancelled, running=running)
        if said is not None:
            yield Piece("tone", said.text, source=said.source, model=said.model)
    after = _after(asked, understood, models, question, state)
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


def _after(asked: Asked, understood: Understood, models: Models, question: str, before: State | None) -> State | None:
    """What the next question may lean on."""
    if understood.intent is None:
        offered = tuple(_near(understood, models))
        return replace(before or State(""), choices=offered, question=question) if offered else before
    if understood.intent == ORIGIN:
        return before
    period = overview.compared(asked) if understood.intent == "compare_periods" else asked.period
    return State(
        understood.intent, period, asked.names, asked.task.id if asked.task else None, asked.hours, asked.hours_text,
        asked=question, origin=None if before is None else replace(before, origin=None),
        subject=_subject(understood, question, before),
    )


def _subject(understood: Understood, question: str, before: State | None) -> State | None:
    """What a "why?" was asked about, also where one follows the other; None after other questions."""
    if understood.source != "follow-up" or before is None or not is_why(question):
        return None
    return before.subject or replace(before, origin=None)


def _near(understood: Understood, models: Models) -> list[str]:
    """The intents that a question came near to, to be offered."""
    return [n for n in understood.nearest if n in models.intents and n not in about.NO_QUESTIONS][:3]


def _card(asked: Asked, understood: Understood, models: Models, state: State | None) -> FactsCard:
    examples = [models.intents[name].example for name in about.EXAMPLES]
    if understood.source == "language":
        return about.other_language()
    if understood.intent is None:
        return about.declined(examples, [models.intents[n].example for n in _near(understood, models)])
    if understood.intent == ORIGIN:
        return why.origin(KINDS.get(state.intent, "time") if state else "time")
    if understood.intent == "help":
        return about.help_(asked, [i.example for i in models.intents.values() if i.name not in about.NO_QUESTIONS][:12])
    return _whole(asked, understood.intent)


def _cut(card: FactsCard, question: str) -> FactsCard:
    """With the remark that only the beginning of a long question was read."""
    if len(question) <= READ:
        return card
    fact = Fact("", "characters_read", READ, "count", f"{READ} characters")
    note = f"Your question is long; I read its first {fact.text}."
    return fact_cards.card(card.intent, [*card.facts, fact], [*card.sentences, note], card.mood)


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
    said = replace(found, sentences=(*found.sentences, *(n for n in notes if not _said(n, found))))
    return _with_periods(said, asked)


def _with_periods(card: FactsCard, asked: Asked) -> FactsCard:
    """With the stretches of time that the sentences name as facts: "in the last 28 days" holds a number too."""
    named = [p for p in (asked.period, asked.other, *asked.used) if p is not None and p.text in card.text]
    facts = [Fact("", "period", p.key, "time", p.text, p.key) for p in dict.fromkeys(named) if any(c.isdigit() for c in p.text)]
    return fact_cards.card(card.intent, [*card.facts, *facts], card.sentences, card.mood) if facts else card


def _said(note: str, card: FactsCard) -> bool:
    """Whether the card itself is about the name that the note would say is unknown."""
    return note.startswith("I have no record of") and any(f.entity and f.entity in note for f in card.facts)
