"""Calendars from the shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from coach.engine.calendars import CalendarRow


KINDS = "a .ics file, a folder of them, the address of a feed, or `caldav` and the address of a server"


@click.group()
def calendar() -> None:
    """Calendars whose events are busy time: add, list, remove, sync, events, move, cancel, password."""


@calendar.command()
@click.argument("where", metavar="FILE|DIR|URL|caldav")
@click.argument("address", default="", metavar="[URL]")
@click.option("--name", default="", help="What to call it; default the file, the folder, the host or the calendar's name.")
@click.option("--user", default="", help="User name on the CalDAV server.")
@click.option("--calendar", "chosen", multiple=True, metavar="NAME", help="A calendar of the CalDAV account; can be repeated.")
@click.option("--all", "every", is_flag=True, help="Every calendar of the CalDAV account.")
@click.option("--list", "only_list", is_flag=True, help="Only name the calendars of the CalDAV account.")
@click.option("--password-file", type=click.File("r", encoding="utf-8"), metavar="FILE",
              help="Holds the password in its first line (- is stdin); else it is asked for, or COACH_CALDAV_PASSWORD has it.")
@pass_shell
def add(
    shell: Shell, where: str, address: str, name: str, user: str, chosen: tuple[str, ...], every: bool, only_list: bool,
    password_file: TextIO | None,
) -> None:
    """Add a .ics file, a folder of them (vdir), the address of a feed, or calendars of a CalDAV account:
    `coach calendar add caldav https://example.org/dav/ --user me --calendar Work`. The password is kept in the encrypted
    store."""
    from coach.engine import calendars

    if where.lower() == "caldav" and address:
        _add_account(shell, address, user, name, (chosen, every, only_list), _password(password_file))
        return
    if address:
        raise InvalidInput(
            f"{address!r} is one word too many", "add one calendar at a time; `coach calendar add caldav URL` takes a server's")
    if not where.strip():
        raise InvalidInput("there is no calendar in that", f"name {KINDS}")
    with shell.store() as db:
        row = calendars.add(db, where, shell.now, shell.tz, name)
    shell.show(calendars.row_json(row), lambda: f"added {_line(row)}")
    _complain([row])


def _add_account(
    shell: Shell, address: str, user: str, name: str, choice: tuple[tuple[str, ...], bool, bool], ask: Callable[[str], str]
) -> None:
    from coach.engine import calendar_accounts as accounts
    from coach.engine import calendars

    names, every, only_list = choice
    with shell.store() as db:
        account = accounts.account(db, address, user, ask)
        found = accounts.calendars_of(account)
        if only_list:
            shell.show([{"name": f.name, "address": f.address} for f in found], "\n".join(safe(f.name) for f in found))
            return
        wanted = found if every else accounts.choose(found, names)
        rows = accounts.add(db, account, wanted, shell.config, shell.now, shell.tz, name)
    shell.show([calendars.row_json(r) for r in rows], lambda: "\n".join(f"added {_line(r)}" for r in rows))
    _complain(rows)


def _password(file: TextIO | None) -> Callable[[str], str]:
    """Where the password comes from; never the command line, which other programs of this machine can read."""
    def ask(prompt: str) -> str:
        if file is not None:
            return file.readline().rstrip("\r\n")
        if given := os.environ.get("COACH_CALDAV_PASSWORD", ""):
            return given
        if not sys.stdin.isatty():
            return ""
        import getpass

        return getpass.getpass(prompt)

    return ask


@calendar.command()
@click.argument("calendar")
@click.option("--password-file", type=click.File("r", encoding="utf-8"), metavar="FILE", help="Holds it in its first line.")
@pass_shell
def password(shell: Shell, calendar: str, password_file: TextIO | None) -> None:
    """Set the password of a CalDAV calendar's account anew."""
    from coach.engine import calendar_accounts as accounts

    with shell.store() as db:
        found = accounts.set_password(db, calendar, _password(password_file))
    shell.show({"id": found.id, "name": found.name}, f"the password of {safe(found.name)} works and is kept")


@calendar.command(name="list")
@pass_shell
def list_(shell: Shell) -> None:
    """The calendars, and when each was last read."""
    from coach.engine import calendars

    with shell.store() as db:
        found = calendars.rows(db)
        news = calendars.news(db)
    cells = [
        (r.calendar.id[:8], r.calendar.name, r.calendar.kind, str(r.events),
         f"{r.read.at.astimezone(shell.tz):%d %b %H:%M}" if r.read.at else "", str(len(r.read.problems) or ""), r.place)
        for r in found
    ]
    header = ("id", "name", "kind", "events", "read", "problems", "where")
    empty = "no calendars yet; `coach calendar add FILE` takes a .ics file, a folder or a feed"
    shell.show([calendars.row_json(r) for r in found], lambda: table(cells, header) if cells else empty)
    _tell(shell, news)


@calendar.command()
@click.argument("calendar")
@pass_shell
def remove(shell: Shell, calendar: str) -> None:
    """Remove a calendar by name or id, with its events; `coach undo` brings it back."""
    from coach.engine import calendars

    with shell.store() as db:
        gone = calendars.remove(db, calendar, shell.now)
    shell.show({"id": gone.id, "name": gone.name}, lambda: f"removed {safe(gone.name)}")


@calendar.command()
@click.argument("calendar", nargs=-1)
@pass_shell
def sync(shell: Shell, calendar: tuple[str, ...]) -> None:
    """Read calendars again, all when none is named, and bring those on CalDAV servers and the plan's blocks together.
    What was changed on both sides is settled and told (README, "Calendars")."""
    from coach.engine import block_feed, calendars

    with shell.store() as db:
        found = calendars.sync(db, shell.now, shell.tz, calendar, shell.config)
        block_feed.follow(db, shell.config, shell.now)
        news = calendars.news(db)
    shell.show(
        [calendars.row_json(r) for r in found],
        lambda: "\n".join(_line(r) for r in found) or "no calendars yet",
    )
    _complain(found)
    _tell(shell, news)
    if failed := [row.calendar.name for row in found if row.read.failed]:
        raise Unavailable(f"not read: {', '.join(failed)}", "what it held before stays; the others were read")


@calendar.command()
@click.argument("when")
@click.argument("to")
@click.option("--title", default="", help="Words of its title, where several events begin then.")
@pass_shell
def move(shell: Shell, when: str, to: str, title: str) -> None:
    """Move the event that begins at WHEN, in a calendar on a CalDAV server: `coach calendar move "fri 9:00" "fri 15:00"`. Of a
    series only this occurrence moves."""
    from coach.core.calendar import event_json
    from coach.engine import calendar_edit, calendars

    at, start = (_instant(shell, words) for words in (when, to))
    with shell.store() as db:
        found = calendar_edit.find(db, at, title)
        event = calendar_edit.move(db, found, start, shell.now, calendars.span(shell.now, shell.tz))
    shell.show(event_json(event), f"moved {safe(event.title)} to {start.astimezone(shell.tz):%a %d %b %H:%M}")


@calendar.command()
@click.argument("when")
@click.option("--title", default="", help="Words of its title, where several events begin then.")
@pass_shell
def cancel(shell: Shell, when: str, title: str) -> None:
    """Take the event that begins at WHEN out of its calendar on a CalDAV server. Of a series only this occurrence goes."""
    from coach.core.calendar import event_json
    from coach.engine import calendar_edit, calendars

    at = _instant(shell, when)
    with shell.store() as db:
        found = calendar_edit.find(db, at, title)
        calendar_edit.cancel(db, found, calendars.span(shell.now, shell.tz))
    shell.show(event_json(found.event), f"cancelled {safe(found.event.title)}")


def _instant(shell: Shell, words: str) -> datetime:
    from coach.core.when import start_of
    from coach.engine import tasks

    return start_of(tasks.snooze_moment(words, shell.config, shell.now, shell.tz), shell.tz).astimezone(UTC)


@calendar.command()
@click.option("--days", type=click.IntRange(1, 100), default=7, show_default=True, help="From today on.")
@pass_shell
def events(shell: Shell, days: int) -> None:
    """The events of the days ahead."""
    from coach.core.calendar import event_json
    from coach.core.when import start_of
    from coach.engine import calendars

    first = shell.now.astimezone(shell.tz).date()
    low, high = (start_of(d, shell.tz).astimezone(UTC) for d in (first, first + timedelta(days=days)))
    with shell.store() as db:
        calendars.refresh(db, shell.now, shell.tz, network=False)
        found = calendars.events_between(db, low, high)

    def words() -> str:
        cells = []
        for e in found:
            start, end = e.start.astimezone(shell.tz), e.end.astimezone(shell.tz)
            when = "all day" if e.all_day else f"{start:%H:%M}-{end:%H:%M}"
            cells.append((f"{start:%a %d %b}", when, "" if e.busy else "free", e.title))
        return table(cells, ("day", "time", "", "event")) if cells else "no events in these days"

    shell.show([event_json(e) for e in found], words)


def _line(row: CalendarRow) -> str:
    events = f"{row.events} event{'' if row.events == 1 else 's'}"
    return f"{safe(row.calendar.name)}: {'could not be read; still ' if row.read.failed else ''}{events}"


def _tell(shell: Shell, news: list[dict[str, Any]]) -> None:
    """What a synchronisation has decided since it was last told."""
    for one in reversed(news):
        shell.note(safe(one["text"]))


def _complain(found: list[CalendarRow]) -> None:
    """What could not be read: words, so on stderr."""
    for row in found:
        for problem in row.read.problems[:10]:
            click.echo(f"coach: {safe(row.calendar.name)}: {safe(problem)}", err=True)
        if len(row.read.problems) > 10:
            click.echo(f"coach: {safe(row.calendar.name)}: and {len(row.read.problems) - 10} more", err=True)
