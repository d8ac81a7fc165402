"""``/docs``: the service's schema as a page that loads nothing from elsewhere."""

from __future__ import annotations

import json
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-top: 1px solid #8886; padding-top: 1rem; font-size: 1.15rem; }
h2 b { font-family: ui-monospace, monospace; margin-right: .5rem; }
pre { background: #8881; padding: .75rem; overflow-x: auto; border-radius: .4rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; }
details { margin: .4rem 0; }
"""


def render(schema: dict[str, Any]) -> str:
    """A page of an OpenAPI schema.

    Args:
        schema: As ``app.openapi()`` gives it.
    """
    operations = [
        _operation(method, path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    models = [
        f"<details id='{escape(name)}'><summary>{escape(name)}</summary>{_code(model)}</details>"
        for name, model in schema["components"]["schemas"].items()
    ]
    title = f"{escape(schema['info']['title'])} {escape(schema['info']['version'])}"
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>{escape(schema['info']['description'])}</p><p><a href='openapi.json'>openapi.json</a></p>"
        f"{''.join(operations)}<h2>Schemas</h2>{''.join(models)}</body></html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [f"<h2><b>{method.upper()} {escape(path)}</b></h2><p>{escape(operation.get('description', ''))}</p>"]
    if parameters := operation.get("parameters"):
        rows = "".join(
            f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{escape(parameter['in'])}</td>"
            f"<td>{escape(parameter.get('description', ''))}</td></tr>"
            for parameter in parameters
        )
        parts.append(f"<table>{rows}</table>")
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<p>Body: <code>{escape(kind)}</code></p>{_code(content['schema'])}")
        parts.extend(
            f"<p>{escape(example['summary'])}</p>{_code(example['value'])}"
            for example in content.get("examples", {}).values()
        )
    rows = "".join(
        f"<tr><td>{escape(status)}</td><td>{escape(response['description'])}</td></tr>"
        for status, response in operation["responses"].items()
    )
    return f"{''.join(parts)}<details><summary>Responses</summary><table>{rows}</table></details>"


def _code(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, ensure_ascii=False, indent=2))}</pre>"
