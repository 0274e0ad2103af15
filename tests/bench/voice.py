"""Lines that the trained voice writes, over all situations and modes: how many the filter refuses and why, how many are new.

    python tests/bench/voice.py [--lines N] [--adapter FILE] [--sheet N]

Prints one JSON object: `accepted` is the share that may be heard (`core/lines.faults` and `core/decency.claims` have no objection
and the line is none of the bank's), `digits` and `forbidden` what is wrong with those that were accepted, which must be 0;
`distinct` is the share of different lines among the accepted ones, `mode_recovered` how often a logistic classifier on MiniLM
vectors, trained on the bank, names the mode that was asked for, beside its five-fold figure on the bank itself. `--sheet N`
prints N random accepted lines for a reader. Without an adapter (`--adapter none`) it measures the base model: the floor.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from coach.config import shipped
from coach.core.decency import claims, objections
from coach.core.lines import MODES, faults
from coach.core.situations import SITUATIONS
from coach.engine.voices import bank
from coach.ml import embed, llm, voice


def written(adapter: Path | None, count: int) -> tuple[list[tuple[str, str, str | None]], list[float]]:
    """(situation, mode, line) and seconds of each."""
    model = llm.load(llm.find() or Path(), 1, adapter)
    cells = [(s, mode) for s in SITUATIONS for mode in MODES]
    random.Random(0).shuffle(cells)
    made, took = [], []
    for turn in range(count):
        situation, mode = cells[turn % len(cells)]
        began = time.perf_counter()
        made.append((situation.name, mode, voice.write(model, situation.name, mode, situation.fills, turn)))
        took.append(time.perf_counter() - began)
    model.close()
    return made, took


def judged(situation: str, mode: str, line: str | None) -> str:
    """Why it is refused; "" where it may be heard."""
    if line is None:
        return "no end"
    fills = next(s.fills for s in SITUATIONS if s.name == situation)
    if any(line in lines for lines in bank()[situation].values()):
        return "a line of the bank"
    if found := faults(line, fills):
        return "forbidden" if objections(line) else found[0].split(";")[0][:24]
    return "a claim" if claims(line) else ""


def recovered(accepted: list[tuple[str, str, str]]) -> tuple[float, float]:
    """Share of modes named rightly: of these lines, and by cross-validation of the bank's."""
    embedder = embed.load(shipped("models", "embedder"))
    known = [(mode, text) for cell in bank().values() for mode, lines in cell.items() for text in lines]
    vectors = embed.embed(embedder, [text for _, text in known])
    labels = [mode for mode, _ in known]
    head = LogisticRegression(C=10.0, max_iter=1000)
    own = float(cross_val_score(head, vectors, labels, cv=5).mean())
    head.fit(vectors, labels)
    return float(head.score(embed.embed(embedder, [line for *_, line in accepted]), [mode for _, mode, _ in accepted])), own


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=400)
    options.add_argument("--adapter", default=str(shipped("models", "voice", voice.ADAPTER)))
    options.add_argument("--sheet", type=int, default=0)
    chosen = options.parse_args()
    made, took = written(None if chosen.adapter == "none" else Path(chosen.adapter), chosen.lines)
    verdicts = [judged(*one) for one in made]
    accepted = [(s, m, line) for (s, m, line), why in zip(made, verdicts, strict=True) if not why and line]
    by_mode = Counter(mode for _, mode, _ in accepted)
    share, own = recovered(accepted) if accepted else (0.0, 0.0)
    lines = [line for *_, line in accepted]
    print(json.dumps({
        "written": len(made), "accepted": round(len(accepted) / len(made), 3), "accepted_by_mode": by_mode,
        "refused": Counter(why for why in verdicts if why).most_common(),
        "digits": sum(any(c.isnumeric() for c in line) for line in lines),
        "forbidden": sum(bool(objections(line)) for line in lines),
        "distinct": round(len(set(lines)) / max(1, len(lines)), 3),
        "mode_recovered": round(share, 3), "mode_recovered_of_the_bank": round(own, 3),
        "seconds_median": round(statistics.median(took), 2),
    }, ensure_ascii=False))
    for situation, mode, line in random.Random(1).sample(accepted, min(chosen.sheet, len(accepted))):
        print(json.dumps({"situation": situation, "mode": mode, "line": line}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
