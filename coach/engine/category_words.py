"""A task's category in words: light, so that `coach show` need not load what makes them."""

from __future__ import annotations

from coach.core.task import Task
from coach.store import guesses
from coach.store.db import Connection


def shown(db: Connection, task: Task) -> str:
    """A task's category, with how sure Coach is where it filled it in, or what it suggests with a question mark."""
    if task.category:
        return words(task.category, task.category_confidence)
    guess = guesses.of(db, task.num) if task.status == "pending" else None
    return "" if guess is None else said(guess.category, guess.confidence, guess.decision)


def said(name: str | None, confidence: float, decision: str) -> str:
    """An answer: "Errands, 96 %" where it is filled in, "Errands? 82 %" where it is suggested, nothing else."""
    if name is None or decision == "abstain":
        return ""
    return words(name, confidence) if decision == "auto" else f"{name}? {percent(confidence)}"


def words(name: str, confidence: float | None) -> str:
    """"Errands, 92 %"; nothing behind one that a person chose."""
    return name if confidence is None else f"{name}, {percent(confidence)}"


def percent(confidence: float) -> str:
    """"92 %", at most 99: no model is certain."""
    return f"{min(99, round(100 * confidence))} %"
