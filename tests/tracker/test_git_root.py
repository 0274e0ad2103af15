from __future__ import annotations

from pathlib import Path

import pytest

from coach.tracker.projects import Projects, project_of


def test_the_git_root_names_the_project(repository: Path) -> None:
    assert project_of(str(repository)) == "röntgen"
    assert project_of(str(repository.parent)) == "röntgen"
    assert project_of(str(repository.parent / ".git")) == "röntgen"


def test_outside_a_repository_there_is_none(tmp_path: Path) -> None:
    assert project_of(str(tmp_path)) == ""
    assert project_of("") == ""
    assert project_of("relative/path") == ""
    assert project_of(str(tmp_path / "gone")) == ""


def test_a_worktree_belongs_to_its_main_repository_and_a_submodule_to_itself(tmp_path: Path) -> None:
    markers = (("fix-7", "gitdir: /home/me/coach/.git/worktrees/fix-7\n"), ("lib", "gitdir: ../.git/modules/lib\n"))
    for folder, line in markers:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".git").write_text(line)
    assert project_of(str(tmp_path / "fix-7")) == "coach"
    assert project_of(str(tmp_path / "lib")) == "lib"


def test_a_home_folder_under_git_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "papers").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert project_of(str(tmp_path / "papers")) == ""
    assert project_of(str(tmp_path)) == ""


def test_an_answer_serves_for_a_minute(tmp_path: Path) -> None:
    projects = Projects(ttl_s=60)
    assert projects.name(str(tmp_path), 0.0) == ""
    (tmp_path / ".git").mkdir()
    assert projects.name(str(tmp_path), 59.0) == ""
    assert projects.name(str(tmp_path), 61.0) == tmp_path.name
