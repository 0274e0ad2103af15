"""Every test runs in a home of its own, with a fixed clock unless it says otherwise, and without the desktop's keyring."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, Home, NudgeConfig, home_at
from coach.engine import opening
from coach.store.db import Connection, Unlocked, connect
from coach.store.opening import Access

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
"""A Friday."""


def pytest_configure() -> None:
    """What a shell starts in its background is deaf to Ctrl+C, and under nohup to a closed terminal: so would be every command
    that a test starts."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with windows and clocks of their own run one after another, in one of the processes."""
    for item in items:
        if item.get_closest_marker("desktop"):
            item.add_marker(pytest.mark.xdist_group("desktop"))


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TZ", "Europe/Berlin")
    for name in ("COACH_KEY_FILE", "COACH_NOW", "NO_COLOR", "COLUMNS", "TMUX", "TMUX_PANE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture(autouse=True)
def _denormals() -> Iterator[None]:
    """Training flushes denormals to zero in its process; tests that train in this one would leave the next ones without any."""
    _keep_denormals()
    yield
    _keep_denormals()


def _keep_denormals() -> None:
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def tz() -> ZoneInfo:
    return ZoneInfo("Europe/Berlin")


@pytest.fixture
def config() -> Config:
    """The settings as they ship, but that no nudge is held out by chance."""
    return replace(Config(), nudge=NudgeConfig(hold_out=0))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_at(tmp_path / "home")


@pytest.fixture(scope="session")
def _new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty store, made once: the tests take copies, for running every migration costs more than most of them."""
    root = tmp_path_factory.mktemp("new") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        opening.unlock(home_at(root), Access(use_keyring=False), NOW)
    return root


@pytest.fixture
def unlocked(home: Home, now: datetime, _new_home: Path) -> Unlocked:
    """A new store on disk, encrypted, its key in a key file."""
    shutil.copytree(_new_home, home.config.parent)
    named = home.data / "store.toml"
    named.write_text(named.read_text().replace(str(_new_home), str(home.config.parent)))
    return opening.unlock(home, Access(use_keyring=False), now)


@pytest.fixture
def db(unlocked: Unlocked) -> Iterator[Connection]:
    connection = connect(unlocked)
    yield connection
    connection.close()
