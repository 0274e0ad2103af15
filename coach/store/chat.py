"""The conversation as it was: questions, answers, and what the answers stood on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from coach.core.when import iso
from coach.store.db import Connection, meta, rows, set_meta, transaction

TURNS = "chat_turns"
"""Name in `meta` of what the last turns in terminals left to lean on."""


def add(db: Connection, now: datetime, question: str, answer: str, data: Mapping[str, Any]) -> None:
    """One exchange; `data` is the answer object that `coach ask --json` prints."""
    with transaction(db):
        for role, text, extra in (("user", question, None), ("coach", answer, json.dumps(data, ensure_ascii=False))):
            db.execute(
                "INSERT INTO chat_message(id, at, role, text, data) VALUES(?,?,?,?,?)",
                (str(uuid.uuid4()), iso(now), role, text, extra),
            )


def tell(db: Connection, now: datetime, text: str, data: Mapping[str, Any]) -> None:
    """What the coach says without having been asked."""
    db.execute(
        "INSERT INTO chat_message(id, at, role, text, data) VALUES(?,?,'coach',?,?)",
        (str(uuid.uuid4()), iso(now), text, json.dumps(data, ensure_ascii=False)),
    )


def latest(db: Connection, limit: int = 40) -> list[dict[str, Any]]:
    """`{at, role, text, data}` of the newest messages, oldest first; `data` is decoded, None for questions."""
    found = rows(db, "SELECT at, role, text, data FROM chat_message ORDER BY rowid DESC LIMIT ?", (limit,))
    return [{**row, "data": json.loads(row["data"]) if row["data"] else None} for row in reversed(found)]


def backwards(db: Connection) -> Iterator[dict[str, Any]]:
    """`latest` of the whole conversation, the newest first."""
    for row in db.execute("SELECT at, role, text, data FROM chat_message ORDER BY rowid DESC"):
        yield {"at": row[0], "role": row[1], "text": row[2], "data": json.loads(row[3]) if row[3] else None}


def rate(db: Connection, ref: str | None, rating: int) -> dict[str, Any] | None:
    """Keep a rating with an answer, of an id or an unambiguous beginning of one (4 characters or more), the last answer for None;
    `{id, text}`, or None when there is no such answer."""
    where = "role = 'coach' AND data IS NOT NULL"
    values: tuple[str, ...] = ()
    if ref is not None:
        where, values = f"{where} AND id >= ? AND id < ?", (ref, ref + "g")
    found = db.execute(f"SELECT id, text FROM chat_message WHERE {where} ORDER BY rowid DESC LIMIT 2", values).fetchall()
    if not found or (ref is not None and (len(found) > 1 or len(ref) < 4)):
        return None
    db.execute("UPDATE chat_message SET data = json_set(data, '$.rating', ?) WHERE id = ?", (rating, found[0][0]))
    return {"id": found[0][0], "text": found[0][1]}


def rated(db: Connection) -> list[dict[str, Any]]:
    """The answer objects that were rated, oldest first, each with its `rating`."""
    found = db.execute(
        "SELECT data FROM chat_message WHERE role = 'coach' AND json_extract(data, '$.rating') IS NOT NULL ORDER BY rowid"
    )
    return [json.loads(row[0]) for row in found]


def turns(db: Connection) -> str:
    """What was kept by `keep_turns`; "" for nothing."""
    return meta(db, TURNS)


def keep_turns(db: Connection, text: str) -> None:
    set_meta(db, TURNS, text)


def clear(db: Connection) -> int:
    """Forget the conversation; returns how many messages it had."""
    db.execute("DELETE FROM meta WHERE key = ?", (TURNS,))
    return int(db.execute("DELETE FROM chat_message").rowcount)
