"""Quick-add beside dateparser on a file of cases: exact match by kind, spans, and time per text.

usage: python tests/bench/quickadd.py CASES.jsonl [--day-first | --month-first] [--failures KIND]

The order of 1/2 is, as in the app, the locale's unless one is given.

A case is {id, text, expr?, ref_time, kind, expected, contested?}. `due` is held against `expected` by kind: date (that day),
datetime (that minute), time (HH:MM), offset (ref_time + delta), interval (scheduled and due), duration (estimate), recurrence
(FREQ, INTERVAL and BY parts of the RRULE), none (nothing recognised), quickadd (the fields named). Distinct expressions count
once; contested rows apart. Prints one JSON object per kind."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[2]))

from coach.config import locale_day_first
from coach.core.quickadd import parse
from coach.core.task import draft_json
from coach.integrations.languages import dateparser_fallback

DEFAULT_REF = "2016-11-07T09:00:00"
EMPTY = ("due", "scheduled", "wait", "until", "estimate_min", "recurrence")
BY_PARTS = ("BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS")


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None) if text else None


def reference(case: dict[str, Any]) -> datetime:
    found = moment(case.get("ref_time") or DEFAULT_REF)
    assert found is not None
    return found


def listed(value: str) -> str:
    """A list of a rule in one order, without plus signs."""
    return ",".join(sorted(value.upper().replace("+", "").split(",")))


def rule_parts(text: str) -> dict[str, str]:
    pairs = (part.split("=", 1) for line in text.splitlines() for part in line.split(";") if "=" in part)
    return {name.upper(): listed(value) for name, value in pairs}


def same_rule(draft: dict[str, Any], expected: dict[str, Any]) -> bool:
    got = rule_parts((draft["recurrence"] or {}).get("rrule", ""))
    wanted = {k.upper(): str(v) for k, v in (expected.get("rrule") or expected).items()}
    if got.get("FREQ") != wanted.get("FREQ", "").upper() or int(got.get("INTERVAL", 1)) != int(wanted.get("INTERVAL", 1)):
        return False
    return all(got.get(name) == (listed(wanted[name]) if name in wanted else None) for name in BY_PARTS)


def due_is(kind: str, case: dict[str, Any], due: datetime | None, whole_day: bool) -> bool:
    expected = case["expected"]
    if due is None:
        return False
    if kind == "date":
        return due.date().isoformat() == expected["date"]
    if kind == "datetime":
        return due.isoformat()[:16] == expected["datetime"][:16]
    if kind == "time":
        return f"{due:%H:%M}" in (expected.get("any_of") or [expected["time"]])
    from dateutil.relativedelta import relativedelta

    delta: Any = relativedelta(**{unit: int(n) for unit, n in expected["delta"].items()})
    wanted: datetime = reference(case) + expected["sign"] * delta
    return due.date() == wanted.date() if whole_day else abs(due - wanted) < timedelta(minutes=1)


def stretch_is(draft: dict[str, Any], expected: dict[str, Any]) -> bool:
    start, end = moment(expected.get("start")), moment(expected.get("end"))
    scheduled, due = moment(draft["scheduled"]), moment(draft["due"])
    if not (start and end and scheduled and due):
        return False
    if draft["due_all_day"]:
        return scheduled.date() == start.date() and due.date() in (end.date(), end.date() - timedelta(days=1))
    return scheduled.isoformat()[:16] == start.isoformat()[:16] and abs(due - end) <= timedelta(minutes=1)


def right(case: dict[str, Any], draft: dict[str, Any]) -> bool:
    kind, expected = case["kind"], case.get("expected") or {}
    if kind == "none":
        return not any(draft[name] for name in EMPTY)
    if kind == "interval":
        return stretch_is(draft, expected)
    if kind == "duration":
        return draft["estimate_min"] is not None and abs(draft["estimate_min"] * 60 - expected["seconds"]) <= 60
    if kind == "recurrence":
        return same_rule(draft, expected)
    if kind == "quickadd":
        return all(draft[name] == value for name, value in expected.items() if value is not None and name in draft)
    return due_is(kind, case, moment(draft["due"]), draft["due_all_day"])


def by_dateparser(case: dict[str, Any]) -> bool | None:
    """Whether dateparser alone is right; None for kinds it does not know."""
    import dateparser.search

    kind = case["kind"]
    if kind not in ("date", "datetime", "time", "offset", "none"):
        return None
    settings: Any = {"RELATIVE_BASE": reference(case), "PREFER_DATES_FROM": "future"}
    found = dateparser.search.search_dates(case["text"], languages=["en"], settings=settings)
    if kind == "none":
        return not found
    return bool(found) and due_is(kind, case, found[0][1].replace(tzinfo=None), False)


def scores(cases: list[dict[str, Any]], judge: Callable[[int], bool | None]) -> tuple[Counter[str], Counter[str]]:
    """Distinct expressions and how many of them are right, by kind; one expression in several texts must be right in all."""
    seen: dict[tuple[str, str, Any], bool] = {}
    for n, case in enumerate(cases):
        verdict = judge(n)
        if verdict is None:
            continue
        kind = "contested" if case.get("contested") else case["kind"]
        key = (kind, (case.get("expr") or case["text"]).lower(), case.get("ref_time"))
        seen[key] = seen.get(key, True) and verdict
    return Counter(k for k, *_ in seen), Counter(key[0] for key, ok in seen.items() if ok)


def tight(text: str) -> str:
    return "".join(text.lower().split())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("cases", type=Path)
    options.add_argument("--day-first", action=argparse.BooleanOptionalAction, default=locale_day_first())
    options.add_argument("--month-first", dest="day_first", action="store_false")
    options.add_argument("--failures", metavar="KIND")
    given = options.parse_args()
    cases = [json.loads(line) for line in given.cases.read_text(encoding="utf-8").splitlines()]
    utc = ZoneInfo("UTC")
    drafts, took = [], []
    for case in cases:
        began = time.perf_counter()
        now = reference(case).replace(tzinfo=UTC)
        draft = parse(case["text"], now, tz=utc, day_first=given.day_first, fallback=dateparser_fallback)
        took.append((time.perf_counter() - began) * 1000)
        drafts.append(draft_json(draft))
    ours, ours_right = scores(cases, lambda n: right(cases[n], drafts[n]))
    theirs, theirs_right = scores(cases, lambda n: by_dateparser(cases[n]))
    for kind in sorted(ours):
        peer = round(theirs_right[kind] / theirs[kind], 4) if theirs[kind] else None
        exact = round(ours_right[kind] / ours[kind], 4)
        print(json.dumps({"kind": kind, "n": ours[kind], "coach": exact, "dateparser": peer}))
    spans = [
        tight("".join(c["text"][s["start"]:s["end"]] for s in d["spans"])) == tight(c["expr"])
        for c, d in zip(cases, drafts, strict=True)
        if c.get("expr") and c["expr"] in c["text"] and not c.get("contested")
    ]
    if spans:
        print(json.dumps({"kind": "span", "n": len(spans), "coach": round(statistics.mean(spans), 4), "dateparser": None}))
    median = round(statistics.median(took), 4)
    print(json.dumps({"kind": "speed", "n": len(took), "median_ms": median, "max_ms": round(max(took), 2)}))
    if given.failures:
        for case, draft in zip(cases, drafts, strict=True):
            if case["kind"] == given.failures and not right(case, draft):
                print(json.dumps({"text": case["text"], "expected": case.get("expected"), **{k: draft[k] for k in EMPTY}}))


if __name__ == "__main__":
    main()
