"""Which applications show pages, hold programs or edit files: names of their windows in lower case."""

from __future__ import annotations

BROWSERS = frozenset({
    "arc", "brave", "brave-browser", "chrome", "chromium", "chromium-browser", "epiphany", "falkon", "firefox",
    "firefox-esr", "google-chrome", "konqueror", "librewolf", "microsoft-edge", "min", "msedge", "navigator",
    "opera", "qutebrowser", "safari", "thorium-browser", "vivaldi", "vivaldi-stable", "waterfox", "zen",
})
TERMINALS = frozenset({
    "alacritty", "blackbox", "com.mitchellh.ghostty", "com.raggesilver.blackbox", "com.system76.cosmicterm",
    "conhost", "contour", "cool-retro-term", "cosmic-term", "ddterm", "deepin-terminal", "eterm", "foot",
    "footclient", "ghostty", "gnome-terminal", "gnome-terminal-server", "guake", "hyper", "io.elementary.terminal",
    "iterm2", "kgx", "kitty", "konsole", "lxterminal", "mate-terminal", "mintty", "mlterm", "org.gnome.console",
    "org.gnome.ptyxis", "org.gnome.terminal", "org.wezfurlong.wezterm", "pantheon-terminal", "ptyxis", "putty",
    "qterminal", "rio", "rxvt", "sakura", "st", "st-256color", "tabby", "terminal", "terminator", "terminology",
    "termite", "tilda", "tilix", "urxvt", "uxterm", "warp", "wave", "wezterm", "wezterm-gui", "windowsterminal",
    "xfce4-terminal", "xterm", "yakuake",
})
EDITORS = frozenset({
    "android-studio", "atom", "clion", "code", "code-insiders", "code-oss", "codium", "cursor", "dev.zed.zed",
    "emacs", "geany", "gedit", "gnome-builder", "gnome-text-editor", "goland", "gvim", "helix", "idea",
    "jetbrains-clion", "jetbrains-goland", "jetbrains-idea", "jetbrains-phpstorm", "jetbrains-pycharm",
    "jetbrains-rider", "jetbrains-rustrover", "jetbrains-studio", "jetbrains-webstorm", "kate", "kdevelop", "lapce",
    "lite-xl", "mousepad", "neovide", "nvim", "nvim-qt", "org.kde.kate", "phpstorm", "pluma", "pulsar", "pycharm",
    "rider", "rustrover", "subl", "sublime_text", "vim", "vscodium", "webstorm", "windsurf", "xcode", "xed", "zed",
})
