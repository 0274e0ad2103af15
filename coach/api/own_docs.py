"""The page at /docs, made from the OpenAPI document alone: no script, nothing from another host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
code, pre { font-family: ui-monospace, monospace } h2 { margin: 2rem 0 .2rem; font-size: 1.05rem }
table { border-collapse: collapse } td { padding: .1rem 1rem .1rem 0; vertical-align: top }
"""


def page(document: Mapping[str, Any]) -> str:
    """The whole page as HTML."""
    info = document["info"]
    title = escape(info["title"])
    body = "\n".join(
        line for path, methods in document["paths"].items() for method, about in methods.items()
        for line in _operation(document, path, method, about)
    )
    intro = "\n".join(f"<p>{escape(part)}</p>" for part in info.get("description", "").split("\n\n"))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n<style>{STYLE}</style></head>\n'
        f'<body><h1>{title}</h1>\n{intro}\n<p>For tools: <a href="/openapi.json">openapi.json</a></p>\n{body}\n</body></html>\n'
    )


def _operation(document: Mapping[str, Any], path: str, method: str, about: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
    yield f"<p>{escape(about.get('description') or about.get('summary', ''))}</p>"
    rows = [(p["name"], p["schema"], p.get("description", ""), p.get("required", False)) for p in about.get("parameters", ())]
    body = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        whole = _resolved(document, body)
        needed = whole.get("required", ())
        rows += [(name, s, s.get("description", ""), name in needed) for name, s in whole.get("properties", {}).items()]
    if rows:
        yield "<table>" + "".join(
            f"<tr><td><code>{escape(name)}</code></td><td>{escape(_kind(schema))}{', required' if needed else ''}</td>"
            f"<td>{escape(words)}</td></tr>" for name, schema, words, needed in rows
        ) + "</table>"


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    resolved: Mapping[str, Any] = found
    return resolved


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(v) for v in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " | ".join(_kind(s) for s in schema["anyOf"] if s.get("type") != "null")
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    return str(schema.get("format") or schema.get("type", ""))
