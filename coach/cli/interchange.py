"""Import and export from the shell."""

from __future__ import annotations

import sys

import click

from coach.cli.common import Shell, pass_shell, safe
from coach.engine.interchange import Tally


@click.command(name="import")
@click.argument("kind")
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_shell
def import_(shell: Shell, kind: str, file: str, dry_run: bool, yes: bool) -> None:
    """Bring tasks in: taskwarrior, todotxt, todoist, ics (a file or a vdir folder), csv, json. One `coach undo` takes it back."""
    from coach.engine import interchange

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
    """Write everything out: taskwarrior, todotxt, todoist, ics (a file or a vdir folder), csv, json. Files are 0600."""
    from coach.engine import interchange

    with shell.store() as db:
        if file != "-":
            written = interchange.export_to(db, kind, file, shell.config, shell.now, shell.tz)
            shell.show({"kind": kind, "file": str(written)}, f"{written}")
            return
        for piece in interchange.export(db, kind, shell.config, shell.now, shell.tz):
            sys.stdout.write(piece)
        sys.stdout.flush()


def _words(tally: Tally, *, planned: bool) -> str:
    would = "would be " if planned else ""
    counted = [
        f"{tally.new:,} {would}new", f"{tally.changed:,} {would}changed", f"{tally.same:,} the same",
        *(f"{count:,} {name.replace('_', ' ')}" for name, count in tally.other.items()),
    ]
    if tally.left_out:
        counted.append(f"{tally.left_out:,} left out")
    lines = [f"{safe(tally.source)}: {', '.join(counted)}"]
    lines += [f"  left out: {safe(where)}: {safe(why)}" for where, why in tally.refused]
    lines += [f"  {safe(where)}: {safe(note)}" for where, note in tally.said]
    if tally.left_out > len(tally.refused):
        lines.append(f"  and {tally.left_out - len(tally.refused):,} more")
    if tally.action:
        lines.append("`coach undo` takes it back")
    return "\n".join(lines)
