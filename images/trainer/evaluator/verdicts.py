"""The sheets that people have filled in: what spreadsheets make of a file, and what people make of a sheet."""

import csv
import io
from pathlib import Path

FILE = "verdicts.csv"
CHOICES = ("A", "B", "tie")
DELIMITERS = (",", ";", "\t")


class BadSheet(Exception):
    """A sheet that nothing can be concluded from; the message names line and remedy."""


def read_verdicts(path: Path, key: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """What each rater prefers, by id. BadSheet for one that is of other answers, or says something twice."""
    text = _text(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    verdicts: dict[str, dict[str, str]] = {}
    try:
        missing = {"id", "preferred"} - set(reader.fieldnames or ())
        if missing:
            raise BadSheet(
                f'"{FILE}" has no column "{sorted(missing)[0]}": keep the columns of sheet.csv, with a comma between'
            )
        for row in reader:
            _add(verdicts, row, key, f'"{FILE}" line {reader.line_num}')
    except csv.Error as error:
        raise BadSheet(f'"{FILE}" line {reader.line_num}: {error}: close the quotes of every cell') from error
    if not verdicts:
        raise BadSheet(f'"{FILE}" prefers nothing: fill in the column "preferred"')
    return verdicts


def _text(path: Path) -> str:
    if not path.is_file():
        raise BadSheet(
            f'people.verdictsRef: the ConfigMap has no key "{FILE}": put the filled sheets there as one file'
        )
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSheet(f'"{FILE}" is no UTF-8: save it as "CSV UTF-8"') from error


def _delimiter(text: str) -> str:
    """Spreadsheets of some countries write semicolons. The head line has no quoted cell."""
    head = next(iter(text.splitlines()), "")
    return max(DELIMITERS, key=head.count)


def _add(
    verdicts: dict[str, dict[str, str]], row: dict[str, str], key: dict[str, dict[str, str]], place: str
) -> None:
    preferred, rater = (row["preferred"] or "").strip(), (row.get("rater") or "").strip() or "one"
    if not preferred:
        return
    identity = (row["id"] or "").strip()
    if identity not in key:
        raise BadSheet(f'{place}: the id "{identity}" is of another sheet: fill in the sheet.csv of this report')
    if preferred not in CHOICES:
        raise BadSheet(f'{place}: "{preferred}" is none of A, B and tie: correct it')
    if identity in verdicts.setdefault(rater, {}):
        raise BadSheet(f'{place}: rater "{rater}" has judged "{identity}" twice: keep one of both')
    verdicts[rater][identity] = preferred
