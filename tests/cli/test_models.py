"""`coach models` on a real store, in a process of its own."""

from __future__ import annotations

from tests.cli.shell import coach
from tests.cli.test_imports import HEAVY, loaded


def test_an_empty_store_says_that_baselines_serve() -> None:
    found = coach("models", "--json").json
    days, tasks = found["models"][:4], found["models"][4:]
    assert [m["name"] for m in days] == ["focus", "graph", "patterns", "whatif"]
    assert {m["serves"] for m in days} == {"baseline"}
    assert all("0 days of history" in m["why"] for m in days)
    assert {"duration", "priority", "behaviour"} <= {m["name"] for m in tasks}  # their bases speak from the first task on
    assert "0 days of history" in coach("models").out


def test_wrong_names_and_versions() -> None:
    assert coach("models", "show", "nope", "--json").error["code"] == "not_found"
    ran = coach("models", "use", "focus", "7", "--json")
    assert (ran.status, ran.error["code"]) == (1, "model_missing")
    assert coach("models", "use", "focus", "best").status == 2
    assert coach("models", "rollback", "focus").status == 3
    assert coach("models", "rate", "focus", "9").status == 2
    assert coach("models", "cancel").status == 3
    assert coach("models", "evaluate", "focus", "--users", "0").status == 2
    assert "may have been trained on" in coach("models", "evaluate", "focus", "--seed", "7").err


def test_a_choice_by_hand_and_a_rating() -> None:
    assert coach("models", "use", "focus", "baseline", "--json").json["serves"] == "baseline"
    assert coach("models", "history", "focus", "--json").json["switches"][0]["why"] == "you chose it"
    assert coach("models", "rate", "focus", "2", "--date", "2026-11-19", "--json").json["day"] == "2026-11-19"
    assert "you chose it" in coach("models", "history", "focus").out
    assert coach("models", "show", "focus").status == 0


def test_looking_at_models_loads_none() -> None:
    assert coach("add", "First").status == 0
    assert loaded("from coach.cli.main import main; main(['models'])", HEAVY) == []
