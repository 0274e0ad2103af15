"""What time away from the machine usually was: a word each, for one key."""

from __future__ import annotations

from collections.abc import Mapping

BREAK = "Personal > Break"
"""Time that was a break is explained, but no activity: it makes no state of the timeline."""

LABELS: Mapping[str, tuple[str, str]] = {
    "meeting": ("Meeting", "Communication > Calls"), "call": ("Phone call", "Communication > Calls"),
    "break": ("Break", BREAK), "errand": ("Errand", "Personal > Errands"),
    "reading": ("Reading", "Reading"), "paper": ("Work on paper", "Work"),
}
"""Title and category by name."""
