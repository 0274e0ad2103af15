"""What open tasks name, their projects and labels, and how many there are. Light: completion in the shell waits for it."""

from __future__ import annotations

from coach.store import tasks
from coach.store.db import Connection


def count_open(db: Connection) -> int:
    """Open tasks, those that wait for a later day too."""
    return tasks.count(db, "pending")


def projects(db: Connection) -> list[tuple[str, int]]:
    """Projects of open tasks, each with how many; see `store.tasks.projects`."""
    return tasks.projects(db)


def project_names(db: Connection) -> list[str]:
    """Projects of open tasks, by name, without counting them."""
    from coach.store import search  # counting does not need it

    return search.project_names(db)


def tags(db: Connection) -> list[tuple[str, int]]:
    """Labels of open tasks, each with how many; see `store.tasks.tags`."""
    return tasks.tags(db)


def tag_names(db: Connection) -> list[str]:
    """Labels of open tasks, by name, without counting them."""
    from coach.store import search

    return search.tag_names(db)
