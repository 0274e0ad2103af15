"""`coach service`: what is installed, where it is said that nothing can be, and a tracker that outlives its surroundings."""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from coach.config import Home, home_at
from coach.core.errors import NotFound, StoreClosed, Unavailable
from coach.engine import service
from coach.integrations import launchd, systemd
from coach.store import keys
from coach.store.db import Unlocked
from coach.store.opening import info_file, key_info
from tests.cli.shell import coach

FAKE = """#!/bin/sh
echo "$@" >> {log}
case "$*" in
  *show\\ coach*) printf 'ActiveState=active\\nSubState=running\\nMainPID=77\\nUnitFileState=enabled\\nNRestarts=2\\n';;
  *is-active*) echo inactive; exit 3;;
  *print\\ gui*) [ -f {loaded} ] || exit 113; echo '	pid = 78';;
  *bootstrap*) touch {loaded};;
  *bootout*) rm {loaded};;
esac
"""


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """systemctl and launchctl that note what they are told; returns the note."""
    folder, log = tmp_path / "bin", tmp_path / "told"
    folder.mkdir()
    for name in ("systemctl", "launchctl"):
        (folder / name).write_text(FAKE.format(log=log, loaded=tmp_path / "loaded"))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config home"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return log


def test_it_is_installed_seen_and_removed(manager: Path, tmp_path: Path) -> None:
    unit = tmp_path / "config home" / "systemd" / "user" / "coach.service"
    refused = coach("service", "install", "--json")
    assert (refused.status, refused.error["code"]) == (2, "invalid")  # nobody agreed to being tracked
    assert not unit.exists()
    assert coach("service", "install", "--yes", "--json").json["file"] == str(unit)
    told = manager.read_text().splitlines()
    assert [line.split("--no-pager ")[1] for line in told] == [
        "show-environment", "daemon-reload", "enable coach.service", "restart coach.service",
    ]
    seen = coach("service", "status", "--json").json
    assert (seen["installed"], seen["running"], seen["detail"]) == (
        "yes", True, "active (running), process 77, 2 restarts, enabled")
    unit.write_text(unit.read_text() + "# edited\n")
    assert coach("service", "status", "--json").json["installed"] == "outdated"
    assert coach("service", "remove").status == 0
    assert not unit.exists()
    assert coach("service", "remove").status == 3
    assert coach("service", "status", "--json").json["installed"] == "no"


def test_print_writes_nothing(manager: Path, tmp_path: Path) -> None:
    coach("add", "Buy milk")
    ran = coach("service", "install", "--print")
    assert "WantedBy=default.target" in ran.out
    assert not manager.exists()
    assert not (tmp_path / "config home").exists()
    assert "WantedBy=graphical-session.target" in coach("service", "install", "--print", DISPLAY=":0").out
    assert "WantedBy=default.target" in coach("service", "install", "--print", "--headless", DISPLAY=":0").out


def test_the_desktop_that_never_reaches_its_target_is_named(manager: Path) -> None:
    assert "graphical-session.target" in coach("service", "install", "--yes", "--json", DISPLAY=":0").json["note"]


def test_without_systemd_it_says_so(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for words in (["install", "--yes"], ["status"]):
        ran = coach("service", *words, PATH=str(empty), XDG_CONFIG_HOME=str(tmp_path))
        assert ran.status == 1
        assert "systemctl is missing" in ran.out + ran.err
    assert not (tmp_path / "systemd").exists()


def test_a_store_behind_a_passphrase_is_refused(home: Home, unlocked: Unlocked) -> None:
    info = key_info(home)
    assert info is not None
    keys.write_info(info_file(home), keys.with_passphrase(info, unlocked.key, "four words at least"))
    with pytest.raises(StoreClosed, match="passphrase"):
        service.plan(home, "", "", {}, headless=True, platform="linux")
    ran = coach("service", "install", "--print", "--json", home=home.data.parent)
    assert (ran.status, ran.error["code"]) == (5, "store_closed")
    file = home.data.parent / "own.key"
    assert str(file) in service.plan(home, "", str(file), {}, headless=True, platform="linux").text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd checks its units itself")
@pytest.mark.parametrize("desktop", [True, False])
def test_systemd_understands_every_line(tmp_path: Path, desktop: bool) -> None:
    unit = tmp_path / "coach.service"
    unit.write_text(systemd.unit(["/bin/true", 'a "b" %c $d \\e'], {"COACH_KEY_FILE": "/a b/%c"}, desktop=desktop))
    run_folder = tmp_path / "run"
    run_folder.mkdir(mode=0o700)
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)], capture_output=True, text=True, timeout=30, check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(run_folder), "HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_odd_folders_reach_the_command_as_they_are(home: Home, unlocked: Unlocked) -> None:
    odd = '/tmp/my "home" 100% $HOME\\x'
    text = service.plan(home, odd, "", {}, headless=True, platform="linux").text
    command = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    words = shlex.split(command.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$"))
    assert words[1:] == ["-m", "coach.cli", "--home", odd, "track", "--wait"]
    agent = plistlib.loads(service.plan(home, odd, "", {}, headless=True, platform="darwin").text.encode())
    assert agent["ProgramArguments"] == words
    assert agent["KeepAlive"] == {"SuccessfulExit": False}


def test_an_agent_of_launchd(
    manager: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Home, unlocked: Unlocked
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    wanted = service.plan(home, "", "", {}, headless=False, platform="darwin")
    assert wanted.file == tmp_path / "Library" / "LaunchAgents" / "coach.track.plist"
    service.install(wanted)
    service.install(wanted)  # once more replaces it
    assert service.state(home, "", "", {}, "darwin").running
    service.remove({}, "darwin")
    assert not wanted.file.exists()
    seen = service.state(home, "", "", {}, "darwin")
    assert (seen.installed, seen.running, seen.detail) == ("no", False, "not loaded")
    assert launchd.running() is None
    with pytest.raises(NotFound):
        service.remove({}, "darwin")


def test_a_system_without_a_known_manager(home: Home, unlocked: Unlocked) -> None:
    with pytest.raises(Unavailable):
        service.plan(home, "", "", {}, headless=False, platform="win32")


def test_a_keyring_that_no_desktop_opens_is_named(home: Home, unlocked: Unlocked) -> None:
    assert "keyring" not in service.plan(home, "", "", {}, headless=True, platform="linux").note
    keys.write_info(info_file(home), keys.KeyInfo(unlocked.store_id, "keyring"))
    assert "keyring" in service.plan(home, "", "", {}, headless=True, platform="linux").note
    assert "keyring" not in service.plan(home, "", "", {"DISPLAY": ":0"}, headless=False, platform="linux").note


def test_removing_takes_the_file_away_even_where_systemd_is_deaf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = tmp_path / "systemd" / "user" / "coach.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable):
        service.remove({"XDG_CONFIG_HOME": str(tmp_path)}, "linux")
    assert not unit.exists()


def test_the_log_of_a_long_run_is_shown(tmp_path: Path) -> None:
    home = home_at(tmp_path)
    home.state.mkdir(parents=True, exist_ok=True)
    (home.state / "coach.log").write_text("".join(f"line {n}\n" for n in range(100)))
    assert service.state(home, "", "", {}, "linux").lines == tuple(f"line {n}" for n in range(95, 100))
