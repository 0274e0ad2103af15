"""Laws of quick-add that hold for every text: it never fails, never loses a character, and its spans are exact."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.quickadd import parse
from coach.core.when import start_of
from coach.core.written import written

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

_WORDS = st.sampled_from(
    "call mum report today tomorrow fri monday next this week every other day 3 3rd 15 30 at on by for in of the and until "
    "to from -  , . : / 18:00 9am noon midnight #home @work p1 +tag ~45m 1h30 {fri} !30m due:fri wait:mon recur:weekly // jan "
    "29 feb 31st 2026-02-30 25:99 1/2 13/13/2026 weekly daily starting except may march sun sat week end eom 5pm-7 9999 "
    "12/31/9999 in 99999 years half past hours minutes ago later christmas @ ( ) ! * every! 12 months times "
    "q1 quarter closest fortnight half thirty +1 last one but not workday mon/wed/fri completion eid al-fitr 0715+1 2nd each 17 "
    "∞ 😀 مهمة \x00 \u2028 \n \t ² ٣".split(" ")
)
_SENTENCES = st.lists(_WORDS, max_size=14).map(" ".join)
_TEXTS = st.one_of(st.text(max_size=200), _SENTENCES)
_NOWS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))


def letters(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=400, deadline=None)
@given(
    _TEXTS,
    _NOWS,
    st.booleans(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"]),
)
def test_no_text_fails_or_loses_a_character(text: str, now: datetime, day_first: bool, zone: str):
    draft = parse(text, now, tz=ZoneInfo(zone), day_first=day_first)
    left, at = "", 0
    for span in draft.spans:
        assert at <= span.start < span.end <= len(text), "spans are in order and do not overlap"
        left, at = left + text[at : span.start], span.end
    left += text[at:]
    assert letters(draft.title) in (letters(left), letters(text))
    assert bool(draft.title) == bool(text.strip())


@settings(max_examples=200, deadline=None)
@given(_SENTENCES)
def test_what_is_unrecognised_becomes_text(text: str):
    draft = parse(text, NOW, tz=BERLIN)
    ignore = frozenset((s.start, s.end) for s in draft.spans)
    again = parse(text, NOW, tz=BERLIN, ignore=ignore)
    assert not any(s.start < end and start < s.end for s in again.spans for start, end in ignore)


@settings(max_examples=200, deadline=None)
@given(_SENTENCES, _NOWS)
def test_the_title_says_nothing_new(text: str, now: datetime):
    draft = parse(text, now, tz=BERLIN)
    rest = iter(letters(text))
    assert all(letter in rest for letter in letters(draft.title)), "the title is the text with pieces left out"


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        ["every day", "every 3 days", "ev mon, thu", "every month", "every 31st", "every last friday", "weekly", "every feb 29",
         "every day at 7 and 17:30 but not on sundays", "every 2 hours from 9 to 17", "every wed except the last one",
         "daily except the 1st", "every day in june", "mon/wed/fri"]
    ),
    st.sampled_from(["", " 9am", " at 18:30", " noon"]),
    _NOWS,
)
def test_the_first_due_of_a_recurrence_is_not_past(rule: str, time: str, now: datetime):
    draft = parse(f"x {rule}{time}", now, tz=BERLIN)
    assert draft.recurrence is not None
    assert draft.due is not None
    begins = start_of(draft.due, BERLIN)
    today = start_of(now.astimezone(BERLIN).date(), BERLIN)
    # The hour that happens twice in autumn may lie one hour back.
    assert begins >= (now - timedelta(hours=1) if isinstance(draft.due, datetime) else today)


@settings(max_examples=300, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), _NOWS, st.booleans())
def test_a_full_date_is_read_as_written(day: date, now: datetime, day_first: bool):
    slash = f"{day:%d/%m/%Y}" if day_first else f"{day:%m/%d/%Y}"
    for text in (f"{day:%Y-%m-%d}", f"{day.day} {day:%B %Y}", f"{day:%b} {day.day}, {day.year}", f"{day:%d.%m.%Y}", slash):
        draft = parse(f"task {text}", now, tz=BERLIN, day_first=day_first)
        assert (draft.due, draft.title) == (day, "task"), text


@settings(max_examples=400, deadline=None)
@given(_SENTENCES, _NOWS, st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]))
def test_what_is_written_out_reads_the_same(text: str, now: datetime, zone: str):
    tz = ZoneInfo(zone)
    draft = parse(text, now, tz=tz)
    line, ignore = written(draft, tz)
    again = parse(line, now, tz=tz, ignore=ignore if draft.title else frozenset())
    assert replace(again, spans=()) == replace(draft, spans=())
