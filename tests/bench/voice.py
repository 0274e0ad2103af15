"""Lines that the trained voice writes, over all situations and modes: how many the filter refuses and why, how many are new.

    python tests/bench/voice.py [--lines N] [--of N] [--adapter FILE|none] [--made FILE] [--sheet FILE] [--blind FOLDER]

Prints one JSON object. `plain` is about the first `--lines` lines: what was refused and why (`core/lines.unread_faults`, or the
line is the bank's), `accepted` as a share; of those `digits` and `forbidden`, which must be 0; `distinct`; `alike`, those within
the bank's own bound of a line of their cell; `mode_recovered`, how often a logistic head on MiniLM vectors, taught by the bank,
names the mode that was asked for, beside its five-fold figure on the bank itself. `ranked` is about `--lines` lines chosen from
`--of` times as many as `coach.ml.voice.ranked` does; since the head that ranks would agree with itself, the second share there is
of lines that a head taught by one half of the bank chose, as a head taught by the other half hears them.

`--made FILE` keeps what was written, and goes on from it. `--sheet FILE` is for a reader: 60 of the ranked lines.
`--blind FOLDER` mixes 60 of them with 60 of the bank, from the same cells, into blind.md; key.json tells them apart afterwards.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from coach.config import shipped
from coach.core.decency import objections
from coach.core.lines import MODES, unread_faults
from coach.core.situations import SITUATIONS
from coach.engine.voices import bank
from coach.ml import embed, llm, voice
from coach.ml.train.voice import STRENGTH

Cell = tuple[str, str]
READ = 60
FILLS = {s.name: s.fills for s in SITUATIONS}


class Made(NamedTuple):
    situation: str
    mode: str
    line: str | None
    seconds: float


def written(adapter: Path | None, count: int, kept: Path | None) -> list[Made]:
    """`count` lines, cell after cell in a random order; those in `kept` are not written again."""
    cells = [(s, mode) for s in SITUATIONS for mode in MODES]
    random.Random(0).shuffle(cells)
    made = [Made(*json.loads(row)) for row in kept.read_text().splitlines()] if kept and kept.exists() else []
    if len(made) < count:
        model = llm.load(llm.find() or Path(), 1, adapter)
        for turn in range(len(made), count):
            situation, mode = cells[turn % len(cells)]
            began = time.perf_counter()
            line = voice.write(model, situation.name, mode, situation.fills, turn)
            made.append(Made(situation.name, mode, line, round(time.perf_counter() - began, 3)))
        model.close()
    if kept:
        kept.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in made))
    return made[:count]


def plain(line: str) -> str:
    return "".join(c for c in line.lower() if c.isalpha() or c in "{}")


COPIES = {plain(text) for cell in bank().values() for lines in cell.values() for text in lines}


def judged(one: Made) -> str:
    """Why it is refused; "" where it may be heard."""
    if one.line is None:
        return "no end"
    if plain(one.line) in COPIES:
        return "a line of the bank"
    found = unread_faults(one.line, FILLS[one.situation])
    if not found:
        return ""
    if objections(one.line):
        return "forbidden: " + objections(one.line)[0].split(": ")[-1]
    return found[0].split(":")[0].split(";")[0].replace("{", "").replace("}", "")


@cache
def vector(line: str) -> np.ndarray:
    found: np.ndarray = embed.embed(_embedder(), [line])[0]
    return found


@cache
def _embedder() -> embed.Embedder:
    return embed.load(shipped("models", "embedder"))


def vectors(lines: list[str]) -> np.ndarray:
    return np.array([vector(line) for line in lines]).reshape(len(lines), embed.DIMENSIONS)


KNOWN = [(mode, text) for cell in bank().values() for mode, lines in cell.items() for text in lines]


def head(known: list[tuple[str, str]]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=1000).fit(vectors([text for _, text in known]), [mode for mode, _ in known])


def ear(known: list[tuple[str, str]]) -> voice.Ear:
    fitted = head(known)
    return voice.Ear(tuple(fitted.classes_), fitted.coef_, fitted.intercept_)


def chosen(ear: voice.Ear, accepted: list[Made], count: int) -> list[Made]:
    """The best of every cell, then the second best, up to `count`."""
    places: list[tuple[int, int, Made]] = []
    for number, (situation, mode) in enumerate((s.name, m) for s in SITUATIONS for m in MODES):
        own = [one for one in accepted if (one.situation, one.mode) == (situation, mode)]
        known = vectors(list(bank()[situation][mode]))
        order = voice.ranked(ear, mode, vectors([str(one.line) for one in own]), known)
        places += [(place, number, own[i]) for place, i in enumerate(order)]
    return [one for *_, one in sorted(places, key=lambda p: p[:2])[:count]]


def recovered(head: LogisticRegression, lines: list[Made]) -> dict[str, float]:
    """Share of modes named rightly: of all lines, and of each mode's."""
    named = head.predict(vectors([str(one.line) for one in lines]))
    right = [(one.mode, bool(name == one.mode)) for one, name in zip(lines, named, strict=True)]
    shares = {mode: [r for m, r in right if m == mode] for mode in MODES}
    return {"all": _share([r for _, r in right])} | {mode: _share(found) for mode, found in shares.items()}


def _share(found: list[bool]) -> float:
    return round(sum(found) / max(1, len(found)), 3)


def clean(lines: list[Made]) -> dict[str, Any]:
    said = [str(one.line) for one in lines]
    near = [bool((vectors(list(bank()[o.situation][o.mode])) @ vector(str(o.line))).max() >= voice.ALIKE) for o in lines]
    return {
        "lines": len(said), "by_mode": Counter(one.mode for one in lines), "cells": len({(o.situation, o.mode) for o in lines}),
        "digits": sum(any(c.isnumeric() for c in line) for line in said),
        "forbidden": sum(bool(objections(line)) for line in said), "distinct": round(len(set(said)) / max(1, len(said)), 3),
        "copies_of_the_bank": sum(plain(line) in COPIES for line in said), "alike": sum(near),
    }


def measured(made: list[Made], count: int) -> tuple[dict[str, Any], list[Made]]:
    """The figures, and the ranked lines."""
    whole = head(KNOWN)
    verdicts = [judged(one) for one in made]
    accepted = [one for one, why in zip(made, verdicts, strict=True) if not why]
    first = [one for one, why in zip(made[:count], verdicts[:count], strict=True) if not why]
    own = cross_val_score(
        LogisticRegression(C=STRENGTH, max_iter=1000), vectors([text for _, text in KNOWN]), [mode for mode, _ in KNOWN], cv=5
    )
    took = sorted(one.seconds for one in made)
    found: dict[str, Any] = {
        "plain": {
            "written": min(count, len(made)), "accepted": round(len(first) / max(1, min(count, len(made))), 3),
            "refused": Counter(why for why in verdicts[:count] if why).most_common(), **clean(first),
            "mode_recovered": recovered(whole, first),
        },
        "mode_recovered_of_the_bank": round(float(own.mean()), 3),
        "seconds": {"p50": round(statistics.median(took), 2), "p95": round(took[int(len(took) * 0.95)], 2)},
    }
    if len(made) <= count:
        return found, first
    ranked = chosen(ear(KNOWN), accepted, count)
    shuffled = random.Random(2).sample(KNOWN, len(KNOWN))
    half = len(shuffled) // 2
    by_half = chosen(ear(shuffled[:half]), accepted, count)
    found["ranked"] = {
        "written": len(made), "accepted": round(len(accepted) / len(made), 3), **clean(ranked),
        "mode_recovered": recovered(whole, ranked),
        "mode_recovered_by_the_other_half": recovered(head(shuffled[half:]), by_half),
        "of_all_accepted_by_the_other_half": recovered(head(shuffled[half:]), accepted),
    }
    return found, ranked


def sheet(lines: list[Made], file: Path) -> None:
    rows = random.Random(1).sample(lines, min(READ, len(lines)))
    file.write_text("".join(f"{n}. {o.situation}, {o.mode}: {o.line}\n" for n, o in enumerate(rows, 1)), encoding="utf-8")


def blind(lines: list[Made], folder: Path) -> None:
    """Each line beside one of the bank from its cell, all of them shuffled."""
    chance = random.Random(int.from_bytes(random.SystemRandom().randbytes(4)))
    ours = chance.sample(lines, min(READ, len(lines)))
    rows = [(one.situation, one.mode, str(one.line), "adapter") for one in ours]
    rows += [(o.situation, o.mode, chance.choice(bank()[o.situation][o.mode]), "bank") for o in ours]
    chance.shuffle(rows)
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{n}. [{situation}, {mode}] {line}\n" for n, (situation, mode, line, _) in enumerate(rows, 1))
    (folder / "blind.md").write_text(text, encoding="utf-8")
    (folder / "key.json").write_text(json.dumps({n: who for n, (*_, who) in enumerate(rows, 1)}))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lines", type=int, default=400)
    options.add_argument("--of", type=int, default=1)
    options.add_argument("--adapter", default=str(shipped("models", "voice", voice.ADAPTER)))
    options.add_argument("--made", type=Path)
    options.add_argument("--sheet", type=Path)
    options.add_argument("--blind", type=Path)
    said = options.parse_args()
    made = written(None if said.adapter == "none" else Path(said.adapter), said.lines * said.of, said.made)
    found, lines = measured(made, said.lines)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    if said.sheet:
        sheet(lines, said.sheet)
    if said.blind:
        blind(lines, said.blind)
    return 0


if __name__ == "__main__":
    sys.exit(main())
