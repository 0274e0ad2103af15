"""What speaks for a stretch of tracked time having been for a task, in log-odds against "for none of these".

An issue's key or address, the branch, words weighted by how rare they are among the open tasks, the project, and what was
accepted or rejected before.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Literal, TypeAlias

from coach.core.category import host_and_path
from coach.core.projects import project_key
from coach.core.rarity import Rarity, rarity, stem_of, stems
from coach.core.task import Task
from coach.core.titles import app_key, is_browser, page_title

Field: TypeAlias = Literal["link", "issue", "branch", "words", "project"]
Known: TypeAlias = Mapping[tuple[str, str, str], tuple[int, int]]
"""(field, value, task id) -> how often accepted, how often rejected."""

_ALIKE = 50
"""A word or a project that more tasks than this share singles none of them out."""
_LINK, _ISSUE, _NUMBER_MEANT, _NUMBER = 5.0, 5.0, 4.0, 1.0
_PROJECT, _PROJECT_TOO, _NAMED_TOO, _ELSEWHERE, _UNKNOWN = 0.1, 0.6, 0.5, -2.5, -1.0
_MOST_WORDS, _LEAST_WORDS = 1.35, -1.0
"""Words alone are never sure; few of them speak only within the task's own project."""
_LEARNED, _MOST_LEARNED = 1.2, 3.0

_KEY = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9]{1,9})-(\d{1,6})(?![A-Za-z0-9])")
_HASH = re.compile(r"(?<!\w)#(\d{1,6})\b")
_URL = re.compile(r"https?://[^\s<>()\"']+")
_PAGE_NUMBER = re.compile(r"/(?:issues|pull|pulls|merge_requests|discussions)/(\d{1,6})\b")
_TRUNK = frozenset(("main", "master", "develop", "dev", "trunk", "staging", "production", "release", "head"))
_KINDS = frozenset((
    "feature", "feat", "fix", "bug", "bugfix", "hotfix", "chore", "docs", "doc", "refactor", "test", "release", "issue", "task",
    "wip", "story", "users", "user", "build", "perf", "ci",
))
_MEANT = re.compile(r"(?:^|[/_-])(?:task|coach|t)[-_]?(\d{1,6})(?![0-9])", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s[-–—|·•]\s")


@dataclass(frozen=True, slots=True)
class Tracked:
    """A stretch of the timeline. `focus` and `level` are its category's: chats and videos prove less than an editor."""

    start_ms: int
    end_ms: int
    app: str = ""
    title: str = ""
    url: str = ""
    project: str = ""
    branch: str = ""
    focus: bool = True
    level: float = 0.75


@dataclass(frozen=True, slots=True)
class Evidence:
    """`value` is a branch, a key, an address, a project, or the words that task and title share."""

    field: Field
    value: str
    weight: float


@dataclass(frozen=True, slots=True)
class Index:
    """Tasks by what a window might share with them; made by `indexed`."""

    tasks: tuple[Task, ...]
    words: tuple[dict[str, str], ...]
    rarity: Rarity
    by_stem: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_project: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_issue: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_hash: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_link: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_num: dict[int, int] = field(default_factory=dict)


def indexed(tasks: Sequence[Task]) -> Index:
    """Tasks made ready to be compared with many stretches."""
    words = tuple(stems(_URL.sub(" ", " ".join((t.title, *t.tags)))) for t in tasks)
    index = Index(tuple(tasks), words, rarity([w.keys() for w in words]))
    for i, task in enumerate(tasks):
        said = " ".join((task.title, task.notes, *task.tags, *(a.text for a in task.annotations)))
        for stem in words[i]:
            index.by_stem[stem].append(i)
        if task.project:
            index.by_project[project_key(task.project)].append(i)
        for key in {f"{k.upper()}-{n}" for k, n in _KEY.findall(_URL.sub(" ", said)) if k.upper() == k}:
            index.by_issue[key].append(i)
        for number in {int(n) for n in _HASH.findall(said)}:
            index.by_hash[number].append(i)
        for link in {_page(url.rstrip(".,;")) for url in _URL.findall(said)}:
            if "/" in link:
                index.by_link[link].append(i)
        if task.num:
            index.by_num[task.num] = i
    return index


def evidence(one: Tracked, index: Index, known: Known) -> dict[int, list[Evidence]]:
    """What speaks for which task (by its place in the index), in log-odds."""
    found: dict[int, list[Evidence]] = defaultdict(list)
    _links(one, index, found)
    _branches(one, index, found)
    home = index.by_project.get(project_key(one.project), []) if one.project else []
    named = _words(one, index, home, found)
    for i in home if len(home) <= _ALIKE else [i for i in home if i in found]:
        weight = _PROJECT_TOO if i in found else _PROJECT - log(len(home)) - _doubt(one)
        found[i].append(Evidence("project", one.project, weight))
    for i in named:
        if i in found and i not in home:
            found[i].append(Evidence("project", index.tasks[i].project or "", _NAMED_TOO))
    for i, mine in found.items():
        task = index.tasks[i]
        if one.project and i not in named and i not in home and task.project and mine[0].field not in ("link", "issue"):
            mine.append(Evidence("project", one.project, _ELSEWHERE if home else _UNKNOWN))
        found[i] = [_learned(e, task.id, known) for e in mine]
    return found


def _links(one: Tracked, index: Index, found: dict[int, list[Evidence]]) -> None:
    if not one.url and not one.title:
        return
    page = _page(one.url)
    while "/" in page:  # a page below the one that a task names is about the same
        for i in index.by_link.get(page, ()):
            found[i].append(Evidence("link", page, _LINK))
        page = page.rpartition("/")[0]
    keys = {f"{k.upper()}-{n}" for k, n in _KEY.findall(f"{one.title} {one.branch} {one.url}")}
    for key in sorted(keys & index.by_issue.keys()):
        for i in index.by_issue[key]:
            found[i].append(Evidence("issue", key, _ISSUE - log(len(index.by_issue[key]))))
    numbers = {int(n) for n in (*_PAGE_NUMBER.findall(one.url), *_HASH.findall(one.title))}
    for number in sorted(numbers & index.by_hash.keys()):
        for i in index.by_hash[number]:
            if not found[i]:
                found[i].append(Evidence("issue", f"#{number}", _NUMBER_MEANT - log(len(index.by_hash[number]))))


def _branches(one: Tracked, index: Index, found: dict[int, list[Evidence]]) -> None:
    branch = one.branch
    if not branch or branch.casefold() in _TRUNK:
        return
    for key in {f"{k.upper()}-{n}" for k, n in _KEY.findall(branch)} & index.by_issue.keys():
        for i in index.by_issue[key]:
            if not found[i]:
                found[i].append(Evidence("issue", key, _ISSUE))
    told: dict[int, float] = {}
    for number in {int(n) for n in re.findall(r"(?<!\d)\d{1,6}(?!\d)", branch)}:
        for i in index.by_hash.get(number, ()):
            told[i] = _NUMBER_MEANT
        if (num := index.by_num.get(number)) is not None:
            meant = any(int(n) == number for n in _MEANT.findall(branch))
            told[num] = max(told.get(num, 0.0), _NUMBER_MEANT if meant else _NUMBER)
    words = stems(branch, without=frozenset(map(stem_of, _KINDS)))
    whole = index.rarity.sum(words)
    for i in _sharing(words, index):
        shared = index.rarity.sum(words.keys() & index.words[i].keys())
        weight = -1.5 + 2 * shared + 2.5 * (shared / whole) ** 2
        if weight > 0:
            told[i] = told.get(i, 0.0) + weight
    for i, weight in told.items():
        found[i].append(Evidence("branch", branch, min(weight, _ISSUE)))


def _words(one: Tracked, index: Index, home: Sequence[int], found: dict[int, list[Evidence]]) -> set[int]:
    """Adds what title and tasks share; returns the tasks whose project is named in the title."""
    words = stems(_about(one.app, one.title), without=_names(one))
    named = {i for word in words.values() for i in index.by_project.get(project_key(word), ())}
    for i in sorted(_sharing(words, index)):
        task_words = index.words[i]
        shared = index.rarity.sum(words.keys() & task_words.keys())
        weight = -2.45 + 0.7 * shared + 2.15 * (shared / index.rarity.sum(task_words)) ** 2 - _doubt(one)
        if weight > (_LEAST_WORDS if i in home or i in named else 0):
            value = " ".join(word for stem, word in task_words.items() if stem in words)
            found[i].append(Evidence("words", value, min(weight, _MOST_WORDS)))
    return named


def _sharing(words: Iterable[str], index: Index) -> set[int]:
    return {i for stem in words if len(alike := index.by_stem.get(stem, ())) <= _ALIKE for i in alike}


def _about(app: str, title: str) -> str:
    """A title without the browser's and the site's name: a task about GitHub is not what every page there is for."""
    page = page_title(title)
    if title != page or is_browser(app):
        parts = _SEPARATOR.split(page)
        return " ".join(parts[:-1]) if len(parts) > 1 else page
    return page


def _names(one: Tracked) -> frozenset[str]:
    """Stems of the app's, the site's and the project's own names: they say nothing more than those do."""
    told = f"{app_key(one.app)} {host_and_path(one.url)[0] if one.url else ''} {one.project.casefold()}"
    return frozenset(map(stem_of, re.findall(r"[^\W\d_]+", told)))


def _doubt(one: Tracked) -> float:
    return 0.0 if one.focus else 1.0 + 4 * max(0.0, 0.5 - one.level)


def _learned(found: Evidence, task_id: str, known: Known) -> Evidence:
    accepted, rejected = known.get((found.field, found.value, task_id), (0, 0))
    if not accepted and not rejected:
        return found
    more = _LEARNED * log((accepted + 1) / (rejected + 1))
    return Evidence(found.field, found.value, found.weight + max(-_MOST_LEARNED, min(_MOST_LEARNED, more)))


def _page(url: str) -> str:
    """Host and path; a page of one issue stands for the issue."""
    host, path = host_and_path(url)
    return f"{host}/{path}" if path else host
