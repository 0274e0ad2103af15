from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from coach.tracker.projects import Checkout, Projects, checkout_of


def project_of(folder: Path | str) -> str:
    return checkout_of(str(folder)).project


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_git_root_names_the_project(repository: Path) -> None:
    assert project_of(repository) == "röntgen"
    assert project_of(repository.parent) == "röntgen"
    assert project_of(repository.parent / ".git") == "röntgen"


def test_outside_a_repository_there_is_none(tmp_path: Path) -> None:
    assert checkout_of(str(tmp_path)) == Checkout()
    assert project_of("") == ""
    assert project_of("relative/path") == ""
    assert project_of(tmp_path / "gone") == ""


def test_a_worktree_belongs_to_its_main_repository_and_a_submodule_to_itself(tmp_path: Path) -> None:
    markers = (("fix-7", "gitdir: /home/me/coach/.git/worktrees/fix-7\n"), ("lib", "gitdir: ../.git/modules/lib\n"))
    for folder, line in markers:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".git").write_text(line)
    assert project_of(tmp_path / "fix-7") == "coach"
    assert project_of(tmp_path / "lib") == "lib"


def test_the_branch_is_what_git_has_checked_out(tmp_path: Path) -> None:
    root = tmp_path / "coach"
    root.mkdir()
    git(root, "init")
    assert checkout_of(str(root)) == Checkout("coach", "main")
    (root / "a").write_text("a")
    git(root, "add", "a")
    git(root, "commit", "-m", "a")
    git(root, "switch", "-c", "feature/142-löschen")
    assert checkout_of(str(root)) == Checkout("coach", "feature/142-löschen")
    git(root, "worktree", "add", "-b", "fix-7", "../seven")
    assert checkout_of(str(tmp_path / "seven")) == Checkout("coach", "fix-7")
    git(root, "switch", "--detach")
    assert checkout_of(str(root)) == Checkout("coach", "")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "../seven", "lib")
    assert checkout_of(str(root / "lib")) == Checkout("lib", "fix-7")


def test_a_branch_that_is_being_rebased_keeps_its_name(repository: Path) -> None:
    marker = repository.parent / ".git"
    (marker / "HEAD").write_text("0123456789012345678901234567890123456789\n")
    (marker / "rebase-merge").mkdir()
    (marker / "rebase-merge" / "head-name").write_text("refs/heads/fix-7\n")
    assert checkout_of(str(repository)).branch == "fix-7"


def test_a_home_folder_under_git_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "papers").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert project_of(tmp_path / "papers") == ""
    assert project_of(tmp_path) == ""


def test_an_answer_serves_for_a_minute_and_a_branch_for_ten_seconds(tmp_path: Path) -> None:
    projects = Projects(ttl_s=60)
    assert projects.at(str(tmp_path), 0.0) == Checkout()
    (tmp_path / ".git").mkdir()
    assert projects.at(str(tmp_path), 59.0) == Checkout()
    assert projects.at(str(tmp_path), 61.0) == Checkout(tmp_path.name)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert projects.at(str(tmp_path), 70.0).branch == ""
    assert projects.at(str(tmp_path), 72.0).branch == "main"
