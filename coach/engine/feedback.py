"""What a person thinks of what Coach says: nudges and answers, 1 to 5. Of nudges it moves when Coach speaks and in which words
(`nudge_effects`, `core.rating`); of answers it keeps a line of tone from being said again, and Setup > Models shows which kinds
of questions are answered badly."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from coach.core.errors import InvalidInput, NotFound
from coach.core.nudge import nudge_json
from coach.engine import nudging
from coach.store import chat
from coach.store.db import Connection

LAST = "answer"
"""Names the last answer."""
POOR = 2
"""A rating of this or less."""


@dataclass(frozen=True, slots=True)
class Rated:
    """What was rated: `kind` is nudge or answer."""

    kind: str
    text: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """Ratings of the answers to one kind of question."""

    intent: str
    mean: float
    n: int


def rate(db: Connection, ref: str, rating: int) -> Rated:
    """Rate a nudge or an answer by its id, or the last answer by "answer". Raises NotFound, InvalidInput."""
    if not 1 <= rating <= 5:
        raise InvalidInput(f"a rating of {rating} is not possible", "from 1 (poor) to 5 (good)")
    if ref != LAST:
        try:
            said = nudging.rate(db, ref, rating)
            return Rated("nudge", said.text, nudge_json(said))
        except NotFound:
            pass  # it may be an answer
    found = chat.rate(db, None if ref == LAST else ref, rating)
    if found is None:
        raise NotFound(f"there is no nudge and no answer {ref!r}", "`coach nudges` shows nudges; `answer` is the last answer")
    return Rated("answer", found["text"], {"id": found["id"], "text": found["text"], "rating": rating})


def of_answers(db: Connection) -> list[Kind]:
    """Ratings by kind of question, the worst first."""
    by_intent: dict[str, list[int]] = defaultdict(list)
    for data in chat.rated(db):
        by_intent[data.get("intent") or "not understood"].append(data["rating"])
    found = [Kind(intent, sum(all_) / len(all_), len(all_)) for intent, all_ in by_intent.items()]
    return sorted(found, key=lambda kind: (kind.mean, -kind.n, kind.intent))


def poor_tones(db: Connection) -> list[str]:
    """Lines of tone under answers that were rated poor: not to be said again."""
    return [data["tone"]["text"] for data in chat.rated(db) if data["rating"] <= POOR and data.get("tone")]


def lines(db: Connection) -> list[str]:
    """For `coach models` and Setup > Models; empty while nothing was rated."""
    kinds = of_answers(db)
    if not kinds:
        return []
    n = sum(k.n for k in kinds)
    mean = sum(k.mean * k.n for k in kinds) / n
    worst = ", ".join(f"{k.intent.replace('_', ' ')} {k.mean:.1f} (n = {k.n})" for k in kinds[:3] if k.mean < 3)
    return [f"Answers were rated {mean:.1f} of 5 (n = {n})" + (f"; least liked: {worst}" if worst else "")]
