"""What an import reads from: a file or what came in on stdin, in pieces, so that its size costs no memory. And what it
yields: records whose fields are plain values, as the store keeps them.

Messages name the file, the line or record and the field, never what is written there."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from coach.core.errors import InvalidInput, NotFound
from coach.core.when import Moment, iso, parse_iso, start_of, zone

MOST_BYTES = 1_000_000_000
"""Of one file."""
MOST_STDIN_BYTES = 64_000_000
"""Of what comes in on stdin, which is held in memory."""
MOST_RECORD = 4_000_000
"""Characters of one record or line."""
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """Something that can be read more than once: the file at `path`, what `fetch` gives in pieces, or `data`. `name` stands
    for it in messages."""

    name: str
    path: Path | None = None
    data: bytes = b""
    fetch: Callable[[], Iterator[bytes]] | None = None


class Found(NamedTuple):
    """A task in a file. `values` are those fields of a Task that the file speaks of, as `core.task.stored` writes them;
    what it says that Coach has no field for is in `values["extra"]`, under the service's name. `where` is its place.
    `by_words` marks an id that was made from the words, because the file has none. `blank` are the fields that a file
    clears by saying nothing of them. A tuple: made by the hundred thousand, a frozen dataclass costs five times as much."""

    where: str
    id: str
    values: Mapping[str, Any]
    by_words: bool = False
    blank: Mapping[str, Any] = MappingProxyType({})

    @property
    def whole(self) -> dict[str, Any]:
        """The fields that the file speaks of, and those that it clears."""
        return {**self.blank, **self.values}


@dataclass(slots=True)
class Notes:
    """What a reader has to say besides the tasks: places and reasons of what is left out, and of what comes in but not
    as it stands there."""

    refused: list[tuple[str, str]] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)


def bytes_of(source: Source) -> Iterator[bytes]:
    """The bytes in pieces. Raises NotFound, InvalidInput for what cannot be read or is far too large."""
    if source.fetch is not None:
        yield from source.fetch()
        return
    if source.path is None:
        yield from (source.data[i : i + _PIECE] for i in range(0, len(source.data), _PIECE))
        return
    size = 0
    try:
        with source.path.open("rb") as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                if size > MOST_BYTES:
                    raise InvalidInput(f"{source.name} is larger than {MOST_BYTES // 1_000_000} MB", "split it")
                yield piece
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {source.name}", "name a file, or - for stdin") from error
    except OSError as error:
        hint = "name a file" if source.path.is_dir() else "check its permissions"
        raise InvalidInput(f"{source.name} cannot be read: {error.strerror}", hint) from error


def files_of(source: Source) -> list[Source]:
    """The source itself, or the .ics files of a folder (a vdir), by name. Raises InvalidInput for a folder without any."""
    if source.path is None or not source.path.is_dir():
        return [source]
    files = sorted(p for p in source.path.glob("*.ics") if not p.name.startswith(".") and p.is_file())
    if not files:
        raise InvalidInput(f"{source.name} holds no .ics files", "name a .ics file, or a folder with one file per task")
    return [Source(p.name, p) for p in files]


def digest(source: Source) -> bytes:
    """A hash of the content, to see whether a file (or the files of a folder) is still the same one."""
    found = hashlib.blake2b(digest_size=16)
    for one in files_of(source):
        found.update(f"\0{one.name}\0".encode())
        for piece in bytes_of(one):
            found.update(piece)
    return found.digest()


def text_of(source: Source) -> Iterator[str]:
    """The text in pieces: UTF-8, with or without a byte order mark, or UTF-16 with one. Raises InvalidInput naming the
    line that is neither."""
    decoder: codecs.IncrementalDecoder | None = None
    line = 1
    for piece in bytes_of(source):
        if decoder is None:
            name = "utf-16" if piece[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
            decoder = codecs.getincrementaldecoder(name)()
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError as error:
            _wrong_encoding(source, line + piece.count(b"\n", 0, max(0, error.start)), error)
        line += text.count("\n")
        yield text
    if decoder is not None:
        try:
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            _wrong_encoding(source, line, error)


def _wrong_encoding(source: Source, line: int, error: Exception) -> NoReturn:
    raise InvalidInput(f"{source.name}, line {line}: this is not UTF-8", "save the file as UTF-8 and try again") from error


def lines_of(source: Source) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, without their ends (LF or CRLF)."""
    number, held = 0, ""
    for text in text_of(source):
        held += text
        if len(held) > MOST_RECORD and "\n" not in held:
            where = f"{source.name}, line {number + 1}"
            raise InvalidInput(f"{where} is longer than {MOST_RECORD // 1_000_000} MB", "is it the right file?")
        *whole, held = held.split("\n")
        for line in whole:
            number += 1
            yield number, line.removesuffix("\r")
    if held:
        yield number + 1, held.removesuffix("\r")


def json_of(source: Source) -> Iterator[tuple[str, Any]]:
    """The values of a JSON array, of a single value, or of values one after the other, each with its place. Only one of
    them is in memory at a time. Raises InvalidInput naming record and line."""
    return JsonText(source).records()


_BLANK = re.compile(r"[ \t\r\n]*")


class JsonText:
    """The text read so far and not yet used, and where in the file it begins."""

    __slots__ = ("at", "buffer", "ended", "line", "pieces", "source")

    def __init__(self, source: Source) -> None:
        self.source, self.pieces, self.buffer, self.at, self.line, self.ended = source, text_of(source), "", 0, 1, False

    def records(self) -> Iterator[tuple[str, Any]]:
        first = self._next_character()
        if first == "":
            self._refuse(1, "the file is empty")
        in_array = first == "["
        self.at += in_array
        number = 0
        while True:
            here = self._next_character()
            if here == "" and not in_array:
                return
            if in_array and here == "]" and number == 0:
                break
            if in_array:
                number = yield from self._one_a_line(number)
                here = self._next_character()
            number += 1
            if here == "":
                self._refuse(number, "the file ends in the middle")
            where = f"{self.source.name}, record {number} (line {self.line})"
            yield where, self._value(number)
            here = self._next_character()
            if here == ",":
                self.at += 1
            elif in_array and here == "]":
                break
            elif in_array and here != "":
                self._refuse(number, "a comma is missing after it")
        self.at += 1
        if self._next_character() != "":
            self._refuse(number, "more follows after the closing bracket")

    def _one_a_line(self, number: int) -> Generator[tuple[str, Any], None, int]:
        """The next of an array's values, as far as they stand the way most programs write them, an object a line, and are
        read already: a quarter of the time. Returns the number of the last one."""
        buffer, at, name = self.buffer, self.at, self.source.name
        while buffer.startswith("{", at):
            try:
                value, end = _DECODE(buffer, at)
            except (ValueError, RecursionError):  # cut in two, or wrong: `_value` sees to it
                break
            if not buffer.startswith(",\n", end):
                break
            number += 1
            yield f"{name}, record {number} (line {self.line})", value
            self.line += buffer.count("\n", at, end) + 1
            self.at = at = end + 2
        return number

    def _next_character(self) -> str:
        while True:
            if self.at < len(self.buffer) and (here := self.buffer[self.at]) > " ":
                return here
            end = _BLANK.match(self.buffer, self.at).end()  # type: ignore[union-attr]
            self.line += self.buffer.count("\n", self.at, end)
            self.at = end
            if end < len(self.buffer):
                return self.buffer[end]
            if not self._more():
                return ""

    def _value(self, number: int) -> Any:
        wanted = 0
        while True:
            try:
                value, end = _DECODE(self.buffer, self.at)
            except _BadNumber as error:
                self._refuse(number, str(error))
            except (ValueError, RecursionError) as error:
                left = len(self.buffer) - self.at
                if self.ended or left > MOST_RECORD:
                    if isinstance(error, json.JSONDecodeError) and not self.ended:
                        self.line += self.buffer.count("\n", self.at, error.pos)
                    self._refuse(number, _why(error, self.ended, left))
                wanted = max(2 * left, wanted)  # doubling: a long record is tried a few times, not once for each piece
                while len(self.buffer) - self.at < wanted and self._more():
                    pass
                continue
            if end == len(self.buffer) and not self.ended and self._more():
                continue  # a number that the piece has cut in two
            self.line += self.buffer.count("\n", self.at, end)
            self.at = end
            return value

    def _more(self) -> bool:
        for text in self.pieces:
            if text:
                self.buffer = self.buffer[self.at :] + text
                self.at = 0
                return True
        self.ended = True
        return False

    def _refuse(self, number: int, why: str) -> NoReturn:
        raise InvalidInput(f"{self.source.name}, record {number}, line {self.line}: {why}", "nothing was imported")


class _BadNumber(ValueError):
    """A number that JSON allows and nobody can keep."""


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise _BadNumber("it has a number that is far too large")
    return number


def _whole(text: str) -> int:
    if len(text) > 300:
        raise _BadNumber("it has a number that is far too large")
    return int(text)


def _constant(text: str) -> NoReturn:
    raise _BadNumber("it has a number that is none")


_DECODE = json.JSONDecoder(parse_float=_finite, parse_int=_whole, parse_constant=_constant).raw_decode


def _why(error: Exception, ended: bool, left: int) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if left > MOST_RECORD:
        return f"it is no JSON, or longer than {MOST_RECORD // 1_000_000} MB"
    words = error.msg if isinstance(error, json.JSONDecodeError) else "it is no JSON"
    return f"the file ends in the middle, or this is no JSON ({words})" if ended else f"this is no JSON ({words})"


def clean(text: str) -> str:
    """Without lone surrogates, which no store can keep."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def without_fraction(instant: datetime) -> str:
    """An instant as other programs write it: whole seconds, basic ISO 8601 in UTC."""
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def refuse(where: str, name: str, why: str) -> NoReturn:
    """A field that cannot be read."""
    raise InvalidInput(f"{where}: {name} {why}", "nothing was imported; correct the file and try again")


def wall(instant: datetime, tz: Any, *, whole_days: bool = True) -> str | None:
    """The stored form of an instant in a zone: the date when it is a midnight there. None where the zone's clock shows
    that time twice and means the other one, or where it is beyond what a zone knows."""
    try:
        local = instant.astimezone(tz)
        if local.fold:
            return None
        if whole_days and not (local.hour or local.minute or local.second):
            return local.date().isoformat()
        return local.isoformat()[: 19 if local.second else 16]
    except OverflowError:
        return None


def moment_instant(stored: str, time_zone: str) -> datetime:
    """The instant at which a stored wall time begins."""
    from coach.core.when import parse_wall

    tz = zone(time_zone)
    moment: Moment = parse_wall(stored, tz)
    return start_of(moment, tz).astimezone(UTC)


def instant(text: Any, where: str, name: str, tz: Any = UTC) -> datetime:
    """A date-time of a file, basic or extended ISO 8601; without an offset it is read in `tz`. Raises InvalidInput."""
    if not isinstance(text, str):
        refuse(where, name, "is no text")
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is UTC:
            return found
        return (found if found.tzinfo is not None else parse_iso(text, tz)).astimezone(UTC)
    except (ValueError, OverflowError, InvalidInput):
        refuse(where, name, "is no date")


def stored_instant(moment: datetime) -> str:
    text = iso(moment)
    assert text is not None
    return text
