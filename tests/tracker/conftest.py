"""The fixtures of the tracker's tests; they live in a module of their own so that tests can import the rest of it."""

from __future__ import annotations

from tests.tracker.surroundings import desktop, repository, tmux

__all__ = ["desktop", "repository", "tmux"]
