"""The project that a folder belongs to: its git root, found without git."""

from __future__ import annotations

from pathlib import Path

_MOST = 256


class Projects:
    """Names of the projects of folders, remembered for a minute: a folder may lie on a slow network disk."""

    def __init__(self, ttl_s: float = 60.0) -> None:
        self._ttl_s = ttl_s
        self._known: dict[str, tuple[float, str]] = {}

    def name(self, folder: str, monotonic_s: float) -> str:
        """The project's name, empty outside a repository; `monotonic_s` is the present instant."""
        known = self._known.get(folder)
        if known and monotonic_s - known[0] < self._ttl_s:
            return known[1]
        if len(self._known) >= _MOST:
            self._known.clear()
        found = project_of(folder)
        self._known[folder] = (monotonic_s, found)
        return found


def project_of(folder: str) -> str:
    """The name of the git root that holds `folder`; of the main repository for a linked worktree.

    Empty outside a repository, and for a home folder that is itself one (dotfiles): that is no project."""
    if not folder.startswith("/"):
        return ""
    home = Path.home()
    path = Path(folder)
    for candidate in (path, *path.parents):
        if candidate == home:
            return ""
        marker = candidate / ".git"
        try:
            if marker.is_dir():
                return candidate.name
            if marker.is_file():
                return _main_repository(marker) or candidate.name
        except OSError:
            return ""
    return ""


def _main_repository(marker: Path) -> str:
    """The folder name in `gitdir: /path/NAME/.git/worktrees/x`; empty for a submodule, which is its own project."""
    try:
        with marker.open(encoding="utf-8", errors="replace") as file:
            line = file.readline(4096)
    except OSError:
        return ""
    before, found, _ = line.removeprefix("gitdir:").strip().partition("/.git/worktrees/")
    return Path(before).name if found else ""
