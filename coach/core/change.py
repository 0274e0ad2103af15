"""Changes: every edit of a user-made record as a value that carries the old and the new, so that one log gives
history, undo, audit and later sync. Also the hybrid logical clock (Kulkarni et al. 2014) that orders them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from coach.core.record import Record

Kind = Literal["create", "update", "delete"]
Actor = Literal["user", "import", "coach", "sync"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Change(Record):
    """One record's fields from old to new value (plain JSON values). `record` is its kind, such as "task"."""

    record: str
    id: str
    kind: Kind
    fields: Mapping[str, tuple[Any, Any]]


def create(record: str, id: str, values: Mapping[str, Any]) -> Change:
    return Change(record, id, "create", {k: (None, v) for k, v in values.items()})


def update(record: str, id: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    """The fields of `new` that differ from `old`; may be empty."""
    return Change(record, id, "update", {k: (old.get(k), v) for k, v in new.items() if old.get(k) != v})


def delete(record: str, id: str, values: Mapping[str, Any]) -> Change:
    return Change(record, id, "delete", {k: (v, None) for k, v in values.items()})


def inverse(change: Change) -> Change:
    """The change that takes this one back."""
    swapped = {name: (new, old) for name, (old, new) in change.fields.items()}
    kind: Kind = {"create": "delete", "delete": "create", "update": "update"}[change.kind]  # type: ignore[assignment]
    return Change(change.record, change.id, kind, swapped)


def tick(last: str, now_ms: int, device: str) -> str:
    """The next hybrid logical timestamp after `last`: `milliseconds-counter-device`, sortable as text.

    The wall clock may stand still or jump back; the timestamp never does."""
    last_ms, last_count = (int(last[:15]), int(last[16:22])) if last else (0, 0)
    ms, count = (now_ms, 0) if now_ms > last_ms else (last_ms, last_count + 1)
    return f"{ms:015d}-{count:06d}-{device}"
