"""The first questions: what may be answered, and where the answers go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coach.config import Config, Home
from coach.core.errors import InvalidInput
from coach.engine import preferences, settings
from coach.store.db import Connection, transaction

ROLES = ("developer", "designer", "founder", "manager", "marketing", "researcher", "student", "support", "writer")
"""The profiles of data/taxonomy.toml: what counts as productive differs by role."""

CHRONOTYPES = ("morning", "between", "evening")

_HOURS = re.compile(r"\s*(\d{1,2})(?:[:.h](\d{2}))?\s*(?:-|–|to|until)\s*(\d{1,2})(?:[:.h](\d{2}))?\s*")


@dataclass(frozen=True, slots=True)
class Answers:
    """None is a question that was left out. `work_hours` as `hours` reads them; `humour` 0 to 3."""

    name: str | None = None
    work_hours: tuple[str, str] | None = None
    chronotype: str | None = None
    role: str | None = None
    humour: int | None = None
    tracking: bool | None = None
    profiling: bool | None = None


def needed(db: Connection) -> bool:
    """Whether nobody has answered or skipped the questions yet."""
    return not preferences.get(db, "onboarded")


def hours(text: str) -> tuple[str, str]:
    """"9-17" or "8:30 to 16:45" as two "HH:MM". Raises InvalidInput."""
    found = _HOURS.fullmatch(text)
    if not found:
        raise InvalidInput(f"{text!r} are no working hours", "write them as 9-17 or 8:30-16:45")
    start_h, start_m, end_h, end_m = (int(part or 0) for part in found.groups())
    if max(start_h, end_h) > 23 or max(start_m, end_m) > 59 or (start_h, start_m) >= (end_h, end_m):
        raise InvalidInput(f"{text!r} are no working hours", "the end must be later on the same day")
    return f"{start_h:02d}:{start_m:02d}", f"{end_h:02d}:{end_m:02d}"


def save(db: Connection, home: Home, config: Config, answers: Answers, now: datetime) -> Config:
    """Keep the answers and never ask again; returns the configuration that is now in force.

    Choices that anyone may read go to config.toml, the others and the two consents to the encrypted store."""
    chosen: dict[str, Any] = {"onboarded": True}
    for name in ("name", "chronotype", "role"):
        value = getattr(answers, name)
        if value is not None:
            chosen[name] = value.strip()
    if answers.tracking is not None:
        chosen["tracking_consent"] = answers.tracking
    if answers.profiling is not None:
        chosen["profiling_consent"] = answers.profiling
    public: dict[str, Any] = {}
    if answers.work_hours is not None and answers.work_hours != (config.time.work_start, config.time.work_end):
        public |= dict(zip(("time.work_start", "time.work_end"), answers.work_hours, strict=True))
    if answers.humour is not None and answers.humour != config.nudge.humour:
        public["nudge.humour"] = answers.humour
    with transaction(db):
        preferences.put(db, chosen, now, "answer the first questions")
        return settings.put(home, public) if public else config
