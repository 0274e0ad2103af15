"""The words of the everyday grammar: weekdays, months, numbers, units, parts of the day, holidays."""

from __future__ import annotations

WEEKDAYS: dict[str, int] = {
    name: day
    for day, names in enumerate((
        "monday mon", "tuesday tue tues", "wednesday wed weds", "thursday thu thur thurs", "friday fri",
        "saturday sat", "sunday sun",
    ))
    for name in names.split()
}
"""Monday is 0, as in `date.weekday()`."""

MONTHS: dict[str, int] = {
    name: month
    for month, names in enumerate((
        "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
        "september sep sept", "october oct", "november nov", "december dec",
    ), start=1)
    for name in names.split()
}

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""RFC 5545 weekday codes."""

_LONG = {name: name for name in (*WEEKDAYS, *MONTHS, "tomorrow", "tonight") if len(name) > 5}
_BY_LETTERS = {"".join(sorted(name)): name for name in _LONG}


def spelled(word: str) -> str:
    """The word itself, or the day or month name whose letters it carries in another order ("thrusday")."""
    if len(word) < 6 or word in _LONG:
        return word
    meant = _BY_LETTERS.get("".join(sorted(word)))
    return meant if meant and meant[0] == word[0] else word


CARDINALS: dict[str, int] = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
TENS: dict[str, int] = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}
ORDINALS: dict[str, int] = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(), start=1)
} | {"thirtieth": 30}

SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = "second", "minute", "hour", "day", "week", "month", "year"
BUSINESS_DAY = "business day"

UNITS: dict[str, tuple[str, int]] = {
    name: (unit, factor)
    for names, unit, factor in (
        ("s sec secs second seconds", SECOND, 1),
        ("m min mins minute minutes", MINUTE, 1),
        ("h hr hrs hour hours", HOUR, 1),
        ("d day days night nights", DAY, 1),
        ("w wk wks week weeks", WEEK, 1),
        ("fortnight fortnights", WEEK, 2),
        ("mo mos mth mths month months", MONTH, 1),
        ("q qtr qtrs quarter quarters", MONTH, 3),
        ("y yr yrs year years", YEAR, 1),
        ("decade decades", YEAR, 10),
        ("workday workdays", BUSINESS_DAY, 1),
    )
    for name in names.split()
}
GLUED_UNITS = frozenset("s m d w q y mo h".split())
"""Units that count only when written onto the number: 45m, 3d."""

PARTS: dict[str, tuple[int, int]] = {
    "morning": (0, 12), "lunch": (12, 14), "lunchtime": (12, 14), "afternoon": (12, 19), "evening": (18, 24),
    "night": (20, 24), "nighttime": (20, 24), "early morning": (0, 9), "late morning": (9, 12), "early afternoon": (12, 15),
    "late afternoon": (15, 19), "early evening": (18, 20), "late evening": (21, 24), "late night": (21, 24),
    "after lunch": (13, 17), "after school": (15, 21), "after work": (17, 21),
}
"""Parts of the day as [start hour, end hour). A morning is what is left of the day until noon."""

POINTS: dict[str, tuple[int, int]] = {
    "noon": (12, 0), "midday": (12, 0), "noontime": (12, 0), "midnight": (24, 0), "midmorning": (10, 0), "midafternoon": (14, 0),
    "eod": (23, 59), "eob": (17, 0), "cob": (17, 0), "first thing": (9, 0),
}
"""Words for a time of day: hour, minute."""

EVERY_PART: dict[str, int] = {"morning": 9, "afternoon": 12, "evening": 19, "night": 22, "noon": 12, "midday": 12, "lunch": 12}
"""The hour of "every morning" and its like (Todoist's)."""

ZONES: dict[str, int] = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "msk": 180,
    "ist": 330, "jst": 540, "kst": 540, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420, "aest": 600, "aedt": 660,
}
"""Zone abbreviations: minutes east of Greenwich."""
