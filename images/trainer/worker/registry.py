"""The client of OCI registries: that of the ORAS project, made patient, with failures that name the field."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from oras.container import Container
    from oras.provider import Registry
    from requests import Response

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
# a registry that is busy, or restarts, is asked again
REQUEST_RETRIES, BACKOFF_SECONDS = 5, 1.0
BUSY = (429, 502, 503, 504)
UNAUTHORISED = 401
REFUSED = (UNAUTHORISED, 403)


@dataclass(frozen=True)
class Access:
    """A repository, how it is reached, and the words for what goes wrong there.

    `field` names it in the spec, `deed` is what is done to it, `correction` what to do when it is refused, `later` what
    becomes of it when the registry does not answer.
    """

    repository: str
    config_file: str | None
    insecure: bool
    field: str
    deed: str
    correction: str
    later: str


def connect(access: Access, reference: str, silence: float | None = None) -> "tuple[Registry, Container]":
    """A client that asks again where that helps, and gives up at once where it does not.

    `reference` is a tag or digest; one that says nothing for `silence` seconds counts as not answering.
    """
    from oras.auth import TokenAuth
    from oras.container import Container
    from oras.provider import Registry
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    container = Container(f"{access.repository}{'@' if ':' in reference else ':'}{reference}")

    class ByChallenge(TokenAuth):
        """Gives a token where the registry asks for one, and the password itself where it asks for that.

        The library takes every challenge for one of a token. The password goes to no host but the registry.
        """

        wants_password = False

        def authenticate_request(self, original: "Response", headers: dict[str, str] | None, refresh: bool = False):
            scheme = original.headers.get("Www-Authenticate", "").split(" ")[0]
            if scheme.lower() != "basic":
                return super().authenticate_request(original, headers, refresh)
            self.wants_password = True
            password = self.password_for(original.url)
            return {**(headers or {}), **password}, bool(password)

        def password_for(self, url: str) -> dict[str, str]:
            """The header with the password, where one is known and wanted by the host of `url`."""
            known = getattr(self, "_basic_auth", None)
            is_meant = known and self.wants_password and urlsplit(url).netloc == container.registry
            return {"Authorization": f"Basic {known}"} if is_meant else {}

    class Patient(Registry):
        def do_request(self, url: str, method: str = "GET", **named: Any) -> "Response":
            answer = self._ask(url, method, named)
            if answer.status_code == UNAUTHORISED and self.auth.token:
                # a token runs out in the middle of a large file
                self.auth.token = None
                answer = self._ask(url, method, named)
            if answer.status_code in REFUSED:
                raise refused(access)
            if answer.status_code in BUSY or answer.status_code >= 500:
                raise unavailable(access, f"HTTP {answer.status_code}")
            return answer

        def _ask(self, url: str, method: str, named: dict[str, Any]) -> "Response":
            # at once, or each piece of a large file would be sent twice
            named["headers"] = {**(named.get("headers") or {}), **self.auth.password_for(url)}
            try:
                # without the library's own retries, which wait two minutes for a password to become right
                return Registry.do_request.__wrapped__(self, url, method, **named)
            except ValueError as error:
                # what it says of a challenge that it has no answer to
                if "authentication" in str(error):
                    raise refused(access) from error
                raise

    class Bounded(HTTPAdapter):
        def send(self, request: Any, **named: Any) -> "Response":
            return super().send(request, **{**named, "timeout": named.get("timeout") or silence})

    registry = Patient(insecure=access.insecure)
    # as the library sets up those that it knows
    auth = ByChallenge()
    auth.session, auth.prefix, auth._tls_verify = registry.session, registry.prefix, True
    registry.auth = auth
    retries = Retry(
        total=REQUEST_RETRIES,
        backoff_factor=BACKOFF_SECONDS,
        status_forcelist=BUSY,
        allowed_methods=None,
        raise_on_status=False,
    )
    for scheme in ("http://", "https://"):
        registry.session.mount(scheme, Bounded(max_retries=retries))
    if access.config_file:
        registry.auth.load_configs(container, configs=[access.config_file])
    return registry, container


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def put_manifest(registry: "Registry", container: "Container", content: bytes, media_type: str, access: Access) -> str:
    """The digest of the manifest, as this side computes it and the registry confirms it."""
    digest = digest_of(content)
    answer = ask(registry, "PUT", container, access, data=content, headers={"Content-Type": media_type})
    check(answer, access)
    told = answer.headers.get("Docker-Content-Digest", digest)
    if told != digest:
        raise WorkerFailure(
            "export", "OciRefused", f"{access.field}: the registry stored {told} where {digest} was sent"
        )
    return digest


def ask(registry: "Registry", method: str, container: "Container", access: Access, **named: Any) -> "Response":
    """One request about the manifest of `container`; WorkerFailure where the registry refuses or does not answer."""
    try:
        return registry.do_request(f"{registry.prefix}://{container.manifest_url()}", method, **named)
    except (ValueError, OSError) as error:
        raise unavailable(access, error) from error


def check(answer: "Response", access: Access) -> None:
    """WorkerFailure `export` for an answer that is no success, and that asking again would not change."""
    if not answer.ok:
        raise WorkerFailure(
            "export",
            "OciRefused",
            f'{access.field}: the registry does not take "{access.repository}": HTTP {answer.status_code} '
            f"{answer.text[:200]}: {access.correction}",
        )


def refused(access: Access) -> WorkerFailure:
    known = access.config_file is not None
    which = f"the credentials of {access.field}.secretRef" if known else "nobody without credentials"
    remedy = f"correct them, and let them {access.deed}" if known else f"give {access.field}.secretRef"
    return WorkerFailure(
        "credentials", "OciCredentials", f'the registry lets {which} not {access.deed} "{access.repository}": {remedy}'
    )


def unavailable(access: Access, cause: object) -> WorkerFailure:
    return WorkerFailure(
        "unavailable",
        "OciUnavailable",
        f'{access.field}: the registry of "{access.repository}" does not answer: {str(cause)[:300]}: {access.later}',
    )
