"""What if a day had less of one thing: the answer over a real store, from the net or from own days, and what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from coach.config import Config, shipped
from coach.core.errors import InvalidInput
from coach.core.goal import Goal, Wanted
from coach.core.whatif import EXAMPLE, Change, parse
from coach.core.when import logical_day
from coach.engine import categories, goals
from coach.engine.categories import Rules
from coach.engine.report import bounds_time
from coach.store import hours, rollups
from coach.store.db import Connection

if TYPE_CHECKING:  # numpy and ONNX Runtime: only where something is asked
    from coach.ml.features.whatif import Days
    from coach.ml.response import Response
    from coach.ml.serving import Shelf
    from coach.ml.whatif import Known, Whatif

By = Literal["net", "own days", "nothing"]

DAYS = 91
LEAST_DAYS = 3
"""With fewer tracked days nothing is said: it would be about somebody else."""
FEW_SIMILAR = 3
WORDS: Mapping[str, tuple[str, ...]] = {
    "focus work": ("focus", "focus work", "deep work", "focused work", "concentrated work"),
    "other work": ("other work", "shallow work"),
    "messages": ("messages", "messaging", "mail", "email", "emails", "chat", "communication"),
    "calls": ("calls", "meetings", "meeting", "calls and meetings"),
    "social media": ("social media", "social", "social networks"),
    "news and shopping": ("news and shopping",),
    "entertainment": ("entertainment", "video", "games"),
}
DISTRACTION = ("distraction", "distractions", "distracting things", "procrastination")


@dataclass(frozen=True, slots=True)
class GroupMinutes:
    """Mean minutes a day of a group on usual days and on days that meet the goal."""

    name: str
    usual_min: float
    goal_min: float


@dataclass(frozen=True, slots=True)
class WhatifView:
    """`by` says who answers and `why`; "nothing" where `missing_days` are missing. `gain` is the change of a day's mean focus
    (0 to 1), `low` to `high` its 80 % interval; `asked_min` what was wished for a day, `reachable_min` what usual days allow;
    `similar` real days met it; `generated` days stand behind the means; `missed_min` is how far those are from their goal."""

    asked: str
    by: By
    why: str
    days: int
    missing_days: int = 0
    asked_min: float = 0.0
    reachable_min: float = 0.0
    usual_focus: float = 0.0
    gain: float = 0.0
    low: float = 0.0
    high: float = 0.0
    similar: int = 0
    generated: int = 0
    missed_min: float = 0.0
    groups: tuple[GroupMinutes, ...] = ()
    notes: tuple[str, ...] = ()
    model: int = 0

    def document(self) -> dict[str, Any]:
        return {
            "asked": self.asked, "by": self.by, "why": self.why, "history_days": self.days, "missing_days": self.missing_days,
            "asked_min": round(self.asked_min, 1), "reachable_min": round(self.reachable_min, 1),
            "usual_focus": round(self.usual_focus, 4), "gain": round(self.gain, 4), "low": round(self.low, 4),
            "high": round(self.high, 4), "level": 0.8, "similar_days": self.similar, "generated_days": self.generated,
            "missed_min": round(self.missed_min, 1), "notes": list(self.notes), "model": self.model,
            "groups": [
                {"name": g.name, "usual_min": round(g.usual_min, 1), "goal_min": round(g.goal_min, 1)} for g in self.groups
            ],
        }


def asked(db: Connection, text: str, config: Config, now: datetime, tz: ZoneInfo, shelf: Shelf | None = None) -> WhatifView:
    """The answer to plain words: "less social media 1h". Raises InvalidInput naming what is missing or unknown."""
    wish = parse(text)
    days = history(db, config, now, tz)
    change, notes = _change(db, wish, days, categories.load(db, config), config, now, tz)
    return _answer(db, " ".join(text.split()), change, days, now, shelf, notes)


def suppose(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, change_min: Mapping[str, float], shelf: Shelf | None = None,
) -> WhatifView:
    """The answer for the form: minutes a day more or less by name of a group (`groups`). Raises InvalidInput."""
    from coach.ml.features.whatif import GROUPS

    if unknown := [name for name in change_min if name not in GROUPS]:
        raise InvalidInput(f"there is no group {unknown[0]!r}", f"groups are {', '.join(GROUPS)}")
    asked_for = {name: float(minutes) for name, minutes in change_min.items() if minutes}
    if not asked_for:
        raise InvalidInput("nothing is to change", EXAMPLE)
    words = ", ".join(f"{name} {minutes:+.0f} min" for name, minutes in asked_for.items())
    return _answer(db, words, asked_for, history(db, config, now, tz), now, shelf, ())


def groups(days: Days) -> tuple[GroupMinutes, ...]:
    """What can be asked about, with the mean minutes of a tracked day."""
    from coach.ml.features.whatif import GROUPS

    means = days.minutes.sum(axis=1).mean(axis=0).tolist() if len(days) else [0.0] * len(GROUPS)
    return tuple(GroupMinutes(name, mean, mean) for name, mean in zip(GROUPS, means, strict=True))


def history(db: Connection, config: Config, now: datetime, tz: ZoneInfo, most: int = DAYS) -> Days:
    """The person's tracked days before today, oldest first, by the clock as lived."""
    return dated(db, config, now, tz, most)[1]


def dated(db: Connection, config: Config, now: datetime, tz: ZoneInfo, most: int = DAYS) -> tuple[tuple[date, ...], Days]:
    """`history` with the date of each day."""
    import numpy as np

    from coach.ml.features import whatif as features

    today = logical_day(now, tz, bounds_time(config))
    first = today - timedelta(days=most)
    count = most + 1  # today's date ends yesterday's night
    minutes: dict[str, Any] = {}
    visits: dict[str, Any] = {}
    for day, hour, category, ms, begun in hours.hour_rows(db, first, today):
        at = (date.fromisoformat(day) - first).days
        if category not in minutes:
            minutes[category], visits[category] = np.zeros((2, count, 24))
        minutes[category][at, hour] += ms / 60_000
        visits[category][at, hour] += begun
    score = np.full((count, 24), np.nan)
    for day, hour, value, _ in rollups.score_rows(db, first, today):
        score[(date.fromisoformat(day) - first).days, hour] = value
    rules = categories.load(db, config)
    focus = {name: rules.named(name).focus for name in minutes}
    weekday = [(first + timedelta(days=i)).weekday() for i in range(count)]
    days = features.days_from(minutes, visits, score, weekday, focus, least_min=0.0)
    kept = days.minutes.sum(axis=(1, 2)) >= features.LEAST_DAY_MIN
    return tuple(first + timedelta(days=int(i)) for i in np.flatnonzero(kept)), days[kept]


def _answer(
    db: Connection, words: str, change: Mapping[str, float], days: Days, now: datetime, shelf: Shelf | None,
    notes: tuple[str, ...],
) -> WhatifView:
    import numpy as np

    from coach.ml import whatif
    from coach.ml.features.whatif import GROUPS

    n = len(days)
    if n < LEAST_DAYS:
        why = f"{n} tracked day{'' if n == 1 else 's'}; a what-if needs {LEAST_DAYS}"
        return WhatifView(words, "nothing", why, n, LEAST_DAYS - n, asked_min=sum(change.values()))
    wanted = np.full(len(GROUPS), np.nan)
    for name, minutes in change.items():
        wanted[GROUPS.index(name)] = minutes
    known = shipped_known()
    response = whatif.personal(days, known)
    found, by, why, number = _served(db, days, known, response, wanted, now, shelf)
    reach = float(np.nansum(found.reachable_min[np.isfinite(wanted)]))
    return WhatifView(
        words, by, why, n, 0, float(np.nansum(wanted)), reach, found.usual_focus, found.gain, found.low, found.high,
        found.similar, found.days, found.goal_error_min,
        tuple(GroupMinutes(name, float(a), float(b)) for name, a, b in zip(GROUPS, found.usual_min, found.goal_min, strict=True)),
        (*notes, *_notes(found, float(np.nansum(wanted)), reach, n)), number,
    )


def _served(
    db: Connection, days: Days, known: Known, response: Response, wanted: Any, now: datetime, shelf: Shelf | None,
) -> tuple[Whatif, By, str, int]:
    """The answer, who gave it and why: the net where `learning.serve` lets it speak, else the person's own days."""
    from coach.engine.learning import serve
    from coach.ml import whatif

    chosen = serve.served(db, "whatif", now, shelf)
    if chosen.model is not None:
        made = whatif.with_net(chosen.model.net, days, known, wanted, response)
        return made, "net", chosen.why, chosen.number
    return whatif.with_own_days(days, known, wanted, response), "own days", chosen.why, chosen.number


def shipped_known() -> Known:
    """What the shipped card holds for everyone. Raises ModelForeign."""
    from coach.ml import card as cards
    from coach.ml import whatif

    return whatif.known(cards.read(shipped("models", "whatif")))


def _notes(found: Whatif, wanted: float, reach: float, days: int) -> list[str]:
    notes = []
    if abs(reach - wanted) > 1 and abs(reach) < abs(wanted):
        notes.append(f"a usual day allows {reach:+.0f} min of the {wanted:+.0f} asked for")
    if found.similar < FEW_SIMILAR:
        few = "no day of yours was" if found.similar == 0 else f"only {found.similar} of your days were"
        notes.append(f"{few} like that: take the interval seriously")
    if days < 14:
        notes.append(f"{days} days of history: most of this is what people in general do")
    return notes


def _change(
    db: Connection, wish: Change, days: Days, rules: Rules, config: Config, now: datetime, tz: ZoneInfo,
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Minutes by group, and what must be said about the reading of the words."""
    from coach.ml.features.whatif import DISTRACTING, GROUPS, group_of

    low = wish.words.casefold()
    if low in DISTRACTION:
        spent = days.minutes[:, :, DISTRACTING].sum(axis=1).mean(axis=0) if len(days) else [1.0, 1.0, 1.0]
        total = max(float(sum(spent)), 1e-9)
        return {GROUPS[g]: wish.minutes * float(s) / total for g, s in zip(DISTRACTING, spent, strict=True) if s > 0}, ()
    for name, words in WORDS.items():
        if low == name or low in words:
            return {name: float(wish.minutes)}, ()
    field, name = goals.resolve(db, Wanted("at_most", 1, wish.words, "day"), rules)
    if field in ("project", "all"):
        raise InvalidInput("a what-if is about a category, an app or a site", EXAMPLE)
    if field == "focus":
        return {"focus work": float(wish.minutes)}, ()
    category = name if field == "category" else rules.categorise(
        name if field == "app" else "", "", f"https://{name}/" if field == "site" else "", "")
    group = GROUPS[group_of(category or "", rules.named(category).focus)]
    today = logical_day(now, tz, bounds_time(config))
    first = today - timedelta(days=27)
    used = goals.used_by_day(db, Goal("", "at_most", 1, field, name, "day"), rules, first, today - timedelta(days=1))
    mean_min = sum(used.values()) / 60 / max(1, min(len(days), 28))
    note = f"{name} counts as {group}; its effect is taken to be that of the whole group"
    if wish.minutes < 0 and mean_min < -wish.minutes:
        return {group: -mean_min}, (note, f"you spend {mean_min:.0f} min a day on {name}: all of it is taken away")
    return {group: float(wish.minutes)}, (note,)
