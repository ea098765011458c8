"""The digest of a directory, such that `sha256sum -c SHA256SUMS && sha256sum SHA256SUMS` verifies it."""

import hashlib
from pathlib import Path

CHECKSUM_FILE = "SHA256SUMS"


def file_sha256(path: Path) -> str:
    """64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_files(folder: Path) -> list[str]:
    """Paths of all regular files but SHA256SUMS, relative to the folder, in the order of their bytes."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted((path for path in files if path != CHECKSUM_FILE), key=str.encode)


def render_checksums(folder: Path) -> str:
    """The content that SHA256SUMS must have for the files as they are now."""
    return "".join(f"{file_sha256(folder / path)}  {path}\n" for path in list_files(folder))


def checksums_digest(checksums: str) -> str:
    """`sha256:<64 hex>` of the content of a SHA256SUMS file, which is the digest of the artifact."""
    return f"sha256:{hashlib.sha256(checksums.encode()).hexdigest()}"
