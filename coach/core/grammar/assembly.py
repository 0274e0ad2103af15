"""Putting together what was recognised: one Draft from marks, moments, durations and a recurrence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coach.core.grammar.clock import Clock
from coach.core.grammar.dates import Fields
from coach.core.grammar.durations import Duration
from coach.core.grammar.first import first_due
from coach.core.grammar.marks import MINUTES_IN_DAY, FromDue, Mark
from coach.core.grammar.moments import Found, merged
from coach.core.grammar.readings import Reading, read
from coach.core.grammar.rule import WORKDAYS, Repeat
from coach.core.task import Draft, Recurrence, Reminder, Span
from coach.core.when import Moment, resolve

_TIME_KEYS = frozenset(("clock", "clock_end", "part"))
_END_OF_DAY = Clock(23, 59, half="24")


class Assembly:
    """What has been recognised so far. An explicit attribute outranks words; of two moments the first counts,
    unless one is a day and the other a time."""

    __slots__ = ("deadline", "depends", "due", "estimate_min", "found", "from_due", "lasts", "notes", "now", "priority",
                 "project", "remind", "repeat", "scheduled", "spans", "tags", "text", "tz", "until", "wait")

    def __init__(self, text: str, now: datetime, tz: ZoneInfo) -> None:
        self.text, self.now, self.tz = text, now, tz
        self.spans: list[Span] = []
        self.notes = ""
        self.due: Reading | None = None
        self.found: Found | None = None
        self.deadline: Reading | None = None
        self.scheduled: Moment | None = None
        self.wait: Moment | None = None
        self.until: Moment | None = None
        self.remind: list[Reminder | Reading] = []
        self.priority: int | None = None
        self.project: str | None = None
        self.tags: list[str] = []
        self.depends: list[str] = []
        self.estimate_min: int | None = None
        self.lasts: Duration | None = None
        self.repeat: Repeat | None = None
        self.from_due: list[tuple[str, FromDue, Span]] = []

    @property
    def has_day(self) -> bool:
        dated = self.due is not None and not (self.found is not None and _time_only(self.found))
        return dated or self.deadline is not None or self.repeat is not None

    @property
    def ranges_but_due(self) -> list[tuple[int, int]]:
        return [(s.start, s.end) for s in self.spans if s.kind != "due"]

    def _span(self, start: int, end: int, kind: str) -> None:
        self.spans.append(Span(start, end, kind))

    def note(self, at: int, notes: str) -> None:
        self.notes = notes
        self._span(at, len(self.text), "notes")

    def mark(self, mark: Mark) -> None:
        kind, value = mark.kind, mark.value
        if isinstance(value, FromDue):
            self.from_due.append((kind, value, Span(mark.start, mark.end, kind)))
        elif kind == "tag":
            names = value if isinstance(value, tuple) else (value,)
            self.tags += [name for name in names if name not in self.tags]
        elif kind == "depends":
            self.depends += value
        elif kind == "remind":
            self.remind.append(value)
        elif kind == "recurrence":
            self.repeat = value[0]
        elif kind in ("due", "deadline"):
            setattr(self, kind, value)
        elif kind in ("wait", "scheduled", "until"):
            setattr(self, kind, value.start if value.start is not None else value.end)
        elif kind == "estimate":
            self.estimate_min = value
        else:
            setattr(self, kind, value)
        self._span(mark.start, mark.end, kind)

    def recurrence(self, span: tuple[int, int], rule: Repeat) -> None:
        self.repeat = rule
        self._span(*span, "recurrence")

    def moment(self, led_by: str, found: Found, reading: Reading, span: tuple[int, int]) -> bool:
        """Takes a moment in; False where it has no place, so that it stays text."""
        if led_by in ("wait", "start", "starting"):
            name = "wait" if led_by == "wait" else "scheduled"
            if getattr(self, name) is not None:
                return False
            setattr(self, name, reading.start if reading.start is not None else reading.end)
            self._span(*span, name)
            return True
        if led_by in ("by", "before", "deadline") and self.deadline is None:
            self.deadline = _day_before(reading) if led_by == "before" else reading
            self._span(*span, "deadline")
            return True
        return self._due(found, reading, span)

    def _due(self, found: Found, reading: Reading, span: tuple[int, int]) -> bool:
        if self.repeat is not None:
            return self._recurring(found, reading, span)
        if self.due is None:
            self.due, self.found = reading, found
        else:
            joined = self._joined(found)
            if joined is None:
                return False
            self.due, self.found = joined
        self._span(*span, "due")
        return True

    def _joined(self, found: Found) -> tuple[Reading, Found] | None:
        """A day and a time that stand apart in the text, as one moment."""
        have = self.found
        if have is None or have.end is not None or found.end is not None:
            return None
        times = [_time_only(f) for f in (have, found)]
        if times[0] == times[1]:
            return None
        both = merged(have.fields, found.fields)
        if both is None:
            return None
        joined = replace(have, fields=both)
        reading = read(joined, self.now, self.tz)
        return (reading, joined) if reading else None

    def _recurring(self, found: Found, reading: Reading, span: tuple[int, int]) -> bool:
        """A moment beside a recurrence: its time of day, or the day it starts."""
        rule = self.repeat
        if rule is None or (found.end is not None and not _week_of(rule, found)):
            return False
        fields: Fields = found.fields
        dated = bool(fields.keys() - _TIME_KEYS)
        if dated and (rule.bounds.start is not None or self.due is not None):
            return False
        if rule.plain and rule.freq == "WEEKLY" and not fields.keys() - _TIME_KEYS - {"weekday"} and dated:
            rule.byday, dated = [(0, fields["weekday"])], False
        if found.end is not None:
            last = found.end["weekday"]
            fields = {**{k: v for k, v in found.end.items() if k in _TIME_KEYS}, **fields}
            rule.byday = [(0, (fields["weekday"] + n) % 7) for n in range((last - fields["weekday"]) % 7 + 1)]
            dated = False
        if rule.plain and _each(rule, fields):
            dated = False
        elif rule.plain and rule.interval == 1:
            _on_date(rule, fields)
        if "clock" in fields:
            if rule.clock is not None:
                return False
            rule.clock, rule.clock_end = fields["clock"], fields.get("clock_end")
        if "part" in fields:
            rule.part = fields["part"]
        if dated:
            rule.bounds.start = reading
        self._span(*span, "due")
        return True

    def length(self, length: Duration, span: tuple[int, int], led: bool) -> bool:
        """An estimate from a bare duration of 1 minute to 24 hours. With "for" (`led`) it is also how long a time lasts."""
        minutes = length.minutes
        if minutes is None or not 1 <= minutes <= MINUTES_IN_DAY:
            return False
        self.estimate_min = round(minutes)
        self.lasts = length if led else None
        self._span(*span, "estimate")
        return True

    def foreign(self, moment: Moment, start: int, end: int) -> None:
        """A moment that the fallback found; a day takes the time that was found already."""
        inside = [s for s in self.spans if s.kind == "due" and s.start < end and start < s.end]
        self.spans = [s for s in self.spans if s not in inside]
        start, end = min([start, *(s.start for s in inside)]), max([end, *(s.end for s in inside)])
        if self.found is not None and not isinstance(moment, datetime):
            fields: Fields = {**self.found.fields, "year": moment.year, "month": moment.month, "dom": moment.day}
            self.due = read(replace(self.found, fields=fields), self.now, self.tz) or Reading(moment)
        else:
            self.due = Reading(moment)
            if not inside:
                self.spans = [s for s in self.spans if s.kind != "due"]
        self._span(start, end, "due")


def _week_of(rule: Repeat, found: Found) -> bool:
    """Whether "monday to friday" stands beside a plain weekly rule."""
    keys = found.fields.keys() - _TIME_KEYS, (found.end or {}).keys() - _TIME_KEYS
    return rule.plain and rule.freq == "WEEKLY" and keys == ({"weekday"}, {"weekday"})


def _on_date(rule: Repeat, fields: Fields) -> None:
    """june 5 every year, the 15th every month: the day becomes part of the rule, so that the rule says it by itself."""
    keys = fields.keys() - _TIME_KEYS - {"other", "turned"}
    if rule.freq == "YEARLY" and keys == {"month", "dom"}:
        rule.bymonth, rule.bymonthday = [fields["month"]], [fields["dom"]]
    elif rule.freq == "MONTHLY" and keys == {"dom"}:
        rule.bymonthday = [fields["dom"]]


def _each(rule: Repeat, fields: Fields) -> bool:
    """The last friday of the month, every month: the day that a plain rule takes from the words before it."""
    if "nth" not in fields or rule.freq not in ("MONTHLY", "YEARLY") or ("month" in fields) != (rule.freq == "YEARLY"):
        return False
    nth, kind = fields["nth"]
    if isinstance(kind, int):
        rule.byday = [(nth, kind)]
    elif kind == "day":
        rule.bymonthday = [nth]
    elif kind == "workday":
        rule.byday, rule.bysetpos = list(WORKDAYS), [nth]
    else:
        return False
    rule.bymonth = [fields["month"]] if "month" in fields else []
    return True


def _day_before(reading: Reading) -> Reading:
    """"before friday" ends with thursday; "before 5pm" at 5pm."""
    first = reading.start if reading.start is not None else reading.end
    return Reading(first if isinstance(first, datetime) else first - timedelta(days=1))


def _time_only(found: Found) -> bool:
    """Whether a moment names a time and no day."""
    return found.end is None and not (found.fields.keys() - _TIME_KEYS)


def draft_of(a: Assembly) -> Draft:
    """The finished Draft."""
    due, scheduled, hard = _due_of(a)
    recurrence = None
    if a.repeat is not None:
        start = a.repeat.bounds.start
        given = start.start if start is not None and start.start is not None else start.end if start is not None else due
        due, begin = first_due(a.repeat, given, a.now, a.tz)
        scheduled = scheduled if scheduled is not None else begin
        day = _day(due)
        recurrence = Recurrence(a.repeat.text(a.repeat.bounds.last_day(day)), "completion" if a.repeat.completion else "schedule")
    if a.from_due:
        scheduled = _reckoned(a, due, scheduled)
    spans = tuple(sorted(a.spans, key=lambda s: s.start))
    return Draft(
        title=_title(a.text, spans), notes=a.notes, due=due, due_all_day=due is not None and not isinstance(due, datetime),
        due_hard=hard, scheduled=scheduled, wait=a.wait, until=a.until, remind=_reminders(a, due), priority=a.priority,
        project=a.project, tags=tuple(a.tags), estimate_min=a.estimate_min, recurrence=recurrence,
        depends=tuple(a.depends), spans=spans,
    )


def _due_of(a: Assembly) -> tuple[Moment | None, Moment | None, bool]:
    """Due, scheduled and whether due is hard. A day beside a deadline is when the work is meant to be done."""
    if a.deadline is not None:
        planned = a.due.start if a.due is not None and a.due.start is not None else a.due.end if a.due is not None else None
        numbers = [s for s in a.spans if s.kind == "due" and not any(c.isalpha() for c in a.text[s.start : s.end])]
        if numbers and planned is not None and _day(planned) > _day(a.deadline.end):
            planned = None  # "ship 1.5 by eom": a version, since no work is meant for after its deadline
            a.spans = [span for span in a.spans if span not in numbers]
        return a.deadline.end, a.scheduled if a.scheduled is not None else planned, True
    lasting = _lasting(a)
    if lasting is not None:
        return *lasting, False
    if a.due is None:
        return None, a.scheduled, False
    return a.due.end, a.scheduled if a.scheduled is not None else a.due.start, False


def _reckoned(a: Assembly, due: Moment | None, scheduled: Moment | None) -> Moment | None:
    """Sets what is reckoned from the due time, and says what is scheduled; without a due time those words stay text."""
    for kind, value, span in a.from_due:
        moment = value.of(due, a.tz) if due is not None else None
        if moment is None:
            a.spans.remove(span)
        elif kind == "remind":
            a.remind.append(Reading(moment))
        elif kind == "scheduled":
            scheduled = moment
        else:
            setattr(a, kind, moment)
    return scheduled


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _lasting(a: Assembly) -> tuple[datetime, datetime] | None:
    """"4pm for 30 minutes" and "for 30 minutes starting at 4pm" are 4pm to 4:30pm: (due, scheduled)."""
    if a.lasts is None or a.repeat is not None or (a.due is None) == (a.scheduled is None):
        return None
    if a.due is not None and (a.due.start is not None or a.found is None or a.found.fields.get("clock") == _END_OF_DAY):
        return None
    begins = a.scheduled if a.due is None else a.due.end
    if not isinstance(begins, datetime):
        return None
    ends = begins.astimezone(UTC) + timedelta(minutes=a.lasts.minutes or 0)
    return ends.astimezone(begins.tzinfo), begins


def _reminders(a: Assembly, due: Moment | None) -> tuple[Reminder, ...]:
    found = []
    for item in a.remind:
        if isinstance(item, Reminder):
            found.append(item)
            continue
        moment = item.start if item.start is not None else item.end
        found.append(Reminder(at=moment if isinstance(moment, datetime) else resolve(datetime.combine(moment, time(9)), a.tz)))
    return tuple(found)


def _title(text: str, spans: tuple[Span, ...]) -> str:
    """The text without the spans and with single spaces; the text itself where nothing else is left."""
    pieces: list[str] = []
    at = 0
    for span in spans:
        pieces.append(text[at:span.start])
        at = max(at, span.end)
    pieces.append(text[at:])
    title = ""
    for piece in pieces:
        words = " ".join(piece.split())
        if not words:
            continue
        glue = "" if not title or words[0] in ",.;:!?)" else " "
        title += glue + words
    return title if title.strip(" ,.;:!?-–—()[]{}\"'") else " ".join(text.split())


