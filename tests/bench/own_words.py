"""What a language model that is trusted with its own words makes of answers and of help: how many of its lines the judge refuses
and why, how many come too late, and how long they take.

    python -m tests.bench.own_words [--model FILE] [--questions 30] [--timeout 4] [--sheet]

Prints one JSON object a line, for answers said again through placeholders and for help. Without `--model` the small model that is
installed is trusted by force: the floor, and a test of the plumbing. `--sheet` prints what was shown and what was refused."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from coach.config import Config, LanguageModelConfig
from coach.core import placeholders
from coach.core.facts import FactsCard
from coach.engine import chat, coaching, tasks, voicing
from coach.engine.acting.proposal import Here
from coach.engine.models import Models
from coach.engine.voicing import Tally
from coach.ml import llm
from coach.store.db import Connection
from tests.engine import filled
from tests.engine.filled import BERLIN, NOW

HELP = ("I feel stuck", "how do I start with the report?", "motivate me", "I keep putting this off", "I am overwhelmed",
        "should I take a break?", "I can't focus", "I'm tired", "I don't know where to begin", "I can't get started")


class Watched:
    """The model, with what it wrote kept for the sheet."""

    def __init__(self, model: llm.LanguageModel) -> None:
        self.model, self.name, self.wrote = model, model.name, list[str | None]()

    def complete(self, turns: object, grammar: str, seed: int, stop: llm.Stop) -> str | None:
        said = self.model.complete(turns, grammar, seed, stop)  # type: ignore[arg-type]
        self.wrote.append(said)
        return said

    def close(self) -> None:
        self.model.close()


def store() -> Connection:
    db, _ = filled.empty_store(Path(tempfile.mkdtemp()))
    filled.fortnight(db)
    for text in ("Write the quarterly report tomorrow p1 ~2h", "Pay rent 2026-11-16", "Read 3 papers ~45m",
                 "Slides for the talk ~1h"):
        tasks.add(db, text, Config(), NOW, BERLIN)
    return db


def cards(db: Connection, models: Models, most: int) -> list[tuple[str, FactsCard]]:
    """Examples of what can be asked whose answers can be said in other words."""
    found = []
    for intent in models.intents.values():
        asked, understood = chat.read(db, intent.example, config=models.config, now=NOW, tz=BERLIN, models=models)
        card = chat._card(asked, understood, models, None)
        if card.mood is not None and placeholders.framed(card) is not None:
            found.append((intent.example, card))
    return found[:: max(1, len(found) // most)][:most]


def measured(kind: str, model: Watched, each: list[Callable[[Tally], object]], sheet: bool) -> None:
    tally, took = Tally(), []
    for ask in each:
        began = time.perf_counter()
        ask(tally)
        took.append(time.perf_counter() - began)
    refused = sum(tally.refused.values())
    judged = refused + tally.shown
    print(json.dumps({
        "kind": kind, "model": model.name, "questions": len(each), "lines": tally.asked, "shown": tally.shown,
        "spoke_share": round(tally.shown / max(1, len(each)), 3), "refused_share": round(refused / max(1, judged), 3),
        "late_or_unfinished": tally.late, "refused": dict(sorted(tally.refused.items(), key=lambda x: -x[1])),
        "median_s": round(statistics.median(took), 2), "slowest_s": round(max(took), 2),
    }), flush=True)
    if sheet:
        for line in model.wrote:
            print(json.dumps({"wrote": line}, ensure_ascii=False))
    model.wrote.clear()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", default="")
    options.add_argument("--questions", type=int, default=30)
    options.add_argument("--timeout", type=float, default=4.0)
    options.add_argument("--sheet", action="store_true")
    chosen = options.parse_args()
    config = Config(language_model=LanguageModelConfig(path=chosen.model, timeout_s=chosen.timeout, threads=1))
    model = Watched(llm.load(llm.find(chosen.model) or Path(), 1))
    models = Models(config, language_model=model, trusted=True)
    db = store()

    def retold(question: str, card: FactsCard) -> Callable[[Tally], object]:
        frame = placeholders.framed(card)
        assert frame is not None
        turns = voicing._retelling(frame, "neutral")
        return lambda tally: voicing.spoken(
            models, frame, turns, time.monotonic() + chosen.timeout, voicing.seed_of(question), None, tally)

    def helped(question: str) -> Callable[[Tally], object]:
        found = coaching.answer(Here(db, config, NOW, BERLIN), question, None)
        frame = placeholders.framed(found.card, free=True) if found else None
        assert found is not None
        assert frame is not None
        turns = coaching.prompt(found, frame, question, "neutral")
        return lambda tally: voicing.spoken(
            models, frame, turns, time.monotonic() + chosen.timeout, voicing.seed_of(question), None, tally)

    measured("answers", model, [retold(*one) for one in cards(db, models, chosen.questions)], chosen.sheet)
    measured("help", model, [helped(q) for q in HELP], chosen.sheet)
    models.close()
    db.close()


if __name__ == "__main__":
    main()
