"""Apps and sites that no rule names, with the time spent there and what each might be; accepted ones become rules."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from coach.config import Config
from coach.core import unknown as core
from coach.core.category import knows
from coach.core.errors import InvalidInput, NotFound
from coach.core.titles import app_keys
from coach.core.unknown import Proposal
from coach.engine import categories
from coach.integrations.desktop_entries import menu_categories
from coach.store import usage
from coach.store.db import Connection

BROAD = "Browsing"
"""What a browser's window is while nothing is known about its page."""
LEAST_S = 60.0


@dataclass(frozen=True, slots=True)
class Unknown:
    """`number` is its place in the list of that many days, the most time first."""

    number: int
    field: Literal["app", "site"]
    name: str
    minutes: float
    proposal: Proposal | None

    def document(self) -> dict[str, object]:
        said = self.proposal
        return {
            "number": self.number, "field": self.field, "name": self.name, "minutes": round(self.minutes, 1),
            "category": said.category if said else None, "confidence": said.confidence if said else None,
            "why": said.why if said else None,
        }


def unknown(db: Connection, config: Config, now: datetime, days: int = 28, limit: int = 20) -> list[Unknown]:
    """Those of the last days with at least a minute, most time first."""
    rules = categories.load(db, config)
    spent: dict[tuple[Literal["app", "site"], str], float] = defaultdict(float)
    for app, host, seconds in usage.unlabelled(db, now - timedelta(days=days), now, BROAD):
        if host and not _known_host(rules, host):
            spent["site", host] += seconds
        elif app and not host:
            spent["app", app] += seconds
    most = sorted(((s, field, name) for (field, name), s in spent.items() if s >= LEAST_S), key=lambda m: (-m[0], m[2]))
    if not most:
        return []
    words, menus = core.index(categories.shipped_names()), _menus()
    return [
        Unknown(number, field, name, seconds / 60, core.propose(field, name, words, _menu(menus, field, name)))
        for number, (seconds, field, name) in enumerate(most[:limit], start=1)
    ]


def accept(
    db: Connection, config: Config, now: datetime, which: str, category: str = "", days: int = 28
) -> tuple[Unknown, str, int]:
    """Make a rule of a proposal, by number or name, or of another `category`; returns what it was, the category, and how
    many windows were labelled. Raises NotFound and InvalidInput."""
    found = [u for u in unknown(db, config, now, days, limit=10_000) if which in (str(u.number), u.name)]
    if not found:
        raise NotFound(f"{which!r} is not among the unknown ones", "`coach category unknown` lists them")
    one = found[0]
    named = category or (one.proposal.category if one.proposal else "")
    if not named:
        raise InvalidInput(f"nothing is proposed for {one.name}", f'say what it is: coach category accept {one.number} "News"')
    changed = categories.add_rule(db, "url" if one.field == "site" else "app", one.name, "exact", named, config, now)
    return one, named, changed


def _known_host(rules: categories.Rules, host: str) -> bool:
    while host:
        if knows(rules.categoriser, host=host):
            return True
        host = host.partition(".")[2]
    return False


def _menus() -> dict[str, tuple[str, ...]]:
    return {key: menu for name, menu in menu_categories().items() for key in app_keys(name)}


def _menu(menus: dict[str, tuple[str, ...]], field: str, name: str) -> tuple[str, ...]:
    return next((menus[key] for key in app_keys(name) if key in menus), ()) if field == "app" else ()
