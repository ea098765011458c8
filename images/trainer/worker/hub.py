"""The model hub: the small files of a repository at one commit, and what its refusals mean."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

# all that tells what a model is; its weights are fetched when they are loaded
DESCRIPTION = ("*.json", "*.jinja", "*.model", "*.txt", "*.tiktoken", "README.md", "LICEN[CS]E*", "COPYING*")
# the hub asks for fewer requests, or to come back: as a server that fails does
PATIENCE = (408, 425, 429)
WEIGHTS = ("model.safetensors", "pytorch_model.bin")


def describe(hub: dict[str, Any]) -> Path:
    """The folder with the small files of `baseModel.huggingFace`, whose name is the commit of its revision.

    They are fetched before anything is loaded: transformers takes an optional file that the hub fails to send for one
    that does not exist, such as the template of a chat. WorkerFailure with a kind that tells whether to try again.
    """
    # before the first import of the library, which reads it; else the image's offline switch would refuse the download
    os.environ["HF_HUB_OFFLINE"] = "0"
    return _ask(hub, lambda: _description(hub["repo"], hub["revision"], _token(hub)))


def fetch_weights(hub: dict[str, Any], folder: Path) -> None:
    """Fetch the weights beside the description in `folder`, whole or in parts, in the first form that there is."""
    for name in WEIGHTS:
        index = folder / f"{name}.index.json"
        parts = set(json.loads(index.read_text("utf-8"))["weight_map"].values()) if index.is_file() else {name}
        _ask(hub, lambda parts=parts: _fetch(hub["repo"], folder.name, _token(hub), parts))
        if all((folder / part).is_file() for part in parts):
            return


def arguments(hub: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Arguments of `from_pretrained` for the commit that `folder` has."""
    return {"revision": folder.name, "token": _token(hub)}


def hub_failure(hub: dict[str, Any], error: BaseException) -> WorkerFailure | None:
    """What `error`, or what it came from, says about the hub; None when it is about the files that it has."""
    causes = list(_causes(error))
    return next((found for cause in causes if (found := _meaning(hub, cause))), None) or _silence(hub, causes)


def _ask(hub: dict[str, Any], request: Callable[[], Path]) -> Path:
    try:
        return request()
    except (OSError, ValueError) as error:
        raise hub_failure(hub, error) or _unusable(hub, error) from error


# one commit for all of a run, also where a branch moves on meanwhile
@cache
def _description(repo: str, revision: str, token: str | None) -> Path:
    return _fetch(repo, revision, token, DESCRIPTION)


def _fetch(repo: str, revision: str, token: str | None, patterns: Iterable[str]) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    return Path(snapshot_download(repo, revision=revision, token=token, allow_patterns=sorted(patterns)))


def _token(hub: dict[str, Any]) -> str | None:
    return Path(hub["tokenFile"]).read_text("utf-8").strip() if "tokenFile" in hub else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _meaning(hub: dict[str, Any], error: BaseException) -> WorkerFailure | None:
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if isinstance(error, HFValidationError):
        name = hub["repo"]
        return _not_found(f'baseModel.huggingFace.repo: "{name}" is no name of a repository: give it as owner/name')
    if not isinstance(error, HfHubHTTPError):
        return None
    status = error.response.status_code
    if status >= 500 or status in PATIENCE:
        return _unavailable(hub["repo"], f"it answered with status {status}")
    return _missing(hub, error) or (_refusal(hub, error) if status in (401, 403) else None)


def _missing(hub: dict[str, Any], error: "HfHubHTTPError") -> WorkerFailure | None:
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    repo, revision = hub["repo"], hub["revision"]
    if isinstance(error, RevisionNotFoundError):
        return _not_found(
            f'baseModel.huggingFace.revision: "{repo}" has no revision "{revision}": name a branch, tag or commit of it'
        )
    # 401 is the hub's answer for repositories that it does not show as well as for those that it does not have
    is_hidden = isinstance(error, GatedRepoError) or error.response.status_code in (401, 403)
    if isinstance(error, RepositoryNotFoundError) and not is_hidden:
        return _not_found(
            f'baseModel.huggingFace.repo: the hub has no repository "{repo}": correct its name, or set '
            "baseModel.huggingFace.secretRef to a token that may read it if it is private"
        )
    return None


def _refusal(hub: dict[str, Any], error: "HfHubHTTPError") -> WorkerFailure:
    from huggingface_hub.errors import GatedRepoError

    repo, status = hub["repo"], error.response.status_code
    if isinstance(error, GatedRepoError):
        return WorkerFailure(
            "credentials",
            "BaseModelGated",
            f'the hub shows "{repo}" only to those who accepted its terms (status {status}): accept them on its page, '
            "and set baseModel.huggingFace.secretRef to a token of that account",
        )
    token = "with this token" if "tokenFile" in hub else "without a token"
    return WorkerFailure(
        "credentials",
        "HubRefuses",
        f'the hub does not give "{repo}" {token} (status {status}): correct baseModel.huggingFace.repo if there is '
        "no such repository, or set baseModel.huggingFace.secretRef to a token that may read it",
    )


def _silence(hub: dict[str, Any], causes: list[BaseException]) -> WorkerFailure | None:
    """No answer, or half of one."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    if any(isinstance(cause, HfHubHTTPError) for cause in causes):
        return None
    # the second stands for the first where the library looked into its cache
    silent = (httpx2.TransportError, LocalEntryNotFoundError, ConnectionError, TimeoutError)
    found = [cause for cause in causes if isinstance(cause, silent)]
    return _unavailable(hub["repo"], f"{type(found[-1]).__name__}: {found[-1]}") if found else None


def _unavailable(repo: str, what: str) -> WorkerFailure:
    return WorkerFailure(
        "unavailable",
        "HubUnavailable",
        f'the hub did not give "{repo}", {_one_line(what)}: another attempt asks again; if it goes on, see whether the '
        "pod can reach the hub, or keep the model on a claim (baseModel.claimRef)",
    )


def _not_found(message: str) -> WorkerFailure:
    return WorkerFailure("model", "BaseModelNotFound", message)


def _unusable(hub: dict[str, Any], error: Exception) -> WorkerFailure:
    message = f'baseModel.huggingFace.repo: "{hub["repo"]}" cannot be read: {_one_line(error)}: choose another model'
    return WorkerFailure("model", "BaseModelUnusable", message)


def _one_line(error: object) -> str:
    return " ".join(str(error).split())[:300]
