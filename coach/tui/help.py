"""`?`: the keys that are in force, screen by screen, made from the action registry and the user's keymap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from coach.core.marks import QUICK_ADD
from coach.tui.actions import SCOPES, bindings, in_scope, keys_of
from coach.tui.widgets.moving import ScrollsText

CHANGE_KEYS = 'To change a key, write its id in config.toml: [keys]  "task.done" = "x"   (`coach config edit`)'


class Help(ScrollsText, ModalScreen[None]):
    """The keys of the screen it was opened on first, then those of everywhere."""

    DEFAULT_CSS = """
    Help {
        align: center middle;
        & > VerticalScroll { width: 92%; max-width: 104; height: auto; max-height: 92%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("move"),
        Binding("escape,q,question_mark,f1", "dismiss", "close"),
    ]

    def __init__(self, scope: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._scope, self._keys = scope, keymap

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc closes"
            yield Static(help_text(self._scope, self._keys, ids=self.app.size.width >= 110), markup=False)


def help_text(scope: str, keymap: Mapping[str, str], *, ids: bool) -> Content:
    """Key, id (the name to write under [keys] in config.toml, where there is room for it) and what it does."""
    lines: list[Content] = []
    for heading in (scope, *(s for s in SCOPES if s != scope)):
        actions = in_scope(heading)
        if not actions:
            continue
        lines += [Content.styled(SCOPES[heading], "bold $secondary")]
        for action in actions:
            key = keys_of(action, keymap)
            name = f"{action.id:<19}" if ids else ""
            lines.append(Content.assemble((f"  {key:<14}", "bold $primary"), (name, "$quiet"), action.tooltip))
        lines.append(Content(""))
    lines.append(Content.styled("Quick-add", "bold $secondary"))
    lines += [Content.assemble((f"  {marks:<26}", "$primary"), f" {meaning}") for marks, meaning in QUICK_ADD]
    lines += [Content(""), Content.styled(CHANGE_KEYS, "$quiet")]
    return Content("\n").join(lines)
