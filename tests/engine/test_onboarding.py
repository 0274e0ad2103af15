"""The first answers and where they go."""

from __future__ import annotations

import tomllib

import pytest

from coach.config import Config, Home, shipped
from coach.core.errors import InvalidInput
from coach.engine import onboarding, preferences
from coach.engine.onboarding import Answers, hours
from coach.store.db import Connection


@pytest.mark.parametrize(("text", "meant"), [
    ("9-17", ("09:00", "17:00")), ("8:30-16:45", ("08:30", "16:45")), (" 10 to 18 ", ("10:00", "18:00")),
    ("9.15 until 12", ("09:15", "12:00")), ("7h30–15h", None), ("17-9", None), ("9-25", None), ("", None),
    ("nine", None),
])
def test_working_hours(text: str, meant: tuple[str, str] | None) -> None:
    if meant:
        assert hours(text) == meant
        return
    with pytest.raises(InvalidInput):
        hours(text)


def test_the_roles_are_those_of_the_taxonomy() -> None:
    tree = tomllib.loads(shipped("data", "taxonomy.toml").read_text(encoding="utf-8"))
    assert set(onboarding.ROLES) == set(tree["roles"])


def test_nothing_answered_writes_no_file(db: Connection, home: Home, config: Config, now) -> None:
    assert onboarding.needed(db)
    assert onboarding.save(db, home, config, Answers(), now) is config
    assert not onboarding.needed(db)
    assert not home.config_file.exists()
    assert preferences.get(db, "tracking_consent") is False


def test_a_config_that_cannot_be_written_keeps_the_store_as_it_was(
    db: Connection, home: Home, config: Config, now
) -> None:
    home.config_file.parent.mkdir(parents=True, exist_ok=True)
    home.config_file.mkdir()
    with pytest.raises(OSError):
        onboarding.save(db, home, config, Answers(name="Ada", humour=3), now)
    assert onboarding.needed(db)
