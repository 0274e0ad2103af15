"""The bottom line: the keys that work right now, read from the bindings in force."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from coach.tui.actions import ACTIONS, BY_ID, Action, shown

TYPED = frozenset({"slash", "plus", "minus"})
"""Keys that type a character which Textual cannot tell from their names, so that it takes them for free in a text field."""


class KeyBar(Widget):
    """One line: this screen's keys, then everybody's, as far as there is room; help always at the right."""

    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; background: $panel; color: $quiet; }"

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[tuple[Action, str]] = []
        self._spans: list[tuple[int, int, Action]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._collect)
        self._collect(self.screen)

    def _collect(self, screen: Screen[object]) -> None:
        found: dict[str, str] = {}
        for key, active in screen.active_bindings.items():
            if key in TYPED and screen.focused is not None and screen.focused.check_consume_key(key, " "):
                continue
            if active.enabled and active.binding.id in BY_ID:
                found.setdefault(active.binding.id, key)
        keys = [(a, shown(found[a.id])) for a in ACTIONS if a.show_in_footer and a.id in found]
        keys.sort(key=lambda pair: pair[0].scope == "app")  # what only this screen can do comes first
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render(self) -> Content:
        last = [(a, key) for a, key in self._keys if a.id == "help"]
        room = self.size.width - 1 - sum(len(key) + len(a.title) + 2 for a, key in last)
        line, at = [Content(" ")], 1
        self._spans = []
        for action, key in [*(k for k in self._keys if k not in last), *last]:
            length = len(key) + 1 + len(action.title)
            if (action, key) not in last and at + length + 2 > room:
                continue
            if (action, key) in last:
                line.append(Content(" " * max(0, self.size.width - 1 - at - length)))
                at = max(at, self.size.width - 1 - length)
            line += [Content.styled(key, "bold $primary"), Content(f" {action.title}  ")]
            self._spans.append((at, at + length, action))
            at += length + 2
        return Content("").join(line).truncate(self.size.width)

    async def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spans:
            if start <= event.x < end:
                await self.screen.run_action(action.method if action.scope != "app" else f"app.{action.method}")
