"""What the checks of conformity find: each rule met or not, what is missing and who owes it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portfolio.rules.terms import Severity

CANDIDATE, OFFICE, TEACHER, TUTOR = "candidate", "office", "teacher", "tutor"  # who owes what is missing
TITLES_QUOTED = 5


@dataclass(frozen=True)
class ConformityCheck:
    """The result of a check. text: the rule if it is met, else what is missing and what to do.

    missing: codes or ids. owed_by: who must provide what is missing.
    """

    code: str
    severity: str
    passed: bool
    text: str
    missing: tuple[str, ...]
    owed_by: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Returns the six fields by name, JSON-ready: tuples become lists."""
        return {
            "code": self.code,
            "severity": self.severity,
            "passed": self.passed,
            "text": self.text,
            "missing": list(self.missing),
            "owed_by": list(self.owed_by),
        }


@dataclass(frozen=True)
class Report:
    checks: tuple[ConformityCheck, ...]

    @property
    def blocking(self) -> bool:
        """Returns True if a check of severity `block` failed."""
        return any(check.severity == Severity.BLOCK and not check.passed for check in self.checks)

    def as_dict(self) -> dict[str, object]:
        return {"blocking": self.blocking, "checks": [check.as_dict() for check in self.checks]}


class Lack(NamedTuple):
    text: str
    missing: tuple[str, ...]
    owed_by: tuple[str, ...]


def judged(code: str, severity: str, rule: str, lack: Lack | None) -> ConformityCheck:
    """Returns the check of a rule as met, or as failed with what it lacks. rule: its text in French."""
    if lack is None:
        return ConformityCheck(code, severity, True, rule, (), ())
    return ConformityCheck(code, severity, False, lack.text, lack.missing, lack.owed_by)


def quoted(titles: Iterable[str]) -> str:
    """Returns the titles « between quotes », with commas."""
    return ", ".join(f"« {title} »" for title in titles)


def quoted_few(titles: Sequence[str]) -> str:
    """Returns the first titles « between quotes », with commas, and how many more there are."""
    left = len(titles) - TITLES_QUOTED
    return f"{quoted(titles[:TITLES_QUOTED])} et {left} de plus" if left > 0 else quoted(titles)
