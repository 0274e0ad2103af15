"""The voices: the shipped lines, the personas that ship, and the packs that people write.

A pack is a TOML file in the `personas` folder beside config.toml. `use` keeps a copy in the store, so that a pack that is
broken or gone later changes nothing; after an edit, use it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from coach.config import Home, shipped
from coach.core import lines
from coach.core.errors import InvalidInput
from coach.core.persona import PERSONAS, Persona, document, mode_of, overlaid, read
from coach.core.situations import SITUATIONS
from coach.engine import preferences
from coach.store.db import Connection

FOLDER = "personas"
LARGEST = 512 * 1024
"""A pack is read whole into memory and kept in the store; a bank of thousands of lines is smaller than this many bytes."""
MADE_UP = {"task": "Send the report", "goal": "News", "minutes": "25 minutes", "count": "3"}


@dataclass(frozen=True, slots=True)
class Known:
    """A persona that can be used, or a pack that cannot: then `faults` say why."""

    name: str
    persona: Persona | None
    file: Path | None = None
    faults: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def bank() -> dict[str, Any]:
    """The vetted lines that ship, read once in a process (15 ms)."""
    merged: dict[str, Any] = {}
    for file in sorted(shipped("data", "lines").glob("*.toml")):
        merged |= _toml(file)
    return merged


def lint_shipped() -> list[str]:
    """What is wrong with the shipped lines."""
    files = sorted(shipped("data", "lines").glob("*.toml"))
    names = [(name, file.name) for file in files for name in _toml(file)]
    twice = {name for name, _ in names if sum(name == other for other, _ in names) > 1}
    return [f"{file}: {name} is in another file too" for name, file in names if name in twice] + lines.lint(bank())


def lint(file: Path) -> list[str]:
    """What is wrong with a pack, each entry naming file, situation, mode and line. Raises InvalidInput when it is no TOML."""
    return [f"{file}: {fault}" for fault in read(_toml(file))[1]]


def load(file: Path) -> Persona:
    """The pack in a file. Raises InvalidInput, with the first fault and how many there are."""
    persona, faults = read(_toml(file))
    if persona is None:
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise InvalidInput(f"{file}: {faults[0]}{more}", f"`coach persona lint {file}` lists them")
    return persona


def known(db: Connection, home: Home) -> list[Known]:
    """The personas that ship, the packs in the folder, and the one in use where its file is gone."""
    found = [Known(name, persona) for name, persona in PERSONAS.items()]
    for file in sorted((home.config / FOLDER).glob("*.toml")):
        try:
            persona, faults = read(_toml(file))
        except InvalidInput as error:
            persona, faults = None, [str(error)]
        name = persona.name if persona else file.stem
        if persona and name in {k.name for k in found if k.persona}:
            persona, faults = None, [f"another pack is called {name} too"]
        found.append(Known(name, persona, file, tuple(faults)))
    used = standing(db, "coach")
    if used.name not in {k.name for k in found if k.persona}:
        found.append(Known(used.name, used))
    return found


def named(db: Connection, home: Home, ref: str) -> Persona:
    """The persona of a name, or the pack of a file's path. Raises InvalidInput for an unknown or a broken one."""
    if ref.endswith(".toml") or "/" in ref:
        return load(Path(ref).expanduser())
    found = [k for k in known(db, home) if k.name == ref]
    for one in found:
        if one.persona is not None:
            return one.persona
    if found and found[0].file is not None:
        return load(found[0].file)
    names = ", ".join(k.name for k in known(db, home))
    raise InvalidInput(f"unknown persona {ref!r}", f"one of {names}; packs live in {home.config / FOLDER}")


def use(db: Connection, persona: Persona, now: datetime) -> Persona:
    """Make it the standing voice; its mode becomes the default one. One undo step."""
    pack = document(persona) if persona.name not in PERSONAS else None
    preferences.put(db, {"persona": persona.name, "mode": "", "pack": pack}, now, "change persona")
    return persona


def standing(db: Connection, default: str) -> Persona:
    """The standing voice, `default` where none was chosen. Raises InvalidInput for a default that is unknown."""
    name = preferences.get(db, "persona") or default
    if name in PERSONAS:
        return PERSONAS[name]
    pack = preferences.get(db, "pack")
    if isinstance(pack, Mapping) and pack.get("name") == name:
        persona, _ = read(pack)
        return persona or PERSONAS["coach"]  # a pack of before a rule became stricter
    raise InvalidInput(f"unknown persona {name!r}", f"one of {', '.join(PERSONAS)}")


def sample(persona: Persona, mode: str, humour: int, seed: str) -> list[tuple[str, str]]:
    """(situation, line) for every situation, on made-up values, to hear a voice before using it."""
    chosen, spoken = mode_of(persona, mode), overlaid(bank(), persona)
    return [
        (s.name, lines.line(spoken, s.name, chosen, (), humour, f"{seed} {s.name}", MADE_UP)) for s in SITUATIONS
    ]


def _toml(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        if file.stat().st_size > LARGEST:
            raise InvalidInput(f"cannot read {file}: larger than {LARGEST // 1024} KiB", "split it, or leave lines out")
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"cannot read {file}: {error}", "README.md shows the layout of a pack") from error
