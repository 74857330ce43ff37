"""Reads facts of bytes, as in service, for tests to compare."""

from __future__ import annotations

from tempfile import TemporaryFile

from portfolio.files.facts.asking import facts_of
from portfolio.files.facts.gathered import FactEntry, GatheredFacts


def facts(data: bytes, kind: str) -> GatheredFacts:
    with TemporaryFile() as file:
        file.write(data)
        file.flush()
        return facts_of(file, kind)


def counts(entries: list[FactEntry]) -> dict[str, int]:
    """Returns {« code » or « code: value »: count}."""
    return {
        f"{entry['code']}: {entry['value']}" if "value" in entry else entry["code"]: entry["count"] for entry in entries
    }


def functions(data: bytes, kind: str) -> dict[str, int]:
    return counts(facts(data, kind)["functions"])


def places(data: bytes, kind: str, code: str, value: str = "") -> list[str]:
    """Returns where a fact stands, also of risks."""
    told = facts(data, kind)
    entries = [*told["functions"], *told["risks"]]
    return [
        place
        for entry in entries
        if (entry["code"], entry.get("value", "")) == (code, value)
        for place in entry["places"]
    ]
