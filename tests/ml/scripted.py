"""A language model that says what a test wrote, at the pace that the test chose."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from coach.ml.llm import Stop, Turn


@dataclass
class Scripted:
    """Says `lines` in turn, each after `delay_s`; remembers every prompt and grammar."""

    lines: list[str]
    delay_s: float = 0.0
    name: str = "scripted"
    prompts: list[Sequence[Turn]] = field(default_factory=list)
    grammars: list[str] = field(default_factory=list)
    closed: bool = False

    def complete(self, turns: Sequence[Turn], grammar: str, seed: int, stop: Stop) -> str | None:
        self.prompts.append(turns)
        self.grammars.append(grammar)
        until = time.monotonic() + self.delay_s
        while time.monotonic() < until:
            if stop():
                return None
            time.sleep(0.005)
        return self.lines[(len(self.prompts) - 1) % len(self.lines)]

    def close(self) -> None:
        self.closed = True
