"""`coach models` on a real store, in a process of its own."""

from __future__ import annotations

from coach.cli import model_card
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


def test_before_any_day_was_scored_the_columns_of_scores_leave_their_room_to_words() -> None:
    header = coach("models").out.splitlines()[0].split()
    assert header == ["model", "version", "serves", "yours", "why"]


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


def test_a_card_says_what_weighs_most_and_is_cut() -> None:
    shown = coach("models", "show", "duration").out.splitlines()
    assert len(shown) < 60
    (longer,) = [line for line in shown if line.startswith("words that make a task long: ")]
    factors = [float(part.rpartition("x")[2]) for part in longer.partition(": ")[2].split(", ")]
    assert len(factors) == model_card.MOST
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] > 1
    assert any("met (bar <= 0.90)" in line for line in shown)
    assert len(coach("models", "show", "duration", "--json").json["card"]["base"]["words"]) > 100


def test_cards_are_readable_whatever_they_hold() -> None:
    card = {"name": "x", "weights": {f"w{n}": (-1) ** n * n for n in range(20)}, "edges": [0.5 * n for n in range(30)],
            "folds": [{"loss": n} for n in range(11)],
            "metrics": {"A": {"auc": {"value": 0.5, "low": 0.4, "high": 0.6}}, "by": "y"}}
    shown = model_card.lines(card)
    assert shown[2:4] == ["  w19: -19", "  w18: 18"]
    assert "  and 12 more (--json has them)" in shown
    assert "edges: 30 numbers from 0 to 14.5" in shown
    assert "    auc: 0.5 [0.4, 0.6]" in shown
    assert len(model_card.whole(card)) > len(shown)
    assert "  w1: -1" in model_card.whole(card)
