"""What the trained voice learns from: prompts, lengths, and that the loss stands at the answer alone."""

import random
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from coach.config import shipped
from coach.core.errors import Unavailable
from coach.ml.train import voice
from coach.ml.voice import ALIKE, Ear, ear, grammar, prompt, ranked, write
from tests.ml.scripted import Scripted


class Words:
    """A tokenizer with one token a word."""

    def apply_chat_template(self, messages, *, tokenize, add_generation_prompt):
        return " ".join(m["content"] for m in messages) + " assistant"

    def encode(self, text, *, add_special_tokens):
        return [len(word) + 1 for word in text.split()]


LINES = [voice.Line("late_night", "neutral", "word " * n + "end", ()) for n in range(1, 12)]


def test_the_prompt_names_situation_mode_and_placeholders_only():
    said = " ".join(text for _, text in prompt("deadline_close", "roast", ["task", "minutes"]))
    assert said == "One roast line. deadline close, {minutes} {task}"


def test_the_loss_stands_at_the_answer_alone():
    examples = [voice.example(Words(), line) for line in LINES]
    seen = []
    for ids, mask, labels in voice.batches(examples, 4, random.Random(1)):
        assert ids.shape == mask.shape == labels.shape
        for row in range(len(ids)):
            tokens = int(mask[row].sum())
            answer = [int(t) for t in labels[row] if t != voice.IGNORED]
            _, asked = next(e for e in examples if e[0] == [int(t) for t in ids[row, :tokens]])
            assert answer == [int(t) for t in ids[row, asked:tokens]]
            seen.append(tokens)
    assert sorted(seen) == sorted(len(e[0]) for e in examples)


def test_batches_hold_lines_of_about_one_length():
    examples = [voice.example(Words(), line) for line in LINES]
    spans = [int(mask.sum(1).max() - mask.sum(1).min()) for _, mask, _ in voice.batches(examples, 4)]
    assert max(spans) <= 3


def test_a_missing_library_is_a_word(monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    monkeypatch.setitem(sys.modules, "gguf", sys)
    with pytest.raises(Unavailable, match="peft"):
        voice._adapted(Path("x.gguf"), voice.Recipe())


def test_the_grammar_knows_no_digits_and_only_its_own_placeholders():
    from llama_cpp.llama_grammar import LlamaGrammar

    rules = grammar(["task", "minutes"])
    assert LlamaGrammar.from_string(rules, verbose=False)
    assert '"{minutes}" | "{task}"' in rules
    assert "0-9" in rules


def test_a_line_that_did_not_end_is_none():
    assert write(Scripted(["It is late. "]), "late_night", "neutral", [], 1) == "It is late."
    assert write(Scripted(["It is"]), "late_night", "neutral", [], 1) is None


def test_lines_that_sound_like_another_mode_or_are_said_already_are_not_kept():
    hears = Ear(("roast", "neutral"), np.array([[4.0, 0, 0], [0, 4, 0]]), np.zeros(2))
    roast, dull, typical = np.array([0.6, 0, 0.8]), np.array([0, 1.0, 0]), np.array([1.0, 0, 0])
    near = np.array([0.7, 0, 0.714])
    assert near @ roast >= ALIKE > typical @ roast
    nothing = np.zeros((0, 3))
    assert ranked(hears, "roast", np.array([roast, dull, typical, near]), nothing) == [2, 3]
    assert ranked(hears, "roast", np.array([roast, dull, typical, near]), typical[None]) == [3]
    assert ranked(hears, "neutral", np.array([roast, dull]), nothing) == [1]
    assert ranked(hears, "roast", nothing, nothing) == []


def test_the_head_that_is_written_tells_modes_apart(tmp_path):
    from coach.ml import embed

    embedder = embed.load(shipped("models", "embedder"))
    bank = tomllib.loads(shipped("data", "lines", "late.toml").read_text(encoding="utf-8"))
    lines = [voice.Line(s, mode, text, ()) for s, cell in bank.items() for mode in ("roast", "minimalist") for text in cell[mode]]
    told = voice.teach_modes(lines, embedder, tmp_path)
    hears = ear(tmp_path)
    own = [line.text for line in lines if line.mode == "minimalist"]
    kept = ranked(hears, "minimalist", embed.embed(embedder, own), np.zeros((0, embed.DIMENSIONS)))
    assert hears.modes == ("minimalist", "roast")
    assert told["lines"] == len(lines)
    assert len(kept) > 0.9 * len(own)
    with pytest.raises(Unavailable):
        ear(tmp_path / "none")


@pytest.mark.long
def test_the_exported_adapter_says_what_the_trained_one_says(tmp_path):
    """KL divergence between torch and llama.cpp stays at what 4-bit weights cost, far below what the adapter changes."""
    pytest.importorskip("peft")
    import llama_cpp
    import torch

    from coach.ml import llm

    torch.manual_seed(0)
    base = llm.find()
    model, tokenizer = voice._adapted(base, voice.Recipe())
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1)
    voice._export(model, tmp_path / "adapter.gguf", voice.Recipe())
    ids, _ = voice.example(tokenizer, LINES[3])
    model.eval()
    with torch.no_grad():
        adapted = torch.log_softmax(model(input_ids=torch.tensor([ids])).logits[0, -1], 0).numpy()

    def served(adapter):
        loaded = llm.load(base, 1, adapter)
        loaded.model.eval(ids)
        last = llama_cpp.llama_get_logits_ith(loaded.model.ctx, -1)
        logits = np.ctypeslib.as_array(last, shape=(loaded.model.n_vocab(),)).copy()
        loaded.close()
        return torch.log_softmax(torch.tensor(logits), 0).numpy()

    def divergence(other):
        return float((np.exp(adapted) * (adapted - other)).sum())

    with_it, without = divergence(served(tmp_path / "adapter.gguf")), divergence(served(None))
    assert with_it < 0.005
    assert without > 10 * with_it
