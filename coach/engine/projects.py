"""Which project an event belongs to: what its source says, what its window tells, and what the person's own rules name."""

from __future__ import annotations

from coach.core import category, projects
from coach.engine.categories import Rules


def settled(rules: Rules, app: str, title: str, url: str, given: str) -> str:
    """The project under which a window is kept; empty where nothing names one. `given` is what its source says."""

    def is_own(name: str) -> bool:
        rule = category.match(rules.categoriser, project=name)
        return rule is not None and rule.user and rule.field == "project"

    return projects.settled(given, app, title, url, is_own)
