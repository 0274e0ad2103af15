"""Model files from a hub that speaks Hugging Face's protocol, over huggingface_hub: resumed where it broke off, checked by its
SHA-256. The only thing sent is what is asked for; `HF_ENDPOINT` names another hub."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coach.core.errors import InvalidInput, NotFound, Unavailable

SUFFIX = ".gguf"
TIMEOUT_S = 15.0
_REPO = re.compile(r"[\w.-]+/[\w.-]+")


def endpoint() -> str:
    """The hub's address."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co")


def files(repo: str) -> list[str]:
    """The GGUF files of a repository "owner/name". Raises InvalidInput, NotFound, Unavailable."""
    _checked(repo)
    found: list[str] = _asked(repo, lambda hub: hub.HfApi(endpoint=endpoint(), token=False).list_repo_files(repo))
    return sorted(name for name in found if name.lower().endswith(SUFFIX))


def download(repo: str, file: str, folder: Path) -> Path:
    """The file, in `folder`; one that is there already and whole is not fetched again. Raises InvalidInput, NotFound,
    Unavailable; a download that broke off goes on the next time."""
    _checked(repo)
    if not file.lower().endswith(SUFFIX) or ".." in Path(file).parts or Path(file).is_absolute():
        raise InvalidInput(f"{file!r} is no GGUF file of a repository", f"a name that ends in {SUFFIX}")
    folder.mkdir(parents=True, exist_ok=True)

    def fetch(hub: Any) -> str:
        # Asked first: a hub that is out of reach says so at once here, where a download would wait and try again.
        hub.HfApi(endpoint=endpoint(), token=False).model_info(repo, timeout=TIMEOUT_S)
        return str(hub.hf_hub_download(repo, file, local_dir=folder, endpoint=endpoint(), token=False))

    return Path(_asked(repo, fetch))


def _asked(repo: str, act: Callable[[Any], Any]) -> Any:
    """Ask the hub without telemetry, warnings and anybody's token."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")  # its chunks come from other hosts than the hub
    import httpx2  # what huggingface_hub asks with
    import huggingface_hub as hub  # 0.2 s, only where something is fetched
    from huggingface_hub import errors

    hub.logging.set_verbosity(logging.CRITICAL)
    try:
        return act(hub)
    except errors.LocalEntryNotFoundError as error:  # a kind of the next, and about the network
        raise _silent(error) from error
    except (errors.RepositoryNotFoundError, errors.EntryNotFoundError) as error:
        raise NotFound(f"the hub has no such file in {repo}", "look at the repository's page for its files") from error
    except (errors.HfHubHTTPError, httpx2.HTTPError, OSError, RuntimeError) as error:
        raise _silent(error) from error


def _silent(error: Exception) -> Unavailable:
    return Unavailable(f"the hub at {endpoint()} does not answer ({type(error).__name__})", "is there a network?")


def _checked(repo: str) -> None:
    if not _REPO.fullmatch(repo):
        raise InvalidInput(f"{repo!r} is no repository", "owner/name, as on its page")
