"""A candidacy of which every field is filled."""

from __future__ import annotations

from tests.boards.test_own_data import full

__all__ = ["full"]  # a fixture
