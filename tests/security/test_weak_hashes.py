"""MD5 and SHA-1 stand where they protect nothing, and are named here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.security.test_nothing_else_runs_or_is_called import sources

ROOT = Path(__file__).parents[2]
# Against accidents on the way to the store (Content-MD5), whose own SHA-256 decides in the end.
AGAINST_ACCIDENTS = {"portfolio/storage.py", "portfolio/uploads.py"}


def test_weak_hashes_are_used_where_they_protect_nothing() -> None:
    for name, tree in sources():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = ast.unparse(call.func)
            if re.fullmatch(r"(hashlib\.)?(md5|sha1|md4)", called):
                assert name in AGAINST_ACCIDENTS, (name, called)
                assert "usedforsecurity=False" in ast.unparse(call), (name, called)
        assert not re.search(r"hashlib\.(md5|sha1)\b(?!\()", ast.unparse(tree)), name
