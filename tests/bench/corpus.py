"""The corpus of task titles (data/task_titles): sizes, variety, pairs that are too alike, and titles whose neighbours disagree.

    python tests/bench/corpus.py [--doubtful N] [--sample N]

Prints one object per class and one for all. `pairs_above` lists what the datasheet forbids: two titles of one class with a
cosine above 0.92 under the shipped embedder. `distinct_words` is the share of different words among all words, `first_words`
the number of different first words, `commonest_first` the share of the commonest one. `neighbours_agree` is how often the
similarity-weighted vote of a title's ten nearest others names its own class; the floor is the share of the largest class.
`--doubtful` prints the titles that are voted away most clearly, to be read by a person. Exit 1 when a rule is broken.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass

import numpy as np

from coach.config import shipped
from coach.ml import embed

CEILING = 0.92
LEAST = 420
NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Corpus:
    titles: list[str]
    labels: np.ndarray  # (n,), indices into classes
    classes: list[str]


def read() -> Corpus:
    classes = [c["name"] for c in tomllib.loads(shipped("data", "task_categories.toml").read_text(encoding="utf-8"))["category"]]
    titles: list[str] = []
    labels: list[int] = []
    for index, name in enumerate(classes):
        lines = shipped("data", "task_titles", f"{name.lower()}.txt").read_text(encoding="utf-8").splitlines()
        titles += lines
        labels += [index] * len(lines)
    return Corpus(titles, np.array(labels), classes)


def folded(title: str) -> str:
    return " ".join(title.split()).casefold()


def tell(found: dict[str, object]) -> None:
    print(json.dumps(found, ensure_ascii=False))


def alike(titles: list[str], vectors: np.ndarray) -> list[tuple[float, str, str]]:
    """Pairs above the ceiling, the most alike first."""
    cosines = np.triu(vectors @ vectors.T, k=1)
    rows, columns = np.nonzero(cosines > CEILING)
    pairs = [(round(float(cosines[r, c]), 3), titles[r], titles[c]) for r, c in zip(rows, columns, strict=True)]
    return sorted(pairs, reverse=True)


def variety(titles: list[str]) -> dict[str, object]:
    words = [folded(t).split() for t in titles]
    lengths = [len(w) for w in words]
    first = Counter(w[0] for w in words)
    flat = [w for line in words for w in line]
    return {
        "words_median": float(np.median(lengths)), "words_max": max(lengths), "one_word": sum(n == 1 for n in lengths),
        "distinct_words": round(len(set(flat)) / len(flat), 3), "first_words": len(first),
        "commonest_first": [first.most_common(1)[0][0], round(first.most_common(1)[0][1] / len(titles), 3)],
        "lower_case": round(sum(t[0].islower() for t in titles) / len(titles), 2),
    }


def votes(corpus: Corpus, vectors: np.ndarray) -> np.ndarray:
    """(n, classes): each title's share of similarity per class among its nearest others."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    nearest = np.argpartition(-cosines, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    weights = np.exp(10 * np.take_along_axis(cosines, nearest, axis=1))
    shares = np.zeros((len(corpus.titles), len(corpus.classes)))
    for column in range(NEIGHBOURS):
        np.add.at(shares, (np.arange(len(shares)), corpus.labels[nearest[:, column]]), weights[:, column])
    return shares / shares.sum(axis=1, keepdims=True)


def doubtful(corpus: Corpus, shares: np.ndarray, count: int) -> None:
    own = shares[np.arange(len(shares)), corpus.labels]
    for row in np.argsort(own - shares.max(axis=1))[:count]:
        tell({"title": corpus.titles[row], "class": corpus.classes[corpus.labels[row]], "own": round(own[row], 2),
              "voted": corpus.classes[shares[row].argmax()], "share": round(shares[row].max(), 2)})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--doubtful", type=int, default=0, metavar="N")
    options.add_argument("--sample", type=int, default=0, metavar="N", help="random titles with their classes")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    corpus = read()
    vectors = embed.embed(embed.load(shipped("models", "embedder")), corpus.titles)
    shares = votes(corpus, vectors)
    broken = False
    for index, name in enumerate(corpus.classes):
        rows = np.flatnonzero(corpus.labels == index)
        titles = [corpus.titles[r] for r in rows]
        pairs = alike(titles, vectors[rows])
        broken |= bool(pairs) or len(rows) < LEAST
        tell({"class": name, "titles": len(rows), **variety(titles), "pairs_above": pairs,
              "neighbours_agree": round(float((shares[rows].argmax(axis=1) == index).mean()), 3)})
    twice = [t for t, n in Counter(map(folded, corpus.titles)).items() if n > 1]
    tell({"bench": "corpus", "titles": len(corpus.titles), **variety(corpus.titles), "twice": twice,
          "neighbours_agree": round(float((shares.argmax(axis=1) == corpus.labels).mean()), 3),
          "floor": round(float(np.bincount(corpus.labels).max() / len(corpus.labels)), 3)})
    doubtful(corpus, shares, given.doubtful)
    for row in random.Random(given.seed).sample(range(len(corpus.titles)), given.sample):
        print(f"{corpus.classes[corpus.labels[row]]:<14} {corpus.titles[row]}")
    sys.exit(int(broken or bool(twice)))


if __name__ == "__main__":
    main()
