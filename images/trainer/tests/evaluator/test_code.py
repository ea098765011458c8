"""Code of answers is parsed, never run; what nobody can parse is neither right nor wrong."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluator.code import CodeOutputs, blocks_of, code_counts
from evaluator.code_part import code_part
from evaluator.items import Item
from evaluator.samples import Sample
from evaluator.significance import mcnemar_p
from evaluator.table import Answers, Pair, compare_groups, correct
from evaluator.terms import known_names
from tests.evaluator.test_evaluate import run, table

GOOD = "Do this:\n\n```python\nprint(80)\n```\n"
BAD = "Do this:\n\n```python\nprint(80\n```\n"
OTHER = "Do this:\n\n```go\nlet (\n```\n"
PROSE = "Set `port` to 80."


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```\n"


@pytest.mark.parametrize(
    ("language", "text", "parses"),
    [
        ("python", "def f(a):\n    return await_(a)", True),
        ("py", "    x = 1\n    y = 2", True),
        ("{.python}", "await reply()\nreturn 3", True),
        ("python", ">>> a = [1,\n...      2]\n>>> a\n[1, 2]", True),
        ("python", r"re.match('\d')", True),
        ("python", "print 'a'", False),
        ("python", "def f(", False),
        ("python", "(" * 5000, False),
        ("Python3 title=app.py", "f(a", False),
        ("json", '{"port": 80}', True),
        ("json", "{port: 80}", False),
        ("json", '{"port": NaN}', False),
        ("json", "[" * 100_000, False),
        ("jsonl", '{"a": 1}\n\n{"a": 2}', True),
        ("ndjson", '{"a": 1}\n{"a"', False),
        ("yaml", "a: 1\n---\n- b\n- !Ref c", True),
        ("yml", "a: [1", False),
        ("yaml", "It sets the port", False),
        ("toml", "[server]\nport = 80", True),
        ("toml", "server: 80", False),
        ("js", "const app = require('fastify')()\napp.get('/', async (req) => ({ ok: req.body?.ok ?? 1 }))", True),
        (
            "javascript",
            "import fs from 'fs'\nconst text = await fs.promises.readFile(`./${a}`)\nreturn text",
            True,
        ),
        ("jsx", "const App = () => <p className='a'>{name}</p>", True),
        ("mjs", "export default class A { #x = 1n; static { this.y = /[/]/u } get x() { return this.#x } }", True),
        ("js", "app.listen({ port: 3000 }", False),
        ("js", "const port: number = 80", False),
        ("js", "let (", False),
        ("js", "app.get('/', ...)", False),
        ("js", "It sets the port of the server", False),
        ("js", "const text = 'open\nclose()", False),
        ("js", "(" * 5000, False),
        (
            "ts",
            "interface A<T> { port?: number; on(x: T): asserts x is T }\nconst a = b satisfies A<string>",
            True,
        ),
        (
            "typescript",
            "enum Level { Low, High }\nabstract class A { constructor(private readonly x: B) {} }",
            True,
        ),
        ("ts", "const [a, b] = <[string, number]>value;\ntype K = keyof typeof a & `on${string}`", True),
        ("ts", "const port: = 80", False),
        ("ts", "interface A { port: number", False),
        ("ts", "const view = <p>text</p>", False),
        ("tsx", "const view = (props: Props): ReactNode => <p {...props}>text</p>", True),
        ("tsx", "const view = <p>text</div", False),
    ],
)
def test_evaluation_6_only_what_can_be_parsed_is_right(language: str, text: str, parses: bool) -> None:
    [block] = blocks_of("Like this:\n\n" + fenced(language, text))
    assert (block.is_checked, block.parses) == (True, parses)
    assert (block.error is None) == parses
    assert code_counts([fenced(language, text)]) == [(int(parses), 1)]


@pytest.mark.parametrize(
    ("language", "text", "error"),
    [
        ("js", "start()\napp.listen({ port: 3000 }", "ValueError: line 2: unexpected app.listen({ port: 3000 }"),
        ("js", "if (a) {\n  b()\n", "ValueError: line 2: } is missing"),
        ("js", "a()\nIt sets the port", "line 2: unexpected "),
    ],
)
def test_evaluation_6_what_does_not_parse_is_told_with_its_line(language: str, text: str, error: str) -> None:
    [block] = blocks_of(fenced(language, text))
    assert block.error is not None and error in block.error


@pytest.mark.parametrize("language", ["rust", "go", "bash", "", "text", "jsonc"])
def test_evaluation_6_what_nobody_parses_is_not_checked_and_never_right(language: str) -> None:
    [block] = blocks_of(fenced(language, "const a ="))
    assert (block.is_checked, block.parses, block.as_report()["parses"]) == (False, False, None)
    assert code_counts([fenced(language, "const a =")]) == [(0, 0)]


def test_evaluation_6_one_wrong_block_makes_an_answer_wrong_and_a_cut_one_too() -> None:
    assert code_counts([GOOD + OTHER, GOOD + BAD, PROSE, "", "1. so:\n\n   ```json\n   {}\n   ```", "```json\n{"]) == [
        (1, 1),
        (0, 1),
        (0, 0),
        (0, 0),
        (1, 1),
        (0, 1),
    ]


def test_evaluation_6_nothing_of_an_answer_is_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    answers = [
        fenced("python", f"open({str(trace)!r}, 'w')"),
        fenced("yaml", f"!!python/object/apply:os.system ['touch {trace}']"),
    ]
    assert code_counts(answers) == [(1, 1), (1, 1)]
    assert not trace.exists()


def group(base: list[str], tuned: list[str]) -> Answers:
    def sample(number: int, model: str, output: str) -> Sample:
        return Sample(str(number), "test", model, "default", False, output, 3, True, None, 3)

    messages = [{"role": "user", "content": "Which port?"}, {"role": "assistant", "content": "`print(80)`"}]
    items = [Item(str(number), "test", "en", messages) for number in range(len(base))]
    said = {"base": base, "tuned": tuned}
    by_model = {name: [sample(n, name, text) for n, text in enumerate(texts)] for name, texts in said.items()}
    return Answers("test", "default", items, by_model)


def test_evaluation_6_models_are_compared_where_both_wrote_code_that_is_checked() -> None:
    base = [BAD] * 12 + [GOOD] * 8 + [PROSE] * 5 + [OTHER] * 3
    tuned = [GOOD] * 12 + [GOOD] * 6 + [BAD] * 2 + [BAD] * 5 + [GOOD] * 3
    figures = compare_groups([group(base, tuned)], [Pair("base", "tuned", ("codeParses",))], frozenset(), 500, 42)
    [row] = correct(figures)
    assert (row.samples, row.comparison.base, row.comparison.tuned) == (20, 40.0, 90.0)
    right = [np.array([0.0] * 12 + [1.0] * 8), np.array([1.0] * 18 + [0.0] * 2)]
    assert row.comparison.p == pytest.approx(mcnemar_p(*right)) and row.verdict == "Better"


def test_evaluation_6_without_code_there_is_no_value() -> None:
    pair = Pair("base", "tuned", ("codeParses",))
    [row] = correct(compare_groups([group([PROSE, GOOD], [PROSE, OTHER])], [pair], frozenset(), 500, 42))
    assert (row.samples, row.comparison.tuned, row.comparison.delta, row.verdict) == (0, None, None, "Inconclusive")


def test_evaluation_6_the_report_tells_languages_and_unknown_names() -> None:
    answers = group([GOOD, BAD, PROSE], [GOOD + OTHER, fenced("python", "madeUp(80)"), fenced("json", "{}")])
    part = code_part([answers], known_names(["`print(80)`"]))
    base, tuned = part.report["results"]
    assert (base["withCode"], base["checkable"], base["right"], base["blocks"]) == (2, 2, 1, {"python": [1, 2]})
    assert (tuned["blocks"], tuned["unchecked"]) == ({"json": [1, 1], "python": [2, 2]}, {"go": 1})
    # "let" of the other language, and what was made up
    assert (tuned["names"], tuned["unknownNames"]) == (3, 2)
    assert "| test | default | tuned | 3 | 3 | 3 | 3 | json 1 of 1, python 2 of 2 | go 1 | 3 | 2 |" in part.markdown
    assert "blocks of python, json, jsonl, yaml, toml, javascript, typescript, tsx are parsed" in part.markdown
    assert CodeOutputs.of([PROSE]).with_code == 0


def test_evaluation_6_an_evaluation_measures_code_where_it_is_asked_for(evaluation: dict[str, Any]) -> None:
    result, folder = run(evaluation | {"metrics": ["codeParses"]})
    # a model with random weights writes none
    assert [(row["metric"], row["samples"], row["tuned"]) for row in table(result)] == [("codeParses", 0, None)] * 2
    assert "recall: codeParses none -> none (Inconclusive)" in result["message"]
    report = json.loads((folder / "report.json").read_text())
    assert {row["withCode"] for row in report["code"]["results"]} == {0}
    assert "## Code in the answers" in (folder / "report.md").read_text()
