"""Files that a person asked for: complete or not at all, and for nobody else to read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from coach.core.errors import InvalidInput


def write_folder(folder: Path, named: Iterable[tuple[str, str]]) -> Path:
    """A file for each name and text, each complete or not at all; those that say so already stay untouched."""
    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be made: {error.strerror}", "name a folder of your own") from error
    for name, text in named:
        target = folder / name
        if not (target.is_file() and target.read_bytes() == text.encode()):
            write_atomically(target, [text])
    return folder


def write_atomically(target: Path, pieces: Iterable[str]) -> Path:
    """A 0600 file made of the pieces, put in the place of an older one when it is complete and on the disk. A link is
    followed, so that it stays one; a device or a pipe is written into, never replaced; returns where it is. Raises
    InvalidInput where nothing can be written."""
    named = target.expanduser()
    if _is_stream(named):
        return _write_into(named, pieces)
    target = Path(os.path.realpath(named))
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror}", "name a file in a folder of your own") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return target


def _is_stream(path: Path) -> bool:
    """Whether something is there that is no plain file: /dev/stdout, a named pipe, a terminal, a folder."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False  # nothing there yet, or out of reach: the attempt to write says which


def _write_into(path: Path, pieces: Iterable[str]) -> Path:
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(pieces)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}", "name a file in a folder of your own") from error
    return path
