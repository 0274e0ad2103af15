"""The embedder that ships: what its card promises, and that a text's vector is its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from coach.config import shipped
from coach.core.errors import Unavailable
from coach.ml import card, embed

FOLDER = shipped("models", "embedder")


@pytest.fixture(scope="module")
def embedder() -> embed.Embedder:
    return embed.load(FOLDER)


def test_the_files_are_those_of_the_card() -> None:
    assert set(card.read(FOLDER)["files"]) == {"model.onnx", "model.onnx.data", "tokenizer.json"}
    assert card.damaged(FOLDER) == []
    assert card.read(FOLDER)["cosine_to_fp32"]["mean"] > 0.998


def test_vectors_have_unit_length_and_one_row_a_text(embedder: embed.Embedder) -> None:
    vectors = embed.embed(embedder, ["write the report", "", "x" * 20_000, "日本語 🙂 \x00"])
    assert vectors.shape == (4, embed.DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_a_vector_does_not_depend_on_its_neighbours(embedder: embed.Embedder) -> None:
    alone = embed.embed(embedder, ["call mum"])[0]
    among = embed.embed(embedder, ["a very long title about the migration of the old database " * 4, "call mum"])[1]
    assert np.array_equal(alone, among)


def test_meaning_is_near_meaning(embedder: embed.Embedder) -> None:
    asked, same, other = embed.embed(embedder, ["write the report", "finish writing the report", "boil the potatoes"])
    assert asked @ same > 0.7
    assert asked @ other < 0.3


def test_no_texts_no_rows(embedder: embed.Embedder) -> None:
    assert embed.embed(embedder, []).shape == (0, embed.DIMENSIONS)


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "embedder")
    (tmp_path / "embedder" / missing).unlink()
    with pytest.raises(Unavailable, match=missing):
        embed.load(tmp_path / "embedder")


def test_a_broken_file_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "embedder")
    (tmp_path / "embedder" / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(Unavailable):
        embed.load(tmp_path / "embedder")
    assert card.damaged(tmp_path / "embedder") == ["model.onnx"]
