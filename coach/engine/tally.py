"""What an import has come to: counts, reasons, and how it is taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MOST_REASONS = 100
"""Refusals that are listed one by one."""


@dataclass(slots=True)
class Tally:
    """What an import does, or would do. `refused` names the first of those left out, with places and reasons; `action` is
    the undo step, `import_number` what takes an import of tracked time away again."""

    kind: str
    source: str
    new: int = 0
    changed: int = 0
    same: int = 0
    left_out: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    other: dict[str, int] = field(default_factory=dict)
    action: str | None = None
    import_number: int | None = None

    def refuse(self, where: str, why: str) -> None:
        self.left_out += 1
        if len(self.refused) < MOST_REASONS:
            self.refused.append((where, why))

    def document(self, dry_run: bool) -> dict[str, Any]:
        return {
            "kind": self.kind, "source": self.source, "dry_run": dry_run, "new": self.new, "changed": self.changed,
            "same": self.same, "refused": self.left_out, "reasons": [{"where": w, "reason": r} for w, r in self.refused],
            **({"other": self.other} if self.other else {}), "action": self.action, "import": self.import_number,
            "notes": [{"where": w, "note": n} for w, n in self.said],
        }
