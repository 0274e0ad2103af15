"""Calendars from the shell."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.errors import Unavailable

if TYPE_CHECKING:
    from coach.engine.calendars import CalendarRow


@click.group()
def calendar() -> None:
    """Calendars whose events are busy time: add, list, remove, sync, events."""


@calendar.command()
@click.argument("where", metavar="FILE|DIR|URL")
@click.option("--name", default="", help="What to call it; default the file, the folder or the host.")
@pass_shell
def add(shell: Shell, where: str, name: str) -> None:
    """Add a .ics file, a folder of them (vdir) or the address of a feed."""
    from coach.engine import calendars

    with shell.store() as db:
        row = calendars.add(db, where, shell.now, shell.tz, name)
    shell.show(calendars.row_json(row), lambda: f"added {_line(row)}")
    _complain([row])


@calendar.command(name="list")
@pass_shell
def list_(shell: Shell) -> None:
    """The calendars, and when each was last read."""
    from coach.engine import calendars

    with shell.store() as db:
        found = calendars.rows(db)
    cells = [
        (r.calendar.id[:8], r.calendar.name, r.calendar.kind, str(r.events),
         f"{r.read.at.astimezone(shell.tz):%d %b %H:%M}" if r.read.at else "", str(len(r.read.problems) or ""), r.place)
        for r in found
    ]
    header = ("id", "name", "kind", "events", "read", "problems", "where")
    empty = "no calendars yet; `coach calendar add FILE` takes a .ics file, a folder or a feed"
    shell.show([calendars.row_json(r) for r in found], lambda: table(cells, header) if cells else empty)


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
    """Read calendars again, all when none is named."""
    from coach.engine import calendars

    with shell.store() as db:
        found = calendars.sync(db, shell.now, shell.tz, calendar)
    shell.show(
        [calendars.row_json(r) for r in found],
        lambda: "\n".join(_line(r) for r in found) or "no calendars yet",
    )
    _complain(found)
    if failed := [row.calendar.name for row in found if row.read.failed]:
        raise Unavailable(f"not read: {', '.join(failed)}", "what it held before stays; the others were read")


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


def _complain(found: list[CalendarRow]) -> None:
    """What could not be read: words, so on stderr."""
    for row in found:
        for problem in row.read.problems[:10]:
            click.echo(f"coach: {safe(row.calendar.name)}: {safe(problem)}", err=True)
        if len(row.read.problems) > 10:
            click.echo(f"coach: {safe(row.calendar.name)}: and {len(row.read.problems) - 10} more", err=True)
