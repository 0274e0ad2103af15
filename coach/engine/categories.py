"""Which category a window has: the shipped taxonomy and the user's rules, made ready once and passed along."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from coach.config import Config, clock, shipped
from coach.core import category as core
from coach.core import change
from coach.core.category import Categoriser, Category, Rule
from coach.core.errors import InvalidInput, NotFound
from coach.store import changes, rollups
from coach.store.db import Connection, meta, set_meta, transaction

RELABEL_AT_ONCE = 1000
"""Contexts that change their category in one transaction."""
_LABELS, _LEVELS = "labelled_by", "scored_by"


@dataclass(frozen=True, slots=True)
class Rules:
    """Ready to ask: rules, categories by name, and the minute of the day at which a day begins."""

    categoriser: Categoriser
    categories: Mapping[str, Category]
    day_start_min: int
    labels: str = ""
    """Differs when a window may get another category: the user's rules, the shipped ones."""
    levels: str = ""
    """Differs when an hour may get another score: the user's levels, the role."""

    def categorise(self, app: str, title: str, url: str, project: str) -> str | None:
        return core.categorise(self.categoriser, app, title, url, project)

    def named(self, name: str | None) -> Category:
        return core.category_named(self.categories, name)

    def watches(self, name: str | None) -> bool:
        """Whether no input does not mean away there: calls, video, reading."""
        return self.named(name).idle_after_min is not None


def load(db: Connection, config: Config) -> Rules:
    """The shipped rules under the user's. The shipped ones are read once in a process."""
    role = _preference(db, "role") or ""
    _, under, edition = _shipped()
    categories = _categories(role if isinstance(role, str) else "")
    own = {
        r["id"]: Category(r["id"], r["level"], bool(r["focus"]), r["idle_after_min"]) for r in changes.read(db, "category")
    }
    users = user_rules(db)
    return Rules(
        core.compiled(users, under), {**categories, **own}, day_start_min(config),
        f"{edition} {_digest(repr(users))}", f"{edition} {_digest(repr((role, sorted(own.items()))))}",
    )


def day_start_min(config: Config) -> int:
    start = clock(config.time.day_start)
    return start.hour * 60 + start.minute


def user_rules(db: Connection) -> list[Rule]:
    """The user's own rules, oldest first."""
    return [
        Rule(r["id"], r["field"], r["pattern"], r["kind"], r["category"])
        for r in changes.read(db, "rule", "1 ORDER BY created, id")
    ]


def add_rule(db: Connection, field: str, pattern: str, kind: str, category: str, config: Config, now: datetime) -> int:
    """A rule of the user's, applied to history at once; returns how many contexts changed. Raises InvalidInput."""
    rule = core.Rule(str(uuid.uuid4()), field, pattern, kind, category)  # type: ignore[arg-type]
    if field not in core.FIELDS:
        raise InvalidInput(f"a rule looks at {', '.join(core.FIELDS)}, not at {field!r}")
    if kind not in core.KINDS:
        raise InvalidInput(f"a pattern is {', '.join(core.KINDS)}, not {kind!r}")
    if not pattern or not category.strip():
        raise InvalidInput("a rule needs a pattern and a category")
    core.compiled([rule])  # refuses a pattern that is no regular expression
    values = {"field": field, "pattern": pattern, "kind": kind, "category": category, "created": now.isoformat()}
    changes.apply(db, [change.create("rule", rule.id, values)], now=now, label="add rule")
    return relabel(db, config)


def remove_rule(db: Connection, rule_id: str, config: Config, now: datetime) -> int:
    found = changes.read(db, "rule", "id >= ? AND id < ?", (rule_id, rule_id + "g"))
    if len(found) != 1:
        raise NotFound(f"there is no rule {rule_id!r}", "`coach rule list` shows them")
    values = {k: v for k, v in found[0].items() if k != "id"}
    changes.apply(db, [change.delete("rule", found[0]["id"], values)], now=now, label="remove rule")
    return relabel(db, config)


def relabel(db: Connection, config: Config) -> int:
    """Ask the rules again for every context and bring the roll-ups along; returns how many contexts changed.

    Chunk by chunk, each consistent in itself, so that the tracker and other edits need not wait for all of it."""
    rules = load(db, config)
    found = db.execute("SELECT id, app, title, url, project, category FROM context").fetchall()
    changed = [
        (r["id"], new) for r in found
        if (new := rules.categorise(r["app"], r["title"], r["url"], r["project"])) != r["category"]
    ]
    for first in range(0, len(changed), RELABEL_AT_ONCE):
        rollups.relabel(db, changed[first : first + RELABEL_AT_ONCE], rules.day_start_min)
    set_meta(db, _LABELS, rules.labels)
    return len(changed)


def catch_up(db: Connection, config: Config, *, starting: bool = False) -> Rules:
    """The rules, after history follows what changed them unseen: an undo, another role; and, when a process is `starting`,
    a newer Coach or another start of the day in its settings. (One that runs for long must not bring back its own.)"""
    rules = load(db, config)
    own = not starting  # of "edition digest", what the shipped part is counts at a start only
    if _differs(meta(db, _LABELS), rules.labels, own):
        relabel(db, config)
    if _differs(meta(db, _LEVELS), rules.levels, own):
        with transaction(db):
            rollups.forget_scores(db)
            set_meta(db, _LEVELS, rules.levels)
    if starting and rollups.day_start(db, rules.day_start_min) != rules.day_start_min:
        with transaction(db):
            rollups.rebuild_all(db, rules.day_start_min)
    return rules


def _differs(then: str, now: str, own: bool) -> bool:
    return then.split(" ")[own:] != now.split(" ")[own:]


@lru_cache(maxsize=1)
def _shipped() -> tuple[dict[str, Any], Categoriser, str]:
    """The taxonomy, its rules made ready, and a digest of it."""
    import tomllib

    text = shipped("data", "taxonomy.toml").read_text(encoding="utf-8")
    tree: dict[str, Any] = tomllib.loads(text)
    return tree, core.compiled(core.from_taxonomy(tree)[1]), _digest(text)


def shipped_rules() -> Categoriser:
    """The shipped taxonomy's rules without a user's: what simulated people are labelled by."""
    return _shipped()[1]


def shipped_names() -> list[tuple[str, str]]:
    """(app or site, category) of every shipped rule that names one."""
    rules = core.from_taxonomy(_shipped()[0])[1]
    return [(r.pattern, r.category) for r in rules if r.field in ("app", "url") and r.kind == "exact"]


@lru_cache(maxsize=4)
def _categories(role: str) -> dict[str, Category]:
    return core.categories_of(_shipped()[0], role)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _preference(db: Connection, name: str) -> Any:
    found = changes.read(db, "preference", "id = ?", (name,))
    return found[0]["value"] if found else None


def set_category(db: Connection, name: str, level: float, focus: bool, config: Config, now: datetime) -> None:
    """The user's own level and focus flag for a category; hours are scored anew. Raises InvalidInput off the five steps."""
    if level not in core.LEVELS:
        raise InvalidInput(f"{level:g} is no level", "1, 0.75, 0.5, 0.25 or 0")
    values = {"level": level, "focus": focus, "idle_after_min": load(db, config).named(name).idle_after_min}
    old = changes.read(db, "category", "id = ?", (name,))
    edit = change.update("category", name, old[0], values) if old else change.create("category", name, values)
    with transaction(db):
        changes.apply(db, [edit], now=now, label="set category")
        rollups.forget_scores(db)
