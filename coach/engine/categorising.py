"""Categories of tasks: what they are, what a task's is, what the person said of it. Filled in by whoever does the jobs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from coach.config import shipped
from coach.core import change
from coach.core.errors import InvalidInput, NotFound, Unavailable
from coach.core.task import Task
from coach.core.when import iso
from coach.engine import category_mix, preferences, similar
from coach.engine.learning import registry, serve
from coach.store import changes, embeddings, guesses
from coach.store.db import Connection

if TYPE_CHECKING:  # numpy and ONNX Runtime: where something is categorised
    import numpy as np

    from coach.engine.models import Models
    from coach.ml.categoriser import Answer, Base, Person
    from coach.ml.embed import Embedder
    from coach.ml.serving import Net

KIND = "categoriser"
MOST_ANSWERS = 2000
"""Of the person's answers that are compared with; the latest."""
OFTEN = 10
LIST = 100
"""Pieces of a list that are read before its first answer."""
LONGEST_NAME = 40
NOTES_READ = 300
"""Letters of a task's notes that are read beside its title."""


@dataclass(slots=True, eq=False)
class Categoriser:
    """All that answers for one person now. `net` and `embedder` are None where the baseline serves; `model` names the rest."""

    base: Base
    embedder: Embedder | None
    net: Net | None
    model: str
    person: Person
    auto: float
    deep: float
    reach: float
    heard: int
    role: str
    shift: np.ndarray
    """What the person's mix of categories adds to log-probabilities (shipped,)."""


@dataclass(frozen=True, slots=True)
class Said:
    """Some texts' log-probabilities (n, shipped), vectors (n, 384) and cosines to the nearest title known (n,)."""

    log_p: np.ndarray
    vectors: np.ndarray
    nearest: np.ndarray


@cache
def categories() -> Mapping[str, str]:
    """The shipped categories' descriptions by name, in their order."""
    import tomllib

    found = tomllib.loads(shipped("data", "task_categories.toml").read_text(encoding="utf-8"))["category"]
    return {one["name"]: one["description"] for one in found}


def names(db: Connection) -> tuple[str, ...]:
    """Shipped categories, then the person's own."""
    return (*categories(), *(row["name"] for row in guesses.own(db)))


def ready(db: Connection, models: Models, now: datetime) -> Categoriser:
    """What answers now, made anew only where answers, categories or the serving version changed. Raises Unavailable where the
    categoriser's own file is missing."""
    base = models.categoriser()
    if base is None:
        raise Unavailable("the categoriser's file is missing or broken", "reinstall Coach")
    embedder = models.embedder()
    model, heard, role = version(db, models), guesses.heard(db), str(preferences.get(db, "role"))
    held: Categoriser | None = models.kept.get(KIND)
    if held is not None and (held.model, held.heard, held.role) == (model, heard, role) and held.base is base:
        return held
    import numpy as np

    from coach.ml import categoriser as ml

    served = serve.served(db, KIND, now, models.shelf)
    net = served.model.net if served.model and embedder else None

    found = Categoriser(base, embedder if net else None, net, model, ml.nobody(base), base.auto, ml.DEEP, ml.REACH, heard, role,
                        np.zeros(len(base.names)))
    _listen(db, found, models.embedder_version())
    models.kept[KIND] = found
    return found


def answers(held: Categoriser, texts: Sequence[tuple[str, str]]) -> list[Answer]:
    """For (title, notes) each."""
    return conclude(held, opinions(held, texts))


def opinions(held: Categoriser, texts: Sequence[tuple[str, str]]) -> Said:
    """Of titles, and where there are notes of both: half of what counts is then said by title and notes together. As precise as
    it is kept, so that what is said while a title is typed is what is said of the task."""
    import numpy as np

    found = _opinions(held, texts)
    log_p, vectors = (part.astype(np.float16).astype(np.float32) for part in (found.log_p, found.vectors))
    return Said(log_p, vectors, found.nearest)


def _opinions(held: Categoriser, texts: Sequence[tuple[str, str]]) -> Said:
    import numpy as np

    alone = _opinion(held, [title for title, _ in texts])
    noted = [row for row, (_, notes) in enumerate(texts) if notes.strip()]
    if not noted:
        return alone
    both = _opinion(held, [f"{texts[row][0]}. {texts[row][1][:NOTES_READ]}" for row in noted])
    log_p, vectors, nearest = alone.log_p.copy(), alone.vectors.copy(), alone.nearest.copy()
    mixed = (log_p[noted] + both.log_p) / 2
    log_p[noted] = mixed - np.log(np.exp(mixed).sum(axis=1, keepdims=True))
    vectors[noted] = joined(vectors[noted], both.vectors)
    nearest[noted] = np.maximum(nearest[noted], both.nearest)
    return Said(log_p, vectors, nearest)


def joined(title: np.ndarray, both: np.ndarray) -> np.ndarray:
    """A vector for tasks with notes, of unit length: the title's counts twice."""
    import numpy as np

    found = 2 * title + both
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def conclude(held: Categoriser, said: Said) -> list[Answer]:
    """Opinions, moved by the mix of categories in the person's list, and then their own answers."""
    import numpy as np

    from coach.ml import categoriser as ml
    from coach.ml import prior

    near_own = np.full(len(said.vectors), -1.0)
    if len(held.person.vectors) and held.net is not None:
        near_own = (said.vectors @ held.person.vectors.T).max(axis=1)
    log_p = prior.moved(said.log_p, held.shift) if held.shift.any() else said.log_p
    p = ml.with_person(held.base.prototypes, held.person, log_p, said.vectors, held.deep, held.reach)
    serves = "model" if held.net is not None else "baseline"
    nearest = np.maximum(said.nearest, near_own) if held.net is not None else said.nearest
    found = [
        ml.decide(held.base, held.person.names, row, float(near), held.auto, held.person.answers, serves)
        for row, near in zip(p, nearest, strict=True)
    ]
    if log_p is not said.log_p:
        plain = ml.with_person(held.base.prototypes, held.person, said.log_p, said.vectors, held.deep, held.reach)
        found = [_unaided(held, answer, row) for answer, row in zip(found, plain, strict=True)]
    return [_modest(held, answer, float(near)) for answer, near in zip(found, near_own, strict=True)]


def of_each(held: Categoriser, pieces: Iterable[Sequence[tuple[str, str]]]) -> Iterator[Answer]:
    """Answers for pieces of (title, notes), as they come."""
    return (answer for piece in pieces for answer in answers(held, piece))


def of_list(held: Categoriser, pieces: Iterable[Sequence[tuple[str, str]]]) -> Iterator[Answer]:
    """Answers where the pieces are one list, once its first LIST have been read: from ten titles on the list's mix of categories
    counts. What follows is a list of its own, so that memory stays flat."""
    waiting = iter(pieces)
    while said := [opinions(held, piece) for piece in islice(waiting, LIST)]:
        yield from _of_one(held, said)


def _of_one(held: Categoriser, said: Sequence[Said]) -> list[Answer]:
    import numpy as np

    every = Said(np.concatenate([s.log_p for s in said]), np.concatenate([s.vectors for s in said]),
                 np.concatenate([s.nearest for s in said]))
    if len(every.log_p) < category_mix.LEAST:
        return conclude(held, every)
    chosen = np.full(len(every.log_p), category_mix.UNTOLD)
    shift = category_mix.shift(held.base, every.log_p, chosen, held.role, held.person.answers)
    return conclude(replace(held, shift=shift), every)


def _unaided(held: Categoriser, answer: Answer, p: np.ndarray) -> Answer:
    """Nothing is filled in unasked because of the mix alone: without it (`p`) the category is certain too."""
    if answer.decision != "auto" or answer.category is None or p[held.person.names.index(answer.category)] >= held.auto:
        return answer
    return replace(answer, decision="suggest")


def _modest(held: Categoriser, answer: Answer, near_own: float) -> Answer:
    """A category of the person's own is filled in unasked only for what they said the like of, or once they chose it often:
    nothing else tells how far its confidence can be trusted."""
    name = answer.category
    if answer.decision != "auto" or name is None or name in held.base.names or near_own >= similar.SAME:
        return answer
    told = int((held.person.chosen == held.person.names.index(name)).sum())
    return answer if told >= OFTEN else replace(answer, decision="suggest")


# What the person says

def choose(db: Connection, tasks: Sequence[Task], name: str | None, now: datetime) -> str | None:
    """Make `name` the tasks' category and remember the answers, as one undoable action; None takes away what was suggested. An
    unknown name is a new category, "Band: rehearsals and gigs" one with a description. Returns the category. Raises
    InvalidInput."""
    batch: list[change.Change] = []
    chosen = None
    if name is not None:
        known = {one.casefold(): one for one in names(db)}
        wanted, _, description = (part.strip() for part in name.partition(":"))
        chosen = known.get(wanted.casefold())
        if chosen is None:
            chosen = _checked(wanted)
            batch.append(_creation(chosen, description, now))
    for task in tasks:
        guess = guesses.of(db, task.num)
        suggested = guess if guess and guess.decision != "abstain" else None
        batch.append(change.create("category_answer", str(uuid.uuid4()), {
            "task_id": task.id, "suggested": suggested.category if suggested else None,
            "confidence": suggested.confidence if suggested else None, "chosen": chosen, "at": iso(now),
        }))
        old = {"category": task.category, "category_confidence": task.category_confidence}
        batch.append(change.update("task", task.id, old, {"category": chosen, "category_confidence": None}))
    changes.apply(db, batch, now=now, label="categorise")
    return chosen


def create(db: Connection, name: str, description: str, now: datetime) -> str:
    """A category of the person's own; returns its name. Raises InvalidInput where there is one of that name."""
    wanted = _checked(name.strip())
    if wanted.casefold() in {one.casefold() for one in names(db)}:
        raise InvalidInput(f"there is a category {wanted} already", "`coach categorize --list` shows them")
    changes.apply(db, [_creation(wanted, description, now)], now=now, label="new category")
    return wanted


def remove(db: Connection, name: str, now: datetime) -> None:
    """Give a category of one's own up; tasks keep it until they are given another. Raises NotFound."""
    row = next((one for one in guesses.own(db) if one["name"].casefold() == name.strip().casefold()), None)
    if row is None:
        raise NotFound(f"there is no category of yours called {name!r}", "`coach categorize --list` shows them")
    values = {key: value for key, value in row.items() if key != "id"}
    changes.apply(db, [change.delete("task_category", row["id"], values)], now=now, label="remove category")


def feedback(db: Connection) -> list[dict[str, Any]]:
    """Every answer as plain values, oldest first, for an export: title, notes, suggested, confidence, chosen, at."""
    return [
        {"title": a.title, "notes": a.notes, "suggested": a.suggested, "confidence": a.confidence, "chosen": a.chosen, "at": a.at}
        for a in guesses.answers(db, -1)
    ]


def offered(db: Connection, tasks: Sequence[Task]) -> list[str]:
    """Every category, what is most likely for the first of these tasks on top."""
    guess = guesses.of(db, tasks[0].num) if tasks else None
    likely = [name for name, _ in guess.alternatives] if guess else []
    every = names(db)
    return [*(name for name in likely if name in every), *(name for name in every if name not in likely)]


def version(db: Connection, models: Models) -> str:
    """What answers, by name: the active version, the embedder and the rule."""
    from coach.ml.categoriser import RULE

    chosen = registry.active(db, KIND)
    return f"{chosen.number} {chosen.serves} {models.embedder_version()} {RULE}"


def vectors_of(embedder: Embedder, texts: Sequence[tuple[str, str]]) -> np.ndarray:
    """Half-precision vectors of titles, with their notes where they have some."""
    import numpy as np

    from coach.ml import embed

    vectors = embed.embed(embedder, [title for title, _ in texts]).copy()
    noted = [row for row, (_, notes) in enumerate(texts) if notes.strip()]
    if noted:
        both = embed.embed(embedder, [f"{texts[row][0]}. {texts[row][1][:NOTES_READ]}" for row in noted])
        vectors[noted] = joined(vectors[noted], both)
    return vectors.astype(np.float16)


def _opinion(held: Categoriser, texts: Sequence[str]) -> Said:
    import numpy as np

    from coach.ml import categoriser as ml
    from coach.ml import embed
    from coach.ml.baselines.categoriser import log_probabilities

    if held.net is None or held.embedder is None:
        nothing = np.zeros((len(texts), embed.DIMENSIONS), dtype=np.float32)
        log_p = log_probabilities(held.base.words, texts)
        return Said(log_p, nothing, ml.familiar(held.base, texts, np.full(len(texts), np.nan)))
    deep = embed.deep(held.embedder, texts)
    members, nearest = ml.opinions(held.base, held.net, deep, texts)
    log_p = ml.doubted(members, ml.blended(members, held.base.weights), texts)
    return Said(log_p, deep[:, : embed.DIMENSIONS], ml.familiar(held.base, texts, nearest))


def _listen(db: Connection, held: Categoriser, embedder: str) -> None:
    """Take in the person's categories and answers, and how much they should count."""
    import numpy as np

    from coach.ml import categoriser as ml
    from coach.ml import embed

    own = guesses.own(db)
    every = (*held.base.names, *(row["name"] for row in own))
    place = {name: i for i, name in enumerate(every)}
    given = guesses.answers(db, MOST_ANSWERS)
    said = {a.num: _shipped(held.base, a.chosen) for a in given}
    held.shift = category_mix.of_list(db, held.base, held.model, held.role, said, len(given))
    if held.embedder is None or not (given or own):
        nobody = ml.nobody(held.base)
        held.person = replace(nobody, names=every, own=np.zeros((len(own), embed.DIMENSIONS), dtype=np.float32))
        return
    kept = dict(embeddings.vectors(db, [a.num for a in given], embedder))
    fresh = [a for a in given if a.num not in kept]
    made = vectors_of(held.embedder, [(a.title, a.notes) for a in fresh])
    kept |= {a.num: row.tobytes() for a, row in zip(fresh, made, strict=True)}
    vectors = [np.frombuffer(kept[a.num], dtype=np.float16).astype(np.float32) for a in given]
    chosen = [place.get(a.chosen or "", -1) for a in given]
    rejected = [place.get(a.suggested or "", -1) if a.chosen != a.suggested else -1 for a in given]
    rejected = [r if r < len(held.base.names) else -1 for r in rejected]
    described = embed.embed(held.embedder, [f"{row['name']}: {row['description']}".rstrip(": ") for row in own])
    told, labels = np.array(vectors, dtype=np.float32).reshape(-1, embed.DIMENSIONS), np.array(chosen, dtype=np.int64)
    prototypes = [
        ml.prototype(words, embed.embed(held.embedder, ml.phrases(row["description"])), told[labels == place[row["name"]]])
        for words, row in zip(described, own, strict=True)
    ]
    held.person = ml.Person(
        every, told, labels, np.array(rejected, dtype=np.int64),
        np.array(prototypes, dtype=np.float32).reshape(-1, embed.DIMENSIONS), len(given),
    )
    judged = [(a.confidence, a.chosen == a.suggested) for a in given if a.suggested and a.confidence is not None]
    held.auto = ml.own_threshold(held.base, [c for c, _ in judged], [r for _, r in judged])
    held.deep, held.reach = _strength(db, held, given)


def _shipped(base: Base, name: str | None) -> int:
    """Where a category is among the shipped ones; no answer and a category of the person's own are told apart."""
    if name is None:
        return category_mix.UNTOLD
    return base.names.index(name) if name in base.names else category_mix.OTHER


def _strength(db: Connection, held: Categoriser, given: Sequence[guesses.Answer]) -> tuple[float, float]:
    """How much answers count and how far they reach, by how well each was told from those before it."""
    import numpy as np

    from coach.ml import categoriser as ml

    rows, said = [], []
    for row, answer in enumerate(given):
        guess = guesses.of(db, answer.num) if answer.chosen else None
        if guess and len(guess.said) == 2 * len(held.base.names):
            rows.append(row)
            said.append(np.frombuffer(guess.said, dtype=np.float16).astype(np.float32))
    if len(rows) < ml.ENOUGH:
        return ml.DEEP, ml.REACH
    return ml.fitted(held.base.prototypes, held.person, np.array(rows), np.stack(said))


def _creation(name: str, description: str, now: datetime) -> change.Change:
    values = {"name": name, "description": description.strip(), "created": iso(now)}
    return change.create("task_category", str(uuid.uuid4()), values)


def _checked(name: str) -> str:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"a category's name has 1 to {LONGEST_NAME} letters", "for example Band, or Client work")
    return name
