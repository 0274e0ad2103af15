"""Tasks in words, both ways: what quick-add understood, a task written as quick-add text, and that text read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.core.task import Draft, Recurrence, Reminder, Task
from coach.core.when import Moment, start_of, wall_text
from coach.engine import tasks
from coach.engine.task_view import full_words, minutes
from coach.store.db import Connection

Ignored = frozenset[tuple[int, int]]
"""Spans of the text that stay plain words."""

_EDITED = (
    "due", "scheduled", "wait", "until", "remind", "priority", "project", "tags", "estimate_min", "recurrence", "notes",
)

_EMPTY: Mapping[str, Mapping[str, object]] = {
    "recur:": {"recurrence": None, "series_start": None}, "notes:": {"notes": ""}, "remind:": {"remind": ()},
    "depends:": {"depends": ()}, "parent:": {"parent": None},
}
"""Fields that the line of `text_of` cannot say, by the word that clears them."""
_CLEARS = re.compile(rf"\s+({'|'.join(_EMPTY)})\s*$")


def understood(draft: Draft | Task, now: datetime, tz: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """What a draft or task says beside its title, as (kind, words) such as ("due", "Sat 22 Nov 18:00")."""
    pairs: list[tuple[str, str]] = []

    def say(kind: str, moment: Moment | None, prefix: str = "") -> None:
        if moment is not None:
            pairs.append((kind, f"{prefix}{full_words(moment, tz, now)}"))

    say("due", draft.due, "by " if draft.due_hard else "")
    if draft.recurrence:
        pairs.append(("recurrence", rule_words(draft.recurrence)))
    say("scheduled", draft.scheduled, "start ")
    if draft.wait is not None and start_of(draft.wait, tz) > now:
        say("wait", draft.wait, "hidden until ")
    elif isinstance(draft, Draft):
        say("wait", draft.wait, "not hidden, past: ")
    say("until", draft.until, "until ")
    pairs += [("remind", f"remind {_reminder(r, now, tz)}") for r in draft.remind]
    if draft.project:
        pairs.append(("project", f"#{draft.project}"))
    pairs += [("tag", f"@{tag}") for tag in draft.tags]
    if draft.priority:
        pairs.append(("priority", f"p{draft.priority}"))
    if draft.estimate_min:
        pairs.append(("estimate", minutes(draft.estimate_min)))
    if draft.depends:
        pairs.append(("depends", f"after {len(draft.depends)} other{'s' * (len(draft.depends) > 1)}"))
    if draft.notes:
        pairs.append(("notes", "with a note"))
    return tuple(pairs)


_DAYS = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}
_UNITS = {"HOURLY": "hour", "DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


def rule_words(rule: Recurrence) -> str:
    """An RRULE in words: "every 2 weeks on Mon, Thu"; parts that have no short words are shown as they are."""
    parts = dict(part.partition("=")[::2] for part in rule.rrule.removeprefix("RRULE:").split(";"))
    unit = _UNITS.get(parts.pop("FREQ", ""), "")
    if not unit:
        return rule.rrule
    interval = parts.pop("INTERVAL", "1")
    words = f"every {unit}" if interval == "1" else f"every {interval} {unit}s"
    days = parts.get("BYDAY", "")
    if days and all(day in _DAYS for day in days.split(",")):
        names = [_DAYS[day] for day in parts.pop("BYDAY").split(",")]
        words += " on weekdays" if names == ["Mon", "Tue", "Wed", "Thu", "Fri"] else f" on {', '.join(names)}"
    dates = parts.get("BYMONTHDAY", "")
    if unit == "month" and not days and dates and all(d.isdigit() or d == "-1" for d in dates.split(",")):
        names = ["last day" if d == "-1" else _ordinal(int(d)) for d in parts.pop("BYMONTHDAY").split(",")]
        words += f" on the {', '.join(names)}"
    rest = ";".join(f"{name}={value}" for name, value in parts.items() if name != "WKST")
    words += f" ({rest})" if rest else ""
    return words + (", from completion" if rule.anchor == "completion" else "")


def _ordinal(number: int) -> str:
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def text_of(task: Task) -> str:
    """The task as one line of quick-add that means the same again (see `ignored_in` for words of its title)."""
    words = [" ".join(task.title.split())]
    if task.due is not None:
        words.append(f"due:{_moment(task.due)}")
    for name, moment in (("scheduled", task.scheduled), ("wait", task.wait), ("until", task.until)):
        if moment is not None:
            words.append(f"{name}:{_moment(moment)}")
    if task.project:
        words.append(f"project:{task.project}" if " " not in task.project else f'project:"{task.project}"')
    words += [f"@{tag}" for tag in task.tags]
    if task.priority:
        words.append(f"p{task.priority}")
    if task.estimate_min:
        words.append(f"~{task.estimate_min}m")
    return " ".join(words)


def superseded(line: str, text: str, parse: Callable[[str], Draft]) -> str:
    """The text of a task that was edited in its `line`, with spaces for what words typed since replace: after "fri" the
    line's `due:` counts no more, "5pm" leaves its day. Offsets stay the same."""
    if text == line:
        return text
    for word in _REPLACED.findall(line):
        at = re.search(rf"(?<!\S){re.escape(word)}(?!\S)", text)
        if not at:
            continue
        without = _blanked(text, *at.span())
        draft = parse(without)
        if word[0] == "~" and draft.estimate_min is not None:
            text = without
        elif word[0] != "~" and draft.due is not None:
            day = at.start() + len("due:yyyy-mm-dd")
            timed = _blanked(_blanked(text, at.start(), at.start() + len("due:")), day, at.end())
            joined = parse(timed)
            same_day = isinstance(joined.due, datetime) and wall_text(joined.due)[:10] == word[4:14]
            text = timed if same_day and joined.title == draft.title else without
    return text


_REPLACED = re.compile(r"(?<!\S)(?:due:\d{4}-\d\d-\d\d\S*|~\d+m)(?!\S)")


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def ignored_in(task: Task, config: Config, now: datetime, tz: ZoneInfo) -> Ignored:
    """Spans of the title that quick-add would take for marks: they stayed text once and must stay text."""
    title = " ".join(task.title.split())
    return frozenset((s.start, s.end) for s in tasks.parse(title, config, now, tz).spans)


def rewrite(
    db: Connection, task: Task, text: str, config: Config, now: datetime, tz: ZoneInfo, ignored: Ignored = frozenset()
) -> Task:
    """The task as edited in the line of `text_of`: what was taken out of the line is cleared, what is new is set, and
    what the line cannot say stays, unless `recur:` or the like at its end clears it. One undo step."""
    cleared, text = _cleared(task, text)
    text = superseded(text_of(task), text, lambda words: tasks.parse(words, config, now, tz, ignored))
    before = tasks.parse(text_of(task), config, now, tz, ignored_in(task, config, now, tz))
    after = tasks.parse(text, config, now, tz, ignored)
    if left := [word for word in tasks.unread(after.title) if word not in task.title.split()]:
        raise InvalidInput(f"{left[0]!r} cannot be read", "for example due:fri, due:2026-12-24; nothing was changed")
    values: dict[str, object] = cleared | {
        name: getattr(after, name) for name in _EDITED if getattr(after, name) != getattr(before, name)
    }
    if "due" in values or after.due_hard != before.due_hard:
        values["due_hard"] = after.due_hard or (task.due_hard and not before.due_hard and after.due is not None)
    if values.get("recurrence") is not None:
        values["series_start"] = after.due
    if after.parent:
        values["parent"] = tasks.find(db, after.parent).id
    if after.title.strip() and after.title != before.title:
        values["title"] = after.title
    return tasks.update(db, task, now, "edit task", **values)


def _cleared(task: Task, text: str) -> tuple[dict[str, object], str]:
    """What words at the end of the line clear, and the line without them; a title may end in such a word itself."""
    values: dict[str, object] = {}
    while (found := _CLEARS.search(text)) and not task.title.rstrip().endswith(found.group(1)):
        values |= _EMPTY[found.group(1)]
        text = text[: found.start()]
    return values, text


def spoken(pairs: Iterable[tuple[str, str]]) -> str:
    return " · ".join(words for _, words in pairs)


def _moment(moment: Moment) -> str:
    return wall_text(moment)


def _reminder(reminder: Reminder, now: datetime, tz: ZoneInfo) -> str:
    if reminder.at is not None:
        return full_words(reminder.at, tz, now)
    if not reminder.before_min:
        return "at its time"
    return f"{minutes(reminder.before_min)} before"
