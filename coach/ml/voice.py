"""What the trained voice is asked: the prompt for a line of one situation and mode, shared by training and serving."""

from __future__ import annotations

from collections.abc import Collection

from coach.ml.llm import Turn

ADAPTER = "adapter.gguf"


def prompt(situation: str, mode: str, fills: Collection[str]) -> list[Turn]:
    """Short, since each of its tokens is paid for before the first word of the line. No fact and no word of the person's is in
    it; `fills` are the placeholders that the line may use."""
    names = " ".join(f"{{{name}}}" for name in sorted(fills)) or "no names"
    return [("system", f"One {mode} line."), ("user", f"{situation.replace('_', ' ')}, {names}")]
