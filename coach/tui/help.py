"""`?`: the keys that are in force, screen by screen, made from the action registry and the user's keymap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from coach.core.marks import QUICK_ADD
from coach.tui.actions import SCOPES, bindings, in_scope, keys_of
from coach.tui.widgets.labelled import Labelled
from coach.tui.widgets.moving import ScrollsText

CHANGE_KEYS = "To change a key, name its id, such as task.done: `coach config set keys.task.done f3`"


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
            yield Labelled(help_rows(self._scope, self._keys, columns=self.app.size.width >= 110))


def help_rows(scope: str, keymap: Mapping[str, str], *, columns: bool) -> list[tuple[Content, Content]]:
    """Key, id (the name to write under [keys] in config.toml) and what it does; the id in a column of its own where there is
    room for it, else behind."""
    none = Content("")
    rows: list[tuple[Content, Content]] = []
    for heading in (scope, *(s for s in SCOPES if s != scope)):
        actions = in_scope(heading)
        if not actions:
            continue
        rows.append((none, Content.styled(SCOPES[heading], "bold $secondary")))
        for action in actions:
            key = (f"  {keys_of(action, keymap):<14} ", "bold $primary")
            if columns:
                rows.append((Content.assemble(key, (f"{action.id:<23} ", "$quiet")), Content(action.tooltip)))
            else:
                rows.append((Content.assemble(key), Content.assemble(action.tooltip, (f"  {action.id}", "$quiet"))))
        rows.append((none, none))
    rows.append((none, Content.styled("Quick-add", "bold $secondary")))
    rows += [(Content.styled(f"  {marks:<26} ", "$primary"), Content(meaning)) for marks, meaning in QUICK_ADD]
    return [*rows, (none, none), (none, Content.styled(CHANGE_KEYS, "$quiet"))]
