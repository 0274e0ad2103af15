"""Reading and changing config.toml: comments and order stay, a wrong value is refused before anything is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from coach.config import Config, Home, load, parse
from coach.core.errors import InvalidInput

KEYS = "keys."


def get(config: Config, name: str) -> Any:
    """A setting by dotted name, or a whole section as a dict. Raises InvalidInput naming the nearest."""
    if name.startswith(KEYS):
        return _key(config, name.removeprefix(KEYS))
    value: Any = config
    for part in name.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif is_dataclass(value) and part in {f.name for f in fields(value)}:
            value = getattr(value, part)
        else:
            raise InvalidInput(f"there is no setting {name!r}", _nearest(name, config))
    return as_plain(value)


def _key(config: Config, action: str) -> str:
    """The keys that the file gives an action, whose id has a dot of its own."""
    if action not in config.keys:
        raise InvalidInput(f"no key is set for {action!r}", "`?` in the app shows the keys in force and their ids")
    return config.keys[action]


def as_plain(value: Any) -> Any:
    """Dataclasses as dicts, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_plain(getattr(value, f.name)) for f in fields(value)}
    return list(value) if isinstance(value, tuple) else value


def names(config: Config) -> list[str]:
    """Every dotted name, the keys of the person's own keymap among them."""
    found = []
    for section in fields(config):
        value = getattr(config, section.name)
        inner = [f.name for f in fields(value)] if is_dataclass(value) else list(value) if isinstance(value, Mapping) else []
        found += [f"{section.name}.{name}" for name in inner] or [section.name]
    return found


def put(home: Home, values: Mapping[str, Any]) -> Config:
    """Set dotted names in config.toml and return the new configuration; nothing is written unless all of it is valid."""
    import tomlkit  # keeps a person's comments; 40 ms, only when something is changed

    path = home.config_file
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    for name, value in values.items():
        section, dot, key = name.partition(".")
        if not dot:
            raise InvalidInput(f"{name!r} is a section", "name one setting, such as nudge.daily_cap")
        table = document.setdefault(section, tomlkit.table())
        table[key] = value
    config = parse(document.unwrap(), str(path))
    _write(path, tomlkit.dumps(document))
    return config


def put_text(home: Home, name: str, text: str) -> Config:
    """As typed in the shell: numbers, true and false, a list with commas, else text."""
    old = get(load(home), name) if not name.startswith(KEYS) else ""
    return put(home, {name: _typed(old, text)})


def _typed(old: Any, text: str) -> Any:
    if isinstance(old, bool):
        if text.lower() not in ("true", "false", "on", "off", "yes", "no"):
            raise InvalidInput(f"{text!r} is neither true nor false")
        return text.lower() in ("true", "on", "yes")
    if isinstance(old, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return int(text) if isinstance(old, int) else float(text) if isinstance(old, float) else text
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no number") from error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{os.getpid()}.new")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _nearest(name: str, config: Config) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, names(config), n=1, cutoff=0.4)
    return f"did you mean {close[0]}?" if close else "`coach config get` lists them"
