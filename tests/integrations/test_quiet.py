"""Do not disturb, as the desktop tells it: on a real bus, with a real Dunst."""

import os
import shutil
import subprocess

import pytest

from coach.integrations.quiet import do_not_disturb
from tests.integrations import bus

pytestmark = pytest.mark.desktop


def needs(*programs):
    missing = [p for p in programs if shutil.which(p) is None]
    return pytest.mark.skipif(bool(missing) and os.environ.get("COACH_REQUIRE_DESKTOP") != "1", reason=f"no {missing}")


@needs("dbus-daemon", "dunst", "dunstctl", "Xvfb")
def test_a_paused_dunst_says_so(tmp_path, monkeypatch):
    with bus.session_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with bus.dunst(tmp_path, monkeypatch):
            paused_and_back()


def paused_and_back():
    assert not do_not_disturb()
    subprocess.run(["dunstctl", "set-paused", "true"], check=True, timeout=10)
    assert do_not_disturb()
    subprocess.run(["dunstctl", "set-paused", "false"], check=True, timeout=10)
    assert not do_not_disturb()


@needs("dbus-daemon")
def test_nobody_on_the_bus_tells_nothing(tmp_path, monkeypatch):
    with bus.session_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert not do_not_disturb()


@pytest.mark.parametrize("address", [None, "unix:path=/nowhere/at/all", "nonsense"])
def test_no_bus_tells_nothing(monkeypatch, capfd, address):
    if address is None:
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    else:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert not do_not_disturb()
    assert capfd.readouterr() == ("", "")


def test_gnome_says_it_in_its_settings(tmp_path, monkeypatch):
    tool = tmp_path / "gsettings"
    tool.write_text("#!/bin/sh\necho false\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    assert not do_not_disturb()
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")
    assert do_not_disturb()
