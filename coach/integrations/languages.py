"""Dates in other languages, through dateparser: the part of quick-add that our own grammar does not read.

dateparser takes 0.15 s to import and guesses at every number, so it is asked only about texts that carry a date word of one of
the languages named here, and only about the few words around it."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.when import Moment, resolve

LANGUAGES = ("de", "fr", "es", "zh", "it", "nl", "pt", "fi")

_WORDS = frozenset(
    # German
    "heute morgen übermorgen gestern montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar jänner februar "
    "märz mai juni juli oktober dezember nächsten nächste nächster nächstes kommenden woche wochen monat monate monaten tag tage "
    "tagen stunde stunden minuten uhr "
    # French
    "aujourd'hui aujourd’hui demain après-demain hier lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars "
    "avril juin juillet août septembre octobre novembre décembre prochain prochaine semaine semaines mois jour jours "
    "heure heures "
    # Spanish
    "hoy mañana pasado ayer lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril mayo junio julio "
    "agosto septiembre octubre noviembre diciembre próximo próxima semana semanas mes meses día días hora horas "
    # Italian, Dutch, Portuguese, Finnish
    "oggi domani dopodomani lunedì martedì mercoledì giovedì venerdì sabato domenica gennaio febbraio aprile maggio "
    "giugno luglio "
    "settembre ottobre novembre dicembre vandaag morgen overmorgen maandag dinsdag woensdag donderdag vrijdag zaterdag zondag "
    "januari februari maart mei augustus hoje amanhã segunda-feira terça-feira quarta-feira quinta-feira sexta-feira janeiro "
    "fevereiro março maio junho julho setembro outubro dezembro tänään huomenna maanantai tiistai keskiviikko torstai perjantai "
    "lauantai sunnuntai tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta "
    "lokakuuta "
    "marraskuuta joulukuuta loka".split()
)
_NEXT = frozenset(
    "nächsten nächste nächster nächstes kommenden prochain prochaine próximo próxima prossimo prossima volgende".split()
)
"""Before or after a weekday these say what a bare weekday says already; dateparser stumbles over them."""
_GLUE = frozenset(
    "am im in den der die das um an bis für à le la les dans en au a las los el de del para o um às il alle uur op om de kl "
    "und et y e klo dentro por da na de".split()
)
_ARTICLES = frozenset("am im den der die das le la el los las op il om um bis für para por a à".split())
_UNITS = frozenset(
    "woche wochen monat monate monaten tag tage tagen stunde stunden minuten uhr semaine semaines mois jour jours heure heures "
    "semana "
    "semanas mes meses día días hora horas mars mai hier pasado".split()
)
"""Words that mean a date only beside a number or another date word."""

_AHEAD = frozenset("in dans en dentro tra over em daqui".split())
"""Before a number of days these make it a date."""
_CLOCK_WORDS = frozenset("uhr heure heures mars mai".split())
"""Units that with a number are a time or a day of the month."""
_NUMBERS = {
    word: value
    for words in (
        "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "une deux trois quatre cinq six sept huit neuf dix onze douze",
        "una dos tres cuatro cinco seis siete ocho nueve diez once doce",
        "eine", "einem", "einer", "un", "uno", "1er", "1re", "1º",
    )
    for value, word in enumerate(words.split(), start=1)
}
"""Small numbers in words, and the first of a month; dateparser knows digits better."""
_PARTS = {
    "früh": 9, "vormittag": 9, "mittag": 12, "nachmittag": 15, "abend": 19, "nacht": 22, "matin": 9, "midi": 12,
    "après-midi": 15, "soir": 19, "tarde": 15, "noche": 22, "mattina": 9, "pomeriggio": 15, "sera": 19, "ochtend": 9,
    "middag": 12, "avond": 19, "manhã": 9, "noite": 22,
}
"""Parts of the day beside a date, and the hour at which they are due."""

_CHINESE = re.compile(r"[今明后昨]天|大后天|(?:下|这|本|上)?(?:个)?(?:星期|周|礼拜)[一二三四五六日天]|下(?:个)?(?:月|周|星期)|"
                      r"\d{1,2}月\d{1,2}[日号]|\d{4}年\d{1,2}月\d{1,2}[日号]|[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号]|"
                      r"[一二三四五六七八九十\d]{1,3}(?:天|周|个月|小时|分钟)(?:后|以后|之后)")
_CHINESE_TIME = re.compile(
    r"\s*(早上|上午|中午|下午|晚上|凌晨)?\s*([一二三四五六七八九十两\d]{1,3})[点時时:](半|[一二三四五六七八九十\d]{1,3}分?)?"
)
_TOKEN = re.compile(r"1(?:ere?|re|º)\b|\d{1,4}(?:[:.h]\d{2})?\.?h?|[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_CLOCK = re.compile(
    r"(?:(?:um|à|a las|alle|om|às|klo|kl|a la)\s+)?\b(\d{1,2})"
    r"(?::(\d{2})|\s?h(\d{2})?\b|\s+(?:uhr|uur|heures?)\b(?:\s*(\d{2}))?)",
    re.IGNORECASE,
)
_CLOCK_AFTER = re.compile(r"\b(?:a las|alle|às|um|om|klo)\s+(\d{1,2})\b(?!\s*[.:/\d])", re.IGNORECASE)
"""A bare hour after the words that always mean one."""
_DIGITS = {c: n for n, c in enumerate("一二三四五六七八九", start=1)} | {"两": 2, "十": 10}


def dateparser_fallback(text: str, now: datetime, tz: ZoneInfo) -> tuple[Moment, int, int] | None:
    """The date that a text in another language names, with its offsets: (moment, start, end). None where it names none.

    A date without a time is a whole day. Blanked-out pieces of the text must be spaces, so that offsets stay true."""
    chinese = _CHINESE.search(text)
    if chinese:
        return _read_chinese(text, chinese, now, tz)
    span = _candidate(text)
    if span is None:
        return None
    start, end = span
    clock = _CLOCK.search(text, start, end) or _CLOCK_AFTER.search(text, start, end)
    words = text[start:end]
    if clock:
        words = (text[start:clock.start()] + " " + text[clock.end():end])
    part = next((_PARTS[w] for w in words.lower().split() if w in _PARTS), None)
    words = _plain(words)
    if clock and not words:
        return _bare_time(clock, now, tz, start, end)
    day = _ask(words, now, tz) or _ask(" ".join(w for w in words.split() if w.lower() not in _NEXT), now, tz)
    if day is None:
        return None
    if clock is None and part is not None:
        return resolve(datetime.combine(day.date(), time(part)), tz), start, end
    if clock is None:
        return day.date(), start, end
    at = _time(clock)
    if at and part and part >= 15 and at.hour < 12 and (part < 22 or at.hour >= 6):
        at = at.replace(hour=at.hour + 12)  # a las 9 de la noche
    return (resolve(datetime.combine(day.date(), at), tz), start, end) if at else None


def _time(clock: re.Match[str]) -> time | None:
    try:
        return time(int(clock.group(1)), int(next((g for g in clock.groups()[1:] if g), "0")))
    except ValueError:
        return None


def _bare_time(clock: re.Match[str], now: datetime, tz: ZoneInfo, start: int, end: int) -> tuple[Moment, int, int] | None:
    """"18 Uhr": today, or tomorrow once it is past."""
    at, local = _time(clock), now.astimezone(tz)
    if at is None:
        return None
    day = local.date() if at > local.time() else local.date() + timedelta(days=1)
    return resolve(datetime.combine(day, at), tz), start, end


def _candidate(text: str) -> tuple[int, int] | None:
    """The stretch of date words, numbers and small words around the first date word; None without a clear one."""
    tokens = list(_TOKEN.finditer(text))
    lower = [t.group().lower() for t in tokens]
    for i, word in enumerate(lower):
        if word not in _WORDS:
            continue
        low = high = i
        while low and _belongs(lower[low - 1]) and _adjacent(text, tokens[low - 1], tokens[low]):
            low -= 1
        while high + 1 < len(lower) and _belongs(lower[high + 1]) and _adjacent(text, tokens[high], tokens[high + 1]):
            high += 1
        while high > i and lower[high] in _GLUE:
            high -= 1
        near = [w for w in lower[low:high + 1] if w in _WORDS or w in _NUMBERS or w[0].isdigit()]
        clear = [w for w in near if w not in _UNITS]
        counted = not any(w in _WORDS - _UNITS for w in near)
        if counted and not any(w in _AHEAD for w in lower[low:high + 1]) and not any(w in _CLOCK_WORDS for w in near):
            continue  # "dos semanas de vacaciones" says how long, not when
        if clear and (word not in _UNITS or len(near) > 1):
            return tokens[low].start(), tokens[high].end()
    return None


def _belongs(word: str) -> bool:
    return word in _WORDS or word in _GLUE or word in _NUMBERS or word in _PARTS or word[0].isdigit()


def _adjacent(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    between = text[left.end():right.start()]
    return len(between) <= 3 and not between.strip(" .,")


def _plain(words: str) -> str:
    """dateparser does not read "am Freitag", "le 1er mars", "el lunes", "in zwei Tagen", "demain matin"."""
    kept = [w for w in words.split() if w.lower().strip(",.") not in _ARTICLES | _PARTS.keys()]
    return " ".join(str(_NUMBERS.get(w.lower(), w)) for w in kept)


def _ask(words: str, now: datetime, tz: ZoneInfo) -> datetime | None:
    """dateparser's reading, in the future where the words leave that open."""
    # 0.15 s to import: only when a foreign date word was seen.
    import warnings

    import dateparser

    settings: Any = {
        "RELATIVE_BASE": now.astimezone(tz).replace(tzinfo=None), "PREFER_DATES_FROM": "future", "DATE_ORDER": "DMY",
        "RETURN_AS_TIMEZONE_AWARE": False, "PREFER_DAY_OF_MONTH": "first", "NORMALIZE": True,
    }
    with warnings.catch_warnings():
        # dateparser warns about its own use of pytz and of ambiguous formats.
        warnings.simplefilter("ignore")
        found: datetime | None = dateparser.parse(words, languages=list(LANGUAGES), settings=settings)
    return found


def _read_chinese(text: str, match: re.Match[str], now: datetime, tz: ZoneInfo) -> tuple[Moment, int, int] | None:
    day = _chinese_day(match.group(), now, tz)
    if day is None:
        return None
    clock = _CHINESE_TIME.match(text, match.end())
    if not clock:
        return day.date(), match.start(), match.end()
    hour, minute = _number(clock.group(2)), 30 if clock.group(3) == "半" else _number((clock.group(3) or "0").rstrip("分"))
    if clock.group(1) in ("下午", "晚上") and hour < 12:
        hour += 12
    if not (0 <= hour < 24 and 0 <= minute < 60):
        return day.date(), match.start(), match.end()
    return resolve(datetime.combine(day.date(), time(hour, minute)), tz), match.start(), clock.end()


def _chinese_day(words: str, now: datetime, tz: ZoneInfo) -> datetime | None:
    today = now.astimezone(tz).replace(tzinfo=None)
    near = {"今天": 0, "明天": 1, "后天": 2, "大后天": 3, "昨天": -1}
    if words in near:
        return today + timedelta(days=near[words])
    weekday = re.search(r"(?:星期|周|礼拜)([一二三四五六日天])$", words)
    if weekday:
        index = 6 if weekday.group(1) in "日天" else _number(weekday.group(1)) - 1
        if words.startswith("下"):
            return today + timedelta(days=7 - today.weekday() + index)
        return today + timedelta(days=(index - today.weekday() - 1) % 7 + 1)
    return _chinese_date(words, today) or _ask(words, now, tz)


def _chinese_date(words: str, today: datetime) -> datetime | None:
    """12月5日, 2027年3月1日: the next such day."""
    match = re.fullmatch(r"(?:(\d{4})年)?([一二三四五六七八九十\d]+)月([一二三四五六七八九十\d]+)[日号]", words)
    if not match:
        return None
    for year in [int(match.group(1))] if match.group(1) else [today.year, today.year + 1]:
        try:
            day = datetime(year, _number(match.group(2)), _number(match.group(3)))
        except ValueError:
            return None
        if match.group(1) or day.date() >= today.date():
            return day
    return None


def _number(text: str) -> int:
    """Chinese or Arabic digits below 100."""
    if text.isascii() and text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS.get(tens, 1) * 10) + _DIGITS.get(ones, 0)
    return _DIGITS.get(text, 0)
