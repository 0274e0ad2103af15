"""`coach` without a command: the app."""

from __future__ import annotations

import sys

from coach.cli.common import Shell
from coach.core.errors import Unavailable


def run_app(shell: Shell, *, safe: bool = False) -> int:
    """Run the app on the store of this home; returns the exit status."""
    need_terminal()
    from coach.cli.serve import enabled
    from coach.engine.runtime import running
    from coach.tui.app import CoachApp  # Textual: 0.2 s, so only here

    config = shell.config
    with running(config, shell.home, shell.unlocked, track=not safe, jobs=not safe, beside=enabled(config)) as runtime:
        return CoachApp(runtime).run() or 0


def need_terminal() -> None:
    """Raises Unavailable where there is no terminal to draw on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Unavailable("the app needs a terminal", "use the commands instead: `coach --help`")
