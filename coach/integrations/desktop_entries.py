"""The desktop entries of installed applications (freedesktop.org): what menu categories a program says it belongs to."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

_SECTION = "Desktop Entry"


def folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where applications are listed, the user's own first (XDG base directories, Flatpak, Snap)."""
    home = Path.home()
    own = environ.get("XDG_DATA_HOME") or str(home / ".local/share")
    shared = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    more = [str(home / ".local/share/flatpak/exports/share"), "/var/lib/flatpak/exports/share", "/var/lib/snapd/desktop"]
    return tuple(Path(base) / "applications" for base in dict.fromkeys([own, *shared.split(":"), *more]) if base.startswith("/"))


def menu_categories(environ: Mapping[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    """Menu categories by every name an application may be met under: its id, window class, program and name. The first
    folder wins; a broken entry is passed over."""
    found: dict[str, tuple[str, ...]] = {}
    for folder in folders(os.environ if environ is None else environ):
        for file in sorted(folder.glob("*.desktop")) if folder.is_dir() else ():
            for name, categories in _entry(file):
                found.setdefault(name, categories)
    return found


def _entry(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    reader = configparser.RawConfigParser(strict=False, comment_prefixes=("#",), delimiters=("=",), allow_no_value=True)
    try:
        reader.read_string(file.read_text(encoding="utf-8", errors="replace"))
        entry = reader[_SECTION]
    except (OSError, configparser.Error, KeyError):
        return
    categories = tuple(filter(None, (entry.get("categories") or "").split(";")))
    if not categories:
        return
    program = (entry.get("exec") or "").split(" ")[0].strip('"').rpartition("/")[2]
    for name in (file.stem, entry.get("startupwmclass"), program, entry.get("name")):
        if name:
            yield name, categories
