"""Which category is this task? Four opinions blended, then what the person has said of titles like it.

The opinions on the shipped categories: a dense head on the embedder's layers, a linear model over words and pieces of words, the
nearest titles of the corpus, and prototypes (a category's description with its titles). Their log-linear blend

    p(k) ~ product of p_m(k) ** weight_m

has weights fitted by log-loss on titles that the members had not seen; their sum is the inverse temperature. A category of the
person's own takes the share that its prototype (its name and description with its titles) has among all prototypes. Then the
person's answers are pseudo-counts, each weighing DEEP * exp(REACH * (cosine - 1)) where it is that near; a rejected category
keeps (1 - exp(REACH * (cosine - 1)))^2 of its probability. So three answers make a category of one's own usable, and one answer
settles its repetition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from coach.core.errors import Unavailable
from coach.ml import serving
from coach.ml.baselines.categoriser import Words, log_probabilities
from coach.ml.embed import DIMENSIONS
from coach.ml.features.categoriser import any_known, of_family, says_something

if TYPE_CHECKING:
    import numpy as np

Decision: TypeAlias = Literal["auto", "suggest", "abstain"]

_BETWEEN = re.compile(r"[,;:]|\band\b")
BASE = "base.npz"
MEMBERS = ("head", "words", "neighbours", "prototypes")
VOICES, NEIGHBOURS = 3, MEMBERS.index("neighbours")
"""The first of the members have a say in whether they are of one mind; prototypes are for categories without titles."""
NEAREST = 30
SHARPNESS = 12.0
"""Of neighbours' votes: exp(12 cosine)."""
PROTOTYPE_SHARPNESS = 15.0
FLOOR = 0.05
"""Share of the neighbours' vote that all categories have alike."""
DEEP, REACH = 12.0, 7.0
"""Weight of an answer about the very same words, and how fast it falls with distance; `categoriser.held_out` in the card."""
DEPTHS, REACHES = (3.0, 12.0, 40.0), (5.0, 7.0, 10.0)
ENOUGH = 20
"""Answers from which on depth and reach are the person's own."""
MOST_REPLAYED = 100
OWN_JUDGES = 20
"""Held-out titles that one of the person's answers counts for when the threshold is taken anew."""
DESCRIPTION, PHRASE = 1.0, 0.5
"""Titles that an own category's name with its description, and each phrase of that description by itself, count for in its
prototype: "rehearsals and gigs" is nearer to titles in pieces than as a whole."""
MOST_PHRASES = 32
OWN_DOUBT = 1.2
"""Times the entropy of the blend in nats, added to the logits of own prototypes: where the shipped categories are of one mind an
own one takes little, where they are not it takes what is near. Shipped categories taken out one at a time are then found again
at a cost of two points for the others (`held_out` in the card)."""
OWN_NEAR = (0.1, 0.3)
"""Cosines to an own prototype below which it takes nothing and above which its whole share: a title far from all is no reason."""
NEAR = 0.6
RULE = 2
"""Number of the rule by which opinions are made; what an earlier one said of open tasks is said anew."""
MOST = 0.5
"""Share of the neighbours' vote that a category needs before its confidence is taken as it is."""
DOUBT = 0.15
"""Share that all categories have alike where MEMBERS do not agree, or a title only says who is got in touch with. By log-loss on
strangers' titles of which head, words and neighbours are not of one mind (the training part of todo-task; 0 to 0.4 were tried):
the blend's weights are fitted on titles of the corpus, and on others it is surer than it is right."""
CERTAIN, ON_CORPUS = 0.95, 0.97
"""Precision that a category filled in without asking must have; and on held-out titles of the corpus, whose authors wrote the
others too: strangers' titles are harder."""


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """What ships. `vectors` (n, 384) int8 with `scale` are the corpus, `labels` (n,); `prototypes` (k, 384); `weights` (4,) of
    MEMBERS; `scores` and `right` (n,) are held-out answers, from which thresholds are taken."""

    names: tuple[str, ...]
    words: Words
    vectors: np.ndarray
    scale: float
    labels: np.ndarray
    prototypes: np.ndarray
    weights: np.ndarray
    auto: float
    floor: float
    far: float
    scores: np.ndarray
    right: np.ndarray
    vocabulary: np.ndarray
    """The corpus's words (`features.words_known`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """What someone has said: `vectors` (m, 384) of the titles, `chosen` and `rejected` (m,) indices into `names`, -1 for none.
    `names` are the shipped categories and then their own."""

    names: tuple[str, ...]
    vectors: np.ndarray
    chosen: np.ndarray
    rejected: np.ndarray
    own: np.ndarray
    """Prototypes (own, 384) of the person's categories."""
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """`confidence` is the category's probability; `n` the answers of the person it rests on; `serving` model or baseline."""

    category: str | None
    confidence: float
    decision: Decision
    alternatives: tuple[tuple[str, float], ...] = field(default=())
    n: int = 0
    serving: str = "model"

    def document(self) -> dict[str, Any]:
        return {
            "category": self.category, "confidence": round(self.confidence, 4), "decision": self.decision,
            "alternatives": [{"category": name, "confidence": round(p, 4)} for name, p in self.alternatives],
            "n": self.n, "serving": self.serving,
        }


def load(folder: Path) -> Base:
    """Raises Unavailable when the file is missing or broken."""
    import numpy as np  # with the model only

    try:
        with np.load(folder / BASE, allow_pickle=False) as kept:
            return Base(
                tuple(str(name) for name in kept["names"]),
                Words(kept["idf"].astype(np.float32), kept["word_weight"], kept["word_bias"]), kept["vectors"],
                float(kept["scale"]), kept["labels"].astype(np.int64), kept["prototypes"].astype(np.float32), kept["weights"],
                float(kept["auto"]), float(kept["floor"]), float(kept["far"]), kept["scores"].astype(np.float32), kept["right"],
                kept["vocabulary"],
            )
    except (OSError, ValueError, KeyError) as error:
        raise Unavailable(f"the categoriser in {folder} cannot be loaded", "reinstall Coach") from error


def opinions(base: Base, net: serving.Net, deep: np.ndarray, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(log-probabilities (members, n, k), cosine to the nearest title of the corpus (n,)). `deep` is `embed.deep(texts)`."""
    import numpy as np

    vectors = deep[:, : DIMENSIONS]
    similar = cosines(base, vectors)
    head = serving.run(net, vectors=deep)["logits"]
    members = (
        head - _logsum(head), log_probabilities(base.words, texts), voted(similar, base.labels, len(base.names)),
        likeness(base.prototypes, vectors),
    )
    return np.stack(members), similar.max(axis=1)


def familiar(base: Base, texts: Sequence[str], nearest: np.ndarray) -> np.ndarray:
    """`nearest` (n,), -1 where a title says nothing ("sort the thing out"), or has no word that the corpus knows and is not NEAR
    any of its titles either: the blend has an opinion on everything, even on what nobody could have one on. Signs alone are near
    each other because they say nothing."""
    import numpy as np

    strange = [
        not says_something(text) or (not any_known(text, base.vocabulary) and not near >= NEAR)
        for text, near in zip(texts, nearest, strict=True)
    ]
    return np.where(strange, -1.0, nearest)


def cosines(base: Base, vectors: np.ndarray) -> np.ndarray:
    """To every title of the corpus, (n, corpus); in pieces, so that the float copy stays small."""
    import numpy as np

    piece = 1024
    return np.concatenate(
        [vectors @ (base.vectors[at : at + piece].T.astype(np.float32) * base.scale)
         for at in range(0, len(base.vectors), piece)], axis=1,
    )


def voted(similar: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Log-probabilities (n, classes) by the votes of the NEAREST titles."""
    import numpy as np

    count = min(NEAREST, similar.shape[1])
    nearest = np.argpartition(-similar, count - 1, axis=1)[:, :count]
    weights = np.exp(SHARPNESS * (np.take_along_axis(similar, nearest, axis=1) - 1))
    shares = np.zeros((len(similar), classes), dtype=np.float32)
    for column in range(count):
        np.add.at(shares, (np.arange(len(shares)), labels[nearest[:, column]]), weights[:, column])
    shares /= shares.sum(axis=1, keepdims=True)
    found: np.ndarray = np.log((1 - FLOOR) * shares + FLOOR / classes)
    return found


def likeness(prototypes: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Log-probabilities (n, k) by the cosine to each category's prototype."""
    logits = PROTOTYPE_SHARPNESS * (vectors @ prototypes.T)
    found: np.ndarray = logits - _logsum(logits)
    return found


def blended(members: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(members, n, k) log-probabilities to one (n, k)."""
    import numpy as np

    logits = np.tensordot(weights, members, axes=1)
    found: np.ndarray = logits - _logsum(logits)
    return found


def doubted(members: np.ndarray, log_p: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """`log_p` (n, k) with DOUBT where `members` (members, n, k) are not of one mind, for which head, words and neighbours put the
    same first and the neighbours give it MOST of their vote; and where a title only says who is got in touch with. What says
    nothing is as likely one thing as another."""
    import numpy as np

    top, rows = log_p.argmax(axis=1), np.arange(len(log_p))
    agreed = (members[:VOICES].argmax(axis=2) == top).all(axis=0) & (members[NEIGHBOURS, rows, top] > np.log(MOST))
    doubt = np.where(agreed & ~np.array([of_family(text) for text in texts], dtype=bool), 0.0, DOUBT)
    doubt[[not says_something(text) for text in texts]] = 1.0
    found: np.ndarray = np.log((1 - doubt[:, None]) * np.exp(log_p) + doubt[:, None] / log_p.shape[1])
    return found


def with_person(
    prototypes: np.ndarray, person: Person, log_p: np.ndarray, vectors: np.ndarray, deep: float = DEEP, reach: float = REACH
) -> np.ndarray:
    """Probabilities (n, all names): the blend (n, k), shared with own categories, with the person's answers as pseudo-counts.
    `prototypes` (k, 384) are the shipped ones."""
    import numpy as np

    shipped = np.zeros((len(log_p), len(person.names)))
    shipped[:, : log_p.shape[1]] = np.exp(log_p)
    if len(person.own):
        taken = owned(prototypes, person.own, log_p, vectors)
        shipped *= 1 - taken.sum(axis=1, keepdims=True)
        shipped[:, log_p.shape[1] :] = taken
    if not len(person.vectors):
        return shipped
    near = np.exp(reach * (vectors @ person.vectors.T - 1))  # (n, m)
    for row, rejected in enumerate(person.rejected):
        if rejected >= 0:
            shipped[:, rejected] *= (1 - np.minimum(near[:, row], 0.9999)) ** 2
    shipped /= shipped.sum(axis=1, keepdims=True)
    counts = np.zeros_like(shipped)
    for row, chosen in enumerate(person.chosen):
        if chosen >= 0:
            counts[:, chosen] += deep * near[:, row]
    total = shipped + counts
    found: np.ndarray = total / total.sum(axis=1, keepdims=True)
    return found


def owned(prototypes: np.ndarray, own: np.ndarray, log_p: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The share (n, own) of each own prototype among all, larger where the blend `log_p` (n, k) is undecided."""
    import numpy as np

    far, near = OWN_NEAR
    logits = PROTOTYPE_SHARPNESS * (vectors @ np.concatenate([prototypes, own]).T)
    doubt = -(np.exp(log_p) * np.maximum(log_p, -1e3)).sum(axis=1, keepdims=True)
    logits[:, len(prototypes) :] += OWN_DOUBT * doubt
    shares = np.exp(logits - _logsum(logits))[:, len(prototypes) :]
    found: np.ndarray = shares * np.clip((vectors @ own.T - far) / (near - far), 0, 1)
    return found


def phrases(description: str) -> list[str]:
    """What a description names between commas, colons and "and"."""
    found = [part.strip(" .\n") for part in _BETWEEN.split(description)]
    return [part for part in found if part][:MOST_PHRASES]


def prototype(described: np.ndarray, named: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Of an own category: the vectors of its description (384,), of its phrases (p, 384) and of its titles (n, 384)."""
    import numpy as np

    found = DESCRIPTION * described + PHRASE * named.sum(axis=0) + told.sum(axis=0)
    return np.asarray(found / np.linalg.norm(found), dtype=np.float32)


def fitted(prototypes: np.ndarray, person: Person, rows: np.ndarray, log_p: np.ndarray) -> tuple[float, float]:
    """(deep, reach) of least prequential log-loss among DEPTHS and REACHES: each of the person's answers `rows` (r,), whose
    titles' blend is `log_p` (r, shipped), told from those before it."""
    import numpy as np

    rows = rows[-MOST_REPLAYED:]
    log_p = log_p[-len(rows):]
    losses = {}
    for deep in DEPTHS:
        for reach in REACHES:
            total = 0.0
            for at, row in enumerate(rows):
                before = Person(person.names, person.vectors[:row], person.chosen[:row], person.rejected[:row], person.own)
                p = with_person(prototypes, before, log_p[at : at + 1], person.vectors[row : row + 1], deep, reach)[0]
                total -= float(np.log(max(p[person.chosen[row]], 1e-4)))
            losses[deep, reach] = total
    return min(losses, key=lambda pair: losses[pair])


def nobody(base: Base) -> Person:
    """Someone who has not said anything yet."""
    import numpy as np

    none = np.empty(0, dtype=np.int64)
    return Person(base.names, no_vectors(), none, none, no_vectors())


def no_vectors() -> np.ndarray:
    import numpy as np

    return np.empty((0, DIMENSIONS), dtype=np.float32)


def decide(base: Base, names: Sequence[str], p: np.ndarray, nearest: float, auto: float, n: int, serves: str) -> Answer:
    """The answer for probabilities (all names,). `nearest` is the highest cosine to anything known, NaN without an embedder."""
    best = p.argsort()[::-1][:3]
    top = float(p[best[0]])
    decision: Decision = "auto" if top >= auto else "suggest"
    if top < base.floor or nearest < base.far:
        decision = "abstain"
    alternatives = tuple((names[i], float(p[i])) for i in best)
    return Answer(names[best[0]] if decision != "abstain" else None, top, decision, alternatives, n, serves)


def threshold(scores: np.ndarray, right: np.ndarray, precision: float = CERTAIN) -> float:
    """The lowest confidence from which on answers are right with that precision: conformal risk control (Angelopoulos et al.
    2022), which counts one error more than there was. 2.0, which nothing reaches, where there is none."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    wrong = np.cumsum(~right[order].astype(bool))
    size = np.arange(1, len(order) + 1)
    fine = np.flatnonzero((wrong + 1) / (size + 1) <= 1 - precision)
    return float(scores[order][fine[-1]]) if len(fine) else 2.0


def own_threshold(base: Base, scores: Sequence[float], right: Sequence[bool]) -> float:
    """The threshold taken anew with the person's answers to suggestions among the held-out ones, from ENOUGH of them on; never
    below half of the shipped one."""
    import numpy as np

    if len(scores) < ENOUGH:
        return base.auto
    mine = np.repeat(np.array(scores, dtype=np.float32), OWN_JUDGES)
    judged = np.repeat(np.array(right, dtype=bool), OWN_JUDGES)
    found = threshold(np.concatenate([base.scores, mine]), np.concatenate([base.right, judged]), ON_CORPUS)
    return max(found, base.auto / 2)


def document(base: Base) -> Mapping[str, Any]:
    """What `load` reads, for numpy.savez."""
    import numpy as np

    return {
        "names": np.array(base.names), "idf": base.words.idf.astype(np.float16), "word_weight": base.words.weight,
        "word_bias": base.words.bias, "vectors": base.vectors, "scale": np.float32(base.scale),
        "labels": base.labels.astype(np.uint8), "prototypes": base.prototypes.astype(np.float16), "weights": base.weights,
        "auto": np.float32(base.auto), "floor": np.float32(base.floor), "far": np.float32(base.far),
        "scores": base.scores.astype(np.float16), "right": base.right,
        "vocabulary": base.vocabulary,
    }


def _logsum(logits: np.ndarray) -> np.ndarray:
    import numpy as np

    top = logits.max(axis=1, keepdims=True)
    found: np.ndarray = top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    return found
