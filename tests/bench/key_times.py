"""How long keys took, for the benches that press them."""

from __future__ import annotations

import json
import statistics


def report(bench: str, when: str, found: list[float]) -> None:
    """Print the times, in milliseconds, as one JSON object."""
    times = sorted(found)
    print(json.dumps({
        "bench": bench, "keys": when, "n": len(times), "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1), "max_ms": round(times[-1], 1),
    }), flush=True)
