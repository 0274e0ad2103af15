"""What today's timeline says about this moment: what is in front, since when, and how the day has gone so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby, pairwise, takewhile

from coach.core import focus
from coach.core.category import Category
from coach.core.nudge_view import Present
from coach.engine.categories import Rules
from coach.store import rollups
from coach.store.timeline import Span

DISTRACTING = 0.25
"""A category of this productivity level or less distracts."""
INTERLUDE_S = 60.0
"""Time elsewhere that does not end a streak."""
STALE_S = 120.0
"""While the tracker is alive, a newest state older than this means that nobody is there."""
VISITS_S = 3600.0
SWITCHES_S = 1800.0
MESSAGES = ("Communication > Email", "Communication > Chat")

_SHOWING = re.compile(
    r"\bslide ?show\b|\bpresenting\b|\bpresentation mode\b|\bpresenter (?:view|console|display)\b|\bscreen[- ]?shar|"
    r"\bsharing (?:your|my|the|a) (?:screen|window|tab)\b|\bbildschirmpräsentation\b|\bbildschirmfreigabe\b|\bdiaporama\b",
    re.IGNORECASE,
)
"""Titles of slide shows and shared screens: LibreOffice, PowerPoint, Google Slides, Zoom, Teams, Meet, browsers."""
_SHOWERS = frozenset({"pdfpc", "impressive", "pympress", "xpra-presentation", "zoom_linux_float_message_reminder"})
"""Applications that are in front only while something is shown."""


def present(spans: Iterable[Span], title: str, rules: Rules, now: datetime) -> Present:
    """From the day's timeline up to now, earliest first; `title` is that of the last state."""
    now_s = now.timestamp()
    line = [(s.start_ms / 1000, min(s.end_ms / 1000, now_s), s.app, s.category or rollups.UNCATEGORISED) for s in spans]
    if not line:
        return Present()
    known: dict[str, Category] = {name: rules.named(name) for name in {name for _, _, _, name in line}}
    stretches = [focus.Stretch(a, b, known[name].level, app, known[name].focus) for a, b, app, name in line]
    is_here = now_s - stretches[-1].end_s < STALE_S
    _, _, app, category = line[-1]
    sessions = focus.sessions(stretches)
    session = sessions[-1] if sessions else None
    in_flow = session is not None and is_here and now_s - session.end_s < focus.ELSEWHERE_S
    ended = session if not in_flow else None
    since_s, break_s = _since_break(stretches)
    return Present(
        category=category if is_here else "", activity=activity(category, known[category]) if is_here else "",
        presenting=is_here and (app.lower() in _SHOWERS or _SHOWING.search(title) is not None),
        category_min=_run_min(line) if is_here else 0.0, distracted_min=_streak_min(stretches) if is_here else 0.0,
        since_break_min=since_s / 60 if is_here else 0.0, last_break_min=break_s / 60 if is_here else 0.0,
        active_today_min=sum(s.end_s - s.start_s for s in stretches) / 60,
        focus_today_min=sum(s.end_s - s.start_s for s in stretches if s.focus) / 60,
        flow_min=(now_s - session.start_s) / 60 if session and in_flow else 0.0,
        session_min=(ended.end_s - ended.start_s) / 60 if ended else 0.0,
        session_ago_min=(now_s - ended.end_s) / 60 if ended else 0.0,
        sessions=len(sessions),
        visits=_visits([name for _, end_s, _, name in line if now_s - end_s <= VISITS_S]),
        switches=sum(a.key != b.key for a, b in pairwise(s for s in stretches if now_s - s.end_s < SWITCHES_S)),
    )


def activity(name: str, category: Category) -> str:
    """The kind of what is done in a category: communication, focus, distraction or other."""
    if name.partition(" > ")[0] == "Communication":
        return "communication"
    if category.focus:
        return "focus"
    return "distraction" if category.level <= DISTRACTING else "other"


def _visits(categories: Iterable[str]) -> int:
    """How often mail or chat came to the front."""
    return sum(is_message for is_message, _ in groupby(categories, key=lambda name: name.startswith(MESSAGES)))


def _run_min(line: Sequence[tuple[float, float, str, str]]) -> float:
    """Minutes of the unbroken stretch in the last state's category."""
    in_front = takewhile(lambda part: part[3] == line[-1][3], reversed(line))
    return sum(end_s - start_s for start_s, end_s, _, _ in in_front) / 60


def _streak_min(stretches: Sequence[focus.Stretch]) -> float:
    """Minutes of distraction up to now; looking elsewhere for up to a minute does not end it, a break does."""
    total_s = elsewhere_s = 0.0
    later_s = stretches[-1].end_s
    for s in reversed(stretches):
        if later_s - s.end_s >= focus.BREAK_S:
            break
        later_s = s.start_s
        if s.level <= DISTRACTING:
            total_s, elsewhere_s = total_s + s.end_s - s.start_s, 0.0
            continue
        elsewhere_s += s.end_s - s.start_s
        if elsewhere_s > INTERLUDE_S:
            break
    return total_s / 60


def _since_break(stretches: Sequence[focus.Stretch]) -> tuple[float, float]:
    """Active seconds since the last gap of at least five minutes, and that gap's length if it was a break: at most an hour."""
    total_s = 0.0
    later_s = stretches[-1].end_s
    for s in reversed(stretches):
        gap_s = later_s - s.end_s
        if gap_s >= focus.BREAK_S:
            return total_s, gap_s if gap_s <= focus.LONGEST_BREAK_S else 0.0
        total_s, later_s = total_s + s.end_s - s.start_s, s.start_s
    return total_s, 0.0
