"""Channels to other devices, with the secrets in their addresses, and the messages on their way.

Addresses are in no export and in no change log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coach.core.channel import Channel, Delivery, Status
from coach.core.when import iso, parse_iso
from coach.store.db import Connection

_CHANNEL = "id, name, service, shown, kinds, \"when\", titles, created"
_DELIVERY = "nudge_id, channel, status, tries, due, latency_ms, trouble"


def add(db: Connection, channel: Channel, address: str) -> None:
    values = (channel.id, channel.name, channel.service, channel.shown, channel.kinds, channel.when, int(channel.titles),
              iso(channel.created), address)
    db.execute(f"INSERT INTO channel({_CHANNEL}, address) VALUES({', '.join('?' * len(values))})", values)


def every(db: Connection) -> list[Channel]:
    """Oldest first."""
    return [_channel(row) for row in db.execute(f"SELECT {_CHANNEL} FROM channel ORDER BY rowid")]


def address(db: Connection, channel_id: str) -> str:
    return str(db.execute("SELECT address FROM channel WHERE id = ?", (channel_id,)).fetchone()[0])


def remove(db: Connection, channel_id: str) -> None:
    """The channel and what was on its way through it."""
    db.execute("DELETE FROM delivery WHERE channel = ?", (channel_id,))
    db.execute("DELETE FROM channel WHERE id = ?", (channel_id,))


def queue(db: Connection, nudge_id: str, channel_id: str, now: datetime) -> None:
    """Once for each nudge and channel, however often it is asked for."""
    db.execute(
        "INSERT OR IGNORE INTO delivery(nudge_id, channel, status, tries, due, queued) VALUES(?,?,'queued',0,?,?)",
        (nudge_id, channel_id, iso(now), iso(now)),
    )


def due(db: Connection, now: datetime) -> list[Delivery]:
    """Messages to send now, the oldest first."""
    found = db.execute(f"SELECT {_DELIVERY} FROM delivery WHERE status = 'queued' AND due <= ? ORDER BY due", (iso(now),))
    return [_delivery(row) for row in found]


def claim(db: Connection, one: Delivery, now: datetime) -> bool:
    """Whether this process is the one that sends it."""
    return bool(db.execute(
        "UPDATE delivery SET status = 'sending', tries = tries + 1, due = ? WHERE nudge_id = ? AND channel = ?"
        " AND status = 'queued'", (iso(now), one.nudge_id, one.channel),
    ).rowcount)


def settle(db: Connection, one: Delivery, status: Status, due: datetime, latency_ms: int, trouble: str = "") -> None:
    """What became of a try."""
    db.execute(
        "UPDATE delivery SET status = ?, due = ?, latency_ms = ?, trouble = ? WHERE nudge_id = ? AND channel = ?",
        (status, iso(due), latency_ms, trouble, one.nudge_id, one.channel),
    )


def give_up(db: Connection, sending_before: datetime, queued_before: datetime) -> None:
    """Fail what was being sent when its process went away, and what has waited for too long."""
    db.execute("UPDATE delivery SET status = 'failed', trouble = 'interrupted' WHERE status = 'sending' AND due < ?",
               (iso(sending_before),))
    db.execute("UPDATE delivery SET status = 'failed', trouble = 'too late' WHERE status = 'queued' AND queued < ?",
               (iso(queued_before),))


def queued_at(db: Connection, one: Delivery) -> datetime:
    row = db.execute("SELECT queued FROM delivery WHERE nudge_id = ? AND channel = ?", (one.nudge_id, one.channel)).fetchone()
    return parse_iso(row[0])


def of_nudge(db: Connection, nudge_id: str) -> list[Delivery]:
    """Its messages, in the order of the channels."""
    return [_delivery(r) for r in db.execute(f"SELECT {_DELIVERY} FROM delivery WHERE nudge_id = ? ORDER BY rowid", (nudge_id,))]


def tally(db: Connection) -> dict[tuple[str, str], tuple[int, float | None]]:
    """How many messages, and their mean latency in ms, by (channel id, status)."""
    found = db.execute("SELECT channel, status, count(*), avg(latency_ms) FROM delivery GROUP BY channel, status")
    return {(r[0], r[1]): (int(r[2]), r[3]) for r in found}


def last_trouble(db: Connection, channel_id: str) -> str:
    """Why the newest message that failed did; "" when none did."""
    row = db.execute("SELECT trouble FROM delivery WHERE channel = ? AND trouble != '' ORDER BY queued DESC LIMIT 1",
                     (channel_id,)).fetchone()
    return str(row[0]) if row else ""


def _channel(row: Any) -> Channel:
    return Channel(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6]), parse_iso(row[7]))


def _delivery(row: Any) -> Delivery:
    return Delivery(row[0], row[1], row[2], row[3], parse_iso(row[4]), row[5], row[6] or "")
