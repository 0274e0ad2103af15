"""How well the shipped taxonomy knows desktop applications: against the main categories of Debian's AppStream data.

    python tests/bench/taxonomy.py [--components Components-amd64.yml.gz] [--disagreements] [--unnamed] [--proposals]

Without a file, the one in apt's lists is read; without that, apt fetches it into a temporary folder. Nothing is copied.
An application counts as named when its desktop id, its name or a program of it has a shipped category. It agrees when that
category is one of those listed below for its first main category ("first") or for any of its main categories ("any").
The floor is the agreement of the same categories dealt out at random. `--proposals` says how often what `coach category
unknown` would propose for a known name, that name left out, is right: the category itself, and its first part.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import subprocess
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from coach.config import shipped
from coach.core import unknown
from coach.core.category import Categoriser, Rule, categorise, compiled, from_taxonomy

LISTS = Path("/var/lib/apt/lists")
PATTERN = "*_main_dep11_Components-*.yml.gz"

_MEDIA = ("Music", "Entertainment > Video", "Work > Audio and Video Production")
AGREEING: dict[str, tuple[str, ...]] = {
    "AudioVideo": _MEDIA, "Audio": _MEDIA, "Video": _MEDIA,
    "Development": ("Work > Programming", "Work > Operations", "Work > Documentation"),
    "Education": ("Learning", "Research"),
    "Game": ("Entertainment > Games",),
    "Graphics": ("Work > Design", "Personal > Photos and Home", "Reading"),
    "Network": ("Browsing", "Communication", "News", "Social", "Work > Operations", "System > Files", "Assistants"),
    "Office": ("Work > Writing", "Work > Spreadsheets and Data", "Work > Presentations", "Work > Project Management",
               "Work > Business", "Planning", "Reading", "Personal > Finance", "Communication > Email", "Research"),
    "Science": ("Research", "Work > Spreadsheets and Data", "Learning"),
    "Settings": ("System",),
    "System": ("System", "Work > Terminal", "Work > Operations"),
    "Utility": ("System", "Planning", "Work > Writing", "Work > Text Editing"),
}


@dataclass(frozen=True, slots=True)
class App:
    id: str
    names: tuple[str, ...]
    mains: tuple[str, ...]
    menu: tuple[str, ...]


def components(text: Iterator[object]) -> Iterator[App]:
    for one in text:
        if not isinstance(one, dict) or one.get("Type") != "desktop-application":
            continue
        mains = tuple(c for c in one.get("Categories") or () if c in AGREEING)
        ids = [one["ID"], *(one.get("Launchable") or {}).get("desktop-id", ())]
        names = [i.removesuffix(".desktop") for i in ids] + [one["Name"]["C"], *(one.get("Provides") or {}).get("binaries", ())]
        if mains:
            yield App(one["ID"], tuple(dict.fromkeys(names)), mains, tuple(one["Categories"]))


def agrees(category: str, main: str) -> bool:
    return any(category == a or category.startswith(a + " > ") for a in AGREEING[main])


def label(rules: Categoriser, app: App) -> str | None:
    return next((c for name in app.names if (c := categorise(rules, app=name))), None)


def fetched(folder: Path) -> Path:
    """The data through apt's own mechanism, into `folder`."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    options = {"Dir::State": folder, "Dir::State::lists": folder / "lists", "Dir::Cache": folder / "cache",
               "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "true", "APT::Update::Post-Invoke-Success::": ""}
    words = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    subprocess.run(["apt-get", *words, "update"], check=False, capture_output=True)
    found = sorted((folder / "lists").glob(PATTERN))
    if not found:
        raise SystemExit("no AppStream data: install the package appstream, or name a file with --components")
    return found[0]


def proposals(rules: tuple[Rule, ...], named: list[tuple[App, str]]) -> None:
    """How often each source of proposals is right, and the proposal as a whole by its confidence."""
    known = [(r.pattern, r.category) for r in rules if r.field in ("app", "url") and r.kind == "exact"]
    words = unknown.index(known)
    told: dict[str, list[tuple[bool, bool]]] = {}

    def tell(source: str, proposed: str, category: str) -> None:
        right = proposed == category, proposed.split(" > ")[0] == category.split(" > ")[0]
        told.setdefault(source, []).append(right)

    for app, category in named:
        for broad in (False, True):
            menu = [word for word in app.menu if (word in unknown._BROAD) == broad]
            if said := unknown._by_menu(menu):
                tell("broad menu category" if broad else "telling menu category", said.category, category)
    for name, category in known:
        without = {**words}
        for word in unknown.words_of(name):
            without[word] = words[word] - Counter({category: 1})
        if "." in name and (said := unknown._by_host(name.partition("/")[0])):
            tell("host", said.category, category)
        if said := unknown.propose("site" if "." in name else "app", name, without):
            tell(f"words, confidence {int(said.confidence * 10) / 10}", said.category, category)
    for source, rights in sorted(told.items()):
        n = len(rights)
        print(json.dumps({"proposals": source, "n": n, "right": round(sum(r for r, _ in rights) / n, 3),
                          "first_part_right": round(sum(r for _, r in rights) / n, 3)}))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--components", type=Path)
    options.add_argument("--disagreements", action="store_true", help="each as a line of its own")
    options.add_argument("--proposals", action="store_true", help="how often they are right")
    options.add_argument("--unnamed", action="store_true", help="ids without a category")
    given = options.parse_args()
    _, shipped_rules = from_taxonomy(tomllib.loads(shipped("data", "taxonomy.toml").read_text(encoding="utf-8")))
    rules = compiled(shipped_rules)
    with tempfile.TemporaryDirectory() as folder:
        file = given.components or next(iter(sorted(LISTS.glob(PATTERN))), None) or fetched(Path(folder))
        with gzip.open(file) as stream:
            apps = list(components(yaml.load_all(stream, Loader=yaml.CSafeLoader)))
    named = [(app, category) for app in apps if (category := label(rules, app))]
    wrong = [(a, c) for a, c in named if not agrees(c, a.mains[0])]
    dealt = [c for _, c in named]
    random.Random(1).shuffle(dealt)
    print(json.dumps({
        "bench": "taxonomy", "rules": len(shipped_rules), "apps": len(apps), "named": len(named),
        "coverage": round(len(named) / len(apps), 3),
        "agreement_first": round(1 - len(wrong) / len(named), 3),
        "agreement_any": round(sum(any(agrees(c, m) for m in a.mains) for a, c in named) / len(named), 3),
        "floor_shuffled": round(sum(agrees(c, a.mains[0]) for (a, _), c in zip(named, dealt, strict=True)) / len(named), 3),
    }))
    covered, all_of = Counter(a.mains[0] for a, _ in named), Counter(a.mains[0] for a in apps)
    right = covered - Counter(a.mains[0] for a, _ in wrong)
    for main_category in sorted(all_of):
        print(json.dumps({"main": main_category, "apps": all_of[main_category], "named": covered[main_category],
                          "agree": right[main_category]}))
    if given.proposals:
        proposals(shipped_rules, named)
    if given.disagreements:
        for app, category in wrong:
            print(json.dumps({"id": app.id, "appstream": app.mains, "category": category}))
    if given.unnamed:
        known = {a.id for a, _ in named}
        for app in apps:
            if app.id not in known:
                print(json.dumps({"id": app.id, "names": app.names, "appstream": app.mains}))


if __name__ == "__main__":
    main()
