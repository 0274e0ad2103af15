"""Categories and the rules that give a window its category. Pure; the shipped rules are `data/taxonomy.toml`.

The most specific rule wins: a rule on the address beats one on the title, then project, then app; among equals the one
with more literal characters, then the later one. Any rule of the user's beats every shipped one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any, Literal, NamedTuple, TypeAlias

from coach.core.errors import InvalidInput
from coach.core.titles import app_key, app_keys, title_parts, web_app_host

Field = Literal["app", "title", "url", "project"]
Kind = Literal["regex", "glob", "exact"]

FIELDS: tuple[Field, ...] = ("app", "title", "url", "project")
KINDS: tuple[Kind, ...] = ("regex", "glob", "exact")
LEVELS = {1.0: "very productive", 0.75: "productive", 0.5: "neutral", 0.25: "distracting", 0.0: "very distracting"}
"""The five steps of productivity."""

SEPARATOR = " > "


class Rule(NamedTuple):
    """`exact` on an address means that host and its subdomains, and below that path if one is given; on a title the
    whole title or what follows its last dash, the browser's own name put aside; on an app or a project its name.
    `glob` matches the whole value, `regex` is searched for. None of them minds case. (Thousands ship: a tuple is made in a
    tenth of a dataclass's time.)"""

    id: str
    field: Field
    pattern: str
    kind: Kind
    category: str
    user: bool = True


@dataclass(frozen=True, slots=True)
class Category:
    """`level` is 1.0 (very productive) to 0.0 (very distracting) in five steps; `focus` marks what a focus session is
    made of. `idle_after_min` replaces the configured minutes without input: long for calls, video and reading."""

    name: str
    level: float = 0.5
    focus: bool = False
    idle_after_min: float | None = None

    @property
    def parent(self) -> str:
        """The name one step up; empty at the top."""
        return self.name.rpartition(SEPARATOR)[0]


UNCATEGORISED = Category("Uncategorised")

Rank: TypeAlias = tuple[bool, int, int, int]
"""(user's, field, literal characters, position): the greatest wins."""

_RANK = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Categoriser:
    """Rules made ready by `compiled`: exact ones in dictionaries, the rest best first. `under` is asked where none of them
    matches: the shipped rules, made ready once, under the user's."""

    exact: Mapping[Field, Mapping[str, tuple[Rank, Rule]]]
    hosts: Mapping[str, tuple[tuple[Rank, str, Rule], ...]]
    patterns: tuple[tuple[Rank, re.Pattern[str], Rule], ...]
    under: Categoriser | None = None


@dataclass(slots=True)
class _Tables:
    exact: dict[Field, dict[str, tuple[Rank, Rule]]] = field(default_factory=lambda: {f: {} for f in FIELDS})
    hosts: dict[str, list[tuple[Rank, str, Rule]]] = field(default_factory=dict)
    patterns: list[tuple[Rank, re.Pattern[str], Rule]] = field(default_factory=list)


def compiled(rules: Iterable[Rule], under: Categoriser | None = None) -> Categoriser:
    """Ready to ask. Later rules win ties. Raises InvalidInput for a pattern that is no regular expression."""
    tables = _Tables()
    for position, rule in enumerate(rules):
        if rule.pattern:  # an empty pattern matches nothing, as in ActivityWatch
            _place(tables, rule, position)
    tables.patterns.sort(key=lambda entry: entry[0], reverse=True)
    return Categoriser(tables.exact, {h: tuple(found) for h, found in tables.hosts.items()}, tuple(tables.patterns), under)


def knows(rules: Categoriser, app: str = "", host: str = "") -> bool:
    """Whether a rule names that app, or that host itself."""
    named = app_key(app) in rules.exact["app"] if app else host in rules.hosts
    return named or (rules.under is not None and knows(rules.under, app, host))


def hosts(rules: Categoriser) -> frozenset[str]:
    """Every host that a rule names."""
    return frozenset(rules.hosts) | (hosts(rules.under) if rules.under else frozenset())


def match(rules: Categoriser, app: str = "", title: str = "", url: str = "", project: str = "") -> Rule | None:
    """The rule that decides, for `coach rule test` and for `categorise`."""
    host, path = host_and_path(url) if url else (web_app_host(app), "")
    values = {"app": app_key(app), "title": title, "url": f"{host}/{path}" if host else "", "project": project}
    asked: Categoriser | None = rules
    while asked is not None:
        best = max(_exact_candidates(asked, app, title, host, path, project), key=_RANK, default=None)
        for rank, pattern, rule in asked.patterns:
            if best is not None and rank < best[0]:
                break
            value = values[rule.field]
            if value and pattern.search(value):
                return rule
        if best is not None:
            return best[1]
        asked = asked.under
    return None


def categorise(rules: Categoriser, app: str = "", title: str = "", url: str = "", project: str = "") -> str | None:
    """The category's name, or None when no rule matches."""
    rule = match(rules, app, title, url, project)
    return rule.category if rule else None


def category_named(categories: Mapping[str, Category], name: str | None) -> Category:
    """That category; an unknown one takes after its nearest known ancestor, else it is neutral."""
    if not name:
        return UNCATEGORISED
    if found := categories.get(name):
        return found
    known = name
    while known and known not in categories:
        known = known.rpartition(SEPARATOR)[0]
    return replace(categories[known], name=name) if known else Category(name)


def host_and_path(url: str) -> tuple[str, str]:
    """Host without `www.` and port, and path without query and outer slashes; both empty where there is no host."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme.casefold() == "file":
        return "", ""
    rest = re.split(r"[?#]", rest if separator else url, maxsplit=1)[0]
    host, _, path = rest.partition("/")
    host = host.rpartition("@")[2]
    if not host.startswith("["):
        host = host.partition(":")[0]
    return host.casefold().removeprefix("www."), path.strip("/").casefold()


def _exact_candidates(
    rules: Categoriser, app: str, title: str, host: str, path: str, project: str,
) -> list[tuple[Rank, Rule]]:
    found: list[tuple[Rank, Rule]] = []
    if host and rules.hosts:
        found += _host_candidates(rules.hosts, host, path)
    if title and (titles := rules.exact["title"]):
        found += _known(titles, title_parts(title, app))
    if project and (named := rules.exact["project"].get(project.casefold())):
        found.append(named)
    if app and (apps := rules.exact["app"]):
        found += _known(apps, app_keys(app))
    return found


def _known(exact: Mapping[str, tuple[Rank, Rule]], names: Iterable[str]) -> list[tuple[Rank, Rule]]:
    """What is known under the names, the most telling first: the first that ships, and any of the user's."""
    known: list[tuple[Rank, Rule]] = []
    ships = True
    for name in names:
        found = exact.get(name)
        if found and (ships or found[1].user):
            ships = ships and found[1].user
            known.append(found)
    return known


def _host_candidates(
    hosts: Mapping[str, Sequence[tuple[Rank, str, Rule]]], host: str, path: str,
) -> Iterable[tuple[Rank, Rule]]:
    while host:
        for rank, below, rule in hosts.get(host, ()):
            if not below or path == below or path.startswith(below + "/"):
                yield rank, rule
        host = host.partition(".")[2]


def _place(tables: _Tables, rule: Rule, position: int) -> None:
    rank = (rule.user, _field_rank(rule), _literal_length(rule), position)
    if rule.kind != "exact":
        tables.patterns.append((rank, _pattern(rule), rule))
    elif rule.field == "url":
        host, path = host_and_path(rule.pattern)
        tables.hosts.setdefault(host, []).append((rank, path, rule))
    else:
        key = app_key(rule.pattern) if rule.field == "app" else rule.pattern.casefold()
        if key not in tables.exact[rule.field] or tables.exact[rule.field][key][0] < rank:
            tables.exact[rule.field][key] = (rank, rule)


def _field_rank(rule: Rule) -> int:
    if rule.field == "url":
        _, _, path = rule.pattern.rpartition("://")[2].strip("/").partition("/")
        return 5 if path.strip("*^$") else 4
    return {"title": 3, "project": 2, "app": 1}[rule.field]


def _literal_length(rule: Rule) -> int:
    if rule.kind == "glob":
        return len(re.sub(r"[*?\[\]]", "", rule.pattern))
    if rule.kind == "regex":
        return len(re.sub(r"\\[a-zA-Z]|[\\\[\](){}?*+|.^$]", "", rule.pattern))
    return len(rule.pattern)


def _words(names: str | Sequence[str]) -> Iterable[str]:
    """Names in a list, or in one text between commas (which TOML reads three times as fast)."""
    listed = names.replace("\n", ",").split(",") if isinstance(names, str) else names
    return filter(None, (name.strip() for name in listed))


def _pattern(rule: Rule) -> re.Pattern[str]:
    if rule.kind == "glob":
        from fnmatch import translate

        text = app_key(rule.pattern) if rule.field == "app" else rule.pattern
        if rule.field == "url":
            text = text.rpartition("://")[2].removeprefix("www.")
            text = text if "/" in text else f"{text}/*"  # a host alone means the whole site
        return re.compile(translate(text), re.IGNORECASE)
    try:
        return re.compile(rule.pattern, re.IGNORECASE)
    except re.error as error:
        message = f"{rule.pattern!r} is not a regular expression: {error}"
        raise InvalidInput(message, "use a glob such as *word*") from error


def from_taxonomy(tree: Mapping[str, Any], role: str = "") -> tuple[dict[str, Category], tuple[Rule, ...]]:
    """Categories by name and the shipped rules, from the plain values of `data/taxonomy.toml` (layout: data/README.md).

    A role's profile replaces the levels it names. Raises InvalidInput naming the entry that is wrong."""
    return categories_of(tree, role), tuple(rule for entry in tree["category"] for rule in _rules_of(entry))


def categories_of(tree: Mapping[str, Any], role: str = "") -> dict[str, Category]:
    """The categories of a taxonomy by name, with the levels of that role. Raises InvalidInput naming what is wrong."""
    categories: dict[str, Category] = {}
    for entry in tree["category"]:
        category = _category(entry)
        if category.name in categories:
            raise InvalidInput(f"category {category.name!r} is listed twice")
        categories[category.name] = category
    for name, level in tree.get("roles", {}).get(role, {}).items():
        if name not in categories or level not in LEVELS:
            raise InvalidInput(f"role {role!r}: {name!r} = {level!r}", "name a category, and one of the five levels")
        categories[name] = replace(categories[name], level=float(level))
    return categories


def _category(entry: Mapping[str, Any]) -> Category:
    idle = entry.get("idle_after_min")
    idle_after_min = None if idle is None else float(idle)
    category = Category(entry["name"], float(entry["level"]), bool(entry.get("focus")), idle_after_min)
    if category.level not in LEVELS:
        steps = ", ".join(map(str, LEVELS))
        raise InvalidInput(f"category {category.name!r} has level {category.level}", f"it must be one of {steps}")
    return category


def _rules_of(entry: Mapping[str, Any]) -> Iterable[Rule]:
    lists: dict[str, Field] = {"apps": "app", "sites": "url", "titles": "title", "projects": "project"}
    for key, name in lists.items():
        for pattern in _words(entry.get(key, ())):
            kind: Kind = "glob" if set("*?") & set(pattern) else "exact"
            yield Rule(f"shipped:{name}:{pattern}", name, pattern, kind, entry["name"], user=False)
    for found in entry.get("regexes", ()):
        name, pattern = found["field"], found["pattern"]
        yield Rule(f"shipped:{name}:{pattern}", name, pattern, "regex", entry["name"], user=False)
