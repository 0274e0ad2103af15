"""The project and the branch that a folder belongs to: its git root, found and read without git."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_MOST = 256
_LONGEST_LINE = 4096
BRANCH_EVERY_S = 10.0
"""A branch changes more often than a root, and costs one small file to look at."""
_REBASING = ("rebase-merge/head-name", "rebase-apply/head-name")
"""While a branch is rebased, HEAD names none; these files do."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """Both empty outside a repository; the branch also where a commit itself is checked out."""

    project: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class _Root:
    """`git` is the folder that holds HEAD."""

    project: str
    git: Path | None


class Projects:
    """Checkouts of folders, remembered for a minute: a folder may lie on a slow network disk."""

    def __init__(self, ttl_s: float = 60.0) -> None:
        self._ttl_s = ttl_s
        self._known: dict[str, tuple[float, _Root]] = {}
        self._branches: dict[str, tuple[float, str]] = {}

    def at(self, folder: str, monotonic_s: float) -> Checkout:
        """What is checked out in a folder; `monotonic_s` is the present instant."""
        known = self._known.get(folder)
        if known is None or monotonic_s - known[0] >= self._ttl_s:
            if len(self._known) >= _MOST:
                self._known.clear()
                self._branches.clear()
            known = self._known[folder] = (monotonic_s, _root_of(folder))
        root = known[1]
        return Checkout(root.project, self._branch(folder, root.git, monotonic_s) if root.git else "")

    def _branch(self, folder: str, git: Path, monotonic_s: float) -> str:
        known = self._branches.get(folder)
        if known is None or monotonic_s - known[0] >= BRANCH_EVERY_S:
            known = self._branches[folder] = (monotonic_s, _branch_of(git))
        return known[1]


def checkout_of(folder: str) -> Checkout:
    """The git root that holds `folder`, of a linked worktree the main repository's, and the branch that is checked out.

    Nothing outside a repository, and for a home folder that is itself one (dotfiles): that is no project."""
    root = _root_of(folder)
    return Checkout(root.project, _branch_of(root.git) if root.git else "")


def _root_of(folder: str) -> _Root:
    nothing = _Root("", None)
    if not folder.startswith("/"):
        return nothing
    home = Path.home()
    path = Path(folder)
    for candidate in (path, *path.parents):
        if candidate == home:
            return nothing
        marker = candidate / ".git"
        try:
            if marker.is_dir():
                return _Root(candidate.name, marker)
            if marker.is_file():
                return _linked(marker)
        except OSError:
            return nothing
    return nothing


def _linked(marker: Path) -> _Root:
    """`gitdir: /path/NAME/.git/worktrees/x` is NAME; a submodule (`gitdir: ../.git/modules/x`) is its own project."""
    where = _first_line(marker).removeprefix("gitdir:").strip()
    before, found, _ = where.partition("/.git/worktrees/")
    name = Path(before).name if found else ""
    return _Root(name or marker.parent.name, marker.parent / where if where else None)


def _branch_of(git: Path) -> str:
    for name in ("HEAD", *_REBASING):
        line = _first_line(git / name).removeprefix("ref:").strip()
        if line.startswith("refs/heads/"):
            return line.removeprefix("refs/heads/")
    return ""


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline(_LONGEST_LINE)
    except OSError:
        return ""
