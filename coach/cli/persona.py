"""Voices from the shell: those that ship, packs that people write, their linter and a sample of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.lines import MODES


@click.group()
def persona() -> None:
    """Voices: list, use, preview and lint them."""


@persona.command(name="list")
@pass_shell
def list_(shell: Shell) -> None:
    """The personas and packs; a star marks the one in use."""
    from coach.engine import nudging, voices

    with shell.store() as db:
        used = nudging.voice(db, shell.config).persona
        known = voices.known(db, shell.home)
    document = [_as_json(one, used) for one in known]
    rows = [
        ("*" if one["current"] else "", str(one["name"]), one["mode"] or "broken", safe(one["about"] or one["faults"][0]))
        for one in document
    ]
    shell.show(document, lambda: table(rows, ("", "persona", "mode", "about")))


@persona.command()
@click.argument("name", metavar="NAME|FILE")
@pass_shell
def use(shell: Shell, name: str) -> None:
    """Make it the standing voice; `coach undo` takes that back. A pack is kept in the store: after an edit, use it again."""
    from coach.engine import voices

    with shell.store() as db:
        chosen = voices.use(db, voices.named(db, shell.home, name), shell.now)
    shell.show({"name": chosen.name, "mode": chosen.mode, "about": chosen.about}, safe(f"{chosen.name}: {chosen.about}"))


@persona.command()
@click.argument("name", required=False, metavar="[NAME|FILE]")
@click.option("--mode", type=click.Choice(MODES), help="The tone of the lines; else the persona's.")
@click.option("--humour", type=click.IntRange(0, 3), help="How much humour; else the one in use.")
@pass_shell
def preview(shell: Shell, name: str | None, mode: str | None, humour: int | None) -> None:
    """One line for every situation, on made-up tasks."""
    from coach.engine import nudging, voices

    with shell.store() as db:
        voice = nudging.voice(db, shell.config)
        chosen = voices.named(db, shell.home, name or voice.persona)
    said = voices.sample(
        chosen, mode or ("" if name else voice.mode), voice.humour if humour is None else humour, shell.now.isoformat()
    )
    shell.show([{"situation": s, "text": t} for s, t in said], lambda: "\n".join(f"{s:<20}{safe(t)}" for s, t in said))


@persona.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@pass_shell
@click.pass_context
def lint(ctx: click.Context, shell: Shell, file: Path | None) -> None:
    """Check a pack, or the shipped lines without FILE; exits with 1 when something is wrong."""
    from coach.engine import voices

    faults = voices.lint(file) if file else voices.lint_shipped()
    shell.show({"faults": faults}, "\n".join(safe(f) for f in faults) or "clean")
    ctx.exit(1 if faults else 0)


def _as_json(one: Any, used: str) -> dict[str, Any]:
    found = one.persona
    return {
        "name": one.name, "mode": found.mode if found else None, "about": found.about if found else None,
        "current": found is not None and one.name == used, "file": str(one.file) if one.file else None,
        "faults": list(one.faults),
    }
