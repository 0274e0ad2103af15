"""Import and export from the shell."""

from __future__ import annotations

import sys

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.engine.tally import Tally


@click.command(name="import")
@click.argument("kind", default="")
@click.argument("file", default="-", metavar="[FILE|URL|-]")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--list", "listing", is_flag=True, help="The imports of tracked time, by number.")
@click.option("--remove", type=int, metavar="NUMBER", help="Take away all that an import of tracked time brought, for good.")
@pass_shell
def import_(shell: Shell, kind: str, file: str, dry_run: bool, yes: bool, listing: bool, remove: int | None) -> None:
    """Bring in tasks (taskwarrior, todotxt, todoist, ics: a file or a vdir folder, csv), everything (json), or tracked time:
    activitywatch (an export, or http://localhost:5600 for a running server), timewarrior, csv with columns start and end.

    One `coach undo` takes tasks back, `--remove NUMBER` an import of tracked time."""
    from coach.engine import interchange

    if listing or remove is not None:
        _tracked(shell, remove, yes)
        return
    if not kind:
        raise click.UsageError("Name what to import, for example: coach import taskwarrior FILE")
    source = interchange.source_of(file, sys.stdin.buffer.read)
    asks = not dry_run and not yes and file != "-" and sys.stdin.isatty()
    reviewed = b""
    with shell.store() as db:
        if dry_run or asks:
            reviewed = interchange.digest(source)
            tally = interchange.review(db, kind, source, shell.now, shell.tz, shell.config)
            if asks:
                click.echo(_words(tally, planned=True), err=True)
                click.confirm("Import this?", abort=True, err=True)
        if not dry_run:
            tally = interchange.bring_in(db, kind, source, shell.now, shell.tz, reviewed, shell.config)
    shell.show(tally.document(dry_run), lambda: _words(tally, planned=dry_run))


@click.command()
@click.argument("kind")
@click.argument("file", default="-", metavar="[FILE|-]")
@pass_shell
def export(shell: Shell, kind: str, file: str) -> None:
    """Write tasks out (taskwarrior, todotxt, todoist, ics: a file or a vdir folder, csv), everything (json), the
    plan's accepted blocks (blocks: an .ics file), or tracked time: activitywatch, events (a table), timewarrior (manual time;
    a folder becomes its data files). Files are 0600."""
    from coach.engine import interchange

    with shell.store() as db:
        if file != "-":
            written = interchange.export_to(db, kind, file, shell.config, shell.now, shell.tz)
            shell.show({"kind": kind, "file": str(written)}, f"{written}")
            return
        for piece in interchange.export(db, kind, shell.config, shell.now, shell.tz):
            sys.stdout.write(piece)
        sys.stdout.flush()


def _tracked(shell: Shell, remove: int | None, yes: bool) -> None:
    """The imports of tracked time, or one of them taken away."""
    from coach.engine import tracked

    with shell.store() as db:
        found = tracked.imports(db)
        if remove is None:
            cells = [
                (str(i["number"]), i["at"][:16].replace("T", " "), i["kind"], f"{i['events']:,}", i["start"][:10]) for i in found
            ]
            header = ("import", "at (UTC)", "of", "events", "from")
            shell.show(found, lambda: table(cells, header) if cells else "no tracked time has been imported")
            return
        if not yes and sys.stdin.isatty():
            click.confirm(f"Delete what import {remove} brought, for good?", abort=True, err=True)
        count = tracked.remove(db, remove, shell.now, shell.tz, shell.config)
    shell.show({"import": remove, "removed": count}, f"removed {count:,} events of import {remove}")


def _named(name: str, count: int) -> str:
    """The kind of what came in beside: "buckets" of tracked time, and the records of everything."""
    return "bucket" if name == "buckets" and count == 1 else name.replace("_", " ")


def _words(tally: Tally, *, planned: bool) -> str:
    would = "would be " if planned else ""
    counted = [
        f"{tally.new:,} {would}new", f"{tally.changed:,} {would}changed", f"{tally.same:,} the same",
        *(f"{count:,} {_named(name, count)}" for name, count in tally.other.items()),
    ]
    if tally.left_out:
        counted.append(f"{tally.left_out:,} left out")
    lines = [f"{safe(tally.source)}: {', '.join(counted)}"]
    lines += [f"  left out: {safe(where)}: {safe(why)}" for where, why in tally.refused]
    lines += [f"  {safe(where)}: {safe(note)}" for where, note in tally.said]
    if tally.left_out > len(tally.refused):
        lines.append(f"  and {tally.left_out - len(tally.refused):,} more")
    if tally.import_number:
        lines.append(f"`coach import --remove {tally.import_number}` takes it back")
    if tally.action:
        lines.append("`coach undo` takes it back")
    return "\n".join(lines)
