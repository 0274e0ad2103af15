"""Reading a JSON object of any size piece by piece: members one after the other, and the elements of a long array without
the array. Only one value is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from coach.core.errors import InvalidInput
from coach.integrations.source import JsonText, Source


class JsonTree(JsonText):
    """A place in the text; each generator has to be used up before the next value is asked for. Everything raises
    InvalidInput naming the line."""

    __slots__ = ("number",)

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.number = 0

    def next(self) -> str:
        """The first character of what comes next; empty at the end of the text."""
        return self._next_character()

    def value(self) -> Any:
        """The whole value that comes next."""
        if self.next() == "":
            self.refuse("the file ends in the middle")
        return self._value(self.number)

    def members(self) -> Iterator[str]:
        """The keys of the object that comes next; after each its value has to be read."""
        yield from self._parts("{", "}", self._key)

    def elements(self) -> Iterator[Any]:
        """The elements of the array that comes next."""
        yield from self._parts("[", "]", self.value)

    def end(self) -> None:
        """Nothing but blanks may follow."""
        if self.next() != "":
            self.refuse("more follows after its end")

    def refuse(self, why: str) -> NoReturn:
        raise InvalidInput(f"{self.source.name}, line {self.line}: {why}", "nothing was imported")

    def _parts(self, opening: str, closing: str, read: Any) -> Iterator[Any]:
        if self.next() != opening:
            self.refuse("the file is empty" if self.next() == "" else f"a {opening} was expected")
        self.at += 1
        if self.next() == closing:
            self.at += 1
            return
        while True:
            self.number += 1
            yield read()
            here = self.next()
            self.at += 1
            if here == closing:
                return
            if here != ",":
                self.refuse("the file ends in the middle" if here == "" else "a comma is missing")

    def _key(self) -> str:
        key = self.value()
        if not isinstance(key, str) or self.next() != ":":
            self.refuse("this is no JSON")
        self.at += 1
        return key
