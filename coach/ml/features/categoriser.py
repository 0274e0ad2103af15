"""What the categoriser sees of a task's words beside their embedding: words, pairs of words and pieces of words, hashed."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

WORD_BUCKETS = 1 << 14
PIECE_BUCKETS = 1 << 15
BUCKETS = WORD_BUCKETS + PIECE_BUCKETS
PIECES = range(2, 6)
"""Lengths in letters, within words and their edges."""
LONGEST = 400
"""Letters of a text that are read: pasted notes cost no more than a long title."""

VAGUE = frozenset(
    "a about after again all also an and any anything around as asap at away back be before big bit both by do doing done down "
    "everything few finally first for from get getting go going got handle have her here hers him his how i if in into is it its "
    "item issue job just keep last later least less little look lot make maybe me mine more most move my new next no not now of "
    "off old on once one ones or other others our out over part problem put rest same set small some something soon sort "
    "start still stuff take task that the their them then there these they thing things think this those through to today "
    "together todo tomorrow tonight too try until up us usual we week what when where which who why with wrap yet you "
    "your continue deal finish"
    .split())
"""Words that stand in titles of any category and tell none: with nothing but these a title says nothing."""
KIN = frozenset(
    "aunt auntie boyfriend bro brother cousin cousins dad daddy daughter family father friend friends girlfriend gran grandad "
    "granddad grandfather grandma grandmother grandpa grandparents granny husband kids mama mom mother mum mummy nan nana nephew "
    "niece papa parents partner sis sister son uncle wife"
    .split())
CONTACT = frozenset(
    "ask call chat contact email facetime invite mail meet message msg phone ping reply ring see skype speak talk tell text "
    "thank visit whatsapp write"
    .split())


def says_something(text: str) -> bool:
    """Whether a text has a word beside VAGUE ones and numbers."""
    return any(word not in VAGUE and word.strip("0'&") for word in _words(text))


def of_family(text: str) -> bool:
    """Whether a text names somebody close and at most that one gets in touch: "call mum" may be about health or money."""
    left = {word for word in _words(text) if word not in VAGUE and word.strip("0'&")}
    return bool(left & KIN) and left <= KIN | CONTACT


def grams(text: str) -> tuple[list[int], list[int]]:
    """(words and pairs of them, pieces of words) as bucket numbers, each bucket once; CRC-32 is the same on every machine."""
    words = _words(text)
    whole = [*words, *(" ".join(pair) for pair in pairwise(words))]
    padded = [f" {word} " for word in words]
    pieces = {w[i : i + n] for w in padded for n in PIECES for i in range(len(w) - n + 1)}
    return (
        list({zlib.crc32(w.encode()) % WORD_BUCKETS for w in whole}),
        list({WORD_BUCKETS + zlib.crc32(p.encode()) % PIECE_BUCKETS for p in pieces}),
    )


def words_known(texts: Sequence[str]) -> np.ndarray:
    """CRC-32 of every word in these texts, sorted, uint32."""
    import numpy as np

    return np.array(sorted({zlib.crc32(word.encode()) for text in texts for word in _words(text)}), dtype=np.uint32)


def any_known(text: str, known: np.ndarray) -> bool:
    """Whether a word of the text is among `words_known`; false where there is no word."""
    import numpy as np

    asked = np.array([zlib.crc32(word.encode()) for word in _words(text)], dtype=np.uint32)
    return bool(len(asked)) and bool(np.isin(asked, known).any())


def sparse(texts: Sequence[str], idf: np.ndarray) -> Any:
    """SciPy CSR (n, BUCKETS) for training: `idf` (BUCKETS,) weights, words and pieces each of unit length."""
    import numpy as np
    from scipy.sparse import csr_matrix  # scikit-learn's own; where something is fitted

    values, columns, starts = [], [], [0]
    for text in texts:
        row, weights = weighted(text, idf)
        columns.append(row)
        values.append(weights)
        starts.append(starts[-1] + len(row))
    return csr_matrix((np.concatenate(values), np.concatenate(columns), starts), shape=(len(texts), BUCKETS))


def weighted(text: str, idf: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(bucket numbers, TF-IDF weights) of one text; both empty where it has no word."""
    import numpy as np

    groups = [np.array(found, dtype=np.int64) for found in grams(text)]
    weights = []
    for group in groups:
        own = idf[group].astype(np.float32)
        length = float(np.sqrt((own * own).sum()))
        weights.append(own / length if length else own)
    return np.concatenate(groups), np.concatenate(weights)


def inverse_frequency(texts: Sequence[str]) -> np.ndarray:
    """Smoothed log of in how few of the texts a bucket is filled, float32 (BUCKETS,), as scikit-learn's TfidfTransformer."""
    import numpy as np

    filled = np.zeros(BUCKETS)
    for text in texts:
        for group in grams(text):
            filled[group] += 1
    found: np.ndarray = (np.log((1 + len(texts)) / (1 + filled)) + 1).astype(np.float32)
    return found


def _words(text: str) -> list[str]:
    """Letters and digits together; digits become 0, so that no number is learnt by heart."""
    folded = text[:LONGEST].casefold()
    plain = "".join("0" if c.isdigit() else c if c.isalnum() or c in "'&" else " " for c in folded)
    return plain.split()
