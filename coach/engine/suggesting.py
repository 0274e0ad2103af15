"""What Coach makes of a title while it is typed: its category, and tasks like it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from coach.core.errors import Unavailable
from coach.engine import categorising, similar
from coach.engine.models import Models
from coach.engine.similar import Similar
from coach.engine.task_view import minutes
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.ml.categoriser import Answer

LEAST_LETTERS = 3
SHOWN = 2


@dataclass(frozen=True, slots=True)
class Hint:
    category: Answer
    like: tuple[Similar, ...]

    def parts(self) -> tuple[str, ...]:
        """The category with how sure it is, then the tasks like it and how long those took."""
        said = self.category
        found = [] if said.decision == "abstain" else [categorising.words(said.category or "", said.confidence)]
        for one in self.like:
            what = "the same as" if one.same else "like"
            took = f", took {minutes(one.actual_min)}" if one.actual_min else ""
            done = " (done)" if one.status == "completed" and not took else ""
            found.append(f"{what} {one.num} “{' '.join(one.title.split())}”{took}{done}")
        return tuple(found)


def hint(db: Connection, models: Models, title: str, notes: str, now: datetime) -> Hint | None:
    """None for a few letters, and where the categoriser is missing. A few milliseconds once the models are loaded."""
    if len(title.strip()) < LEAST_LETTERS:
        return None
    try:
        held = categorising.ready(db, models, now)
    except Unavailable:
        return None
    said = categorising.opinions(held, [(title, notes)])
    like = similar.near(db, models, said.vectors[0], SHOWN) if held.net is not None else []
    return Hint(categorising.conclude(held, said)[0], tuple(like))

