"""English questions are never taken for another language; others are."""

from __future__ import annotations

import tomllib

import pytest

from coach.config import shipped
from coach.core.tongue import foreign


@pytest.mark.parametrize("text", [
    "Wie lange habe ich heute gearbeitet?", "welche Aufgaben sind diese Woche fällig",
    "combien de temps ai-je passé sur Slack hier", "¿cuántas tareas tengo hoy?", "quanto tempo ho lavorato ieri",
    "quantas horas eu trabalhei hoje", "hoeveel taken heb ik vandaag",
    "今日はどのくらい働きましたか", "сколько я работал вчера", "πόσο δούλεψα χθες",
])
def test_another_language_is_told(text: str) -> None:
    assert foreign(text)


def test_no_phrase_of_the_chat_is_foreign() -> None:
    for file in ("intents.toml", "out_of_scope.toml"):
        tree = tomllib.loads(shipped("data", file).read_text(encoding="utf-8"))
        for name, entry in tree.items():
            if name == "fill":
                continue
            for texts in ([entry["phrases"]] if "phrases" in entry else entry.values()):
                assert [t for t in texts if foreign(t)] == []


@pytest.mark.parametrize("text", ["", "?!", "42", "Büro Müller", "time in “Über den Wolken” today", "did I do any café work"])
def test_names_and_signs_are_not(text: str) -> None:
    assert not foreign(text)
