"""Saved filters from the shell."""

from __future__ import annotations

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.cli.words import FilterCommand, complete


@click.group(name="filter")
def filter_() -> None:
    """Filters by name: save, list, remove; used as `coach list @NAME`."""


@filter_.command(cls=FilterCommand)
@click.argument("name")
@click.argument("words", nargs=-1, required=True, shell_complete=complete("filter_words"))
@pass_shell
def save(shell: Shell, name: str, words: tuple[str, ...]) -> None:
    """Keep a filter: coach filter save calls +phone due.before:fri."""
    from coach.engine import filters

    with shell.store() as db:
        kept = filters.save(db, name, words, shell.config, shell.now, shell.tz)
    shell.show({"name": name.removeprefix("@"), "words": kept}, f"saved; coach list @{safe(name.removeprefix('@'))}")


@filter_.command(name="list")
@pass_shell
def list_(shell: Shell) -> None:
    """The saved filters."""
    from coach.engine import filters

    with shell.store() as db:
        found = filters.saved(db)
    shell.show(
        [{"name": n, "words": w} for n, w in found],
        lambda: table([(f"@{n}", " ".join(w)) for n, w in found], ("name", "filter")) if found else "",
    )
    shell.note("" if found else "no saved filters; keep one: coach filter save NAME WORDS…")


@filter_.command()
@click.argument("name", shell_complete=complete("filters"))
@pass_shell
def remove(shell: Shell, name: str) -> None:
    """Forget a saved filter; `coach undo` brings it back."""
    from coach.engine import filters

    with shell.store() as db:
        filters.remove(db, name, shell.now)
    shell.show({"removed": name}, f"removed {safe(name)}")
