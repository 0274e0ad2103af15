"""Tasks that came or changed get their vectors, their guesses and, where those are certain, their categories. Done by whoever
does the jobs, in small pieces: `coach add` never loads a model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from coach.core import change
from coach.core.task import Task
from coach.engine import categorising, language, similar
from coach.engine.categorising import Categoriser, Said
from coach.store import changes, embeddings, guesses
from coach.store.db import Connection, transaction
from coach.store.embeddings import Words
from coach.store.guesses import Guess

if TYPE_CHECKING:
    from coach.engine.models import Models
    from coach.ml.categoriser import Answer

AT_ONCE = 64
AGAIN_AT_ONCE = 500


def fill(db: Connection, models: Models, now: datetime, budget_s: float) -> int:
    """Embed and categorise tasks that changed, for at most about that long; returns how many were looked at. Work is done in
    small transactions outside of which nothing waits."""
    until, done = time.monotonic() + budget_s, 0
    if models.embedder() is None or models.categoriser() is None:
        return 0
    held = categorising.ready(db, models, now)
    while time.monotonic() < until and (words := embeddings.missing(db, models.embedder_version(), AT_ONCE)):
        _read(db, held, models, words, now)
        done += len(words)
    held = categorising.ready(db, models, now)  # vectors of answered tasks may be new
    while time.monotonic() < until and (fresh := guesses.unseen(db, held.model, AT_ONCE)):
        meant = language.known(db).read
        said = categorising.opinions(held, [(meant(title), notes) for _, title, notes in fresh])
        _keep(db, held, [num for num, _, _ in fresh], said, now)
        done += len(fresh)
    held = categorising.ready(db, models, now)  # a list that has grown may be of another mix
    while time.monotonic() < until and (old := guesses.behind(db, held.heard, AGAIN_AT_ONCE)):
        done += _again(db, held, old, models.embedder_version(), now)
    return done


def look(db: Connection, models: Models, task: Task, now: datetime) -> Answer:
    """What is thought of one task now; of an open one kept, and filled in where it is certain, as `fill` does. Raises Unavailable
    where the categoriser's own file is missing."""
    held = categorising.ready(db, models, now)
    if task.status != "pending":
        return categorising.answers(held, [(language.known(db).read(task.title), task.notes)])[0]
    return _read(db, held, models, [Words(task.num, task.title, task.notes, True)], now)[0]


def waiting(db: Connection, models: Models) -> bool:
    """Whether `fill` has something to do; loads no model."""
    return bool(
        embeddings.missing(db, models.embedder_version(), 1) or guesses.unseen(db, categorising.version(db, models), 1)
        or guesses.behind(db, guesses.heard(db), 1)
    )


def _read(db: Connection, held: Categoriser, models: Models, words: Sequence[Words], now: datetime) -> list[Answer]:
    """Vectors of new words, and guesses on those that are not done, which it returns: both from one look by the embedder, at
    titles as the person means them."""
    import numpy as np

    meant = language.known(db).read
    texts = [(meant(w.title), w.notes) for w in words]
    said = categorising.opinions(held, texts)
    embedder = models.embedder()
    vectors = said.vectors.astype(np.float16) if held.net or embedder is None else categorising.vectors_of(embedder, texts)
    if embedder is not None:
        embeddings.put(db, models.embedder_version(), {w.num: v.tobytes() for w, v in zip(words, vectors, strict=True)})
        similar.renew(models, [w.num for w in words], vectors)
    rows = [row for row, w in enumerate(words) if w.pending]
    if not rows:
        return []
    some = Said(said.log_p[rows], said.vectors[rows], said.nearest[rows])
    return _keep(db, held, [words[row].num for row in rows], some, now)


def _keep(db: Connection, held: Categoriser, nums: Sequence[int], said: Said, now: datetime) -> list[Answer]:
    """Keep guesses, which it returns, and fill in the categories that are certain."""
    import numpy as np

    found = categorising.conclude(held, said)
    made = [
        Guess(num, held.model, a.decision, a.category, a.confidence, a.alternatives, said.log_p[row].astype(np.float16).tobytes(),
              held.heard, float(np.nan_to_num(said.nearest[row])))
        for row, (num, a) in enumerate(zip(nums, found, strict=True))
    ]
    open_to = guesses.unfilled(db, nums)
    batch = []
    for guess in made:
        if guess.num not in open_to:
            continue
        task_id, category, confidence = open_to[guess.num]
        wanted = (guess.category, round(guess.confidence, 3)) if guess.decision == "auto" else (None, None)
        if (category, confidence) != wanted:
            batch.append(change.update(
                "task", task_id, {"category": category, "category_confidence": confidence},
                {"category": wanted[0], "category_confidence": wanted[1]},
            ))
    with transaction(db):
        guesses.put(db, made)
        if batch:
            changes.apply(db, batch, now=now, label="categorise", actor="coach")
    return found


def _again(db: Connection, held: Categoriser, old: Sequence[Guess], embedder: str, now: datetime) -> int:
    """Guesses once more, after the person has said something; from what is kept of them."""
    import numpy as np

    from coach.ml import embed

    kept = dict(embeddings.vectors(db, [g.num for g in old], embedder))
    usable = [g for g in old if g.num in kept and len(g.said) == 2 * len(held.base.names)]
    for guess in old:
        if guess not in usable:  # looked at as new
            db.execute("DELETE FROM guess WHERE num = ?", (guess.num,))
    if usable:
        said = Said(
            np.stack([np.frombuffer(g.said, dtype=np.float16).astype(np.float32) for g in usable]),
            np.stack([np.frombuffer(kept[g.num], dtype=np.float16).astype(np.float32) for g in usable]).reshape(
                -1, embed.DIMENSIONS),
            np.array([g.nearest for g in usable], dtype=np.float32),
        )
        _keep(db, held, [g.num for g in usable], said, now)
    return len(old)
