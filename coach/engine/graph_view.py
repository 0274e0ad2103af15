"""A workflow graph as it is shown and kept: nodes, moves, and who says so. Reading one takes no NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from coach.core.when import iso

Source = Literal["your rule", "catalogue", "model", "baseline", "places"]

LEAST_DAYS = 3


@dataclass(frozen=True, slots=True)
class Node:
    """`share` of the time of all places (a project's: of the same time), newer time counting more. `productive` is the level
    of a rule, or a probability; `source` says which."""

    name: str
    kind: str
    share: float
    productive: float
    source: Source

    def line(self) -> str:
        return f"{self.kind:<8}{self.name[:25]:<26} {self.share:>5.1%}   {self.productive:>4.0%}  by {self.source}"


@dataclass(frozen=True, slots=True)
class Edge:
    """Moves between two nodes (indices of the view's). `impact` is the difference in the productivity of the next half hour
    that goes with the move, against staying, with the ends of its 95 % interval, from `n` moves; None for too few."""

    start: int
    end: int
    a_week: float
    impact: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class GraphView:
    """Nodes by use, edges by how often. `serves` says who labels what no rule names: model, baseline (the regression on a
    place's own features) or catalogue (a lookup); `reason` why it is not the model, else empty."""

    start: datetime
    end: datetime
    days: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    serves: str
    reason: str

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "start": iso(self.start), "end": iso(self.end), "days": self.days, "serves": self.serves, "reason": self.reason,
            "nodes": [{"name": n.name, "kind": n.kind, "share": round(n.share, 4), "productive": round(n.productive, 3),
                       "source": n.source} for n in self.nodes],
            "edges": [{"from": e.start, "to": e.end, "a_week": round(e.a_week, 2), "impact": _short(e.impact),
                       "low": _short(e.low), "high": _short(e.high), "n": e.n} for e in self.edges],
        }

    def lines(self, nodes: int = 12, edges: int = 8) -> tuple[str, ...]:
        """The view in words, within 80 columns: places by use, and the moves that surely help or cost the most."""
        if not self.nodes:
            return (self.reason,)
        head = f"{'':<35}share  productive"
        guessed = [n for n in self.nodes if n.source in ("model", "baseline")]
        found = [head, *(n.line() for n in [n for n in self.nodes if n not in guessed][:nodes])]
        if guessed:
            found += ["", "Places that no rule names, with how likely each is productive:"]
            found += [n.line() for n in guessed[:nodes]]
        sure = sorted((e for e in self.edges if e.sure), key=lambda e: -abs(e.impact or 0.0))[:edges]
        if sure:
            found += ["", "Productivity of the half hour after a move, against staying:"]
            found += [self._said(e) for e in sure]
        if self.reason:
            found += ["", self.reason]
        return tuple(found)

    def _said(self, e: Edge) -> str:
        move = f"{self.nodes[e.start].name[:18]} → {self.nodes[e.end].name[:18]}"
        return f"{move:<40} {e.impact:+.2f} ({e.low:+.2f} to {e.high:+.2f}) n = {e.n}"


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
