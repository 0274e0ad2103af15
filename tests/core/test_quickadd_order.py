"""Which of 1/2 is the day: the locale's order until the setting says otherwise."""

import pytest

from coach.config import locale_day_first


@pytest.mark.parametrize(
    ("environ", "day_first"),
    [
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "en_GB.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_TIME": "de_DE.UTF-8"}, True),
        ({"LC_ALL": "C.UTF-8", "LC_TIME": "de_DE.UTF-8"}, False),
        ({"LANG": "sr_RS@latin"}, True),
        ({"LANG": "ja_JP"}, False),
        ({"LANG": ""}, False),
        ({}, False),
    ],
)
def test_the_locale_orders_day_and_month(environ: dict[str, str], day_first: bool):
    assert locale_day_first(environ) is day_first
