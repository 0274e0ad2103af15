"""The bank of lines (data/lines): sizes, and the pairs of one mode that say nearly the same.

    python tests/bench/lines.py [--nearest N] [--sample N]

Prints one object per mode and one for all. A line is embedded as it stands, `{task}` and all, and with made-up values in its
placeholders; `cosine_max` is the worse of the two, over the lines of the mode, and `cosine_max_cell` over those of one
situation. `pairs_above` counts what is forbidden, pairs above 0.92. `--nearest` prints the nearest pairs. Exit 1 when there is
a forbidden one.
"""

from __future__ import annotations

import argparse
import json
import random
import sys

import numpy as np

from coach.config import shipped
from coach.core.lines import MODES, fill
from coach.engine.voices import MADE_UP, bank
from coach.ml import embed

CEILING = 0.92
Line = tuple[str, str]
"""(situation, text)"""


def of(mode: str) -> list[Line]:
    return [(situation, text) for situation, cell in bank().items() for text in cell[mode]]


def cosines(embedder: embed.Embedder, lines: list[Line]) -> np.ndarray:
    """The larger cosine of each pair, raw or filled: (n, n), zero on and below the diagonal."""
    raw, filled = (embed.embed(embedder, texts) for texts in ([t for _, t in lines], [fill(t, MADE_UP) for _, t in lines]))
    return np.triu(np.maximum(raw @ raw.T, filled @ filled.T), k=1)


def nearest(found: np.ndarray, lines: list[Line], count: int) -> list[tuple[float, str, str]]:
    order = np.argsort(-found, axis=None, kind="stable")[:count]
    pairs = [divmod(int(i), len(lines)) for i in order]
    return [(round(float(found[a, b]), 3), ": ".join(lines[a]), ": ".join(lines[b])) for a, b in pairs]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nearest", type=int, default=0)
    options.add_argument("--sample", type=int, default=0)
    chosen = options.parse_args()
    embedder = embed.load(shipped("models", "embedder"))
    total = above = 0
    for mode in MODES:
        lines = of(mode)
        found = cosines(embedder, lines)
        situations = np.array([s for s, _ in lines])
        same = situations[:, None] == situations[None, :]
        too_near = int((found > CEILING).sum())
        tell(mode=mode, lines=len(lines), fewest=min(len(cell[mode]) for cell in bank().values()),
             cosine_max=round(float(found.max()), 3), cosine_max_cell=round(float(found[same].max()), 3), pairs_above=too_near)
        for cosine, one, other in nearest(found, lines, chosen.nearest):
            tell(cosine=cosine, one=one, other=other)
        total, above = total + len(lines), above + too_near
    tell(mode="all", lines=total, situations=len(bank()), pairs_above=above)
    for line in random.Random(0).sample([(m, *line) for m in MODES for line in of(m)], chosen.sample):
        tell(sample=": ".join(line))
    return int(above > 0)


def tell(**found: object) -> None:
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
