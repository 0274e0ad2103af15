"""Import and export: files of other programs, and everything as JSON.

An import is one action in one transaction: a file that cannot be read to its end leaves nothing behind, nor does a
process that is killed, and one undo takes all of it back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress, islice
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.change import Change
from coach.core.errors import Busy, InvalidInput
from coach.core.when import iso, parse_iso, parse_wall, start_of, zone
from coach.engine import ahead, block_feed, chat_past, everything, files, services, tracked
from coach.engine.services import Incoming
from coach.engine.tally import MOST_REASONS, Tally
from coach.integrations import activitywatch, event_table, timewarrior
from coach.integrations import source as sources
from coach.integrations.source import Found, Notes, Source
from coach.store import bulk, erase, plain
from coach.store.db import Connection, transaction
from coach.store.new_tasks import NewTask, Rows, new_task

_BATCH = 500
_INSTANTS = frozenset({"created", "started", "completed", "deleted"})
_WALLS = ("due", "scheduled", "wait", "until", "series_start")
_LAYOUT = frozenset({"line", "lines", "alarms", "zones", "file", "at", "status", "due", "recur", "rtype"})
"""What `extra` keeps of how a file writes a task; what it means is in the task's own fields."""

Checked: TypeAlias = dict[str, tuple[str, Sequence[str]]]
"""The place in the file and the dependencies of the tasks that have any."""


def review(
    db: Connection, kind: str, source: Source, now: datetime, tz: ZoneInfo, config: Config | None = None
) -> Tally:
    """What importing would do; nothing is written. Raises InvalidInput naming file, record or line, and field."""
    if (kind := _kind(kind, source)) in tracked.KINDS:
        return tracked.bring_in(db, kind, source, now, tz, config or Config(), write=False)
    run = _Run(db, kind, Incoming(source, config or Config(), now, tz, Notes()), write=False)
    with transaction(db):
        for _ in run.edits():
            pass
        run.check_circles()
    return run.tally


def bring_in(
    db: Connection, kind: str, source: Source, now: datetime, tz: ZoneInfo, reviewed: bytes = b"", config: Config | None = None
) -> Tally:
    """Import, all of it or nothing. With `reviewed`, the digest of what a person has agreed to, raises Busy when the file
    has changed since. Raises InvalidInput naming file, record or line, and field.

    After an import of tracked time the timeline follows, in transactions of its own."""
    if (kind := _kind(kind, source)) in tracked.KINDS:
        config = config or Config()
        with transaction(db):
            _check_unchanged(source, reviewed)
            tally = tracked.bring_in(db, kind, source, now, tz, config)
        tracked.follow(db, now, tz, config)
        return tally
    run = _Run(db, kind, Incoming(source, config or Config(), now, tz, Notes()), write=True)
    with transaction(db):
        _check_unchanged(source, reviewed)
        run.tally.action = bulk.apply_many(db, run.edits(), now=now, label=f"import {kind}", actor="import")
        run.check_circles()
        run.finish()
    return run.tally


def export(db: Connection, kind: str, config: Config, now: datetime, tz: ZoneInfo) -> Iterator[str]:
    """The file's text in pieces. The access is in the audit log before the first of them."""
    if kind in tracked.KINDS:
        erase.audit(db, "export", kind, now)
        return _TRACKED[kind](db)
    if kind == "blocks":
        erase.audit(db, "export", kind, now)
        return iter((block_feed.text(db, config, now),))
    if kind == "chat":
        erase.audit(db, "export", kind, now)
        return chat_past.markdown(db, tz)
    service = None if kind == "json" else services.named(kind)
    erase.audit(db, "export", kind, now)
    return service.write(services.Outgoing(db, config, now, tz)) if service else everything.pieces(db, now)


def export_to(db: Connection, kind: str, name: Path | str, config: Config, now: datetime, tz: ZoneInfo) -> Path:
    """The file, complete or not at all, for the owner's eyes only; returns where it is. A folder (or a name that ends in
    a slash) becomes a vdir of .ics files, or Timewarrior's data files, of which those that say something new are written."""
    target = Path(name).expanduser()
    if kind in ("ics", "timewarrior") and (target.is_dir() or str(name).endswith("/")):
        erase.audit(db, "export", kind, now)
        if kind == "timewarrior":
            return files.write_folder(target, timewarrior.months(tracked.intervals(db)))
        return files.write_folder(target, services.folder_of_ics(services.Outgoing(db, config, now, tz)))
    return files.write_atomically(target, export(db, kind, config, now, tz))


def source_of(name: str, stdin: Callable[[int], bytes]) -> Source:
    """The file of that name, stdin for "-", or a running ActivityWatch server. Raises InvalidInput for too much on stdin."""
    if activitywatch.is_address(name):
        return activitywatch.server(name)
    if name == "-":
        data = stdin(sources.MOST_STDIN_BYTES + 1)
        if len(data) > sources.MOST_STDIN_BYTES:
            raise InvalidInput(f"more than {sources.MOST_STDIN_BYTES // 1_000_000} MB on stdin", "save it as a file")
        return Source("stdin", data=data)
    return Source(Path(name).name, Path(name).expanduser())


def digest(source: Source) -> bytes:
    """What tells whether the source is still the same; empty for a server, whose answer always differs."""
    return b"" if source.fetch else sources.digest(source)


def _check_unchanged(source: Source, reviewed: bytes) -> None:
    if reviewed and sources.digest(source) != reviewed:
        raise Busy(f"{source.name} has changed since it was looked at", "import it again")


def _kind(kind: str, source: Source) -> str:
    """A table of events is no table of tasks."""
    if source.fetch and kind != "activitywatch":
        raise InvalidInput("only ActivityWatch is read from an address", "name a file")
    is_file = source.path is None or source.path.is_file()
    return "events" if kind == "csv" and is_file and event_table.is_one(source) else kind


_TRACKED = {
    "activitywatch": tracked.export_activitywatch, "timewarrior": tracked.export_timewarrior, "events": tracked.export_events,
}


class _Run:
    """One import: what has been seen of the file, and what follows from it."""

    def __init__(self, db: Connection, kind: str, incoming: Incoming, *, write: bool) -> None:
        self.db, self.kind, self.incoming, self.write = db, kind, incoming, write
        self.tally = Tally(kind, incoming.source.name)
        self.checked: Checked = {}
        self.seen: set[str] = set()
        self.renamed: dict[str, str] = {}
        self.by_title: dict[str, list[str]] | None = None
        self.blank = plain.none(db)
        self.rest = everything.Rest()

    def edits(self) -> Iterator[Change | NewTask | Rows]:
        """The changes that the file asks for; counts them, and notes who depends on whom."""
        if self.kind == "json":
            yield from self._each(everything.read(self.db, self.incoming, self.rest, self.write))
        elif self.blank and ahead.worth_it(self.incoming):
            yield from self._all_new(ahead.batches(self.kind, self.incoming))
        else:
            yield from self._each(ahead.read(self.kind, self.incoming))
        for where, why in self.incoming.notes.refused:
            self.tally.refuse(where, why)
        self.tally.said += self.incoming.notes.said[:MOST_REASONS]
        for kind, count in self.rest.counts.items():
            if count:
                self.tally.other[kind] = self.tally.other.get(kind, 0) + count

    def _all_new(self, read: Iterator[ahead.Batch]) -> Iterator[Rows]:
        """Tasks of which the store has none."""
        with contextlib.closing(read):  # type: ignore[type-var]
            for where, rows in read:
                first = [self._first(task_id, place) for task_id, place in zip(rows.ids, where, strict=True)]
                new = rows if all(first) else rows.only(first)
                for task_id, place, depends in zip(new.ids, compress(where, first), new.depends, strict=True):
                    if depends:
                        self.checked[task_id] = (place, depends)
                self.tally.new += len(new.cells)
                yield new

    def _each(self, read: Iterator[ahead.Read | Change | None]) -> Iterator[Change | NewTask]:
        with contextlib.closing(read):  # type: ignore[type-var]
            while batch := list(islice(read, _BATCH)):
                ids = [one.found.id for one in batch if isinstance(one, ahead.Read)]
                present = {} if self.blank or not ids else plain.of(self.db, ids)
                for one in batch:
                    if isinstance(one, ahead.Read):
                        edit = self._task(one, present)
                        if edit is not None:
                            yield edit
                    elif one is not None:
                        self.tally.other[one.record] = self.tally.other.get(one.record, 0) + 1
                        yield one

    def _first(self, task_id: str, where: str) -> bool:
        """Whether no task before it in the file is the same."""
        if task_id in self.seen:
            self.tally.refuse(where, "the same task stands earlier in the file")
            return False
        self.seen.add(task_id)
        return True

    def _task(self, read: ahead.Read, present: dict[str, dict[str, Any]]) -> Change | NewTask | None:
        found = read.found
        if found.by_words and not self.blank:
            found = self._recognised(found, present)
        if not self._first(found.id, found.where):
            return None
        old = present.get(found.id)
        if old is None:
            if read.new.depends:
                self.checked[found.id] = (found.where, list(read.new.depends))
            self.tally.new += 1
            return self._new(found, read)
        depends = found.whole.get("depends", old["depends"])
        if old["depends"] or depends:
            self.checked[found.id] = (found.where, depends)
        differing = _differing(old, found, self.incoming.tz)
        if not differing:
            self.tally.same += 1
            return None
        self.tally.changed += 1
        return change.update("task", found.id, old, {"modified": iso(self.incoming.now), **differing})

    def _new(self, found: Found, read: ahead.Read) -> NewTask:
        """With the relations of a file without ids as the store knows them."""
        if not self.renamed:
            return read.new
        return new_task(found.id, ahead.fresh(found, iso(self.incoming.now) or "", self.incoming.tz))

    def _recognised(self, found: Found, present: dict[str, dict[str, Any]]) -> Found:
        """A task of a file without ids as the one in the store that it is: one that it says nothing new about, or else the
        only open one of that title and project. What names it in the file follows."""
        values = dict(found.values)
        if values.get("parent") in self.renamed:
            values["parent"] = self.renamed[values["parent"]]
        if values.get("depends"):
            values["depends"] = [self.renamed.get(one, one) for one in values["depends"]]
        found = Found(found.where, found.id, values, found.by_words)
        if found.id in present:
            return found
        if self.by_title is None:
            self.by_title = plain.titles(self.db)
        ids = [i for i in self.by_title.get(values["title"], ()) if i not in self.seen][:_BATCH]
        candidates = plain.of(self.db, ids) if ids else {}
        same = next((i for i in ids if not _differing(candidates[i], found, self.incoming.tz)), None)
        if same is None:
            project = values.get("project")
            alike = [i for i in ids if candidates[i]["status"] == "pending" and candidates[i]["project"] == project]
            same = alike[0] if len(alike) == 1 else None
        if same is None:
            return found
        self.renamed[found.id] = same
        present[same] = candidates[same]
        return found._replace(id=same)

    def check_circles(self) -> None:
        _no_circle(self.db, self.checked)

    def finish(self) -> None:
        if self.kind == "json":
            everything.finish(self.db, self.incoming, self.rest)


def _differing(old: Mapping[str, Any], task: Found, tz: ZoneInfo) -> dict[str, Any]:
    """The fields in which a task is not as the file has it; empty when nothing but their spelling differs."""
    new = _in_zone_of(old, task.whole)
    extra = new.pop("extra", None)
    modified = new.pop("modified", None)
    found: dict[str, Any] = {}
    for name, value in new.items():
        if name in _INSTANTS and value and len(value) == 10:
            if not old[name] or parse_iso(old[name]).astimezone(tz).date().isoformat() != value:
                found[name] = ahead.instant(value, tz)
        elif name == "annotations" and task.by_words:  # such files do not say when
            if [note["text"] for note in old[name] or ()] != [note["text"] for note in value]:
                found[name] = value
        elif _plain(old.get(name)) != _plain(value):
            found[name] = value
    kept = dict(old.get("extra") or {})
    merged = {**kept, **(extra or {})}
    if _meaning(merged) != _meaning(kept) or (found and merged != kept):
        found["extra"] = merged
    if found and modified:
        found["modified"] = modified
    return found


def _in_zone_of(old: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with their wall times on the clock of the task's own zone, unless that clock shows one of them twice."""
    new = dict(values)
    if new.get("time_zone", old["time_zone"]) == old["time_zone"]:
        return new
    here, there = zone(new["time_zone"]), zone(old["time_zone"])
    for name in _WALLS:
        if text := new.get(name):
            moved = text if len(text) == 10 else sources.wall(start_of(parse_wall(text, here), here), there, whole_days=False)
            if moved is None:
                return dict(values)
            day = f"{old[name]}T00:00"  # that the zone's midnight is the whole day, the other zone cannot say
            new[name] = old[name] if moved == day else moved
    del new["time_zone"]
    return new


def _plain(value: Any) -> Any:
    """Without what files cannot say: fractions of a second, and whether nothing is null or empty."""
    if isinstance(value, str) and value[-1:] == "Z" and value[19:20] == ".":
        return value[:19] + "Z"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [{k: _plain(v) for k, v in one.items()} for one in value]
    return value or None


def _meaning(extra: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: {k: v for k, v in part.items() if k not in _LAYOUT} for name, part in extra.items() if isinstance(part, dict)}
    return {name: part for name, part in {**extra, **found}.items() if part}


def _no_circle(db: Connection, checked: Checked) -> None:
    """Raises InvalidInput when tasks of the file would depend on each other in a circle, also by way of tasks in the store."""
    if not checked:
        return
    edges: dict[str, Sequence[str]] = {**plain.dependencies(db)}
    edges.update({task_id: depends for task_id, (_, depends) in checked.items()})
    circle = _circle(edges, checked)
    if circle:
        where = next(checked[i][0] for i in circle if i in checked)
        way = " -> ".join(i[:8] for i in circle)
        raise InvalidInput(f"{where}: depends goes in a circle ({way})", "nothing was imported; leave one of them out")


def _circle(edges: Mapping[str, Iterable[str]], starts: Iterable[str]) -> list[str]:
    """A way of dependencies that ends where it begins; empty when there is none."""
    done: set[str] = set()
    for start in starts:
        way: list[str] = []
        on_way: set[str] = set()
        stack: list[tuple[str, Iterator[str]]] = [] if start in done else [(start, iter(edges.get(start, ())))]
        if stack:
            way.append(start)
            on_way.add(start)
        while stack:
            here, further = stack[-1]
            following = next(further, None)
            if following is None:
                stack.pop()
                way.pop()
                on_way.discard(here)
                done.add(here)
            elif following in on_way:
                return [*way[way.index(following) :], following]
            elif following not in done:
                stack.append((following, iter(edges.get(following, ()))))
                way.append(following)
                on_way.add(following)
    return []


