"""Reading a long file in a process of its own, while this one writes what has been read: of 100,000 tasks that takes a
third of the time off, if neither waits for the other. What is read comes through a pipe; nothing of it stands in a file, an
argument or the environment."""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import IO, Any, NamedTuple
from zoneinfo import ZoneInfo

from coach.config import Config, parse
from coach.core.errors import CoachError, InvalidInput, NotFound
from coach.core.when import iso, start_of
from coach.engine import services
from coach.engine.services import Incoming
from coach.integrations.source import Found, Notes, Source
from coach.store.new_tasks import NewTask, Rows, new_task, together

WORTH_IT_BYTES = 4_000_000
"""A shorter file is read before another process has started."""
_BATCH = 500
_WAITING = 64
"""Messages that may wait to be written: some 20 MB."""
_INSTANTS = frozenset({"created", "started", "completed", "deleted"})


class Read(NamedTuple):
    """A task of a file, and what it becomes where it is new."""

    found: Found
    new: NewTask


class Batch(NamedTuple):
    """Many tasks of a file where all of them are new: the place of each, and what is written."""

    where: Sequence[str]
    rows: Rows


def read(kind: str, incoming: Incoming) -> Iterator[Read]:
    """The tasks of a file, here or in a process of their own. Raises what the reader raises."""
    if not worth_it(incoming):
        yield from _here(kind, incoming)
        return
    for content in _elsewhere(kind, incoming, only_new=False):
        for where, by_words, plain, new in content:
            yield Read(_Lazy(where, new[0], plain, by_words), NewTask(*new))  # type: ignore[arg-type]


def batches(kind: str, incoming: Incoming) -> Iterator[Batch]:
    """What `read` finds, from a process of its own, where the store has no tasks yet."""
    for where, rows in _elsewhere(kind, incoming, only_new=True):
        yield Batch(where, Rows(*rows))


def worth_it(incoming: Incoming) -> bool:
    """Whether another process makes reading the file quicker."""
    path = incoming.source.path
    return path is not None and path.is_file() and path.stat().st_size >= WORTH_IT_BYTES and _a_core_is_free()


def _a_core_is_free() -> bool:
    """Whether two processes may run at once. Handing tasks over costs a fifteenth of the work, so that also where others keep
    the cores busy two come further than one, with twice the share; how busy they are is no reason."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) > 1
    return (os.cpu_count() or 1) > 1


def fresh(found: Found, at: str, tz: ZoneInfo) -> dict[str, Any]:
    """The fields of a new task, without those that are empty. `at` is now."""
    values = {name: value for name, value in found.values.items() if value}
    for name in _INSTANTS:
        if name in values and len(values[name]) == 10:
            values[name] = instant(values[name], tz)
    values.setdefault("created", at)
    values.setdefault("modified", at)
    values.setdefault("time_zone", tz.key)
    if "recurrence" in values and "due" in values:
        values.setdefault("series_start", values["due"])
    return values


def instant(text: str, tz: ZoneInfo) -> str:
    """A day as the instant at which it begins; an instant as it is."""
    return text if len(text) > 10 else iso(start_of(datetime.fromisoformat(text).date(), tz)) or text


def _here(kind: str, incoming: Incoming) -> Iterator[Read]:
    at = iso(incoming.now) or ""
    for found in services.named(kind).read(incoming):
        yield Read(found, new_task(found.id, fresh(found, at, incoming.tz)))


def _elsewhere(kind: str, incoming: Incoming, *, only_new: bool) -> Iterator[Any]:
    """What `main` sends of the tasks."""
    source = incoming.source
    task = (kind, source.name, str(source.path), incoming.now.isoformat(), incoming.tz.key, _settings(incoming.config), only_new)
    command = [sys.executable, "-P", "-c", "from coach.engine.ahead import main; main()"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError):  # a child that is gone already: its answer says so
            _put(child.stdin, task)
            child.stdin.close()
        with contextlib.closing(_buffered(child, child.stdout)) as messages:
            for what, content in messages:
                if what == "tasks":
                    yield content
                elif what == "end":
                    incoming.notes.refused += content[0]
                    incoming.notes.said += content[1]
                    return
                else:
                    raise {"missing": NotFound}.get(what, InvalidInput)(*content)
        raise CoachError("reading the file ended before its time", "nothing was imported; try again")
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def _buffered(child: subprocess.Popen[bytes], pipe: IO[bytes]) -> Generator[Any]:
    """The child's messages, of which some wait here: a pipe holds less than one, and the two processes would take turns."""
    arrived: SimpleQueue[bytes] = SimpleQueue()
    room = Semaphore(_WAITING)
    done = False

    def fetch() -> None:
        data = b"-"
        while data and room.acquire() and not done:
            data = _bytes(pipe)
            arrived.put(data)

    thread = Thread(target=fetch)
    thread.start()
    try:
        while data := arrived.get():
            room.release()
            yield marshal.loads(data)
    finally:
        done = True
        room.release()
        child.kill()  # what the thread waits for ends with it
        thread.join()


class _Lazy(NamedTuple):
    """A Found whose values are looked at only where the task may not be new."""

    where: str
    id: str
    plain: bytes
    by_words: bool

    @property
    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = marshal.loads(self.plain)
        return found

    @property
    def whole(self) -> dict[str, Any]:
        return self.values


def main() -> None:
    """The other process: reads what to do on stdin, writes tasks to stdout."""
    gc.disable()  # it makes millions of values and no circles, and does not live long
    out = os.fdopen(os.dup(1), "wb")
    message = _get(sys.stdin.buffer)
    assert message is not None
    kind, name, path, now, zone, settings, only_new = message
    incoming = Incoming(Source(name, Path(path)), parse(settings), datetime.fromisoformat(now), ZoneInfo(zone), Notes())
    with contextlib.suppress(BrokenPipeError):  # whoever asked is gone
        try:
            tasks = _here(kind, incoming)
            while batch := list(islice(tasks, _BATCH)):
                _put(out, ("tasks", _together(batch) if only_new else [_single(one) for one in batch]))
            _put(out, ("end", (incoming.notes.refused, incoming.notes.said)))
        except CoachError as error:
            _put(out, ("missing" if isinstance(error, NotFound) else "invalid", (error.message, error.hint)))
        out.close()


def _together(batch: Sequence[Read]) -> tuple[list[str], tuple[Any, ...]]:
    return [one.found.where for one in batch], tuple(together([one.new for one in batch]))


def _single(one: Read) -> tuple[str, bool, bytes, tuple[Any, ...]]:
    return one.found.where, one.found.by_words, marshal.dumps(one.found.whole), tuple(one.new)


def _settings(config: Config) -> dict[str, Any]:
    """The settings as `config.parse` reads them."""
    return {name: _plain(value) for name, value in asdict(config).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _put(pipe: IO[bytes], message: Any) -> None:
    data = marshal.dumps(message)
    pipe.write(len(data).to_bytes(8, "little"))
    pipe.write(data)
    pipe.flush()


def _get(pipe: IO[bytes]) -> Any:
    """The next message; None when there is none."""
    data = _bytes(pipe)
    return marshal.loads(data) if data else None


def _bytes(pipe: IO[bytes]) -> bytes:
    """The next message as it came; empty when there is none."""
    head = pipe.read(8)
    if len(head) < 8:
        return b""
    size = int.from_bytes(head, "little")
    data = pipe.read(size)
    return data if len(data) == size else b""
