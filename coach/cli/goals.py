"""Goals from the shell: add, list, remove."""

from __future__ import annotations

import click

from coach.cli.common import Shell, pass_shell, safe, table


@click.group()
def goal() -> None:
    """Limits and aims in plain words: "at most 30 min news a day"."""


@goal.command()
@click.argument("text", nargs=-1, required=True)
@pass_shell
def add(shell: Shell, text: tuple[str, ...]) -> None:
    """Set a goal: coach goal add at least 2h deep work per day."""
    from coach.engine import goals

    with shell.store() as db:
        made = goals.add(db, " ".join(text), shell.config, shell.now)
        standing = next(s for s in goals.view(db, shell.config, shell.now, shell.tz).standings if s.goal.id == made.id)
    document = goals.standing_json(standing)
    shell.show(document, lambda: f"goal: {safe(made.text())}; so far {standing.used_min:.0f} min")


@goal.command(name="list")
@pass_shell
def list_(shell: Shell) -> None:
    """Every goal: what was used, what is left, and how often it was kept."""
    from coach.engine import goals

    with shell.store() as db:
        seen = goals.view(db, shell.config, shell.now, shell.tz)

    def words() -> str:
        rows = [
            (s.goal.id[:8], s.goal.text(), f"{s.used_min:.0f} min", f"{s.left_min:.0f} min", s.state,
             f"{s.streak} in a row" if s.streak else "", f"{s.kept} of {s.n}" if s.n else "")
            for s in seen.standings
        ]
        header = ("id", "goal", "used", "left", "state", "streak", "kept")
        return table(rows, header) if rows else 'no goals yet; `coach goal add "at most 30 min news a day"` sets one'

    shell.show(seen.document(), words)


@goal.command()
@click.argument("ref", metavar="ID")
@pass_shell
def remove(shell: Shell, ref: str) -> None:
    """Forget a goal; `coach undo` brings it back."""
    from coach.engine import goals

    with shell.store() as db:
        gone = goals.remove(db, ref, shell.now)
    shell.show({"id": gone.id, "text": gone.text()}, lambda: f"forgotten: {safe(gone.text())}")
