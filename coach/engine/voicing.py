"""The line under an answer: vetted sentences, chosen by a small language model or by chance; or, of a model that is trusted, the
answer in its own words.

The computed sentences stand above it already. A line that comes late or that the judge refuses is not shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from coach.config import Config
from coach.core import placeholders, tone
from coach.core.errors import ModelBroken
from coach.core.facts import FactsCard
from coach.core.placeholders import Frame
from coach.engine import coaching
from coach.engine.models import Models
from coach.store import chat as store
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.ml.llm import LanguageModel, Turn

TRIES = 2
"""A line that the judge refuses is asked for once more."""


@dataclass(frozen=True, slots=True)
class Line:
    """`model` names who wrote it, None for the vetted ones."""

    text: str
    source: Literal["llm", "bank"]
    model: str | None = None


@dataclass(slots=True)
class Tally:
    """What came of the lines that were asked for: `refused` counts those that the judge did not let pass, by the reason."""

    asked: int = 0
    shown: int = 0
    late: int = 0
    refused: dict[str, int] = field(default_factory=dict)


def line(
    db: Connection, card: FactsCard, question: str, *, config: Config, models: Models, cancelled: threading.Event | None = None,
    running: bool = True,
) -> Line | None:
    """What stands under an answer; None where a trusted model has nothing to add that may be shown."""
    deadline = time.monotonic() + config.language_model.timeout_s  # loading the model is part of what a line may take
    model = models.voice()
    if model is not None and models.trusted_voice and config.language_model.own_words:
        frame = placeholders.framed(card)
        if frame is not None:
            turns = _retelling(frame, _mode(db, config))
            return spoken(models, frame, turns, deadline, seed_of(question), cancelled)
    return _vetted(db, card, question, deadline, config=config, models=models, cancelled=cancelled, running=running)


def beside(
    db: Connection, helped: coaching.Help, question: str, *, config: Config, models: Models,
    cancelled: threading.Event | None = None,
) -> Line | None:
    """What a trusted model adds to help that was given; None without one, or where it may not use its own words."""
    deadline = time.monotonic() + config.language_model.timeout_s
    if not config.language_model.own_words or not models.trusted_voice or models.voice() is None:
        return None
    frame = placeholders.framed(helped.card, free=True)
    if frame is None:
        return None
    turns = coaching.prompt(helped, frame, question, _mode(db, config))
    return spoken(models, frame, turns, deadline, seed_of(question), cancelled)


def spoken(
    models: Models, frame: Frame, turns: Sequence[Turn], deadline: float, seed: int, cancelled: threading.Event | None = None,
    tally: Tally | None = None,
) -> Line | None:
    """What a trusted model makes of a frame before `deadline` (of the monotonic clock), in two tries at most; None where nothing
    may be shown."""
    model = models.voice()
    if model is None:
        return None
    tally = tally or Tally()
    rules = placeholders.grammar(frame)
    for attempt in range(TRIES):
        left_s = deadline - time.monotonic()
        if left_s <= 0 or (cancelled is not None and cancelled.is_set()) or models.voice() is None:
            break
        tally.asked += 1
        said = _said(models, model, turns, rules, left_s, cancelled, seed + attempt)
        if said is None:
            tally.late += 1
            continue
        wrong = placeholders.objections(said, frame)
        if not wrong:
            tally.shown += 1
            return Line(placeholders.rendered(said, frame), "llm", model.name)
        reason = wrong[0].split(":")[0].split("{")[0].strip() or "placeholders"
        tally.refused[reason] = tally.refused.get(reason, 0) + 1
    return None


def seed_of(text: str) -> int:
    return sum(map(ord, text)) % 100_000


def _said(
    models: Models, model: LanguageModel, turns: Sequence[Turn], rules: str, timeout_s: float, cancelled: threading.Event | None,
    seed: int,
) -> str | None:
    """A line, not yet judged. A model that fails is given up, and `Models.states` says why."""
    from coach.ml import llm

    try:
        return llm.tone_line(model, turns, rules, timeout_s=timeout_s, cancelled=cancelled, seed=seed)
    except ModelBroken as error:
        models.voice_failed(error.message)
        return None


def _vetted(
    db: Connection, card: FactsCard, question: str, deadline: float, *, config: Config, models: Models,
    cancelled: threading.Event | None, running: bool,
) -> Line:
    """A pair of vetted sentences: which of them, the model says where there is one."""
    assert card.mood is not None
    mode = _mode(db, config)
    before = " ".join(_lines_before(db))
    if (model := models.voice()) is not None:
        rules, left_s = tone.grammar(models.phrasebook, card.mood, mode), deadline - time.monotonic()
        said = _said(models, model, _choosing(card, mode), rules, left_s, cancelled, seed_of(question))
        if said and said not in before and not tone.objections(said, card.names):
            return Line(said, "llm", model.name)
    return Line(tone.pair(models.phrasebook, card.mood, mode, question, before, running=running), "bank")


def _lines_before(db: Connection) -> list[str]:
    """What is not to be said again: the last lines, and those under answers that were rated poor."""
    from coach.engine import feedback

    lately = [row["data"]["tone"]["text"] for row in store.latest(db, 4) if (row["data"] or {}).get("tone")]
    return [*lately, *feedback.poor_tones(db)]


def _mode(db: Connection, config: Config) -> str:
    from coach.engine import nudging

    voice = nudging.voice(db, config)
    return "neutral" if voice.mode == "roast" and voice.humour <= 0 else voice.mode


_TOPICS: Mapping[str, str] = {
    "good": "things look good", "low": "things look a little low", "late": "some things are late or put off",
    "ahead": "they look at what is ahead", "plain": "they wanted to know how things are",
}


def _choosing(card: FactsCard, mode: str) -> list[Turn]:
    """The prompt of a small model. No fact, no name and no word of the person's is in it, so nothing can be leaked, bent or
    injected."""
    assert card.mood is not None
    topic = card.intent.replace("_", " ")
    return [
        ("system", f"You are a coach. Answer in a tone of {mode} with two short sentences that fit together."),
        ("user", f"The person asked about {topic}, and {_TOPICS[card.mood]}."),
    ]


def _retelling(frame: Frame, mode: str) -> list[Turn]:
    """The prompt of a trusted model: the sentences with their placeholders, so that no title and no figure is in it."""
    names = " ".join(f"{{{name}}}" for name in frame.required)
    return [
        ("system", f"You are a coach. Say the same to the person in other words, as one short {mode} sentence. Write {names} as"
                   " they stand, each once, in this order. Add no number, no name and no judgement."),
        ("user", frame.text),
    ]
