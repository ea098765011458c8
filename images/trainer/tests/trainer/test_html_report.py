"""report.html: one page that loads nothing, runs nothing, and shows what a row says as text."""

from html.parser import HTMLParser

import pytest

from tests.trainer.builders import row, rows, train_input
from trainer.outcome.html_report import as_text
from worker.leaves import leaves

HOSTILE = '</pre><script>alert(1)</script><img src="https://example.org/x" onerror="alert(2)">'


class Page(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def page(work):
    messages = [{"role": "user", "content": f"What is {HOSTILE}?"}, {"role": "assistant", "content": HOSTILE}]
    content = [*rows(), row(2000, "validation", "recall", messages=messages, id="sha256:" + "0" * 64)]
    value = train_input(
        work.dataset(content), training={"maxSteps": 2}, output={"samples": {"prompts": 16, "maxNewTokens": 2}}
    )
    run = work.run(value)
    assert run.code == 0
    return Page((run.adapter / "report.html").read_text("utf-8")), run.results()


def test_training_26_the_page_tells_figures_answers_and_every_setting(page):
    html, results = page
    assert f"{results['final']['evalRecallLoss']:.4f}" in html.text
    assert results["baseModelRevision"] in html.text
    for path, value in leaves(results["settings"]).items():
        assert path in html.text
        assert as_text(value) in html.text
    # the untrained model is warned of: two steps teach nothing
    assert "TooFewSteps" in html.text
    assert ("img", "alt", "losses over the steps") in html.attributes


def test_training_26_the_page_loads_nothing_and_runs_nothing_whatever_the_rows_say(page):
    html, _ = page
    assert HOSTILE in html.text
    assert "script" not in html.tags
    addresses = [value for _, name, value in html.attributes if name in ("src", "href", "action")]
    assert [value[:26] for value in addresses] == ["data:image/svg+xml;base64,"]
    assert [name for _, name, _ in html.attributes if name.startswith("on")] == []
    assert ("meta", "content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'") in html.attributes
