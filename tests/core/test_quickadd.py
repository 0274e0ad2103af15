"""Quick-add: the sentences any parser should pass, the marks, and the documented readings."""

import itertools
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from coach.core.quickadd import parse
from coach.core.task import Draft, Recurrence, Reminder

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=BERLIN)
"""A Wednesday."""


def read(text: str, now: datetime = NOW, tz: ZoneInfo = BERLIN, **options) -> Draft:
    return parse(text, now, tz=tz, **options)


def at(year: int, month: int, day: int, hour: int, minute: int = 0, tz: ZoneInfo = BERLIN) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=tz)


def kinds(text: str, **options) -> list[tuple[str, str]]:
    draft = read(text, **options)
    return [(text[s.start : s.end], s.kind) for s in draft.spans]


def test_rent_every_first():
    draft = read("Pay rent every 1st #home p1 15m")
    assert (draft.title, draft.project, draft.priority, draft.estimate_min) == ("Pay rent", "home", 1, 15)
    assert draft.recurrence == Recurrence("FREQ=MONTHLY;BYMONTHDAY=1")
    assert draft.due == date(2026, 12, 1)


def test_a_time_inside_a_sentence_can_be_unrecognised():
    text = "Email Bob about 3pm meeting"
    (span,) = read(text).spans
    assert text[span.start : span.end] == "about 3pm"
    plain = read(text, ignore=frozenset({(span.start, span.end)}))
    assert (plain.title, plain.due, plain.spans) == (text, None, ())


def test_an_adjective_is_no_recurrence():
    draft = read("Create monthly report fri")
    assert (draft.title, draft.due, draft.recurrence) == ("Create monthly report", date(2026, 11, 20), None)


def test_day_time_and_label():
    draft = read("Call mum tomorrow at 18:00 @phone")
    assert (draft.title, draft.due, draft.tags) == ("Call mum", at(2026, 11, 19, 18), ("phone",))
    assert kinds("Call mum tomorrow at 18:00 @phone") == [("tomorrow at 18:00", "due"), ("@phone", "tag")]


def test_every_with_an_exclamation_mark_counts_from_completion():
    draft = read("Water plants every! 3 days")
    assert draft.recurrence == Recurrence("FREQ=DAILY;INTERVAL=3", "completion")
    assert draft.due == date(2026, 11, 18)


def test_weekday_standup():
    draft = read("Standup every weekday 9:30 for 15m")
    assert (draft.title, draft.estimate_min) == ("Standup", 15)
    assert draft.recurrence == Recurrence("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
    assert draft.due == at(2026, 11, 19, 9, 30), "9:30 has passed today"


def test_deadline_estimate_and_wait():
    draft = read("Taxes by 30 apr ~4h wait:1 mar")
    assert (draft.title, draft.due, draft.due_hard) == ("Taxes", date(2027, 4, 30), True)
    assert (draft.estimate_min, draft.wait) == (240, date(2027, 3, 1))


def test_recurrence_with_days_time_and_bounds():
    draft = read("Gym ev mon, wed, fri 7am starting next week until 30 jun")
    assert draft.recurrence == Recurrence("FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20270630")
    assert (draft.title, draft.due) == ("Gym", at(2026, 11, 23, 7))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Fix C# bug @work", "Fix C# bug"),
        ("Learn 2+2", "Learn 2+2"),
        ("Write a@b.com", "Write a@b.com"),
        ("Copy mp3", "Copy mp3"),
        ("Task#urgent", "Task#urgent"),
        ("Read p12 of it", "Read p12 of it"),
        ("see https://x.y/2026-01-02", "see https://x.y/2026-01-02"),
    ],
)
def test_a_mark_counts_only_after_a_space(text: str, title: str):
    draft = read(text)
    assert (draft.title, draft.project, draft.priority, draft.due) == (title, None, None, None)


def test_priority_is_a_word_of_its_own():
    assert (read("Submit p1").title, read("Submit p1").priority) == ("Submit", 1)


def test_minutes_are_an_estimate_and_no_year():
    draft = read("Task 90m")
    assert (draft.title, draft.estimate_min, draft.due) == ("Task", 90, None)


def test_day_first_is_a_setting():
    assert read("Review 1/2").due == date(2027, 2, 1)
    assert read("Review 1/2", day_first=False).due == date(2027, 1, 2)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("x Feb 29", date(2028, 2, 29)),
        ("x on the 31st", date(2026, 12, 31)),
        ("x noon", at(2026, 11, 18, 12)),
        ("x midnight", at(2026, 11, 19, 0)),
        ("x friday midnight", at(2026, 11, 21, 0)),
        ("x eod", at(2026, 11, 18, 23, 59)),
        ("x eow", date(2026, 11, 22)),
        ("x eom", date(2026, 11, 30)),
        ("x eoq", date(2026, 12, 31)),
        ("x eoy", date(2026, 12, 31)),
        ("x wednesday", date(2026, 11, 18)),
        ("x wednesday 11am", at(2026, 11, 18, 11)),
        ("x wednesday 9am", at(2026, 11, 25, 9)),
        ("x due:wednesday", date(2026, 11, 25)),
        ("x next wednesday", date(2026, 11, 25)),
        ("x next friday", date(2026, 11, 27)),
        ("x fri", date(2026, 11, 20)),
        ("x 9:00", at(2026, 11, 19, 9)),
        ("x 11:00", at(2026, 11, 18, 11)),
        ("x today 9:00", at(2026, 11, 18, 21)),
        ("x in 5 days", date(2026, 11, 23)),
        ("x +3d", date(2026, 11, 21)),
        ("x in 3 hours", at(2026, 11, 18, 13)),
        ("x 3 days from now", date(2026, 11, 21)),
        ("x easter", date(2027, 3, 28)),
        ("x Fri, Jul 17", date(2026, 7, 17).replace(year=2027)),
    ],
)
def test_documented_readings(text: str, due: date):
    assert read(text).due == due


def test_a_time_in_the_gap_moves_forward_and_an_ambiguous_one_is_the_first():
    spring = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    assert read("x tomorrow 02:30", spring).due == at(2026, 3, 29, 3, 30)
    autumn = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    due = read("x tomorrow 02:30", autumn).due
    assert isinstance(due, datetime)
    assert due.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_three_hours_are_three_hours_when_the_clocks_change():
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    due = read("x in 3 hours", late).due
    assert isinstance(due, datetime)
    assert due.astimezone(UTC) == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Trip 13 to 15 december", date(2026, 12, 13), date(2026, 12, 15)),
        ("Trip dec 24 - 26", date(2026, 12, 24), date(2026, 12, 26)),
        ("Meet tomorrow 2-4pm", at(2026, 11, 19, 14), at(2026, 11, 19, 16)),
        ("Meet between 10 and 11:30 on friday", at(2026, 11, 20, 10), at(2026, 11, 20, 11, 30)),
        ("Shift friday 23:00-1:00", at(2026, 11, 20, 23), at(2026, 11, 21, 1)),
        ("Shift friday 11pm-2", at(2026, 11, 20, 23), at(2026, 11, 21, 2)),
        ("Shift friday 20:00-12", at(2026, 11, 20, 20), at(2026, 11, 21, 0)),
        ("Shift friday 22:00-06:00", at(2026, 11, 20, 22), at(2026, 11, 21, 6)),
        ("Plan next week", date(2026, 11, 23), date(2026, 11, 29)),
        ("Rest this weekend", date(2026, 11, 21), date(2026, 11, 22)),
        ("Call tomorrow evening", at(2026, 11, 19, 18), at(2026, 11, 19, 23, 59)),
    ],
)
def test_a_stretch_has_a_start_and_an_end(text: str, start: date, end: date):
    draft = read(text)
    assert (draft.scheduled, draft.due) == (start, end)
    assert len(draft.title.split()) == 1


@pytest.mark.parametrize(
    ("text", "rrule"),
    [
        ("every day", "FREQ=DAILY"),
        ("every other tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("every 3rd friday", "FREQ=MONTHLY;BYDAY=3FR"),
        ("every last day", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("every 27th", "FREQ=MONTHLY;BYMONTHDAY=27"),
        ("every jan 27th", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=27"),
        ("every 12 hours", "FREQ=HOURLY;INTERVAL=12"),
        ("every quarter", "FREQ=MONTHLY;INTERVAL=3"),
        ("every 15th workday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=15"),
        ("weekly on wednesdays", "FREQ=WEEKLY;BYDAY=WE"),
        ("every mon-thu", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"),
        ("every day except sat, sun", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("every day for 3 weeks", "FREQ=DAILY;UNTIL=20261208"),
        ("every day 5 times", "FREQ=DAILY;COUNT=5"),
        ("the 4th of every month", "FREQ=MONTHLY;BYMONTHDAY=4"),
        ("every day except tomorrow", "FREQ=DAILY\nEXDATE:20261119"),
        ("recur:2w", "FREQ=WEEKLY;INTERVAL=2"),
        ("recur:weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("recur:P14D", "FREQ=WEEKLY;INTERVAL=2"),
        ("rec:quarterly", "FREQ=MONTHLY;INTERVAL=3"),
    ],
)
def test_recurrence_becomes_a_rule(text: str, rrule: str):
    draft = read(f"x {text}")
    assert draft.recurrence is not None
    assert draft.recurrence.rrule == rrule
    assert draft.title == "x"


def test_a_past_time_moves_a_plain_recurrence_one_period_ahead():
    assert read("x weekly 6am").due == at(2026, 11, 25, 6)
    assert read("x weekly 11am").due == at(2026, 11, 18, 11)


def test_taskwarriors_attributes():
    draft = read("Ship it project:work.site pri:H due:fri wait:+2d scheduled:mon until:eom depends:3,5 +next tags:a,b")
    assert (draft.title, draft.project, draft.priority, draft.due) == ("Ship it", "work.site", 1, date(2026, 11, 20))
    assert (draft.wait, draft.scheduled, draft.until) == (date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 30))
    assert (draft.depends, draft.tags) == (("3", "5"), ("next", "a", "b"))


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("due:eom-2d", date(2026, 11, 28)),
        ("due:3wks", date(2026, 12, 9)),
        ("due:someday", date(9999, 12, 30)),
        ("due:2026-12-24T18:30", at(2026, 12, 24, 18, 30)),
        ("due:20261224", date(2026, 12, 24)),
        ("due:today+2d", date(2026, 11, 20)),
        ("due:now+6h", at(2026, 11, 18, 16)),
    ],
)
def test_taskwarriors_dates(text: str, due: date):
    assert read(f"x {text}").due == due


@pytest.mark.parametrize(
    "text", ["x due:never", "x pri:Z", "x wait:soon-ish", "x ~99h", "x {soon}", "x recur:often", "re:invoice 12"]
)
def test_what_makes_no_sense_stays_in_the_title(text: str):
    draft = read(text)
    assert (draft.title, draft.spans) == (text, ())


def test_reminders_deadlines_notes_and_start():
    draft = read("Pay !30m {fri} mon // ask Ann: #not p1")
    assert draft.remind == (Reminder(before_min=30),)
    assert (draft.due, draft.due_hard, draft.scheduled) == (date(2026, 11, 20), True, date(2026, 11, 23))
    assert (draft.notes, draft.title, draft.project) == ("ask Ann: #not p1", "Pay", None)
    assert read("Pay !3pm").remind == (Reminder(at=at(2026, 11, 18, 15)),)
    assert read("Pay start mon").scheduled == date(2026, 11, 23)
    assert read("Let's start at 5").title == "Let's start"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("x ~45m", 45),
        ("x for 45m", 45),
        ("x 45m", 45),
        ("x 1h30", 90),
        ("x 2h5m", 125),
        ("x an hour and a half", 90),
        ("x 1.5h", 90),
        ("x 20 min", 20),
        ("x half an hour", 30),
        ("x est:2h", 120),
        ("x 25h", None),
        ("x 2 weeks", None),
    ],
)
def test_estimates_of_one_minute_to_a_day(text: str, minutes: int | None):
    assert read(text).estimate_min == minutes


def test_a_day_and_a_time_may_stand_apart():
    draft = read("Standup 16:30 with the team tomorrow")
    assert (draft.title, draft.due) == ("Standup with the team", at(2026, 11, 19, 16, 30))


def test_a_text_of_marks_only_keeps_itself_as_title():
    draft = read("tomorrow p1")
    assert (draft.title, draft.due, draft.priority) == ("tomorrow p1", date(2026, 11, 19), 1)
    assert read("").title == ""


def test_a_written_zone_is_converted():
    assert read("Call tomorrow 9:00 GMT").due == at(2026, 11, 19, 10)


def test_the_weekday_beside_it_settles_an_ambiguous_date():
    assert read("x Tuesday 11/3/2015", datetime(2015, 1, 1, tzinfo=UTC)).due == date(2015, 11, 3)


def test_the_fallback_is_asked_only_when_no_day_was_found():
    asked = []

    def fallback(text, now, tz):
        asked.append(text)
        start = text.find("demain")
        return (date(2026, 11, 19), start, start + 6) if start >= 0 else None

    draft = read("Appeler demain p2", fallback=fallback)
    assert (draft.title, draft.due, draft.priority) == ("Appeler", date(2026, 11, 19), 2)
    assert read("Call tomorrow", fallback=fallback).due == date(2026, 11, 19)
    assert asked == ["Appeler demain   "]
    assert read("Appeler demain 18:00", fallback=fallback).due == at(2026, 11, 19, 18)


@pytest.mark.parametrize(
    "unit",
    "2 days after |week of |the last |first and second and |every |every mon and |~1h |@a |#|{fri |!3pm |due:fri |( |1/2 |mon - |"
    "every day until |one and a half |+1d|9|// |\x00|day after ".split("|"),
)
def test_ten_kilobytes_of_anything_are_read(unit: str):
    text = unit * (10_000 // len(unit))
    draft = read(text)
    assert draft.title
    assert all(a.end <= b.start for a, b in itertools.pairwise(draft.spans))


@pytest.mark.parametrize(
    ("text", "start", "due", "hard"),
    [
        ("x before friday", None, date(2026, 11, 19), True),
        ("x no later than friday", None, date(2026, 11, 20), True),
        ("x not before monday", date(2026, 11, 23), None, False),
        ("x friday eob", None, at(2026, 11, 20, 17), False),
        ("x tomorrow after work", at(2026, 11, 19, 17), at(2026, 11, 19, 21), False),
        ("x for 3 days from monday", date(2026, 11, 23), date(2026, 11, 25), False),
        ("x monday for 3 days", date(2026, 11, 23), date(2026, 11, 25), False),
        ("x early december", date(2026, 12, 1), date(2026, 12, 10), False),
        ("x end of next week", date(2026, 11, 27), date(2026, 11, 29), False),
        ("x last workday of the month", None, date(2026, 11, 30), False),
        ("x friday after next", None, date(2026, 11, 27), False),
        ("x the day after christmas", None, date(2026, 12, 26), False),
        ("x 2 weeks after easter", None, date(2027, 4, 11), False),
    ],
)
def test_phrases_around_a_day(text: str, start: date | None, due: date | None, hard: bool):
    draft = read(text)
    assert (draft.scheduled, draft.due, draft.due_hard) == (start, due, hard)


@pytest.mark.parametrize(
    "text",
    "Read pages 10-20|Mix 1/2 cup of sugar|Support 24/7|Ask Tom|Meet with tom|The sun room|Buy 3 boxes|Done!|Version 1.1.3|"
    "Read the second chapter|Plan my day off|He sat there|This may work|Chapter 3.14|Daily standup notes".split("|"),
)
def test_sentences_without_a_date_are_left_alone(text: str):
    assert read(text).spans == ()


@pytest.mark.parametrize(
    ("text", "rrule", "due"),
    [
        ("x every christmas", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", date(2026, 12, 25)),
        ("x every mon/wed/fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR", date(2026, 11, 18)),
        ("x first workday of every month", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", date(2026, 12, 1)),
        ("x weekly on fri from 3 dec until 5 jan", "FREQ=WEEKLY;BYDAY=FR;UNTIL=20270105", date(2026, 12, 4)),
        ("x every day but sunday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA", date(2026, 11, 18)),
        ("x monday 9am every week", "FREQ=WEEKLY;BYDAY=MO", at(2026, 11, 23, 9)),
        ("x every day at 9 starting tomorrow", "FREQ=DAILY", at(2026, 11, 19, 9)),
        ("x every feb 29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", date(2028, 2, 29)),
        ("x every monday morning", "FREQ=WEEKLY;BYDAY=MO", at(2026, 11, 23, 9)),
        ("x recur:FREQ=DAILY;INTERVAL=4! due:2026-11-30", "FREQ=DAILY;INTERVAL=4", date(2026, 11, 30)),
    ],
)
def test_a_recurrence_starts_on_its_first_day(text: str, rrule: str, due: date):
    draft = read(text)
    assert draft.recurrence is not None
    assert (draft.recurrence.rrule, draft.due) == (rrule, due)


@pytest.mark.parametrize(("text", "due", "estimate_min"), [
    ("report thu for 2h", date(2026, 11, 26), 120), ("Write today 2h", date(2026, 11, 20), 120),
    ("Run monday 1h30", date(2026, 11, 23), 90),
])
def test_a_length_behind_a_day_is_no_time(text: str, due: date, estimate_min: int) -> None:
    draft = parse(text, datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("UTC")), tz=ZoneInfo("UTC"))
    assert (draft.due, draft.estimate_min) == (due, estimate_min)
