"""Apps, sites and projects as a graph: what follows what, how productive each is and who says so, what a move does to focus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from coach.engine import kept
from coach.engine.graph_view import LEAST_DAYS, Edge, GraphView
from coach.engine.stretches import Asked
from coach.tui.actions import bindings
from coach.tui.screens.kept_pages import KeptPage
from coach.tui.screens.pages import served_by, title
from coach.tui.widgets import graphdraw
from coach.tui.widgets.graphdraw import GraphDraw
from coach.tui.widgets.paint import LEVEL_MARKS, Line, Words, fit, productivity

FEW, MANY = 12, 18
"""Nodes that are drawn in a low and in a tall terminal."""
EDGES_A_NODE = 2
MOVES = 4
"""Moves of the node under the cursor that are told in words."""
FIELDS: dict[str, Any] = {"app": "app", "project": "project"}


class GraphScreen(KeptPage[GraphView]):
    NAME = "graph"
    KIND = kept.GRAPH
    BINDINGS: ClassVar[list[BindingType]] = bindings("graph")
    AUTO_FOCUS = "GraphDraw"

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[int] = []

    def page(self) -> ComposeResult:
        yield Words(id="graph_title")
        yield GraphDraw(id="graph")
        yield Words(id="node")
        yield Words(id="source", wrap=True)

    def build(self, db: Any, now: datetime) -> GraphView:
        from coach.engine import graphs
        from coach.engine.models import Models

        runtime = self.app.runtime
        return graphs.view(db, runtime.config, now, self.app.tz, runtime.models or Models(runtime.config))

    def show(self, view: GraphView) -> None:
        self._shown = shown(view, FEW if self.app.size.height < 45 else MANY)
        note = f"{len(self._shown)} of {len(view.nodes)} by use; whole lines touch the chosen one"
        self.say("graph_title", [title("What follows what", note)] if self._shown else [])
        self.query_one(GraphDraw).show(*drawn(view, self._shown))
        self._explain()
        if not view.nodes:
            self.say("source", empty_lines(view))
        else:
            self.say("source", [[*served_by(view.serves, view.reason), (f"; n = {view.days} days{self.as_of}", "muted")]])

    @property
    def _node(self) -> int | None:
        """The node under the cursor, as an index of the view's."""
        at = self.query_one(GraphDraw).cursor
        return self._shown[at] if at < len(self._shown) else None

    @on(GraphDraw.Moved)
    def _explain(self) -> None:
        node = self._node
        self.say("node", node_lines(self.view, node) if self.view and node is not None else [])

    def action_graph_open(self) -> None:
        view, at = self.view, self._node
        if view is None or at is None:
            return
        node = view.nodes[at]
        field = FIELDS.get(node.kind)
        if field is None:
            self.app.notify(f"{node.name} is a site: its time is listed under its browser", markup=False)
            return
        from coach.tui.screens.stretches import StretchList  # on the first Enter

        words = f"{node.name}, last {(view.end - view.start).days // 7} weeks"
        self.app.push_screen(StretchList(Asked(words, view.start, view.end, field, node.name)))


def shown(view: GraphView, most: int) -> list[int]:
    """The most used nodes that have a move from or to another, as indices."""
    moved = {node for e in view.edges if e.start != e.end for node in (e.start, e.end)}
    return [i for i in range(len(view.nodes)) if i in moved][:most]


def drawn(view: GraphView, nodes: Sequence[int]) -> tuple[list[graphdraw.Node], list[graphdraw.Edge]]:
    """Those nodes with the commonest moves of each among them, and those that surely do something."""
    at = {node: place for place, node in enumerate(nodes)}
    inside = [e for e in view.edges if e.start in at and e.end in at and e.start != e.end]
    kept: list[Edge] = []
    for node in nodes:
        own = [e for e in inside if node in (e.start, e.end)]
        sure = [e for e in own if e.sure][:EDGES_A_NODE]
        kept += [e for e in (*own[:EDGES_A_NODE], *sure) if e not in kept]
    found = [view.nodes[i] for i in nodes]
    return (
        [graphdraw.Node(n.name, n.productive, n.source in ("model", "baseline")) for n in found],
        [graphdraw.Edge(at[e.start], at[e.end], e.a_week, _sign(e)) for e in kept],
    )


def _sign(edge: Edge) -> int:
    return 0 if not edge.sure or edge.impact is None else 1 if edge.impact > 0 else -1


BY = {"model": "says the model", "baseline": "says the baseline", "catalogue": "says the catalogue",
      "your rule": "says your rule", "places": "by its places"}


def node_lines(view: GraphView, at: int) -> list[Line]:
    """The node under the cursor, then its moves: the sure ones first, then the commonest."""
    node = view.nodes[at]
    step = productivity(node.productive)
    head: Line = [
        (f"{LEVEL_MARKS[step]} ", f"p{step}"), (node.name, "strong"),
        (f"  {node.kind}, {node.share:.1%} of the time, productive {node.productive:.0%} {BY[node.source]}", "muted"),
    ]
    own = [e for e in view.edges if at in (e.start, e.end) and e.start != e.end]
    own.sort(key=lambda e: (not e.sure, -abs(e.impact or 0.0) if e.sure else -e.a_week))
    about: Line = [("  productivity of the half hour after each move, against staying:", "muted")]
    return [head, about, *(_move_line(view, e, at) for e in own[:MOVES]), *([] for _ in range(MOVES - len(own[:MOVES])))]


def _move_line(view: GraphView, e: Edge, at: int) -> Line:
    there = view.nodes[e.end if e.start == at else e.start].name
    words = f"  {'→' if e.start == at else '←'} {fit(there, 18)} {e.a_week:>5.1f} a week"
    if e.impact is None or e.low is None or e.high is None:
        return [(words, ""), ("  too few to say", "muted")]
    tone = "muted" if not e.sure else "good" if e.impact > 0 else "bad"
    return [(words, ""), (f"  {e.impact:+.2f} ({e.low:+.2f} to {e.high:+.2f}) n = {e.n}", tone)]


def empty_lines(view: GraphView) -> list[Line]:
    missing = max(0, LEAST_DAYS - view.days)
    return [
        [("There is no graph yet.", "strong")], [], [(f"{view.reason}.", "muted")],
        [(f"It takes {LEAST_DAYS} tracked days, {missing} are missing; ", "muted"), ("6", "accent"),
         (" Setup allows tracking.", "muted")],
    ]
