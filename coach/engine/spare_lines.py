"""Lines made ahead of need: while the machine is idle the trained voice writes a few for each situation in the tone that is
spoken, so that a nudge may say one without waiting for a model. Off until the setting `language_model.lines` is on: the voice's
card says whether its lines stand beside the vetted ones.

What is kept passed the filter for lines that nobody read, copies no line of the bank, and sounds like its mode. A nudge only
looks one up; it never waits for one, and without one the bank speaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from coach.config import Config, shipped
from coach.core import lines
from coach.core.situations import SITUATIONS, Situation
from coach.engine import nudging, voices
from coach.engine.models import Models
from coach.ml import llm, voice
from coach.ml.llm import LanguageModel
from coach.store import spare_lines as store
from coach.store.db import Connection

STOCK = 2
"""Lines of a cell that wait to be heard."""
CANDIDATES = 6
"""Lines written for a cell at once, of which STOCK at most are kept."""
BUDGET_S = 30.0
"""Time a run may take; the next one goes on where it stopped."""
BOLD = 2
"""Humour from which an unread roast may be heard: how bold it is, nobody has said."""


def tone(db: Connection, config: Config, now: datetime) -> nudging.Tone | None:
    """For `nudging.tick`: a line that waits for a situation and mode, taken as it is asked for. None where they are off."""
    if not config.language_model.lines:
        return None
    spoken = nudging.voice(db, config)

    def ready(situation: str, mode: str) -> str | None:
        if situation in spoken.lines or (mode == "roast" and spoken.humour < BOLD):
            return None
        return store.take(db, situation, mode, now)

    return ready


def fill(
    db: Connection, config: Config, models: Models, now: datetime, stop: threading.Event,
    load: Callable[[], LanguageModel] | None = None, budget_s: float = BUDGET_S,
) -> int:
    """Write lines for the cells of the spoken mode that have none waiting, most pressing situations first; returns how many were
    kept. Loads the model for as long as it writes. Raises Unavailable where the voice or the model is missing."""
    spoken = nudging.voice(db, config)
    wanting = _wanting(db, spoken) if config.language_model.lines else []
    if not wanting or models.embedder() is None:
        return 0
    ear = voice.ear(folder())
    deadline, kept = time.monotonic() + budget_s, 0
    model = (load or _load(config))()
    try:
        for situation in wanting:
            if stop.is_set() or time.monotonic() > deadline:
                break
            before = store.written(db, situation.name, spoken.mode)
            made = _candidates(model, situation, spoken.mode, len(before), deadline, stop)
            best = _best(models, ear, situation, spoken.mode, made, before)
            kept += store.add(db, situation.name, spoken.mode, best[:STOCK], now)
    finally:
        model.close()
    return kept


def folder() -> Path:
    """Where the trained voice is."""
    return shipped("models", "voice")


def there() -> bool:
    """Whether the voice ships and the model that it was trained for is installed."""
    return (folder() / voice.ADAPTER).is_file() and (folder() / voice.MODES).is_file() and llm.find() is not None


def _load(config: Config) -> Callable[[], LanguageModel]:
    """The adapter fits the model that the `voice` extra installs, whichever other one answers."""
    def load() -> LanguageModel:
        return llm.load(llm.find() or Path(), config.language_model.threads, folder() / voice.ADAPTER)

    return load


def _wanting(db: Connection, spoken: nudging.Voice) -> list[Situation]:
    if spoken.mode == "roast" and spoken.humour < BOLD:
        return []
    waiting = store.stock(db, spoken.mode)
    return [s for s in nudging.sayable(spoken) if not waiting.get(s.name) and s.name not in spoken.lines]


def _candidates(
    model: LanguageModel, situation: Situation, mode: str, seed: int, deadline: float, stop: threading.Event
) -> list[str]:
    """Lines that may be heard; with another seed for every line that the cell has had."""
    made: list[str] = []

    def over() -> bool:
        return stop.is_set() or time.monotonic() > deadline

    place = SITUATIONS.index(situation)
    for turn in range(CANDIDATES):
        if over():
            break
        line = voice.write(model, situation.name, mode, situation.fills, (seed * CANDIDATES + turn) * 101 + place, over)
        if line is not None and not lines.unread_faults(line, situation.fills) and line not in made:
            made.append(line)
    return made


def _best(
    models: Models, ear: voice.Ear, situation: Situation, mode: str, made: Sequence[str], before: Sequence[str]
) -> list[str]:
    """Those that sound like the mode, and like no line of the bank nor any written before."""
    cell = voices.bank()[situation.name]
    copies = {_plain(text) for own in cell.values() for text in own}
    new = [line for line in made if _plain(line) not in copies and line not in before]
    embedder = models.embedder()
    if not new or embedder is None:
        return []
    from coach.ml import embed

    vectors = embed.embed(embedder, [*new, *cell[mode], *before])
    return [new[i] for i in voice.ranked(ear, mode, vectors[:len(new)], vectors[len(new):])]


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha() or c in "{}")
