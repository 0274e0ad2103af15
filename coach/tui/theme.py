"""Coach's own themes: ink and paper, one calm accent, amber only for what wants attention."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="coach-dark", dark=True,
    primary="#7cc4b4", secondary="#8fb0dc", accent="#e3b673", success="#97c785", warning="#e3b673", error="#ec8a80",
    foreground="#d8dce2", background="#13161b", surface="#191d23", panel="#232830", boost="#ffffff0a",
    variables={
        "border": "#3a424d", "border-blurred": "#2b313a",
        "block-cursor-background": "#2c4a47", "block-cursor-foreground": "#f2f5f4", "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#232830", "block-cursor-blurred-foreground": "#d8dce2",
        "input-cursor-background": "#7cc4b4", "input-selection-background": "#7cc4b4 30%",
        "scrollbar": "#323943", "scrollbar-hover": "#454e5b", "scrollbar-active": "#7cc4b4",
        "scrollbar-background": "#13161b", "scrollbar-background-hover": "#13161b",
        "scrollbar-background-active": "#13161b", "scrollbar-corner-color": "#13161b",
        "quiet": "#8b95a3", "faint": "#5b6573", "marked": "#2f3a50",
    },
)

LIGHT = Theme(
    name="coach-light", dark=False,
    primary="#17695d", secondary="#34568b", accent="#8a520c", success="#35692c", warning="#8a520c", error="#a8322a",
    foreground="#2a2e34", background="#faf8f4", surface="#f4f1ea", panel="#e9e4da", boost="#0000000a",
    variables={
        "border": "#c3bcae", "border-blurred": "#d9d3c7",
        "block-cursor-background": "#cfe3dd", "block-cursor-foreground": "#14201d", "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e9e4da", "block-cursor-blurred-foreground": "#2a2e34",
        "input-cursor-background": "#17695d", "input-cursor-foreground": "#faf8f4",
        "input-selection-background": "#17695d 25%",
        "scrollbar": "#d3ccbf", "scrollbar-hover": "#bdb5a6", "scrollbar-active": "#17695d",
        "scrollbar-background": "#faf8f4", "scrollbar-background-hover": "#faf8f4",
        "scrollbar-background-active": "#faf8f4", "scrollbar-corner-color": "#faf8f4",
        "quiet": "#59616b", "faint": "#9a968c", "marked": "#dbe3f2",
    },
)

THEMES = (DARK, LIGHT)

OWN = ("quiet", "faint", "marked")
"""Our own variables: secondary text, rules and hints, the ground of marked rows."""


def fallbacks(dark: bool) -> dict[str, str]:
    """Our own variables under Textual's themes, which do not know them."""
    return {name: (DARK if dark else LIGHT).variables[name] for name in OWN}


CSS = """
Screen { background: $background; color: $foreground; }
ModalScreen { background: $background 55%; }
Input { background: $surface; border: none; padding: 0 1; height: 1; }
Input:focus { background: $panel; border: none; }
Toast { background: $panel; color: $foreground; padding: 1 2; width: auto; max-width: 64; }
ToastRack { margin-bottom: 1; }
.dialog { background: $surface; border: round $border; border-title-color: $foreground;
    border-subtitle-color: $quiet; padding: 0 1; height: auto; }
.-low > .dialog { border: none; padding: 0; }
.quiet { color: $quiet; }
.empty { color: $quiet; content-align: center middle; text-align: center; width: 1fr; height: 1fr; }
"""
