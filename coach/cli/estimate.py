"""`coach estimate`: how long a task will take, and what that stands on."""

from __future__ import annotations

import click

from coach.cli.common import Shell, pass_shell, safe
from coach.cli.texts import given


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("text", nargs=-1, required=True, type=click.UNPROCESSED)
@pass_shell
def estimate(shell: Shell, text: tuple[str, ...]) -> None:
    """How long would that take? coach estimate "Write the report #work ~1h"; your own estimate is kept, with its range."""
    from coach.engine import estimating
    from coach.engine.models import Models

    wanted = given(text, "task", 'coach estimate "Write the report ~1h"')
    with shell.store() as db:
        found = estimating.estimate(db, wanted, shell.config, shell.now, shell.tz, models=Models(shell.config))
    shell.show(found.document(), lambda: "\n".join(safe(line) for line in (found.title, *(f"  {x}" for x in found.lines()))))
