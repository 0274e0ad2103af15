"""`coach whatif`: what a day with less of something would do for focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coach.cli.common import Shell, pass_shell, safe, table

if TYPE_CHECKING:
    from coach.engine.whatif import WhatifView


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("text", nargs=-1, required=True, type=click.UNPROCESSED)
@pass_shell
def whatif(shell: Shell, text: tuple[str, ...]) -> None:
    """What would a day do with less or more of something? coach whatif less social media 1h"""
    from coach.engine import whatif as engine

    with shell.store() as db:
        seen = engine.asked(db, " ".join(text), shell.config, shell.now, shell.tz)
    shell.show(seen.document(), lambda: _words(seen))


def _words(seen: WhatifView) -> str:
    if seen.by == "nothing":
        return f"{safe(seen.asked)}: nothing can be said yet; {seen.why}"
    lines = [
        f"{safe(seen.asked)}: focus {seen.usual_focus:.2f} {seen.gain:+.3f} a day (80 %: {seen.low:+.3f} to {seen.high:+.3f})",
        f"{seen.similar} similar days among {seen.days}; mean of {seen.generated} days by {seen.by}, "
        f"{seen.missed_min:.0f} min from their goal",
        f"who answers: {seen.by} ({seen.why})",
        *(safe(note) for note in seen.notes),
    ]
    rows = [(g.name, f"{g.usual_min:.0f}", f"{g.goal_min:.0f}") for g in seen.groups]
    return "\n".join([*lines, "", table(rows, ("minutes a day", "as usual", "days like that"))])
