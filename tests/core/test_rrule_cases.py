"""Expansions that dateutil's own tests expect; the file lies beside the project and need not be there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from coach.core.recurrence import starts

CASES = Path(__file__).parents[2].parent / "shared" / "data" / "rrule.jsonl"


@pytest.mark.skipif(not CASES.exists(), reason="rrule.jsonl is not beside the project")
def test_every_expansion_is_equal() -> None:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    wrong = [case["name"] for case in cases if expanded(case["rrule"], len(case["expected"]) + 1) != case["expected"]]
    assert (wrong, len(cases) > 200) == ([], True)


def expanded(rule: str, most: int) -> list[str]:
    """The first occurrences; a rule may carry its DTSTART."""
    named = [word for word in rule.upper().split() if word.startswith("DTSTART:")]
    first = datetime.strptime(named[0][8:], "%Y%m%dT%H%M%S") if named else datetime(1997, 9, 2, 9)
    first = first.replace(tzinfo=UTC)
    found = starts(rule, first, first - timedelta(seconds=1), UTC)
    return [start.replace(tzinfo=None).isoformat() for start in islice(found, most) if isinstance(start, datetime)]


@pytest.mark.parametrize(("rule", "expected"), [
    ("FREQ=WEEKLY;BYDAY=TU;COUNT=2\nEXDATE:19970902T090000", ["1997-09-09T09:00:00"]),
    ("RRULE:FREQ=WEEKLY;COUNT=2\nRDATE:19970904T090000", ["1997-09-02T09:00:00", "1997-09-04T09:00:00", "1997-09-09T09:00:00"]),
    ("freq=weekly;count=1", ["1997-09-02T09:00:00"]),
])
def test_more_than_one_line(rule: str, expected: list[str]) -> None:
    assert expanded(rule, 9) == expected
