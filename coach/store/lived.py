"""What the contexts of timeline rows say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from coach.store.db import Connection


class Said(NamedTuple):
    """What a context says; `category` is the rules', None where none names it."""

    app: str
    title: str
    url: str
    project: str
    category: str | None


def said(db: Connection, contexts: Sequence[int]) -> dict[int, Said]:
    """By id."""
    cursor = db.cursor()
    cursor.row_factory = None
    found = cursor.execute(
        "SELECT id, app, title, url, project, category FROM context WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(contexts)),),
    )
    return {row[0]: Said(*row[1:]) for row in found}
