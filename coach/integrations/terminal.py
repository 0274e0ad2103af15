"""A word on the terminal outside Coach's own screen: tmux's message line, and the terminal's own notifications (OSC 9)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

SHOWN_MS = 8000
TIMEOUT_S = 2.0


def in_tmux(environ: Mapping[str, str] = os.environ) -> bool:
    return bool(environ.get("TMUX"))


def tmux_message(text: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Show a line to every client of the tmux that this process runs in; whether anybody could see it.

    The text is data: tmux would run "#(command)" and read "#{format}" and "%H" in it."""
    clients = _tmux(["list-clients", "-F", "#{client_name}"], environ).split()
    literal = _one_line(text).replace("#", "##").replace("%", "%%")
    shown = [_tmux(["display-message", "-c", c, "-d", str(SHOWN_MS), "--", literal], environ, "failed") for c in clients]
    return any(answer != "failed" for answer in shown)


def tmux_shows_us(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the pane of this process is the one that an attached client looks at."""
    pane = environ.get("TMUX_PANE", "")
    asked = ["display-message", "-p", "-t", pane, "#{&&:#{&&:#{window_active},#{pane_active}},#{session_attached}}"]
    return _tmux(asked, environ).strip() == "1"


def osc9(text: str) -> str:
    """The sequence that iTerm2, kitty, WezTerm, Ghostty, foot and Windows Terminal show as a notification; others ignore it.
    tmux drops it."""
    return f"\x1b]9;{_one_line(text)}\x1b\\"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _tmux(arguments: list[str], environ: Mapping[str, str], failed: str = "") -> str:
    try:
        done = subprocess.run(
            ["tmux", *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, env=dict(environ), check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return failed
    return done.stdout
