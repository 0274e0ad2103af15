"""What a prediction of each net costs: the first one of a process that has predicted nothing yet, and each one after it.

    python tests/bench/predictions.py [--runs 5] [--times 200]

One JSON line per net, the median of `--runs` fresh processes: `first_ms` from the question to the answer with NumPy, ONNX
Runtime, the card and the net loaded on the way; `single_ms` and `p95_ms` of one prediction after that; `process_ms` the whole
life of such a process beside `python_ms` of one that does nothing. `torch` says whether the process has loaded it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

FIRST_LIMIT_MS, SINGLE_LIMIT_MS = 400, 15
NODES = 60
"""Places of a person's graph."""

ASK = """
import json, sys, time
name, times, nodes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
began = time.perf_counter()
import numpy as np
from coach.config import shipped
from coach.ml import card, serving
from coach.engine.learning.kinds import KINDS
folder, kind = shipped("models", name), KINDS[name]
about = card.read(folder)
net = serving.load(folder / "model.onnx", inputs=kind.inputs, outputs=kind.outputs, arena=name == "graph")
rng, free = np.random.default_rng(0), nodes if name == "graph" else 1
arrays = {n: rng.random([free if size is None else size for size in net.shapes[n]], dtype=np.float32) for n in net.inputs}
serving.run(net, **arrays)
first = time.perf_counter() - began
after = []
for _ in range(times):
    began = time.perf_counter()
    serving.run(net, **arrays)
    after.append((time.perf_counter() - began) * 1000)
print(json.dumps({"first_ms": first * 1000, "after": after, "torch": any(m.split(".")[0] == "torch" for m in sys.modules)}))
"""


def process(code: str, *words: str) -> tuple[float, str]:
    """Milliseconds of a fresh interpreter's life, and what it printed."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, text=True)
    return (time.perf_counter() - began) * 1000, done.stdout


def net(name: str, runs: int, times: int) -> dict[str, object]:
    whole, found = [], []
    for _ in range(runs):
        took, said = process(ASK, name, str(times), str(NODES))
        whole.append(took)
        found.append(json.loads(said))
    after = sorted(ms for one in found for ms in one["after"])
    return {
        "first_ms": round(statistics.median(one["first_ms"] for one in found), 1),
        "worst_first_ms": round(max(one["first_ms"] for one in found), 1), "first_limit_ms": FIRST_LIMIT_MS,
        "single_ms": round(statistics.median(after), 2), "p95_ms": round(after[int(len(after) * 0.95)], 2),
        "single_limit_ms": SINGLE_LIMIT_MS, "process_ms": round(statistics.median(whole), 1),
        "torch": any(one["torch"] for one in found),
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--runs", type=int, default=5)
    ask.add_argument("--times", type=int, default=200)
    given = ask.parse_args()
    floor = round(statistics.median(process("pass")[0] for _ in range(given.runs)), 1)
    for name in ("focus", "graph", "patterns", "whatif"):
        found = net(name, given.runs, given.times)
        print(json.dumps({"bench": "predictions", "net": name, **found, "python_ms": floor}), flush=True)


if __name__ == "__main__":
    main()
