"""The corpus of task titles: its rules as data/README.md states them."""

from __future__ import annotations

import tomllib
import unicodedata
from collections import Counter
from itertools import chain

import numpy as np
import pytest
from tokenizers import Tokenizer

from coach.config import shipped
from coach.ml import embed

LEAST = 420
ALTOGETHER = 5000
MOST_WORDS = 14
CEILING = 0.92
CATEGORIES = tomllib.loads(shipped("data", "task_categories.toml").read_text(encoding="utf-8"))["category"]
NAMES = [category["name"] for category in CATEGORIES]


def text(name: str) -> str:
    return shipped("data", "task_titles", f"{name.lower()}.txt").read_bytes().decode("utf-8", errors="strict")


@pytest.fixture(scope="module")
def titles() -> dict[str, list[str]]:
    return {name: text(name).removesuffix("\n").split("\n") for name in NAMES}


def test_every_category_has_its_file_and_every_file_its_category() -> None:
    assert sorted(file.name for file in shipped("data", "task_titles").iterdir()) == sorted(f"{n.lower()}.txt" for n in NAMES)
    assert len(set(NAMES)) == 12


def test_a_description_reaches_the_embedder_whole() -> None:
    tokenizer = Tokenizer.from_file(str(shipped("models", "embedder", "tokenizer.json")))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    for category in CATEGORIES:
        assert category["excludes"]
        assert len(tokenizer.encode(f"{category['name']}: {category['description']}").ids) <= embed.MAX_TOKENS, category["name"]


def test_there_are_enough_titles(titles: dict[str, list[str]]) -> None:
    assert {name: len(lines) for name, lines in titles.items() if len(lines) < LEAST} == {}
    assert sum(map(len, titles.values())) >= ALTOGETHER


def test_no_title_is_there_twice(titles: dict[str, list[str]]) -> None:
    counts = Counter(" ".join(title.split()).casefold() for title in chain(*titles.values()))
    assert [title for title, count in counts.items() if count > 1] == []


def test_a_line_is_one_clean_title(titles: dict[str, list[str]]) -> None:
    for name in NAMES:
        assert text(name).endswith("\n")
    for title in chain(*titles.values()):
        assert title
        assert title == " ".join(title.split()), title
        assert title == unicodedata.normalize("NFC", title), title
        assert title.isprintable(), title
        assert len(title.split()) <= MOST_WORDS, title


@pytest.mark.long
def test_no_two_titles_of_a_class_say_the_same(titles: dict[str, list[str]]) -> None:
    embedder = embed.load(shipped("models", "embedder"))
    for name, lines in titles.items():
        vectors = embed.embed(embedder, lines)
        cosines = np.triu(vectors @ vectors.T, k=1)
        assert [(lines[a], lines[b]) for a, b in np.argwhere(cosines > CEILING)] == [], name
