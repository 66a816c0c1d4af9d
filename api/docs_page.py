"""The API described as a page of its own, made from the OpenAPI description; fetches nothing."""

import json
from html import escape
from typing import Any

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h2{margin-top:2.5rem;border-bottom:1px solid #ccc}code,pre{background:#f5f5f2;border-radius:4px}
code{padding:.1em .3em}pre{padding:.8em;overflow:auto}details{margin:.6rem 0}
summary{cursor:pointer}.method{display:inline-block;min-width:3.5em;font-weight:600}
dt{font-weight:600}dd{margin:0 0 .5rem 1.5rem;white-space:pre-line}
"""


def docs_page(description: dict[str, Any]) -> str:
    """Give the whole page as HTML."""
    groups: dict[str, list[str]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["…"])[0]
            groups.setdefault(tag, []).append(_operation(path, method, operation))
    body = "".join(
        f"<h2>{escape(tag)}</h2>{''.join(operations)}" for tag, operations in groups.items()
    )
    info = description["info"]
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(info["title"])}'
        f'</title><meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>"
        f"<p>{escape(info['description'])}</p>"
        f'<p><a href="/openapi.json">openapi.json</a></p>{body}</html>'
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    parts = []
    parameters = "".join(
        f"<dt><code>{escape(p['name'])}</code> ({escape(p['in'])}"
        f"{', required' if p.get('required') else ''})</dt>"
        f"<dd>{escape(p.get('description') or p['schema'].get('description') or '')}</dd>"
        for p in operation.get("parameters", [])
    )
    if parameters:
        parts.append(f"<dl>{parameters}</dl>")
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if "example" in media:
            example = json.dumps(media["example"], ensure_ascii=False, indent=2)
            parts.append(f"<pre>{escape(example)}</pre>")
    answers = "".join(
        f"<dt>{escape(status)}</dt><dd>{escape(answer.get('description', ''))}</dd>"
        for status, answer in operation.get("responses", {}).items()
    )
    parts.append(f"<dl>{answers}</dl>")
    return (
        f'<details><summary><span class="method">{method.upper()}</span> '
        f"<code>{escape(path)}</code> {escape(operation.get('summary', ''))}</summary>"
        f"{''.join(parts)}</details>"
    )
