"""A library that is loaded when it is first asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from config.on_demand import on_demand


def test_a_library_is_loaded_at_the_first_use_and_its_parts_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seldom_used.py").write_text("import json\nVALUE = json.dumps([1])\n")
    monkeypatch.syspath_prepend(tmp_path)
    seldom_used = on_demand("seldom_used")
    assert "seldom_used" not in sys.modules
    assert seldom_used.VALUE == "[1]"
    assert sys.modules.pop("seldom_used").VALUE == "[1]"


def test_what_a_library_does_not_have_is_an_attribute_that_is_missing() -> None:
    with pytest.raises(AttributeError):
        _ = on_demand("json").nowhere
