"""Calendar files read by Coach and, independently, by the libraries.

    python tests/bench/ics.py ARCHIVE.tar.gz [--zone Europe/Berlin] [--verbose]

One JSON line. For each .ics file of the archive the occurrences of five windows from 1990 to 2040 are compared as (uid,
start, end, whole day, busy, title), with two referees: `rules`, icalendar's parser and dateutil's rules put together here
without Coach or recurring_ical_events; and `library`, recurring_ical_events over the file. `equal` files agree with both;
`refused` files hold nothing that icalendar can read, and Coach says so; `kept` files are those in which a library gives an
event up that Coach keeps at its first time; in `disputed` files the referees differ and Coach agrees with one of them;
`different` ones are faults.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr
from icalendar.prop import vBroken

from coach.core.errors import CoachError
from coach.integrations import ics

Row = tuple[str, datetime, datetime, bool, bool, str]
BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError)
"""What icalendar and recurring_ical_events raise on broken input."""
WINDOWS = [(datetime(y, 1, 1, tzinfo=UTC), datetime(y + 10, 1, 1, tzinfo=UTC)) for y in range(1990, 2040, 10)]


class Unreadable(Exception):
    """A referee gives an event up."""


def ours(data: bytes, name: str, tz: ZoneInfo) -> tuple[Counter[Row], list[str]]:
    found: Counter[Row] = Counter()
    problems: dict[str, None] = {}
    for start, end in WINDOWS:
        reading = ics.parse(data, name, start, end, tz)
        found.update((e.uid, e.start, e.end, e.all_day, e.busy, e.title) for e in reading.events if start <= e.start)
        problems.update(dict.fromkeys(reading.problems))
    return found, list(problems)


def utc(moment: date, tz: ZoneInfo) -> datetime:
    whole = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)
    return (whole if whole.tzinfo else whole.replace(tzinfo=tz)).astimezone(UTC)


def value(event: Any, name: str) -> Any:
    found = event.get(name)
    if isinstance(found, list | vBroken):
        raise Unreadable(name)
    return None if found is None else found.dt


def length(event: Any, begin: date) -> timedelta:
    """How long it lasts on the clock of its start."""
    finish, lasts = value(event, "DTEND"), value(event, "DURATION")
    if finish is not None:
        if isinstance(begin, datetime) and begin.tzinfo and isinstance(finish, datetime) and finish.tzinfo:
            return finish.astimezone(UTC) - begin.astimezone(UTC)
        return finish - begin
    if lasts is not None:
        return lasts
    return timedelta() if isinstance(begin, datetime) else timedelta(days=1)


def starts(event: Any, begin: date) -> Iterator[tuple[date, timedelta | None]]:
    """Wall times at which it happens, and its length where an RDATE gives another."""
    wall = begin.replace(tzinfo=None) if isinstance(begin, datetime) else datetime(begin.year, begin.month, begin.day)
    zone = begin.tzinfo if isinstance(begin, datetime) else None
    gone = {key(moment, zone is None) for moment, _ in listed(event, "EXDATE")}
    seen = set()

    def given(moment: date, lasts: timedelta | None) -> Iterator[tuple[date, timedelta | None]]:
        if key(moment, zone is None) not in gone and key(moment) not in seen:
            seen.add(key(moment))
            yield moment, lasts

    for moment, lasts in listed(event, "RDATE"):
        yield from given(moment, lasts)
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if isinstance(rule, vBroken):
            raise Unreadable("RRULE")
        parts = {k: v for k, v in rule.items() if k != "UNTIL"}
        until = rule.get("UNTIL", [None])[0]
        last = datetime(2040, 1, 1)
        if isinstance(until, datetime):
            last = until.astimezone(zone).replace(tzinfo=None) if until.tzinfo and zone else until.replace(tzinfo=None)
        elif until is not None:
            last = datetime(until.year, until.month, until.day, 23, 59, 59)
        try:
            expanded = rrulestr(type(rule)(parts).to_ical().decode(), dtstart=wall)
        except (ValueError, TypeError, KeyError) as error:
            raise Unreadable("RRULE") from error
        for moment in expanded:
            if moment > min(last, datetime(2040, 1, 1)):
                break
            yield from given(moment.replace(tzinfo=zone) if isinstance(begin, datetime) else moment.date(), None)
    yield from given(begin, None)


def listed(event: Any, name: str) -> Iterator[tuple[date, timedelta | None]]:
    found = event.get(name, [])
    for part in found if isinstance(found, list) else [found]:
        if isinstance(part, vBroken):
            if name == "RDATE":
                raise Unreadable(name)
            continue
        for one in part.dts:
            if isinstance(one.dt, tuple):
                begin, finish = one.dt
                yield begin, finish if isinstance(finish, timedelta) else utc(finish, ZONE) - utc(begin, ZONE)
            elif isinstance(one.dt, date):
                yield one.dt, None
            else:
                raise Unreadable(name)


def key(moment: date, local: bool = False) -> datetime:
    """`local`: as the clock shows it, whatever zone is written beside it: exceptions of an event that has none."""
    return utc(moment.replace(tzinfo=None) if local and isinstance(moment, datetime) else moment, ZONE)


def row(event: Any, begin: date, lasts: timedelta) -> Row:
    if isinstance(begin, datetime):
        start = utc(begin, ZONE)
        end = start + lasts
    else:
        start, end = utc(begin, ZONE), utc(begin + lasts, ZONE)
    free = str(event.get("TRANSP", "")) == "TRANSPARENT" or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")) == "FREE"
    return str(event.get("UID", "")), start, end, not isinstance(begin, datetime), not free, str(event.get("SUMMARY", ""))


def by_rules(events: list[Any]) -> tuple[Counter[Row], int]:
    """Occurrences, and how many events could not be read."""
    found: Counter[Row] = Counter()
    lost = 0
    moved: dict[str, list[Any]] = {}
    for event in events:
        if "RECURRENCE-ID" in event and event.get("UID"):
            moved.setdefault(str(event["UID"]), []).append(event)
    for event in events:
        try:
            begin = value(event, "DTSTART")
            if not isinstance(begin, date):
                raise Unreadable("DTSTART")
            lasts = length(event, begin)
            if lasts < timedelta():
                raise Unreadable("DTEND")
            cancelled = str(event.get("STATUS", "")) == "CANCELLED"
            if "RECURRENCE-ID" in event:
                if not cancelled:
                    found[row(event, begin, lasts)] += 1
                continue
            others = {key(value(m, "RECURRENCE-ID")) for m in moved.get(str(event.get("UID")), ())}
            happens = [] if cancelled else [o for o in starts(event, begin) if key(o[0]) not in others]
            found.update(row(event, moment, own if own is not None else lasts) for moment, own in happens)
        except Unreadable:
            lost += 1
    return Counter({r: n for r, n in found.items() if WINDOWS[0][0] <= r[1] < WINDOWS[-1][1]}), lost


def by_library(calendars: list[Any]) -> Counter[Row]:
    found: Counter[Row] = Counter()
    for component in calendars:
        calendar = icalendar.Calendar()
        for event in component.walk("VEVENT"):
            calendar.add_component(event)
        for start, end in WINDOWS:
            for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(start, end):
                begin = event["DTSTART"].dt
                one = row(event, begin, length(event, begin))
                if str(event.get("STATUS", "")) != "CANCELLED" and start <= one[1] < end:
                    found[one] += 1
    return found


def compared(data: bytes, name: str, tz: ZoneInfo, verbose: bool) -> tuple[str, dict[str, Any]]:
    try:
        calendars = list(icalendar.Calendar.from_ical(data, multiple=True))
    except BROKEN as error:
        calendars, why = [], type(error).__name__
    else:
        why = "no event"
    events = [e for c in calendars for e in c.walk("VEVENT")]
    try:
        mine, problems = ours(data, name, tz)
    except CoachError as error:
        kind = "different" if events else "refused"
        return kind, {"file": name, "coach": error.message, "library": why, "events": len(events)}
    rules, lost = by_rules(events)
    try:
        library: Counter[Row] | None = by_library(calendars)
    except BROKEN:  # it gives the whole file up for one event
        library = None
    said = {"file": name, "coach": mine.total(), "rules": rules.total(), "library": None if library is None else library.total(),
            "given_up": lost, "problems": problems}
    if verbose and mine != rules:
        print("only coach", list((mine - rules).items())[:4], "only rules", list((rules - mine).items())[:4], file=sys.stderr)
    if verbose and library is not None and mine != library:
        print("only coach", list((mine - library).items())[:4], "library", list((library - mine).items())[:4], file=sys.stderr)
    agrees = mine == rules and (library is None or mine == library)
    if agrees:
        return ("equal", {**said, "both": library is not None})
    kept = not rules - mine and (library is None or not library - mine) and bool(problems)
    if kept and (lost or library is None):
        return "kept", said
    return ("disputed" if mine in (rules, library) and rules != library and library is not None else "different"), said


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("archive")
    ask.add_argument("--zone", default="Europe/Berlin")
    ask.add_argument("--verbose", action="store_true", help="Say on stderr in which occurrences they differ.")
    given = ask.parse_args()
    global ZONE
    ZONE = ZoneInfo(given.zone)
    results: dict[str, list[dict[str, Any]]] = {"equal": [], "kept": [], "refused": [], "disputed": [], "different": []}
    warnings.simplefilter("ignore")
    with tarfile.open(given.archive) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".ics"):
                content = archive.extractfile(member)
                assert content is not None
                kind, said = compared(content.read(), "/".join(PurePosixPath(member.name).parts[-2:]), ZONE, given.verbose)
                results[kind].append(said)
    print(json.dumps({
        "bench": "ics", "files": sum(map(len, results.values())), **{k: len(v) for k, v in results.items()},
        "equal_with_both": sum(r["both"] for r in results["equal"]),
        "equal_without_events": sum(not r["coach"] for r in results["equal"]),
        "occurrences": sum(r["coach"] for r in results["equal"]),
        "why": {k: v for k, v in results.items() if k != "equal"},
    }, ensure_ascii=False))


ZONE = ZoneInfo("UTC")

if __name__ == "__main__":
    main()
