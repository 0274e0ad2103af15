"""The trained voice: the small language model with its LoRA adapter writes a line for a situation, placeholders and all.

Its lines are made ahead of need and judged like any other (`core/lines.faults`, `core/decency.claims`): a grammar keeps digits
and unknown placeholders out, not what is untrue or unkind."""

from __future__ import annotations

from collections.abc import Collection

from coach.ml.llm import LanguageModel, Stop, Turn

ADAPTER = "adapter.gguf"
_LETTERS = r"[^0-9{}\n\r\t<>|\\]"


def prompt(situation: str, mode: str, fills: Collection[str]) -> list[Turn]:
    """Short, since each of its tokens is paid for before the first word of the line. No fact and no word of the person's is in
    it; `fills` are the placeholders that the line may use."""
    names = " ".join(f"{{{name}}}" for name in sorted(fills)) or "no names"
    return [("system", f"One {mode} line."), ("user", f"{situation.replace('_', ' ')}, {names}")]


def grammar(fills: Collection[str]) -> str:
    """GBNF of one line that ends as a sentence does, without a digit, with these placeholders alone."""
    slots = "".join(f' | "{{{name}}}"' for name in sorted(fills))
    return f"root ::= part{{2,140}} [.?!]\npart ::= {_LETTERS}{slots}\n"


def write(
    model: LanguageModel, situation: str, mode: str, fills: Collection[str], seed: int, stop: Stop = lambda: False,
) -> str | None:
    """A line with its placeholders, not yet judged; None when the model was busy, stopped, or did not end its sentence."""
    text = model.complete(prompt(situation, mode, fills), grammar(fills), seed, stop)
    line = " ".join((text or "").split())
    return line if line.endswith((".", "!", "?")) else None
