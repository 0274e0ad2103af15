"""How often somebody may ask. Exact: the last requests are remembered, no bucket refills by guess."""

from __future__ import annotations

from collections import deque


def wait_s(passed: deque[float], now_s: float, most: int, per_s: float) -> float:
    """0 when a request may pass now, which `passed` then remembers; else the seconds until the next one may.

    In no stretch of `per_s` seconds do more than `most` requests pass. Refused ones do not count."""
    while passed and passed[0] <= now_s - per_s:
        passed.popleft()
    if len(passed) < most:
        passed.append(now_s)
        return 0.0
    return passed[0] + per_s - now_s
