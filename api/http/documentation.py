"""The OpenAPI document as a page anyone can read: no script, nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, make_response, render_template
from flask_smorest import Api

from api.http.headers import CLOSED

STYLE_ONLY = f"default-src 'none'; style-src 'unsafe-inline'; {CLOSED}; frame-ancestors 'none'"


def install(app: Flask, api: Api) -> None:
    @app.get("/api/v1/docs")
    def readable_docs() -> Response:
        document = api.spec.to_dict()
        page = make_response(render_template("docs.html", document=document, groups=_groups(document)))
        page.headers["Content-Security-Policy"] = STYLE_ONLY
        return page


def _groups(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the operations of the OpenAPI document by tag: [{name, description, operations: [{method, path, summary,
    who, headers, takes, gives}]}].
    """
    groups = {tag["name"]: {**tag, "operations": []} for tag in document.get("tags", [])}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and operation.get("tags"):
                groups[operation["tags"][0]]["operations"].append(_operation(document, method, path, operation))
    return [group for group in groups.values() if group["operations"]]


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [parameter for parameter in operation.get("parameters", []) if parameter["in"] in ("query", "header")]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    success: dict[str, Any] = next(
        (answer for code, answer in operation["responses"].items() if code.startswith("2")), {}
    )
    content: tuple[str, dict[str, Any]] = next(iter(success.get("content", {}).items()), ("", {}))
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description"),
        "who": operation.get("x-who"),
        "parameters": parameters,
        "takes": _fields(document, body),
        "media_type": content[0],
        "gives": _fields(document, content[1].get("schema")),
    }


def _fields(document: dict[str, Any], schema: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Returns [{name, type, required, description}] of an object schema, one level deep; [] for None."""
    resolved = _resolved(document, schema or {})
    required = resolved.get("required", [])
    return [
        {"name": name, "type": _type(field), "required": name in required, "description": field.get("description", "")}
        for name, field in resolved.get("properties", {}).items()
    ]


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        resolved: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return resolved
    return schema


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(str(choice) for choice in schema["enum"] if choice is not None)
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    kinds = schema.get("type", "object")
    return " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
