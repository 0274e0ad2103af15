from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from coach import config as settings_module
from coach.config import Config, Home, find_home, load
from coach.core.errors import InvalidInput
from coach.engine import settings


def test_set_keeps_comments_and_order(home: Home) -> None:
    home.config.mkdir(parents=True)
    home.config_file.write_text("# mine\n[nudge]\ndaily_cap = 6  # enough\n\n[plan]\ndays = 3\n")
    settings.put_text(home, "nudge.daily_cap", "4")
    settings.put_text(home, "time.work_days", "mon, tue")
    text = home.config_file.read_text()
    assert text.startswith("# mine\n[nudge]\ndaily_cap = 4  # enough")
    config = load(home)
    assert (config.nudge.daily_cap, config.plan.days, config.time.work_days) == (4, 3, ("mon", "tue"))


@pytest.mark.parametrize(("name", "value"), [
    ("nudge.daily_cap", "many"), ("nudge.enabled", "perhaps"), ("nudge.dailycap", "3"), ("nudge", "3"), ("nothing.here", "1"),
    ("time.day_start", "25:99"), ("nudge.quiet_start", "late"),
])
def test_a_wrong_value_is_refused_before_anything_is_written(home: Home, name: str, value: str) -> None:
    with pytest.raises(InvalidInput):
        settings.put_text(home, name, value)
    assert not home.config_file.exists()


def test_every_setting_has_words(home: Home) -> None:
    source = Path(settings_module.__file__).read_text(encoding="utf-8").splitlines()
    undocumented = [
        line.strip() for line, after in itertools.pairwise(source)
        if line.startswith("    ") and ": " in line and " = " in line and "default_factory" not in line
        and line.split(":")[0].strip().isidentifier() and not line.startswith("     ") and not after.strip().startswith('"""')
    ]
    documented = [line for line in undocumented if line.split(":")[0] in {n.split(".")[-1] for n in settings.names(Config())}]
    assert documented == []


@pytest.mark.parametrize(("text", "words"), [
    ("[nudge]\ndaily_cap = 'x'", "wrong type"), ("nudge = 3", "must be a table"), ("[nudge]\nmodee = 'roast'", "unknown setting"),
    ("[nudge]\ndaily_cap = true", "wrong type"), ("[keys]\nundo = 3", "wrong type"), ("= 3", "config.toml"),
])
def test_a_broken_file_is_named(home: Home, text: str, words: str) -> None:
    home.config.mkdir(parents=True)
    home.config_file.write_text(text)
    with pytest.raises(InvalidInput, match=words) as caught:
        load(home)
    assert "config.toml" in caught.value.message


def test_a_file_in_another_encoding(home: Home) -> None:
    home.config.mkdir(parents=True)
    home.config_file.write_bytes("[nudge]\nmode = 'r\xf6st'".encode("latin-1"))
    with pytest.raises(InvalidInput, match="cannot read"):
        load(home)


def test_numbers_and_keys_are_taken(home: Home) -> None:
    home.config.mkdir(parents=True)
    home.config_file.write_text("[tracking]\ninterval_s = 2\n[keys]\n\"task.done\" = \"x\"\n")
    config = load(home)
    assert config.tracking.interval_s == 2.0
    assert config.keys == {"task.done": "x"}


def test_homes(tmp_path: Path) -> None:
    assert find_home("/x", {}).store_file == Path("/x/data/coach.db")
    assert find_home(None, {"COACH_HOME": "/y"}).config_file == Path("/y/config/config.toml")
    there = find_home(None, {"XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "relative", "XDG_STATE_HOME": "/s"})
    assert there.data == Path("/d/coach")
    assert there.config == Path.home() / ".config" / "coach"  # a relative value is ignored, as XDG says
    assert there.state == Path("/s/coach")


def test_get_names_the_nearest() -> None:
    assert settings.get(Config(), "nudge.daily_cap") == 6
    assert settings.get(Config(), "nudge")["humour"] == 1
    with pytest.raises(InvalidInput) as caught:
        settings.get(Config(), "nudge.daly_cap")
    assert caught.value.hint == "did you mean nudge.daily_cap?"
