"""What the frozen dataclasses of the start-up path share: equality, hash and representation by their fields.

`@dataclass` compiles a function of its own for each of these in each class. Thirty classes are met on the way to
`coach add`, and compiling cost a tenth of its time; these three are compiled once.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar


class Record:
    """A base for `@dataclass(frozen=True, eq=False, repr=False)`; equal to a record of the same class with equal fields."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__dataclass_fields__)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.__dataclass_fields__))

    def __repr__(self) -> str:
        shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
        return f"{type(self).__qualname__}({shown})"
