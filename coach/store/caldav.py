"""Calendars on CalDAV servers: passwords, the events as the server keeps them, where blocks stand, and what is to be told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coach.core.block_sync import Times
from coach.core.calendar import CalendarEvent
from coach.core.when import from_ms, iso, parse_iso, to_ms
from coach.store.calendars import NOT_OWN
from coach.store.db import Connection, rows

_KEPT_NEWS = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """An object of a calendar as it was last seen."""

    etag: str
    uid: str
    data: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a block's event says: its times, None for a deletion, and its title."""

    times: Times | None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A block's event in a calendar. `base` is what both sides had when they last agreed, `sent` what was under way when
    the last request began. An event that is `left` is not Coach's to change any more."""

    block: str
    calendar: str
    path: str
    base: Written | None = None
    sent: Written | None = None
    left: bool = False


def password(db: Connection, origin: str, user: str) -> str | None:
    found = db.execute("SELECT password FROM calendar_password WHERE origin = ? AND user = ?", (origin, user)).fetchone()
    return str(found[0]) if found else None


def set_password(db: Connection, origin: str, user: str, secret: str) -> None:
    db.execute("INSERT OR REPLACE INTO calendar_password(origin, user, password) VALUES(?,?,?)", (origin, user, secret))


def passwords(db: Connection) -> list[tuple[str, str]]:
    """(origin, user) of each password that is kept."""
    return [(r[0], r[1]) for r in db.execute("SELECT origin, user FROM calendar_password")]


def forget_password(db: Connection, origin: str, user: str) -> None:
    db.execute("DELETE FROM calendar_password WHERE origin = ? AND user = ?", (origin, user))


def etags(db: Connection, calendar: str) -> dict[str, str]:
    """The ETag of each object that is kept, by path."""
    return dict(tuple(r) for r in db.execute("SELECT path, etag FROM calendar_object WHERE calendar = ?", (calendar,)))


def objects(db: Connection, calendar: str) -> dict[str, Kept]:
    found = db.execute("SELECT path, etag, uid, data FROM calendar_object WHERE calendar = ?", (calendar,))
    return {r["path"]: Kept(r["etag"], r["uid"], r["data"]) for r in found}


def find_object(db: Connection, calendar: str, path: str) -> Kept | None:
    found = db.execute("SELECT etag, uid, data FROM calendar_object WHERE calendar = ? AND path = ?", (calendar, path)).fetchone()
    return Kept(*found) if found else None


def beginning(db: Connection, calendar: str, at: datetime) -> list[tuple[CalendarEvent, str]]:
    """The occurrences of a calendar that begin at that instant, with the paths of their objects."""
    found = db.execute(
        "SELECT e.*, o.path FROM calendar_event e JOIN calendar_object o ON o.calendar = e.calendar AND o.uid = e.uid"
        f" WHERE e.calendar = ? AND e.start_ms = ? AND {NOT_OWN} ORDER BY e.id", (calendar, to_ms(at)),
    )
    return [
        (CalendarEvent(r["uid"], from_ms(r["start_ms"]), from_ms(r["end_ms"]), bool(r["all_day"]), bool(r["busy"]), r["title"]),
         r["path"]) for r in found
    ]


def keep_object(db: Connection, calendar: str, path: str, kept: Kept) -> None:
    db.execute(
        "INSERT OR REPLACE INTO calendar_object(calendar, path, etag, uid, data) VALUES(?,?,?,?,?)",
        (calendar, path, kept.etag, kept.uid, kept.data),
    )


def drop_objects(db: Connection, calendar: str, paths: Iterable[str]) -> None:
    db.executemany("DELETE FROM calendar_object WHERE calendar = ? AND path = ?", ((calendar, path) for path in paths))


def links(db: Connection, calendar: str = "") -> list[Link]:
    """The links of a calendar, or all of them."""
    found = db.execute("SELECT * FROM block_link WHERE calendar = ? OR ? = '' ORDER BY block", (calendar, calendar))
    return [
        Link(r["block"], r["calendar"], r["path"], _written(r["base"]), _written(r["sent"]), bool(r["left"])) for r in found
    ]


def keep_link(db: Connection, link: Link) -> None:
    db.execute(
        "INSERT OR REPLACE INTO block_link(block, calendar, path, base, sent, left) VALUES(?,?,?,?,?,?)",
        (link.block, link.calendar, link.path, _dumped(link.base), _dumped(link.sent), int(link.left)),
    )


def drop_link(db: Connection, block: str) -> None:
    db.execute("DELETE FROM block_link WHERE block = ?", (block,))


def forget_strays(db: Connection) -> None:
    """What is known of calendars that are no more; their events on the server stay."""
    for table in ("calendar_object", "block_link"):
        db.execute(f"DELETE FROM {table} WHERE calendar NOT IN (SELECT id FROM calendar)")


def tell(db: Connection, text: str, now: datetime) -> None:
    """Something that a synchronisation decided and the person has to hear of."""
    db.execute("INSERT INTO calendar_news(at, text, seen) VALUES(?,?,0)", (iso(now), text))
    db.execute("DELETE FROM calendar_news WHERE id <= (SELECT max(id) FROM calendar_news) - ?", (_KEPT_NEWS,))


def news(db: Connection, *, unseen: bool = True, limit: int = _KEPT_NEWS) -> list[dict[str, Any]]:
    """Newest first: at, text, seen."""
    where = "WHERE seen = 0" if unseen else ""
    return rows(db, f"SELECT at, text, seen FROM calendar_news {where} ORDER BY id DESC LIMIT ?", (limit,))


def see_news(db: Connection) -> None:
    db.execute("UPDATE calendar_news SET seen = 1 WHERE seen = 0")


def _dumped(written: Written | None) -> str | None:
    if written is None:
        return None
    times = written.times
    return json.dumps([iso(times.start), iso(times.end), written.title] if times else [])


def _written(text: str | None) -> Written | None:
    if text is None:
        return None
    found = json.loads(text)
    return Written(Times(parse_iso(found[0]), parse_iso(found[1])), found[2]) if found else Written(None)
