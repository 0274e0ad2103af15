"""Which windows hold a terminal or an editor, so that a project can be read off them."""

from __future__ import annotations

TERMINALS = frozenset({
    "alacritty", "blackbox", "com.mitchellh.ghostty", "cool-retro-term", "deepin-terminal", "foot", "ghostty",
    "gnome-terminal", "gnome-terminal-server", "guake", "io.elementary.terminal", "kgx", "kitty", "konsole",
    "lxterminal", "mate-terminal", "org.gnome.console", "org.gnome.ptyxis", "org.gnome.terminal",
    "org.wezfurlong.wezterm", "ptyxis", "qterminal", "rio", "rxvt", "sakura", "st", "st-256color", "terminator",
    "terminology", "termite", "tilda", "tilix", "urxvt", "uxterm", "wezterm", "wezterm-gui", "xfce4-terminal",
    "xterm", "yakuake",
})
EDITORS = frozenset({
    "atom", "code", "code-insiders", "code-oss", "codium", "cursor", "dev.zed.zed", "emacs", "geany", "gedit",
    "gnome-builder", "gnome-text-editor", "gvim", "kate", "kdevelop", "lapce", "lite-xl", "mousepad", "neovide",
    "nvim-qt", "pluma", "pulsar", "sublime_text", "vscodium", "xed", "zed",
})
