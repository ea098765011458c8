"""The files of a benchmark's folder, and what is said of one that is of no use."""

from pathlib import Path

from worker.failure import WorkerFailure

# what else holds data is compressed, or no text
TEXTS = (".json", ".jsonl", ".csv", ".tsv", ".txt")


def unfit(benchmark: str, what: str, place: str = "") -> WorkerFailure:
    return WorkerFailure("data", "BenchmarkUnfit", f'benchmarks "{benchmark}"{place}: {what}')


def unfit_file(benchmark: str, file: str, what: str) -> WorkerFailure:
    return unfit(benchmark, what, f', file "{file}"')


def own_file(folder: Path, name: str) -> Path | None:
    """A file of the folder by its name; None for one outside, of which the digest does not tell, by path or by link."""
    path = folder / name
    return path if path.is_file() and path.resolve().is_relative_to(folder.resolve()) else None


def text_of(benchmark: str, path: Path) -> str:
    """The text of a file. WorkerFailure `data` for one in another encoding than UTF-8."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unfit_file(benchmark, path.name, "it is no UTF-8: save it as UTF-8") from error


def check_text(benchmark: str, path: Path) -> None:
    """WorkerFailure `data` for data in another encoding: a library tells it of an item, or not at all."""
    if path.suffix in TEXTS:
        text_of(benchmark, path)
