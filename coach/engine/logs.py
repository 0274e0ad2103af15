"""What goes wrong in the background: its kind and its place, in `state/coach.log`. Never words that quote what a person typed."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import extract_tb

MAX_BYTES = 1_000_000
"""A log that would grow longer is put aside as `coach.log.1`, whose elder is dropped: two of these at most."""

log = logging.getLogger(__name__)


def place(error: BaseException) -> str:
    """`KeyError at engine/tasks.py:120`: the kind of error and the last line of Coach that it came through."""
    package = Path(__file__).parents[1]
    lines = [
        f"{Path(frame.filename).relative_to(package).as_posix()}:{frame.lineno}"
        for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(package)
    ]
    return f"{type(error).__name__} at {lines[-1]}" if lines else type(error).__name__


def last_lines(folder: Path, number: int) -> list[str]:
    """The newest lines of the log in `folder`, oldest first."""
    try:
        with (folder / "coach.log").open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 400 * number))
            return file.read().decode("utf-8", "replace").splitlines()[-number:]
    except OSError:
        return []


@contextmanager
def kept(folder: Path) -> Iterator[None]:
    """While a Coach runs, its log goes into `folder`, not to stderr, where the app is drawn; so do threads that die.

    Other libraries' words are dropped: nobody knows what they quote. Where the file cannot be written, ours are too."""
    ours, everybody, nowhere = logging.getLogger("coach"), logging.getLogger(), logging.NullHandler()
    handler = _handler(folder / "coach.log")
    before = threading.excepthook, ours.level
    ours.addHandler(handler)
    ours.propagate = False
    ours.setLevel(logging.INFO)
    everybody.addHandler(nowhere)
    threading.excepthook = _died
    try:
        yield
    finally:
        threading.excepthook, ours.level = before
        everybody.removeHandler(nowhere)
        ours.propagate = True
        ours.removeHandler(handler)
        handler.close()


class _File(logging.FileHandler):
    """One that stays small, that several processes may share, and that a full disk silences: `logging` would print its
    complaint and the record on stderr. (RotatingFileHandler goes on writing into a file that another process put aside.)"""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # opening the file
            self._turn(len(record.getMessage()))
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        pass

    def _turn(self, more: int) -> None:
        """Put the file aside where it is full; open the new one where somebody else has done so, or removed it."""
        if self.stream is None:
            return
        path, held = Path(self.baseFilename), os.fstat(self.stream.fileno())
        ours = path.exists() and path.stat().st_ino == held.st_ino
        if ours and held.st_size + more < MAX_BYTES:
            return
        self.stream.close()
        self.stream = None  # opened again by the next record
        if ours:
            path.replace(path.with_name("coach.log.1"))


class _PlacesOnly(logging.Formatter):
    """Without tracebacks: their last line quotes the error's message."""

    def formatException(self, ei: object) -> str:  # noqa: N802  logging's name
        return ""


def _handler(path: Path) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size >= MAX_BYTES:
            path.replace(path.with_name("coach.log.1"))
    except OSError:
        return logging.NullHandler()
    handler = _File(path, encoding="utf-8", delay=True)
    handler.setFormatter(_PlacesOnly("%(asctime)s %(levelname)s %(name)s %(message)s"))
    return handler


def _died(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        log.error("thread %s ended: %s", args.thread.name if args.thread else "?", place(args.exc_value))
