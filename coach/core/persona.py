"""Personas: the standing voices. Four ship; people write others as TOML packs, which this reads and judges. Pure.

A pack has `name`, `about`, `mode` and, if wanted, `humour` (0 to 3) and `[lines.SITUATION]` tables with a list of texts for each
mode it covers. What it does not cover is said in the shipped lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from coach.core.decency import objections
from coach.core.errors import InvalidInput
from coach.core.lines import MODES, Bank, cell_faults
from coach.core.situations import SITUATIONS

KEYS = ("name", "about", "mode", "humour", "lines")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,23}")
ABOUT_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Persona:
    """The standing voice. `mode` is its default tone of a line, `humour` its own setting where the person has none; `lines` are
    those of a pack, by situation and mode."""

    name: str
    mode: str
    about: str
    humour: int | None = None
    lines: Bank = field(default_factory=dict)


PERSONAS: Mapping[str, Persona] = {
    p.name: p
    for p in (
        Persona("coach", "encouragement", "warm and practical: names the next step"),
        Persona("roast", "roast", "teases the list, the clock and the snooze button, never you"),
        Persona("chill", "minimalist", "says the least that will do"),
        Persona("neutral", "neutral", "plain facts, no colour"),
    )
}


def mode_of(persona: Persona, mode: str = "") -> str:
    """The mode asked for, else the persona's own. Raises InvalidInput."""
    mode = mode or persona.mode
    if mode not in MODES:
        raise InvalidInput(f"unknown mode {mode!r}", f"one of {', '.join(MODES)}")
    return mode


def overlaid(bank: Bank, persona: Persona) -> Bank:
    """The bank with the persona's own cells in place of its: a cell that a pack covers is the pack's alone."""
    if not persona.lines:
        return bank
    return {**bank, **{situation: {**bank.get(situation, {}), **cell} for situation, cell in persona.lines.items()}}


def read(document: Mapping[str, Any]) -> tuple[Persona | None, list[str]]:
    """A pack from plain TOML values, and what is wrong with it; None where anything is."""
    faults = [*_head(document), *_body(document.get("lines", {}))]
    if faults:
        return None, faults
    return Persona(
        document["name"], document["mode"], document["about"], document.get("humour"), document.get("lines", {}),
    ), []


def document(persona: Persona) -> dict[str, Any]:
    """The pack as `read` takes it."""
    head: dict[str, Any] = {"name": persona.name, "about": persona.about, "mode": persona.mode, "lines": persona.lines}
    return head if persona.humour is None else {**head, "humour": persona.humour}


def _head(document: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{key}: no such key; there are {', '.join(KEYS)}" for key in document if key not in KEYS)
    name, about, mode, humour = (document.get(key) for key in ("name", "about", "mode", "humour"))
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield f"name: {name!r} is no name; a small letter, then at most 23 small letters, digits, - or _"
    elif name in PERSONAS:
        yield f"name: {name!r} ships with Coach; take another"
    elif found := objections(name):
        yield f"name: {found[0]}"
    if not isinstance(about, str) or not about.strip() or len(about) > ABOUT_LENGTH or not about.isprintable():
        yield f"about: one line of 1 to {ABOUT_LENGTH} characters is needed"
    else:
        yield from (f"about: {fault}" for fault in objections(about))
    if mode not in MODES:
        yield f"mode: {mode!r} is unknown; one of {', '.join(MODES)}"
    if humour is not None and (isinstance(humour, bool) or humour not in (0, 1, 2, 3)):
        yield f"humour: {humour!r} is not 0, 1, 2 or 3"


def _body(cells: Any) -> Iterator[str]:
    fills = {s.name: s.fills for s in SITUATIONS}
    if not isinstance(cells, Mapping):
        yield "lines: write [lines.SITUATION] with a list of texts for each mode"
        return
    for situation, cell in cells.items():
        if situation not in fills:
            yield f"{situation}: no such situation"
        else:
            yield from cell_faults(situation, cell, fills[situation])
