"""todo.txt: one line, one task, in the order of the file. https://github.com/todotxt/todo.txt, and the keys that its
clients agree on: `due:`, `t:` (hidden until), `rec:` (`1w` from completion, `+1w` from the due date), `pri:`, `id:`, `p:`.

A line that nobody has changed is written as it was read. Of the others, keys that Coach does not know go back where they
came from. Coach's own: `due_time:` and `t_time:` (HHMM), `rrule:` where `rec:` cannot say it, `dep:`. A word of a title
that would be taken for a mark has a backslash in front of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from coach.core.when import parse_wall, zone
from coach.integrations.source import Found, Source, clean, lines_of, refuse, wall

SERVICE = "todotxt"

_NAMESPACE = uuid.UUID("d4bb9e7c-12c7-5a32-8a39-5e5c5b7a3c20")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEY = re.compile(r"([A-Za-z][\w.-]*):(?!//)([^\s:]+)")
_LETTER = {1: "A", 2: "B", 3: "C", 4: "D"}
_PRIORITY = {letter: number for number, letter in _LETTER.items()}
_UNITS = {"d": "DAILY", "w": "WEEKLY", "m": "MONTHLY", "y": "YEARLY"}
_WORKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FIRST = re.compile(r"\\*(x|\([A-Z]\)|\d{4}-\d{2}-\d{2})")
_MARK = re.compile(r"\\*([+@]\S+|[A-Za-z][\w.-]*:(?!//)[^\s:]+)")
_NEWLINES = {"\n": "␤", "\r": "␍"}


def read(source: Source, tz: ZoneInfo) -> Iterator[Found]:
    """The tasks of a todo.txt. Dates are days in `tz`. Raises InvalidInput naming the line and the key."""
    ids = _ids(source)
    seen: dict[str, int] = {}
    for number, text in lines_of(source):
        line = clean(text).rstrip()
        if not line.strip():
            continue
        seen[line] = seen.get(line, 0) + 1
        where = f"{source.name}, line {number}"
        values, keys = parse(line, where, tz)
        own = keys.get("id", "").lower()
        task_id = own if _UUID.fullmatch(own) else _made(line, seen[line])
        for key, field in (("p", "parent"), ("dep", "depends")):
            named = [ids.get(one, one.lower()) for one in keys.get(key, "").split(",") if one]
            known = [one for one in named if _UUID.fullmatch(one)]
            values[field] = known if key == "dep" else next(iter(known), None)
        layout = {"line": line, "at": number}
        unknown = {k: v for k, v in keys.items() if (k == "id" and v != task_id) or k not in _KNOWN}
        values["extra"] = {SERVICE: {**values.pop("extra"), **({"keys": unknown} if unknown else {}), **layout}}
        yield Found(where, task_id, values, by_words=task_id != own)


_KNOWN = frozenset(("id", "p", "dep"))


def parse(line: str, where: str, tz: ZoneInfo) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of a line, and the keys that stand for relations or that Coach does not know."""
    values: dict[str, Any] = {
        "status": "pending", "priority": None, "project": None, "tags": [], "due": None, "wait": None, "recurrence": None,
        "completed": None, "time_zone": tz.key, "extra": {},
    }
    rest = _head(line, where, values)
    keys: dict[str, str] = {}
    title = _body(rest, values, keys)
    if not title.strip():  # a line of nothing but marks: they are its title
        values.update(project=None, tags=[])
        keys.clear()
        values["extra"].pop("projects", None)
        title = rest
    values["title"] = _restored(title)
    _keys(keys, where, values)
    if values["status"] != "completed":
        del values["completed"]
    return values, keys


def line_of(task: Mapping[str, Any], tz: ZoneInfo, referenced: bool = False) -> str:
    """The line of a task (plain values with `id`). `referenced`: another line names it, so that it needs an `id:`."""
    kept: Mapping[str, Any] = (task.get("extra") or {}).get(SERVICE) or {}
    if "line" in kept and _says(kept["line"], task, tz, referenced):
        return str(kept["line"])
    words: list[str] = []
    done = task["status"] == "completed"
    letter = _LETTER.get(task.get("priority") or 0) or kept.get("priority")
    if done:
        words.append("x")
        if task.get("completed"):
            words.append(_day(task["completed"], tz))
    elif letter:
        words.append(f"({letter})")
    if task.get("created") and not (done and not task.get("completed")):
        words.append(_day(task["created"], tz))
    words.append(_protected(task["title"]))
    words += [f"+{_packed(project)}" for project in (task.get("project"), *kept.get("projects", ())) if project]
    words += [f"@{_packed(tag)}" for tag in task.get("tags") or ()]
    if done and letter:
        words.append(f"pri:{letter}")
    words += _when(task, "due", "due", tz) + _when(task, "wait", "t", tz) + _repeat(task.get("recurrence"))
    unknown = dict(kept.get("keys", {}))
    if referenced or (unknown.get("id") and _UUID.fullmatch(unknown["id"])):
        unknown["id"] = task["id"]
    if task.get("parent"):
        words.append(f"p:{task['parent']}")
    if task.get("depends"):
        words.append("dep:" + ",".join(task["depends"]))
    words += [f"{key}:{value}" for key, value in unknown.items()]
    return " ".join(words)


def lines(tasks: Iterable[Mapping[str, Any]], referenced: frozenset[str], tz: ZoneInfo) -> Iterator[str]:
    """The lines of tasks, in their order, deleted ones left out."""
    for task in tasks:
        if task["status"] != "deleted":
            yield line_of(task, tz, task["id"] in referenced) + "\n"


def _ids(source: Source) -> dict[str, str]:
    """The tasks that `id:` names, when it is somebody's own number rather than Coach's."""
    found: dict[str, str] = {}
    seen: dict[str, int] = {}
    for _, text in lines_of(source):
        line = clean(text).rstrip()
        seen[line] = seen.get(line, 0) + 1
        for match in re.finditer(r"(?:^|(?<= ))id:([^\s:]+)", line):
            own = match[1].lower()
            found[match[1]] = own if _UUID.fullmatch(own) else _made(line, seen[line])
    return found


def _made(line: str, nth: int) -> str:
    """The id of a line that has none: made of its words, so that two devices agree."""
    return str(uuid.uuid5(_NAMESPACE, f"{nth} {line}"))


def _head(line: str, where: str, values: dict[str, Any]) -> str:
    """Completion, priority and dates; returns the rest of the line."""
    rest = line
    if rest.startswith("x "):
        values["status"], rest = "completed", rest[2:].lstrip(" ")
        completed, rest = _date(rest, where)
        if completed:
            values["completed"] = completed
    elif match := re.match(r"\(([A-Z])\) +(?=\S)", rest):
        _prioritise(match[1], values)
        rest = rest[match.end() :]
    created, rest = _date(rest, where)
    if created:
        values["created"] = created
    return rest


def _date(rest: str, where: str) -> tuple[str | None, str]:
    match = re.match(rf"({_DATE.pattern}) +(?=\S)", rest)
    if match is None:
        return None, rest
    return _checked(match[1], where, "the date"), rest[match.end() :]


def _body(rest: str, values: dict[str, Any], keys: dict[str, str]) -> str:
    title: list[str] = []
    tags: list[str] = []
    for place, word in enumerate(rest.split(" ")):
        if word[:1] == "\\" and (_MARK.fullmatch(word) or (place == 0 and _FIRST.fullmatch(word))):
            title.append(word[1:])
        elif word[:1] == "+" and len(word) > 1:
            project = _unpacked(word[1:])
            if values["project"] is None:
                values["project"] = project
            else:
                values["extra"].setdefault("projects", []).append(project)
        elif word[:1] == "@" and len(word) > 1:
            tags.append(_unpacked(word[1:]))
        elif (match := _KEY.fullmatch(word)) and match[1] not in keys:
            keys[match[1]] = match[2]
        else:
            title.append(word)
    values["tags"] = list(dict.fromkeys(tags))
    return " ".join(title).strip(" ")


def _keys(keys: dict[str, str], where: str, values: dict[str, Any]) -> None:
    """Takes out the keys that are fields of a task; what cannot be one stays."""
    for key, field in (("due", "due"), ("t", "wait")):
        if key in keys and _DATE.fullmatch(keys[key]):
            values[field] = _checked(keys.pop(key), where, key)
            if (time := _TIME.fullmatch(keys.get(f"{key}_time", ""))) is not None:
                del keys[f"{key}_time"]
                values[field] += "T" + ":".join(part for part in time.groups() if part)
    if values["status"] == "completed" and re.fullmatch("[A-Z]", keys.get("pri", "")):
        _prioritise(keys.pop("pri"), values)
    if values["due"] and (rule := _rule(keys)):
        values["recurrence"] = rule


def _prioritise(letter: str, values: dict[str, Any]) -> None:
    values["priority"] = _PRIORITY.get(letter)
    if values["priority"] is None:
        values["extra"]["priority"] = letter


def _rule(keys: dict[str, str]) -> dict[str, str] | None:
    if match := re.fullmatch(r"(\+?)(\d{1,3})([dbwmy])", keys.get("rec", "")):
        strict, number, unit = match.groups()
        count = int(number)
        if count and (unit != "b" or count == 1):
            del keys["rec"]
            rule = _WORKDAYS if unit == "b" else f"FREQ={_UNITS[unit]}" + (f";INTERVAL={count}" if count > 1 else "")
            return {"rrule": rule, "anchor": "schedule" if strict else "completion", "catch_up": "one"}
    if keys.get("rrule", "").removeprefix("!").upper().startswith("FREQ="):
        text = keys.pop("rrule")
        catch_up = keys.pop("catch") if keys.get("catch") in ("skip", "all") else "one"
        rule = unquote(text.removeprefix("!"))
        return {"rrule": rule, "anchor": "completion" if text[0] == "!" else "schedule", "catch_up": catch_up}
    return None


def _repeat(rule: Mapping[str, str] | None) -> list[str]:
    if not rule:
        return []
    match = re.fullmatch(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(?:;INTERVAL=([1-9]\d{0,2}))?", rule["rrule"])
    strict = "+" if rule["anchor"] == "schedule" else ""
    if rule["catch_up"] == "one" and rule["rrule"] == _WORKDAYS:
        return [f"rec:{strict}1b"]
    if rule["catch_up"] == "one" and match and match[2] != "1":
        return [f"rec:{strict}{match[2] or 1}{match[1][0].lower()}"]
    packed = rule["rrule"].replace("%", "%25").replace(" ", "%20").replace(":", "%3A").replace("\n", "%0A")
    return [f"rrule:{'' if strict else '!'}{packed}"] + ([f"catch:{rule['catch_up']}"] if rule["catch_up"] != "one" else [])


def _says(line: str, task: Mapping[str, Any], tz: ZoneInfo, referenced: bool) -> bool:
    """Whether a line that was kept still says what the task is."""
    values, keys = parse(line, "", tz)
    own = keys.get("id", "").lower() == task["id"]
    if (referenced or task.get("parent") or task.get("depends")) and not own and "id" not in keys and "p" not in keys:
        return False
    for name in ("title", "status", "priority", "project", "tags", "recurrence"):
        if (values[name] or None) != (task.get(name) or None):
            return False
    for name in ("created", "completed"):
        if values.get(name) and task.get(name) and _day(task[name], tz) != values[name]:
            return False
    return all(_wall(task, name, tz) == values[name] for name in ("due", "wait"))


def _when(task: Mapping[str, Any], field: str, key: str, tz: ZoneInfo) -> list[str]:
    text = _wall(task, field, tz)
    if text is None:
        return []
    return [f"{key}:{text[:10]}"] + ([f"{key}_time:{text[11:].replace(':', '')}"] if len(text) > 10 else [])


def _wall(task: Mapping[str, Any], field: str, tz: ZoneInfo) -> str | None:
    """A wall time of the task on the clock of `tz`; a whole day stays that day."""
    text: str | None = task.get(field)
    if text is None or len(text) == 10 or task["time_zone"] == tz.key:
        return text
    moment = parse_wall(text, zone(task["time_zone"]))
    return wall(moment, tz, whole_days=False) or text  # type: ignore[arg-type]


def _day(instant: str, tz: ZoneInfo) -> str:
    from coach.core.when import parse_iso

    return parse_iso(instant).astimezone(tz).date().isoformat()


def _checked(text: str, where: str, name: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        refuse(where, name, "is no day of the calendar")
    return text


def _protected(title: str) -> str:
    for character, symbol in _NEWLINES.items():
        title = title.replace(character, symbol)
    words = title.split(" ")
    marked = [f"\\{w}" if _MARK.fullmatch(w) or (i == 0 and _FIRST.fullmatch(w)) else w for i, w in enumerate(words)]
    return " ".join(marked)


def _restored(title: str) -> str:
    for character, symbol in _NEWLINES.items():
        title = title.replace(symbol, character)
    return title


def _packed(name: str) -> str:
    """A project or label without blanks."""
    return re.sub(r"\s", lambda m: f"%{ord(m[0]):02X}", re.sub(r"%(?=[0-9A-F]{2})", "%25", name))


def _unpacked(word: str) -> str:
    return re.sub(r"%(09|0A|0D|20|25)", lambda m: chr(int(m[1], 16)), word)
