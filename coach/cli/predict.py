"""`coach predict`: the chance that a task gets done, and what to try where it is small."""

from __future__ import annotations

import click

from coach.cli.common import Shell, pass_shell, safe
from coach.cli.tasks import ID


@click.command()
@ID
@click.option("--accept", "answer", flag_value="accept", help="You do what it advises: Coach learns whether that helped.")
@click.option("--decline", "answer", flag_value="decline", help="You do not.")
@pass_shell
def predict(shell: Shell, id: str, answer: str | None) -> None:
    """How likely an open task is done on time, within a week and by each coming day; with advice where that is unlikely."""
    from coach.engine import predicting

    with shell.store() as db:
        if answer:
            action = predicting.answer(db, id, answer == "accept", shell.now)
            words = "accepted" if answer == "accept" else "declined"
            shell.show({"action": action, "status": words}, f"{words}: {action}")
            return
        found = predicting.predict(db, id, shell.config, shell.now, shell.tz)
    lines = [f"{found.num}  {found.title}", *(f"  {line}" for line in found.lines())]
    shell.show(found.document(), lambda: "\n".join(safe(line) for line in lines))
