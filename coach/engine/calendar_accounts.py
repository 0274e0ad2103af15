"""Accounts on CalDAV servers: their calendars found, chosen and added; their passwords kept.

The password is kept in the store and nowhere else. The store is encrypted, and its key is in the desktop's keyring where
there is one, so that a second entry there would guard nothing more; and it works without a desktop, moves with a backup
and goes with the calendar. It is no part of the change log and of no export."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.calendar import Calendar
from coach.core.errors import InvalidInput, NotFound
from coach.engine import calendars
from coach.engine.calendars import CalendarRow
from coach.integrations import caldav
from coach.integrations.caldav import Account, Found
from coach.store import caldav as kept
from coach.store import calendars as store
from coach.store import changes
from coach.store.db import Connection, transaction


def account(db: Connection, address: str, user: str, ask: Callable[[str], str]) -> Account:
    """The account of an address and a user, with the password that is kept for it, else the one that `ask` (prompt) gives.
    Raises InvalidInput for an address that cannot be used or a missing user name."""
    address, named = caldav.checked_address(address)
    user = user or named
    if not user:
        raise InvalidInput(f"your user name on {caldav.host_of(address)} is missing", "add --user NAME")
    secret = kept.password(db, caldav.origin(address), user)
    if secret is None:
        secret = ask(f"Password of {user} on {caldav.host_of(address)}: ")
    if not secret:
        raise InvalidInput("the password is missing", "it is asked for in a terminal; --password-file names a file with it")
    return Account(address, user, secret)


def calendars_of(account: Account) -> list[Found]:
    """The calendars of the account that take events. Raises Unavailable, also when the password is wrong."""
    with closing(caldav.Server(account)) as server:
        return [found for found in server.calendars() if found.events]


def choose(found: Sequence[Found], names: Sequence[str]) -> list[Found]:
    """Those of these names (or addresses); the only one when none is named. Raises NotFound or InvalidInput, with the names
    that there are."""
    known = ", ".join(repr(one.name) for one in found)
    if not names:
        if len(found) == 1:
            return list(found)
        raise InvalidInput(f"there are {len(found)} calendars: {known}", "choose with --calendar NAME, once for each, or --all")
    chosen = [one for one in found if any(name.casefold() == one.name.casefold() or name == one.address for name in names)]
    for name in names:
        if not any(name.casefold() == one.name.casefold() or name == one.address for one in chosen):
            raise NotFound(f"there is no calendar {name!r} in this account", f"there are: {known}" if known else "")
    return chosen


def add(
    db: Connection, account: Account, chosen: Sequence[Found], config: Config, now: datetime, tz: ZoneInfo, name: str = ""
) -> list[CalendarRow]:
    """Keep the calendars and the account's password, and read them. Raises InvalidInput when all are there already."""
    have = {c.location for c in store.every(db)}
    new = [found for found in chosen if found.address not in have]
    if not new:
        raise InvalidInput("that calendar is there already", "`coach calendar sync` reads it again")
    added: list[Calendar] = []
    with transaction(db):
        kept.set_password(db, caldav.origin(account.address), account.user, account.password)
        for found in new:
            if caldav.origin(caldav.checked_address(found.address)[0]) != caldav.origin(account.address):
                kept.set_password(db, caldav.origin(found.address), account.user, account.password)
            called = calendars.free_name(db, name if name and len(new) == 1 else found.name)
            calendar = Calendar(str(uuid.uuid4()), called, "caldav", found.address, now, user=account.user)
            changes.apply(db, [change.create("calendar", calendar.id, store.values(calendar))], now=now, label="add calendar")
            added.append(calendar)
    return calendars.sync(db, now, tz, [c.id for c in added], config)


def set_password(db: Connection, ref: str, ask: Callable[[str], str]) -> Calendar:
    """Ask for the password of a calendar's account, try it, and keep it. Raises NotFound, InvalidInput, Unavailable."""
    calendar = store.find(db, ref)
    if calendar.kind != "caldav":
        raise InvalidInput(f"{calendar.name} has no password", "only calendars on CalDAV servers do")
    secret = ask(f"Password of {calendar.user} on {caldav.host_of(calendar.location)}: ")
    if not secret:
        raise InvalidInput("the password is missing", "nothing was changed")
    with closing(caldav.Server(Account(calendar.location, calendar.user, secret))) as server:
        server.tag(calendar.location)
    kept.set_password(db, caldav.origin(calendar.location), calendar.user, secret)
    return calendar
