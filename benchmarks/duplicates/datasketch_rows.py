"""Find near-duplicate rows with datasketch: `datasketch_rows.py FILE question|row SIZE THRESHOLD`, JSON to stdout."""

import json
import re
import resource
import sys
import time
import unicodedata

from datasketch import MinHash, MinHashLSH

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")


def shingles(text: str, size: int) -> list[bytes]:
    """Groups of `size` words or CJK characters; the whole of a shorter text."""
    words = WORD.findall(unicodedata.normalize("NFKC", text).lower())
    return [" ".join(words[at : at + size]).encode() for at in range(max(len(words) - size + 1, 1))]


def main(file: str, part: str, size: int, threshold: float) -> None:
    with open(file, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    start = time.process_time()
    index = MinHashLSH(threshold=threshold, num_perm=128)
    clusters: dict[int, list[dict[str, int]]] = {}
    for number, row in enumerate(rows):
        text = row["question"] if part == "question" else f"{row['question']}\n{row['answer']}"
        sketch = MinHash(num_perm=128)
        sketch.update_batch(shingles(text, size))
        found = index.query(sketch)
        if found:
            clusters.setdefault(min(found), []).append({"id": number})
        else:
            index.insert(number, sketch)
    found = [{"kept": kept, "dropped": dropped} for kept, dropped in clusters.items()]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    json.dump({"clusters": found, "seconds": time.process_time() - start, "peakBytes": peak}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
