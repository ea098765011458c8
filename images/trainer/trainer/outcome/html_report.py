"""report.html: all that a run has to tell on one page, without a script and without a file beside it."""

import base64
import json
from typing import Any

from trainer.outcome.licence_chain import chain_lines
from worker.leaves import leaves

# nothing may be loaded or run, whatever stands in the rows
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width">
<title>{{ title }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd }
th { font-weight: 600 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; font: 14px/1.4 ui-monospace, monospace }
img { max-width: 100% }
.warning { border-left: 4px solid #c60; padding-left: .8rem }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<h2>Result</h2>
<table>
{% for name, value in figures %}<tr><th scope="row">{{ name }}</th><td>{{ value }}</td></tr>
{% endfor %}</table>
{% for warning in warnings %}<p class="warning"><b>{{ warning.reason }}</b>: {{ warning.message }}</p>
{% endfor %}
<h2>Course</h2>
<p><img src="data:image/svg+xml;base64,{{ curve }}" alt="losses over the steps"></p>
{% if interventions %}<table>
<tr><th>after step</th><th>what was changed</th><th>why</th></tr>
{% for each in interventions %}<tr><td>{{ each.step }}</td><td>{{ each.kind }}</td><td>{{ each.cause }}</td></tr>
{% endfor %}</table>
{% endif %}
{% if exports %}<h2>Exports</h2>
<table>
<tr><th>export</th><th>size</th><th>of 16 bits</th><th>same first choice</th><th>mean KL</th><th>perplexity</th></tr>
{% for each in exports %}<tr><td>{{ each.name }}</td><td>{{ "%.1f MB"|format(each.bytes / 1e6) }}</td>
<td>{{ "%.1f %%"|format(100 * each.sizeRatio) }}</td>
<td>{{ "%.2f %%"|format(100 * each.topOne) }}</td><td>{{ "%.2g"|format(each.meanKl) }}</td>
<td>{{ "%+.2f %%"|format(100 * each.perplexityRise) }}</td></tr>
{% endfor %}</table>
{% endif %}
{% if samples %}<h2>Answers</h2>
{% for each in samples %}<h3>{{ loop.index }}</h3>
<table>
{% for turn in each.prompt %}<tr><th scope="row">{{ turn.role }}</th><td><pre>{{ turn.content }}</pre></td></tr>
{% endfor %}<tr><th scope="row">reference</th><td><pre>{{ each.reference }}</pre></td></tr>
<tr><th scope="row">base</th><td><pre>{{ each.base }}</pre></td></tr>
<tr><th scope="row">tuned</th><td><pre>{{ each.tuned }}</pre></td></tr>
</table>
{% endfor %}{% endif %}
<h2>Licences</h2>
<table>
{% for name, value in licences %}<tr><th scope="row">{{ name }}</th><td>{{ value }}</td></tr>
{% endfor %}</table>
<h2>Settings</h2>
<table>
{% for name, value in settings %}<tr><th scope="row">{{ name }}</th><td><pre>{{ value }}</pre></td></tr>
{% endfor %}</table>
</body>
</html>
"""


def render_html(
    title: str, figures: list[tuple[str, str]], results: dict[str, Any], samples: list[dict[str, Any]], curve: bytes
) -> str:
    """The page from the content of experiment_results.json, the samples and the curve as SVG."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=False)
    return environment.from_string(TEMPLATE).render(
        policy=POLICY,
        title=title,
        figures=figures,
        warnings=results["warnings"],
        curve=base64.b64encode(curve).decode(),
        interventions=results["interventions"],
        exports=results["exports"],
        samples=samples,
        licences=chain_lines(results["licences"]),
        settings=sorted((path, as_text(value)) for path, value in leaves(results["settings"]).items()),
    )


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
