"""The optional hook of bash, zsh and fish: what `coach service shell` prints."""

from __future__ import annotations

from coach.config import shipped
from coach.core.errors import InvalidInput

SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """The snippet for a shell's start file. It reports program, folder and length of commands, never arguments.

    Raises InvalidInput for another shell."""
    if shell not in SHELLS:
        raise InvalidInput(f"there is no hook for {shell!r}", f"use {', '.join(SHELLS)}")
    return shipped("data", "shell", f"coach.{shell}").read_text(encoding="utf-8")
