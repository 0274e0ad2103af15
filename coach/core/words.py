"""Numbers as people read them, the same in every screen and command."""

from __future__ import annotations


def duration(s: float) -> str:
    """Seconds to the nearest minute, half of one to the even neighbour: "4 h 05 min", "3 h", "12 min", "< 1 min" up to 30 s."""
    minutes = round(s / 60)
    if minutes == 0:
        return "0 min" if s <= 0 else "< 1 min"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes % 60 else f"{minutes // 60} h"


def change(ratio: float | None) -> str:
    """A relative change as "+12 %", from threefold on as "×3.1"; "new" for None."""
    if ratio is None:
        return "new"
    return f"×{1 + ratio:.1f}" if ratio >= 2 else f"{ratio * 100:+.0f} %".replace("-", "−")


def hours(n: int) -> str:
    return "1 hour" if n == 1 else f"{n} hours"
