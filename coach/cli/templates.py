"""Templates from the shell."""

from __future__ import annotations

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.cli.words import complete


@click.group()
def template() -> None:
    """Tasks to be made again and again: save, list, use, remove."""


@template.command()
@click.argument("name")
@click.argument("id", shell_complete=complete("ids"))
@pass_shell
def save(shell: Shell, name: str, id: str) -> None:
    """Keep a task with its open subtasks: coach template save trip 12."""
    from coach.engine import tasks, templates

    with shell.store() as db:
        count = templates.save(db, name, tasks.find(db, id), shell.now, shell.tz)
    shell.show({"name": name, "tasks": count}, f"saved {safe(name)} ({count} task{'s' * (count != 1)})")


@template.command(name="list")
@pass_shell
def list_(shell: Shell) -> None:
    """Names of the templates."""
    from coach.engine import templates

    with shell.store() as db:
        found = templates.saved(db)
    shell.show(
        [{"name": n, "title": t, "tasks": c} for n, t, c in found],
        lambda: table([(n, str(c), t) for n, t, c in found], ("name", "tasks", "title")) if found else "",
    )
    shell.note("" if found else "no templates; keep one: coach template save NAME ID")


@template.command()
@click.argument("name", shell_complete=complete("templates"))
@pass_shell
def use(shell: Shell, name: str) -> None:
    """Add the tasks of a template; dates keep their distance to today."""
    from coach.cli.tasks import describe, documents
    from coach.engine import templates

    with shell.store() as db:
        made = templates.use(db, name, shell.now, shell.tz)
        document = documents(shell, db, made)
    shell.show(document, lambda: "\n".join(f"added {t.num}  {describe(t, shell)}" for t in made))


@template.command()
@click.argument("name", shell_complete=complete("templates"))
@pass_shell
def remove(shell: Shell, name: str) -> None:
    """Forget a template; `coach undo` brings it back."""
    from coach.engine import templates

    with shell.store() as db:
        templates.remove(db, name, shell.now)
    shell.show({"removed": name}, f"removed {safe(name)}")
