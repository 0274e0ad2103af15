"""What the last question in a terminal left to lean on, for a short while: so that "and yesterday?" follows up in the shell,
where every question is a process of its own. It stays in the encrypted store, is erased with the conversation and never
exported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from coach.core.clocktime import Hours
from coach.core.coaching import Coached
from coach.core.period import Period
from coach.core.when import iso, parse_iso
from coach.engine.queries.asked import Name
from coach.engine.understanding import State
from coach.store import chat as store
from coach.store.db import Connection

KEPT = timedelta(minutes=15)
"""So long a question may lean on the one before."""
MOST = 8
"""Terminals that are remembered, the latest."""


def recall(db: Connection, terminal: str, now: datetime) -> tuple[State | None, Coached | None]:
    """What the last turn in that terminal left; nothing where it is too long ago, or of another version of Coach."""
    one = _recent(db, now).get(terminal)
    if one is None:
        return None, None
    try:
        return _state(one["state"]), _coached(one["coached"])
    except (KeyError, TypeError, ValueError):
        return None, None


def keep(db: Connection, terminal: str, now: datetime, state: State | None, coached: Coached | None) -> None:
    """Remember what this turn leaves, in place of the one before."""
    turns = {name: one for name, one in _recent(db, now).items() if name != terminal}
    left = {"state": state and asdict(state), "coached": coached and asdict(coached)}
    said = {"at": iso(now), **left}
    latest = dict([*turns.items(), (terminal, said)][-MOST:])
    store.keep_turns(db, json.dumps(latest, ensure_ascii=False, default=_plain))


def _recent(db: Connection, now: datetime) -> dict[str, Any]:
    kept = store.turns(db)
    found: Mapping[str, Any] = json.loads(kept) if kept else {}
    return {name: one for name, one in found.items() if timedelta() <= now - parse_iso(one["at"]) <= KEPT}


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value) or ""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not kept")


def _state(kept: Mapping[str, Any] | None) -> State | None:
    if kept is None:
        return None
    hours, named = kept["hours"], tuple(Name(**one) for one in kept["names"])
    return State(**{
        **kept, "period": _period(kept["period"]), "names": named, "hours": None if hours is None else Hours(**hours),
        "choices": tuple(kept["choices"]), "origin": _state(kept["origin"]),
        "subject": _state(kept["subject"]),
    })


def _period(kept: Mapping[str, Any] | None) -> Period | None:
    if kept is None:
        return None
    hours = kept["hours"]
    return Period(
        kept["text"], date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), parse_iso(kept["start"]),
        parse_iso(kept["end"]), None if hours is None else (int(hours[0]), int(hours[1])), kept["clock"],
    )


def _coached(kept: Mapping[str, Any] | None) -> Coached | None:
    if kept is None:
        return None
    turns = tuple((str(need), str(step)) for need, step in kept["turns"])
    return Coached(**{**kept, "offered": tuple(kept["offered"]), "turns": turns, "at": parse_iso(kept["at"])})
