"""The chat measured: routing on questions that the router was not trained on, against key words; numbers that stand in no
fact; seconds to the first text; memory. Prints one JSON object per line.

    python tests/bench/chat.py HOME_OF_A_DEMO [CLINC_ROWS.jsonl]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

from coach.config import Config, home_at
from coach.core.facts import FactsCard, untraceable
from coach.engine import chat, clock, opening
from coach.engine.models import Models, _resident_mb
from coach.ml import keywords
from coach.store.db import connect

QUESTIONS = Path(__file__).with_name("chat_questions.jsonl")


def main(folder: str, clinc: str = "") -> None:
    config, now = Config(), clock.now()
    tz = clock.local_zone(config)
    models = Models(config)
    db = connect(opening.unlock(home_at(Path(folder)), opening.access(config), now, create=False))
    memory = {"before": _resident_mb()}
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]

    right = {"router": 0, "keywords": 0}
    wrong, loose, firsts = [], [], []
    for row in rows:
        start = time.perf_counter()
        pieces = chat.answer(db, row["q"], config=config, now=now, tz=tz, models=models, with_tone=False)
        text = next(pieces)
        firsts.append(time.perf_counter() - start)
        found = [text, *pieces]
        facts = tuple(p.fact for p in found if p.fact is not None)
        asked, _ = chat.read(db, row["q"], config=config, now=now, tz=tz, models=models)
        named = " ".join([row["q"], *(p.text for p in (asked.period, asked.other) if p)])
        if stray := untraceable(FactsCard("", facts, (text.text,)), named):
            loose.append({"q": row["q"], "numbers": stray, "answer": text.text})
        intent = found[-1].intent
        right["router"] += intent == row["intent"]
        right["keywords"] += keywords.route(models.keywords(), row["q"])[0] == row["intent"]
        if intent != row["intent"]:
            wrong.append({"q": row["q"], "wanted": row["intent"], "got": intent})
    memory["with_embedder"] = _resident_mb()
    warm = sorted(firsts[1:])
    print(json.dumps({
        "measure": "routing", "questions": len(rows), "right": right["router"] / len(rows),
        "key_words_right": right["keywords"] / len(rows), "wrong": wrong,
    }, ensure_ascii=False))
    print(json.dumps({"measure": "numbers without a fact", "answers": len(rows), "found": loose}, ensure_ascii=False))
    print(json.dumps({
        "measure": "seconds to the first text", "cold": round(firsts[0], 3), "warm_median": round(statistics.median(warm), 4),
        "warm_p95": round(warm[int(len(warm) * 0.95)], 4),
    }))
    tones, sources = [], []
    for row in [r for r in rows if r["intent"]][:20]:
        start = time.perf_counter()
        pieces = chat.answer(db, row["q"], config=config, now=now, tz=tz, models=models)
        line = next((p for p in pieces if p.kind == "tone"), None)
        if line is not None:
            tones.append(time.perf_counter() - start)
            sources.append(line.source)
    memory["with_language_model"] = _resident_mb()
    print(json.dumps({
        "measure": "tone line", "lines": len(tones), "from_model": sources.count("llm"),
        "median_s": round(statistics.median(tones), 3), "worst_s": round(max(tones), 3),
    }))
    print(json.dumps({"measure": "resident MB", **{k: round(v) for k, v in memory.items() if v}}))
    if clinc:
        declined = [json.loads(line)["text"] for line in Path(clinc).read_text(encoding="utf-8").splitlines()
                    if json.loads(line)["label"] == "oos"]
        print(json.dumps({
            "measure": "out-of-scope recall", "file": Path(clinc).name, "rows": len(declined),
            "router": sum(models.understand(t).intent is None for t in declined) / len(declined),
            "key_words": sum(keywords.route(models.keywords(), t)[0] is None for t in declined) / len(declined),
        }))


if __name__ == "__main__":
    main(*sys.argv[1:])
