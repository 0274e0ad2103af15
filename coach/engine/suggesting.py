"""What Coach makes of a title while it is typed: its short forms, its category, how long it will take, and tasks like it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from coach.core.errors import Unavailable
from coach.core.language import Expansion
from coach.core.task import Draft
from coach.engine import categorising, category_words, estimating, language, similar
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
    """`category` is None where the categoriser is missing. `reading` is the title with its short forms in full, empty where it
    has none; `offers` are what could be meant besides. `length` is how long it will take, as a range in words, empty where
    nothing of the person's own says it."""

    category: Answer | None
    like: tuple[Similar, ...] = ()
    reading: str = ""
    offers: tuple[Expansion, ...] = ()
    length: str = ""
    project: str = ""
    """Where it goes by a word of it, empty where it names one itself or no word says so."""

    def parts(self) -> tuple[str, ...]:
        """How it is read, its project by a word of it, the category with how sure it is, how long it will take, then the tasks
        like it and how long those took."""
        said = self.category
        found = [f"read as “{self.reading}”"] if self.reading else []
        found += [f"goes to #{self.project}"] if self.project else []
        if said is not None and (words := category_words.said(said.category, said.confidence, said.decision)):
            found.append(words)
        found += [self.length] if self.length else []
        for one in self.like:
            what = "the same as" if one.same else "like"
            took = f", took {minutes(one.actual_min)}" if one.actual_min else ""
            done = " (done)" if one.status == "completed" and not took else ""
            found.append(f"{what} {one.num} “{' '.join(one.title.split())}”{took}{done}")
        return tuple(found)


def hint(db: Connection, models: Models, draft: Draft, now: datetime) -> Hint | None:
    """None for a few letters. A few tens of milliseconds once the models are loaded. The title is understood with its short forms
    in full; it stays as it is typed."""
    title = draft.title
    if len(title.strip()) < LEAST_LETTERS:
        return None
    meant = language.known(db).read(title)
    said = Hint(
        None, reading="" if meant == title else meant, offers=language.offers(db, title, draft.project),
        length=estimating.of(db, [replace(draft, title=meant)], models.config, now, models.shelf, models)[0].short(),
        project="" if draft.project else language.placed(db, draft).project or "",
    )
    try:
        held = categorising.ready(db, models, now)
    except Unavailable:
        return said if said.parts() or said.offers else None
    opinion = categorising.opinions(held, [(meant, draft.notes)])
    like = similar.near(db, models, meant, opinion.vectors[0], SHOWN) if held.net is not None else []
    return replace(said, category=categorising.conclude(held, opinion)[0], like=tuple(like))
