"""Rows of a dataset artifact are one a line, whatever their texts hold."""

import json

from tests.trainer.builders import row
from worker.rows import load_rows


def test_a_text_with_line_separators_is_one_row(tmp_path):
    content = "one\u2028two\u2029three\u0085four\u000bfive"
    messages = [{"role": "user", "content": content}, {"role": "assistant", "content": content}]
    line = json.dumps(row(0, messages=messages), ensure_ascii=False)
    (tmp_path / "train.jsonl").write_text(f"{line}\n{line}\n", "utf-8")
    assert [found.messages[0]["content"] for found in load_rows(tmp_path, "train")] == [content, content]
