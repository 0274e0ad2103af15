"""What Coach has learnt of one person, part by part: on how much of their own it stands, whether that or general values serve,
what they said at first and how far it still counts, and what would make it better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import cold_start, say
from coach.engine import asking, language, leaning, nudge_effects, preferences, productivity, profile
from coach.engine.learning import registry
from coach.engine.learning.own import Own, own
from coach.store import finished, guesses, plan_signals, questions, rollups
from coach.store.db import Connection

MOST = 300
MINE = 0.5
"""Share of a person's own in what serves from which on it is theirs for the most part."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """`n` of `unit` are the person's own; `share` 0 to 1 is what they weigh in what serves, None where that is no share. `stands`
    says on what it rests and what is left of first answers, `better` what would help, empty for nothing."""

    name: str
    title: str
    n: int
    unit: str
    share: float | None
    stands: str
    better: str = ""

    @property
    def serves(self) -> str:
        """"yours", "mostly yours (98 %)", "mostly general (30 % yours)", "general values"."""
        if not self.n:
            return "general values"
        if self.share is None:
            return "yours"
        weight = f"{min(99, round(100 * self.share))} %"
        return f"mostly yours ({weight})" if self.share >= MINE else f"mostly general ({weight} yours)"

    def value(self) -> str:
        return f"{self.serves}, {self.n:,} {self.unit}"

    def about(self) -> str:
        return " ".join(part for part in (self.stands, self.better) if part)

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "serves": self.serves}


def learnt(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> tuple[Learnt, ...]:
    """Every part. Reads only; no model is loaded."""
    role, chronotype = str(preferences.get(db, "role")), str(preferences.get(db, "chronotype"))
    return (
        _categories(db, role, now, tz), _lengths(db, role, now, tz), *_choices(db, now, tz), _focus(db, chronotype, now, tz),
        _plan(db, now, tz), _nudges(db, config), _words(db),
    )


def question(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> str:
    """The one question whose answer decides something today, with what; empty for none."""
    found = asking.due(db, config, now, tz)
    return found.line() if found else ""


def _own(db: Connection, name: str, now: datetime, tz: ZoneInfo) -> tuple[Own, str]:
    chosen = registry.active(db, name)
    return own(db, name, chosen.number, 0, now.astimezone(tz).date()), f"The {chosen.serves} serves: {chosen.why}."


def _categories(db: Connection, role: str, now: datetime, tz: ZoneInfo) -> Learnt:
    mine, serves = _own(db, "categoriser", now, tz)
    filled, waiting = guesses.filled(db), len(questions.unclear(db, MOST))
    stands = f"{serves} {say.count(filled, 'task')} filled in by itself. "
    stands += "What you said of a title decides over titles like it; the rest is what people in general write."
    if favoured := cold_start.ROLE_CATEGORIES.get(role):
        left = cold_start.ANSWERS / (cold_start.ANSWERS + mine.n)
        stands += f" Your role ({role}) makes {' and '.join(favoured)} likelier; {left:.0%} of that is left"
        stands += f" after {say.count(mine.n, 'answer')}."
    wait = "waits" if waiting == 1 else "wait"
    better = f"{say.count(waiting, 'suggestion')} {wait} for your word: t on Tasks." if waiting else ""
    return Learnt("categories", "Categories", mine.n, "answers", mine.weight, stands, better)


def _lengths(db: Connection, role: str, now: datetime, tz: ZoneInfo) -> Learnt:
    mine, serves = _own(db, "duration", now, tz)
    stands = f"{serves} Your pace over people in general, and tasks like the asked one, stand on what you measured."
    if role in cold_start.ROLE_MINUTES:
        stands += f" Your role ({role}) counts only for titles without a known word."
    unmeasured = finished.unmeasured(db)
    better = f"{say.count(unmeasured, 'done task')} had no clock: s starts it." if unmeasured else ""
    return Learnt("lengths", "Lengths of tasks", mine.n, "measured tasks", mine.weight, stands, better)


def _choices(db: Connection, now: datetime, tz: ZoneInfo) -> Iterator[Learnt]:
    mine, serves = _own(db, "priority", now, tz)
    stands = f"{serves} Each task that you start or do next among what is open moves the order a little."
    yield Learnt("priority", "What is next", mine.n, "choices", mine.weight, stands)
    mine, serves = _own(db, "behaviour", now, tz)
    stands = f"{serves} Your pace and what became of tasks put off correct it."
    yield Learnt("completion", "Completion", mine.n, "measured tasks", None, stands)


def _focus(db: Connection, chronotype: str, now: datetime, tz: ZoneInfo) -> Learnt:
    today = now.astimezone(tz).date()
    rows = rollups.focus_by_hour(db, today - timedelta(weeks=profile.FOCUS_WEEKS), today)
    days, need = len({row["day"] for row in rows}), profile.LEAST_FOCUS_DAYS
    if days >= need:
        stands = f"The profile by hour of the week is yours alone, from {days} days."
        stands += f" Your answer ({chronotype}) no longer counts." if chronotype else ""
        return Learnt("focus", "Focus", len(rows), "scored hours", None, stands)
    stands = f"From {need} days on a profile of your own serves; {days} are known."
    stands += f" Until then your answer ({chronotype}) says when." if chronotype else ""
    share = len(rows) / (len(rows) + 24 * cold_start.PRIOR_HOURS) if rows else 0.0
    return Learnt("focus", "Focus", len(rows), "scored hours", share, stands, "It grows with tracked days.")


def _plan(db: Connection, now: datetime, tz: ZoneInfo) -> Learnt:
    decided = len(plan_signals.since(db, now - timedelta(weeks=leaning.WEEKS), standing=True))
    kept = productivity.last(db)
    said = kept.lines() if kept else []
    stands = say.capital("; ".join(line.rstrip(".") for line in said)) + "." if said else "Made with the next plan."
    better = "" if kept and kept.leanings else "Accept, move or refuse blocks (y, [ ], x on Plan) and it leans your way."
    return Learnt("plan", "The plan", decided, "decisions on blocks", None, stands, better)


def _nudges(db: Connection, config: Config) -> Learnt:
    found = nudge_effects.effects(db, config)
    judged = sum(one.tally.shown + one.tally.held for one in found)
    states = Counter(one.state for one in found)
    stands = ", ".join(f"{n} kinds {state}" for state, n in states.items()) or "No kind was tried yet"
    stands += ". Each kind is judged against moments that stayed silent; what does nothing stops."
    return Learnt("nudges", "Nudges", judged, "judged moments", None, stands, "x on a nudge (!) makes its kind rarer.")


def _words(db: Connection) -> Learnt:
    states = Counter(one.state for one in language.view(db).expansions)
    applied = states["silent"] + states["accepted"]
    stands = f"Offered: {say.count(states['offered'], 'short form')}. What is applied is read so, and titles stay as typed."
    better = "Enter on one under Your words takes it." if states["offered"] else ""
    return Learnt("words", "Your words", applied, "applied", None, stands, better)
