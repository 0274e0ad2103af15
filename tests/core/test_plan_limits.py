from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from coach.core.plan import Block, Busy
from coach.core.plan_limits import Limits, beginning, broken

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = dict.fromkeys(range(5), ((540, 1020),))


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def told(start: datetime, end: datetime, **other) -> list[tuple[str, float, str]]:
    found = broken(Block("b", "t", start, end), Limits(HOURS, BERLIN, **other))
    return [(r.kind, r.value, r.text) for r in found]


def test_a_block_within_all_limits_breaks_none() -> None:
    events = (Busy(at(10), at(11), "Board"), Busy(at(12), at(13)))
    assert told(at(11), at(12), events=events, due=at(12), not_before=at(11), own_hours={4: ((660, 720),)}) == []
    assert told(at(9), at(17)) == []


def test_each_limit_is_named_with_the_minutes_that_break_it() -> None:
    events = (Busy(at(10), at(11), "Board"), Busy(at(11), at(11, 30)))
    assert told(at(10, 30), at(12), events=events) == [("over", 30, 'over "Board"'), ("over", 30, "over a busy event")]
    assert told(at(11), at(12, 30), due=at(12)) == [("hard_due", 30, "after its hard deadline Fri 20 Nov 12:00")]
    assert told(at(11), at(12), due=at(0)) == [("hard_due", 60, "after its hard deadline end of Thu 19 Nov")]
    assert told(at(11), at(12), not_before=at(11, 45)) == [("too_early", 45, "before it is to begin, Fri 20 Nov 11:45")]
    assert told(at(16, 30), at(17, 15)) == [("off_hours", 15, "outside working hours")]
    assert told(at(11, day=21), at(12, day=21)) == [("off_hours", 60, "on a day without work")]
    own = {"own_hours": {4: ((780, 840),)}, "category": "Admin"}
    assert told(at(13, 30), at(14, 30), **own) == [("own_hours", 30, "outside the hours of Admin")]


def test_work_over_midnight_is_work_on_both_days() -> None:
    limits = Limits({4: ((1320, 1560),)}, BERLIN)
    assert broken(Block("b", "t", at(23), at(1, day=21)), limits) == ()
    assert broken(Block("b", "t", at(1, 30, day=21), at(2, 30, day=21)), limits)[0].text == "outside working hours"


def test_a_day_that_begins_has_its_name() -> None:
    assert (beginning(BERLIN, at(0)), beginning(BERLIN, at(8))) == ("Fri 20 Nov", "Fri 20 Nov 08:00")
