"""requirements.lock, which production installs, says what requirements.txt says, and nothing is left to be resolved."""

from __future__ import annotations

import re
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
DIGEST = re.compile(r"--hash=sha256:[0-9a-f]{64}")
LOCK = ROOT / "requirements.lock"


def statements(path: Path) -> list[str]:
    """Continued lines joined; without comments and options."""
    text = re.sub(r"(?m)(^|\s)#.*$", "", path.read_text()).replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("-")]


def pinned(path: Path) -> dict[str, Requirement]:
    read = [Requirement(line.partition(" --hash")[0]) for line in statements(path)]
    return {canonicalize_name(one.name): one for one in read}


def needed(asked: Requirement, found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """(package, extra) of all that this requirement brings here, by what the installed packages say of themselves."""
    for extra in ("", *sorted(asked.extras)):
        one = (canonicalize_name(asked.name), extra)
        if one in found:
            continue
        found.add(one)
        for line in distribution(asked.name).requires or ():
            brought = Requirement(line)
            if brought.marker is None or brought.marker.evaluate({"extra": extra}):
                needed(brought, found)
    return found


def test_the_lock_names_the_versions_of_the_requirements_and_of_the_constraints() -> None:
    """Otherwise: `make lock`."""
    locked, constraints = pinned(LOCK), pinned(ROOT / "constraints.txt")
    for name, asked in pinned(ROOT / "requirements.txt").items():
        assert locked[name].specifier == asked.specifier, f"make lock: {name}"
    assert {name: one.specifier for name, one in locked.items()} == {
        name: constraints[name].specifier for name in locked
    }


def test_the_lock_holds_all_that_the_requirements_bring_and_nothing_else() -> None:
    found: set[tuple[str, str]] = set()
    for asked in pinned(ROOT / "requirements.txt").values():
        needed(asked, found)
    here = {name for name, one in pinned(LOCK).items() if one.marker is None or one.marker.evaluate()}
    assert here == {name for name, _ in found}


def test_every_line_of_the_lock_is_one_version_with_its_digests() -> None:
    for line in statements(LOCK):
        assert re.match(r"[A-Za-z0-9._-]+==[^ ]+ ", line), line
        assert DIGEST.search(line), line


def test_nothing_is_built_from_sources_whose_tools_no_digest_vouches_for() -> None:
    assert "--only-binary :all:" in LOCK.read_text().splitlines()
