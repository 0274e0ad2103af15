"""Dates in German, French, Spanish and Chinese, and texts that only look like them."""

import subprocess
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from coach.core.quickadd import parse
from coach.integrations.languages import dateparser_fallback

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=BERLIN)
"""A Wednesday."""


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(("text", "title", "due"), [
    ("Zahnarzt am Freitag", "Zahnarzt", date(2026, 11, 20)),
    ("Mama anrufen morgen um 18:00", "Mama anrufen", at(11, 19, 18)),
    ("Bericht nächsten Montag 9 Uhr", "Bericht", at(11, 23, 9)),
    ("Miete in 3 Tagen", "Miete", date(2026, 11, 21)),
    ("Einkaufen übermorgen #haus p1", "Einkaufen", date(2026, 11, 20)),
    ("Appeler Luc demain", "Appeler Luc", date(2026, 11, 19)),
    ("Rendez-vous lundi à 14h30", "Rendez-vous", at(11, 23, 14, 30)),
    ("demain à 9h dentiste", "dentiste", at(11, 19, 9)),
    ("el viernes a las 9 reunión", "reunión", at(11, 20, 9)),
    ("cita el viernes a las 9 de la noche", "cita", at(11, 20, 21)),
    ("Kino morgen Abend um 8", "Kino", at(11, 19, 20)),
    ("Zahnarzt am Freitag um 9", "Zahnarzt", at(11, 20, 9)),
    ("payer le 3 décembre", "payer", date(2026, 12, 3)),
    ("Llamar mañana a las 18:00", "Llamar", at(11, 19, 18)),
    ("informe 5 de diciembre", "informe", date(2026, 12, 5)),
    ("reunión el lunes", "reunión", date(2026, 11, 23)),
    ("明天下午三点开会", "开会", at(11, 19, 15)),
    ("交报告 12月5日", "交报告", date(2026, 12, 5)),
    ("下周五 交作业", "交作业", date(2026, 11, 27)),
    ("Steuer in zwei Wochen", "Steuer", date(2026, 12, 2)),
    ("Müll heute Abend", "Müll", at(11, 18, 19)),
    ("Kino 18 Uhr", "Kino", at(11, 18, 18)),
    ("payer le 1er décembre", "payer", date(2026, 12, 1)),
    ("dans deux semaines rendre le livre", "rendre le livre", date(2026, 12, 2)),
    ("mañana por la tarde comprar pan", "comprar pan", at(11, 19, 15)),
    ("dos semanas de vacaciones", "dos semanas de vacaciones", None),
    ("3 Tage Urlaub", "3 Tage Urlaub", None),
])
def test_dates_in_other_languages(text: str, title: str, due: date):
    draft = parse(text, NOW, tz=BERLIN, fallback=dateparser_fallback)
    assert (draft.title, draft.due) == (title, due)


@pytest.mark.parametrize("text", [
    "Buy milk", "Review mai tai recipe", "fly to mars", "read Der Spiegel", "call Mr. Tag", "mes notes", "", "99 tests",
])
def test_other_texts_are_left_alone(text: str):
    assert dateparser_fallback(text, NOW, BERLIN) is None


def test_english_texts_do_not_load_dateparser():
    script = (
        "import sys; from datetime import datetime, UTC; from zoneinfo import ZoneInfo\n"
        "from coach.integrations.languages import dateparser_fallback\n"
        "assert dateparser_fallback('Call Bob about the 3 boxes', datetime.now(UTC), ZoneInfo('UTC')) is None\n"
        "print('dateparser' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
