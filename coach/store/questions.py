"""The questions that were asked, one a day at most."""

from __future__ import annotations

import json
from typing import Any

from coach.store.db import Connection


def of(db: Connection, day: str) -> dict[str, Any] | None:
    """That day's question: kind, subject, data, status, answer."""
    row = db.execute("SELECT kind, subject, data, status, answer FROM question WHERE day = ?", (day,)).fetchone()
    return None if row is None else {"kind": row[0], "subject": row[1], "data": json.loads(row[2]), "status": row[3],
                                     "answer": row[4]}


def asked(db: Connection) -> set[tuple[str, str]]:
    """(kind, subject) of all that were asked: none is asked twice."""
    return {(r[0], r[1]) for r in db.execute("SELECT kind, subject FROM question")}


def put(db: Connection, day: str, kind: str, subject: str, data: dict[str, Any]) -> None:
    """Shown on that day; nothing happens where one was."""
    db.execute("INSERT OR IGNORE INTO question VALUES(?,?,?,?,'shown',NULL)",
               (day, kind, subject, json.dumps(data, ensure_ascii=False)))


def close(db: Connection, day: str, status: str, answer: str | None) -> None:
    """Answered or dismissed."""
    db.execute("UPDATE question SET status = ?, answer = ? WHERE day = ?", (status, answer, day))


def unclear(db: Connection, limit: int) -> list[tuple[str, str]]:
    """(title, alternatives as JSON) of open tasks whose category is only suggested and not answered about, the newest first."""
    return [(r[0], r[1]) for r in db.execute(
        "SELECT t.title, g.alternatives FROM guess g JOIN task t ON t.num = g.num WHERE g.decision = 'suggest'"
        " AND t.status = 'pending' AND t.category IS NULL AND t.id NOT IN (SELECT task_id FROM category_answer)"
        " ORDER BY t.num DESC LIMIT ?", (limit,))]
