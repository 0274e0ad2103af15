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
WORKERS = frozenset({
    "ansible-playbook", "apt", "apt-get", "bazel", "brew", "bundle", "cargo", "cargo-build", "cc1", "cc1plus", "clang",
    "cmake", "composer", "ctest", "cypress", "dnf", "docker", "docker-compose", "dotnet", "emerge", "ffmpeg", "g++",
    "gcc", "go", "gradle", "jest", "ld", "make", "maturin", "meson", "mix", "mvn", "nextflow", "ninja", "nix", "nix-build",
    "npm", "pacman", "phpunit", "pip", "pip3", "pnpm", "podman", "poetry", "pre-commit", "pytest", "restic", "rsync",
    "rustc", "sbt", "scons", "snakemake", "swift", "terraform", "tox", "tsc", "uv", "vagrant", "vite", "webpack", "wget",
    "xcodebuild", "yarn", "yum", "zypper",
})
"""Programs that one starts and waits for."""
WAITING_AFTER_S = 30.0
"""A worker in front without a key for so long: it is being waited for, which is a state of its own."""


def title_of(program: str, idle_s: float) -> str:
    """What a terminal's program is recorded as: its name, never an argument."""
    return f"waiting for {program}" if program in WORKERS and idle_s >= WAITING_AFTER_S else program
