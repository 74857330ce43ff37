"""MD5 and SHA-1 stand where they protect nothing, and are named here."""

from __future__ import annotations

import ast
import re

from tests.security.sources import sources

# Against accidents on the way to the store (Content-MD5), whose own SHA-256 decides in the end.
AGAINST_ACCIDENTS = {"portfolio/store/objects/bucket.py", "portfolio/evidence/uploads.py"}


def test_weak_hashes_are_used_where_they_protect_nothing() -> None:
    for source in sources():
        for called, keywords in source.calls:
            if re.fullmatch(r"(hashlib\.)?(md5|sha1|md4)", called):
                assert source.name in AGAINST_ACCIDENTS and "usedforsecurity" in keywords, (source.name, called)
        written = ast.unparse(source.tree)
        assert "usedforsecurity=True" not in written, source.name
        assert not re.search(r"hashlib\.(md5|sha1)\b(?!\()", written), source.name
